//! Which inputs are exports of ours, opened.

use std::{
    ffi::OsStr,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

#[cfg(feature = "parquet")]
use compass_core::exchange::ParquetReader;
use compass_core::exchange::{CsvReader, ExchangeError, JsonlReader, Row};
use flate2::bufread::MultiGzDecoder;

/// The files of a folder that is an export, profiles first.
const NAMES: [&str; 4] = ["profiles.csv", "posts.csv", "profiles.parquet", "posts.parquet"];

/// So much of a file tells what it is.
const START: u64 = 1_024;

const GZIP: [u8; 2] = [0x1F, 0x8B];

type Rows = Box<dyn Iterator<Item = Result<Row, ExchangeError>> + Send>;

/// A file of an export.
pub(super) struct OwnExport {
    /// Its name, for people.
    pub(super) input: String,
    /// What it holds.
    pub(super) rows: Rows,
    /// Whether there are profiles in it, which a store has to know before their posts.
    has_profiles: bool,
}

/// An export, or its name and why it cannot be read.
pub(super) type Opened = Result<OwnExport, (String, ExchangeError)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Jsonl,
    Csv,
    Parquet,
}

/// Opens the exports among the inputs, those with profiles first; gives back the other inputs.
pub(super) fn own_exports(inputs: &[PathBuf]) -> (Vec<Opened>, Vec<PathBuf>) {
    let (mut exports, mut others) = (Vec::new(), Vec::new());
    for input in inputs {
        let files = if input.is_dir() { files(input) } else { vec![input.clone()] };
        let mut is_one = false;
        for file in files {
            if let Some(kind) = kind(&file) {
                is_one = true;
                let name = file.display().to_string();
                exports.push(open(&file, kind).map_err(|error| (name, error)));
            }
        }
        if !is_one {
            others.push(input.clone());
        }
    }
    exports.sort_by_key(|export| export.as_ref().is_ok_and(|export| !export.has_profiles));
    (exports, others)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    NAMES.iter().map(|name| folder.join(name)).filter(|file| file.is_file()).collect()
}

/// What kind of export a file is; `None` if it is none, or cannot be read.
fn kind(file: &Path) -> Option<Kind> {
    if file == Path::new("-") {
        return Some(Kind::Jsonl);
    }
    // What is read from a pipe is gone.
    if !file.is_file() {
        return None;
    }
    let mut start = Vec::new();
    decompressed(File::open(file).ok()?).ok()?.take(START).read_to_end(&mut start).ok()?;
    if start.starts_with(b"PAR1") {
        return Some(Kind::Parquet);
    }
    let line = String::from_utf8_lossy(&start);
    let line = line.lines().next().unwrap_or_default();
    if line.contains("\"compass.observations/") {
        return Some(Kind::Jsonl);
    }
    let is_csv =
        file.extension().and_then(OsStr::to_str).is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    (is_csv && line.contains("creator") && line.contains("observed_at")).then_some(Kind::Csv)
}

fn open(file: &Path, kind: Kind) -> Result<OwnExport, ExchangeError> {
    let input = file.display().to_string();
    if file == Path::new("-") {
        return Ok(OwnExport {
            input,
            rows: Box::new(JsonlReader::new(BufReader::new(io::stdin()))?),
            has_profiles: true,
        });
    }
    let opened = File::open(file)?;
    Ok(match kind {
        Kind::Jsonl => {
            OwnExport { input, rows: Box::new(JsonlReader::new(decompressed(opened)?)?), has_profiles: true }
        }
        Kind::Csv => {
            let reader = CsvReader::new(decompressed(opened)?)?;
            OwnExport { input, has_profiles: reader.has_profiles(), rows: Box::new(reader) }
        }
        #[cfg(feature = "parquet")]
        Kind::Parquet => {
            let reader = ParquetReader::new(opened)?;
            OwnExport { input, has_profiles: reader.has_profiles(), rows: Box::new(reader) }
        }
        #[cfg(not(feature = "parquet"))]
        Kind::Parquet => {
            return Err(ExchangeError::Foreign("this program was built without Parquet; export JSON Lines".to_owned()));
        }
    })
}

/// The file's bytes, decompressed if they are gzip.
fn decompressed(file: File) -> io::Result<Box<dyn BufRead + Send>> {
    let mut file = BufReader::new(file);
    let is_gzip = file.fill_buf()?.starts_with(&GZIP);
    Ok(if is_gzip { Box::new(BufReader::new(MultiGzDecoder::new(file))) } else { Box::new(file) })
}
