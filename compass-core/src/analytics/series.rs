//! A counter of the account, day by day.

use std::ops::RangeInclusive;

use jiff::{Timestamp, civil::Date, tz::Offset};

use crate::{AccountLook, Count, ProfileCounts};

const SECONDS_A_DAY: i64 = 86_400;

/// Which counter of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Level {
    /// Accounts that follow it.
    Followers,
    /// Likes over all its posts.
    Likes,
    /// Its posts.
    Videos,
}

/// The last look at a counter on each day (UTC) that has one: many looks in an hour say no more of a trend than one.
///
/// Days without a look are missing, not filled. A counter may fall, to zero even: that is what was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DailySeries {
    level: Level,
    points: Vec<DailyLevel>,
}

/// A counter at the last look of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DailyLevel {
    /// Whole days since 1970, UTC.
    pub day: i64,
    /// When it was looked at, seconds since 1970, UTC.
    pub at: i64,
    /// What was shown.
    pub count: Count,
}

/// What a counter was at the last look of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DailyCount {
    /// The day, UTC.
    pub day: Date,
    /// What was shown.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Count))]
    pub count: Count,
}

/// How a counter changed from one day to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DailyChange {
    /// The later day, UTC.
    pub day: Date,
    /// What was gained from the last look of the day before to the last look of this day; of rounded counters, from
    /// midpoint to midpoint.
    pub change: i64,
}

impl Level {
    /// The counter among those of a look.
    #[must_use]
    pub fn of(self, counts: &ProfileCounts) -> Option<Count> {
        match self {
            Self::Followers => counts.followers,
            Self::Likes => counts.likes,
            Self::Videos => counts.videos,
        }
    }
}

impl DailySeries {
    /// The days of a history up to a moment. The observations may come in any order; of two at one moment the later in
    /// the order of sources counts.
    #[must_use]
    pub fn new(history: impl IntoIterator<Item: Into<AccountLook>>, level: Level, as_of: Timestamp) -> Self {
        let mut looks: Vec<_> = history
            .into_iter()
            .map(Into::<AccountLook>::into)
            .filter(|look| look.observed_at <= as_of)
            .filter_map(|look| level.of(&look.counts).map(|count| (look.observed_at.as_second(), look, count)))
            .collect();
        looks.sort_by_key(|(_, look, _)| (look.observed_at, look.source));
        let mut points: Vec<DailyLevel> = Vec::with_capacity(looks.len());
        for (at, _, count) in looks {
            let point = DailyLevel { day: at.div_euclid(SECONDS_A_DAY), at, count };
            match points.last_mut() {
                Some(last) if last.day == point.day => *last = point,
                _ => points.push(point),
            }
        }
        Self { level, points }
    }

    /// The days whose look is not before a moment.
    #[must_use]
    pub fn since(&self, second: i64) -> Self {
        let from = self.points.partition_point(|point| point.at < second);
        Self { level: self.level, points: self.points[from..].to_vec() }
    }

    /// Which counter it is.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// The days with a look, oldest first.
    #[must_use]
    pub fn points(&self) -> &[DailyLevel] {
        &self.points
    }

    /// Whether some count is a range.
    #[must_use]
    pub fn is_rounded(&self) -> bool {
        self.points.iter().any(|point| !point.count.is_exact())
    }

    /// The changes between days that follow each other, with the later day; a gap gives none.
    pub fn changes(&self) -> impl Iterator<Item = (i64, i64)> {
        self.steps().map(|step| (step.day(), step.change()))
    }

    /// The changes between days that follow each other whose counts were both exact, a day apart: 12 to 36 hours. What
    /// came within a minute over midnight, or in nearly two days, is not the change of a day.
    pub fn exact_changes(&self) -> impl Iterator<Item = (i64, i64)> {
        const A_DAY: RangeInclusive<i64> = SECONDS_A_DAY / 2..=SECONDS_A_DAY * 3 / 2;
        self.steps()
            .filter(|step| step.left_open() == 0.0 && A_DAY.contains(&(step.after.at - step.before.at)))
            .map(|step| (step.day(), step.change()))
    }

    /// The last days, so many at most, up to the last with a look.
    pub(super) fn last_days(&self, most: i64) -> Self {
        let last = self.points.last().map_or(0, |point| point.day);
        self.since((last + 1 - most) * SECONDS_A_DAY)
    }

    /// The days that follow each other, oldest first.
    pub(super) fn steps(&self) -> impl Iterator<Item = Step<'_>> {
        let pairs = self.points.windows(2).map(|pair| Step { before: &pair[0], after: &pair[1] });
        pairs.filter(|step| step.before.day + 1 == step.after.day)
    }
}

/// A day and the next, both with a look.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step<'a> {
    before: &'a DailyLevel,
    after: &'a DailyLevel,
}

impl Step<'_> {
    /// The later day.
    pub(super) fn day(self) -> i64 {
        self.after.day
    }

    /// What was gained; of rounded counters, from midpoint to midpoint.
    pub(super) fn change(self) -> i64 {
        self.after.value().saturating_sub(self.before.value())
    }

    /// What was gained of the logarithm; zero has none.
    pub(super) fn log_change(self) -> Option<f64> {
        let (before, after) = (self.before.value(), self.after.value());
        (before > 0 && after > 0).then(|| (after as f64 / before as f64).ln())
    }

    /// How far rounding lets the true change lie from the one that is told.
    pub(super) fn left_open(self) -> f64 {
        [self.before, self.after].map(|level| (level.count.hi() - level.count.lo()) as f64 / 2.0).iter().sum()
    }
}

impl DailyLevel {
    /// The count; of a range, its middle.
    #[must_use]
    pub fn value(&self) -> i64 {
        i64::try_from(self.count.midpoint()).expect("a count fits a signed integer")
    }

    /// The day, UTC.
    #[must_use]
    pub fn date(&self) -> Date {
        date(self.day)
    }
}

/// The date of so many whole days since 1970, UTC.
pub(super) fn date(day: i64) -> Date {
    let noon = Timestamp::from_second(day * SECONDS_A_DAY + SECONDS_A_DAY / 2);
    Offset::UTC.to_datetime(noon.unwrap_or(Timestamp::MAX)).date()
}
