//! Numeric building blocks: slices in, values out, no clock, no NaN.

mod bootstrap;
mod interval;
mod inversions;
mod mann_kendall;
mod mean;
mod pelt;
mod quantile;
mod seed;
mod slopes;
mod theil_sen;

pub use bootstrap::{Bootstrap, percentile_interval};
pub use interval::{mean_interval, median_interval, ratio_interval};
pub use mann_kendall::{
    MannKendall, MannKendallVariant, correlated_seasonal_mann_kendall, hamed_rao, mann_kendall, seasonal_mann_kendall,
};
pub use mean::{mean, mean_t_interval};
pub use pelt::pelt;
pub use quantile::{median, quantile};
pub use seed::Seed;
pub use theil_sen::{TheilSen, theil_sen};
