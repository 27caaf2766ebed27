//! Forecasts of a daily series: what comes next, and how far off such forecasts have been.
//!
//! A series is a value per day, `None` where a day was not observed. Nothing is put in the place of a missing day: the
//! models go through it without learning from it.

mod choose;
mod ets;
mod naive;
mod overlap;
mod pace;
mod rolling;
mod theta;

pub use choose::{Ahead, FEWEST, PastCoverage, Projection, project};
pub use ets::{Ets, EtsFit};
pub use naive::Drift;
pub use theta::Theta;

/// Days in the season of a daily series.
pub const WEEK: usize = 7;

/// A way to forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Method {
    /// The last value, and on at the average pace.
    Naive,
    /// The same with what each weekday usually adds.
    SeasonalNaive,
    /// Exponential smoothing with a damped trend, ETS(A,Ad,N).
    Ets,
    /// The Theta method with a weekly season.
    Theta,
}

impl Method {
    /// All of them, the simplest first.
    pub const ALL: [Self; 4] = [Self::Naive, Self::SeasonalNaive, Self::Ets, Self::Theta];
}
