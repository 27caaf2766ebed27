//! What public pages let guess of an audience from its creator's posts: where it is, what it speaks, and what it likes.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    AudienceShares, AudienceSource, ContentSignals, Dimension, Shares,
    target::{InPosts, Wish},
};
use crate::Language;

/// Languages that are spoken mostly in one country, and that country. Of the others (English, Spanish, Arabic, ...) nothing follows.
///
/// An assumption about who watches, which no public figure measures: [`audience_fit`](super::audience_fit) therefore lets a wide part of an
/// inferred audience be anywhere.
const SPOKEN_IN: [(&str, &str); 32] = [
    ("az", "AZ"),
    ("bg", "BG"),
    ("cs", "CZ"),
    ("da", "DK"),
    ("el", "GR"),
    ("et", "EE"),
    ("fi", "FI"),
    ("he", "IL"),
    ("hi", "IN"),
    ("hu", "HU"),
    ("hy", "AM"),
    ("id", "ID"),
    ("is", "IS"),
    ("it", "IT"),
    ("ja", "JP"),
    ("ka", "GE"),
    ("km", "KH"),
    ("ko", "KR"),
    ("lo", "LA"),
    ("lt", "LT"),
    ("lv", "LV"),
    ("mk", "MK"),
    ("mn", "MN"),
    ("my", "MM"),
    ("ne", "NP"),
    ("pl", "PL"),
    ("ro", "RO"),
    ("si", "LK"),
    ("th", "TH"),
    ("tr", "TR"),
    ("uk", "UA"),
    ("vi", "VN"),
];

/// What posts let guess of what is wanted of a dimension.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Guess {
    /// The share of posts that speak for it, and of those of which it cannot be seen.
    Posts { share: f64, unknown: f64, evidence: Option<PostEvidence> },
    /// The shares of its groups.
    Shares(Shares),
}

/// The newest posts that a guess rests on, up to thirty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PostEvidence {
    /// How many posts were looked at.
    pub posts: u32,
    /// How many of them speak for what is wanted: are in a wanted language, or in one that is spoken mostly in a wanted territory, or speak of
    /// a wanted interest.
    pub matching: u32,
    /// Of how many it cannot be seen: their language is not known, or says nothing of a territory, or they have no words.
    pub unknown: u32,
}

impl ContentSignals {
    /// The territories and languages that posts let guess of an audience, labelled as inferred. A language that is spoken mostly in one
    /// country counts for that country; posts in others, and those whose language is not known, are left in the rest. A dimension of which
    /// nothing follows is not there.
    #[must_use]
    pub fn audience(&self) -> AudienceShares {
        let shares = |dimension| Some((dimension, self.shares(dimension)?));
        let dimensions = [Dimension::Territory, Dimension::Language].into_iter().filter_map(shares).collect();
        AudienceShares { source: AudienceSource::Inferred, dimensions }
    }

    /// `None` if fewer than half of the posts tell anything of it.
    pub(super) fn guess(&self, dimension: Dimension, wish: &Wish) -> Option<Guess> {
        let told = |languages: &dyn Fn(Language) -> bool| {
            self.languages.iter().filter(|(language, _)| languages(*language)).map(|(_, posts)| posts).sum::<u32>()
        };
        let (matching, told, of) = match &wish.in_posts {
            InPosts::Nothing => return self.shares(dimension).map(Guess::Shares),
            InPosts::Languages(wanted) => {
                let says = |language| dimension == Dimension::Language || country_of(language).is_some();
                (told(&|language| wanted.contains(&language)), told(&says), self.language_posts())
            }
            InPosts::Topics(topics) => {
                let posts = topics.iter().fold(0, |any, topic| any | topic.posts(&self.words));
                (posts.count_ones(), self.words.any(), self.posts)
            }
        };
        // Of more than half of them nothing is seen: to guess would rank what is not known before what is.
        if told == 0 || 2 * told < of {
            return None;
        }
        let unknown = of - told;
        let is_of_profile = self.language_is_the_profiles && dimension != Dimension::Interests;
        Some(Guess::Posts {
            share: f64::from(matching) / f64::from(of),
            unknown: f64::from(unknown) / f64::from(of),
            evidence: (!is_of_profile).then_some(PostEvidence { posts: of, matching, unknown }),
        })
    }

    fn shares(&self, dimension: Dimension) -> Option<Shares> {
        let mut groups: BTreeMap<String, f64> = BTreeMap::new();
        for &(language, posts) in &self.languages {
            let group = match dimension {
                Dimension::Territory => country_of(language).map(str::to_owned),
                Dimension::Language => Some(language.to_string()),
                Dimension::Gender | Dimension::Age | Dimension::ActiveHours | Dimension::Interests => None,
            };
            if let Some(group) = group {
                *groups.entry(group).or_default() += f64::from(posts) / f64::from(self.language_posts());
            }
        }
        let rows = groups.iter().map(|(group, share)| (group.as_str(), *share));
        Shares::parse(dimension, rows).ok().filter(|_| !groups.is_empty())
    }

    /// How many posts there are, or the one profile whose language counts for all of them.
    fn language_posts(&self) -> u32 {
        if self.language_is_the_profiles { 1 } else { self.posts }
    }
}

/// The languages that are spoken mostly in one of some countries, given by their codes.
pub(super) fn spoken_in(is_wanted: impl Fn(&str) -> bool) -> BTreeSet<Language> {
    let wanted = SPOKEN_IN.iter().filter(|(_, country)| is_wanted(country));
    wanted.filter_map(|(code, _)| Language::parse(code).ok()).collect()
}

fn country_of(language: Language) -> Option<&'static str> {
    SPOKEN_IN.iter().find(|(code, _)| language == **code).map(|(_, country)| *country)
}
