//! `compass export`: everything that was observed, as files that other programs read.

use std::{
    collections::BTreeSet,
    error::Error,
    fs::{self, Permissions},
    io::{self, BufWriter, Write},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, ValueEnum};
#[cfg(feature = "parquet")]
use compass_core::exchange::ParquetWriter;
use compass_core::{
    Batch, CreatorId, Handle,
    app::Observations,
    exchange::{CsvWriter, ExchangeError, Exporter, JsonlWriter},
    ports::{CorpusStore, StoreError},
};
use tempfile::NamedTempFile;

use super::{Done, StoreFlags, tally::Tally};
use crate::store::Store;

/// So many observations are asked for at a time.
const AT_ONCE: u32 = 5_000;

/// Write every observation that is kept, for `compass import` and for other programs
///
/// JSON Lines go to stdout unless --out names a file. CSV and Parquet are two files, profiles and posts, in the folder that
/// --out names. A file appears once it is whole.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
    /// Where it is written: a file for JSON Lines, otherwise a folder
    #[arg(long, value_name = "PATH", required_if_eq_any(NEED_A_FOLDER))]
    out: Option<PathBuf>,
    /// Nothing but these accounts; may be given several times
    #[arg(long = "handle", value_name = "HANDLE", value_parser = Handle::parse)]
    handles: Vec<Handle>,
    #[command(flatten)]
    store: StoreFlags,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One object a line
    Jsonl,
    /// Tables for spreadsheets
    Csv,
    /// Typed columns
    #[cfg(feature = "parquet")]
    Parquet,
}

#[cfg(feature = "parquet")]
const NEED_A_FOLDER: [(&str, &str); 2] = [("format", "csv"), ("format", "parquet")];
#[cfg(not(feature = "parquet"))]
const NEED_A_FOLDER: [(&str, &str); 1] = [("format", "csv")];

pub(super) async fn run(arguments: Arguments) -> Done {
    let config = arguments.store.load([])?;
    let store = Store::open(&config).await?;
    let scope = match scope(&store, &arguments.handles).await? {
        Ok(scope) => scope,
        Err(unknown) => {
            for handle in unknown {
                eprintln!("error: @{handle}: nobody was observed with this handle");
            }
            return Ok(ExitCode::FAILURE);
        }
    };
    let mut tally = Tally::new("exported");
    let files = match (arguments.format, arguments.out.as_deref()) {
        (Format::Jsonl, None) => {
            let written = write(&*store.corpus, &scope, &mut *jsonl(io::stdout())?, &mut tally).await;
            return ended(written, &tally);
        }
        (Format::Jsonl, Some(file)) => vec![Unfinished::new(file.to_owned())?],
        (format, folder) => {
            let folder = folder.expect("clap asks for it");
            fs::create_dir_all(folder).map_err(|error| named(folder, error))?;
            let file = |table: &str| Unfinished::new(folder.join(format!("{table}.{}", format.extension())));
            vec![file("profiles")?, file("posts")?]
        }
    };
    let mut exporter = arguments.format.exporter(&files)?;
    let left_out = write(&*store.corpus, &scope, &mut *exporter, &mut tally).await?;
    drop(exporter);
    for file in files {
        file.finish()?;
    }
    store.close().await;
    ended(Ok(left_out), &tally)
}

impl Format {
    fn extension(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            #[cfg(feature = "parquet")]
            Self::Parquet => "parquet",
        }
    }

    fn exporter(self, files: &[Unfinished]) -> Result<Box<dyn Exporter + Send>, Box<dyn Error + Send + Sync>> {
        // The tables are gathered by their writers.
        let out = |at: usize| files[at].temporary.reopen();
        Ok(match self {
            Self::Jsonl => jsonl(out(0)?)?,
            Self::Csv => Box::new(CsvWriter::new(out(0)?, out(1)?)?),
            #[cfg(feature = "parquet")]
            Self::Parquet => Box::new(ParquetWriter::new(out(0)?, out(1)?)?),
        })
    }
}

fn jsonl(out: impl Write + Send + 'static) -> Result<Box<dyn Exporter + Send>, ExchangeError> {
    Ok(Box::new(JsonlWriter::new(BufWriter::new(out))?))
}

/// The accounts that are meant, by id; `None` for all. Otherwise the handles that nobody has.
async fn scope(store: &Store, handles: &[Handle]) -> Result<Result<Option<Vec<CreatorId>>, Vec<Handle>>, StoreError> {
    if handles.is_empty() {
        return Ok(Ok(None));
    }
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for handle in handles {
        match store.creators.find(handle).await? {
            Some(profile) => known.push(profile.id),
            None => unknown.push(handle.clone()),
        }
    }
    known.sort_unstable();
    known.dedup();
    Ok(if unknown.is_empty() { Ok(Some(known)) } else { Err(unknown) })
}

/// Writes everything of these accounts; gives how many observations of posts were left out.
async fn write(
    corpus: &dyn CorpusStore,
    scope: &Option<Vec<CreatorId>>,
    exporter: &mut (dyn Exporter + Send),
    tally: &mut Tally,
) -> Result<u64, Box<dyn Error + Send + Sync>> {
    let mut left_out = 0;
    match scope {
        None => {
            let mut place = None;
            let mut written: BTreeSet<CreatorId> = BTreeSet::new();
            while let Some((mut batch, next)) = corpus.next_batch(place, AT_ONCE).await? {
                written.extend(batch.profiles.iter().map(|look| look.observation.profile.id));
                // Of an account that came after its turn, or all of whose profile's months were detached: posts cannot be imported
                // without the profile.
                let Batch { posts, looks, .. } = &mut batch;
                let all = looks.len();
                looks.retain(|look| posts.get(look.post as usize).is_some_and(|post| written.contains(&post.creator)));
                left_out += (all - looks.len()) as u64;
                exporter.write(&batch)?;
                tally.add(&batch);
                place = Some(next);
            }
        }
        // Profiles come first, as in an export of everything.
        Some(creators) => {
            let profiles = creators.iter().copied().map(Observations::of_profile);
            for mut all in profiles.chain(creators.iter().copied().map(Observations::of_posts)) {
                while let Some(batch) = all.next(corpus, AT_ONCE).await? {
                    exporter.write(&batch)?;
                    tally.add(&batch);
                }
            }
        }
    }
    exporter.finish()?;
    Ok(left_out)
}

/// A file that gets its name once it is whole.
struct Unfinished {
    temporary: NamedTempFile,
    name: PathBuf,
}

impl Unfinished {
    fn new(name: PathBuf) -> Result<Self, io::Error> {
        let folder = name.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // As any new file, it may be read by whom the umask lets.
        let mut builder = tempfile::Builder::new();
        let temporary = builder.prefix(".compass-").permissions(Permissions::from_mode(0o666)).tempfile_in(folder);
        Ok(Self { temporary: temporary.map_err(|error| named(&name, error))?, name })
    }

    fn finish(self) -> Result<(), io::Error> {
        self.temporary.as_file().sync_all()?;
        self.temporary.persist(&self.name).map_err(|error| named(&self.name, error.error))?;
        Ok(())
    }
}

fn named(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("choose another --out: cannot write {}: {error}", path.display()))
}

/// A reader of stdout that has seen enough, such as `head`, is no failure.
fn ended(written: Result<u64, Box<dyn Error + Send + Sync>>, tally: &Tally) -> Done {
    match written {
        Err(error) if is_broken_pipe(&*error) => Ok(ExitCode::SUCCESS),
        Err(error) => Err(error),
        Ok(left_out) => {
            tally.tell();
            if left_out > 0 {
                eprintln!(
                    "note: {left_out} observations of posts are left out: their accounts came while this was written, or the months \
                     of their profiles are detached"
                );
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    let this = error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
    this || error.source().is_some_and(is_broken_pipe)
}
