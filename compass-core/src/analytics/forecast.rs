//! How many followers the creator will have, if things go on as they have.

use jiff::{Timestamp, civil::Date};

use super::{Estimate, Interval, Metric, MetricId, MetricUnit, Quality, SampleOf};
use crate::stats::forecast::{Method, project};

impl MetricId {
    /// Followers at the end of a forecast.
    pub const FOLLOWER_FORECAST: Self = Self("forecast.followers.28d@1");
}

pub(super) static METRICS: &[Metric] = &[Metric {
    id: MetricId::FOLLOWER_FORECAST,
    name: "Followers in four weeks",
    unit: MetricUnit::Followers,
    after: "",
    sample: SampleOf::Looks,
    counters: &[super::Counter::Followers],
    meaning: "Where the follower count goes if it goes on as it has.",
    definition: "Forecast 28 days ahead by the method (naive with drift, the same with weekly season, damped-trend \
                 exponential smoothing, Theta) with the least mean absolute scaled error from earlier days; 80 % \
                 interval from that method's own errors 28 days ahead since the pace last changed, none where too \
                 few of them are independent.",
}];

/// A counter in the days to come.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Forecast {
    /// The last day of the forecast as a figure; thin where it has no interval.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Estimate))]
    pub end: Estimate,
    /// The method whose word is taken; `None` if no day was observed.
    pub method: Option<Method>,
    /// How well each method did from earlier days; empty if there are too few to tell.
    pub errors: Vec<MethodError>,
    /// The days to come, in order.
    pub days: Vec<ForecastDay>,
    /// Nominal coverage of the intervals.
    pub level: f64,
    /// Days observed.
    pub n: u64,
    /// The first day that counts, UTC: that of the last change of pace, or the first observed. With fewer than eight
    /// weeks since then there is no interval. `None` if no day was observed.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
    pub since: Option<Date>,
    /// How often intervals made in the same way on earlier days held what came then.
    pub past_coverage: ForecastCoverage,
}

/// The error of a method.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MethodError {
    /// Which method.
    pub method: Method,
    /// Mean absolute error of its forecasts from earlier days, in units of the usual change over seven days.
    pub mase: f64,
}

/// A day to come.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ForecastDay {
    /// The day, UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub day: Date,
    /// The forecast.
    pub value: f64,
    /// Its interval; null where the past does not tell how far off it can be.
    pub interval: Option<Interval>,
}

/// How often earlier intervals held.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ForecastCoverage {
    /// Share of the days that lay in the interval made for them; null if there was none.
    pub value: Option<f64>,
    /// Days that an interval had been made for and that are known by now.
    pub n: u64,
}

/// Nominal coverage of a forecast's intervals.
const LEVEL: f64 = 0.8;

/// A counter does not leave these bounds, nor is a larger one observed.
const LARGEST: f64 = 1e18;

/// Forecasts a counter `horizon` days beyond its last day.
///
/// `days` holds a value a day, `None` where none was observed (as is one below zero or not finite); `first_day` is the
/// first of them in days since 1970-01-01, UTC. Trailing missing days count as past: the forecast begins after them.
/// Days beyond the year 9999 are left out. Days before the last change of pace do not count, and an interval is given
/// only where it holds what it says: see [`project`].
///
/// ```
/// use compass_core::analytics::forecast;
/// let days: Vec<Option<f64>> = (0..90).map(|d| Some(1_000.0 + 10.0 * f64::from(d))).collect();
/// let forecast = forecast(&days, 20_000, 7, "2025-01-01T00:00:00Z".parse()?);
/// assert_eq!(forecast.days.len(), 7);
/// assert!((forecast.days[6].value - 1_960.0).abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn forecast(days: &[Option<f64>], first_day: i64, horizon: usize, as_of: Timestamp) -> Forecast {
    let days: Vec<Option<f64>> = days.iter().map(|day| day.filter(|v| (0.0..=LARGEST).contains(v))).collect();
    let id = MetricId::FOLLOWER_FORECAST;
    let projection = project(&days, horizon, LEVEL);
    let Some(projection) = projection.filter(|p| p.n > 0 && !p.ahead.is_empty()) else {
        return Forecast {
            end: Estimate::none(id, as_of, 0, Quality::NoHistory),
            method: None,
            errors: Vec::new(),
            days: Vec::new(),
            level: LEVEL,
            n: 0,
            since: None,
            past_coverage: ForecastCoverage { value: None, n: 0 },
        };
    };
    let n = projection.n;
    let counter = |value: f64| value.clamp(0.0, LARGEST);
    let points = projection.ahead.iter().map(|ahead| {
        let interval = ahead.reach.map(|reach| Interval {
            lo: counter(ahead.value - reach),
            hi: counter(ahead.value + reach),
            level: LEVEL,
        });
        (counter(ahead.value), interval)
    });
    let dates = (0_i64..).map_while(|ahead| date(first_day.checked_add(days.len() as i64)?.checked_add(ahead)?));
    let ahead: Vec<ForecastDay> =
        points.zip(dates).map(|((value, interval), day)| ForecastDay { day, value, interval }).collect();
    let end = match ahead.last() {
        // One look says where the counter is and nothing of where it goes.
        Some(last) if n > 1 && ahead.len() == horizon => Estimate::new(id, as_of, n, last.value, last.interval),
        _ => Estimate::none(id, as_of, n, Quality::TooFew { needed: 2 }),
    };
    let errors = Method::ALL.into_iter().zip(projection.mase);
    Forecast {
        end: Estimate {
            quality: if end.value.is_some() && end.interval.is_none() { Quality::Thin } else { end.quality },
            ..end
        },
        method: Some(projection.method),
        errors: errors.filter_map(|(method, mase)| Some(MethodError { method, mase: mase? })).collect(),
        days: ahead,
        level: LEVEL,
        n: n as u64,
        since: first_day.checked_add(projection.since as i64).and_then(date),
        past_coverage: ForecastCoverage {
            value: (projection.past.of > 0).then(|| projection.past.inside as f64 / projection.past.of as f64),
            n: projection.past.of as u64,
        },
    }
}

/// The civil date of a day since 1970-01-01; `None` beyond the calendar.
fn date(day: i64) -> Option<Date> {
    let seconds = day.checked_mul(86_400)?;
    Timestamp::from_second(seconds).ok().map(|at| at.to_zoned(jiff::tz::TimeZone::UTC).date())
}
