//! The newest looks at accounts, for many who ask at once.

use std::{
    collections::BTreeMap,
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
    time::Instant,
};

use super::{
    PATIENCE,
    connections::{SIGN_OF_LIFE, within},
    newest,
};
use crate::{
    error::store_error,
    rows::{RecentOrKept, RecentRow, RecentlyAsked},
};

/// As many as two processors are kept busy by, and a few that wait.
const MOST: usize = 4;

/// So many questions are one statement at most.
const TOGETHER: usize = 16;

/// Several have half of the time, so that where one of them is slow each has the other half alone.
const TOGETHER_FOR: Duration = Duration::from_millis(1_500);

/// A connection that was idle for longer is asked for a sign of life.
const FRESH: Duration = Duration::from_secs(1);

/// A connection is used for so long.
const LIFE: Duration = Duration::from_secs(30 * 60);

/// Asks for the newest looks at accounts, on connections of its own.
///
/// sqlx's pool asks the server whether a connection lives before and after each loan, and ours asks it to roll back: three more
/// answers to wait for, which take longer than such a read. Nothing is written here, so a connection goes back as it is, and one
/// whose read failed or was given up is closed. A read that finds its connection ended is asked once more, on a new one. All of it,
/// from the first to the last, takes [`PATIENCE`] at most.
///
/// To begin a statement over many months costs the server more than to answer a question, so that those who wait for a connection
/// are asked for together, by whoever is the first to have one.
#[derive(Clone)]
pub(super) struct Lookups(Arc<Shared>);

struct Shared {
    options: PgConnectOptions,
    idle: Mutex<Vec<Idle>>,
    loans: Semaphore,
    /// Of each [`Way`].
    waiting: [Mutex<Queue>; 2],
}

struct Idle {
    connection: PgConnection,
    since: Instant,
    opened: Instant,
}

/// Which statement answers. Those who wait for the same are answered together.
#[derive(Clone, Copy, Debug)]
enum Way {
    Kept,
    ByPost,
}

/// Questions that nobody has taken to the server yet, in the order in which they came.
#[derive(Default)]
struct Queue {
    by_number: BTreeMap<u64, Waiting>,
    next: u64,
}

struct Waiting {
    asked: RecentlyAsked,
    answer: oneshot::Sender<Vec<RecentOrKept>>,
}

/// The statement `RECENT_KEPT` or `RECENT` with its questions.
pub(super) fn recent<'q>(sql: SqlStr, asked: &[&RecentlyAsked]) -> QueryAs<'q, Postgres, RecentOrKept, PgArguments> {
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
            // Nobody waits for longer.
            ("statement_timeout", "3s"),
        ]);
        Self::with(options)
    }

    /// The same, with connections of its own.
    pub(super) fn afresh(&self) -> Self {
        Self::with(self.0.options.clone())
    }

    fn with(options: PgConnectOptions) -> Self {
        let (idle, waiting) = (Mutex::default(), Default::default());
        Self(Arc::new(Shared { options, idle, loans: Semaphore::new(MOST), waiting }))
    }

    /// The newest looks for one question: by `RECENT_KEPT`, and where that does not tell them by `RECENT`. The statements have to be the
    /// same each time.
    pub(super) async fn recent(
        &self,
        [kept, by_post]: [SqlStr; 2],
        asked: RecentlyAsked,
    ) -> Result<Vec<RecentRow>, StoreError> {
        let answered = async {
            let rows = self.answer(Way::Kept, kept, asked.clone()).await?;
            if let Some(rows) = newest::answer(rows, &asked) {
                return Ok(rows);
            }
            let rows = self.answer(Way::ByPost, by_post, asked).await?;
            Ok(rows.into_iter().map(|row| row.look).collect())
        };
        within(PATIENCE, answered).await.map_err(store_error).flatten()
    }

    async fn answer(&self, way: Way, sql: SqlStr, asked: RecentlyAsked) -> Result<Vec<RecentOrKept>, StoreError> {
        let (answer, mut answered) = oneshot::channel();
        let _place = self.queue(way, Waiting { asked: asked.clone(), answer });
        loop {
            tokio::select! {
                biased;
                answer = &mut answered => match answer {
                    Ok(rows) => return Ok(rows),
                    // Whoever took it to the server failed or went away: each then hears for itself why.
                    Err(_) => return self.fetch(self.lend().await?, sql, &[&asked]).await,
                },
                lent = self.lend() => self.answer_together(way, lent?, sql.clone()).await,
            }
        }
    }

    /// Answers those who have waited longest.
    async fn answer_together(&self, way: Way, lent: Lent<'_>, sql: SqlStr) {
        let together: Vec<Waiting> = {
            let mut waiting = self.waiting(way);
            std::iter::from_fn(|| waiting.by_number.pop_first()).map(|(_, first)| first).take(TOGETHER).collect()
        };
        let asked: Vec<&RecentlyAsked> = together.iter().map(|each| &each.asked).collect();
        if asked.is_empty() {
            return self.give_back(lent);
        }
        let fetched = self.fetch(lent, sql, &asked);
        let rows = match asked.len() {
            1 => fetched.await,
            _ => within(TOGETHER_FOR, fetched).await.map_err(store_error).flatten(),
        };
        let Ok(rows) = rows else { return };
        let mut answers: Vec<Vec<RecentOrKept>> =
            together.iter().map(|_| Vec::with_capacity(rows.len() / together.len() + 1)).collect();
        for row in rows {
            let place = usize::try_from(row.look.place - 1).ok();
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
    ) -> Result<Vec<RecentOrKept>, StoreError> {
        let mut rows = recent(sql.clone(), asked).fetch_all(&mut lent.idle.connection).await;
        if lent.was_idle && rows.as_ref().is_err_and(has_ended) {
            // It ended while it was idle, and so may the others have.
            self.idle().clear();
            lent.idle = self.open().await?;
            rows = recent(sql, asked).fetch_all(&mut lent.idle.connection).await;
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
        let loan = self.0.loans.acquire().await.map_err(|_closed| store_error(sqlx::Error::PoolClosed))?;
        let last = self.idle().pop();
        if let Some(mut last) = last
            && last.opened.elapsed() < LIFE
        {
            if last.since.elapsed() < FRESH
                || within(SIGN_OF_LIFE, last.connection.ping()).await.is_ok_and(|alive| alive.is_ok())
            {
                return Ok(Lent { idle: last, was_idle: true, _loan: loan });
            }
            // It was lost while it was idle, and so may the others have been.
            self.idle().clear();
        }
        Ok(Lent { idle: self.open().await?, was_idle: false, _loan: loan })
    }

    async fn open(&self) -> Result<Idle, StoreError> {
        let connection = self.0.options.connect().await.map_err(store_error)?;
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

    fn queue(&self, way: Way, question: Waiting) -> Place<'_> {
        let mut waiting = self.waiting(way);
        let number = waiting.next;
        waiting.next += 1;
        waiting.by_number.insert(number, question);
        Place { lookups: self, way, number }
    }

    fn waiting(&self, way: Way) -> MutexGuard<'_, Queue> {
        self.0.waiting[way as usize].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in the queue. Whoever goes away, however that is, waits there no more.
struct Place<'l> {
    lookups: &'l Lookups,
    way: Way,
    number: u64,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.lookups.waiting(self.way).by_number.remove(&self.number);
    }
}

/// Whether the connection is no more, or the server ends it: an operator, a shutdown, or a limit to idling.
fn has_ended(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
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

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;
    use jiff::Timestamp;

    use super::*;
    use crate::statements::postgres::{RECENT, RECENT_KEPT};

    #[tokio::test]
    async fn questions_that_nobody_answers_are_forgotten() {
        let nowhere = tempfile::tempdir().unwrap();
        let lookups = Lookups::new(PgConnectOptions::new_without_pgpass().username("nobody").socket(nowhere.path()));
        let asked = RecentlyAsked {
            handle: "ada".to_owned(),
            until: Timestamp::MAX.into(),
            at_least: Timestamp::MIN.into(),
            min_age: 0,
            posts: 30,
            known_at: Timestamp::MAX.into(),
        };
        let answers =
            join_all((0..1_000).map(|_| lookups.recent([RECENT_KEPT, RECENT].map(SqlStr::from_static), asked.clone())))
                .await;
        assert!(answers.iter().all(|answer| matches!(answer, Err(StoreError::Unavailable(_)))), "{:?}", answers[0]);
        assert_eq!([Way::Kept, Way::ByPost].map(|way| lookups.waiting(way).by_number.len()), [0, 0]);
    }
}
