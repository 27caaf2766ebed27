//! Where a creator stands among others of its size and language in the corpus at hand.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Estimate, Flag, Metric, MetricId, MetricUnit, Quality, SampleOf};
use crate::{CreatorId, Language, stats::wilson};

impl MetricId {
    /// The share of peers with a lower value.
    pub const PERCENTILE: Self = Self("benchmark.percentile@1");
}

pub(super) static METRICS: &[Metric] = &[Metric {
    id: MetricId::PERCENTILE,
    name: "Percentile among peers",
    unit: MetricUnit::Fraction,
    after: "of peers have less",
    sample: SampleOf::Posts,
    counters: &[],
    meaning: "The share of creators of the same size, and where possible the same language, with a lower value.",
    definition: "Peers with a lower value and half of those with the same one / peers; Wilson interval.",
}];

/// The size of an account by its followers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Tier {
    /// Fewer than 10,000 followers.
    Nano,
    /// 10,000 to 99,999.
    Micro,
    /// 100,000 to 499,999.
    Mid,
    /// 500,000 to 999,999.
    Macro,
    /// 1,000,000 and more.
    Mega,
}

impl Tier {
    /// The tier of so many followers.
    #[must_use]
    pub fn of(followers: u64) -> Self {
        match followers {
            0..10_000 => Self::Nano,
            10_000..100_000 => Self::Micro,
            100_000..500_000 => Self::Mid,
            500_000..1_000_000 => Self::Macro,
            _ => Self::Mega,
        }
    }
}

/// One creator of the corpus.
#[derive(Clone, Copy, Debug)]
pub struct Peer<'a> {
    /// Who it is.
    pub id: CreatorId,
    /// Its followers now.
    pub followers: u64,
    /// The language it posts in, if known.
    pub language: Option<Language>,
    /// Its figures.
    pub metrics: &'a BTreeMap<MetricId, Estimate>,
}

/// Where a creator stands with one figure.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Standing {
    /// The figure that is compared.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub metric: MetricId,
    /// The size of the creators it is compared with.
    pub tier: Tier,
    /// Their language; `None` if they are of all languages.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub language: Option<Language>,
    /// The share of them with a lower value, ties counting half; `n` is their number.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Estimate))]
    pub percentile: Estimate,
}

/// The figures of a corpus, sorted by group, so that a percentile costs a few binary searches.
#[derive(Clone, Debug, Default)]
pub struct Peers {
    /// By tier and language, and by tier alone.
    groups: BTreeMap<(Tier, Option<Language>), Columns>,
    members: BTreeMap<CreatorId, Member>,
}

/// The figures that are compared.
const COMPARED: [MetricId; 10] = [
    MetricId::ENGAGEMENT,
    MetricId::ENGAGEMENT_POOLED,
    MetricId::TYPICAL_VIEWS,
    MetricId::VIEWS_PER_FOLLOWER,
    MetricId::POSTS_PER_WEEK,
    MetricId::FOLLOWER_GROWTH_RATE,
    MetricId::CONSISTENCY,
    MetricId::COMMENT_RATE,
    MetricId::SHARE_RATE,
    MetricId::COMMENTS_PER_THOUSAND_LIKES,
];

#[derive(Clone, Debug)]
struct Member {
    tier: Tier,
    language: Option<Language>,
    values: Values,
}

type Values = [Option<f64>; COMPARED.len()];

/// The values of a group, one sorted column per compared figure.
type Columns = [Vec<f64>; COMPARED.len()];

impl Peers {
    /// With fewer peers there is no percentile.
    pub const FEWEST: usize = 30;

    /// Sorts a corpus. A creator counts once: of several figures of one, those that came last.
    #[must_use]
    pub fn new<'a>(corpus: impl IntoIterator<Item = Peer<'a>>) -> Self {
        let members: BTreeMap<CreatorId, Member> =
            corpus.into_iter().map(|peer| (peer.id, Member::from(peer))).collect();
        let mut groups: BTreeMap<_, Columns> = BTreeMap::new();
        for member in members.values() {
            let language = member.language.map(Some);
            for key in std::iter::once(None).chain(language) {
                let columns = groups.entry((member.tier, key)).or_default();
                for (column, value) in columns.iter_mut().zip(member.values) {
                    column.extend(value);
                }
            }
        }
        groups.values_mut().flatten().for_each(|column| column.sort_unstable_by(f64::total_cmp));
        Self { groups, members }
    }

    /// How many creators there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The figures that are compared, in the order of [`Peers::standings`].
    #[must_use]
    pub fn compared() -> &'static [MetricId] {
        &COMPARED
    }

    /// Where a creator stands with each of its compared figures that has a value, among the others of the corpus. A figure of
    /// the posts that did best, [`Flag::BestPostsOnly`], is not compared.
    ///
    /// Its peers have its tier and its language, or its tier alone if fewer than [`Peers::FEWEST`] of the former have
    /// the figure; if fewer of the latter have it, there is no percentile.
    #[must_use]
    pub fn standings(&self, of: &Peer<'_>, as_of: Timestamp) -> Vec<Standing> {
        let values = Member::from(*of).values;
        let own = self.members.get(&of.id);
        let standing = |(index, value): (usize, Option<f64>)| Some(self.standing(of, own, index, value?, as_of));
        values.into_iter().enumerate().filter_map(standing).collect()
    }

    fn standing(&self, of: &Peer<'_>, own: Option<&Member>, index: usize, value: f64, as_of: Timestamp) -> Standing {
        let tier = Tier::of(of.followers);
        let place = |language| self.place(tier, language, own, index, value);
        let among_language = of.language.map(|language| (Some(language), place(Some(language))));
        let (language, place) =
            among_language.filter(|(_, place)| place.peers >= Self::FEWEST).unwrap_or_else(|| (None, place(None)));
        let percentile = if place.peers < Self::FEWEST {
            let why = Quality::TooFew { needed: Self::FEWEST as u64 };
            Estimate::none(MetricId::PERCENTILE, as_of, place.peers, why)
        } else {
            let (below, peers) = (place.below as f64 + place.ties as f64 / 2.0, place.peers as f64);
            let interval = wilson(below, peers, 0.95);
            Estimate::new(MetricId::PERCENTILE, as_of, place.peers, below / peers, interval)
        };
        Standing { metric: COMPARED[index], tier, language, percentile }
    }

    /// The place of a value in a group, from which the creator's own value is taken out.
    fn place(&self, tier: Tier, language: Option<Language>, own: Option<&Member>, index: usize, value: f64) -> Place {
        let Some(column) = self.groups.get(&(tier, language)).map(|columns| &columns[index]) else {
            return Place::default();
        };
        let below = column.partition_point(|&other| other < value);
        let ties = column[below..].partition_point(|&other| other <= value);
        let own = own
            .filter(|own| own.tier == tier && (language.is_none() || own.language == language))
            .and_then(|own| own.values[index]);
        Place {
            peers: column.len() - usize::from(own.is_some()),
            below: below - usize::from(own.is_some_and(|own| own < value)),
            ties: ties - usize::from(own.is_some_and(|own| own == value)),
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Place {
    peers: usize,
    below: usize,
    ties: usize,
}

impl From<Peer<'_>> for Member {
    fn from(peer: Peer<'_>) -> Self {
        // The figures of others are of all their posts, and those of the posts that did best are higher.
        let ranked = |figure: &&Estimate| !figure.flags.contains(&Flag::BestPostsOnly);
        let figure = |id| peer.metrics.get(&id).filter(ranked);
        let value = |id| figure(id).and_then(|figure| figure.value).filter(|value| value.is_finite());
        Self { tier: Tier::of(peer.followers), language: peer.language, values: COMPARED.map(value) }
    }
}
