//! Forecasts from many past days, each made from what was known on that day, and how far off they were.

use super::{
    Drift, Ets, Method, WEEK,
    ets::{Free, State, fit_scaled, from_free},
    theta::ThetaSums,
};

/// What every method said after the first so many days, and its errors where the days to come are known by now.
#[derive(Debug)]
pub(super) struct Rolling {
    pub(super) horizon: usize,
    /// How many days were known, ascending by `stride`; the last is the whole series.
    pub(super) origins: Vec<usize>,
    pub(super) stride: usize,
    /// From the last origin: by method, then day ahead.
    forecasts: Vec<f64>,
    /// By method, day ahead, origin; not a number where the day is not known.
    errors: Vec<f64>,
}

/// About so many origins at most: neighbouring ones have nearly the same errors.
const ORIGINS: usize = 120;

impl Rolling {
    /// Rolls the origin over a scaled series, from its second week on. Parameters are fitted anew, from where they
    /// were, each time that the series has grown by a quarter, and from scratch at its end.
    pub(super) fn over(days: &[Option<f64>], horizon: usize) -> Self {
        let stride = (days.len() / ORIGINS).max(1);
        let origins: Vec<usize> = (2 * WEEK..=days.len()).filter(|o| (days.len() - o).is_multiple_of(stride)).collect();
        let mut rolling = Self {
            horizon,
            stride,
            forecasts: vec![0.0; Method::ALL.len() * horizon],
            errors: vec![f64::NAN; Method::ALL.len() * horizon * origins.len()],
            origins,
        };
        let mut models = Models::default();
        let mut refit = 0;
        let mut known = 0;
        for at in 0..rolling.origins.len() {
            let origin = rolling.origins[at];
            days[known..origin].iter().for_each(|&day| models.push(day));
            known = origin;
            if known >= refit || known == days.len() {
                refit = known + known / 4;
                models.refit(&days[..known], known == days.len());
            }
            models.forecast(&mut rolling.forecasts, horizon);
            for (series, &forecast) in rolling.forecasts.iter().enumerate() {
                let ahead = series % horizon;
                if let Some(Some(value)) = days.get(known + ahead) {
                    rolling.errors[series * rolling.origins.len() + at] = value - forecast;
                }
            }
        }
        rolling
    }

    /// What a method says of the days after the series.
    pub(super) fn forecasts(&self, method: Method) -> &[f64] {
        &self.forecasts[method as usize * self.horizon..][..self.horizon]
    }

    /// The errors of a method so many days ahead, by origin.
    pub(super) fn errors(&self, method: Method, ahead: usize) -> &[f64] {
        &self.errors[(method as usize * self.horizon + ahead - 1) * self.origins.len()..][..self.origins.len()]
    }
}

/// All methods as far as they have come.
#[derive(Debug, Default)]
struct Models {
    drift: Drift,
    sums: ThetaSums,
    ets: Option<(Ets, Free, State)>,
}

impl Models {
    fn push(&mut self, day: Option<f64>) {
        self.drift.push(day);
        self.sums.push(day);
        if let Some((model, _, state)) = &mut self.ets {
            model.step(state, day);
        }
    }

    fn refit(&mut self, days: &[Option<f64>], from_scratch: bool) {
        let former = self.ets.map(|(_, free, _)| free).filter(|_| !from_scratch);
        self.ets = fit_scaled(days, former).map(|(free, _)| {
            let model = from_free(free);
            let mut state = model.start();
            days.iter().for_each(|&day| model.step(&mut state, day));
            (model, free, state)
        });
        self.sums.refit(days);
    }

    /// By method, then day ahead; a method that cannot be fitted yet says what the simplest says.
    fn forecast(&self, forecasts: &mut [f64], horizon: usize) {
        let season = self.sums.season();
        let theta = self.sums.theta();
        let (mut power, mut damped) = (1.0, 0.0);
        for ahead in 1..=horizon {
            let line = self.drift.forecast(ahead).unwrap_or(0.0);
            let mut say = |method: Method, value| forecasts[method as usize * horizon + ahead - 1] = value;
            say(Method::Naive, line);
            say(Method::SeasonalNaive, self.drift.forecast_with(&season, ahead).unwrap_or(0.0));
            say(
                Method::Ets,
                self.ets.map_or(line, |(model, _, state)| {
                    power *= model.damping;
                    damped += power;
                    state.level + damped * state.trend
                }),
            );
            say(Method::Theta, theta.map_or(line, |theta| theta.forecast(ahead)));
        }
    }
}
