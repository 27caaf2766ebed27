//! How over-represented a group is in an audience.

use jiff::Timestamp;

use crate::{
    analytics::{Estimate, Interval, MetricId, Quality},
    stats::wilson,
};

/// The affinity index: a group's share over its share in a base, such as the platform's users of the country.
///
/// `people` is how many the share was counted among; if it is known, the figure has a 95 % interval, Wilson's of the
/// share over the base, which is taken as exact. No figure for a share outside 0 to 1, or a base that is not above 0.
#[must_use]
pub fn affinity(share: f64, base: f64, people: Option<u64>, as_of: Timestamp) -> Estimate {
    let n = people.map_or(1, |people| usize::try_from(people).unwrap_or(usize::MAX));
    let id = MetricId::AUDIENCE_AFFINITY;
    if !((0.0..=1.0).contains(&share) && base > 0.0 && base <= 1.0) || n == 0 {
        return Estimate::none(id, as_of, n, Quality::TooFew { needed: 1 });
    }
    let of_share = people.and_then(|people| wilson(share * people as f64, people as f64, 0.95));
    let interval = of_share.map(|i| Interval { lo: i.lo / base, hi: i.hi / base, level: i.level });
    Estimate::new(id, as_of, n, share / base, interval)
}
