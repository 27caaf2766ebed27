//! Which creators are alike and why, and what a report says to its creator.

mod embedding;
mod filter;
mod insights;
mod ledger;
mod lexicon;
mod meanings;
mod narration;
mod nearest;
mod planner;
mod profile_index;
mod profile_vector;
mod score;
mod track_record;
mod variety;

pub use crate::words::words;
pub use embedding::LexicalEmbedder;
pub use filter::Filter;
pub use insights::{
    Call, Certainty, Direction, Evidence, Fact, Insight, InsightKind, InsightOptions, Insights, Rank, Receipts, Shown,
    Told, Wording, insights,
};
pub use ledger::{About, AdviceResult, AdviceVerdict, DamagedPrediction, Prediction, settle};
pub use meanings::Meanings;
pub(crate) use meanings::digest;
pub use narration::{Fallback, Narrated, NarrationCounts, Rejected, checked, narrate};
pub use nearest::{DamagedVectors, Near, VectorError, Vectors};
pub use planner::{
    Arm, Effect, Evaluation, ExperimentPlan, ExperimentRequest, PlanError, Planned, PlannedPost, PostOutcome, TooLong,
    Unfinished, Verdict, check_arms, evaluate_experiment, outcomes, plan_experiment, usual_arms,
};
pub use profile_index::{Match, ProfileIndex, Search, TooLittleKnown};
pub use profile_vector::{Known, KnownPost, ProfileVector, Trait};
pub use score::{PartWeights, Reason, Score, Shared};
pub use track_record::{ForecastRecord, HitRate, TrackRecord};
