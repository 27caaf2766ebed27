//! The Theta method with a weekly season.

use super::{WEEK, ets::Unit};

/// The Theta forecast with theta 2: Assimakopoulos and Nikolopoulos (2000) in the form of Hyndman and Billah,
/// "Unmasking the Theta method" (2003); the season is taken off first and put back, by classical additive
/// decomposition. The same figures as statsmodels' `ThetaModel(period=7, method="additive", use_test=False)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Theta {
    /// Slope of the least-squares line through the series without its season, a day.
    pub slope: f64,
    /// Share of an error that the smoothed level takes on (alpha).
    pub smoothing: f64,
    /// Smoothed level after the series, without season.
    pub level: f64,
    /// What each weekday adds; the first is that of the first day of the series. All zero for less than two weeks.
    pub season: [f64; WEEK],
    /// Days of the series.
    pub days: usize,
    /// Days observed.
    pub n: usize,
}

impl Theta {
    /// Fits a series; `None` if fewer than three days are observed or a value is not finite.
    #[must_use]
    pub fn fit(days: &[Option<f64>]) -> Option<Self> {
        let unit = Unit::of(days)?;
        let mut sums = ThetaSums::default();
        let scaled: Vec<Option<f64>> = days.iter().map(|day| day.map(|v| unit.scaled(v))).collect();
        scaled.iter().for_each(|&day| sums.push(day));
        sums.refit(&scaled);
        let scaled = sums.theta()?;
        Some(scaled.unscaled(unit))
    }

    /// Fits a series with a given share of smoothing.
    #[must_use]
    pub fn with_smoothing(days: &[Option<f64>], smoothing: f64) -> Option<Self> {
        let unit = Unit::of(days)?;
        let mut sums = ThetaSums { smoothing, ..ThetaSums::default() };
        days.iter().for_each(|day| sums.push(day.map(|v| unit.scaled(v))));
        Some(sums.theta()?.unscaled(unit))
    }

    /// The forecast `ahead` days after the end of the series.
    #[must_use]
    pub fn forecast(&self, ahead: usize) -> f64 {
        let alpha = self.smoothing;
        let lag = ahead as f64 - 1.0 + (1.0 - (1.0 - alpha).powi(self.n as i32)) / alpha;
        self.level + 0.5 * self.slope * lag + self.season[(self.days + ahead - 1) % WEEK]
    }

    /// The variance of a forecast some days ahead, in units of the variance of a one-day error, by the ARIMA(0,1,1)
    /// that the method is equal to; as statsmodels has it.
    #[must_use]
    pub fn variance_growth(&self, ahead: usize) -> f64 {
        1.0 + (ahead as f64 - 1.0) * (1.0 + (self.smoothing - 1.0).powi(2))
    }

    fn unscaled(self, unit: Unit) -> Self {
        Self {
            slope: unit.difference(self.slope),
            level: unit.level(self.level),
            season: self.season.map(|s| unit.difference(s)),
            ..self
        }
    }
}

/// What the method needs of the days so far, kept up day by day: everything in it is linear in the series, so the
/// season that is known today can be taken off sums that were made before it was known.
#[derive(Clone, Debug)]
pub(super) struct ThetaSums {
    pub(super) smoothing: f64,
    days: usize,
    /// The last seven days and how many of them were observed.
    week: [Option<f64>; WEEK],
    /// By weekday: sum and number of differences from the centred weekly mean.
    detrended: [(f64, f64); WEEK],
    /// Of the observed days: number, sums of t, t², y, t y.
    moments: [f64; 5],
    /// By weekday, of the observed days: number, sum of t.
    weekdays: [(f64, f64); WEEK],
    /// The smoothed series, and the smoothed indicator of each weekday.
    smoothed: Option<(f64, [f64; WEEK])>,
}

impl Default for ThetaSums {
    fn default() -> Self {
        Self {
            smoothing: 0.5,
            days: 0,
            week: [None; WEEK],
            detrended: [(0.0, 0.0); WEEK],
            moments: [0.0; 5],
            weekdays: [(0.0, 0.0); WEEK],
            smoothed: None,
        }
    }
}

impl ThetaSums {
    pub(super) fn push(&mut self, day: Option<f64>) {
        let (t, weekday) = (self.days as f64, self.days % WEEK);
        self.week[weekday] = day;
        if let Some(y) = day {
            for (sum, x) in self.moments.iter_mut().zip([1.0, t, t * t, y, t * y]) {
                *sum += x;
            }
            self.weekdays[weekday].0 += 1.0;
            self.weekdays[weekday].1 += t;
            smooth(&mut self.smoothed, self.smoothing, weekday, y);
        }
        self.days += 1;
        if self.days >= WEEK
            && let Some(sum) = self.week.iter().try_fold(0.0, |sum, day| day.map(|y| sum + y))
        {
            let middle = (self.days - 1 - WEEK / 2) % WEEK;
            let away = self.week[middle].map_or(0.0, |y| y - sum / WEEK as f64);
            self.detrended[middle].0 += away;
            self.detrended[middle].1 += 1.0;
        }
    }

    /// Takes the smoothing that fits the days so far best; `days` are those that were pushed.
    pub(super) fn refit(&mut self, days: &[Option<f64>]) {
        let season = self.season();
        self.smoothing = best_smoothing(days, season, self.smoothing);
        self.smoothed = None;
        for (t, day) in days.iter().enumerate() {
            if let Some(y) = *day {
                smooth(&mut self.smoothed, self.smoothing, t % WEEK, y);
            }
        }
    }

    /// The mean of each weekday's differences from the weekly mean, centred; zero until each weekday has one.
    pub(super) fn season(&self) -> [f64; WEEK] {
        if self.days < 2 * WEEK || self.detrended.iter().any(|d| d.1 == 0.0) {
            return [0.0; WEEK];
        }
        let raw = self.detrended.map(|(sum, n)| sum / n);
        let centre = raw.iter().sum::<f64>() / WEEK as f64;
        raw.map(|s| s - centre)
    }

    /// The method after the days so far; `None` for fewer than three of them.
    pub(super) fn theta(&self) -> Option<Theta> {
        let season = self.season();
        let [n, t, tt, y, ty] = self.moments;
        let (smoothed, indicators) = self.smoothed?;
        let spread = tt - t * t / n;
        if n < 3.0 || spread <= 0.0 {
            return None;
        }
        let mut slope = ty - t * y / n;
        let mut level = smoothed;
        for w in 0..WEEK {
            let (count, sum) = self.weekdays[w];
            slope -= season[w] * (sum - count * t / n);
            level -= season[w] * indicators[w];
        }
        Some(Theta { slope: slope / spread, smoothing: self.smoothing, level, season, days: self.days, n: n as usize })
    }
}

fn smooth(state: &mut Option<(f64, [f64; WEEK])>, alpha: f64, weekday: usize, y: f64) {
    match state {
        None => {
            let mut indicators = [0.0; WEEK];
            indicators[weekday] = 1.0;
            *state = Some((y, indicators));
        }
        Some((level, indicators)) => {
            *level += alpha * (y - *level);
            indicators.iter_mut().for_each(|i| *i -= alpha * *i);
            indicators[weekday] += alpha;
        }
    }
}

/// The smoothing within statsmodels' bounds with the least squared one-day errors: the best of a grid, then
/// Gauss-Newton steps as long as they help.
fn best_smoothing(days: &[Option<f64>], season: [f64; WEEK], former: f64) -> f64 {
    const LOWER: f64 = 1e-4;
    const UPPER: f64 = 1.0 - 1e-4;
    // Sum of squares, and the Gauss-Newton step.
    let at = |alpha: f64| {
        let (mut level, mut by_alpha) = (None, 0.0);
        let (mut sse, mut gradient, mut curvature) = (0.0, 0.0, 0.0);
        for (t, day) in days.iter().enumerate() {
            let Some(y) = day.map(|y| y - season[t % WEEK]) else { continue };
            let l = *level.get_or_insert(y);
            let error = y - l;
            sse += error * error;
            gradient += error * by_alpha;
            curvature += by_alpha * by_alpha;
            level = Some(l + alpha * error);
            by_alpha = (1.0 - alpha) * by_alpha + error;
        }
        (sse, if curvature > 0.0 { gradient / curvature } else { 0.0 })
    };
    let mut best = (former, at(former));
    for alpha in [0.05, 0.2, 0.5, 0.8, UPPER] {
        let there = at(alpha);
        if there.0 < best.1.0 {
            best = (alpha, there);
        }
    }
    let mut share = 1.0;
    for _ in 0..30 {
        let next = (best.0 + share * best.1.1).clamp(LOWER, UPPER);
        if (next - best.0).abs() < 1e-10 {
            break;
        }
        let there = at(next);
        if there.0 < best.1.0 {
            best = (next, there);
            share = (share * 2.0_f64).min(1.0);
        } else {
            share *= 0.5;
        }
    }
    best.0
}
