//! The API as a client meets it: requests in, answers out, over in-memory adapters.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod access;
mod account_data;
mod analytics;
mod bench;
mod benchmark;
mod compare;
mod computations;
mod docs;
mod document;
mod events;
mod experiment;
mod export;
mod extract;
mod files;
mod gated_store;
mod host_sign_in;
mod imports;
mod insights;
mod kept;
mod manners;
mod matches;
mod meanings_file;
mod once;
mod pages;
mod problems;
mod protection;
mod recommendations;
mod secrets;
mod sections;
mod sessions;
mod sign_in;
mod this_machine;
mod tiktok;
mod users;
