//! All that was ever observed, in bulk: imported, exported, and read into the engine's columns.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{Recorded, StoreError};
use crate::{Batch, BatchId, CreatorId, SourceKind, Thinning, VideoId, analytics::CorpusTable};

/// Up to where everything was read: all profile observations come first, then those of posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum BatchPlace {
    /// Up to this profile observation.
    Profile(CreatorId, Timestamp, SourceKind),
    /// Up to this observation of a post.
    Look(CreatorId, VideoId, Timestamp, SourceKind),
}

/// Keeps the observations of a [`CreatorStore`](super::CreatorStore), taken and given many at a time.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait CorpusStore: fmt::Debug + Send + Sync {
    /// Adds a batch, all of it or none of it, as if each snapshot in it were recorded.
    ///
    /// A batch whose id is kept already is not looked at again: what was added then is given. So whoever does not know
    /// whether a batch was kept sends it once more. [`StoreError::Invalid`] if a text in it has a NUL, an observation
    /// points to no post, or an account's profile is neither in the batch nor known; [`StoreError::Conflict`] if a post
    /// is known as another account's.
    ///
    /// It is one transaction over all accounts in it. Where accounts are distributed over servers, send a batch for each account:
    /// then nothing that is written is of two servers.
    async fn record_batch(&self, id: BatchId, batch: &Batch) -> Result<Recorded, StoreError>;

    /// At most `most` observations after a place (`None` for the first), in order: of profiles by account, time and source,
    /// then of posts by account, post, time and source. `None` if there are no more.
    ///
    /// Each has [`recorded_at`](crate::Look::recorded_at). What is recorded while somebody reads batch by batch is read
    /// if its place is still to come.
    async fn next_batch(&self, after: Option<BatchPlace>, most: u32)
    -> Result<Option<(Batch, BatchPlace)>, StoreError>;

    /// Takes away the old observations that a policy does not keep, account by account, and says how many they were.
    ///
    /// The newest of a post or profile is always kept. Reports that the account went into, as of a moment from the first that is
    /// taken away, say so from then on ([`KeptReport::inputs_thinned_at`](crate::KeptReport::inputs_thinned_at)), and so do those
    /// that were made before and are kept only afterwards. What is recorded again afterwards is there again.
    async fn thin(&self, thinning: &Thinning, now: Timestamp) -> Result<Recorded, StoreError>;

    /// The newest observation of every post as of a moment, as columns.
    async fn corpus_table(&self, as_of: Timestamp) -> Result<CorpusTable, StoreError>;
}
