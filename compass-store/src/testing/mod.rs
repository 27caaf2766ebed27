//! PostgreSQL for tests: a server of its own for each test process, a database of its own for each test.

mod server;

use std::sync::{
    LazyLock,
    atomic::{AtomicU32, Ordering},
};

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, postgres::PgConnectOptions};

use server::Server;

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

fn server() -> PgConnectOptions {
    static OURS: LazyLock<Server> =
        LazyLock::new(|| Server::start().unwrap_or_else(|why| panic!("no PostgreSQL for the tests: {why}")));

    match std::env::var(SERVER_VARIABLE) {
        Ok(url) => url.parse().unwrap_or_else(|why| panic!("{SERVER_VARIABLE} is not an address of PostgreSQL: {why}")),
        Err(_) => OURS.options(),
    }
}
