//! The ports over PostgreSQL.

mod bell;
pub(crate) mod bulk;
mod columns;
mod connections;
mod copy;
mod lookups;
mod months;
mod newest;

use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use compass_core::ports::{Clock, JobBell, StoreError, SystemClock};
use jiff::Timestamp;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgPool, Postgres, SqlSafeStr as _, SqlStr,
    postgres::PgConnectOptions,
};

use crate::{
    detached::to_the_end,
    error::store_error,
    migration::{self, LEDGER, SchemaVersion},
    prepared::Month,
    rows::{RecentRow, RecentlyAsked},
    stamp::Stamp,
    statements::postgres::{
        CLAIM_JOB, HOLD_ACCOUNT, LOCK_USER, RECENT, RECENT_KEPT, RING, THIN_LOOKS, THIN_PROFILES, TRACKED, VIDEOS_AS_OF,
    },
};
use bell::PgBell;
use connections::{Connections, PgTransaction};
use lookups::{Lookups, recent};
pub use months::DetachedMonth;
use newest::keep_newest;

#[path = "../adapter/mod.rs"]
mod adapter;

/// How long a connection may take to come.
const PATIENCE: Duration = Duration::from_secs(3);

/// Keeps others from the rows that are read.
const LOCK_ROWS: &str = " FOR NO KEY UPDATE";

type Db = Postgres;
type Store = PgStore;
type Tx = PgTransaction;

/// Keeps everything in a PostgreSQL database.
///
/// Cloning is cheap: the clones share the connections.
#[derive(Clone)]
pub struct PgStore {
    connections: Connections,
    /// Only beside a pool that is ours.
    lookups: Option<Lookups>,
    schema: Option<Arc<str>>,
    /// Those whose partitions are there.
    months: Arc<Mutex<BTreeSet<Month>>>,
    clock: Arc<dyn Clock>,
    /// Observations that were recorded later are not read.
    known_at: Stamp,
}

impl PgStore {
    /// Connects to `postgres://user:password@host/database`, with at most ten connections, and at most four
    /// more for short reads.
    ///
    /// A statement that runs for 10 seconds, waits 5 seconds for a lock, finds no connection for 3 seconds, or has no answer
    /// after 12 seconds fails with [`StoreError::Unavailable`]. [`record_batch`](compass_core::ports::CorpusStore::record_batch)
    /// of more than 5,000 observations and what else is of many rows has 10 minutes, and a migration as long as it needs.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] if it is not such an address, [`StoreError::Unavailable`] if the server does not answer.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let options: PgConnectOptions = url.parse().map_err(store_error)?;
        let options = options.application_name("creator-compass").options([
            ("statement_timeout", "10s"),
            ("lock_timeout", "5s"),
            ("idle_in_transaction_session_timeout", "30s"),
            // The rollback below is answered with a warning where there is nothing to roll back, which is the rule.
            ("client_min_messages", "error"),
        ]);
        // A pool says only that no connection came in time; one connection by itself says why.
        let first = tokio::time::timeout(PATIENCE, options.connect()).await;
        let first = first.map_err(|late| StoreError::Unavailable(late.into()))?.map_err(store_error)?;
        first.close().await.map_err(store_error)?;
        let pool = connections::pool_options().connect_with(options.clone()).await.map_err(store_error)?;
        Ok(Self::with(Connections::of_ours(pool), Some(Lookups::new(options))))
    }

    /// Uses the host's connections, with the host's time-outs. A statement that has no answer after ten minutes is given up.
    #[must_use]
    pub fn from_pool(pool: PgPool) -> Self {
        Self::with(Connections::of_host(pool), None)
    }

    fn with(connections: Connections, lookups: Option<Lookups>) -> Self {
        Self {
            connections,
            lookups,
            schema: None,
            months: Arc::default(),
            clock: Arc::new(SystemClock),
            known_at: Stamp::MAX,
        }
    }

    /// Keeps the tables in this schema instead of the one that the connections find first, usually `public`.
    /// [`migrate`](Self::migrate) makes it, if it does not exist.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] if it is not the name of a schema: letters, digits and underscores, at most 63, no digit
    /// first.
    pub fn with_schema(self, name: &str) -> Result<Self, StoreError> {
        let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let begins = name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
        if !letters || !begins || name.len() > 63 {
            return Err(StoreError::Invalid(format!(
                "{name:?} is no name for a schema: use letters, digits and underscores, at most 63, no digit first"
            )));
        }
        // Those who ask of one schema are answered together.
        let lookups = self.lookups.map(|lookups| lookups.afresh());
        Ok(Self { schema: Some(name.into()), months: Arc::default(), lookups, ..self })
    }

    /// Takes the time of recording from this clock instead of the machine's.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// The connections.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        self.connections.pool()
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
        to_the_end(self.clone(), |store| {
            Box::pin(async move {
                // A connection of its own, closed afterwards: the migration's lock cannot outlive it, however it ends.
                let mut connection = store.pool().acquire().await.map_err(store_error)?.detach();
                connection.execute("SET statement_timeout = 0; SET lock_timeout = 0").await.map_err(store_error)?;
                if let Some(schema) = &store.schema {
                    connection.execute(AssertSqlSafe(make_schema(schema))).await.map_err(store_error)?;
                }
                let migrated = migration::run(sqlx::migrate!("./migrations/postgres"), &mut connection).await;
                let closed = connection.close().await.map_err(store_error);
                migrated.and(closed)
            })
        })
        .await?;
        self.add_months_ahead().await
    }

    /// Reads which schema the database has. Nothing is written.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if [`migrate`](Self::migrate) would refuse the database.
    pub async fn schema_version(&self) -> Result<SchemaVersion, StoreError> {
        let mut connection = self.pool().acquire().await.map_err(store_error)?;
        let ledger = match &self.schema {
            None => LEDGER.to_owned(),
            // The schema's name has no quote in it.
            Some(schema) => format!("\"{schema}\".{LEDGER}"),
        };
        let is_there = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL").bind(&ledger);
        let is_there: bool = is_there.fetch_one(&mut *connection).await.map_err(store_error)?;
        let ledger = is_there.then_some(ledger.as_str());
        migration::look(&sqlx::migrate!("./migrations/postgres"), &mut *connection, ledger).await
    }

    /// A bell that rings for every job that anybody enqueues, in this process or another: PostgreSQL tells it on one more
    /// connection, for as long as the bell is kept. While that is lost, it is silent, and tries again every second.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    #[must_use]
    pub fn bell(&self) -> Arc<dyn JobBell> {
        Arc::new(PgBell::new(&self.connections, self.schema.clone()))
    }

    /// Waits until the connections are closed.
    pub async fn close(&self) {
        if let Some(lookups) = &self.lookups {
            lookups.close().await;
        }
        self.pool().close().await;
    }

    /// The statement with its tables in our schema.
    fn sql(&self, text: &'static str) -> SqlStr {
        match &self.schema {
            None => SqlStr::from_static(text),
            Some(_) => AssertSqlSafe(self.qualified(text)).into_sql_str(),
        }
    }

    fn qualified(&self, text: &str) -> String {
        match &self.schema {
            None => text.to_owned(),
            // The schema's name has no quote in it.
            Some(schema) => text.replace("compass_", &format!("\"{schema}\".compass_")),
        }
    }

    /// The statements whose text depends on the rows, but for those that COPY.
    #[cfg(all(test, unix))]
    pub(crate) fn statements_of_rows(&self) -> Vec<(&'static str, SqlStr)> {
        adapter::creators::of_rows(self)
    }

    fn months(&self) -> MutexGuard<'_, BTreeSet<Month>> {
        self.months.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reader(&self) -> &Connections {
        &self.connections
    }

    fn writer(&self) -> &Connections {
        &self.connections
    }

    /// The newest looks at an account and its posts.
    async fn recent_rows(&self, asked: RecentlyAsked) -> Result<Vec<RecentRow>, StoreError> {
        let (kept, by_post) = (self.sql(RECENT_KEPT), self.sql(RECENT));
        if let Some(lookups) = &self.lookups {
            return lookups.recent([kept, by_post], asked).await;
        }
        let rows = recent(kept, &[&asked]).fetch_all(self.reader()).await.map_err(store_error)?;
        if let Some(rows) = newest::answer(rows, &asked) {
            return Ok(rows);
        }
        let rows = recent(by_post, &[&asked]).fetch_all(self.reader()).await.map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.look).collect())
    }

    /// Tells every process of a new job, once the transaction is committed.
    async fn ring(&self, tx: &mut PgTransaction) -> Result<(), StoreError> {
        sqlx::query(RING).bind(self.schema.as_deref()).execute(&mut **tx).await.map_err(store_error)?;
        Ok(())
    }

    /// The transaction has told everybody.
    #[expect(clippy::unused_self, reason = "both databases are asked alike")]
    fn ring_now(&self) {}

    async fn begin(&self) -> Result<PgTransaction, StoreError> {
        // What a write asks of others' rows is to be answered as of then, whatever the host has others begin with.
        self.connections.begin("BEGIN ISOLATION LEVEL READ COMMITTED").await.map_err(store_error)
    }

    /// As [`begin`](Self::begin), for a write of many rows, which takes longer than a statement may elsewhere.
    async fn begin_long(&self) -> Result<PgTransaction, StoreError> {
        let mut tx = self.begin().await?;
        tx.allow_many_rows().await.map_err(store_error)?;
        Ok(tx)
    }

    /// One view of everything, as it is at the first statement.
    async fn begin_reading(&self) -> Result<PgTransaction, StoreError> {
        self.connections.begin("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await.map_err(store_error)
    }
}

/// Makes the schema, unless it is there, and looks for tables in it alone.
///
/// One at a time does: two that make it at once would get in each other's way. It is not made "if not exists", which even
/// where it exists is allowed only to those who may make schemas.
fn make_schema(name: &str) -> String {
    format!(
        "SELECT pg_advisory_xact_lock(hashtext('compass_schema'));
         DO $$ BEGIN
             IF to_regnamespace('\"{name}\"') IS NULL THEN CREATE SCHEMA \"{name}\"; END IF;
         END $$;
         SET search_path TO \"{name}\""
    )
}

impl fmt::Debug for PgStore {
    /// Without the options of the connections, which have the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PgStore").field("connections", &self.pool().size()).finish_non_exhaustive()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::str::FromStr as _;

    use sqlx::postgres::PgPoolOptions;

    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn account_is_held_whichever_way_a_store_is_told_of_its_schema() {
        let url = testing::postgres().await;
        let named = PgStore::connect(&url).await.unwrap().with_schema("app").unwrap();
        named.migrate().await.unwrap();
        let found = PgConnectOptions::from_str(&url).unwrap();
        let found = found.options([("search_path", "app"), ("lock_timeout", "100ms")]);
        let found = PgStore::from_pool(PgPoolOptions::new().connect_with(found).await.unwrap());
        let hold = async |store: &PgStore, account: i64| {
            let mut tx = store.begin().await.unwrap();
            let held = sqlx::query(store.sql(HOLD_ACCOUNT)).bind(account).execute(&mut *tx).await;
            (tx, held.map(drop).map_err(store_error))
        };
        let (_held, first) = hold(&named, 7).await;
        first.unwrap();
        let (_waited, second) = hold(&found, 7).await;
        assert!(matches!(second, Err(StoreError::Unavailable(_))), "{second:?}");
        let (_another, third) = hold(&found, 8).await;
        third.unwrap();
    }

    #[tokio::test]
    async fn long_write_has_ten_minutes_and_the_next_as_long_as_any() {
        let url = testing::postgres().await;
        let limit = PgConnectOptions::from_str(&url).unwrap().options([("statement_timeout", "10s")]);
        let store = PgStore::from_pool(PgPoolOptions::new().max_connections(1).connect_with(limit).await.unwrap());
        let usual: String = sqlx::query_scalar("SHOW statement_timeout").fetch_one(store.pool()).await.unwrap();
        let mut tx = store.begin_long().await.unwrap();
        let long: String = sqlx::query_scalar("SHOW statement_timeout").fetch_one(&mut *tx).await.unwrap();
        assert_eq!((usual.as_str(), long.as_str()), ("10s", "10min"));
        tx.commit().await.unwrap();
        let after: String = sqlx::query_scalar("SHOW statement_timeout").fetch_one(store.pool()).await.unwrap();
        assert_eq!(after, usual);
    }
}
