//! The analytics engine: what a creator's observations say, each figure with its uncertainty.

mod best_time;
mod catalogue;
mod corpus;
mod engagement;
mod estimate;
mod experiment;
mod followers;
mod growth_model;
mod level;
mod posting;
mod posts;
mod report;
mod table;
mod views;

pub use best_time::{BestTime, HoldOut, PostingExperiment, TimeCell, TimeComparison, best_time, best_time_holdout};
pub use catalogue::{Counter, Metric, MetricId, MetricUnit, SampleOf};
pub use corpus::Corpus;
pub use engagement::Weights;
pub use estimate::{Estimate, Flag, Interval, Quality};
pub use experiment::{experiment, posts_per_arm};
pub use growth_model::{
    AtAge, GrowthModel, GrowthPair, GrowthSource, LogGrowth, VideoGrowth, ViewsAtAge, WhyNotAtAge, video_growth,
    views_at_age,
};
pub use report::{
    CreatorReport, Refused, Report, ReportOptions, ReportVideo, Subject, creator_report, creator_reports,
};
pub use table::{Columns, VideoTable, Window};
