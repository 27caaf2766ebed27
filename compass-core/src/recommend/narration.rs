//! A text around an insight is shown only if the insight stands in it as it is: the checks, and the way back.

use std::{future::Future, ops::AddAssign, pin::pin, task::Poll};

use super::Insight;
use crate::{
    Language,
    ports::{Narration, Narrator},
};

/// Why a text is not shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// The sentences, and the words that may stand around them, are English.
    #[error("texts in {0:?} cannot be checked")]
    Language(Language),
    /// It has more characters than the template allows.
    #[error("the text has more than {0} characters")]
    TooLong(usize),
    /// The template does not stand in it character by character.
    #[error("the template does not stand in the text as it is")]
    Claim,
    /// What is around the template is no sentence of its own, so that it could change its meaning.
    #[error("the words around the template do not end before it, or do not begin after it")]
    Joined,
    /// A character around the template that plain words do without: a digit, a brace, markup, a link, another script.
    #[error("{0:?} stands outside of the template")]
    Character(char),
    /// A word around the template that is not among [`Narration::words`].
    #[error("the word {0:?} stands outside of the template")]
    Word(String),
}

/// What became of narrations, since somebody began to count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NarrationCounts {
    /// Shown as the narrator gave them.
    pub accepted: u64,
    /// The narrator gave no answer.
    pub failed: u64,
    /// The narrator took too long.
    pub slow: u64,
    /// Asked for in another language than English: then the narrator was not asked.
    pub language: u64,
    /// Too long.
    pub too_long: u64,
    /// Without the template as it is, or with words that run into it.
    pub claim: u64,
    /// With characters around the template that do not belong there.
    pub characters: u64,
    /// With words around the template that do not belong there.
    pub words: u64,
}

/// A text to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrated {
    /// The text, its slots filled.
    pub text: String,
    /// Why it is the template's; `None` if it is the narrator's.
    pub fallback: Option<Fallback>,
}

/// Why the template is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// The narrator gave no answer.
    Failed,
    /// It took too long.
    Slow,
    /// Its answer was rejected.
    Rejected(Rejected),
}

/// A text may be so much longer than the template: twice, and a little.
const ROOM: usize = 80;

/// The words that may stand around a template. None is a number, points anywhere, names a cause, says how sure something is,
/// denies or advises: whatever the sentences mean, these leave it as it is.
const WORDS: [&str; 55] = [
    "a", "about", "an", "and", "are", "as", "at", "creator", "dear", "figure", "for", "glance", "hello", "here", "hey",
    "hi", "i", "in", "is", "it", "its", "let", "line", "look", "me", "note", "of", "on", "our", "please", "read",
    "report", "say", "says", "see", "sentence", "summary", "tell", "tells", "thank", "thanks", "that", "the", "there",
    "these", "this", "to", "together", "us", "we", "welcome", "what", "with", "you", "your",
];

/// Fills a text, if the insight stands in it as it is.
///
/// The template is one block: who, which way, how much and how sure. It has to stand in the text character by character, once,
/// and what is around it, in sentences of their own, is made of [`Narration::words`] and plain punctuation alone. So no text can
/// move a slot, add a number, turn a meaning round or be surer than the insight. Sentences and words are English: a text in
/// another language is rejected, since a template that is translated is not the one that was checked.
///
/// # Errors
/// [`Rejected`] says what is wrong with it.
pub fn checked(text: &str, insight: &Insight, language: Language) -> Result<String, Rejected> {
    if !is_english(language) {
        return Err(Rejected::Language(language));
    }
    let template = &insight.wording.template;
    let most = most_chars(template);
    if text.chars().nth(most).is_some() {
        return Err(Rejected::TooLong(most));
    }
    let (before, after) = text.split_once(template.as_str()).ok_or(Rejected::Claim)?;
    check_around(before)?;
    check_around(after)?;
    let ends = before.trim_end().ends_with(['.', '!', ':']) && before.ends_with(' ');
    if !(before.is_empty() || ends) || !(after.is_empty() || after.starts_with(' ')) {
        return Err(Rejected::Joined);
    }
    Ok(insight.wording.fill(text))
}

/// Has words put around an insight, and gives a text to show in any case: the narrator's if it passes every check, or else the
/// template's. What became of it is counted.
///
/// `patience` is a timer of the host, such as `tokio::time::sleep`: once it is over, the narrator is not waited for.
pub async fn narrate(
    narrator: &dyn Narrator,
    insight: &Insight,
    language: Language,
    patience: impl Future<Output = ()> + Send,
    counts: &mut NarrationCounts,
) -> Narrated {
    let fallback = match rephrased(narrator, insight, language, patience).await {
        Ok(text) => {
            counts.accepted += 1;
            return Narrated { text, fallback: None };
        }
        Err(fallback) => fallback,
    };
    counts.count(&fallback);
    Narrated { text: insight.text.clone(), fallback: Some(fallback) }
}

async fn rephrased(
    narrator: &dyn Narrator,
    insight: &Insight,
    language: Language,
    patience: impl Future<Output = ()> + Send,
) -> Result<String, Fallback> {
    if !is_english(language) {
        return Err(Fallback::Rejected(Rejected::Language(language)));
    }
    let template = &insight.wording.template;
    let narration = Narration { template: template.clone(), words: WORDS.to_vec(), most_chars: most_chars(template) };
    let (mut answer, mut patience) = (narrator.rephrase(&narration), pin!(patience));
    let answer = std::future::poll_fn(|context| match answer.as_mut().poll(context) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending => patience.as_mut().poll(context).map(|()| None),
    })
    .await;
    let text = answer.ok_or(Fallback::Slow)?.map_err(|_| Fallback::Failed)?;
    checked(text.trim(), insight, language).map_err(Fallback::Rejected)
}

fn is_english(language: Language) -> bool {
    language.to_string() == "en"
}

fn most_chars(template: &str) -> usize {
    2 * template.chars().count() + ROOM
}

/// Words of the list, in capitals or not, with spaces between them, and after each at most a sign that ends something.
fn check_around(text: &str) -> Result<(), Rejected> {
    const ENDS: [char; 4] = ['.', ',', '!', ':'];
    if let Some(other) = text.chars().find(|&c| !(c.is_ascii_alphabetic() || c == ' ' || ENDS.contains(&c))) {
        return Err(Rejected::Character(other));
    }
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let bare = word.strip_suffix(ENDS).unwrap_or(word).to_ascii_lowercase();
        if !WORDS.contains(&bare.as_str()) {
            return Err(Rejected::Word(word.to_owned()));
        }
    }
    Ok(())
}

impl AddAssign for NarrationCounts {
    fn add_assign(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.failed += other.failed;
        self.slow += other.slow;
        self.language += other.language;
        self.too_long += other.too_long;
        self.claim += other.claim;
        self.characters += other.characters;
        self.words += other.words;
    }
}

impl NarrationCounts {
    fn count(&mut self, fallback: &Fallback) {
        let place = match fallback {
            Fallback::Failed => &mut self.failed,
            Fallback::Slow => &mut self.slow,
            Fallback::Rejected(rejected) => match rejected {
                Rejected::Language(_) => &mut self.language,
                Rejected::TooLong(_) => &mut self.too_long,
                Rejected::Claim | Rejected::Joined => &mut self.claim,
                Rejected::Character(_) => &mut self.characters,
                Rejected::Word(_) => &mut self.words,
            },
        };
        *place += 1;
    }
}
