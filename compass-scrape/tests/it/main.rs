//! The crate through its public API.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod blocked;
mod captures;
mod display_api;
mod manners;
mod page;
mod parse;
mod partner;
mod raw_server;
mod replay;
mod stand_in;
mod studio;
mod telemetry;
mod truth;
mod webdriver;
