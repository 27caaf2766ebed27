//! The analytics engine: what a creator's observations say, each figure with its uncertainty.

mod aggregate;
mod audience;
mod authenticity;
mod benchmarks;
mod best_time;
mod breakouts;
mod catalogue;
mod clock;
mod corpus;
mod corpus_table;
mod engagement;
mod estimate;
mod experiment;
mod followers;
mod forecast;
mod growth;
mod growth_model;
mod jumps;
mod level;
mod lifts;
mod post_value;
mod posting;
mod posts;
mod report;
mod rosetta;
mod series;
mod table;
mod trend;
mod views;

pub use aggregate::{CreatorAggregate, Rows, UnequalColumns, aggregate};
pub use audience::{
    AudienceFit, AudienceGap, AudienceShares, AudienceSource, AudienceTarget, ContentSignals, Dimension, DimensionFit,
    GroupAffinity, GroupGap, PostEvidence, Shares, SharesError, TargetError, Wanted, affinities, affinity,
    audience_fit, audience_gaps,
};
pub use authenticity::{Signal, SignalKind, signals};
pub use benchmarks::{Peer, Peers, Standing, Tier};
pub use best_time::{BestTime, HoldOut, PostingExperiment, TimeCell, TimeComparison, best_time, best_time_holdout};
pub use breakouts::{Mark, Standout, standouts};
pub use catalogue::{Counter, Metric, MetricId, MetricUnit, SampleOf};
pub use corpus::{ComparedFigures, Corpus, CorpusBuilder, GrowthCoverage};
pub use corpus_table::{CorpusLook, CorpusTable, CorpusTableBuilder, UnknownWording};
pub use engagement::Weights;
pub use estimate::{Estimate, Flag, Interval, Quality};
pub(crate) use experiment::{detectable_lift, posts_in_each_arm};
pub use experiment::{experiment, posts_per_arm};
pub use forecast::{Forecast, ForecastCoverage, ForecastDay, MethodError, forecast};
pub use growth_model::{
    AtAge, GrowthModel, GrowthPair, GrowthSource, LogGrowth, VideoGrowth, ViewsAtAge, WhyNotAtAge, video_growth,
    views_at_age,
};
pub use jumps::{DayGain, FollowerJump, PostOfDay, follower_jumps};
pub use lifts::{Feature, FeatureKind, Lift, Lifts, lifts};
pub use post_value::{Cpm, CpmError, PostValue, post_value};
pub use posting::{PostingTimes, posting_times};
pub use report::{
    CreatorReport, DatedDay, EngagementFigures, FollowedOn, FollowerGroup, FollowerShares, GrowthSection, HourOfDay,
    OwnSection, OwnSum, OwnTotals, PostingSection, Refused, Report, ReportOptions, ReportVideo, Subject,
    creator_report, creator_reports,
};
pub use rosetta::{RosettaPosts, definitions};
pub use series::{DailyChange, DailyCount, DailyLevel, DailySeries, Level};
pub use table::{Columns, VideoTable, Window};
pub use trend::{ChangePoint, LevelTrend, Trend, TrendTest, level_trend};
