//! PostgreSQL for tests: a server of its own for each test process, a database of its own for each test.

mod server;

use std::sync::{
    Arc, LazyLock,
    atomic::{AtomicU32, Ordering},
};

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, postgres::PgConnectOptions};

use server::{Promise, Server};

/// The environment variable that names a server to use instead: the address of a superuser on it.
///
/// The databases made there stay, so it should be a server to throw away.
pub const SERVER_VARIABLE: &str = "COMPASS_TEST_POSTGRES";

/// The address of a fresh, empty database, for [`PgStore::connect`](crate::PgStore::connect).
///
/// The first call starts a server that listens on a Unix socket only and ends with the process, however that ends.
///
/// # Panics
/// If PostgreSQL is not installed or does not start.
pub async fn postgres() -> String {
    static DATABASES: AtomicU32 = AtomicU32::new(0);

    let server = tokio::task::spawn_blocking(server).await.expect("the server starts");
    let name = format!("compass_test_{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::Relaxed));
    let made = async {
        let mut connection = PgConnection::connect_with(&server.clone().database("postgres")).await?;
        connection.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name}"))).await?;
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await?;
        connection.close().await
    };
    made.await.unwrap_or_else(|why| panic!("the test server made no database: {why}"));
    server.database(&name).to_url_lossy().into()
}

/// A PostgreSQL server of a test's own that keeps what it has acknowledged, and can be made to crash.
///
/// It is always a throw-away server, whatever [`SERVER_VARIABLE`] says, and ends with this.
#[derive(Debug)]
pub struct DurablePostgres {
    server: Arc<Server>,
    url: String,
}

impl DurablePostgres {
    /// Starts the server.
    ///
    /// # Panics
    /// If PostgreSQL is not installed or does not start.
    pub async fn start() -> Self {
        let started = tokio::task::spawn_blocking(|| Server::start(Promise::Kept)).await.expect("it does not panic");
        let server = started.unwrap_or_else(|why| panic!("no PostgreSQL for the tests: {why}"));
        let url = server.options().database("postgres").to_url_lossy().into();
        Self { server: Arc::new(server), url }
    }

    /// The address of its one database, for [`PgStore::connect`](crate::PgStore::connect).
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Ends every process of the server without a word to anybody, starts it again, and waits until it has recovered.
    ///
    /// # Panics
    /// If it does not start again.
    pub async fn crash(&self) {
        let server = Arc::clone(&self.server);
        let again = tokio::task::spawn_blocking(move || server.crash()).await.expect("it does not panic");
        again.unwrap_or_else(|why| panic!("the server did not come back: {why}"));
    }
}

fn server() -> PgConnectOptions {
    static OURS: LazyLock<Server> = LazyLock::new(|| {
        Server::start(Promise::Broken).unwrap_or_else(|why| panic!("no PostgreSQL for the tests: {why}"))
    });

    match std::env::var(SERVER_VARIABLE) {
        Ok(url) => url.parse().unwrap_or_else(|why| panic!("{SERVER_VARIABLE} is not an address of PostgreSQL: {why}")),
        Err(_) => OURS.options(),
    }
}
