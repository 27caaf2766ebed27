//! What is kept of a creator to compare it by.

use std::collections::BTreeMap;

use super::meanings::of_length_one;
use crate::{
    Country, CreatorId, Language,
    analytics::Tier,
    stats::median,
    words::{grams, hash, words},
};

/// What is known of a creator; what is not known is `None` or empty.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Who it is.
    pub id: CreatorId,
    /// The biography.
    pub bio: &'a str,
    /// Its posts, the newest ones as a rule.
    pub posts: &'a [KnownPost<'a>],
    /// Its followers.
    pub followers: Option<u64>,
    /// The language of its profile; its posts' own languages count where there are any.
    pub language: Option<Language>,
    /// Where it is.
    pub region: Option<Country>,
}

/// What is known of a post.
#[derive(Clone, Copy, Debug, Default)]
pub struct KnownPost<'a> {
    /// The caption.
    pub caption: &'a str,
    /// Hashtags without `#`; those in the caption may be among them.
    pub hashtags: &'a [String],
    /// The caption's language.
    pub language: Option<Language>,
    /// Length in seconds.
    pub duration: Option<u32>,
    /// Plays.
    pub views: Option<u64>,
    /// Likes, comments, shares and saves.
    pub reactions: [Option<u64>; 4],
}

/// A side of how posts do, each the median over a creator's posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Trait {
    /// log10 of views and 1.
    Views,
    /// log10 of likes per view; posts with at least 100 views, as for the others.
    LikeRate,
    /// log10 of comments per view.
    CommentRate,
    /// log10 of shares per view.
    ShareRate,
    /// log10 of saves per view.
    SaveRate,
    /// log10 of the length in seconds and 1.
    Length,
}

impl Trait {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Views, Self::LikeRate, Self::CommentRate, Self::ShareRate, Self::SaveRate, Self::Length];
}

/// Below this many views a single like moves a post's rate by more than 1 %.
const FEWEST_VIEWS: u64 = 100;

/// A creator as it is compared with others: its words, how its posts do, its languages and its size.
///
/// ```
/// use compass_core::{
///     CreatorId,
///     recommend::{Known, KnownPost, ProfileVector},
/// };
///
/// let post = KnownPost { caption: "Phở bò tại nhà #ancungtiktok", ..KnownPost::default() };
/// let id = CreatorId::parse("7065499344158344198")?;
/// let known = Known { id, bio: "Bếp nhỏ", posts: &[post], followers: Some(12_000), language: None, region: None };
/// assert!(ProfileVector::of(&known).has_words());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileVector {
    pub(super) id: CreatorId,
    pub(super) tier: Option<Tier>,
    pub(super) region: Option<Country>,
    /// By the word's number.
    pub(super) terms: Vec<Term>,
    /// Parts of words by number, with their weights before what is common counts less.
    pub(super) grams: Vec<(u64, f64)>,
    pub(super) traits: [Option<f64>; Trait::ALL.len()],
    /// The shares of the languages of its posts; they sum to 1 unless there are none.
    pub(super) languages: BTreeMap<Language, f64>,
    /// What its texts mean, as a vector of length 1, where it does not stand in the index.
    pub(super) meaning: Option<Vec<f32>>,
}

/// A word that a creator uses, with its weight before what is common counts less.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Term {
    pub hash: u64,
    pub weight: f64,
    pub text: String,
}

impl ProfileVector {
    /// Makes the vector; the order of the posts does not matter.
    #[must_use]
    pub fn of(known: &Known<'_>) -> Self {
        let mut counted = Counted::default();
        counted.text(known.bio, &[]);
        for post in known.posts {
            counted.text(post.caption, post.hashtags);
        }
        let terms = counted.terms.into_iter().map(|(text, n)| Term { hash: hash(&text), weight: weight(n), text });
        let mut terms: Vec<Term> = terms.collect();
        terms.sort_by_key(|term| term.hash);
        Self {
            id: known.id,
            tier: known.followers.map(Tier::of),
            region: known.region,
            terms,
            grams: counted.grams.into_iter().map(|(gram, n)| (gram, weight(n))).collect(),
            traits: Trait::ALL.map(|of| {
                let mut values: Vec<f64> = known.posts.iter().filter_map(|post| trait_of(post, of)).collect();
                median(&mut values)
            }),
            languages: languages(known),
            meaning: None,
        }
    }

    /// The same with what its texts mean: a dense vector as an [`Embedder`](crate::ports::Embedder) gives it, of which the direction
    /// counts; one with a number that is not finite tells nothing. Who is in an index with [`Meanings`](super::Meanings) needs none; this
    /// one comes before.
    #[must_use]
    pub fn with_meaning(self, vector: &[f32]) -> Self {
        Self { meaning: of_length_one(vector).ok(), ..self }
    }

    /// Whose vector it is.
    #[must_use]
    pub fn id(&self) -> CreatorId {
        self.id
    }

    /// Whether there is a word to compare by.
    #[must_use]
    pub fn has_words(&self) -> bool {
        !self.terms.is_empty()
    }

    /// Its size.
    #[must_use]
    pub fn tier(&self) -> Option<Tier> {
        self.tier
    }

    /// The shares of the languages of its posts, or else that of its profile; they sum to 1 unless there are none.
    pub fn languages(&self) -> impl Iterator<Item = (Language, f64)> {
        self.languages.iter().map(|(&language, &share)| (language, share))
    }

    /// The language of most of its posts; of several the first by code.
    #[must_use]
    pub fn language(&self) -> Option<Language> {
        let most = self.languages.iter().reduce(|most, next| if next.1 > most.1 { next } else { most });
        most.map(|(&language, _)| language)
    }

    /// What its posts are like from a side; `None` if nothing is known of it.
    #[must_use]
    pub fn value(&self, of: Trait) -> Option<f64> {
        self.traits[of as usize]
    }
}

#[derive(Debug, Default)]
struct Counted {
    terms: BTreeMap<String, u32>,
    grams: BTreeMap<u64, u32>,
}

impl Counted {
    fn text(&mut self, text: &str, hashtags: &[String]) {
        let mut found = words(text);
        for tag in hashtags.iter().flat_map(|tag| words(&format!("#{tag}"))) {
            // Those that the caption has are the caption's.
            if tag.starts_with('#') && !found.contains(&tag) {
                found.push(tag);
            }
        }
        found.into_iter().for_each(|word| self.word(word));
    }

    /// A hashtag is also the word that it is made of.
    fn word(&mut self, word: String) {
        let bare = word.trim_start_matches('#');
        grams(bare, |gram| *self.grams.entry(gram).or_default() += 1);
        if bare.len() < word.len() {
            *self.terms.entry(bare.to_owned()).or_default() += 1;
        }
        *self.terms.entry(word).or_default() += 1;
    }
}

/// The tenth use of a word says less than the first.
fn weight(uses: u32) -> f64 {
    1.0 + f64::from(uses).ln()
}

fn trait_of(post: &KnownPost<'_>, of: Trait) -> Option<f64> {
    let rate = |index: usize| {
        let views = post.views.filter(|&views| views >= FEWEST_VIEWS)?;
        post.reactions[index].map(|reactions| ((reactions as f64 + 0.5) / (views as f64 + 1.0)).log10())
    };
    match of {
        Trait::Views => post.views.map(|views| (1.0 + views as f64).log10()),
        Trait::LikeRate => rate(0),
        Trait::CommentRate => rate(1),
        Trait::ShareRate => rate(2),
        Trait::SaveRate => rate(3),
        Trait::Length => post.duration.map(|seconds| (1.0 + f64::from(seconds)).log10()),
    }
}

fn languages(known: &Known<'_>) -> BTreeMap<Language, f64> {
    let mut posts: Vec<Language> = known.posts.iter().filter_map(|post| post.language).collect();
    if posts.is_empty() {
        posts.extend(known.language);
    }
    let mut counts: BTreeMap<Language, f64> = BTreeMap::new();
    for &language in &posts {
        *counts.entry(language).or_default() += 1.0;
    }
    counts.values_mut().for_each(|count| *count /= posts.len() as f64);
    counts
}
