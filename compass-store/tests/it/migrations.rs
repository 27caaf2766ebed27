//! Migrations: by many at once, beside a host's, and on databases that others have been in.

use std::path::Path;

use compass_core::{
    Client, Handle, JobId, NewJob, Session, SessionId, UserId,
    ports::{AccountData, AccountStore, CreatorStore, JobStore, Lease, StoreError},
};
use compass_store::{
    PgStore, SqliteStore,
    sqlx::{self, migrate::Migrator},
    testing,
};
use jiff::{Timestamp, ToSpan as _};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::stores;

#[tokio::test(flavor = "multi_thread")]
async fn six_may_open_and_migrate_a_new_sqlite_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("new.sqlite");
    let mut openers = JoinSet::new();
    for _ in 0..6 {
        let location = file.to_str().unwrap().to_owned();
        openers.spawn(async move {
            let store = SqliteStore::open(&location).await?;
            store.migrate().await?;
            store.list().await
        });
    }
    for listed in openers.join_all().await {
        assert_eq!(listed.unwrap(), []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn six_may_migrate_a_new_postgres_database_at_once() {
    let url = testing::postgres().await;
    let mut openers = JoinSet::new();
    for _ in 0..6 {
        let url = url.clone();
        openers.spawn(async move {
            let store = PgStore::connect(&url).await?;
            store.migrate().await?;
            store.list().await
        });
    }
    for listed in openers.join_all().await {
        assert_eq!(listed.unwrap(), []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_in_the_schema_that_the_host_names() {
    let url = testing::postgres().await;
    let mut openers = JoinSet::new();
    for _ in 0..6 {
        let url = url.clone();
        openers.spawn(async move {
            let store = PgStore::connect(&url).await?.with_schema("Analytics")?;
            store.migrate().await?;
            store.list().await
        });
    }
    for listed in openers.join_all().await {
        assert_eq!(listed.unwrap(), []);
    }
    let store = PgStore::connect(&url).await.unwrap();
    let found: Vec<(String, bool)> = sqlx::query_as(
        "SELECT nspname::text, bool_and(relname LIKE 'compass\\_%' OR relname LIKE '\\_compass\\_%') FROM pg_class c \
         JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') \
         AND nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%' GROUP BY nspname",
    )
    .fetch_all(store.pool())
    .await
    .unwrap();
    assert_eq!(found, [("Analytics".to_owned(), true)]);
    assert!(store.list().await.is_err(), "without the name there are no tables");
}

#[tokio::test]
async fn what_is_no_name_for_a_schema_is_refused() {
    let store = PgStore::connect(&testing::postgres().await).await.unwrap();
    for name in ["", "9lives", "a\"; DROP TABLE compass_users; --", "ü", &"x".repeat(64)] {
        let refused = store.clone().with_schema(name).map(drop);
        assert!(matches!(&refused, Err(StoreError::Invalid(why)) if why.contains("schema")), "{refused:?}");
    }
}

const HOST_LEDGER: &str = "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY)";
const HOST_VERSIONS: &str = "SELECT version FROM _sqlx_migrations";
const OUR_VERSIONS: &str = "SELECT version FROM _compass_migrations";
const BY_A_NEWER_PROGRAM: &str =
    "UPDATE _compass_migrations SET version = 9999 WHERE version = (SELECT MAX(version) FROM _compass_migrations)";
const BY_ANOTHER_PROGRAM: &str = "UPDATE _compass_migrations SET checksum = $1";
const IN_THE_WAY: &str = "CREATE TABLE compass_job_events (stranger INTEGER)";
const OUT_OF_THE_WAY: &str = "DROP TABLE compass_job_events";

/// What the second schema added, taken away again.
const BACK_TO_THE_FIRST: [&str; 3] = [
    "DROP TABLE compass_host_health",
    "ALTER TABLE compass_jobs DROP COLUMN postponed",
    "DELETE FROM _compass_migrations WHERE version = 2",
];

/// The same scenarios on both databases: their pools have no common type.
macro_rules! migrations_of {
    ($database:ident, $folder:literal, $pool:ident, $noon:literal, $later:literal, $bytes:literal, $unmigrated:expr) => {
        mod $database {
            use super::*;

            #[tokio::test]
            async fn ledger_is_our_own_and_migrating_again_is_harmless() {
                let (store, _folder) = $unmigrated.await;
                sqlx::query(HOST_LEDGER).execute(store.$pool()).await.unwrap();
                store.migrate().await.unwrap();
                store.migrate().await.unwrap();
                let hosts: Vec<i64> = sqlx::query_scalar(HOST_VERSIONS).fetch_all(store.$pool()).await.unwrap();
                let ours: Vec<i64> = sqlx::query_scalar(OUR_VERSIONS).fetch_all(store.$pool()).await.unwrap();
                assert_eq!((hosts, ours), (vec![], vec![1, 2, 3, 4]));
            }

            #[tokio::test]
            async fn waiting_job_of_the_first_schema_goes_on() {
                let store = stores::$database().await;
                let handle = Handle::parse("ada").unwrap();
                let at = "2026-05-01T12:00:00Z".parse().unwrap();
                let wish = NewJob { id: JobId(Uuid::from_u128(1)), handle, requested_by: None, at };
                let job = store.enqueue(&wish).await.unwrap();
                for statement in BACK_TO_THE_FIRST {
                    sqlx::query(statement).execute(store.$pool()).await.unwrap();
                }
                assert!(
                    JobStore::find(&*store, job.id).await.is_err(),
                    "the first schema does not count postponements"
                );
                store.migrate().await.unwrap();
                let claim = store.claim(Lease { now: at, until: at }).await.unwrap().unwrap();
                assert_eq!((claim.job.id, claim.attempt, claim.job.postponed), (job.id, 1, 0));
            }

            #[tokio::test]
            async fn people_and_jobs_of_the_second_schema_stay() {
                let (store, _folder) = $unmigrated.await;
                let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).join($folder);
                let mut migrations = Migrator::new(folder).await.unwrap();
                migrations.dangerous_set_table_name("_compass_migrations");
                migrations.run_to(2, store.$pool()).await.unwrap();
                let [user, session, job] = [1, 2, 3].map(Uuid::from_u128);
                for (statement, ids) in [
                    (
                        concat!(
                            "INSERT INTO compass_users VALUES ($1, 'https://issuer.example', 'a', 'a@example.com', \
                        'Ada', ",
                            $noon,
                            ", '{\"handle\": \"ada\"}')"
                        ),
                        vec![user],
                    ),
                    (
                        concat!(
                            "INSERT INTO compass_sessions VALUES ($2, $1, ",
                            $bytes,
                            ", ",
                            $noon,
                            ", ",
                            $later,
                            ")"
                        ),
                        vec![user, session],
                    ),
                    (
                        concat!(
                            "INSERT INTO compass_jobs (id, handle, requested_by, state, attempts, enqueued_at, \
                        available_at, finished_at) VALUES ($2, 'ada', $1, 'succeeded', 2, ",
                            $noon,
                            ", ",
                            $noon,
                            ", ",
                            $noon,
                            ")"
                        ),
                        vec![user, job],
                    ),
                ] {
                    let mut insertion = sqlx::query(statement);
                    for id in ids {
                        insertion = insertion.bind(id);
                    }
                    insertion.execute(store.$pool()).await.unwrap();
                }
                store.migrate().await.unwrap();
                let export = store.export(UserId(user)).await.unwrap().unwrap();
                assert_eq!(export.user.identity.name.as_deref(), Some("Ada"));
                assert_eq!(export.user.preferences.handle, Some(Handle::parse("ada").unwrap()));
                let noon: Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
                let expected = Session {
                    id: SessionId(session),
                    user: UserId(user),
                    token_hash: [7; 32],
                    opened_at: noon,
                    expires_at: noon + 1.hour(),
                    last_seen_at: noon,
                    ended_at: None,
                    client: Client::default(),
                };
                assert_eq!(store.session([7; 32], noon).await.unwrap(), Some(expected));
                let job = &export.jobs[0].job;
                assert_eq!((job.id, job.attempts, job.finished_at), (JobId(Uuid::from_u128(3)), 2, Some(noon)));
            }

            #[tokio::test]
            async fn database_of_a_newer_program_is_refused() {
                let store = stores::$database().await;
                sqlx::query(BY_A_NEWER_PROGRAM).execute(store.$pool()).await.unwrap();
                assert_conflict(store.migrate().await, "schema 9999");
            }

            #[tokio::test]
            async fn database_of_another_program_is_refused() {
                let store = stores::$database().await;
                sqlx::query(BY_ANOTHER_PROGRAM).bind([0_u8; 48].as_slice()).execute(store.$pool()).await.unwrap();
                assert_conflict(store.migrate().await, "schema 1");
            }

            #[tokio::test]
            async fn failed_migration_leaves_nothing_and_can_be_repeated() {
                let (store, _folder) = $unmigrated.await;
                sqlx::query(IN_THE_WAY).execute(store.$pool()).await.unwrap();
                assert!(store.migrate().await.is_err());
                assert!(store.list().await.is_err(), "half of the tables are there");
                sqlx::query(OUT_OF_THE_WAY).execute(store.$pool()).await.unwrap();
                store.migrate().await.unwrap();
                assert_eq!(store.list().await.unwrap(), []);
            }
        }
    };
}

migrations_of!(
    sqlite_file,
    "sqlite",
    writer,
    "1777636800000000",
    "1777640400000000",
    "unhex('0707070707070707070707070707070707070707070707070707070707070707')",
    async {
        let folder = tempfile::tempdir().unwrap();
        (SqliteStore::open(folder.path().join("compass.sqlite").to_str().unwrap()).await.unwrap(), folder)
    }
);
migrations_of!(
    postgres,
    "postgres",
    pool,
    "'2026-05-01T12:00:00Z'",
    "'2026-05-01T13:00:00Z'",
    "decode('0707070707070707070707070707070707070707070707070707070707070707', 'hex')",
    async { (PgStore::connect(&testing::postgres().await).await.unwrap(), ()) }
);

fn assert_conflict(migrated: Result<(), StoreError>, about: &str) {
    assert!(matches!(&migrated, Err(StoreError::Conflict(why)) if why.contains(about)), "{migrated:?}");
}
