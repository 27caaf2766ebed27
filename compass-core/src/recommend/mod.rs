//! Which creators are alike and why, and what a report says to its creator.

mod embedding;
mod filter;
mod gallery;
mod insights;
mod ledger;
mod lexicon;
mod narration;
mod nearest;
mod planner;
mod portrait;
mod score;
mod variety;
mod words;

pub use embedding::LexicalEmbedder;
pub use filter::Filter;
pub use gallery::{Gallery, Match, Search, TooLittleKnown};
pub use insights::{
    Call, Certainty, Direction, Evidence, Fact, Insight, InsightKind, InsightOptions, Insights, Rank, Receipts, Shown,
    Told, Wording, insights,
};
pub use ledger::{About, Came, DamagedPrediction, ForecastRecord, Found, HitRate, Prediction, TrackRecord, settle};
pub use narration::{Fallback, Narrated, NarrationCounts, Rejected, checked, narrate};
pub use nearest::{DamagedVectors, Near, VectorError, Vectors};
pub use planner::{
    Arm, Effect, Evaluation, ExperimentPlan, ExperimentRequest, PlanError, Planned, PlannedPost, PostOutcome, TooLong,
    Unfinished, Verdict, evaluate_experiment, plan_experiment,
};
pub use portrait::{Known, KnownPost, Portrait, Trait};
pub use score::{PartWeights, Reason, Score, Shared};
pub use words::words;
