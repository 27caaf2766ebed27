//! The crate through its public API.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod parse;
mod truth;
mod webdriver;
