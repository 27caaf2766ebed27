//! Which creators are alike and why, and what a report says to its creator.

mod embedding;
mod filter;
mod gallery;
mod insights;
mod lexicon;
mod nearest;
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
pub use nearest::{DamagedVectors, Near, VectorError, Vectors};
pub use portrait::{Known, KnownPost, Portrait, Trait};
pub use score::{PartWeights, Reason, Score, Shared};
pub use words::words;
