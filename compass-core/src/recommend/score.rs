//! How alike two creators are, in parts that add up, and the parts in plain words.

use std::fmt;

use super::Trait;
use crate::{Language, analytics::Tier};

/// How much each part of a score can be at most; a score is from 0 to their sum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PartWeights {
    /// Shared hashtags and words: the cosine of their TF-IDF vectors.
    pub words: f64,
    /// Shared parts of words: the cosine of the TF-IDF vectors of their 3 to 5 characters.
    pub spelling: f64,
    /// How posts do: a sixth for each [`Trait`], times exp(-d²/2) for a difference of d standard deviations.
    pub engagement: f64,
    /// The overlap of the shares of their languages.
    pub language: f64,
    /// Followers: all of it in the same [`Tier`], half in the next.
    pub size: f64,
    /// What their texts mean: the cosine of their dense vectors, where both have one and it is above 0.
    pub meaning: f64,
}

impl PartWeights {
    /// The weights where an [`Embedder`](crate::ports::Embedder) gives dense vectors; they sum to 1. They are declared, not tuned: what a
    /// model is worth depends on the model.
    #[must_use]
    pub fn with_meaning() -> Self {
        Self { words: 0.30, spelling: 0.06, engagement: 0.34, language: 0.06, size: 0.06, meaning: 0.18 }
    }
}

impl Default for PartWeights {
    /// The weights that creators are compared by; they sum to 1.
    fn default() -> Self {
        Self { words: 0.38, spelling: 0.10, engagement: 0.38, language: 0.08, size: 0.06, meaning: 0.0 }
    }
}

/// How alike two creators are.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Score {
    /// From 0 to 1: the sum of what the reasons add.
    pub value: f64,
    /// Why, the strongest first; what adds nothing is left out.
    pub reasons: Vec<Reason>,
}

/// What a part of the comparison adds to a score.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Reason {
    /// How much of the score it is.
    pub adds: f64,
    /// What the two share.
    pub shared: Shared,
}

/// What two creators share. What is listed is ordered by how much it adds, which stands with it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Shared {
    /// Hashtags, without `#`.
    Hashtags(Vec<(String, f64)>),
    /// Words.
    Words(Vec<(String, f64)>),
    /// Parts of words.
    Spelling,
    /// How their posts do.
    Engagement(Vec<(Trait, f64)>),
    /// Languages that they post in.
    Languages(Vec<(Language, f64)>),
    /// What their texts mean, as a language model sees it.
    Meaning,
    /// The same size, or one next to it: the tiers of the two.
    Size(Tier, Tier),
}

impl Score {
    /// Adds reasons up, in the order given; those that add nothing are left out.
    pub(super) fn of(mut reasons: Vec<Reason>) -> Self {
        reasons.retain(|reason| reason.adds > 0.0);
        reasons.sort_by(|a, b| b.adds.total_cmp(&a.adds));
        Self { value: reasons.iter().map(|reason| reason.adds).sum(), reasons }
    }
}

impl Reason {
    /// The reason with what is shared, the strongest first and what adds nothing left out.
    pub(super) fn of<T>(mut shared: Vec<(T, f64)>, wrap: fn(Vec<(T, f64)>) -> Shared) -> Self {
        shared.retain(|(_, adds)| *adds > 0.0);
        shared.sort_by(|a, b| b.1.total_cmp(&a.1));
        Self { adds: shared.iter().map(|(_, adds)| adds).sum(), shared: wrap(shared) }
    }
}

/// The names that a reason gives in words; all of them stand in the value.
const NAMED: usize = 5;
/// Sides of posts are named that are about as alike as the most alike one.
const ALIKE: f64 = 0.75;

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.shared {
            Shared::Hashtags(tags) => write!(f, "both use {}", list(tags, |tag| format!("#{tag}"))),
            Shared::Words(words) => write!(f, "both write {}", list(words, |word| format!("\"{word}\""))),
            Shared::Spelling => write!(f, "their words are spelt alike"),
            Shared::Meaning => write!(f, "a language model finds their texts alike"),
            Shared::Engagement(traits) => {
                let strongest = traits.first().map_or(0.0, |(_, adds)| *adds);
                let alike = traits.partition_point(|(_, adds)| *adds >= ALIKE * strongest);
                write!(f, "their posts are alike in {}", list(&traits[..alike], |of| of.to_string()))
            }
            Shared::Languages(languages) => write!(f, "both post in {}", list(languages, |code| code.to_string())),
            Shared::Size(one, other) if one == other => write!(f, "both have {} followers", followers(*one)),
            Shared::Size(one, other) => {
                write!(f, "one has {} followers, the other {}", followers(*one), followers(*other))
            }
        }
    }
}

fn followers(tier: Tier) -> &'static str {
    match tier {
        Tier::Nano => "fewer than 10,000",
        Tier::Micro => "10,000 to 99,999",
        Tier::Mid => "100,000 to 499,999",
        Tier::Macro => "500,000 to 999,999",
        Tier::Mega => "1,000,000 or more",
    }
}

fn list<T>(shared: &[(T, f64)], name: impl Fn(&T) -> String) -> String {
    let mut names: Vec<String> = shared.iter().take(NAMED).map(|(what, _)| name(what)).collect();
    match shared.len().saturating_sub(NAMED) {
        0 => {}
        more => names.push(format!("{more} more")),
    }
    match names.split_last() {
        Some((last, first)) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => names.concat(),
    }
}

impl fmt::Display for Trait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Views => "views",
            Self::LikeRate => "likes per view",
            Self::CommentRate => "comments per view",
            Self::ShareRate => "shares per view",
            Self::SaveRate => "saves per view",
            Self::Length => "length",
        })
    }
}
