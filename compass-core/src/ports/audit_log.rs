//! The record of what was done.

use std::fmt;

use async_trait::async_trait;

use super::StoreError;
use crate::{AuditEvent, UserId};

/// Keeps what was done. Nothing is changed but by erasure and retention.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait AuditLog: fmt::Debug + Send + Sync {
    /// Adds an event. [`StoreError::NotFound`] if actor or subject is nobody, [`StoreError::Conflict`] if the id is taken.
    async fn append(&self, event: &AuditEvent) -> Result<(), StoreError>;

    /// What the user did and what was done to the user, the newest first, at most `limit`.
    async fn events_of(&self, user: UserId, limit: u32) -> Result<Vec<AuditEvent>, StoreError>;
}
