//! What a language model makes of everybody's texts: asked for once, in the background and within a time, and kept in a file.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError},
    time::Duration,
};

use compass_core::{
    app::{Everybody, SimilarCreators, Texts},
    ports::Embedder,
    recommend::Meanings,
};
use tokio::{
    sync::{Mutex, Semaphore},
    task::spawn_blocking,
};

#[derive(Debug)]
pub(super) struct Embedding {
    embedder: Arc<dyn Embedder>,
    patience: Duration,
    file: Option<PathBuf>,
    kept: Mutex<Kept>,
    /// Everybody compared by what their texts mean, as of the last time that all were embedded.
    last: std::sync::Mutex<Option<Arc<SimilarCreators>>>,
    /// One set of texts at a time.
    turn: Arc<Semaphore>,
}

#[derive(Debug, Default)]
struct Kept {
    meanings: Option<Arc<Meanings>>,
    file_is_read: bool,
}

impl Embedding {
    pub(super) fn new(embedder: Arc<dyn Embedder>, patience: Duration, file: Option<PathBuf>) -> Self {
        let turn = Arc::new(Semaphore::new(1));
        Self { embedder, patience, file, kept: Mutex::default(), last: std::sync::Mutex::default(), turn }
    }

    /// What finds out which texts are known; it computes for a while.
    pub(super) async fn reader(&self) -> impl FnOnce(&Everybody) -> Texts + Send + 'static {
        let mut kept = self.kept.lock().await;
        if !kept.file_is_read {
            kept.meanings = self.read().await;
            kept.file_is_read = true;
        }
        let (meanings, model, dimensions) = (kept.meanings.clone(), self.embedder.model(), self.embedder.dimensions());
        move |everybody| everybody.texts(&model, dimensions, meanings.as_deref())
    }

    /// Everybody by what their texts mean, of which none is new.
    pub(super) async fn all_known(&self, by_words: SimilarCreators, texts: Texts) -> Arc<SimilarCreators> {
        self.embed(by_words, texts).await.0
    }

    /// Everybody while texts are embedded: as they were before, or else by words.
    pub(super) fn meanwhile(&self, by_words: &SimilarCreators, texts: &Texts) -> Arc<SimilarCreators> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        last.unwrap_or_else(|| Arc::new(by_words.with_meanings(&texts.so_far())))
    }

    /// Embeds what is new, and gives everybody by what all texts mean, and whether it came to that; `None` where others are being embedded.
    pub(super) fn begin(
        self: &Arc<Self>,
        by_words: SimilarCreators,
        texts: Texts,
    ) -> Option<impl Future<Output = (Arc<SimilarCreators>, bool)> + Send + 'static> {
        let turn = Arc::clone(&self.turn).try_acquire_owned().ok()?;
        let this = Arc::clone(self);
        Some(async move {
            let _turn = turn;
            this.embed(by_words, texts).await
        })
    }

    async fn embed(&self, by_words: SimilarCreators, texts: Texts) -> (Arc<SimilarCreators>, bool) {
        let done = texts.embed(&*self.embedder, tokio::time::sleep(self.patience)).await;
        if let Some(error) = &done.failure {
            tracing::warn!(error = error as &dyn std::error::Error, "creators are compared without the language model");
        } else if done.missing > 0 {
            let missing = done.missing;
            tracing::info!(
                missing,
                "{missing} creators' texts are not embedded yet; creators are compared without them"
            );
        }
        if let Some(meanings) = &done.meanings {
            self.keep(meanings, done.new > 0).await;
        }
        let (everybody, is_whole) = (Arc::new(by_words.with_meanings(&done)), done.notice().is_none());
        let last = is_whole.then(|| Arc::clone(&everybody));
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = last;
        (everybody, is_whole)
    }

    async fn keep(&self, meanings: &Arc<Meanings>, is_new: bool) {
        let before = self.kept.lock().await.meanings.replace(Arc::clone(meanings));
        let is_news = is_new || before.is_none_or(|before| before.len() != meanings.len());
        if let Some(file) = self.file.clone().filter(|_| is_news) {
            self.write(file, Arc::clone(meanings)).await;
        }
    }

    /// What was kept by an earlier start; `None` where it cannot be used.
    async fn read(&self) -> Option<Arc<Meanings>> {
        let (file, model, dimensions) = (self.file.clone()?, self.embedder.model(), self.embedder.dimensions());
        let place = file.display().to_string();
        let read = move || match fs::read(&file) {
            Ok(bytes) => Meanings::from_bytes(&bytes, &model, dimensions).map(Some).map_err(|why| why.to_string()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.to_string()),
        };
        match spawn_blocking(read).await.map_err(|failed| failed.to_string()).and_then(|read| read) {
            Ok(meanings) => meanings.map(Arc::new),
            Err(why) => {
                tracing::warn!("{place} is not used, and all texts are embedded anew: {why}");
                None
            }
        }
    }

    /// A service that cannot write it goes on: the texts are embedded again at its next start.
    async fn write(&self, file: PathBuf, meanings: Arc<Meanings>) {
        let place = file.display().to_string();
        let written = spawn_blocking(move || write(&file, &meanings.to_bytes())).await;
        if let Err(error) = written.map_err(io::Error::other).and_then(|written| written) {
            tracing::error!("{place} cannot be written, so that texts are embedded again after a restart: {error}");
        }
    }
}

/// Whole or not at all, also where the machine stops in the middle.
fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = file.with_file_name(name);
    let mut written = File::create(&new)?;
    written.write_all(bytes)?;
    written.sync_all()?;
    fs::rename(new, file)
}
