//! Language models as a host meets them: a model of a few words, and an endpoint that does what it is told.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod chat;
mod embeddings;
mod endpoint;
mod stand_in;
#[cfg(feature = "static-model")]
mod static_model;
