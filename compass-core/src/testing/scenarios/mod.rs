//! What every adapter of a store port does: the scenarios, and the macros that run them.
#![expect(clippy::unwrap_used, reason = "a scenario is a test: it panics where an adapter does otherwise")]

pub mod accounts;
pub mod corpus;
pub mod creator_tokens;
pub mod creators;
pub mod hosts;
pub mod imports;
pub mod jobs;
pub mod privacy;
pub mod refresh_tokens;
pub mod reports;
pub mod scheduled_jobs;
pub mod sign_ins;
mod suite;
pub mod whole;
