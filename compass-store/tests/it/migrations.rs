//! Migrations: by many at once, beside a host's, and on databases that others have been in.

use std::path::Path;

use compass_core::{
    Client, Handle, JobId, Priority, Progress, Session, SessionId, UserId,
    ports::{AccountData, AccountStore, CreatorStore, JobEnd, JobStore, Lease, StoreError},
};
use compass_store::{
    PgStore, SqliteStore,
    sqlx::{self, migrate::Migrator},
    testing,
};
use jiff::{Timestamp, ToSpan as _};
use jiff_sqlx::ToSqlx as _;
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

/// A job that waits and one that failed, with an event each, in the words of the first schema.
const JOBS_OF_THE_FIRST: [&str; 2] = [
    "INSERT INTO compass_jobs (id, handle, state, attempts, enqueued_at, available_at, finished_at, failure_code, \
     failure_detail) VALUES ($1, 'ada', 'queued', 0, $3, $3, NULL, NULL, NULL), \
     ($2, 'grace', 'failed', 3, $3, $3, $3, 'private', 'the account is private')",
    "INSERT INTO compass_job_events (job_id, seq, happened_at, progress) VALUES ($1, 1, $3, '{\"stage\": \"waiting\"}'), \
     ($2, 1, $3, '{\"stage\": \"started\", \"attempt\": 1}')",
];

/// Brings a database to the schema of an earlier program.
fn up_to(newest: i64, folder: &str, migrator: Migrator) -> Migrator {
    let known: Vec<_> = migrator.iter().filter(|migration| migration.version <= newest).cloned().collect();
    assert!(!known.is_empty(), "{folder} has no migrations");
    let mut earlier = Migrator { migrations: known.into(), ..Migrator::DEFAULT };
    earlier.dangerous_set_table_name("_compass_migrations");
    earlier
}

/// The same scenarios on both databases: their pools have no common type.
macro_rules! migrations_of {
    ($database:ident, $newest:literal, $folder:literal, $pool:ident, $noon:literal, $later:literal, $bytes:literal, $stamp:expr, $unmigrated:expr) => {
        mod $database {
            use super::*;

            #[tokio::test]
            async fn ledger_is_our_own_and_migrating_again_is_harmless() {
                let (store, _folder) = $unmigrated.await;
                sqlx::query(HOST_LEDGER).execute(store.$pool()).await.unwrap();
                assert_eq!(store.schema_version().await.unwrap().found, None);
                store.migrate().await.unwrap();
                store.migrate().await.unwrap();
                let schema = store.schema_version().await.unwrap();
                assert_eq!(schema.found, Some(schema.known));
                let hosts: Vec<i64> = sqlx::query_scalar(HOST_VERSIONS).fetch_all(store.$pool()).await.unwrap();
                let ours: Vec<i64> = sqlx::query_scalar(OUR_VERSIONS).fetch_all(store.$pool()).await.unwrap();
                let all: Vec<i64> = (1..=$newest).collect();
                assert_eq!((hosts, ours), (vec![], all));
            }

            #[tokio::test]
            async fn jobs_of_every_earlier_schema_go_on() {
                for newest in [1, 2] {
                    let (store, _folder) = $unmigrated.await;
                    let folder = format!("{}/migrations/{}", env!("CARGO_MANIFEST_DIR"), $folder);
                    let migrator = Migrator::new(Path::new(&folder)).await.unwrap();
                    up_to(newest, &folder, migrator).run(store.$pool()).await.unwrap();
                    let [waiting, failed] = [1, 2].map(Uuid::from_u128);
                    let at: Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
                    for statement in JOBS_OF_THE_FIRST {
                        let statement = sqlx::query(statement).bind(waiting).bind(failed);
                        statement.bind($stamp(at)).execute(store.$pool()).await.unwrap();
                    }
                    store.migrate().await.unwrap();

                    let claim = store.claim(Lease { now: at, until: at }).await.unwrap().unwrap();
                    assert_eq!((claim.job.id, claim.attempt, claim.job.postponed), (JobId(waiting), 1, 0));
                    assert_eq!((claim.job.priority, claim.job.asked_at), (Priority::Asked, at));
                    store.finish(&claim, &JobEnd::Succeeded, at).await.unwrap();
                    let events = store.events(JobId(waiting), 0).await.unwrap();
                    let expected = [Progress::Waiting, Progress::Succeeded];
                    assert_eq!(events.into_iter().map(|event| event.progress).collect::<Vec<_>>(), expected);
                    let dead = store.failed(10).await.unwrap();
                    assert_eq!((dead.len(), dead[0].id, dead[0].attempts), (1, JobId(failed), 3));
                    assert_eq!(store.events(JobId(failed), 0).await.unwrap().len(), 1);
                }
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
                assert_conflict(store.schema_version().await.map(drop), "schema 9999");
                assert_conflict(store.migrate().await, "schema 9999");
            }

            #[tokio::test]
            async fn database_of_another_program_is_refused() {
                let store = stores::$database().await;
                sqlx::query(BY_ANOTHER_PROGRAM).bind([0_u8; 48].as_slice()).execute(store.$pool()).await.unwrap();
                assert_conflict(store.schema_version().await.map(drop), "schema 1");
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
    10,
    "sqlite",
    writer,
    "1777636800000000",
    "1777640400000000",
    "unhex('0707070707070707070707070707070707070707070707070707070707070707')",
    Timestamp::as_microsecond,
    async {
        let folder = tempfile::tempdir().unwrap();
        (SqliteStore::open(folder.path().join("compass.sqlite").to_str().unwrap()).await.unwrap(), folder)
    }
);
migrations_of!(
    postgres,
    11,
    "postgres",
    pool,
    "'2026-05-01T12:00:00Z'",
    "'2026-05-01T13:00:00Z'",
    "decode('0707070707070707070707070707070707070707070707070707070707070707', 'hex')",
    |at: Timestamp| at.to_sqlx(),
    async { (PgStore::connect(&testing::postgres().await).await.unwrap(), ()) }
);

fn assert_conflict(migrated: Result<(), StoreError>, about: &str) {
    assert!(matches!(&migrated, Err(StoreError::Conflict(why)) if why.contains(about)), "{migrated:?}");
}
