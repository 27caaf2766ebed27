//! Workers hear of new jobs, and find those that they have not heard of.

use std::{sync::Arc, time::Duration};

use compass_core::{
    Handle, JobId, NewJob,
    ports::{JobBell, JobEnd, JobStore, Lease},
};
use compass_store::{
    PgStore,
    sqlx::{self, PgPool},
    testing,
};
use jiff::Timestamp;
use tokio::time::Instant;
use uuid::Uuid;

use crate::{proxy::Proxy, stores};

/// Much longer than a ring takes, and what a worker would wait that hears nothing.
const LONG: Duration = Duration::from_secs(60);
/// Shorter than that by far, and longer than a busy machine needs to pass a ring on.
const SOON: Duration = Duration::from_secs(15);

#[tokio::test]
async fn job_of_another_process_of_postgres_is_heard_of() {
    let url = testing::postgres().await;
    let store = PgStore::connect(&url).await.unwrap();
    store.migrate().await.unwrap();
    let bell = listening(&store).await;
    PgStore::connect(&url).await.unwrap().enqueue(&wish(1)).await.unwrap();
    assert_rings(&*bell).await;
    assert_eq!(store.claim(lease()).await.unwrap().unwrap().job.id, wish(1).id);
}

#[tokio::test]
async fn jobs_that_are_raised_or_put_back_ring_too() {
    let store = stores::postgres_schema().await;
    let bell = listening(&store).await;
    store.schedule(&wish(1), Timestamp::MAX).await.unwrap();
    assert!(!rings_within(&*bell, Duration::from_millis(100)).await, "nobody waits for a scheduled job");
    store.enqueue(&wish(1)).await.unwrap();
    assert_rings(&*bell).await;
    store.cancel(wish(1).id, noon()).await.unwrap();
    store.revive(wish(1).id, noon()).await.unwrap();
    assert_rings(&*bell).await;
}

#[tokio::test]
async fn each_schema_has_a_bell_of_its_own() {
    let url = testing::postgres().await;
    let [one, other] = ["one", "other"].map(|name| {
        let url = url.clone();
        async move {
            let store = PgStore::connect(&url).await.unwrap().with_schema(name).unwrap();
            store.migrate().await.unwrap();
            let bell = listening(&store).await;
            (store, bell)
        }
    });
    let ((one, bell), (_other, silent)) = tokio::join!(one, other);
    one.enqueue(&wish(1)).await.unwrap();
    assert_rings(&*bell).await;
    assert!(!rings_within(&*silent, Duration::from_millis(100)).await);
}

#[tokio::test]
async fn listener_that_was_cut_off_listens_again_and_rings_for_what_it_missed() {
    let store = stores::postgres().await;
    let bell = listening(&store).await;
    assert_eq!(end_listeners(store.pool()).await, 1);
    store.enqueue(&wish(1)).await.unwrap();
    assert_rings(&*bell).await;
    assert!(store.claim(lease()).await.unwrap().is_some());
    // One ring may have been for the job, and one for the new beginning.
    while rings_within(&*bell, Duration::from_secs(2)).await {}
    store.enqueue(&wish(2)).await.unwrap();
    assert_rings(&*bell).await;
}

#[tokio::test]
async fn worker_whose_bell_is_silent_looks_by_itself() {
    let url = testing::postgres().await;
    let store = PgStore::connect(&url).await.unwrap();
    store.migrate().await.unwrap();
    let proxy = Proxy::in_front_of(&url).await;
    let bell = listening(&PgStore::connect(proxy.url()).await.unwrap()).await;
    proxy.hold();
    store.enqueue(&wish(1)).await.unwrap();
    assert!(!rings_within(&*bell, Duration::from_millis(100)).await, "it is told nothing and goes on");
    assert!(store.claim(lease()).await.unwrap().is_some());
    proxy.release();
    assert_rings(&*bell).await;
}

#[tokio::test]
async fn job_of_a_clone_of_a_sqlite_store_is_heard_of() {
    let store = stores::sqlite_file().await;
    let bell = store.bell();
    assert!(!rings_within(&*bell, Duration::from_millis(10)).await);
    let clone = (*store).clone();
    clone.enqueue(&wish(1)).await.unwrap();
    assert_rings(&*bell).await;
    let claim = store.claim(lease()).await.unwrap().unwrap();
    store.finish(&claim, &JobEnd::Succeeded, noon()).await.unwrap();
    assert!(!rings_within(&*bell, Duration::from_millis(10)).await, "a ring is heard once");
}

/// A bell that listens already: it says so by its first ring.
pub(crate) async fn listening(store: &PgStore) -> Arc<dyn JobBell> {
    let bell = store.bell();
    assert_rings(&*bell).await;
    bell
}

pub(crate) async fn assert_rings(bell: &dyn JobBell) {
    let since = Instant::now();
    bell.wait(LONG).await;
    assert!(since.elapsed() < SOON, "{:?}", since.elapsed());
}

async fn rings_within(bell: &dyn JobBell, time: Duration) -> bool {
    let since = Instant::now();
    bell.wait(time).await;
    since.elapsed() < time
}

async fn end_listeners(pool: &PgPool) -> i64 {
    let ended = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
        WHERE datname = current_database() AND query LIKE 'LISTEN %'";
    sqlx::query_scalar(ended).fetch_one(pool).await.unwrap()
}

fn lease() -> Lease {
    Lease { now: noon(), until: Timestamp::MAX }
}

pub(crate) fn wish(n: u8) -> NewJob {
    NewJob {
        id: JobId(Uuid::from_u128(u128::from(n))),
        handle: Handle::parse(&format!("creator.{n}")).unwrap(),
        requested_by: None,
        at: noon(),
    }
}

fn noon() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}
