//! Connections for short reads.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use compass_core::ports::StoreError;
use sqlx::{
    ConnectOptions as _, Connection as _, FromRow, PgConnection, Postgres,
    postgres::{PgArguments, PgConnectOptions, PgRow},
    query::QueryAs,
};
use tokio::{
    sync::Semaphore,
    time::{Instant, error::Elapsed, timeout_at},
};

use super::PATIENCE;
use crate::error::store_error;

/// As many as two processors are kept busy by, and a few that wait.
const MOST: usize = 4;

/// A connection that was idle for longer is asked for a sign of life.
const FRESH: Duration = Duration::from_secs(1);

/// A connection is used for so long.
const LIFE: Duration = Duration::from_secs(30 * 60);

/// Reads rows that an index finds, on connections of its own.
///
/// sqlx's pool asks the server whether a connection lives before and after each loan, and ours asks it to roll back: three more
/// answers to wait for, which take longer than such a read. Nothing is written here, so a connection goes back as it is, and one
/// whose read failed or was given up is closed. A read that finds its connection ended is asked once more, on a new one.
#[derive(Clone)]
pub(super) struct Lookups(Arc<Shared>);

struct Shared {
    options: PgConnectOptions,
    idle: Mutex<Vec<Idle>>,
    loans: Semaphore,
}

struct Idle {
    connection: PgConnection,
    since: Instant,
    opened: Instant,
}

impl Lookups {
    /// No connection is made until one is needed.
    pub(super) fn new(options: PgConnectOptions) -> Self {
        let options = options.options([
            ("default_transaction_read_only", "on"),
            // Each statement is planned once a connection, perhaps while a month is still empty, and read as a whole it would
            // be from then on.
            ("plan_cache_mode", "force_generic_plan"),
            ("enable_seqscan", "off"),
            ("jit", "off"),
        ]);
        Self(Arc::new(Shared { options, idle: Mutex::default(), loans: Semaphore::new(MOST) }))
    }

    /// Every row of a statement that only reads.
    pub(super) async fn fetch_all<'q, R>(
        &self,
        asked: impl Fn() -> QueryAs<'q, Postgres, R, PgArguments>,
    ) -> Result<Vec<R>, StoreError>
    where
        R: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let until = Instant::now() + PATIENCE;
        let loan = timeout_at(until, self.0.loans.acquire()).await.map_err(late)?;
        let _loan = loan.map_err(|_closed| store_error(sqlx::Error::PoolClosed))?;
        let (mut lent, was_idle) = match self.lend(until).await {
            Some(lent) => (lent, true),
            None => (self.open(until).await?, false),
        };
        let mut rows = asked().fetch_all(&mut lent.connection).await;
        if was_idle && rows.as_ref().is_err_and(has_ended) {
            // It ended while it was idle, and so may the others have.
            drop(std::mem::take(&mut *self.idle()));
            lent = self.open(until).await?;
            rows = asked().fetch_all(&mut lent.connection).await;
        }
        let rows = rows.map_err(store_error)?;
        lent.since = Instant::now();
        if !self.0.loans.is_closed() {
            self.idle().push(lent);
        }
        Ok(rows)
    }

    /// Closes the connections that are idle; the others are when their reads have ended.
    pub(super) async fn close(&self) {
        self.0.loans.close();
        let idle = std::mem::take(&mut *self.idle());
        for each in idle {
            each.connection.close().await.ok();
        }
    }

    /// The connection that was used last, if it may be used again.
    async fn lend(&self, until: Instant) -> Option<Idle> {
        loop {
            let mut last = self.idle().pop()?;
            if last.opened.elapsed() > LIFE {
                continue;
            }
            if last.since.elapsed() < FRESH || matches!(timeout_at(until, last.connection.ping()).await, Ok(Ok(()))) {
                return Some(last);
            }
        }
    }

    async fn open(&self, until: Instant) -> Result<Idle, StoreError> {
        let connection = timeout_at(until, self.0.options.connect()).await.map_err(late)?.map_err(store_error)?;
        let now = Instant::now();
        Ok(Idle { connection, since: now, opened: now })
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn late(_: Elapsed) -> StoreError {
    store_error(sqlx::Error::PoolTimedOut)
}

/// Whether the connection is no more, or the server ends it: an operator, a shutdown, or a limit to idling.
fn has_ended(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(reported) => reported.code().is_some_and(|code| code.starts_with("57P")),
        _ => false,
    }
}

impl fmt::Debug for Lookups {
    /// Without the options, which have the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookups").field("lent", &(MOST - self.0.loans.available_permits())).finish_non_exhaustive()
    }
}
