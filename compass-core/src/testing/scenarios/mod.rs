//! What every adapter of a store port does: the scenarios, and the macros that run them.
#![expect(clippy::unwrap_used, reason = "a scenario is a test: it panics where an adapter does otherwise")]

pub mod accounts;
pub mod corpus;
pub mod creator_tokens;
pub mod creators;
pub mod hosts;
pub mod jobs;
mod suite;
