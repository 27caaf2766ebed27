//! A source that answers from recorded pages.

use std::{io, path::PathBuf};

use async_trait::async_trait;
use compass_core::{
    Progress, Snapshot, SourceKind,
    ports::{CollectRequest, ProfileSource, ProgressSink, SourceError},
};

use tracing::Span;

use super::{
    ReplayOptions,
    recorded::{self, Recorded},
};
use crate::{parse, posts::Wanted, telemetry};

/// A folder of recorded looks, as [`WebDriverBuilder::record`](crate::webdriver::WebDriverBuilder::record) keeps them, or of
/// profile pages, each named by its handle: `ada.html` or `ada.html.gz`.
///
/// Of several recorded looks at an account it reads the last one before the request's moment. The figures are said to
/// have been observed when the request says, as with every source.
#[derive(Clone, Debug)]
pub struct ReplaySource {
    folder: PathBuf,
    max_bytes: u64,
}

impl ReplaySource {
    /// Answers from this folder; it is read at each request.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), max_bytes: ReplayOptions::default().max_bytes }
    }
}

#[async_trait]
impl ProfileSource for ReplaySource {
    fn kind(&self) -> SourceKind {
        SourceKind::Replay
    }

    fn host(&self) -> Option<String> {
        None
    }

    async fn collect(&self, request: &CollectRequest, progress: &dyn ProgressSink) -> Result<Snapshot, SourceError> {
        telemetry::collection(self.kind(), request, self.look(request, progress)).await
    }
}

impl ReplaySource {
    async fn look(&self, request: &CollectRequest, progress: &dyn ProgressSink) -> Result<Snapshot, SourceError> {
        progress.report(Progress::Opening { source: SourceKind::Replay }).await;
        let (source, asked, span) = (self.clone(), request.clone(), Span::current());
        let mut snapshot = tokio::task::spawn_blocking(move || span.in_scope(|| source.read(&asked)))
            .await
            .map_err(|e| unreachable_page("reading the recorded page was broken off", e))??;
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let stated = snapshot.profile.counts.videos.map(|videos| videos.midpoint());
        progress.report(Progress::ProfileRead { videos: stated }).await;
        snapshot.videos.truncate(usize::try_from(request.max_videos).unwrap_or(usize::MAX));
        let got = count(snapshot.videos.len());
        progress.report(Progress::VideosRead { got, wanted: u64::from(request.max_videos).max(got) }).await;
        Ok(snapshot)
    }
}

impl ReplaySource {
    fn read(&self, request: &CollectRequest) -> Result<Snapshot, SourceError> {
        let handle = &request.handle;
        if let Some(recorded) = self.recorded(request)? {
            let wanted = |stated| Some(Wanted { most: u64::from(request.max_videos), since: request.since, stated });
            return recorded.read(self.max_bytes, wanted, request.observed_at);
        }
        let paths = ["html.gz", "html"].map(|extension| self.folder.join(format!("{handle}.{extension}")));
        let Some(path) = paths.iter().find(|path| path.exists()) else {
            return Err(SourceError::NotFound(handle.clone()));
        };
        let html = recorded::text(path, self.max_bytes)?;
        parse::profile_page(&html, Some(handle), Some(request.observed_at), SourceKind::Replay)
    }

    fn recorded(&self, request: &CollectRequest) -> Result<Option<Recorded>, SourceError> {
        let unreadable = |e| unreachable_page(&format!("{} cannot be read", self.folder.display()), e);
        let files: io::Result<Vec<PathBuf>> =
            self.folder.read_dir().map_err(unreadable)?.map(|entry| Ok(entry?.path())).collect();
        let (looks, _) = recorded::recordings(&files.map_err(unreadable)?);
        let of_account =
            looks.into_iter().filter(|look| look.handle == request.handle && look.at <= request.observed_at);
        Ok(of_account.max_by_key(|look| look.at))
    }
}

fn unreachable_page(detail: &str, source: impl std::error::Error + Send + Sync + 'static) -> SourceError {
    SourceError::Network { detail: detail.to_owned(), source: Some(Box::new(source)) }
}
