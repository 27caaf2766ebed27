//! Numeric building blocks: slices in, values out, no clock, no NaN.

mod bootstrap;
mod interval;
mod mean;
mod quantile;
mod regression;
mod seed;

pub use bootstrap::{Bootstrap, percentile_interval};
pub use interval::{mean_interval, median_interval, ratio_interval};
pub use mean::{mean, mean_t_interval};
pub use quantile::{median, quantile};
pub use regression::{TheilSen, theil_sen};
pub use seed::Seed;
