//! The ports over any of the databases: written once, compiled once per database.
//!
//! Whoever includes this module says which by what it has beside it: `Db` and `Store`.

mod accounts;
mod corpus;
mod creators;
mod hosts;
mod jobs;
