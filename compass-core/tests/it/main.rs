//! The core through its public API.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod best_time;
mod calibration;
mod catalogue;
mod fuzzed;
mod growth_model;
mod memory;
mod properties;
mod refresh;
mod report;
mod sign_in;
mod track;
mod values;
