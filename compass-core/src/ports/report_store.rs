//! Reports as they were made, and what was advised because of them.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;

use super::StoreError;
use crate::{Advice, AdviceId, Handle, KeptReport, Outcome, ReportId, UserId};

/// Keeps reports. None is ever changed, but for the mark of [`KeptReport::inputs_thinned_at`].
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait ReportStore: fmt::Debug + Send + Sync {
    /// Keeps a report, unless one of the same handle, moment, engine, input and privacy is kept: then that one is given. Called at
    /// once by many, it keeps one. If what it was made of was thinned since it was made, or is being thinned, it is kept with the
    /// mark of that. [`StoreError::NotFound`] if it is private to nobody, [`StoreError::Conflict`] if the id is taken.
    async fn keep(&self, report: &KeptReport) -> Result<KeptReport, StoreError>;

    /// The report; `None` if there is none.
    async fn find(&self, id: ReportId) -> Result<Option<KeptReport>, StoreError>;

    /// The report on an account that was made last; of those that are private, only the viewer's. `None` if there is none.
    async fn latest(&self, handle: &Handle, viewer: Option<UserId>) -> Result<Option<KeptReport>, StoreError>;
}

/// Keeps what people were advised, and what came of it.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait AdviceLedger: fmt::Debug + Send + Sync {
    /// Keeps a piece of advice, without outcome. [`StoreError::NotFound`] if its user or report is unknown,
    /// [`StoreError::Conflict`] if the id is taken.
    async fn advise(&self, advice: &Advice) -> Result<(), StoreError>;

    /// What the user was advised, the newest first, at most `limit`.
    async fn advice_to(&self, user: UserId, limit: u32) -> Result<Vec<Advice>, StoreError>;

    /// What is due at `now` and has no outcome, the longest due first, at most `limit`.
    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Advice>, StoreError>;

    /// Writes down what came of it, once. [`StoreError::NotFound`] if there is no such advice, [`StoreError::Conflict`] if its
    /// outcome is written.
    async fn settle(&self, id: AdviceId, outcome: &Outcome) -> Result<(), StoreError>;
}
