//! The audience that is wanted, and what in a post speaks for it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Dimension, Shares, inferred::spoken_in, shares::bucket, topic::Topic};
use crate::{Language, TargetAudience};

/// The audience that is wanted, by dimension; a dimension without a wish does not count.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AudienceTarget(pub(super) BTreeMap<Dimension, Wish>);

/// What is wanted of a dimension.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// Shares like these: the fit is 1 less the Jensen-Shannon divergence in bits.
    Distribution(Shares),
    /// People of any of these groups: the fit is their share. An empty set is no wish. Languages are ISO 639-1 codes; interests are topics in
    /// anybody's words, and one without a word to look for is no wish.
    AnyOf(BTreeSet<String>),
}

/// Why a wish is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// A weight is negative or no number.
    #[error("the weight of {0} is not a number from 0 on")]
    Weight(Dimension),
    /// A wanted distribution has no group with a share above 0.
    #[error("the wanted distribution of {0} has no group with a share")]
    Empty(Dimension),
    /// One may have several interests, so that they have no shares of a whole.
    #[error("{0} are wanted as any of several, and have no shares")]
    Overlapping(Dimension),
}

/// What is wanted of a dimension, how much it weighs, and what in a post speaks for it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wish {
    pub(super) wanted: Wanted,
    pub(super) weight: f64,
    pub(super) in_posts: InPosts,
}

/// What in a post speaks for what is wanted; made once, since a target is held against many creators.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum InPosts {
    Nothing,
    /// It is in one of these languages.
    Languages(BTreeSet<Language>),
    /// It speaks of one of these.
    Topics(Vec<Topic>),
}

impl Wish {
    /// `None` where nothing is wanted.
    fn new(dimension: Dimension, wanted: Wanted, weight: f64) -> Option<Self> {
        let in_posts = match (&wanted, dimension) {
            (Wanted::Distribution(_), _) => InPosts::Nothing,
            (Wanted::AnyOf(groups), _) if groups.is_empty() => return None,
            (Wanted::AnyOf(groups), Dimension::Territory) => {
                InPosts::Languages(spoken_in(|country| groups.contains(&bucket(country))))
            }
            (Wanted::AnyOf(groups), Dimension::Language) => {
                InPosts::Languages(groups.iter().filter_map(|code| Language::parse(code).ok()).collect())
            }
            (Wanted::AnyOf(groups), Dimension::Interests) => {
                let topics: Vec<Topic> = groups.iter().filter_map(|name| Topic::parse(name)).collect();
                if topics.is_empty() {
                    return None;
                }
                InPosts::Topics(topics)
            }
            (Wanted::AnyOf(_), Dimension::Gender | Dimension::Age | Dimension::ActiveHours) => InPosts::Nothing,
        };
        (weight > 0.0).then_some(Self { wanted, weight, in_posts })
    }
}

impl AudienceTarget {
    /// The same target with a wish for one dimension. Weight 0 is no wish.
    ///
    /// # Errors
    /// [`TargetError`] for a weight that is negative or not finite, a distribution without shares, or one of interests.
    pub fn with(mut self, dimension: Dimension, wanted: Wanted, weight: f64) -> Result<Self, TargetError> {
        if !(0.0..f64::INFINITY).contains(&weight) {
            return Err(TargetError::Weight(dimension));
        }
        match &wanted {
            Wanted::Distribution(_) if dimension == Dimension::Interests => {
                return Err(TargetError::Overlapping(dimension));
            }
            Wanted::Distribution(shares) if shares.iter().all(|(_, share)| share == 0.0) => {
                return Err(TargetError::Empty(dimension));
            }
            Wanted::Distribution(_) | Wanted::AnyOf(_) => {}
        }
        match Wish::new(dimension, wanted, weight) {
            Some(wish) => self.0.insert(dimension, wish),
            None => self.0.remove(&dimension),
        };
        Ok(self)
    }

    /// Whether there is no wish.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Wanted {
    /// People of any of these groups; names are compared as those of [`Shares`] are.
    #[must_use]
    pub fn any_of<'a>(groups: impl IntoIterator<Item = &'a str>) -> Self {
        Self::AnyOf(groups.into_iter().map(bucket).collect())
    }
}

/// The countries of the wish are the wanted territories, its hours those of activity, any of its languages and any of its interests are
/// wanted; genders and ages are wanted in their shares. Each weighs the same.
impl From<&TargetAudience> for AudienceTarget {
    fn from(target: &TargetAudience) -> Self {
        let TargetAudience { countries, languages, interests, genders, ages, active_hours } = target;
        let any_of = |dimension, groups: Vec<String>| {
            let groups = groups.iter().map(|group| bucket(group)).collect();
            Some((dimension, Wish::new(dimension, Wanted::AnyOf(groups), 1.0)?))
        };
        let shares = |dimension, wanted: Vec<(&str, u8)>| {
            let rows = wanted.iter().map(|(group, percent)| (*group, f64::from(*percent) / 100.0));
            let shares = Shares::parse(dimension, rows).ok().filter(|_| !wanted.is_empty())?;
            Some((dimension, Wish::new(dimension, Wanted::Distribution(shares), 1.0)?))
        };
        let wishes = [
            shares(Dimension::Gender, genders.iter().collect()),
            any_of(Dimension::Territory, countries.iter().map(ToString::to_string).collect()),
            shares(Dimension::Age, ages.iter().collect()),
            any_of(Dimension::ActiveHours, active_hours.iter().map(|hour| format!("{hour:02}")).collect()),
            any_of(Dimension::Language, languages.iter().map(ToString::to_string).collect()),
            any_of(Dimension::Interests, interests.as_slice().to_vec()),
        ];
        Self(wishes.into_iter().flatten().collect())
    }
}
