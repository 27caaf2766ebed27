//! How much memory an export and an import take, at a size and at ten times as much.
//!
//! ```sh
//! cargo run --release -p compass-benches --bin exchange
//! ```
//!
//! Made observations are imported into a new SQLite file and exported again, a step at a time, as `compass import` and `compass
//! export` do. Each step is a process of its own, which says how much memory it ever had (`VmHWM` of Linux).

use std::{
    error::Error,
    fs::{self, File},
    io::{BufReader, BufWriter},
    path::{Path, PathBuf},
    process::Command,
};

use clap::{Parser, ValueEnum};
use compass_benches::observations::{BEGIN, Shape};
use compass_core::{
    BatchId,
    exchange::{
        Batches, CsvReader, CsvWriter, ExchangeError, Exporter, JsonlReader, JsonlWriter, ParquetReader, ParquetWriter,
        Row,
    },
    ports::CorpusStore as _,
};
use compass_store::SqliteStore;

/// As the commands do.
const AT_ONCE: u32 = 5_000;

/// Of each account.
const POSTS: u32 = 100;
const LOOKS: u32 = 10;

#[derive(Debug, Parser)]
#[command(about = "Measures how much memory an export and an import take")]
struct Arguments {
    /// Accounts, of a thousand observations each; the second size is ten times as many.
    #[arg(long, default_value_t = 100)]
    accounts: u32,
    /// A step by itself, in this folder: prints the kibibytes that it took.
    #[arg(long, hide = true, requires_all = ["format", "folder"])]
    step: Option<Step>,
    #[arg(long, hide = true)]
    format: Option<Format>,
    #[arg(long, hide = true)]
    folder: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Step {
    /// Makes the files that are imported.
    Make,
    Import,
    Export,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Jsonl,
    Csv,
    Parquet,
}

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let Arguments { accounts, step, format, folder } = Arguments::parse();
    if let (Some(step), Some(format), Some(folder)) = (step, format, folder) {
        match step {
            Step::Make => make(format, &folder, accounts)?,
            Step::Import => import(format, &folder).await?,
            Step::Export => export(format, &folder).await?,
        }
        println!("{}", peak()?);
        return Ok(());
    }
    println!("{:<8} {:>12} {:>9} {:>14} {:>14}", "format", "observations", "MB", "import, MiB", "export, MiB");
    for format in [Format::Jsonl, Format::Csv, Format::Parquet] {
        for accounts in [accounts, 10 * accounts] {
            let folder = tempfile::tempdir()?;
            let run = |step: &str| -> Result<u64, Failure> {
                let mut child = Command::new(std::env::current_exe()?);
                child.args(["--step", step, "--format", format.name(), "--accounts", &accounts.to_string()]);
                let ended = child.arg("--folder").arg(folder.path()).output()?;
                if !ended.status.success() {
                    return Err(String::from_utf8_lossy(&ended.stderr).into());
                }
                Ok(std::str::from_utf8(&ended.stdout)?.trim().parse()?)
            };
            run("make")?;
            let (imported, exported) = (run("import")?, run("export")?);
            let [made, again] = ["made", "again"].map(|name| format.files(&folder.path().join(name)));
            let mut bytes = 0;
            for (made, again) in made.iter().zip(&again) {
                bytes += fs::metadata(made)?.len();
                if fs::metadata(again)?.len() < fs::metadata(made)?.len() / 2 {
                    return Err(format!("{} is not what {} was", again.display(), made.display()).into());
                }
            }
            println!(
                "{:<8} {:>12} {:>9.1} {:>14.1} {:>14.1}",
                format.name(),
                accounts * POSTS * LOOKS,
                bytes as f64 / 1e6,
                imported as f64 / 1024.0,
                exported as f64 / 1024.0
            );
        }
    }
    Ok(())
}

/// The rows of a file.
type Rows = Box<dyn Iterator<Item = Result<Row, ExchangeError>> + Send>;

fn make(format: Format, folder: &Path, accounts: u32) -> Result<(), Failure> {
    let mut writer = format.writer(&folder.join("made"))?;
    for batch in (Shape { accounts, posts: POSTS, looks: LOOKS, begin: BEGIN }).batches(1, 0) {
        writer.write(&batch)?;
    }
    Ok(writer.finish()?)
}

async fn import(format: Format, folder: &Path) -> Result<(), Failure> {
    let store = open(folder).await?;
    store.migrate().await?;
    for rows in format.rows(&folder.join("made"))? {
        for part in Batches::new(rows, AT_ONCE as usize) {
            let part = part?;
            if let Some(refusal) = part.refused.first() {
                return Err(refusal.detail.clone().into());
            }
            store.record_batch(BatchId::of(&part.batch, &[])?, &part.batch).await?;
        }
    }
    store.close().await;
    Ok(())
}

async fn export(format: Format, folder: &Path) -> Result<(), Failure> {
    let store = open(folder).await?;
    let mut writer = format.writer(&folder.join("again"))?;
    let mut place = None;
    while let Some((batch, next)) = store.next_batch(place, AT_ONCE).await? {
        writer.write(&batch)?;
        place = Some(next);
    }
    writer.finish()?;
    store.close().await;
    Ok(())
}

async fn open(folder: &Path) -> Result<SqliteStore, Failure> {
    let file = folder.join("bench.sqlite");
    Ok(SqliteStore::open(file.to_str().ok_or("a path in UTF-8")?).await?)
}

impl Format {
    fn name(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }

    /// Profiles come first.
    fn files(self, stem: &Path) -> Vec<PathBuf> {
        let file = |table: &str| stem.with_extension(format!("{table}{}", self.name()));
        if self == Self::Jsonl { vec![file("")] } else { vec![file("profiles."), file("posts.")] }
    }

    fn writer(self, stem: &Path) -> Result<Box<dyn Exporter + Send>, Failure> {
        let files = self.files(stem).iter().map(File::create).collect::<Result<Vec<_>, _>>()?;
        let [first, second] = [files.first(), files.last()].map(|file| file.expect("a format has files").try_clone());
        Ok(match self {
            Self::Jsonl => Box::new(JsonlWriter::new(BufWriter::new(first?))?),
            Self::Csv => Box::new(CsvWriter::new(first?, second?)?),
            Self::Parquet => Box::new(ParquetWriter::new(first?, second?)?),
        })
    }

    fn rows(self, stem: &Path) -> Result<Vec<Rows>, Failure> {
        let mut all: Vec<Rows> = Vec::new();
        for file in self.files(stem) {
            let file = File::open(file)?;
            all.push(match self {
                Self::Jsonl => Box::new(JsonlReader::new(BufReader::new(file))?),
                Self::Csv => Box::new(CsvReader::new(BufReader::new(file))?),
                Self::Parquet => Box::new(ParquetReader::new(file)?),
            });
        }
        Ok(all)
    }
}

/// The most memory that this process ever had, in kibibytes.
fn peak() -> Result<u64, Failure> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("the system does not say")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
