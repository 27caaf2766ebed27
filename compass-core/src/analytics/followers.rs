//! How the follower count moves.

use jiff::{SignedDuration, Timestamp};

use super::{Counter, Estimate, Flag, Interval, Metric, MetricId, MetricUnit, Quality, SampleOf};
use crate::{Count, ProfileObservation, stats::theil_sen};

const SECONDS_A_DAY: i64 = 86_400;

/// A snapshot further than this from a posting does not tell the followers at posting.
const NEAR: i64 = 3 * SECONDS_A_DAY;

impl MetricId {
    /// Followers gained a day.
    pub const FOLLOWER_GROWTH: Self = Self("growth.followers.slope@1");
    /// Relative growth of the followers a day.
    pub const FOLLOWER_GROWTH_RATE: Self = Self("growth.followers.rate@1");
}

pub(super) static METRICS: &[Metric] = &[
    Metric {
        id: MetricId::FOLLOWER_GROWTH,
        name: "Follower growth",
        unit: MetricUnit::FollowersPerDay,
        after: "a day",
        sample: SampleOf::Looks,
        counters: &[Counter::Followers],
        meaning: "Followers gained or lost on a usual day of the last 90; single jumps hardly move it.",
        definition: "Theil-Sen slope of the follower count over the looks of the last 90 days.",
    },
    Metric {
        id: MetricId::FOLLOWER_GROWTH_RATE,
        name: "Relative follower growth",
        unit: MetricUnit::GrowthPerDay,
        after: "a day",
        sample: SampleOf::Looks,
        counters: &[Counter::Followers],
        meaning: "Growth in proportion to the account's size, to compare accounts.",
        definition: "ln(followers now / followers then) / days; the interval is what rounded counters leave open.",
    },
];

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
    pub(super) fn new(history: &[&ProfileObservation]) -> Self {
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
        let none = |why| {
            [MetricId::FOLLOWER_GROWTH, MetricId::FOLLOWER_GROWTH_RATE]
                .map(|id| Estimate::none(id, as_of, 0, why))
                .into()
        };
        let daily = self.daily(as_of.as_second().saturating_sub(over.as_secs()));
        match (self.points.is_empty(), daily.points.is_empty()) {
            (true, _) => none(Quality::Hidden),
            (false, true) => none(Quality::NoHistory),
            (false, false) => {
                let rounded = daily.is_rounded();
                [daily.slope(as_of), daily.rate(as_of)].map(|f| f.flagged(Flag::RoundedCounters, rounded)).into()
            }
        }
    }

    /// The last look of each day (UTC) from a moment on: many looks in an hour say no more of a trend than one.
    fn daily(&self, from: i64) -> Self {
        let mut points: Vec<(i64, Count)> = Vec::new();
        for &(at, count) in self.points.iter().filter(|(at, _)| *at >= from) {
            match points.last_mut() {
                Some(last) if last.0.div_euclid(SECONDS_A_DAY) == at.div_euclid(SECONDS_A_DAY) => *last = (at, count),
                _ => points.push((at, count)),
            }
        }
        Self { points }
    }

    fn is_rounded(&self) -> bool {
        self.points.iter().any(|(_, count)| !count.is_exact())
    }

    fn slope(&self, as_of: Timestamp) -> Estimate {
        let n = self.points.len();
        let start = self.points.first().map_or(0, |&(at, _)| at);
        let days: Vec<f64> = self.points.iter().map(|&(at, _)| (at - start) as f64 / SECONDS_A_DAY as f64).collect();
        let followers: Vec<f64> = self.points.iter().map(|(_, count)| count.midpoint() as f64).collect();
        let Some(line) = theil_sen(&days, &followers, 0.95) else {
            return Estimate::none(MetricId::FOLLOWER_GROWTH, as_of, n, Quality::NoHistory);
        };
        let interval = if self.is_rounded() { self.with_rounding(line.interval) } else { line.interval };
        Estimate::new(MetricId::FOLLOWER_GROWTH, as_of, n, line.slope, Some(interval))
    }

    /// The interval, and whatever growth from the first day to the last could hide in the rounding.
    fn with_rounding(&self, interval: Interval) -> Interval {
        let (Some(&(start, first)), Some(&(end, last))) = (self.points.first(), self.points.last()) else {
            return interval;
        };
        let days = (end - start) as f64 / SECONDS_A_DAY as f64;
        let gained = |from: u64, to: u64| (to as f64 - from as f64) / days;
        Interval {
            lo: interval.lo.min(gained(first.hi(), last.lo())),
            hi: interval.hi.max(gained(first.lo(), last.hi())),
            ..interval
        }
    }

    /// ln(F_t / F_0) a day. The interval is what the counters' rounding leaves open: the truth must lie in it.
    fn rate(&self, as_of: Timestamp) -> Estimate {
        let n = self.points.len();
        let (Some(&(start, first)), Some(&(end, last))) = (self.points.first(), self.points.last()) else {
            return Estimate::none(MetricId::FOLLOWER_GROWTH_RATE, as_of, n, Quality::NoHistory);
        };
        if start == end {
            return Estimate::none(MetricId::FOLLOWER_GROWTH_RATE, as_of, n, Quality::NoHistory);
        }
        if first.lo() == 0 || last.lo() == 0 {
            return Estimate::none(MetricId::FOLLOWER_GROWTH_RATE, as_of, n, Quality::NoHistory);
        }
        let days = (end - start) as f64 / SECONDS_A_DAY as f64;
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
