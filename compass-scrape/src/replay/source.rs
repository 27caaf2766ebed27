//! A source that answers from recorded pages.

use std::{
    io,
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use compass_core::{
    Progress, Snapshot, SourceKind,
    ports::{CollectRequest, ProfileSource, ProgressSink, SourceError},
};

use super::{ReplayOptions, file};
use crate::parse;

/// A folder of profile pages, each named by its handle: `ada.html` or `ada.html.gz`.
///
/// The figures of a page are said to have been observed when the request says, as with every source.
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

    async fn collect(&self, request: &CollectRequest, progress: &dyn ProgressSink) -> Result<Snapshot, SourceError> {
        progress.report(Progress::Opening { source: SourceKind::Replay }).await;
        let (source, asked) = (self.clone(), request.clone());
        let mut snapshot = tokio::task::spawn_blocking(move || source.read(&asked))
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
        let paths = ["html.gz", "html"].map(|extension| self.folder.join(format!("{handle}.{extension}")));
        let Some(path) = paths.iter().find(|path| path.exists()) else {
            return Err(SourceError::NotFound(handle.clone()));
        };
        let html = self.text(path)?;
        parse::profile_page(&html, Some(handle), Some(request.observed_at), SourceKind::Replay)
    }

    fn text(&self, path: &Path) -> Result<String, SourceError> {
        match file::bytes(path, self.max_bytes) {
            Ok(Some(bytes)) => Ok(file::into_text(bytes)),
            Ok(None) => Err(unreachable_page(
                &format!("{} has more than {} bytes", path.display(), self.max_bytes),
                io::Error::from(io::ErrorKind::FileTooLarge),
            )),
            Err(e) => Err(unreachable_page(&format!("{} cannot be read", path.display()), e)),
        }
    }
}

fn unreachable_page(detail: &str, source: impl std::error::Error + Send + Sync + 'static) -> SourceError {
    SourceError::Network { detail: detail.to_owned(), source: Some(Box::new(source)) }
}
