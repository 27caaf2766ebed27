//! The ports over any of the databases: written once, compiled once per database.
//!
//! Whoever includes this module says which by what it has beside it: `Db` and `Store`.

mod account_data;
mod accounts;
mod audit;
mod corpus;
pub(super) mod creators;
mod hosts;
mod imports;
mod jobs;
mod refresh_tokens;
mod reports;
mod retention;
mod sign_ins;
