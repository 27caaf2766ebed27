//! The files of a folder, unpacked, and what can be wrong with them.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use flate2::read::MultiGzDecoder;

/// Why a folder cannot be measured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    /// The folder, or one in it, cannot be listed.
    #[error("cannot list {}: {cause}; name a folder that holds series/videos-panel-*.csv.gz and items-*.jsonl.gz", .path.display())]
    Folder { path: PathBuf, cause: io::Error },
    /// No file has the name.
    #[error("{} holds no file {prefix}*{suffix}; put one there or name another folder", .folder.display())]
    NoFile { folder: PathBuf, prefix: &'static str, suffix: &'static str },
    /// A file cannot be opened or unpacked.
    #[error("{}, near line {line}: {cause}; check that the file is complete (gzip -t)", .path.display())]
    Unreadable { path: PathBuf, line: u64, cause: io::Error },
    /// A column is missing.
    #[error("{}, line 1: no column {column:?}; the columns needed are {needed}", .path.display())]
    NoColumn { path: PathBuf, column: &'static str, needed: String },
    /// A line does not say what it should.
    #[error("{}, line {line}: {trouble}; correct or remove the line", .path.display())]
    BadLine { path: PathBuf, line: u64, trouble: String },
    /// The language model cannot be used.
    #[error("the model cannot be used: {0}")]
    Model(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// All lines are right, but there is nothing to learn from.
    #[error("{0}")]
    TooLittle(&'static str),
}

/// The files in a folder's subfolder whose names begin and end so, by name.
pub(crate) fn files(
    folder: &Path,
    within: &str,
    prefix: &'static str,
    suffix: &'static str,
) -> Result<Vec<PathBuf>, InputError> {
    let folder = if within.is_empty() { folder.to_owned() } else { folder.join(within) };
    let unlisted = |cause| InputError::Folder { path: folder.clone(), cause };
    let mut found = Vec::new();
    for entry in folder.read_dir().map_err(unlisted)? {
        let entry = entry.map_err(unlisted)?;
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with(prefix) && name.ends_with(suffix)) {
            found.push(entry.path());
        }
    }
    if found.is_empty() {
        return Err(InputError::NoFile { folder, prefix, suffix });
    }
    found.sort_unstable();
    Ok(found)
}

/// Unpacks a file as it is read.
pub(crate) fn unpack(path: &Path) -> Result<impl Read + use<>, InputError> {
    let file = File::open(path).map_err(|cause| InputError::Unreadable { path: path.to_owned(), line: 1, cause })?;
    Ok(MultiGzDecoder::new(io::BufReader::new(file)))
}
