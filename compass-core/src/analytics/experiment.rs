//! How many posts does it take to find out?

use jiff::Timestamp;
use statrs::distribution::{ContinuousCDF as _, Normal};

use super::{Counter, Estimate, Metric, MetricId, MetricUnit, Quality, SampleOf, level::Level};

impl MetricId {
    /// Posts in each arm of an experiment.
    pub const POSTS_PER_ARM: Self = Self("experiment.posts_per_arm@1");
}

pub(super) static METRICS: &[Metric] = &[Metric {
    id: MetricId::POSTS_PER_ARM,
    name: "Posts for an experiment",
    unit: MetricUnit::Posts,
    after: "in each arm",
    sample: SampleOf::Posts,
    counters: &[Counter::Views],
    meaning: "How many posts of each kind it takes to see a lift of the asked size four times in five.",
    definition: "2 (z(0.975) + z(0.8))^2 s^2 / ln(1 + lift)^2 + z(0.975)^2 / 4; s is the deviation of ln(1 + views at \
                 30 days) from the creator's level.",
}];

/// Posts in each of two arms to detect a lift (0.5: half as much again) with a power of 80 % in a two-sided t test of
/// log views at 5 %, from the creator's own spread.
///
/// No interval: that of a spread depends on the tails of the views, which few posts do not show.
#[must_use]
pub fn experiment(created: &[i64], log_views: &[f64], lift: f64, as_of: Timestamp) -> Estimate {
    let n = created.len();
    let posts = Level::fit(created, log_views, |_| 0, 0)
        .filter(|_| n >= FEWEST_POSTS)
        .and_then(|level| posts_per_arm(level.deviation(), lift));
    match posts {
        Some(posts) => Estimate::new(MetricId::POSTS_PER_ARM, as_of, n, posts as f64, None),
        None => Estimate::none(MetricId::POSTS_PER_ARM, as_of, n, Quality::TooFew { needed: FEWEST_POSTS as u64 }),
    }
}

/// The same from a known standard deviation of log views (Guenther 1981 for the term that makes up for not knowing it).
///
/// `None` for a lift of zero, of -1 or less, or a deviation that is not a positive number.
///
/// ```
/// // A doubling, where posts usually differ by a factor of e.
/// assert_eq!(compass_core::analytics::posts_per_arm(1.0, 1.0), Some(34));
/// ```
#[must_use]
pub fn posts_per_arm(deviation: f64, lift: f64) -> Option<u64> {
    let effect = lift.ln_1p();
    if !(deviation.is_finite() && deviation > 0.0 && effect.is_finite() && effect != 0.0) {
        return None;
    }
    // A float beyond the largest integer saturates.
    Some(posts_at(effect / deviation, SIGNIFICANCE).ceil().max(2.0) as u64)
}

/// Posts in each arm of a planned experiment: those of [`posts_per_arm`], the 5 % shared among so many comparisons with the
/// first arm.
///
/// An experiment is judged by dealing the signs of the differences between two arms anew. There are 2^n ways to do so, of
/// which few blocks leave too few for any claim at all, and some more blocks only levels far below the asked one.
pub(crate) fn posts_in_each_arm(deviation: f64, lift: f64, comparisons: usize) -> u64 {
    let effect = (lift.ln_1p() / deviation).abs();
    let by_level = posts_at(effect, level(comparisons)).ceil().max(2.0) as u64;
    let dealt =
        (by_level..=FEW_WAYS).find(|&posts| dealt_effect(posts, comparisons).is_some_and(|least| least <= effect));
    dealt.unwrap_or_else(|| by_level.max(FEW_WAYS + 1))
}

/// The smallest lift that so many posts in each arm tell; `None` if they are too few for any.
pub(crate) fn detectable_lift(deviation: f64, posts: u64, comparisons: usize) -> Option<f64> {
    let alpha = level(comparisons);
    let by_level = (posts as f64 - quantile(1.0 - alpha / 2.0).powi(2) / 4.0) / 2.0;
    let by_level = Some(by_level).filter(|&squares| squares > 0.0)?;
    let mut effect = (quantile(POWER) + quantile(1.0 - alpha / 2.0)) / by_level.sqrt();
    if posts <= FEW_WAYS {
        effect = effect.max(dealt_effect(posts, comparisons)?);
    }
    Some((effect * deviation).exp_m1()).filter(|lift| lift.is_finite())
}

/// Two arms with independent posts, an effect in standard deviations of a post.
fn posts_at(effect: f64, alpha: f64) -> f64 {
    let claimed = quantile(1.0 - alpha / 2.0);
    2.0 * ((quantile(POWER) + claimed) / effect).powi(2) + claimed.powi(2) / 4.0
}

/// The smallest effect that dealing the signs of differences within so many blocks tells; `None` if it tells none.
///
/// With each way to deal them comes the one with all signs exchanged, so that a level is a whole number of 2^(1 - n). If only
/// one is below the asked level, all differences have to point one way; with more, it is a t test at the level of so many
/// (Guenther 1981 for one sample).
fn dealt_effect(blocks: u64, comparisons: usize) -> Option<f64> {
    let pairs = 2.0_f64.powf(blocks as f64 - 1.0);
    let claiming = (level(comparisons) * pairs).floor();
    if claiming < 1.0 {
        return None;
    }
    if claiming < 2.0 {
        return Some(2.0_f64.sqrt() * quantile(POWER.powf(1.0 / blocks as f64)));
    }
    let claimed = quantile(1.0 - claiming / pairs / 2.0);
    let squares = Some((blocks as f64 - claimed.powi(2) / 2.0) / 2.0).filter(|&squares| squares > 0.0)?;
    Some((quantile(POWER) + claimed) / squares.sqrt())
}

/// The share of a comparison.
fn level(comparisons: usize) -> f64 {
    SIGNIFICANCE / comparisons.max(1) as f64
}

fn quantile(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}

/// From more blocks on, the levels of dealt signs are as good as the asked one.
const FEW_WAYS: u64 = 13;

const POWER: f64 = 0.8;
const SIGNIFICANCE: f64 = 0.05;

/// Fewer posts do not show a spread.
const FEWEST_POSTS: usize = 8;
