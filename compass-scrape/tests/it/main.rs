//! The crate through its public API.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod captures;
mod parse;
mod replay;
mod stand_in;
mod truth;
mod webdriver;
