//! Numeric building blocks: slices in, values out, no clock, no NaN.

mod adaptive_interval;
mod divergence;
mod drift;
mod fdr;
pub mod forecast;
mod gini;
mod interval;
mod inversions;
mod mann_kendall;
mod mean;
mod normality;
mod pelt;
mod permutation;
mod quantile;
mod rank_tests;
mod ranking;
mod robust;
mod seed;
mod shrinkage;
mod slopes;
mod theil_sen;
mod twofold;
mod wilson;

pub use adaptive_interval::{Guessed, student_stretch};
pub use divergence::jensen_shannon;
pub(crate) use divergence::jensen_shannon_part;
pub use drift::drift_half_width;
pub use fdr::benjamini_hochberg;
pub use gini::gini;
pub use interval::{mean_interval, median_interval, ratio_interval};
pub use mann_kendall::{
    MannKendall, MannKendallVariant, correlated_seasonal_mann_kendall, hamed_rao, mann_kendall, seasonal_mann_kendall,
};
pub use mean::{mean, mean_t_interval};
pub use normality::{anderson_darling, looks_normal};
pub use pelt::pelt;
pub use permutation::{Draws, ScoredCell, UnusualSum, highest_score_p, subset_sums_p};
pub use quantile::{median, quantile};
pub use rank_tests::{RankTest, kruskal_wallis, mann_whitney};
pub use ranking::{Gain, dcg, ndcg};
pub use robust::{Robust, mad};
pub use seed::Seed;
pub use shrinkage::Shrinkage;
pub use theil_sen::{TheilSen, sen_slope, theil_sen};
pub use wilson::wilson;
