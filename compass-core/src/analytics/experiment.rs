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
    let z = |p: f64| Normal::standard().inverse_cdf(p);
    let (found, claimed) = (z(POWER), z(1.0 - SIGNIFICANCE / 2.0));
    let posts = 2.0 * ((found + claimed) * deviation / effect).powi(2) + claimed * claimed / 4.0;
    // A float beyond the largest integer saturates.
    Some(posts.ceil().max(2.0) as u64)
}

const POWER: f64 = 0.8;
const SIGNIFICANCE: f64 = 0.05;

/// Fewer posts do not show a spread.
const FEWEST_POSTS: usize = 8;
