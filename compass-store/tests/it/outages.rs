//! Databases that are not there, not ready, or not databases; and people who are gone.

use std::{fmt::Debug, net::TcpListener, time::Duration};

use compass_core::{
    Client, Handle, Identity, JobId, NewJob, Session, SessionId, UserId,
    ports::{AccountStore, CreatorStore, JobStore, StoreError},
};
use compass_store::{
    PgStore, SqliteStore,
    sqlx::{
        self, ConnectOptions,
        postgres::{PgConnectOptions, PgPoolOptions},
        sqlite::SqlitePoolOptions,
    },
    testing,
};
use jiff::Timestamp;
use tokio::time;
use uuid::Uuid;

use crate::{
    proxy::Proxy,
    stores::{self, on_every_store},
};

on_every_store!(nul_in_an_identity_is_refused, job_for_a_person_who_is_gone_is_refused, taken_job_id_is_a_conflict);

async fn nul_in_an_identity_is_refused(store: &dyn AccountStore) {
    let refused = store.sign_in(&identity("a\0b"), UserId(Uuid::from_u128(1)), noon()).await;
    assert!(matches!(&refused, Err(StoreError::Invalid(why)) if why.contains("subject")), "{refused:?}");
}

async fn job_for_a_person_who_is_gone_is_refused(store: &dyn JobStore) {
    let wish = NewJob { requested_by: Some(UserId(Uuid::from_u128(404))), ..wish("ada") };
    let refused = store.enqueue(&wish).await;
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
}

async fn taken_job_id_is_a_conflict(store: &dyn JobStore) {
    store.enqueue(&wish("ada")).await.unwrap();
    let refused = store.enqueue(&wish("grace")).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
}

#[tokio::test]
async fn deleted_person_leaves_only_jobs_in_sqlite() {
    let store = stores::sqlite_file().await;
    assert_only_the_job_stays(&*store, sqlx::query(DELETE_PEOPLE).execute(store.writer())).await;
}

#[tokio::test]
async fn deleted_person_leaves_only_jobs_in_postgres() {
    let store = stores::postgres().await;
    assert_only_the_job_stays(&*store, sqlx::query(DELETE_PEOPLE).execute(store.pool())).await;
}

const DELETE_PEOPLE: &str = "DELETE FROM compass_users";

async fn assert_only_the_job_stays<D: Debug, E: Debug>(
    store: &(impl AccountStore + JobStore),
    deletion: impl Future<Output = Result<D, E>>,
) {
    let user = store.sign_in(&identity("a"), UserId(Uuid::from_u128(1)), noon()).await.unwrap().id;
    let session = Session {
        id: SessionId(Uuid::from_u128(2)),
        user,
        token_hash: [3; 32],
        opened_at: noon(),
        expires_at: Timestamp::MAX,
        last_seen_at: noon(),
        ended_at: None,
        client: Client::default(),
    };
    store.open_session(&session).await.unwrap();
    let job = store.enqueue(&NewJob { requested_by: Some(user), ..wish("ada") }).await.unwrap();
    assert_eq!(job.requested_by, Some(user));
    deletion.await.unwrap();
    assert_eq!(store.session_by_id(session.id, noon()).await.unwrap(), None);
    assert_eq!(JobStore::find(store, job.id).await.unwrap().unwrap().requested_by, None);
}

#[tokio::test]
async fn server_that_does_not_listen_is_unavailable_and_says_why() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let refused = PgStore::connect(&format!("postgres://nobody@127.0.0.1:{port}/none")).await;
    let Err(StoreError::Unavailable(cause)) = refused else { panic!("{refused:?}") };
    assert!(cause.to_string().contains("refused"), "{cause}");
}

#[tokio::test]
async fn address_that_is_none_is_invalid() {
    let refused = PgStore::connect("postgres//nobody").await;
    assert!(matches!(refused, Err(StoreError::Invalid(_))), "{refused:?}");
    let refused = SqliteStore::open("sqlite://compass.sqlite?mode=upside-down").await;
    assert!(matches!(refused, Err(StoreError::Invalid(_))), "{refused:?}");
}

#[tokio::test]
async fn database_that_the_server_does_not_have_is_named() {
    let url = testing::postgres().await;
    let options: PgConnectOptions = url.parse().unwrap();
    let refused = PgStore::connect(options.database("no_such_database").to_url_lossy().as_str()).await;
    assert!(matches!(&refused, Err(StoreError::Invalid(why)) if why.contains("no_such_database")), "{refused:?}");
}

#[tokio::test]
async fn server_that_falls_silent_is_unavailable_until_it_answers_again() {
    let proxy = Proxy::in_front_of(&testing::postgres().await).await;
    let store = PgStore::connect(proxy.url()).await.unwrap();
    store.ping().await.unwrap();
    proxy.hold();
    // Waiting takes no time: the clock jumps to the next time-out.
    time::pause();
    for _ in 0..2 * store.pool().options().get_max_connections() {
        let refused = store.ping().await;
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    }
    time::resume();
    proxy.release();
    store.ping().await.unwrap();
}

#[tokio::test]
async fn exhausted_postgres_pool_is_unavailable() {
    let options = PgPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(1));
    let pool = options.connect(&testing::postgres().await).await.unwrap();
    let store = PgStore::from_pool(pool.clone());
    let _only = pool.acquire().await.unwrap();
    let refused = store.ping().await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
}

#[tokio::test]
async fn exhausted_sqlite_pool_is_unavailable() {
    let options = SqlitePoolOptions::new().max_connections(1).acquire_timeout(Duration::from_millis(50));
    let pool = options.connect("sqlite::memory:").await.unwrap();
    let store = SqliteStore::from_pools(pool.clone(), pool.clone());
    store.migrate().await.unwrap();
    let _only = pool.acquire().await.unwrap();
    let refused = store.sign_in(&identity("a"), UserId(Uuid::from_u128(1)), noon()).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
}

#[tokio::test]
async fn statement_that_runs_too_long_is_unavailable() {
    let store = stores::postgres().await;
    let mut blocking = store.pool().begin().await.unwrap();
    sqlx::query("LOCK TABLE compass_users").execute(&mut *blocking).await.unwrap();
    // As the store's own time-out, but sooner.
    let impatient = PgPoolOptions::new()
        .max_connections(1)
        .connect_with(store.pool().connect_options().as_ref().clone().options([("lock_timeout", "50ms")]));
    let waiting = PgStore::from_pool(impatient.await.unwrap());
    let refused = AccountStore::find(&waiting, UserId(Uuid::from_u128(1))).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
}

#[tokio::test]
async fn folder_that_does_not_exist_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let refused = SqliteStore::open(missing.join("compass.sqlite").to_str().unwrap()).await;
    let named = missing.to_str().unwrap();
    assert!(matches!(&refused, Err(StoreError::Invalid(why)) if why.contains(named)), "{refused:?}");
}

#[tokio::test]
async fn file_that_is_no_database_is_corrupt() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "Dear diary, ".repeat(1_000)).unwrap();
    let refused = SqliteStore::open(file.path().to_str().unwrap()).await;
    assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");
}

#[tokio::test]
async fn full_disk_is_unavailable_and_reading_goes_on() {
    let store = stores::sqlite_file().await;
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(store.writer()).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"))).execute(store.writer()).await.unwrap();
    let long = Identity { name: Some("n".repeat(100_000)), ..identity("a") };
    let refused = store.sign_in(&long, UserId(Uuid::from_u128(1)), noon()).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    assert_eq!(store.list().await.unwrap(), []);
}

#[tokio::test]
async fn password_is_not_in_the_debug_text() {
    let options = "postgres://ada:hunter2@127.0.0.1/compass".parse().unwrap();
    let store = PgStore::from_pool(PgPoolOptions::new().connect_lazy_with(options));
    assert!(!format!("{store:?}").contains("hunter2"));
}

fn identity(subject: &str) -> Identity {
    Identity { issuer: "https://issuer.example".to_owned(), subject: subject.to_owned(), email: None, name: None }
}

fn wish(handle: &str) -> NewJob {
    NewJob { id: JobId(Uuid::from_u128(7)), handle: Handle::parse(handle).unwrap(), requested_by: None, at: noon() }
}

fn noon() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}
