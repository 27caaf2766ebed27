//! Do posts with a hashtag, a sound, a length or a format do better than the creator's others?

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    Counter, Estimate, Interval, Metric, MetricId, MetricUnit, SampleOf,
    level::{Level, order_of_time},
};
use crate::stats::{Draws, Guessed, Seed, Shrinkage, UnusualSum, benjamini_hochberg, student_stretch, subset_sums_p};

impl MetricId {
    /// Lift of posts that have something in common over the creator's others.
    pub const FEATURE_LIFT: Self = Self("feature.lift@1");
}

pub(super) static METRICS: &[Metric] = &[Metric {
    id: MetricId::FEATURE_LIFT,
    name: "Lift of a hashtag, sound, length or format",
    unit: MetricUnit::Fraction,
    after: "over posts without it",
    sample: SampleOf::Posts,
    counters: &[Counter::Views],
    meaning: "How many more views posts with it get than the creator's other posts of the same time.",
    definition: "exp(effect) - 1; the effect is the mean of ln(1 + views at 30 days) with less without, the creator's level \
                 taken out, shrunken over everything tested. It survives if the Benjamini-Hochberg q of its permutation p \
                 is at most 0.04.",
}];

/// What posts can have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum FeatureKind {
    /// A hashtag in the caption.
    Hashtag,
    /// The sound.
    Sound,
    /// A range of lengths.
    Length,
    /// Film or pictures.
    Format,
}

/// A feature by kind and name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Feature {
    /// What it is.
    pub kind: FeatureKind,
    /// Its name in its kind: a hashtag without `#`, a sound's id.
    pub name: String,
}

/// What was tested, and what survived.
///
/// A creator's 400 features with the most posts are tested (of as many posts, the first by kind and name): a number that
/// is fixed beforehand and has nothing to do with views, so that more hashtags do not hide what a creator's usual ones do.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Lifts {
    /// How many features, or groups that always go together, were tested. Two that share out all posts are one question,
    /// asked of the one with fewer posts (of as many, of the first by kind and name).
    pub tested: u64,
    /// How many of them are more than chance.
    pub survived: u64,
    /// Every one tested, the least probable by chance first.
    pub lifts: Vec<Lift>,
}

/// The lift of a feature.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Lift {
    /// The feature; several if the very same posts have them, so that nothing tells them apart.
    pub features: Vec<Feature>,
    /// Posts with it.
    pub with: u64,
    /// When the newest of them was posted, UTC; `None` in reports of before it was told.
    #[cfg_attr(feature = "serde", serde(default))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub newest: Option<Timestamp>,
    /// Its plain lift, with the creator's level taken out and nothing else; `None` in reports of before it was told.
    #[cfg_attr(feature = "serde", serde(default))]
    pub claimed: Option<f64>,
    /// Its shrunken lift with an 80 % interval: 0.2 is a fifth more views than without.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Estimate))]
    pub lift: Estimate,
    /// How often as many posts, drawn at random, differ as much from the others.
    pub p: f64,
    /// The false discovery rate at which it would survive.
    pub q: f64,
    /// Whether it survives.
    pub survives: bool,
}

/// Tests features of a creator's posts, each with the posts that have it by their place in `created`.
///
/// `created` is in seconds since 1970, UTC, in any order; `log_views` are logarithms of 1 + views at equal age. Only among
/// posts of the same second with the very same views does the order count. A feature needs 5 posts with it and 5 without.
///
/// ```
/// use compass_core::{analytics::{Feature, FeatureKind, lifts}, stats::Seed};
/// let (created, now) = ([0, 9, 20, 31, 38, 50, 61, 69, 80, 92].map(|h| h * 3_600), "2026-05-01T00:00:00Z".parse());
/// let log_views = [9.1, 8.2, 9.4, 8.0, 9.2, 8.1, 9.0, 8.4, 9.3, 8.3];
/// let tag = Feature { kind: FeatureKind::Hashtag, name: "recipe".to_owned() };
/// let found = lifts(&created, &log_views, &[(tag, vec![0, 2, 4, 6, 8])], now.expect("a time"), Seed::new("doc"));
/// assert_eq!((found.tested, found.survived), (1, 1));
/// ```
#[must_use]
pub fn lifts(
    created: &[i64],
    log_views: &[f64],
    features: &[(Feature, Vec<usize>)],
    as_of: Timestamp,
    seed: Seed,
) -> Lifts {
    let n = created.len();
    let Some(order) = order_of_time(created, log_views) else { return Lifts::default() };
    let (created, log_views): (Vec<i64>, Vec<f64>) = order.iter().map(|&i| (created[i], log_views[i])).unzip();
    let Some(level) = Level::fit(&created, &log_views, |_| 0, 0).filter(|level| level.squares() > 1e-12 * n as f64)
    else {
        return Lifts::default();
    };
    let candidates: Vec<Candidate> = tested(features, &order)
        .into_iter()
        .filter_map(|(posts, features)| Candidate::of(&level, &created, &posts, features))
        .collect();
    let variance = level.squares() / level.freedom();
    let p = permutation_p(&level, &candidates, variance, seed.with_all(&log_views));
    let q = benjamini_hochberg(&p);
    let (effects, errors): (Vec<f64>, Vec<f64>) =
        candidates.iter().map(|c| (c.effect, (variance / c.information).sqrt())).unzip();
    let Some(shrinkage) = Shrinkage::of(&effects, &errors, USUAL_SPREAD * variance.sqrt()) else {
        return Lifts::default();
    };
    let means = shrinkage.means();
    let stretch = MARGIN * student_stretch(level.freedom(), LEVEL);
    let mut lifts: Vec<Lift> = candidates
        .into_iter()
        .enumerate()
        .map(|(i, candidate)| {
            let guessed = Guessed {
                estimate: effects[i],
                error: errors[i] * stretch,
                guess: 0.0,
                spread: shrinkage.spread_without(i),
            };
            let (effect, interval) = match guessed.interval(LEVEL) {
                Some(Interval { lo, hi, level }) => {
                    (means[i].clamp(lo, hi), Some(Interval { lo: lo.exp_m1(), hi: hi.exp_m1(), level }))
                }
                None => (means[i], None),
            };
            Lift {
                with: candidate.posts as u64,
                newest: candidate.newest,
                claimed: Some(effects[i].exp_m1()).filter(|lift| lift.is_finite()),
                features: candidate.features,
                lift: Estimate::new(MetricId::FEATURE_LIFT, as_of, n, effect.exp_m1(), interval),
                p: p[i],
                q: q[i],
                survives: q[i] <= SURVIVES_AT,
            }
        })
        .collect();
    lifts.sort_by(|a, b| a.p.total_cmp(&b.p).then_with(|| a.features.cmp(&b.features)));
    let survived = lifts.iter().filter(|lift| lift.survives).count();
    Lifts { tested: lifts.len() as u64, survived: survived as u64, lifts }
}

/// So many posts have a feature that is tested, and so many have not.
const FEWEST_POSTS: usize = 5;

/// So many features are tested at most.
const MOST_TESTED: usize = 400;

/// Less information is left where the level explains nearly all that the feature could: one run of posts.
const LEAST_INFORMATION: f64 = 1.0;

/// Nobody would be surprised by lifts that spread by so many deviations of single posts.
const USUAL_SPREAD: f64 = 0.3;

/// Views that resemble those of the post before make effects vary a little more than their standard errors say: without
/// this margin the intervals of simulated creators cover 79.4 % instead of 80 %.
const MARGIN: f64 = 1.02;

const LEVEL: f64 = 0.8;
/// By design the procedure at 0.05 lets something survive for 5 % of creators without any lift; at 0.04 it is 4 %, which
/// 2,000 simulated creators bound below 5 % with a confidence of 97.5 %.
const SURVIVES_AT: f64 = 0.04;

struct Candidate {
    features: Vec<Feature>,
    posts: usize,
    newest: Option<Timestamp>,
    sum: f64,
    effect: f64,
    information: f64,
}

impl Candidate {
    fn of(level: &Level, created: &[i64], posts: &[usize], features: Vec<Feature>) -> Option<Self> {
        let contrast = level.contrast(posts.iter().copied());
        (contrast.information >= LEAST_INFORMATION).then(|| Self {
            features,
            posts: contrast.posts,
            newest: posts.iter().map(|&post| created[post]).max().and_then(|at| Timestamp::from_second(at).ok()),
            sum: contrast.sum,
            effect: contrast.difference(),
            information: contrast.information,
        })
    }
}

/// Features to test, with their posts as ranks in the order: those of the very same posts together, of two that share out
/// all posts one, and of these the ones with the most posts.
fn tested(features: &[(Feature, Vec<usize>)], order: &[usize]) -> Vec<(Vec<usize>, Vec<Feature>)> {
    let n = order.len();
    let mut groups = alike(features, order);
    let doubles: Vec<Vec<usize>> = groups
        .keys()
        .filter(|posts| 2 * posts.len() >= n)
        .filter_map(|posts| {
            let rest = complement(posts, n);
            let others = groups.get(&rest)?;
            let first = rest.len() < posts.len() || *others < groups[posts];
            first.then(|| posts.clone())
        })
        .collect();
    for posts in doubles {
        groups.remove(&posts);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by(|(a, of_a), (b, of_b)| b.len().cmp(&a.len()).then_with(|| of_a.cmp(of_b)));
    groups.truncate(MOST_TESTED);
    groups
}

/// The posts that are not among these, which ascend.
fn complement(posts: &[usize], n: usize) -> Vec<usize> {
    let mut left = posts.iter().copied().peekable();
    (0..n).filter(|&post| left.next_if_eq(&post).is_none()).collect()
}

/// Features with enough posts, those of the very same posts together.
fn alike(features: &[(Feature, Vec<usize>)], order: &[usize]) -> BTreeMap<Vec<usize>, Vec<Feature>> {
    let n = order.len();
    let mut rank = vec![0; n];
    for (at, &post) in order.iter().enumerate() {
        rank[post] = at;
    }
    let mut groups: BTreeMap<Vec<usize>, Vec<Feature>> = BTreeMap::new();
    for (feature, posts) in features {
        let mut posts: Vec<usize> = posts.iter().filter_map(|&post| rank.get(post).copied()).collect();
        posts.sort_unstable();
        posts.dedup();
        if posts.len() >= FEWEST_POSTS && n - posts.len() >= FEWEST_POSTS {
            groups.entry(posts).or_default().push(feature.clone());
        }
    }
    for features in groups.values_mut() {
        features.sort_unstable();
        features.dedup();
    }
    groups
}

fn permutation_p(level: &Level, candidates: &[Candidate], variance: f64, seed: Seed) -> Vec<f64> {
    let residuals = level.residuals();
    let n = residuals.len() as f64;
    let dealt = residuals.iter().map(|r| r * r).sum::<f64>() / (n - 1.0);
    let unusual: Vec<UnusualSum> = candidates
        .iter()
        .map(|candidate| {
            // The level takes a part of the variance of each sum, another for each feature; a dealt sum has its own.
            let posts = candidate.posts as f64;
            let scale = dealt * posts * (1.0 - posts / n) / (variance * candidate.information);
            UnusualSum { size: candidate.posts, deviation: candidate.sum * scale.sqrt() / MARGIN }
        })
        .collect();
    subset_sums_p(residuals, &unusual, Draws::for_tests(candidates.len()), seed)
}
