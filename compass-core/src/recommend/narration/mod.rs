//! A rephrased insight is shown only if it says what the template says: the checks, and the way back.

mod lexicon;
mod reading;

use std::{future::Future, pin::pin, task::Poll};

use super::{
    Direction, Insight,
    insights::{Piece, pieces},
};
use crate::{
    Language,
    ports::{Narration, Narrator},
};
use lexicon::{Class, Lexicon};
use reading::{Reading, is_allowed};

/// Why a rephrased text is not shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// There is no list of words for the language, so that nobody can check it.
    #[error("texts in {0:?} cannot be checked")]
    Language(Language),
    /// It seems to be in another language than it was asked for.
    #[error("the text is not in {0:?}")]
    OtherLanguage(Language),
    /// It has more characters than the template allows.
    #[error("the text has more than {0} characters")]
    TooLong(usize),
    /// A slot that the template does not have.
    #[error("the slot {0:?} is none of the template's")]
    UnknownSlot(String),
    /// A slot of the template is missing.
    #[error("the slot {0:?} is missing")]
    MissingSlot(String),
    /// A slot stands twice.
    #[error("the slot {0:?} stands there twice")]
    RepeatedSlot(String),
    /// A slot is glued to a sign or a letter that changes its value, or the ends of an interval are exchanged.
    #[error("the slot {0:?} is changed by what stands around it")]
    ChangedSlot(String),
    /// A digit or another number of any script, outside of the slots.
    #[error("{0:?} is a number outside of the slots")]
    Digit(char),
    /// A number in words.
    #[error("{0:?} is a number outside of the slots")]
    NumberWord(String),
    /// A character that no sentence needs: markup, control and direction characters, symbols, letters of another script.
    #[error("{0:?} does not belong into a sentence")]
    Character(char),
    /// A link, or what looks like one.
    #[error("the text has a link")]
    Link,
    /// A word that points the other way than the fact, or one way where the fact points none.
    #[error("{0:?} does not point where the fact points")]
    Direction(String),
    /// A negation that the template does not have.
    #[error("{0:?} turns the meaning round")]
    Negation(String),
    /// A word that says that something brings something about, which takes an experiment.
    #[error("{0:?} says that something is the cause, and there was no experiment")]
    Causal(String),
}

/// What became of narrations, since somebody began to count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NarrationCounts {
    /// Shown as they were rephrased.
    pub accepted: u64,
    /// The narrator gave no answer.
    pub failed: u64,
    /// The narrator took too long.
    pub slow: u64,
    /// In another language than asked, or asked for one that cannot be checked: then the narrator was not asked.
    pub language: u64,
    /// Too long.
    pub too_long: u64,
    /// With slots that are unknown, missing, repeated or changed.
    pub slots: u64,
    /// With digits or number words.
    pub numbers: u64,
    /// With characters or links that do not belong into a sentence.
    pub characters: u64,
    /// Pointing the other way, or turned round.
    pub direction: u64,
    /// Causal without an experiment.
    pub causal: u64,
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

/// A rephrased text may be so much longer than the template: twice, and a little.
const ROOM: usize = 80;

/// Fills a rephrased text, if it says what the insight says.
///
/// Checked are texts in Arabic, Chinese, English, French, German, Hindi, Indonesian, Portuguese, Russian and Spanish; one in
/// another language is rejected. Numbers in words of all ten are looked for in each, words that point somewhere, turn a meaning
/// round or name a cause in its own and in English. Those may stand there as often as the template has them: where it says
/// "more posts", so may the text, once.
///
/// # Errors
/// [`Rejected`] says what is wrong with it.
pub fn checked(text: &str, insight: &Insight, language: Language) -> Result<String, Rejected> {
    let template = &insight.wording.template;
    let lexicon = Lexicon::of(language).ok_or(Rejected::Language(language))?;
    let most = most_chars(template);
    if text.chars().nth(most).is_some() {
        return Err(Rejected::TooLong(most));
    }
    let found = pieces(text);
    check_slots(&found, insight)?;
    check_characters(&found, lexicon)?;
    let (said, meant) = (Reading::of(&found, lexicon), Reading::of(&pieces(template), Lexicon::ENGLISH));
    if let Some(number) = said.words(Class::Number).first() {
        return Err(Rejected::NumberWord(number.clone()));
    }
    if !said.is_in_its_language() {
        return Err(Rejected::OtherLanguage(language));
    }
    let beyond = |class| {
        let words = said.words(class);
        words.get(meant.words(class).len()).cloned()
    };
    if let Some(word) = beyond(Class::Causal) {
        return Err(Rejected::Causal(word));
    }
    if let Some(word) = beyond(Class::Negation) {
        return Err(Rejected::Negation(word));
    }
    let wrong = match insight.direction {
        Some(Direction::Up) => beyond(Class::Down),
        Some(Direction::Down) => beyond(Class::Up),
        None => beyond(Class::Up).or_else(|| beyond(Class::Down)),
    };
    match wrong {
        Some(word) => Err(Rejected::Direction(word)),
        None => Ok(insight.wording.fill(text)),
    }
}

/// Has an insight rephrased, and gives a text to show in any case: the narrator's if it passes every check, or else the
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
    if Lexicon::of(language).is_none() {
        return Err(Fallback::Rejected(Rejected::Language(language)));
    }
    let template = &insight.wording.template;
    let narration = Narration {
        template: template.clone(),
        slots: insight.wording.slots.keys().cloned().collect(),
        language,
        direction: insight.direction,
        most_chars: most_chars(template),
    };
    let (mut answer, mut patience) = (narrator.rephrase(&narration), pin!(patience));
    let answer = std::future::poll_fn(|context| match answer.as_mut().poll(context) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending => patience.as_mut().poll(context).map(|()| None),
    })
    .await;
    let text = answer.ok_or(Fallback::Slow)?.map_err(|_| Fallback::Failed)?;
    checked(text.trim(), insight, language).map_err(Fallback::Rejected)
}

fn most_chars(template: &str) -> usize {
    2 * template.chars().count() + ROOM
}

/// Each slot of the template once, the ends of an interval in their order, and nothing beside a slot that changes it.
fn check_slots(found: &[Piece<'_>], insight: &Insight) -> Result<(), Rejected> {
    let mut names: Vec<&str> = Vec::new();
    for (i, piece) in found.iter().enumerate() {
        let Piece::Slot(name) = *piece else { continue };
        if !insight.wording.slots.contains_key(name) {
            return Err(Rejected::UnknownSlot(name.to_owned()));
        }
        if names.contains(&name) {
            return Err(Rejected::RepeatedSlot(name.to_owned()));
        }
        let neighbour = |place: Option<usize>| place.and_then(|place| found.get(place));
        let before = match neighbour(i.checked_sub(1)) {
            Some(Piece::Words(words)) => words.chars().next_back(),
            Some(Piece::Slot(_)) => Some('0'),
            None => None,
        };
        let after = match neighbour(Some(i + 1)) {
            Some(Piece::Words(words)) => words.chars().next(),
            Some(Piece::Slot(_)) | None => None,
        };
        let glued =
            |c: char| c.is_ascii_alphanumeric() || "-+/\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2212}".contains(c);
        if before.is_some_and(|c| glued(c) || c == '.') || after.is_some_and(glued) {
            return Err(Rejected::ChangedSlot(name.to_owned()));
        }
        if let Some(fact) = name.strip_suffix(".lo")
            && names.contains(&format!("{fact}.hi").as_str())
        {
            return Err(Rejected::ChangedSlot(name.to_owned()));
        }
        names.push(name);
    }
    match insight.wording.slots.keys().find(|name| !names.contains(&name.as_str())) {
        Some(missing) => Err(Rejected::MissingSlot(missing.clone())),
        None => Ok(()),
    }
}

/// Letters of the language and of the Latin alphabet, plain punctuation and spaces; no link.
fn check_characters(found: &[Piece<'_>], lexicon: &Lexicon) -> Result<(), Rejected> {
    for piece in found {
        let Piece::Words(words) = piece else { continue };
        if let Some(digit) = words.chars().find(|c| c.is_numeric()) {
            return Err(Rejected::Digit(digit));
        }
        let lower = words.to_lowercase();
        let mut around = lower.chars().zip(lower.chars().skip(1)).zip(lower.chars().skip(2));
        if ["http", "www", "//", "@"].iter().any(|link| lower.contains(link))
            || around.any(|((a, b), c)| a.is_alphabetic() && b == '.' && c.is_alphabetic())
        {
            return Err(Rejected::Link);
        }
        if let Some(other) = words.chars().find(|&c| !is_allowed(c, lexicon)) {
            return Err(Rejected::Character(other));
        }
    }
    Ok(())
}

impl NarrationCounts {
    fn count(&mut self, fallback: &Fallback) {
        let place = match fallback {
            Fallback::Failed => &mut self.failed,
            Fallback::Slow => &mut self.slow,
            Fallback::Rejected(rejected) => match rejected {
                Rejected::Language(_) | Rejected::OtherLanguage(_) => &mut self.language,
                Rejected::TooLong(_) => &mut self.too_long,
                Rejected::UnknownSlot(_)
                | Rejected::MissingSlot(_)
                | Rejected::RepeatedSlot(_)
                | Rejected::ChangedSlot(_) => &mut self.slots,
                Rejected::Digit(_) | Rejected::NumberWord(_) => &mut self.numbers,
                Rejected::Character(_) | Rejected::Link => &mut self.characters,
                Rejected::Direction(_) | Rejected::Negation(_) => &mut self.direction,
                Rejected::Causal(_) => &mut self.causal,
            },
        };
        *place += 1;
    }
}
