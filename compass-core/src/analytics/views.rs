//! How many views a post typically gets.

use jiff::Timestamp;

use super::{Columns, Counter, Estimate, Metric, MetricId, MetricUnit, SampleOf, engagement::Posts};
use crate::stats::{mean, mean_t_interval, median};

impl MetricId {
    /// Median views of a post.
    pub const TYPICAL_VIEWS: Self = Self("views.typical@1");
    /// Geometric mean of a post's views.
    pub const TYPICAL_VIEWS_GEOMETRIC: Self = Self("views.typical.geometric@1");
    /// Median views per follower.
    pub const VIEWS_PER_FOLLOWER: Self = Self("view_rate.median@1");
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
];

/// Median views, their geometric mean, and median views per follower, over the posts of a window.
pub(super) fn views(window: &Columns<'_>, followers: Option<u64>, as_of: Timestamp) -> Vec<Estimate> {
    let posts = Posts::with(window, &[window.views]);
    vec![
        posts.estimate(MetricId::TYPICAL_VIEWS, as_of, |rows, scratch| {
            scratch.extend(rows.iter().map(|&i| window.views[i] as f64));
            median(scratch)
        }),
        geometric(&posts, window, as_of),
        view_rate(&posts, window, followers, as_of),
    ]
}

/// The geometric mean of 1 + V, less 1, with the t interval of the mean of log(1 + V).
fn geometric(posts: &Posts<'_>, window: &Columns<'_>, as_of: Timestamp) -> Estimate {
    let logs: Vec<f64> = posts.rows.iter().map(|&i| (window.views[i] as f64).ln_1p()).collect();
    let Some(centre) = mean(&logs) else {
        return Estimate::none(MetricId::TYPICAL_VIEWS_GEOMETRIC, as_of, 0, posts.why_none());
    };
    let interval = mean_t_interval(&logs, 0.95).map(|mut i| {
        (i.lo, i.hi) = (i.lo.exp_m1().max(0.0), i.hi.exp_m1());
        i
    });
    posts.flag(Estimate::new(MetricId::TYPICAL_VIEWS_GEOMETRIC, as_of, logs.len(), centre.exp_m1(), interval))
}

fn view_rate(posts: &Posts<'_>, window: &Columns<'_>, followers: Option<u64>, as_of: Timestamp) -> Estimate {
    let Some(followers) = followers.filter(|&f| f > 0) else {
        return Estimate::none(MetricId::VIEWS_PER_FOLLOWER, as_of, posts.rows.len(), super::Quality::Hidden);
    };
    posts.estimate(MetricId::VIEWS_PER_FOLLOWER, as_of, |rows, scratch| {
        scratch.extend(rows.iter().map(|&i| window.views[i] as f64 / followers as f64));
        median(scratch)
    })
}
