//! How often the creator posts.

use jiff::Timestamp;

use super::{Columns, Estimate, Metric, MetricId, MetricUnit, Quality, SampleOf};
use crate::stats::{Bootstrap, Seed, mean, median, percentile_interval};

const SECONDS_AN_HOUR: f64 = 3_600.0;
const HOURS_A_WEEK: f64 = 168.0;

impl MetricId {
    /// Posts a week.
    pub const POSTS_PER_WEEK: Self = Self("posting.per_week@1");
    /// Median time between posts.
    pub const POSTING_GAP: Self = Self("posting.gap_median@1");
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
];

/// Posts a week, and the median gap between posts in hours, over the posts of a window.
pub(super) fn posting(window: &Columns<'_>, as_of: Timestamp) -> Vec<Estimate> {
    let gaps = gaps_in_hours(window);
    vec![
        over_gaps(MetricId::POSTS_PER_WEEK, &gaps, as_of, |gaps| {
            mean(gaps).filter(|&gap| gap > 0.0).map(|gap| HOURS_A_WEEK / gap)
        }),
        over_gaps(MetricId::POSTING_GAP, &gaps, as_of, median),
    ]
}

fn over_gaps(id: MetricId, gaps: &[f64], as_of: Timestamp, statistic: impl Fn(&mut [f64]) -> Option<f64>) -> Estimate {
    let Some(value) = statistic(&mut gaps.to_vec()) else {
        return Estimate::none(id, as_of, gaps.len(), Quality::TooFew { needed: 1 });
    };
    let mut resampled = Vec::with_capacity(gaps.len());
    let seed = Seed::new(id.0).with_all(gaps);
    let interval = percentile_interval(gaps.len(), seed, Bootstrap::default(), |drawn| {
        resampled.clear();
        resampled.extend(drawn.iter().map(|&i| gaps[i]));
        statistic(&mut resampled)
    });
    Estimate::new(id, as_of, gaps.len(), value, interval)
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
