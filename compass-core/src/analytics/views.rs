//! How many views a post typically gets.

use jiff::Timestamp;

use super::{Columns, Estimate, MetricId, engagement::Posts};
use crate::stats::{mean, mean_t_interval, median};

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
