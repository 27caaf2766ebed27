//! A place that shows accounts: a browser, an API, an export, a recording.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;

use super::SourceError;
use crate::{Handle, Progress, Snapshot, SourceKind};

/// What to collect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectRequest {
    /// The account.
    pub handle: Handle,
    /// The most posts to read, newest first; pinned ones count.
    pub max_videos: u32,
    /// Posts before this need not be read. Pinned ones, and others that come with the wanted ones, may be given all the
    /// same.
    pub since: Option<Timestamp>,
    /// When the figures will be said to have been observed.
    pub observed_at: Timestamp,
}

/// Hears how a collection goes, and may end it.
#[async_trait]
pub trait ProgressSink: Send + Sync {
    /// Called at each step. A source goes on whatever becomes of the news.
    async fn report(&self, progress: Progress);

    /// Asked before each page that is opened, after all waiting for it: whether it still may be. If not, the collection ends
    /// with that outcome, or with what it has read so far.
    async fn may_open(&self) -> Result<(), SourceError> {
        Ok(())
    }
}

/// A sink for those who do not watch.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProgress;

#[async_trait]
impl ProgressSink for NoProgress {
    async fn report(&self, _progress: Progress) {}
}

/// Shows accounts.
#[async_trait]
pub trait ProfileSource: fmt::Debug + Send + Sync {
    /// What kind of source this is.
    fn kind(&self) -> SourceKind;

    /// The host that it loads pages from, with its port where that is not the scheme's own: `www.tiktok.com`.
    ///
    /// All workers leave such a host alone together, so such a source asks [`ProgressSink::may_open`] before each page. `None`
    /// for a source that asks nobody: recordings, exports, samples.
    fn host(&self) -> Option<String>;

    /// Looks at one account once. It never evades a block: it stops and says what it met.
    ///
    /// It reports that it waits, at least once a minute ([`Progress::Waiting`]), that it begins ([`Progress::Opening`]), and then
    /// what it has read ([`Progress::ProfileRead`], [`Progress::VideosRead`]).
    async fn collect(&self, request: &CollectRequest, progress: &dyn ProgressSink) -> Result<Snapshot, SourceError>;
}
