//! Files that people saved, and a source over a folder of them.

mod exports;
mod files;
mod source;

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use compass_scrape::replay::{Recording, ReplayOptions, read};
use flate2::{Compression, write::GzEncoder};
use tempfile::TempDir;

/// A folder of inputs.
struct Inputs(TempDir);

impl Inputs {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }

    fn gzip(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        gzip_to(&path, content.as_ref());
        path
    }
}

fn gzip_to(path: &Path, content: &[u8]) {
    let mut encoder = GzEncoder::new(File::create(path).unwrap(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap();
}

fn read_all(inputs: &[PathBuf]) -> Recording {
    read(inputs, &ReplayOptions::default())
}
