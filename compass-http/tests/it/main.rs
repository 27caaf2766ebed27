//! The API as a client meets it: requests in, answers out, over in-memory adapters.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod analytics;
mod bench;
mod document;
mod events;
mod extract;
mod problems;
mod protection;
mod sign_in;
mod this_machine;
mod tiktok;
mod users;
