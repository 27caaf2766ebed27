//! How many views a post typically gets.

use std::f64::consts::LN_10;

use jiff::Timestamp;

use super::{
    Columns, Counter, Estimate, Interval, Metric, MetricId, MetricUnit, Quality, SampleOf,
    posts::{LEVEL, Posts},
};
use crate::stats::{mean, mean_t_interval, median};

/// Makes the median absolute deviation of a normal sample its standard deviation.
const MAD_TO_DEVIATION: f64 = 1.4826;

impl MetricId {
    /// Median views of a post.
    pub const TYPICAL_VIEWS: Self = Self("views.typical@1");
    /// Geometric mean of a post's views.
    pub const TYPICAL_VIEWS_GEOMETRIC: Self = Self("views.typical.geometric@1");
    /// Median views per follower.
    pub const VIEWS_PER_FOLLOWER: Self = Self("view_rate.median@1");
    /// Spread of the posts' views.
    pub const CONSISTENCY: Self = Self("consistency@1");
}

pub(super) static METRICS: &[Metric] = &[
    Metric {
        id: MetricId::TYPICAL_VIEWS,
        name: "Typical views",
        unit: MetricUnit::Views,
        after: "a post",
        sample: SampleOf::Posts,
        counters: &[Counter::Views],
        meaning: "Half of the recent posts got more views than this, half got fewer.",
        definition: "Median of views over the newest 30 posts that are at least 2 days old.",
    },
    Metric {
        id: MetricId::TYPICAL_VIEWS_GEOMETRIC,
        name: "Typical views, geometric mean",
        unit: MetricUnit::Views,
        after: "a post",
        sample: SampleOf::Posts,
        counters: &[Counter::Views],
        meaning: "A second way to say typical that uses every post and is not ruled by the largest.",
        definition: "Geometric mean of 1 + views, less 1; t interval on the logarithms.",
    },
    Metric {
        id: MetricId::VIEWS_PER_FOLLOWER,
        name: "Typical views per follower",
        unit: MetricUnit::Ratio,
        after: "",
        sample: SampleOf::Posts,
        counters: &[Counter::Views, Counter::Followers],
        meaning: "Above 1, a typical post gets more views than the account has followers.",
        definition: "Median of views / followers now.",
    },
    Metric {
        id: MetricId::CONSISTENCY,
        name: "Spread of views",
        unit: MetricUnit::Decades,
        after: "",
        sample: SampleOf::Posts,
        counters: &[Counter::Views],
        meaning: "How far a usual post is from the typical one: 0.3 is a factor of 2, 1 a factor of 10.",
        definition: "1.4826 x median absolute deviation of log10(1 + views).",
    },
];

/// Median views, their geometric mean, median views per follower and their spread, over the posts of a window.
pub(super) fn views(window: &Columns<'_>, followers: Option<u64>, as_of: Timestamp) -> Vec<Estimate> {
    let posts = Posts::with(window, &[window.views]);
    vec![
        posts.median(MetricId::TYPICAL_VIEWS, as_of, |i| window.views[i] as f64),
        geometric(&posts, window, as_of),
        view_rate(&posts, window, followers, as_of),
        consistency(&posts, window, as_of),
    ]
}

/// The geometric mean of 1 + V, less 1, with the t interval of the mean of log(1 + V).
fn geometric(posts: &Posts<'_>, window: &Columns<'_>, as_of: Timestamp) -> Estimate {
    let logs = posts.values(|i| (window.views[i] as f64).ln_1p());
    posts.estimate(MetricId::TYPICAL_VIEWS_GEOMETRIC, as_of, mean(&logs).map(f64::exp_m1), || {
        let interval = mean_t_interval(&logs, LEVEL)?;
        Some(Interval { lo: interval.lo.exp_m1().max(0.0), hi: interval.hi.exp_m1(), ..interval })
    })
}

fn view_rate(posts: &Posts<'_>, window: &Columns<'_>, followers: Option<u64>, as_of: Timestamp) -> Estimate {
    let Some(followers) = followers.filter(|&f| f > 0) else {
        return Estimate::none(MetricId::VIEWS_PER_FOLLOWER, as_of, posts.rows.len(), Quality::Hidden);
    };
    posts.median(MetricId::VIEWS_PER_FOLLOWER, as_of, |i| window.views[i] as f64 / followers as f64)
}

/// The usual distance from the typical post, in decimal logarithms. An interval of such a spread from 30 posts would not
/// cover what it says, so there is none.
fn consistency(posts: &Posts<'_>, window: &Columns<'_>, as_of: Timestamp) -> Estimate {
    let logs = posts.values(|i| (window.views[i] as f64).ln_1p() / LN_10);
    let spread = median(&mut logs.clone()).and_then(|centre| {
        let mut distances: Vec<f64> = logs.iter().map(|log| (log - centre).abs()).collect();
        median(&mut distances).map(|mad| MAD_TO_DEVIATION * mad)
    });
    posts.estimate(MetricId::CONSISTENCY, as_of, spread, || None)
}
