//! Exponential smoothing with a damped trend and no season.

use std::f64::consts::TAU;

/// The additive damped-trend model ETS(A,Ad,N) in its innovations form: Hyndman, Koehler, Ord and Snyder, Forecasting
/// with Exponential Smoothing (2008), chapter 2.
///
/// A day is forecast as `level + damping * trend`; the error of that moves the level by `smoothing_level` and the
/// trend by `smoothing_trend` times itself. A missing day has no error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ets {
    /// Share of an error that the level takes on (alpha).
    pub smoothing_level: f64,
    /// Share of an error that the trend takes on (beta).
    pub smoothing_trend: f64,
    /// What is left of the trend a day later (phi).
    pub damping: f64,
    /// Level on the day before the series.
    pub initial_level: f64,
    /// Trend on the day before the series, a day.
    pub initial_trend: f64,
}

/// A fitted model with what it says of its fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EtsFit {
    /// The model.
    pub model: Ets,
    /// Sum of the squared one-day errors.
    pub sse: f64,
    /// Days observed.
    pub n: usize,
}

/// Level and trend after some day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct State {
    pub(super) level: f64,
    pub(super) trend: f64,
}

/// alpha, beta/alpha, phi, initial level, initial trend: what the optimiser moves.
pub(super) type Free = [f64; 5];

/// statsmodels' bounds.
const LOWER: Free = [1e-4, 1e-4, 0.8, f64::NEG_INFINITY, f64::NEG_INFINITY];
const UPPER: Free = [1.0 - 1e-4, 1.0 - 1e-4, 0.98, f64::INFINITY, f64::INFINITY];

impl Ets {
    /// Fewest observed days that a fit is made from: five parameters and a variance, and AICc has to exist.
    pub const FEWEST: usize = 8;

    /// Fits by least squares, which for normal errors is maximum likelihood, within statsmodels' bounds
    /// (0 < alpha < 1, 0 < beta < alpha, 0.8 <= phi <= 0.98).
    ///
    /// `None` for fewer than [`FEWEST`](Self::FEWEST) observed days, or if a value is not finite.
    #[must_use]
    pub fn fit(days: &[Option<f64>]) -> Option<EtsFit> {
        let unit = Unit::of(days)?;
        let scaled: Vec<Option<f64>> = days.iter().map(|day| day.map(|v| unit.scaled(v))).collect();
        let (free, _) = fit_scaled(&scaled, None)?;
        let model = unit.unscaled(from_free(free));
        let sse = model.sse(days);
        let n = days.iter().flatten().count();
        (sse.is_finite() && model.initial_level.is_finite()).then_some(EtsFit { model, sse, n })
    }

    /// The forecasts of the days after a series.
    #[must_use]
    pub fn forecast(&self, days: &[Option<f64>], horizon: usize) -> Vec<f64> {
        let mut state = self.start();
        days.iter().for_each(|&day| self.step(&mut state, day));
        let mut damped = 0.0;
        let mut power = 1.0;
        (0..horizon)
            .map(|_| {
                power *= self.damping;
                damped += power;
                state.level + damped * state.trend
            })
            .collect()
    }

    /// The variance of a forecast some days ahead, in units of the variance of a one-day error (table 6.1 of the book,
    /// summed rather than in closed form).
    #[must_use]
    pub fn variance_growth(&self, ahead: usize) -> f64 {
        let (mut power, mut damped, mut sum) = (1.0, 0.0, 1.0);
        for _ in 1..ahead {
            power *= self.damping;
            damped += power;
            sum += (self.smoothing_level + self.smoothing_trend * damped).powi(2);
        }
        sum
    }

    /// The sum of squared one-day errors over a series.
    #[must_use]
    pub fn sse(&self, days: &[Option<f64>]) -> f64 {
        let mut state = self.start();
        let mut sse = 0.0;
        for &day in days {
            if let Some(value) = day {
                sse += (value - state.level - self.damping * state.trend).powi(2);
            }
            self.step(&mut state, day);
        }
        sse
    }

    pub(super) fn start(&self) -> State {
        State { level: self.initial_level, trend: self.initial_trend }
    }

    pub(super) fn step(&self, state: &mut State, day: Option<f64>) {
        let trend = self.damping * state.trend;
        let expected = state.level + trend;
        let error = day.map_or(0.0, |value| value - expected);
        *state = State { level: expected + self.smoothing_level * error, trend: trend + self.smoothing_trend * error };
    }
}

impl EtsFit {
    /// The logarithm of the likelihood, for normal errors; `None` for a series without any error.
    #[must_use]
    pub fn log_likelihood(&self) -> Option<f64> {
        let n = self.n as f64;
        (self.sse > 0.0).then(|| -n / 2.0 * ((TAU * self.sse / n).ln() + 1.0))
    }

    /// Akaike's criterion for small samples, six parameters counted; `None` for a series without any error.
    #[must_use]
    pub fn aicc(&self) -> Option<f64> {
        let (n, k) = (self.n as f64, 6.0);
        self.log_likelihood().map(|l| -2.0 * l + 2.0 * k * n / (n - k - 1.0))
    }
}

/// Brings a series to the range -1 to 1, so that sums of squares neither overflow nor lose a small change of a large
/// level.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    origin: f64,
    size: f64,
}

impl Unit {
    /// `None` if no day was observed or the values are not finite or too far apart for a difference.
    pub(super) fn of(days: &[Option<f64>]) -> Option<Self> {
        let origin = days.iter().flatten().next().copied()?;
        let size = days.iter().flatten().try_fold(0.0_f64, |size, v| {
            let away = (v - origin).abs();
            (away < f64::MAX / 4.0).then(|| size.max(away))
        })?;
        origin.is_finite().then_some(Self { origin, size: if size > f64::MIN_POSITIVE { size } else { 1.0 } })
    }

    pub(super) fn scaled(self, value: f64) -> f64 {
        (value - self.origin) / self.size
    }

    pub(super) fn level(self, value: f64) -> f64 {
        self.origin + value * self.size
    }

    pub(super) fn difference(self, value: f64) -> f64 {
        value * self.size
    }

    fn unscaled(self, model: Ets) -> Ets {
        Ets {
            initial_level: self.level(model.initial_level),
            initial_trend: self.difference(model.initial_trend),
            ..model
        }
    }
}

pub(super) fn from_free([alpha, beta, phi, level, trend]: Free) -> Ets {
    Ets {
        smoothing_level: alpha,
        smoothing_trend: alpha * beta,
        damping: phi,
        initial_level: level,
        initial_trend: trend,
    }
}

/// The best parameters of a scaled series and their sum of squares, from a former fit if there is one, otherwise from
/// a coarse grid.
pub(super) fn fit_scaled(days: &[Option<f64>], former: Option<Free>) -> Option<(Free, f64)> {
    if days.iter().flatten().count() < Ets::FEWEST {
        return None;
    }
    if let Some(former) = former {
        return Some(descend(days, former, WARM_STEPS));
    }
    let mut starts: Vec<(Free, f64)> = Vec::with_capacity(GRID.len());
    for [alpha, beta, phi] in GRID {
        // With the smoothing given, the errors are linear in the initial states: one step solves for them.
        starts.push(descend(days, [alpha, beta, phi, days.iter().flatten().next().copied()?, 0.0], 2));
    }
    starts.sort_by(|a, b| a.1.total_cmp(&b.1));
    let best = starts.iter().take(2).map(|&(start, _)| descend(days, start, COLD_STEPS));
    best.min_by(|a, b| a.1.total_cmp(&b.1))
}

const GRID: [[f64; 3]; 8] = [
    [0.1, 0.1, 0.98],
    [0.1, 0.1, 0.9],
    [0.5, 0.01, 0.98],
    [0.5, 0.3, 0.98],
    [0.5, 0.3, 0.85],
    [0.95, 0.01, 0.98],
    [0.95, 0.3, 0.9],
    [0.95, 0.8, 0.85],
];
const COLD_STEPS: usize = 60;
const WARM_STEPS: usize = 4;

/// Levenberg and Marquardt's descent within bounds: parameters at a bound that the gradient pushes outwards rest.
fn descend(days: &[Option<f64>], start: Free, steps: usize) -> (Free, f64) {
    let mut at = start;
    let mut now = normal_equations(days, at);
    let mut caution = 1e-3;
    for _ in 0..steps {
        let moves: [bool; 5] = std::array::from_fn(|i| {
            !(at[i] <= LOWER[i] && now.gradient[i] < 0.0 || at[i] >= UPPER[i] && now.gradient[i] > 0.0)
        });
        let Some(step) = solve(&now, moves, caution) else { break };
        let next: Free = std::array::from_fn(|i| (at[i] + step[i]).clamp(LOWER[i], UPPER[i]));
        let then = normal_equations(days, next);
        if then.sse < now.sse {
            let gained = now.sse - then.sse;
            (at, now) = (next, then);
            caution = (caution * 0.1_f64).max(1e-12);
            if gained <= 1e-12 * now.sse {
                break;
            }
        } else {
            caution *= 10.0;
            if caution > 1e8 {
                break;
            }
        }
    }
    (at, now.sse)
}

/// Sum of squares, and the Gauss-Newton equations `hessian * step = gradient` that lower it.
struct Normal {
    sse: f64,
    gradient: Free,
    hessian: [Free; 5],
}

fn normal_equations(days: &[Option<f64>], at: Free) -> Normal {
    let [alpha, ratio, phi, mut level, mut trend] = at;
    let beta = alpha * ratio;
    // Derivatives of level and trend by each parameter.
    let mut by_level: Free = [0.0, 0.0, 0.0, 1.0, 0.0];
    let mut by_trend: Free = [0.0, 0.0, 0.0, 0.0, 1.0];
    let mut normal = Normal { sse: 0.0, gradient: [0.0; 5], hessian: [[0.0; 5]; 5] };
    for day in days {
        let mut slope: Free = std::array::from_fn(|i| phi * by_trend[i]);
        slope[2] += trend;
        let expected_by: Free = std::array::from_fn(|i| by_level[i] + slope[i]);
        let damped = phi * trend;
        let expected = level + damped;
        let Some(value) = day else {
            (by_level, by_trend, level, trend) = (expected_by, slope, expected, damped);
            continue;
        };
        let error = value - expected;
        normal.sse += error * error;
        for i in 0..5 {
            normal.gradient[i] += error * expected_by[i];
            for j in 0..=i {
                normal.hessian[i][j] += expected_by[i] * expected_by[j];
            }
        }
        by_level = std::array::from_fn(|i| expected_by[i] - alpha * expected_by[i]);
        by_trend = std::array::from_fn(|i| slope[i] - beta * expected_by[i]);
        by_level[0] += error;
        by_trend[0] += ratio * error;
        by_trend[1] += alpha * error;
        level = expected + alpha * error;
        trend = damped + beta * error;
    }
    normal
}

/// The step that lowers the sum of squares, each diagonal raised by a share of itself, by Cholesky's factor of the rows
/// and columns that move; `None` if none is defined.
fn solve(normal: &Normal, moves: [bool; 5], caution: f64) -> Option<Free> {
    let mut factor = [[0.0_f64; 5]; 5];
    let mut step: Free = [0.0; 5];
    for i in 0..5 {
        if !moves[i] {
            factor[i][i] = 1.0;
            continue;
        }
        for j in (0..=i).filter(|&j| moves[j]) {
            let mut sum = normal.hessian[i][j];
            if i == j {
                sum += sum * caution + f64::MIN_POSITIVE;
            }
            sum -= factor[i].iter().zip(&factor[j]).take(j).map(|(a, b)| a * b).sum::<f64>();
            factor[i][j] = if i == j { sum.max(0.0).sqrt() } else { sum / factor[j][j] };
        }
        let mut sum = normal.gradient[i];
        for k in 0..i {
            sum -= factor[i][k] * step[k];
        }
        step[i] = sum / factor[i][i];
    }
    for i in (0..5).rev() {
        for k in i + 1..5 {
            step[i] -= factor[k][i] * step[k];
        }
        step[i] /= factor[i][i];
    }
    step.iter().all(|s| s.is_finite()).then_some(step)
}
