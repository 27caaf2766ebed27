//! What other creators teach: how views grow with age, and what is usual among peers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use super::{CreatorReport, Estimate, GrowthModel, GrowthPair, MetricId, Peer, Peers, ReportOptions, Subject};
use crate::{CreatorId, Language, stats::Seed};

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
    /// The corpus of `options` is not used. What is learnt of all creators is held at once; [`CorpusBuilder`] takes one at a time.
    #[must_use]
    pub fn learn(creators: &[Subject], as_of: Timestamp, options: &ReportOptions) -> Self {
        let lessons: Vec<Lesson> = creators.par_iter().map(|creator| Lesson::of(creator, as_of, options)).collect();
        let mut builder = CorpusBuilder::default();
        lessons.into_iter().for_each(|lesson| builder.take(lesson));
        builder.finish()
    }
}

/// Learns a [`Corpus`] from creators that come one at a time.
///
/// Of each it keeps a handful of figures, and the pairs of looks at its posts: of enough creators for two million pairs, whom chance
/// chooses by their ids. The creators may come in any order.
#[derive(Clone, Debug)]
pub struct CorpusBuilder {
    pairs: Vec<(Option<CreatorId>, Vec<GrowthPair>)>,
    taken: usize,
    enough: usize,
    compared: Vec<ComparedFigures>,
}

impl Default for CorpusBuilder {
    fn default() -> Self {
        Self { pairs: Vec::new(), taken: 0, enough: ENOUGH_PAIRS, compared: Vec::new() }
    }
}

impl CorpusBuilder {
    /// Keeps the pairs of creators who have so many together instead of two million.
    #[must_use]
    pub fn with_enough_pairs(mut self, enough: usize) -> Self {
        self.enough = enough;
        self
    }

    /// Takes a creator as it was observed by a moment: its growth, and its figures at its newest look.
    pub fn add(&mut self, creator: &Subject, as_of: Timestamp, options: &ReportOptions) {
        self.take(Lesson::of(creator, as_of, options));
    }

    fn take(&mut self, Lesson { id, pairs, compared }: Lesson) {
        if !pairs.is_empty() {
            self.taken += pairs.len();
            self.pairs.push((id, pairs));
        }
        // Seldom, since it sorts.
        if self.taken > self.enough.saturating_add(self.enough / 4) {
            self.drop_surplus();
        }
        self.compared.extend(compared);
    }

    /// Keeps the first creators by a hash of their ids until there are enough pairs. Whoever is dropped would be dropped among more
    /// creators, too, so that it does not matter when this is done, nor in which order they came.
    fn drop_surplus(&mut self) {
        let drawn = |id: Option<CreatorId>| Seed::new("growth").with(id.map_or(0, CreatorId::get)).get();
        self.pairs.sort_by_key(|(id, _)| (drawn(*id), *id));
        let (mut taken, enough) = (0, self.enough);
        self.pairs.retain(|(_, pairs)| {
            let is_kept = taken < enough;
            taken += if is_kept { pairs.len() } else { 0 };
            is_kept
        });
        self.taken = taken;
    }

    /// What they teach together. It computes for a while: a host may do it where that holds nobody up.
    #[must_use]
    pub fn finish(mut self) -> Corpus {
        self.drop_surplus();
        let Self { mut pairs, compared, .. } = self;
        let growth = GrowthModel::fit(&pairs.iter().flat_map(|(_, pairs)| pairs).copied().collect::<Vec<_>>());
        // One order for any order of the input.
        pairs.sort_by_key(|(id, _)| *id);
        let peers = Peers::new(compared.iter().map(ComparedFigures::as_peer));
        Corpus { growth, growth_coverage: held_out_coverage(&pairs), peers }
    }
}

/// A model learns nothing new from more pairs of looks.
const ENOUGH_PAIRS: usize = 2_000_000;

/// What one creator teaches.
struct Lesson {
    id: Option<CreatorId>,
    pairs: Vec<GrowthPair>,
    compared: Option<ComparedFigures>,
}

impl Lesson {
    fn of(creator: &Subject, as_of: Timestamp, options: &ReportOptions) -> Self {
        Self {
            id: creator.profile.as_ref().map(|profile| profile.id),
            pairs: creator.growth_pairs(as_of),
            compared: creator.newest(as_of).and_then(|newest| creator.compared(newest, options)),
        }
    }
}

/// The figures of a creator that others are compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedFigures {
    /// Who it is.
    pub id: CreatorId,
    /// Its followers.
    pub followers: u64,
    /// The language that most of its posts are in, if known.
    pub language: Option<Language>,
    /// Those of [`Peers::compared`].
    pub metrics: BTreeMap<MetricId, Estimate>,
}

impl ComparedFigures {
    /// What others compare themselves with.
    #[must_use]
    pub fn as_peer(&self) -> Peer<'_> {
        let Self { id, followers, language, metrics } = self;
        Peer { id: *id, followers: *followers, language: *language, metrics }
    }
}

/// The coverage of models that learnt from one half of the creators, on the other half, and the other way round.
///
/// `None` unless each half has enough pairs that a model learns anything from them.
fn held_out_coverage(by_creator: &[(Option<CreatorId>, Vec<GrowthPair>)]) -> Option<GrowthCoverage> {
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
