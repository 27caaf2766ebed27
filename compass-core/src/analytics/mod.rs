//! The analytics engine: what a creator's observations say, each figure with its uncertainty.

mod catalogue;
mod corpus;
mod engagement;
mod estimate;
mod followers;
mod growth_model;
mod posting;
mod posts;
mod report;
mod table;
mod views;

pub use catalogue::{Counter, Metric, MetricId, MetricUnit, SampleOf};
pub use corpus::Corpus;
pub use engagement::Weights;
pub use estimate::{Estimate, Flag, Interval, Quality};
pub use growth_model::{
    AtAge, GrowthModel, GrowthPair, GrowthSource, LogGrowth, VideoGrowth, ViewsAtAge, WhyNotAtAge, video_growth,
    views_at_age,
};
pub use report::{
    CreatorReport, Refused, Report, ReportOptions, ReportVideo, Subject, creator_report, creator_reports,
};
pub use table::{Columns, VideoTable, Window};
