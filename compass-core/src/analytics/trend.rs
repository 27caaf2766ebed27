//! Does a counter's daily gain tend up or down, and where did its growth change?

use jiff::civil::Date;

use super::series::{DailyChange, DailyCount, DailySeries, Level, Step, date};
use crate::stats::{MannKendall, correlated_seasonal_mann_kendall, hamed_rao, mad, mann_kendall, median, pelt};

/// A day's change depends on its weekday.
const WEEK: usize = 7;

/// Three years tell how a counter moves now. The test takes a time that grows with the square of the days.
const MOST_DAYS: i64 = 3 * 365;

/// A trend is told as one of now: of a counter that is rounded since it passed a million, or that is looked at once a month
/// since, the changes that can be tested ended long ago.
const RECENT_DAYS: i64 = 28;

/// How a counter of the account moved.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LevelTrend {
    /// Which counter.
    pub level: Level,
    /// The first day with a look, UTC.
    pub first_day: Date,
    /// The last day with a look, UTC.
    pub last_day: Date,
    /// Days with a look.
    pub days: u64,
    /// Days without a look between the first and the last.
    pub missing_days: u64,
    /// The counter on each day with a look, oldest first, of the last three years up to the last look. Days without one
    /// are missing.
    pub counts: Vec<DailyCount>,
    /// The changes between days that follow each other, oldest first, of the last three years up to the last look.
    pub changes: Vec<DailyChange>,
    /// Whether these daily changes tend up or down; `None` with fewer than ten that rounding hardly blurs, or if the last
    /// of them is more than four weeks older than the last look: it would be a trend of another time.
    pub test: Option<TrendTest>,
    /// Where the growth of these years changed, oldest first; none with fewer than 20 changes that rounding hardly
    /// blurs.
    pub change_points: Vec<ChangePoint>,
}

/// A test of the daily changes for a trend: does growth speed up or slow down? A counter itself always tends somewhere.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrendTest {
    /// What the test found.
    pub test: MannKendall,
    /// A trend is told where p is below this.
    pub below: f64,
    /// What is told.
    pub trend: Trend,
}

/// What a trend test tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Trend {
    /// The daily gain grows.
    Rising,
    /// The daily gain shrinks.
    Falling,
    /// Neither is shown, which does not mean that there is none.
    NotShown,
}

/// A day from which on the counter grew at another pace.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangePoint {
    /// The first day of the new pace, UTC.
    pub day: Date,
    /// The mean daily change of the logarithm before, back to the change-point before it.
    pub before: f64,
    /// The mean daily change of the logarithm from then on, up to the next change-point.
    pub after: f64,
}

/// How a counter moved; `None` if it was never seen.
#[must_use]
pub fn level_trend(series: &DailySeries) -> Option<LevelTrend> {
    let (first, last) = (series.points().first()?, series.points().last()?);
    let days = series.points().len() as u64;
    let recent = series.last_days(MOST_DAYS);
    let told = hardly_blurred(&recent);
    Some(LevelTrend {
        level: series.level(),
        first_day: first.date(),
        last_day: last.date(),
        days,
        missing_days: last.day.abs_diff(first.day) + 1 - days,
        test: told
            .last()
            .filter(|step| last.day - step.day() <= RECENT_DAYS)
            .and_then(|_| TrendTest::of(&by_day(&told))),
        change_points: change_points(&told),
        counts: recent.points().iter().map(|point| DailyCount { day: point.date(), count: point.count }).collect(),
        changes: recent.changes().map(|(day, change)| DailyChange { day: date(day), change }).collect(),
    })
}

impl TrendTest {
    /// Fewer changes are not tested.
    const FEWEST: usize = 10;

    /// Of weekdays with fewer values, the seasonal test knows too little.
    const WEEKS: usize = 8;

    /// Tests the changes of days that follow each other.
    ///
    /// Over eight weeks and more with a change on three days in four, each weekday is a season, and the seasons may
    /// depend on each other (Hirsch and Slack). A shorter series has the larger of the original variance and that of
    /// Hamed and Rao, and tells a trend at 1 % only: at 5 %, one null series in seven with an autocorrelation of 0.3
    /// would be told to have one.
    fn of(changes: &[Option<f64>]) -> Option<Self> {
        let present = changes.iter().flatten().count();
        if present < Self::FEWEST {
            return None;
        }
        let weeks = changes.len() >= Self::WEEKS * WEEK && 4 * present >= 3 * changes.len();
        let seasonal = || correlated_seasonal_mann_kendall(changes, WEEK).map(|test| Self::new(test, 0.05));
        let cautious = || {
            let original = mann_kendall(changes)?;
            let modified = hamed_rao(changes, 0.05).filter(|modified| modified.var_s > original.var_s);
            Some(Self::new(modified.unwrap_or(original), 0.01))
        };
        if weeks { seasonal().or_else(cautious) } else { cautious() }
    }

    fn new(test: MannKendall, below: f64) -> Self {
        let trend = match test.p < below {
            true if test.s > 0.0 => Trend::Rising,
            true => Trend::Falling,
            false => Trend::NotShown,
        };
        Self { test, below, trend }
    }
}

/// The changes of which rounding leaves little open beside what days differ by: a quarter at most of the robust
/// standard deviation of these changes. The widest are left out until that holds; exact ones always stay.
///
/// The error of a change between two rounded counts is the difference of two even ones, so at a quarter it adds a
/// hundredth to the variance. A counter that is shown in steps of 100,000 and gains 1,000 a day rests for months and
/// leaps: neither is what happened, and nothing is told of its pace.
fn hardly_blurred(series: &DailySeries) -> Vec<Step<'_>> {
    const SHARE: f64 = 0.25;
    let mut steps: Vec<Step<'_>> = series.steps().collect();
    loop {
        let changes: Vec<f64> = steps.iter().map(|step| step.change() as f64).collect();
        let widest = steps.iter().map(|step| step.left_open()).fold(0.0, f64::max);
        if widest <= SHARE * mad(&changes).unwrap_or(0.0) {
            return steps;
        }
        steps.retain(|step| step.left_open() < widest);
    }
}

/// The changes by day, from the first to the last; days without one are `None`.
fn by_day(steps: &[Step<'_>]) -> Vec<Option<f64>> {
    let (Some(first), Some(last)) = (steps.first(), steps.last()) else {
        return Vec::new();
    };
    let place = |step: &Step<'_>| step.day().abs_diff(first.day()) as usize;
    let mut values = vec![None; place(last) + 1];
    for step in steps {
        values[place(step)] = Some(step.change() as f64);
    }
    values
}

/// Cuts where the mean daily log change differs: PELT with a squared-error cost. None with fewer than 20 changes.
fn change_points(steps: &[Step<'_>]) -> Vec<ChangePoint> {
    const FEWEST: usize = 20;
    const MIN_SIZE: usize = 3;
    let (days, values): (Vec<i64>, Vec<f64>) =
        steps.iter().filter_map(|step| Some((step.day(), step.log_change()?))).unzip();
    let penalty = penalty(&values).filter(|_| values.len() >= FEWEST);
    let cuts = penalty.and_then(|penalty| pelt(&values, MIN_SIZE, penalty)).unwrap_or_default();
    let bounds: Vec<usize> = [0].into_iter().chain(cuts).chain([values.len()]).collect();
    let mean = |from: usize, to: usize| values[from..to].iter().sum::<f64>() / (to - from) as f64;
    bounds
        .windows(3)
        .map(|cut| ChangePoint { day: date(days[cut[1]]), before: mean(cut[0], cut[1]), after: mean(cut[1], cut[2]) })
        .collect()
}

/// 8 sigma² ln n, sigma from the median absolute deviation of the differences, which changes of the mean hardly touch.
///
/// The usual 2 sigma² ln n is for independent values: with an autocorrelation of 0.3 it finds change-points in two of
/// three series that have none, over a year in four of five. Four times as much finds them in one of twenty at most.
///
/// `None` for constant values. Where more than half of the differences are the same, as of counters that rest on most
/// days, their standard deviation stands in.
fn penalty(values: &[f64]) -> Option<f64> {
    let mut differences: Vec<f64> = values.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let squares = differences.iter().map(|d| d * d).sum::<f64>() / differences.len() as f64;
    let centre = median(&mut differences)?;
    differences.iter_mut().for_each(|d| *d = (*d - centre).abs());
    let robust = 1.4826 * median(&mut differences)?;
    let variance = if robust > 0.0 { robust * robust } else { squares } / 2.0;
    (variance > 0.0).then(|| 8.0 * variance * (values.len() as f64).ln())
}
