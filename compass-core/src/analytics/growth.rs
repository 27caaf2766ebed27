//! How much the account's counters grow.

use jiff::{SignedDuration, Timestamp};

use super::{
    Counter, Estimate, Flag, Interval, Metric, MetricId, MetricUnit, Quality, SampleOf,
    series::{DailyLevel, DailySeries},
};
use crate::stats::{drift_half_width, sen_slope};

const SECONDS_A_DAY: f64 = 86_400.0;
const DAYS_A_YEAR: f64 = 365.25;

/// A year's growth is not told from fewer days.
const ANNUAL_FROM: f64 = 90.0;

/// A day's growth is not told from a shorter time: ten followers in two seconds are not 432,000 a day.
const DAILY_FROM: f64 = 0.5;

impl MetricId {
    /// Followers gained a day.
    pub const FOLLOWER_GROWTH: Self = Self("growth.followers.slope@1");
    /// Relative growth of the followers a day.
    pub const FOLLOWER_GROWTH_RATE: Self = Self("growth.followers.rate@1");
    /// Relative growth of the followers a year.
    pub const FOLLOWER_GROWTH_ANNUAL: Self = Self("growth.followers.annual_rate@1");
    /// Likes gained a day.
    pub const LIKE_GROWTH: Self = Self("growth.likes.slope@1");
    /// Relative growth of the likes a day.
    pub const LIKE_GROWTH_RATE: Self = Self("growth.likes.rate@1");
    /// Posts a day, as the account's counter of posts shows them.
    pub const VIDEO_GROWTH: Self = Self("growth.videos.slope@1");
    /// Relative growth of the number of posts a day.
    pub const VIDEO_GROWTH_RATE: Self = Self("growth.videos.rate@1");
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
        definition: "Theil-Sen slope of the follower count over the last looks of the last 90 days; the interval is of the \
                     mean daily change, weekdays and dependent neighbours allowed for.",
    },
    Metric {
        id: MetricId::FOLLOWER_GROWTH_RATE,
        name: "Relative follower growth",
        unit: MetricUnit::GrowthPerDay,
        after: "a day",
        sample: SampleOf::Looks,
        counters: &[Counter::Followers],
        meaning: "Growth in proportion to the account's size, to compare accounts.",
        definition: "ln(followers now / followers then) / days, half a day or more; the interval is what rounded counters \
                     leave open.",
    },
    Metric {
        id: MetricId::FOLLOWER_GROWTH_ANNUAL,
        name: "Relative follower growth, a year",
        unit: MetricUnit::GrowthPerYear,
        after: "a year",
        sample: SampleOf::Looks,
        counters: &[Counter::Followers],
        meaning: "What the growth of the last year, or of the part of it that was seen, makes in a whole year.",
        definition: "365.25 ln(followers now / followers then) / days over the looks of the last 365 days, 90 days or more; \
                     the interval is what rounded counters leave open.",
    },
    Metric {
        id: MetricId::LIKE_GROWTH,
        name: "Growth of likes",
        unit: MetricUnit::LikesPerDay,
        after: "a day",
        sample: SampleOf::Looks,
        counters: &[],
        meaning: "Likes that all posts together gained on a usual day of the last 90.",
        definition: "Theil-Sen slope of the account's likes over the last looks of the last 90 days; interval as of the \
                     followers' growth.",
    },
    Metric {
        id: MetricId::LIKE_GROWTH_RATE,
        name: "Relative growth of likes",
        unit: MetricUnit::GrowthPerDay,
        after: "a day",
        sample: SampleOf::Looks,
        counters: &[],
        meaning: "Growth of the likes over all posts in proportion to their number, to compare accounts.",
        definition: "ln(likes now / likes then) / days over the last 90 days, half a day or more; the interval is what \
                     rounded counters leave open.",
    },
    Metric {
        id: MetricId::VIDEO_GROWTH,
        name: "Growth of the number of posts",
        unit: MetricUnit::PostsPerDay,
        after: "a day",
        sample: SampleOf::Looks,
        counters: &[],
        meaning: "Posts that came on a usual day of the last 90, less those that went, hidden ones included.",
        definition: "Theil-Sen slope of the account's number of posts over the last looks of the last 90 days; interval as \
                     of the followers' growth.",
    },
    Metric {
        id: MetricId::VIDEO_GROWTH_RATE,
        name: "Relative growth of posts",
        unit: MetricUnit::GrowthPerDay,
        after: "a day",
        sample: SampleOf::Looks,
        counters: &[],
        meaning: "Growth of the number of posts in proportion to it, hidden ones included.",
        definition: "ln(posts now / posts then) / days over the last 90 days, half a day or more; the interval is what \
                     rounded counters leave open.",
    },
];

/// The growth of followers over a time up to a moment, of likes and of posts; that of a year over the whole history.
///
/// The history of each counter is that up to the moment.
pub(super) fn growth(
    [followers, likes, videos]: &[DailySeries; 3],
    as_of: Timestamp,
    over: SignedDuration,
) -> Vec<Estimate> {
    let recent = |series: &DailySeries| series.since(as_of.as_second().saturating_sub(over.as_secs()));
    let year = followers.since(as_of.as_second() - 365 * SECONDS_A_DAY as i64);
    let figure = |id: MetricId, all: &DailySeries, recent: &DailySeries, figure: &dyn Fn(&[DailyLevel]) -> Figure| {
        let n = recent.points().len();
        let estimate = match figure(recent.points()) {
            _ if all.points().is_empty() => return Estimate::none(id, as_of, 0, Quality::Hidden),
            Ok((value, interval)) => Estimate::new(id, as_of, n, value, interval),
            Err(why) => Estimate::none(id, as_of, n, why),
        };
        estimate.flagged(Flag::RoundedCounters, recent.is_rounded())
    };
    vec![
        figure(MetricId::FOLLOWER_GROWTH, followers, &recent(followers), &slope),
        figure(MetricId::FOLLOWER_GROWTH_RATE, followers, &recent(followers), &rate),
        figure(MetricId::FOLLOWER_GROWTH_ANNUAL, followers, &year, &annual_rate),
        figure(MetricId::LIKE_GROWTH, likes, &recent(likes), &slope),
        figure(MetricId::LIKE_GROWTH_RATE, likes, &recent(likes), &rate),
        figure(MetricId::VIDEO_GROWTH, videos, &recent(videos), &slope),
        figure(MetricId::VIDEO_GROWTH_RATE, videos, &recent(videos), &rate),
    ]
}

/// A value with its interval, or why there is none.
type Figure = Result<(f64, Option<Interval>), Quality>;

fn slope(points: &[DailyLevel]) -> Figure {
    const LEVEL: f64 = 0.95;
    let (first, _) = ends(points)?;
    let times: Vec<f64> = points.iter().map(|point| (point.at - first.at) as f64 / SECONDS_A_DAY).collect();
    let levels: Vec<f64> = points.iter().map(|point| point.value() as f64).collect();
    let days: Vec<i64> = points.iter().map(|point| point.day).collect();
    let slope = sen_slope(&times, &levels).ok_or(Quality::NoHistory)?;
    let interval = drift_half_width(&days, &levels, LEVEL)
        .map(|half| with_rounding(points, Interval { lo: slope - half, hi: slope + half, level: LEVEL }));
    Ok((slope, interval))
}

/// The interval, and whatever growth from the first day to the last could hide in the rounding.
fn with_rounding(points: &[DailyLevel], interval: Interval) -> Interval {
    let rounded = points.iter().any(|point| !point.count.is_exact());
    let (Some(first), Some(last), true) = (points.first(), points.last(), rounded) else {
        return interval;
    };
    let gained = |from: u64, to: u64| (to as f64 - from as f64) / days_between(first, last);
    Interval {
        lo: interval.lo.min(gained(first.count.hi(), last.count.lo())),
        hi: interval.hi.max(gained(first.count.lo(), last.count.hi())),
        ..interval
    }
}

/// ln(F_t / F_0) a day. It is what happened, not what a day usually brings: its interval is what the counters' rounding
/// leaves open, and the truth must lie in it.
fn rate(points: &[DailyLevel]) -> Figure {
    let (first, last) = ends(points)?;
    if first.count.lo() == 0 || last.count.lo() == 0 {
        return Err(Quality::NoHistory);
    }
    let rate = |from: u64, to: u64| (to as f64 / from as f64).ln() / days_between(first, last);
    let interval = Interval {
        lo: rate(first.count.hi(), last.count.lo()),
        hi: rate(first.count.lo(), last.count.hi()),
        level: 1.0,
    };
    let bounded = !first.count.is_exact() || !last.count.is_exact();
    Ok((rate(first.count.midpoint(), last.count.midpoint()), bounded.then_some(interval)))
}

fn annual_rate(points: &[DailyLevel]) -> Figure {
    let (value, interval) = rate(points)?;
    let days = points.first().zip(points.last()).map_or(0.0, |(first, last)| days_between(first, last));
    if days < ANNUAL_FROM {
        return Err(Quality::NoHistory);
    }
    let interval = interval.map(|i| Interval { lo: i.lo * DAYS_A_YEAR, hi: i.hi * DAYS_A_YEAR, ..i });
    Ok((value * DAYS_A_YEAR, interval))
}

/// The first day and the last, if they lie far enough apart.
fn ends(points: &[DailyLevel]) -> Result<(&DailyLevel, &DailyLevel), Quality> {
    let ends = points.first().zip(points.last());
    ends.filter(|(first, last)| days_between(first, last) >= DAILY_FROM).ok_or(Quality::NoHistory)
}

fn days_between(first: &DailyLevel, last: &DailyLevel) -> f64 {
    (last.at - first.at) as f64 / SECONDS_A_DAY
}
