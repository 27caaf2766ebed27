//! Connections whose statements are given up when no answer comes.
//!
//! sqlx 0.9.0 waits for ever for the answer to what the server has got, and its sockets send no keep-alives: it would never hear
//! that the server's machine has lost its power, or that a firewall has forgotten the connection.

use std::{
    io,
    ops::{Deref, DerefMut},
    time::Duration,
};

use futures_util::{
    FutureExt as _, StreamExt as _, TryFutureExt as _, TryStreamExt as _,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use sqlx::{
    Connection as _, Describe, Either, Execute, Executor, PgConnection, PgPool, Postgres, SqlStr,
    pool::PoolConnection,
    postgres::{PgPoolOptions, PgQueryResult, PgRow, PgStatement, PgTypeInfo},
};
use tokio::{runtime::Handle, time::timeout};

use super::PATIENCE;

/// The server ends a statement after ten seconds: an answer that has not come by then does not come.
const LONGEST: Duration = Duration::from_secs(12);

/// The same where a statement may take ten minutes.
const LONGEST_OF_MANY_ROWS: Duration = Duration::from_secs(10 * 60 + 12);

/// A sign of life is a round trip to the server.
pub(super) const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// So many connections at most, which are asked for a sign of life before each loan and roll back after it.
pub(super) fn pool_options() -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(10)
        .acquire_timeout(PATIENCE)
        // sqlx itself would ask, and wait for as long as there is patience; so a new connection is made instead.
        .test_before_acquire(false)
        .before_acquire(|connection, _| {
            Box::pin(async move { within(SIGN_OF_LIFE, connection.ping()).await.flatten().map(|()| true) })
        })
        // sqlx 0.9.0 gives a connection back in the middle of a transaction if its `begin` was dropped while under way; what the
        // next borrower writes would then be lost. It closes one whose hook fails, so that the next has a connection that answers.
        .after_release(|connection, _| {
            Box::pin(async move { within(PATIENCE, connection.execute("ROLLBACK")).await.flatten().map(|_| true) })
        })
}

/// A pool, and how long the answer to a statement may take.
#[derive(Clone, Debug)]
pub(super) struct Connections {
    pool: PgPool,
    longest: Duration,
}

impl Connections {
    /// Ours, whose statements the server ends after ten seconds.
    pub(super) fn of_ours(pool: PgPool) -> Self {
        Self { pool, longest: LONGEST }
    }

    /// A host's, whose statements may take as long as any of ours.
    pub(super) fn of_host(pool: PgPool) -> Self {
        Self { pool, longest: LONGEST_OF_MANY_ROWS }
    }

    pub(super) fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Begins a transaction in these words.
    pub(super) async fn begin(&self, words: &'static str) -> Result<PgTransaction, sqlx::Error> {
        let mut lent = self.lend().await?;
        lent.in_transaction = true;
        lent.execute(words).await?;
        Ok(PgTransaction(lent))
    }

    async fn lend(&self) -> Result<Lent, sqlx::Error> {
        let connection = Closing(Some(self.pool.acquire().await?));
        Ok(Lent { connection, longest: self.longest, in_transaction: false })
    }
}

/// A transaction; rolled back unless it is committed.
#[derive(Debug)]
pub(super) struct PgTransaction(Lent);

impl PgTransaction {
    pub(super) async fn commit(mut self) -> Result<(), sqlx::Error> {
        self.execute("COMMIT").await?;
        self.in_transaction = false;
        Ok(())
    }

    /// From now on a statement has ten minutes.
    pub(super) async fn allow_many_rows(&mut self) -> Result<(), sqlx::Error> {
        self.execute("SET LOCAL statement_timeout = '10min'").await?;
        self.longest = LONGEST_OF_MANY_ROWS;
        Ok(())
    }
}

impl Deref for PgTransaction {
    type Target = Lent;

    fn deref(&self) -> &Lent {
        &self.0
    }
}

impl DerefMut for PgTransaction {
    fn deref_mut(&mut self) -> &mut Lent {
        &mut self.0
    }
}

/// A connection of the pool until it is dropped.
#[derive(Debug)]
pub(super) struct Lent {
    connection: Closing,
    longest: Duration,
    in_transaction: bool,
}

impl Lent {
    /// The connection, for what is no statement to sqlx, and how long an answer on it may take.
    pub(super) fn connection(&mut self) -> (&mut PgConnection, Duration) {
        (self.connection.0.as_mut().expect("it is there until the drop"), self.longest)
    }
}

impl Drop for Lent {
    /// Gives the connection back, and closes it if that is not done in time: sqlx would wait for ever for its sign of life.
    ///
    /// Nor does sqlx 0.9.0 roll back what was begun by somebody who went away before the answer.
    fn drop(&mut self) {
        let (mut connection, roll_back) = (Closing(self.connection.0.take()), self.in_transaction);
        let give_back = async move {
            if let Some(open) = connection.0.as_mut().filter(|_| roll_back) {
                open.execute("ROLLBACK").await?;
            }
            if let Some(mut lent) = connection.0.take() {
                lent.return_to_pool().await;
            }
            Ok::<_, sqlx::Error>(())
        };
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(within(PATIENCE, give_back));
        }
    }
}

/// A connection that is closed, and not given back, when it is dropped.
#[derive(Debug)]
struct Closing(Option<PoolConnection<Postgres>>);

impl Drop for Closing {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(connection.detach());
        }
    }
}

/// Gives what comes in time.
pub(super) async fn within<F: IntoFuture>(longest: Duration, answer: F) -> Result<F::Output, sqlx::Error> {
    timeout(longest, answer).await.map_err(|late| {
        sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, format!("the server gave no answer: {late}")))
    })
}

/// What a statement gives: rows, and after those of each part how many there were.
type Given = Either<PgQueryResult, PgRow>;

impl<'p> Executor<'p> for &'_ Connections {
    type Database = Postgres;

    /// All of the answer is there before its first row is given: no caller keeps less.
    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Given, sqlx::Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let connections = self.clone();
        let given = async move { connections.lend().await?.fetch_many(query).try_collect::<Vec<_>>().await };
        given.map_ok(|given| stream::iter(given).map(Ok)).try_flatten_stream().boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, sqlx::Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let connections = self.clone();
        Box::pin(async move { connections.lend().await?.fetch_optional(query).await })
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, sqlx::Error>>
    where
        'p: 'e,
    {
        let connections = self.clone();
        Box::pin(async move { connections.lend().await?.prepare_with(sql, parameters).await })
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, sqlx::Error>>
    where
        'p: 'e,
    {
        let connections = self.clone();
        Box::pin(async move { connections.lend().await?.describe(sql).await })
    }
}

impl<'c> Executor<'c> for &'c mut Lent {
    type Database = Postgres;

    /// As above.
    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Given, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let (connection, longest) = self.connection();
        let given = within(longest, connection.fetch_many(query).try_collect::<Vec<_>>()).map(Result::flatten);
        given.map_ok(|given| stream::iter(given).map(Ok)).try_flatten_stream().boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, sqlx::Error>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let (connection, longest) = self.connection();
        within(longest, connection.fetch_optional(query)).map(Result::flatten).boxed()
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement, sqlx::Error>>
    where
        'c: 'e,
    {
        let (connection, longest) = self.connection();
        within(longest, connection.prepare_with(sql, parameters)).map(Result::flatten).boxed()
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Postgres>, sqlx::Error>>
    where
        'c: 'e,
    {
        let (connection, longest) = self.connection();
        within(longest, connection.describe(sql)).map(Result::flatten).boxed()
    }
}
