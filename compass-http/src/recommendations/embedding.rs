//! What a language model makes of everybody's texts: asked for once, within a time, and kept in a file.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use compass_core::{app::Everybody, ports::Embedder, recommend::Meanings};
use tokio::{sync::Mutex, task::spawn_blocking};

#[derive(Debug)]
pub(super) struct Embedding {
    embedder: Arc<dyn Embedder>,
    patience: Duration,
    file: Option<PathBuf>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    meanings: Option<Arc<Meanings>>,
    file_is_read: bool,
}

impl Embedding {
    pub(super) fn new(embedder: Arc<dyn Embedder>, patience: Duration, file: Option<PathBuf>) -> Self {
        Self { embedder, patience, file, kept: Mutex::default() }
    }

    /// Embeds what is new of everybody's texts, and keeps it.
    pub(super) async fn embed(&self, everybody: &mut Everybody) {
        let mut kept = self.kept.lock().await;
        if !kept.file_is_read {
            kept.meanings = self.read().await;
            kept.file_is_read = true;
        }
        let patience = tokio::time::sleep(self.patience);
        let done = everybody.embed(&*self.embedder, kept.meanings.as_deref(), patience).await;
        if let Some(error) = &done.failure {
            tracing::warn!(error = error as &dyn std::error::Error, "creators are compared without the language model");
        } else if done.missing > 0 {
            let missing = done.missing;
            tracing::info!(
                missing,
                "{missing} creators' texts are not embedded yet; creators are compared without them"
            );
        }
        let Some(meanings) = done.meanings else { return };
        let is_news = done.new > 0 || kept.meanings.as_ref().is_none_or(|before| before.len() != meanings.len());
        kept.meanings = Some(Arc::clone(&meanings));
        if let Some(file) = self.file.clone().filter(|_| is_news) {
            self.write(file, meanings).await;
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
