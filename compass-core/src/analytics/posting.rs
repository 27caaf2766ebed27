//! How often the creator posts, how evenly, and when.

use jiff::Timestamp;
use statrs::distribution::{ContinuousCDF as _, StudentsT};

use super::{Columns, Estimate, Interval, Metric, MetricId, MetricUnit, Quality, SampleOf, clock::Clock, posts::LEVEL};
use crate::{
    Zone,
    stats::{mean, median, median_interval},
};

const SECONDS_AN_HOUR: f64 = 3_600.0;
const HOURS_A_WEEK: f64 = 168.0;

impl MetricId {
    /// Posts a week.
    pub const POSTS_PER_WEEK: Self = Self("posting.per_week@1");
    /// Median time between posts.
    pub const POSTING_GAP: Self = Self("posting.gap_median@1");
    /// Deviation of the times between posts over their mean.
    pub const POSTING_GAP_VARIATION: Self = Self("posting.gap_cv@1");
    /// Whether posts come in bursts.
    pub const POSTING_BURSTINESS: Self = Self("posting.burstiness@1");
    /// The longest time between posts.
    pub const LONGEST_PAUSE: Self = Self("posting.longest_pause@1");
}

pub(super) static METRICS: &[Metric] = &[
    Metric {
        id: MetricId::POSTS_PER_WEEK,
        name: "Posts a week",
        unit: MetricUnit::PostsPerWeek,
        after: "posts",
        sample: SampleOf::Gaps,
        counters: &[],
        meaning: "How often something new appears.",
        definition: "168 hours divided by the mean gap between neighbouring posts, in hours.",
    },
    Metric {
        id: MetricId::POSTING_GAP,
        name: "Typical time between posts",
        unit: MetricUnit::Hours,
        after: "",
        sample: SampleOf::Gaps,
        counters: &[],
        meaning: "The usual wait from one post to the next.",
        definition: "Median gap between neighbouring posts.",
    },
    Metric {
        id: MetricId::POSTING_GAP_VARIATION,
        name: "Variation of the time between posts",
        unit: MetricUnit::Ratio,
        after: "",
        sample: SampleOf::Gaps,
        counters: &[],
        meaning: "0 for a clockwork, about 1 for posts at random, above 1 for bursts with long pauses.",
        definition: "Standard deviation of the gaps between neighbouring posts / their mean.",
    },
    Metric {
        id: MetricId::POSTING_BURSTINESS,
        name: "Burstiness",
        unit: MetricUnit::Ratio,
        after: "",
        sample: SampleOf::Gaps,
        counters: &[],
        meaning: "-1 for a clockwork, 0 for posts at random, towards 1 for bursts with long pauses.",
        definition: "(s - m) / (s + m) of the gaps between neighbouring posts: standard deviation s, mean m.",
    },
    Metric {
        id: MetricId::LONGEST_PAUSE,
        name: "Longest pause",
        unit: MetricUnit::Hours,
        after: "",
        sample: SampleOf::Gaps,
        counters: &[],
        meaning: "The longest wait from one post to the next.",
        definition: "Largest gap between neighbouring posts.",
    },
];

/// When posts went out by the clock on the wall.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PostingTimes {
    /// Posts by weekday, Monday first, and hour of the day.
    pub posts: [[u64; 24]; 7],
}

/// Counts posts by weekday and hour in a zone; `created` is in seconds since 1970, UTC.
///
/// A moment that no calendar has counts as its first or last.
///
/// ```
/// use compass_core::{Zone, analytics::posting_times};
/// // Sunday, 1 March 2026, 23:30 UTC is Monday in Berlin.
/// let times = posting_times(&[1_772_407_800], &Zone::parse("Europe/Berlin").expect("a zone"));
/// assert_eq!(times.posts[0][0], 1);
/// ```
#[must_use]
pub fn posting_times(created: &[i64], zone: &Zone) -> PostingTimes {
    let mut posts = [[0; 24]; 7];
    for clock in Clock::of_all(created, zone) {
        posts[usize::from(clock.weekday)][usize::from(clock.hour)] += 1;
    }
    PostingTimes { posts }
}

/// The figures of the gaps between posts of a window, in hours.
pub(super) fn posting(window: &Columns<'_>, as_of: Timestamp) -> Vec<Estimate> {
    let gaps = gaps_in_hours(window);
    let told = |id, value: Option<f64>, interval| match value {
        Some(value) => Estimate::new(id, as_of, gaps.len(), value, interval),
        None => Estimate::none(id, as_of, gaps.len(), Quality::TooFew { needed: 1 }),
    };
    let spread = Spread::of(&gaps);
    let of_spread = |id, figure: fn(Spread) -> f64| match spread {
        Some(spread) => Estimate::new(id, as_of, gaps.len(), figure(spread), None),
        None => Estimate::none(id, as_of, gaps.len(), Quality::TooFew { needed: 2 }),
    };
    let pace = mean(&gaps).filter(|&gap| gap > 0.0).map(|gap| HOURS_A_WEEK / gap);
    let pace_interval = mean_gap_interval(&gaps, LEVEL).map(|gap| Interval {
        lo: HOURS_A_WEEK / gap.hi,
        hi: HOURS_A_WEEK / gap.lo,
        level: gap.level,
    });
    vec![
        told(MetricId::POSTS_PER_WEEK, pace, pace_interval),
        told(MetricId::POSTING_GAP, median(&mut gaps.clone()), median_interval(&mut gaps.clone(), LEVEL)),
        of_spread(MetricId::POSTING_GAP_VARIATION, |gaps| gaps.deviation / gaps.mean),
        of_spread(MetricId::POSTING_BURSTINESS, |gaps| (gaps.deviation - gaps.mean) / (gaps.deviation + gaps.mean)),
        told(MetricId::LONGEST_PAUSE, gaps.iter().copied().max_by(f64::total_cmp), None),
    ]
}

/// The interval of the mean gap: Hall's (1992) transformation of Student's t, which undoes its skewness.
///
/// Few gaps do not show how skewed they are, so their skewness is at least that of a gamma distribution with their
/// variation: twice it. From 15 gaps on the coverage at 95 % is then 93 to 97 % for gamma, exponential and lognormal
/// gaps alike; with fewer it is not, and there is none.
///
/// A variation or a burstiness has no interval at all: one that covers would have to know how long the longest gaps
/// are that have not been seen (a bootstrap of 29 lognormal gaps covers 49 to 77 % instead of 95 %).
fn mean_gap_interval(gaps: &[f64], level: f64) -> Option<Interval> {
    let spread = Spread::of(gaps).filter(|_| gaps.len() >= FEWEST_GAPS)?;
    let n = gaps.len() as f64;
    let moment = |power| gaps.iter().map(|gap| (gap - spread.mean).powi(power)).sum::<f64>() / n;
    let skewness = (moment(3) / moment(2).powf(1.5)).max(2.0 * spread.deviation / spread.mean);
    let a = skewness / n.sqrt();
    let t = StudentsT::new(0.0, 1.0, n - 1.0).ok()?.inverse_cdf(f64::midpoint(1.0, level));
    let error = spread.deviation / n.sqrt();
    let end = |t: f64| spread.mean - error * 3.0 / a * ((1.0 + a * (t - a / 6.0)).cbrt() - 1.0);
    let interval = Interval { lo: end(t), hi: end(-t), level };
    (interval.lo > 0.0 && interval.hi.is_finite()).then_some(interval)
}

const FEWEST_GAPS: usize = 15;

#[derive(Clone, Copy, Debug)]
struct Spread {
    mean: f64,
    deviation: f64,
}

impl Spread {
    /// `None` for fewer than two gaps, or if all posts went out at once.
    fn of(gaps: &[f64]) -> Option<Self> {
        let mean = mean(gaps).filter(|&mean| mean > 0.0 && gaps.len() >= 2)?;
        let squares: f64 = gaps.iter().map(|gap| (gap - mean).powi(2)).sum();
        Some(Self { mean, deviation: (squares / (gaps.len() - 1) as f64).sqrt() })
    }
}

/// Gaps between neighbouring posts.
///
/// A source shows the newest posts, and above them pinned ones of any age: a pinned post that is older than every other
/// one says nothing of the pace, since the posts between were not shown.
fn gaps_in_hours(window: &Columns<'_>) -> Vec<f64> {
    let oldest_unpinned = window.pinned.iter().rposition(|&pinned| !pinned);
    let shown = oldest_unpinned.map_or(window.created, |last| &window.created[..=last]);
    shown.windows(2).map(|pair| (pair[0] - pair[1]) as f64 / SECONDS_AN_HOUR).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Seed;

    /// The 95 % interval of the mean of gaps of known mean, 1,500 times.
    fn coverage(n: u64, truth: f64, gap: impl Fn(Seed) -> f64) -> f64 {
        let held = (0..1_500_u64).filter(|&run| {
            let gaps: Vec<f64> = (0..n).map(|i| gap(Seed::new("gaps").with(n).with(run).with(i))).collect();
            mean_gap_interval(&gaps, 0.95).is_some_and(|interval| interval.lo <= truth && truth <= interval.hi)
        });
        held.count() as f64 / 1_500.0
    }

    fn exponential(seed: Seed) -> f64 {
        -(1.0 - seed.unit()).ln()
    }

    fn normal(seed: Seed) -> f64 {
        (2.0 * exponential(seed.with(1))).sqrt() * (std::f64::consts::TAU * seed.with(2).unit()).cos()
    }

    #[test]
    fn interval_of_the_mean_gap_covers_whatever_the_gaps() {
        for n in [15, 29, 100] {
            let covered = [
                coverage(n, 1.0, exponential),
                coverage(n, 2.0, |seed| exponential(seed.with(1)) + exponential(seed.with(2))),
                coverage(n, 0.125_f64.exp(), |seed| (0.5 * normal(seed)).exp()),
                coverage(n, 0.5_f64.exp(), |seed| normal(seed).exp()),
            ];
            // Two points, and two standard errors of 1,500 runs.
            assert!(covered.iter().all(|c| (c - 0.95).abs() < 0.032), "{n}: {covered:?}");
        }
    }

    #[test]
    fn few_or_equal_gaps_have_no_interval_or_a_narrow_one() {
        assert_eq!(mean_gap_interval(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], 0.95), None);
        assert_eq!(mean_gap_interval(&[0.0; 20], 0.95), None);
        assert_eq!(mean_gap_interval(&[24.0; 20], 0.95), None);
    }
}
