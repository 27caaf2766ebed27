//! How keeping things can fail.

use std::error::Error;

/// Why a store could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The thing to change does not exist.
    #[error("not found")]
    NotFound,
    /// It would contradict what is kept already, such as a second open job with the same id.
    #[error("conflict: {0}")]
    Conflict(String),
    /// The worker's claim has run out or another worker has the job: stop working on it.
    #[error("the lease on this job is lost")]
    LeaseLost,
    /// A value cannot be kept, such as text with a NUL.
    #[error("invalid value: {0}")]
    Invalid(String),
    /// The store cannot be reached or is overloaded: try again later.
    #[error("store unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// What is kept cannot be understood: names the table, the column and the row.
    #[error("corrupt data: {0}")]
    Corrupt(String),
    /// Anything else that the store reports.
    #[error("store failed")]
    Backend(#[source] Box<dyn Error + Send + Sync>),
}
