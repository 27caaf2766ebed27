//! What a scrape reads, kept file by file as it comes, so that it can be read again.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use compass_core::{Handle, Refusal};
use flate2::{Compression, write::GzEncoder};
use jiff::Timestamp;
use tempfile::NamedTempFile;

use super::name::{Name, Part};

/// Keeps the pages and the lists of one look at one account.
#[derive(Debug)]
pub(crate) struct Recorder {
    folder: PathBuf,
    handle: Handle,
    at: Timestamp,
    kept: u32,
    failure: Option<io::Error>,
}

impl Recorder {
    /// For a look at that moment; the folder is made when something is kept.
    pub(crate) fn new(folder: &Path, handle: &Handle, at: Timestamp) -> Self {
        Self { folder: folder.to_owned(), handle: handle.clone(), at, kept: 0, failure: None }
    }

    /// Keeps a text. The profile has one place: a later one, which has more posts in it, replaces it.
    pub(crate) async fn keep(&mut self, part: Part, text: &str) {
        let number = if matches!(part, Part::Profile | Part::Header) {
            0
        } else {
            self.kept += 1;
            self.kept
        };
        let name = Name { handle: self.handle.clone(), at: self.at, number, part };
        let (folder, text) = (self.folder.clone(), text.to_owned());
        let written = tokio::task::spawn_blocking(move || write(&folder, &name.to_string(), &text)).await;
        if let Err(error) = written.map_err(io::Error::other).flatten() {
            tracing::warn!(%error, "a recording could not be written in {}", self.folder.display());
            self.failure.get_or_insert(error);
        }
    }

    /// That not everything is kept, and why, if so.
    pub(crate) fn take_failure(&mut self) -> Option<Refusal> {
        let error = self.failure.take()?;
        let detail = format!("the recording in {} is not complete: {error}", self.folder.display());
        Some(Refusal { item: None, reason: "not_recorded".to_owned(), detail })
    }
}

/// Writes under another name first: whoever reads the folder meanwhile sees whole files only.
fn write(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let file = NamedTempFile::new_in(folder)?;
    let mut packed = GzEncoder::new(file, Compression::default());
    packed.write_all(text.as_bytes())?;
    packed.finish()?.persist(folder.join(name))?;
    Ok(())
}
