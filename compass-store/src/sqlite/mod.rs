//! The ports over SQLite.

mod bell;
mod bulk;
mod columns;
mod file_lock;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use compass_core::ports::{Clock, JobBell, StoreError, SystemClock};
use jiff::Timestamp;
use sqlx::{
    SqlStr, Sqlite, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions},
};

use crate::{
    detached::to_the_end,
    error::store_error,
    migration::{self, LEDGER, SchemaVersion},
    rows::{RecentRow, RecentlyAsked},
    stamp::Stamp,
    statements::sqlite::{
        CLAIM_JOB, HOLD_ACCOUNT, LOCK_USER, RECENT, THIN_LOOKS, THIN_PROFILES, TRACKED, VIDEOS_AS_OF,
    },
};
use bell::SqliteBell;
use bulk::keep_newest;
use file_lock::FileLock;

#[cfg_attr(
    feature = "postgres",
    expect(clippy::duplicate_mod, reason = "one body for both databases: `Db` and `Store` differ")
)]
#[path = "../adapter/mod.rs"]
mod adapter;

/// Only one writes at a time.
const LOCK_ROWS: &str = "";

type Db = Sqlite;
type Store = SqliteStore;
type Tx = Transaction<'static, Sqlite>;

/// Keeps everything in a SQLite database: a file, or memory.
///
/// One connection writes, several read meanwhile. Cloning is cheap: the clones share the connections.
#[derive(Clone)]
pub struct SqliteStore {
    writer: SqlitePool,
    reader: SqlitePool,
    clock: Arc<dyn Clock>,
    /// Observations that were recorded later are not read.
    known_at: Stamp,
    bell: Arc<SqliteBell>,
    /// Then there is nothing that others have to be kept from.
    only_reads: bool,
}

impl SqliteStore {
    /// Opens a file by its path or as `sqlite://path`, and makes it if it does not exist; `sqlite::memory:` is a
    /// database of its own that ends with the store.
    ///
    /// With `?mode=ro` nothing is written, and no lock is made beside the file. SQLite itself needs to write to the folder even so,
    /// unless it is told with `?mode=ro&immutable=1` that nobody writes to the file meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] if the folder does not exist or may not be written to, [`StoreError::Corrupt`] if the file is no
    /// database.
    pub async fn open(location: &str) -> Result<Self, StoreError> {
        let options = if location.starts_with("sqlite:") {
            location.parse().map_err(store_error)?
        } else {
            SqliteConnectOptions::new().filename(location)
        };
        let options = options.busy_timeout(PATIENCE).foreign_keys(true).create_if_missing(true);
        let pool = SqlitePoolOptions::new().acquire_timeout(PATIENCE).idle_timeout(None).max_lifetime(None);
        let writers = pool.clone().max_connections(1);
        if location.contains(":memory:") || location.contains("mode=memory") {
            // Memory that two connections share locks whole tables at once: reading and writing take turns instead.
            let only = writers.connect_with(options).await.map_err(store_error)?;
            return Ok(Self::from_pools(only.clone(), only));
        }
        let file = options.get_filename().to_owned();
        folder_exists(&file)?;
        let readers = options.clone().pragma("query_only", "ON");
        let only_reads =
            location.split_once('?').is_some_and(|(_, asked)| asked.split('&').any(|each| each == "mode=ro"));
        let writers = if only_reads {
            writers.connect_with(options).await.map_err(|why| of_file(&file, store_error(why)))?
        } else {
            // Changing to a write-ahead log needs the file alone and does not wait for it.
            let _alone = FileLock::beside(&file).await?;
            let options = options.page_size(PAGE).journal_mode(SqliteJournalMode::Wal);
            let options = options.pragma("journal_size_limit", LARGEST_LOG);
            writers.connect_with(options).await.map_err(|why| of_file(&file, store_error(why)))?
        };
        Ok(Self { only_reads, ..Self::from_pools(writers, pool.max_connections(4).connect_lazy_with(readers)) })
    }

    /// Uses the host's connections: at most one in `writer`, any number in `reader`; both may be the same.
    ///
    /// Foreign keys must be on, and the journal should be a write-ahead log, as [`open`](Self::open) has it.
    #[must_use]
    pub fn from_pools(writer: SqlitePool, reader: SqlitePool) -> Self {
        Self {
            writer,
            reader,
            clock: Arc::new(SystemClock),
            known_at: Stamp::MAX,
            bell: Arc::default(),
            only_reads: false,
        }
    }

    /// Takes the time of recording from this clock instead of the machine's.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// As [`CreatorStore::known_at`](compass_core::ports::CreatorStore::known_at); its corpus is as it was then, too.
    #[must_use]
    pub fn as_known_at(self, moment: Timestamp) -> Self {
        Self { known_at: moment.into(), ..self }
    }

    /// Brings the tables to this program's schema. Harmless if they are there; may be called by many at once.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if a newer program has been here.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        to_the_end(self.clone(), |Self { writer, only_reads, .. }| {
            Box::pin(async move {
                let file = writer.connect_options().get_filename().to_owned();
                // A database in memory has a name too, but no file by it.
                let _alone = if file.exists() && !only_reads { Some(FileLock::beside(&file).await?) } else { None };
                let mut connection = writer.acquire().await.map_err(store_error)?;
                let migrated = migration::run(sqlx::migrate!("./migrations/sqlite"), &mut *connection).await;
                migrated.map_err(|why| of_file(&file, why))
            })
        })
        .await
    }

    /// Reads which schema the database has. Nothing is written.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if [`migrate`](Self::migrate) would refuse the database.
    pub async fn schema_version(&self) -> Result<SchemaVersion, StoreError> {
        let mut connection = self.reader.acquire().await.map_err(store_error)?;
        let is_there = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1)";
        let is_there: bool =
            sqlx::query_scalar(is_there).bind(LEDGER).fetch_one(&mut *connection).await.map_err(store_error)?;
        let ledger = is_there.then_some(LEDGER);
        migration::look(&sqlx::migrate!("./migrations/sqlite"), &mut *connection, ledger).await
    }

    /// A bell that rings for every job that this store or a clone of it enqueues. Another process that opened the same file
    /// is not heard: its jobs are found when the queue is looked at.
    #[must_use]
    pub fn bell(&self) -> Arc<dyn JobBell> {
        Arc::<SqliteBell>::clone(&self.bell)
    }

    /// The newest looks at an account and its posts.
    async fn recent_rows(&self, asked: RecentlyAsked) -> Result<Vec<RecentRow>, StoreError> {
        let rows = sqlx::query_as(self.sql(RECENT))
            .bind(asked.handle)
            .bind(asked.until)
            .bind(asked.at_least)
            .bind(asked.min_age)
            .bind(asked.posts)
            .bind(asked.known_at);
        rows.fetch_all(&self.reader).await.map_err(store_error)
    }

    /// Waits until the connections are closed.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }

    /// The connections that read.
    #[must_use]
    pub fn reader(&self) -> &SqlitePool {
        &self.reader
    }

    /// The connection that writes.
    #[must_use]
    pub fn writer(&self) -> &SqlitePool {
        &self.writer
    }

    /// The statement as it is: a file is a schema of its own.
    #[expect(clippy::unused_self, reason = "both databases are asked alike")]
    fn sql(&self, text: &'static str) -> SqlStr {
        SqlStr::from_static(text)
    }

    /// The statements whose text depends on the rows.
    #[cfg(all(test, unix))]
    pub(crate) fn statements_of_rows(&self) -> Vec<(&'static str, SqlStr)> {
        [adapter::creators::of_rows(self), bulk::of_rows()].concat()
    }

    /// The transaction tells nobody; [`ring_now`](Self::ring_now) does.
    async fn ring(&self, _: &mut Tx) -> Result<(), StoreError> {
        Ok(())
    }

    fn ring_now(&self) {
        self.bell.ring();
    }

    /// As [`begin`](Self::begin): a statement may take as long as it takes.
    async fn begin_long(&self) -> Result<Tx, StoreError> {
        self.begin().await
    }

    /// Takes the right to write at once: a transaction that first reads cannot wait for it later.
    async fn begin(&self) -> Result<Tx, StoreError> {
        self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(store_error)
    }

    /// One view of everything, as it is at the first statement.
    async fn begin_reading(&self) -> Result<Tx, StoreError> {
        self.reader.begin().await.map_err(store_error)
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = self.writer.connect_options();
        f.debug_struct("SqliteStore").field("file", &options.get_filename()).finish_non_exhaustive()
    }
}

/// How long to wait for the file, or for the turn to write.
const PATIENCE: Duration = Duration::from_secs(5);

/// The bytes of a page of a new file. A page of SQLite's own choice holds some thirty observations: with larger ones a batch takes
/// fewer splits and less of the processor, by a sixth.
const PAGE: u32 = 16_384;

/// The bytes of the write-ahead log that stay on the disk once it is written back: it grows while somebody reads for long.
const LARGEST_LOG: &str = "33554432";

/// Which file it is that cannot be understood.
fn of_file(file: &Path, error: StoreError) -> StoreError {
    match error {
        StoreError::Corrupt(why) => StoreError::Corrupt(format!("the file {}: {why}", file.display())),
        other => other,
    }
}

/// SQLite itself would only say that it is "unable to open database file".
fn folder_exists(file: &Path) -> Result<(), StoreError> {
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    if folder.is_dir() {
        return Ok(());
    }
    Err(StoreError::Invalid(format!(
        "the folder {} of the database does not exist: make it, or choose another place",
        folder.display()
    )))
}
