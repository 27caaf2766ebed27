//! Every observation of every account, never overwritten.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use super::StoreError;
use crate::{
    AccountLook, CreatorId, Handle, PostLook, Profile, ProfileObservation, Snapshot, VideoId, VideoObservation,
};

/// How much of a snapshot was new.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Profile observations added: 0 or 1.
    pub profiles: u64,
    /// Video observations added.
    pub videos: u64,
}

/// A slice of a creator's posts, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VideoPage {
    /// Only posts that come after this one in the order; `None` for the first page.
    pub after: Option<(Timestamp, VideoId)>,
    /// The most posts to give.
    pub limit: u32,
}

impl VideoPage {
    /// The newest posts.
    #[must_use]
    pub fn first(limit: u32) -> Self {
        Self { after: None, limit }
    }
}

/// Which counters of an account to read: all of its own, and those of its newest posts that were old enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recently {
    /// What was observed later is left out.
    pub until: Timestamp,
    /// The posts are as of the newest look at the account by `until`, but at least as of this moment; at most `until`.
    pub at_least: Timestamp,
    /// Posts that were younger when they were last looked at are left out.
    pub min_age: SignedDuration,
    /// The most posts to give.
    pub posts: u32,
}

/// The counters that were asked for by [`Recently`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecentLooks {
    /// Every look at the account, oldest first.
    pub account: Vec<AccountLook>,
    /// The newest look at each of the posts, newest post first (then by id, larger first).
    pub posts: Vec<PostLook>,
}

/// Keeps what the sources showed.
///
/// Observations are append-only. "As of" a moment means: only observations with `observed_at` at or before it; of two at
/// one moment, the one whose [`SourceKind`](crate::SourceKind) comes later counts as newer. What is imported today of earlier
/// days counts for those days from today on; [`known_at`](Self::known_at) leaves it out.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait CreatorStore: fmt::Debug + Send + Sync {
    /// Adds a snapshot, all of it or none of it.
    ///
    /// An observation of the same thing, at the same time, from the same source is kept already: it is not added again
    /// and not changed, so recording twice is harmless. The creator's handle and profile text are those of the newest
    /// profile observation; a handle that moved to another account id belongs to the account seen with it last.
    /// [`StoreError::Invalid`] if a text in it has a NUL, [`StoreError::Conflict`] if a post is known as another account's.
    async fn record(&self, snapshot: &Snapshot) -> Result<Recorded, StoreError>;

    /// The account that has the handle; `None` if none was ever recorded.
    async fn find(&self, handle: &Handle) -> Result<Option<Profile>, StoreError>;

    /// Every account in the order of handles (then of ids), also one whose handle belongs to another by now. One whose newest
    /// observation cannot be understood is left out, and logged.
    async fn list(&self) -> Result<Vec<Profile>, StoreError>;

    /// The newest profile observation as of a moment; `None` if there is none.
    async fn latest(&self, creator: CreatorId, as_of: Timestamp) -> Result<Option<ProfileObservation>, StoreError>;

    /// Profile observations from `from` to `to`, both inclusive, oldest first.
    async fn history(
        &self,
        creator: CreatorId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<ProfileObservation>, StoreError>;

    /// Posts with their newest observation as of a moment, newest post first (then by id, larger first).
    async fn videos(
        &self,
        creator: CreatorId,
        as_of: Timestamp,
        page: VideoPage,
    ) -> Result<Vec<VideoObservation>, StoreError>;

    /// Observations of the creator's posts from `from` to `to`, both inclusive, oldest first (then by post, then by source).
    async fn video_observations(
        &self,
        creator: CreatorId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<VideoObservation>, StoreError>;

    /// What [`history`](Self::history) and [`videos`](Self::videos) give of the account that has the handle, without the
    /// texts, as one read; nothing if no account has it.
    async fn recent(&self, handle: &Handle, recently: Recently) -> Result<RecentLooks, StoreError>;

    /// Every observation of one of the creator's posts, oldest first; empty if the creator has no such post.
    async fn video_history(&self, creator: CreatorId, video: VideoId) -> Result<Vec<VideoObservation>, StoreError>;

    /// The same store as it was at a moment: of observations, its reads give only those that were recorded at or before it.
    /// [`find`](Self::find) and [`list`](Self::list) say who there is today.
    ///
    /// A recording counts by the moment when it began, and what an export brings along by the moment that it names, if it names one.
    /// What was thinned since is gone.
    fn known_at(&self, moment: Timestamp) -> Arc<dyn CreatorStore>;

    /// Asks the store for a sign of life.
    async fn ping(&self) -> Result<(), StoreError>;
}
