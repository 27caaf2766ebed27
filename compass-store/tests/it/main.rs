//! The stores through their ports, each on a database of its own.
#![expect(clippy::unwrap_used, reason = "a test's helpers panic as the tests do")]

mod bells;
mod cancellation;
mod conformance;
mod contention;
mod crashes;
mod lookups;
mod lost_answers;
mod migrations;
mod months;
mod newest;
mod observations;
mod old_schemas;
mod outages;
mod privacy;
mod processes;
mod proxy;
mod sqlite_faults;
mod stores;
mod thinning;
mod workers;
