//! Workers that share a database but nothing else.

use std::{collections::BTreeMap, slice::from_ref, time::Duration};

use compass_core::{
    Block, Handle, JobId, NewJob, Preferences, Progress,
    ports::{Entry, HostHealth, JobEnd, JobStore, Lease, SourceError},
    testing::scenarios::whole::{WholeStore, person},
};
use compass_store::{
    PgStore, SqliteStore,
    sqlx::{self, AssertSqlSafe},
    testing,
};
use jiff::{Timestamp, ToSpan as _};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::stores;

const JOBS: u32 = 40;

#[tokio::test(flavor = "multi_thread")]
async fn eight_workers_take_each_job_of_a_sqlite_file_once() {
    let store = stores::sqlite_file().await;
    let mut workers = Vec::new();
    for _ in 0..8 {
        workers.push(SqliteStore::open(store.file().to_str().unwrap()).await.unwrap());
    }
    assert_each_job_is_taken_once(&*store, workers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_workers_take_each_job_of_a_postgres_database_once() {
    let url = testing::postgres().await;
    let store = PgStore::connect(&url).await.unwrap();
    store.migrate().await.unwrap();
    let mut workers = Vec::new();
    for _ in 0..8 {
        workers.push(PgStore::connect(&url).await.unwrap());
    }
    assert_each_job_is_taken_once(&store, workers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_eight_workers_probes_a_host_of_a_sqlite_file() {
    let store = stores::sqlite_file().await;
    let mut workers = Vec::new();
    for _ in 0..8 {
        workers.push(SqliteStore::open(store.file().to_str().unwrap()).await.unwrap());
    }
    assert_one_probes(workers).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_eight_workers_probes_a_host_of_a_postgres_database() {
    let url = testing::postgres().await;
    PgStore::connect(&url).await.unwrap().migrate().await.unwrap();
    let mut workers = Vec::new();
    for _ in 0..8 {
        workers.push(PgStore::connect(&url).await.unwrap());
    }
    assert_one_probes(workers).await;
}

#[tokio::test]
async fn damaged_job_fails_and_keeps_no_other_from_being_taken() {
    let (sqlite, postgres) = (stores::sqlite_memory().await, stores::postgres().await);
    for store in [&*sqlite as &dyn JobStore, &*postgres] {
        for n in 0..3 {
            store.enqueue(&NewJob { at: noon() + i64::from(n).seconds(), ..wish(n) }).await.unwrap();
        }
    }
    let damage = "UPDATE compass_jobs SET handle = 'no handle at all' WHERE handle IN ('creator.0', 'creator.1')";
    // Of two open jobs of one handle one is none.
    let damage = damage.replace("'no handle at all'", "'no handle at all ' || handle");
    sqlx::query(AssertSqlSafe(damage.clone())).execute(sqlite.writer()).await.unwrap();
    sqlx::query(AssertSqlSafe(damage)).execute(postgres.pool()).await.unwrap();
    let lease = Lease { now: noon() + 1.minute(), until: noon() + 2.minutes() };
    for store in [&*sqlite as &dyn JobStore, &*postgres] {
        let taken = store.claim(lease).await.unwrap().expect("a sound job waits behind them");
        assert_eq!(taken.job.id, wish(2).id);
        assert_eq!(store.claim(Lease { now: noon() + 1.hour(), ..lease }).await.unwrap().unwrap().job.id, wish(2).id);
        for n in 0..2 {
            let ended = store.events(wish(n).id, 0).await.unwrap().pop().unwrap();
            let failed = matches!(&ended.progress, Progress::Failed { failure } if failure.code == "corrupt");
            assert!(failed && ended.at == lease.now, "{ended:?}");
        }
        assert_eq!(store.failed(10).await.unwrap(), [], "nobody can read them");
    }
}

#[tokio::test]
async fn damaged_preference_keeps_no_other_account_from_being_tracked() {
    let (sqlite, postgres) = (stores::sqlite_memory().await, stores::postgres().await);
    for store in [&*sqlite as &dyn WholeStore, &*postgres] {
        for (n, name) in [(1, "ada"), (2, "bad"), (3, "cleo")] {
            let user = person(store, n).await;
            let preferences = Preferences { handle: Some(Handle::parse(name).unwrap()), ..Preferences::default() };
            store.change_preferences(user, &preferences.into()).await.unwrap();
        }
    }
    let damage =
        "UPDATE compass_users SET preferences = '{\"handle\": \"bad handle\"}' WHERE preferences ->> 'handle' = 'bad'";
    sqlx::query(damage).execute(sqlite.writer()).await.unwrap();
    sqlx::query(damage).execute(postgres.pool()).await.unwrap();
    let [ada, cleo] = ["ada", "cleo"].map(|name| Handle::parse(name).unwrap());
    for store in [&*sqlite as &dyn WholeStore, &*postgres] {
        assert_eq!(store.tracked(None, 10).await.unwrap(), [ada.clone(), cleo.clone()]);
        assert_eq!(
            store.tracked(Some(ada.clone()), 1).await.unwrap(),
            from_ref(&cleo),
            "no page is empty but the last"
        );
        assert_eq!(store.tracked(Some(cleo.clone()), 10).await.unwrap(), []);
    }
}

/// All meet the same first block, and one of them finds out whether it is over.
async fn assert_one_probes<S: HostHealth + Clone + 'static>(workers: Vec<S>) {
    let mut visiting = JoinSet::new();
    for worker in workers.clone() {
        visiting.spawn(async move {
            let Entry::Go(visit) = worker.enter("www.tiktok.com", noon()).await.unwrap() else { return 0 };
            let block = Block { cause: SourceError::CaptchaRequired.failure(), least: Duration::ZERO };
            worker.blocked(&visit, &block, noon()).await.unwrap().count
        });
    }
    let counts = visiting.join_all().await;
    assert!(counts.contains(&1) && counts.iter().all(|count| *count <= 1), "{counts:?}");
    let mut probing = JoinSet::new();
    for worker in workers {
        probing.spawn(async move { worker.enter("www.tiktok.com", noon() + 15.minutes()).await.unwrap() });
    }
    let entries = probing.join_all().await;
    assert_eq!(entries.iter().filter(|entry| matches!(entry, Entry::Go(_))).count(), 1, "{entries:?}");
}

async fn assert_each_job_is_taken_once<S: JobStore + 'static>(store: &S, workers: Vec<S>) {
    for n in 0..JOBS {
        store.enqueue(&wish(n)).await.unwrap();
    }
    let mut running = JoinSet::new();
    for worker in workers {
        running.spawn(async move { work_until_none_is_left(&worker).await });
    }
    let mut times_taken = BTreeMap::new();
    for id in running.join_all().await.into_iter().flatten() {
        *times_taken.entry(id).or_insert(0) += 1;
    }
    let expected: BTreeMap<JobId, i32> = (0..JOBS).map(|n| (wish(n).id, 1)).collect();
    assert_eq!(times_taken, expected);
}

async fn work_until_none_is_left(store: &dyn JobStore) -> Vec<JobId> {
    let mut taken = Vec::new();
    let lease = Lease { now: noon(), until: noon() + 1.minute() };
    while let Some(claim) = store.claim(lease).await.unwrap() {
        let progress = Progress::Started { attempt: claim.attempt };
        store.progress(&claim, &progress, lease.now, lease.until).await.unwrap();
        store.finish(&claim, &JobEnd::Succeeded, lease.now).await.unwrap();
        let events = store.events(claim.job.id, 0).await.unwrap();
        assert_eq!(events.iter().map(|event| event.seq).collect::<Vec<_>>(), [1, 2]);
        taken.push(claim.job.id);
    }
    taken
}

fn wish(n: u32) -> NewJob {
    NewJob {
        id: JobId(Uuid::from_u128(u128::from(n) + 1)),
        handle: Handle::parse(&format!("creator.{n}")).unwrap(),
        requested_by: None,
        at: noon(),
    }
}

fn noon() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}
