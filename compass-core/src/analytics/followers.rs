//! How the follower count moves.

use jiff::{SignedDuration, Timestamp};

use super::{Estimate, Flag, Interval, MetricId, Quality};
use crate::{Count, ProfileObservation, stats::theil_sen};

const SECONDS_A_DAY: f64 = 86_400.0;

/// A snapshot further than this from a posting does not tell the followers at posting.
const NEAR: i64 = 3 * 86_400;

/// The follower counts that were observed, oldest first.
#[derive(Debug)]
pub(super) struct FollowerSeries {
    points: Vec<(i64, Count)>,
}

/// Followers around a moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct FollowersAt {
    pub(super) followers: f64,
    /// Whether the observation is near the moment.
    pub(super) at_the_time: bool,
}

impl FollowerSeries {
    pub(super) fn new(history: &[ProfileObservation]) -> Self {
        let mut points: Vec<(i64, Count)> =
            history.iter().filter_map(|o| o.counts.followers.map(|f| (o.observed_at.as_second(), f))).collect();
        points.sort_by_key(|&(at, _)| at);
        // Of two looks at one moment the later one counts.
        points.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                *kept = *later;
            }
            same
        });
        Self { points }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    pub(super) fn latest(&self) -> Option<u64> {
        self.points.last().map(|(_, count)| count.midpoint())
    }

    /// The observation nearest to a moment.
    pub(super) fn at(&self, second: i64) -> Option<FollowersAt> {
        let after = self.points.partition_point(|&(at, _)| at < second);
        let nearest = self.points[after.saturating_sub(1)..].iter().take(2);
        let (at, count) = nearest.min_by_key(|(at, _)| at.abs_diff(second))?;
        Some(FollowersAt {
            followers: count.midpoint() as f64,
            at_the_time: at.abs_diff(second) <= NEAR.unsigned_abs(),
        })
    }

    /// Followers gained a day over the last so long: as a Theil-Sen slope, and as a growth rate from first to last.
    pub(super) fn growth(&self, as_of: Timestamp, over: SignedDuration) -> Vec<Estimate> {
        let from = as_of.as_second().saturating_sub(over.as_secs());
        let recent = Self { points: self.points.iter().copied().filter(|&(at, _)| at >= from).collect() };
        let rounded = recent.points.iter().any(|(_, count)| !count.is_exact());
        vec![
            recent.slope(as_of).flagged(Flag::RoundedCounters, rounded),
            recent.rate(as_of).flagged(Flag::RoundedCounters, rounded),
        ]
    }

    fn slope(&self, as_of: Timestamp) -> Estimate {
        let n = self.points.len();
        let Some(&(start, _)) = self.points.first() else {
            return Estimate::none(MetricId::FOLLOWER_GROWTH, as_of, 0, Quality::Hidden);
        };
        let days: Vec<f64> = self.points.iter().map(|&(at, _)| (at - start) as f64 / SECONDS_A_DAY).collect();
        let followers: Vec<f64> = self.points.iter().map(|(_, count)| count.midpoint() as f64).collect();
        match theil_sen(&days, &followers, 0.95) {
            Some(line) => Estimate::new(MetricId::FOLLOWER_GROWTH, as_of, n, line.slope, Some(line.interval)),
            None => Estimate::none(MetricId::FOLLOWER_GROWTH, as_of, n, Quality::NoHistory),
        }
    }

    /// ln(F_t / F_0) a day. The interval is what the counters' rounding leaves open: the truth must lie in it.
    fn rate(&self, as_of: Timestamp) -> Estimate {
        let n = self.points.len();
        let (Some(&(start, first)), Some(&(end, last))) = (self.points.first(), self.points.last()) else {
            return Estimate::none(MetricId::FOLLOWER_GROWTH_RATE, as_of, n, Quality::Hidden);
        };
        if start == end {
            return Estimate::none(MetricId::FOLLOWER_GROWTH_RATE, as_of, n, Quality::NoHistory);
        }
        if first.lo() == 0 || last.lo() == 0 {
            return Estimate::none(MetricId::FOLLOWER_GROWTH_RATE, as_of, n, Quality::TooFew { needed: 1 });
        }
        let days = (end - start) as f64 / SECONDS_A_DAY;
        let rate = |from: u64, to: u64| (to as f64 / from as f64).ln() / days;
        let interval = Interval { lo: rate(first.hi(), last.lo()), hi: rate(first.lo(), last.hi()), level: 1.0 };
        let bounded = !first.is_exact() || !last.is_exact();
        Estimate::new(
            MetricId::FOLLOWER_GROWTH_RATE,
            as_of,
            n,
            rate(first.midpoint(), last.midpoint()),
            bounded.then_some(interval),
        )
    }
}
