//! Which method to believe, and how far.

use statrs::distribution::{Continuous as _, ContinuousCDF as _, Normal};

use super::{
    Drift, Method, WEEK,
    ets::Unit,
    overlap::Overlap,
    pace::{Pace, pace},
    rolling::Rolling,
};
use crate::stats::quantile;

/// The days after a series.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    /// The method whose word is taken.
    pub method: Method,
    /// The mean absolute scaled error of each method, in the order of [`Method::ALL`]: its error over the rolling
    /// origins of the latter half of the series, in units of the mean change over seven days. `None` if there is no
    /// such origin or the series repeats itself every week.
    pub mase: [Option<f64>; 4],
    /// One after the other, from the day after the series on.
    pub ahead: Vec<Ahead>,
    /// The first day that counts, in days of the series: that of the last change of pace, or the first observed.
    pub since: usize,
    /// Days observed.
    pub n: usize,
    /// How the same procedure would have done on earlier days.
    pub past: PastCoverage,
}

/// A day to come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ahead {
    /// The forecast.
    pub value: f64,
    /// Half the width of its interval; `None` where the past does not tell how far off it can be.
    pub reach: Option<f64>,
}

/// Days that are known now among those that earlier forecasts gave an interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PastCoverage {
    /// How many lay inside.
    pub inside: usize,
    /// How many there were.
    pub of: usize,
}

/// Fewer observed days than this are forecast by [`Method::Naive`] alone.
pub const FEWEST: usize = 2 * WEEK;

/// An interval is given if the errors behind it, of independent changes, are worth at least so many independent ones.
const INDEPENDENT: f64 = 16.0;

/// Earlier days from which the procedure is tried.
const TRIALS: usize = 6;

/// Forecasts the `horizon` days after a series, with intervals of a level; `None` if no day was observed or a value is
/// not finite.
///
/// Every method forecasts from many earlier days, each time from what was known then. The one with the least mean
/// absolute error over the latter half is chosen; half the width of the interval some days ahead is the quantile of
/// its own absolute errors that many days ahead ("split conformal", Lei et al., JASA 113, 2018), with two remedies:
///
/// - A method was further off when it knew less. Errors are brought to what they would be today: of a line through a
///   random walk by theory ("locally weighted" there), beyond that by a power of the days known, as far as the errors
///   show one.
/// - Errors of neighbouring origins share most of their days. For a series of independent changes two errors `h` days
///   ahead and `k` days apart correlate by 1 - k/h, where neighbouring changes go together by more, and where errors are
///   those of single looks by less; that makes their number worth less, and the quantile is widened as Student's t with
///   the number it is worth is wider than the normal.
///
/// Only days since the last change of pace count: what was before says nothing of the days to come. There is no interval
/// if these are fewer than eight weeks, or if the errors of independent changes would be worth fewer than 16.
#[must_use]
pub fn project(days: &[Option<f64>], horizon: usize, level: f64) -> Option<Projection> {
    let start = days.iter().position(Option::is_some)?;
    let days = &days[start..];
    let unit = Unit::of(days)?;
    let scaled: Vec<Option<f64>> = days.iter().map(|day| day.map(|value| unit.scaled(value))).collect();
    let n = days.iter().flatten().count();
    if n < FEWEST || horizon == 0 {
        let line = Drift::of(&scaled);
        let ahead = (1..=horizon).filter_map(|ahead| line.forecast(ahead));
        return Some(Projection {
            method: Method::Naive,
            mase: [None; 4],
            ahead: ahead.map(|value| Ahead { value: unit.level(value), reach: None }).collect(),
            since: start,
            n,
            past: PastCoverage::default(),
        });
    }
    let Pace { since, settled } = pace(&scaled);
    let scaled = &scaled[since..];
    let judge = Judge::of(Rolling::over(scaled, horizon), level);
    let last = judge.rolling.origins.len() - 1;
    let (method, errors) = judge.choose(last);
    let scale = weekly_change(scaled);
    let reach = if settled { judge.reach(method, last) } else { vec![None; horizon] };
    let ahead = judge.rolling.forecasts(method).iter().zip(reach);
    Some(Projection {
        method,
        mase: errors.map(|error| Some(error? / scale?)),
        ahead: ahead
            .map(|(&value, reach)| Ahead { value: unit.level(value), reach: reach.map(|r| unit.difference(r)) })
            .collect(),
        since: start + since,
        n,
        past: if settled { judge.trials() } else { PastCoverage::default() },
    })
}

/// The mean absolute change over a week, in which MASE counts (Hyndman and Koehler 2006); `None` if there is none.
fn weekly_change(days: &[Option<f64>]) -> Option<f64> {
    let changes = days.iter().skip(WEEK).zip(days).filter_map(|(to, from)| Some((to.as_ref()? - from.as_ref()?).abs()));
    let (sum, n) = changes.fold((0.0, 0.0), |(sum, n), change| (sum + change, n + 1.0));
    (sum > 0.0).then(|| sum / n)
}

struct Judge {
    rolling: Rolling,
    /// By origin: days known, and the logarithm of that.
    ages: Vec<(f64, f64)>,
    width: Width,
}

impl Judge {
    fn of(rolling: Rolling, level: f64) -> Self {
        let ages = rolling.origins.iter().map(|&origin| (origin as f64, (origin as f64).ln())).collect();
        Self { rolling, ages, width: Width::of(level) }
    }

    /// Origins from `from` days on whose forecast so many days ahead is known to be right or wrong at an origin.
    fn settled(&self, from: usize, at: usize, ahead: usize) -> std::ops::Range<usize> {
        let origins = &self.rolling.origins;
        let start = origins.partition_point(|&o| o < from);
        let end = origins.partition_point(|&o| o + ahead <= origins[at]);
        start..end.max(start)
    }

    /// The method with the least mean absolute error as known at an origin, the simplest of equals; and all errors.
    fn choose(&self, at: usize) -> (Method, [Option<f64>; 4]) {
        let half = self.rolling.origins[at].div_ceil(2);
        let errors = Method::ALL.map(|method| {
            let (mut sum, mut n) = (0.0, 0_usize);
            for ahead in 1..=self.rolling.horizon {
                for error in &self.rolling.errors(method, ahead)[self.settled(half, at, ahead)] {
                    let known = !error.is_nan();
                    sum += if known { error.abs() } else { 0.0 };
                    n += usize::from(known);
                }
            }
            (n > 0).then(|| sum / n as f64)
        });
        let least = Method::ALL.into_iter().min_by(|&a, &b| {
            let error = |method: Method| errors[method as usize].unwrap_or(f64::INFINITY);
            error(a).total_cmp(&error(b))
        });
        (least.expect("there are four methods"), errors)
    }

    /// Half the width of a method's interval at an origin, by day ahead.
    fn reach(&self, method: Method, at: usize) -> Vec<Option<f64>> {
        let known = self.rolling.origins[at] as f64;
        // The line through the ends of a random walk of n changes adds h²/n to the variance h of h changes; half the
        // slope of the least-squares line, whose variance is 6/(5n), adds 0.3 h²/n.
        let share = match method {
            Method::Naive | Method::SeasonalNaive => 1.0,
            Method::Theta => 0.3,
            Method::Ets => 0.0,
        };
        let mut scores = Vec::with_capacity(at);
        let mut ages = Vec::with_capacity(at);
        let stride = self.rolling.stride;
        let known_errors = |ahead: usize| &self.rolling.errors(method, ahead)[self.settled(0, at, ahead)];
        let days = self.rolling.origins[at] + self.rolling.horizon;
        let (independent, overlap) = (Overlap::of_independent(days), Overlap::of(known_errors(1), stride, days));
        let of_a_day = mean_size(known_errors(1));
        (1..=self.rolling.horizon)
            .map(|ahead| {
                let deviation = |days: f64| (1.0 + share * ahead as f64 / days).sqrt();
                scores.clear();
                ages.clear();
                for (error, &age) in known_errors(ahead).iter().zip(&self.ages[self.settled(0, at, ahead)]) {
                    if !error.is_nan() {
                        scores.push(error.abs() / deviation(age.0));
                        ages.push(age.1);
                    }
                }
                if independent.worth(scores.len(), stride, ahead, ahead as f64) < INDEPENDENT {
                    return None;
                }
                let grown = if of_a_day > 0.0 { mean_size(known_errors(ahead)) / of_a_day } else { f64::INFINITY };
                let worth = overlap.worth(scores.len(), stride, ahead, grown * grown);
                let learning = Learning::of(&scores, &ages, worth);
                let worth = learning.apply(&mut scores, &ages, self.ages[at].1, worth);
                let score = quantile(&mut scores, self.width.level)?;
                Some(score * self.width.widening(worth) * deviation(known))
            })
            .collect()
    }

    /// Chooses and forecasts on earlier days of the latter half, with nothing but what was known there.
    fn trials(&self) -> PastCoverage {
        let origins = &self.rolling.origins;
        let last = origins.len() - 1;
        let first = self.settled(origins[last].div_ceil(2), last, 1).start;
        let mut past = PastCoverage::default();
        for trial in 0..TRIALS.min(last - first.min(last)) {
            let at = first + trial * (last - first) / TRIALS.min(last - first);
            let (method, _) = self.choose(at);
            for (ahead, reach) in self.reach(method, at).into_iter().enumerate() {
                let error = self.rolling.errors(method, ahead + 1)[at];
                if let Some(reach) = reach.filter(|_| !error.is_nan()) {
                    past.of += 1;
                    past.inside += usize::from(error.abs() <= reach);
                }
            }
        }
        past
    }
}

/// The mean absolute value of the errors that are known; 0 if none is.
fn mean_size(errors: &[f64]) -> f64 {
    let known = errors.iter().filter(|error| !error.is_nan());
    let (sum, n) = known.fold((0.0, 0.0), |(sum, n), error| (sum + error.abs(), n + 1.0));
    if n > 0.0 { sum / n } else { 0.0 }
}

/// How the errors of a method shrink, or grow, with the days that it knew: as a power of them.
struct Learning {
    power: f64,
    /// Mean and variance of the logarithms of the days.
    mean: f64,
    variance: f64,
    /// What is left of the power after shrinking, 0 to 1.
    kept: f64,
}

/// Squared coefficient of variation of the absolute value of a normal variable.
const SCATTER: f64 = std::f64::consts::FRAC_PI_2 - 1.0;

impl Learning {
    /// The power that leaves the errors without trend in the logarithm of the days (the estimating equation of a gamma
    /// regression), shrunk by twice the share of its square that chance explains, Akaike's price of a parameter.
    fn of(errors: &[f64], ages: &[f64], independent: f64) -> Self {
        let n = errors.len() as f64;
        let mean = ages.iter().sum::<f64>() / n;
        let variance = ages.iter().map(|age| (age - mean).powi(2)).sum::<f64>() / n;
        let mut learning = Self { power: 0.0, mean, variance, kept: 0.0 };
        let by_chance = 2.0 * SCATTER / (independent * variance);
        for _ in 0..4 {
            let (mut all, mut first, mut second) = (0.0, 0.0, 0.0);
            for (error, age) in errors.iter().zip(ages) {
                let away = age - mean;
                let weight = if learning.power == 0.0 { *error } else { error * (learning.power * away).exp() };
                all += weight;
                first += weight * away;
                second += weight * away * away;
            }
            if all <= 0.0 {
                break;
            }
            let (centre, spread) = (first / all, second / all - (first / all).powi(2));
            if spread <= 1e-9 * variance {
                break;
            }
            // So far within chance that the shrunk power is zero.
            if learning.power == 0.0 && (centre / spread).powi(2) < 0.5 * by_chance {
                break;
            }
            learning.power = (learning.power - centre / spread).clamp(-3.0, 3.0);
        }
        if learning.power != 0.0 {
            learning.kept = (1.0 - by_chance / learning.power.powi(2)).max(0.0);
            learning.power *= learning.kept;
        }
        learning
    }

    /// Brings the errors to what they would be at another age, and tells what they are worth then.
    fn apply(&self, errors: &mut [f64], ages: &[f64], to: f64, independent: f64) -> f64 {
        if self.power == 0.0 {
            return independent;
        }
        for (error, age) in errors.iter_mut().zip(ages) {
            *error *= (self.power * (age - to)).exp();
        }
        // 1 / (2 n) of the logarithm of a deviation, and the variance of the power times the way it is carried.
        let carried = 2.0 * SCATTER * self.kept.powi(2) * (to - self.mean).powi(2) / self.variance;
        independent / (1.0 + carried)
    }
}

/// How much wider an interval has to be for being estimated.
struct Width {
    level: f64,
    /// The normal deviate that the level is two-sided of.
    z: f64,
    /// What an independent value is worth to an empirical quantile, in values for the standard deviation.
    efficiency: f64,
}

impl Width {
    fn of(level: f64) -> Self {
        let normal = Normal::standard();
        let z = normal.inverse_cdf(f64::midpoint(1.0, level));
        // By the delta method, for absolute values of a normal variable: var ln(quantile) = p (1 - p) / (n (2 z phi)²),
        // var ln(deviation) = 1 / (2 n).
        let efficiency = (2.0 * z * normal.pdf(z)).powi(2) / (2.0 * level * (1.0 - level));
        Self { level, z, efficiency }
    }

    /// Student's t over the normal deviate, by the expansion in Abramowitz and Stegun, 26.7.5.
    fn widening(&self, independent: f64) -> f64 {
        let v = independent * self.efficiency;
        let zz = self.z * self.z;
        let first = (zz + 1.0) / 4.0;
        let second = ((5.0 * zz + 16.0) * zz + 3.0) / 96.0;
        let third = (((3.0 * zz + 19.0) * zz + 17.0) * zz - 15.0) / 384.0;
        1.0 + (first + (second + third / v) / v) / v
    }
}
