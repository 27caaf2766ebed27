//! Files that were imported, and the audiences that they tell of.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;

use super::StoreError;
use crate::{AudienceObservation, Handle, Import, ImportId, ImportedAudience, OwnData, UserId};

/// Keeps which files were imported.
///
/// An import is of the account that goes by its handle when it is kept, or where none does any more, of the one last seen with it,
/// whatever that account is called later; where nobody was seen with the handle yet, of the first account that is. So what is asked
/// for by a handle is of the account that goes by it now.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait ImportStore: fmt::Debug + Send + Sync {
    /// Keeps an import and the audiences in it, all or nothing; the audiences' `import` is this one, whatever they say. One that tells
    /// of no dimension is not kept.
    ///
    /// [`StoreError::NotFound`] if its user is nobody, [`StoreError::Conflict`] if the id is taken, if the same owner's import of
    /// these very bytes is kept ([`same`](Self::same) has it), or if two audiences are of one source and moment,
    /// [`StoreError::Invalid`] for text that cannot be kept; nothing is ever changed. Of many of one owner's at once with the same
    /// bytes, one is kept.
    async fn add(&self, import: &Import, audiences: &[AudienceObservation]) -> Result<(), StoreError>;

    /// The import of these very bytes by the user, or with `None` by the operator, without [`Import::own`]; `None` if there is none.
    async fn same(&self, user: Option<UserId>, digest: [u8; 32]) -> Result<Option<Import>, StoreError>;

    /// What the user imported, the newest first, at most `limit`, each without [`Import::own`].
    async fn imports(&self, user: UserId, limit: u32) -> Result<Vec<Import>, StoreError>;

    /// Takes away an import of the user's, or with `None` of the operator's, with the audiences in it; `false` if there is none of
    /// this id. What it told may have gone into private reports on its account, the user's, or for the operator's anybody's: those
    /// that are kept get the mark of [`KeptReport::inputs_thinned_at`](crate::KeptReport::inputs_thinned_at), and so does every report
    /// on the account that was made before and is kept only afterwards, unless nobody was seen with the import's handle yet.
    async fn delete(&self, user: Option<UserId>, id: ImportId) -> Result<bool, StoreError>;

    /// What the user's imports tell of an account, the oldest import first.
    async fn own(&self, user: UserId, handle: &Handle) -> Result<Vec<OwnData>, StoreError>;
}

/// Gives the audiences of creators as imported files tell them. Whose an import is, [`ImportStore`] says.
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

    /// The same of every account, of what `owner` brought alone, or for `None` the operator: each with the handle that it goes by, by handle, of
    /// those after one (`None` for the first), at most `limit`.
    async fn audiences(
        &self,
        owner: Option<UserId>,
        as_of: Timestamp,
        after: Option<Handle>,
        limit: u32,
    ) -> Result<Vec<(Handle, ImportedAudience)>, StoreError>;
}
