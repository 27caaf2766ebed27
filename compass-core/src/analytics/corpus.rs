//! What other creators teach: how views grow with age, and what is usual among peers.

use std::sync::Arc;

use jiff::Timestamp;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::{CreatorReport, GrowthModel, GrowthPair, Peer, Peers, ReportOptions, Subject};
use crate::CreatorId;

/// What is known of creators in general. The default knows only the built-in growth of views, and no peers.
///
/// A report depends on nothing else but its creator's observations: the same corpus gives the same report, alone or
/// among a million.
#[derive(Clone, Debug)]
pub struct Corpus {
    /// How views grow with age.
    pub growth: GrowthModel,
    /// How often the intervals of such a model held for creators that it had not seen; `None` if that was not tried.
    pub growth_coverage: Option<GrowthCoverage>,
    /// What is usual among creators of a size and language.
    pub peers: Peers,
}

/// How often intervals of projected views held.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GrowthCoverage {
    /// Share of the later looks whose views lay in the interval made from an earlier look. It should be 0.8.
    pub value: f64,
    /// Pairs of an earlier and a later look at one post.
    pub n: u64,
}

impl Default for Corpus {
    fn default() -> Self {
        Self { growth: GrowthModel::prior(), growth_coverage: None, peers: Peers::default() }
    }
}

impl Corpus {
    /// Learns from creators as they were observed by a moment: the growth of views from posts that were seen more than
    /// once, and what is usual among peers from each creator's figures at its newest look.
    ///
    /// The corpus of `options` is not used. The figures of all creators are held at once.
    #[must_use]
    pub fn learn(creators: &[Subject], as_of: Timestamp, options: &ReportOptions) -> Self {
        let pairs: Vec<Vec<GrowthPair>> = creators.par_iter().map(|creator| creator.growth_pairs(as_of)).collect();
        let growth = GrowthModel::fit(&pairs.concat());
        let corpus = Arc::new(Self { growth, growth_coverage: None, peers: Peers::default() });
        let options = ReportOptions { corpus: Arc::clone(&corpus), ..options.clone() };
        let figures = |creator: &Subject| {
            let CreatorReport { id, counts, language, metrics, .. } = creator.report(creator.newest(as_of)?, &options);
            Some((id?, counts.followers?.midpoint(), language, metrics))
        };
        let figures: Vec<_> = creators.par_iter().filter_map(figures).collect();
        let peers = Peers::new(figures.iter().map(|(id, followers, language, metrics)| Peer {
            id: *id,
            followers: *followers,
            language: *language,
            metrics,
        }));
        let ids = creators.iter().map(|creator| creator.profile.as_ref().map(|profile| profile.id));
        let growth_coverage = held_out_coverage(ids.zip(&pairs));
        Self { growth: corpus.growth.clone(), growth_coverage, peers }
    }
}

/// The coverage of models that learnt from one half of the creators, on the other half, and the other way round.
///
/// `None` unless each half has enough pairs that a model learns anything from them.
fn held_out_coverage<'a>(
    pairs: impl Iterator<Item = (Option<CreatorId>, &'a Vec<GrowthPair>)>,
) -> Option<GrowthCoverage> {
    let mut by_creator: Vec<_> = pairs.filter(|(_, pairs)| !pairs.is_empty()).collect();
    // One order for any order of the input.
    by_creator.sort_by_key(|(id, _)| *id);
    let half = |odd: usize| -> Vec<GrowthPair> {
        by_creator.iter().skip(odd).step_by(2).flat_map(|(_, pairs)| pairs.iter().copied()).collect()
    };
    let halves = [half(0), half(1)];
    if halves.iter().any(|half| half.len() < GrowthModel::BLEND_FROM) {
        return None;
    }
    let [first, second] = [0, 1].map(|known| {
        let model = GrowthModel::fit(&halves[known]);
        let held = halves[1 - known].iter().filter_map(|pair| {
            let told = model.project(pair.from_age, pair.to_age)?;
            Some((told.lo..=told.hi).contains(&pair.log_growth()))
        });
        held.fold((0_u64, 0_u64), |(inside, n), held| (inside + u64::from(held), n + 1))
    });
    let (inside, n) = (first.0 + second.0, first.1 + second.1);
    (n > 0).then(|| GrowthCoverage { value: inside as f64 / n as f64, n })
}

impl CreatorReport {
    /// What others compare themselves with; `None` if the followers are not shown, or the account's id is not known: by
    /// it nobody is compared with itself.
    #[must_use]
    pub fn as_peer(&self) -> Option<Peer<'_>> {
        let followers = self.counts.followers?.midpoint();
        Some(Peer { id: self.id?, followers, language: self.language, metrics: &self.metrics })
    }
}
