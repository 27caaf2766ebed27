//! The newest looks at accounts, for many who ask at once.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use compass_core::ports::StoreError;
use sqlx::{
    ConnectOptions as _, Connection as _, PgConnection, Postgres, SqlStr,
    postgres::{PgArguments, PgConnectOptions},
    query::QueryAs,
};
use tokio::{
    sync::{Semaphore, SemaphorePermit, oneshot},
    time::{Instant, error::Elapsed, timeout, timeout_at},
};

use super::PATIENCE;
use crate::{
    error::store_error,
    rows::{RecentRow, RecentlyAsked},
};

/// As many as two processors are kept busy by, and a few that wait.
const MOST: usize = 4;

/// So many questions are one statement at most.
const TOGETHER: usize = 16;

/// The server ends a statement after ten seconds: an answer that has not come by then does not come.
const LONGEST: Duration = Duration::from_secs(12);

/// A connection that was idle for longer is asked for a sign of life.
const FRESH: Duration = Duration::from_secs(1);

/// A connection is used for so long.
const LIFE: Duration = Duration::from_secs(30 * 60);

/// Asks for the newest looks at accounts, on connections of its own.
///
/// sqlx's pool asks the server whether a connection lives before and after each loan, and ours asks it to roll back: three more
/// answers to wait for, which take longer than such a read. Nothing is written here, so a connection goes back as it is, and one
/// whose read failed or was given up is closed. A read that finds its connection ended is asked once more, on a new one.
///
/// To begin a statement over many months costs the server more than to answer a question, so that those who wait for a connection
/// are asked for together, by whoever is the first to have one.
#[derive(Clone)]
pub(super) struct Lookups(Arc<Shared>);

struct Shared {
    options: PgConnectOptions,
    idle: Mutex<Vec<Idle>>,
    loans: Semaphore,
    waiting: Mutex<VecDeque<Waiting>>,
}

struct Idle {
    connection: PgConnection,
    since: Instant,
    opened: Instant,
}

/// A question that nobody has taken to the server yet.
struct Waiting {
    asked: RecentlyAsked,
    answer: oneshot::Sender<Vec<RecentRow>>,
}

/// The statement `RECENT` with its questions.
pub(super) fn recent<'q>(sql: SqlStr, asked: &[&RecentlyAsked]) -> QueryAs<'q, Postgres, RecentRow, PgArguments> {
    fn column<T>(asked: &[&RecentlyAsked], value: impl Fn(&RecentlyAsked) -> T) -> Vec<T> {
        asked.iter().map(|asked| value(asked)).collect()
    }
    sqlx::query_as(sql)
        .bind(column(asked, |asked| asked.handle.clone()))
        .bind(column(asked, |asked| asked.until))
        .bind(column(asked, |asked| asked.at_least))
        .bind(column(asked, |asked| asked.min_age))
        .bind(column(asked, |asked| asked.posts))
        .bind(column(asked, |asked| asked.known_at))
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
        Self::with(options)
    }

    /// The same, with connections of its own.
    pub(super) fn afresh(&self) -> Self {
        Self::with(self.0.options.clone())
    }

    fn with(options: PgConnectOptions) -> Self {
        let (idle, waiting) = (Mutex::default(), Mutex::default());
        Self(Arc::new(Shared { options, idle, loans: Semaphore::new(MOST), waiting }))
    }

    /// Every row of `RECENT` for one question. The statement has to be the same each time.
    pub(super) async fn recent(&self, sql: SqlStr, asked: RecentlyAsked) -> Result<Vec<RecentRow>, StoreError> {
        let (answer, mut answered) = oneshot::channel();
        self.waiting().push_back(Waiting { asked: asked.clone(), answer });
        loop {
            tokio::select! {
                biased;
                answer = &mut answered => match answer {
                    Ok(rows) => return Ok(rows),
                    // Whoever took it to the server failed or went away: each then hears for itself why.
                    Err(_) => return self.fetch(self.lend().await?, sql, &[&asked]).await,
                },
                lent = self.lend() => self.answer_together(lent?, sql.clone()).await,
            }
        }
    }

    /// Answers those who have waited longest.
    async fn answer_together(&self, lent: Lent<'_>, sql: SqlStr) {
        let together: Vec<Waiting> = {
            let mut waiting = self.waiting();
            waiting.retain(|each| !each.answer.is_closed());
            let most = waiting.len().min(TOGETHER);
            waiting.drain(..most).collect()
        };
        let asked: Vec<&RecentlyAsked> = together.iter().map(|each| &each.asked).collect();
        if asked.is_empty() {
            return self.give_back(lent);
        }
        let Ok(rows) = self.fetch(lent, sql, &asked).await else { return };
        let mut answers: Vec<Vec<RecentRow>> =
            together.iter().map(|_| Vec::with_capacity(rows.len() / together.len() + 1)).collect();
        for row in rows {
            let place = usize::try_from(row.place - 1).ok();
            if let Some(answer) = place.and_then(|place| answers.get_mut(place)) {
                answer.push(row);
            }
        }
        for (each, rows) in together.into_iter().zip(answers) {
            // Some have gone away meanwhile.
            let _ = each.answer.send(rows);
        }
    }

    async fn fetch(
        &self,
        mut lent: Lent<'_>,
        sql: SqlStr,
        asked: &[&RecentlyAsked],
    ) -> Result<Vec<RecentRow>, StoreError> {
        let mut rows = lent.idle.ask(sql.clone(), asked).await;
        if lent.was_idle && rows.as_ref().is_err_and(has_ended) {
            // It ended while it was idle, and so may the others have.
            drop(std::mem::take(&mut *self.idle()));
            lent.idle = self.open(Instant::now() + PATIENCE).await?;
            rows = lent.idle.ask(sql, asked).await;
        }
        let rows = rows.map_err(store_error)?;
        self.give_back(lent);
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

    /// The connection that was used last, if it may be used again, or a new one.
    async fn lend(&self) -> Result<Lent<'_>, StoreError> {
        let until = Instant::now() + PATIENCE;
        let loan = timeout_at(until, self.0.loans.acquire()).await.map_err(late)?;
        let loan = loan.map_err(|_closed| store_error(sqlx::Error::PoolClosed))?;
        loop {
            let last = self.idle().pop();
            let Some(mut last) = last else { break };
            if last.opened.elapsed() > LIFE {
                continue;
            }
            if last.since.elapsed() < FRESH || matches!(timeout_at(until, last.connection.ping()).await, Ok(Ok(()))) {
                return Ok(Lent { idle: last, was_idle: true, _loan: loan });
            }
        }
        Ok(Lent { idle: self.open(until).await?, was_idle: false, _loan: loan })
    }

    async fn open(&self, until: Instant) -> Result<Idle, StoreError> {
        let connection = timeout_at(until, self.0.options.connect()).await.map_err(late)?.map_err(store_error)?;
        let now = Instant::now();
        Ok(Idle { connection, since: now, opened: now })
    }

    fn give_back(&self, lent: Lent<'_>) {
        if !self.0.loans.is_closed() {
            self.idle().push(Idle { since: Instant::now(), ..lent.idle });
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Waiting>> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Idle {
    async fn ask(&mut self, sql: SqlStr, asked: &[&RecentlyAsked]) -> Result<Vec<RecentRow>, sqlx::Error> {
        let answer = timeout(LONGEST, recent(sql, asked).fetch_all(&mut self.connection)).await;
        answer.unwrap_or_else(|late| Err(sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, late))))
    }
}

fn late(_: Elapsed) -> StoreError {
    store_error(sqlx::Error::PoolTimedOut)
}

/// Whether the connection is no more, or the server ends it: an operator, a shutdown, or a limit to idling.
fn has_ended(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(why) => why.kind() != std::io::ErrorKind::TimedOut,
        sqlx::Error::Database(reported) => reported.code().is_some_and(|code| code.starts_with("57P")),
        _ => false,
    }
}

/// A connection, and the right to one.
struct Lent<'l> {
    idle: Idle,
    was_idle: bool,
    _loan: SemaphorePermit<'l>,
}

impl fmt::Debug for Lookups {
    /// Without the options, which have the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookups").field("lent", &(MOST - self.0.loans.available_permits())).finish_non_exhaustive()
    }
}
