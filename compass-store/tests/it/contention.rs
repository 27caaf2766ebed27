//! PostgreSQL in trouble, and people in each other's way: an answer of the right kind in time, and what comes after works.

use std::time::Duration;

use compass_core::{
    Snapshot, SourceKind,
    ports::{CreatorStore, StoreError},
    samples::World,
};
use compass_store::{
    PgStore,
    sqlx::{
        self, ConnectOptions as _,
        postgres::{PgConnectOptions, PgPoolOptions},
    },
    testing,
};
use jiff::{SignedDuration, Timestamp};
use tokio::{
    task::JoinSet,
    time::{self, Instant},
};

use crate::{proxy::Proxy, stores};

/// What a caller waits at most; the store's own patience is 3 seconds.
const BOUND: Duration = Duration::from_millis(4_500);

#[tokio::test]
async fn cut_network_is_unavailable_at_once_and_mended_without_a_restart() {
    let proxy = Proxy::open_in_front_of(&testing::postgres().await).await;
    let store = PgStore::connect(proxy.url()).await.unwrap();
    store.migrate().await.unwrap();
    store.record(&look(0)).await.unwrap();
    proxy.cut();
    for _ in 0..3 {
        assert_unavailable_in_time(store.ping()).await;
        assert_unavailable_in_time(store.record(&look(1))).await;
    }
    proxy.mend();
    store.record(&look(1)).await.unwrap();
    assert_eq!(history(&store).await, [look(0).profile, look(1).profile]);
}

#[tokio::test]
async fn black_hole_is_unavailable_in_time_and_recovered_from() {
    let proxy = Proxy::open_in_front_of(&testing::postgres().await).await;
    let store = PgStore::connect(proxy.url()).await.unwrap();
    store.migrate().await.unwrap();
    proxy.hold();
    assert_unavailable_in_time(store.ping()).await;
    assert_unavailable_in_time(store.record(&look(0))).await;
    proxy.release();
    store.record(&look(0)).await.unwrap();
    assert_eq!(history(&store).await, [look(0).profile]);
}

#[tokio::test]
async fn slow_network_is_slow_and_nothing_else() {
    let proxy = Proxy::open_in_front_of(&testing::postgres().await).await;
    let store = PgStore::connect(proxy.url()).await.unwrap();
    store.migrate().await.unwrap();
    store.ping().await.unwrap();
    proxy.slow_down(Duration::from_millis(500));
    let since = Instant::now();
    store.ping().await.unwrap();
    assert!((Duration::from_millis(500)..BOUND).contains(&since.elapsed()), "{:?}", since.elapsed());
    store.record(&look(0)).await.unwrap();
    proxy.slow_down(Duration::ZERO);
    assert_eq!(history(&store).await, [look(0).profile]);
}

#[tokio::test]
async fn exhausted_pool_is_unavailable_in_the_time_that_the_host_allows() {
    let patience = Duration::from_millis(300);
    let options = PgPoolOptions::new().max_connections(1).acquire_timeout(patience);
    let pool = options.connect(&testing::postgres().await).await.unwrap();
    let store = PgStore::from_pool(pool.clone());
    let only = pool.acquire().await.unwrap();
    let since = Instant::now();
    assert_unavailable_in_time(store.ping()).await;
    assert!(since.elapsed() >= patience && since.elapsed() < 10 * patience, "{:?}", since.elapsed());
    drop(only);
    store.ping().await.unwrap();
}

#[tokio::test]
async fn connection_that_was_ended_while_idle_is_replaced() {
    let store = stores::postgres().await;
    let all = [store.pool().acquire().await.unwrap(), store.pool().acquire().await.unwrap()];
    drop(all);
    let others = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let ended: i64 = sqlx::query_scalar(others).fetch_one(store.pool()).await.unwrap();
    assert!(ended >= 1, "nobody was ended");
    for _ in 0..4 {
        store.ping().await.unwrap();
        store.record(&look(0)).await.unwrap();
    }
}

#[tokio::test]
async fn statement_that_takes_too_long_is_ended_by_the_server() {
    let url = testing::postgres().await;
    PgStore::connect(&url).await.unwrap().migrate().await.unwrap();
    // As the store's own limit, but sooner.
    let store = PgStore::from_pool(pool(&url, [("statement_timeout", "100ms")]).await);
    let mut blocking = store.pool().begin().await.unwrap();
    sqlx::query("LOCK TABLE compass_creators").execute(&mut *blocking).await.unwrap();
    let refused = store.record(&look(0)).await;
    let Err(StoreError::Unavailable(cause)) = refused else { panic!("{refused:?}") };
    assert!(cause.to_string().contains("statement timeout"), "{cause}");
    blocking.rollback().await.unwrap();
    store.record(&look(0)).await.unwrap();
}

/// What each of many writes at once reads or writes, another writes: in a host's pool that allows nothing but an order, the
/// database sends most of them back.
#[tokio::test(flavor = "multi_thread")]
async fn writes_that_cannot_be_put_in_an_order_are_begun_again() {
    let url = testing::postgres().await;
    PgStore::connect(&url).await.unwrap().migrate().await.unwrap();
    let store = PgStore::from_pool(pool(&url, [("default_transaction_isolation", "serializable")]).await);
    let mut writers = JoinSet::new();
    for n in 0..24 {
        let store = store.clone();
        writers.spawn(async move {
            loop {
                match store.record(&look(n % 12)).await {
                    Ok(_) => return,
                    // Sent back more often than the store tries: the caller is told that it may come again.
                    Err(StoreError::Unavailable(_)) => time::sleep(Duration::from_millis(5)).await,
                    Err(other) => panic!("{other:?}"),
                }
            }
        });
    }
    writers.join_all().await;
    let looks: Vec<_> = (0..12).map(|n| look(n).profile).collect();
    assert_eq!(history(&store).await, looks);
}

/// Two who write the same posts, the first from the first and the second from the last, stop each other.
#[tokio::test(flavor = "multi_thread")]
async fn writes_that_wait_for_each_other_are_begun_again() {
    let url = testing::postgres().await;
    let store = PgStore::connect(&url).await.unwrap();
    store.migrate().await.unwrap();
    let quick = PgStore::from_pool(pool(&url, [("deadlock_timeout", "10ms")]).await);
    for n in 0..20 {
        let forward = long_look(n);
        let mut backward = forward.clone();
        backward.videos.reverse();
        let (first, second) = tokio::join!(quick.record(&forward), quick.record(&backward));
        let added = first.unwrap().videos + second.unwrap().videos;
        assert_eq!(added, forward.videos.len() as u64);
    }
    let stopped: i64 = sqlx::query_scalar("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        .fetch_one(store.pool())
        .await
        .unwrap();
    println!("{stopped} deadlocks");
}

async fn assert_unavailable_in_time<T: std::fmt::Debug>(call: impl Future<Output = Result<T, StoreError>>) {
    let since = Instant::now();
    let answer = time::timeout(2 * BOUND, call).await.expect("it answers");
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    assert!(since.elapsed() < BOUND, "{:?}", since.elapsed());
}

async fn pool<const N: usize>(url: &str, options: [(&str, &str); N]) -> sqlx::PgPool {
    let options = url.parse::<PgConnectOptions>().unwrap().options(options).disable_statement_logging();
    PgPoolOptions::new().max_connections(8).connect_with(options).await.unwrap()
}

async fn history(store: &PgStore) -> Vec<compass_core::ProfileObservation> {
    store.history(look(0).creator(), Timestamp::MIN, Timestamp::MAX).await.unwrap()
}

fn look(minute: i64) -> Snapshot {
    World::standard().creators()[0].snapshot(noon() + SignedDuration::from_mins(minute), 12, SourceKind::Sample)
}

fn long_look(minute: i64) -> Snapshot {
    World::standard().creators()[0].snapshot(noon() + SignedDuration::from_mins(minute), 200, SourceKind::Sample)
}

fn noon() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}
