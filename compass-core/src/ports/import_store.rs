//! Files that were imported, and the audiences that they tell of.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;

use super::StoreError;
use crate::{AudienceObservation, Handle, Import, UserId};

/// Keeps which files were imported.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait ImportStore: fmt::Debug + Send + Sync {
    /// Keeps an import and the audiences in it, all or nothing; the audiences' `import` is this one, whatever they say. One that tells
    /// of no dimension is not kept.
    ///
    /// [`StoreError::NotFound`] if its user is nobody, [`StoreError::Conflict`] if the id is taken or two audiences are of one
    /// source and moment, [`StoreError::Invalid`] for text that cannot be kept; nothing is ever changed.
    async fn add(&self, import: &Import, audiences: &[AudienceObservation]) -> Result<(), StoreError>;

    /// What the user, or with `None` the operator, imported of these very bytes last, without [`Import::own`]; `None` if nothing.
    async fn same(&self, user: Option<UserId>, digest: [u8; 32]) -> Result<Option<Import>, StoreError>;

    /// What the user imported, the newest first, at most `limit`, each without [`Import::own`].
    async fn imports(&self, user: UserId, limit: u32) -> Result<Vec<Import>, StoreError>;
}

/// Gives the audiences of creators as imported files tell them.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait AudienceStore: fmt::Debug + Send + Sync {
    /// The account's audience as of a moment: the newest by then, of two of one moment the one imported later. What others than
    /// `viewer` and the operator imported is private and not looked at. `None` if there is none.
    async fn audience(
        &self,
        handle: &Handle,
        viewer: Option<UserId>,
        as_of: Timestamp,
    ) -> Result<Option<AudienceObservation>, StoreError>;
}
