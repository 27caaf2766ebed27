//! PostgreSQL in trouble, and people in each other's way: an answer of the right kind in time, and what comes after works.

use std::time::Duration;

use compass_core::{
    Batch, BatchId, CreatorId, Handle, Snapshot, SourceKind, Thinning, VideoId,
    ports::{CorpusStore, CreatorStore, Recently, StoreError},
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
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use tokio::time::{self, Instant};
use uuid::Uuid;

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
async fn post_that_two_accounts_claim_at_once_is_the_firsts() {
    let store = PgStore::connect(&testing::postgres().await).await.unwrap();
    store.migrate().await.unwrap();
    let post = look(0).videos[0].clone();
    for round in 1..=20_u64 {
        let claim = |account: u64| {
            let mut claim = look(0);
            claim.profile.profile.id = CreatorId::parse(&(round * 10 + account).to_string()).unwrap();
            claim.profile.profile.handle = Handle::parse(&format!("account.{round}.{account}")).unwrap();
            let mut post = post.clone();
            post.video.id = VideoId::parse(&(round << 40).to_string()).unwrap();
            claim.videos = vec![post];
            claim
        };
        let claims = [claim(1), claim(2), claim(3), claim(4)];
        let kept = join_all(claims.iter().map(|claim| store.record(claim))).await;
        assert_eq!(kept.iter().filter(|kept| kept.is_ok()).count(), 1, "{kept:?}");
        let refused = |kept: &Result<_, StoreError>| matches!(kept, Err(StoreError::Conflict(why)) if why.contains("is of account"));
        assert_eq!(kept.iter().filter(|kept| refused(kept)).count(), 3, "{kept:?}");
    }
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
    // Waits until they are gone.
    let others = "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity \
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let ended: i64 = sqlx::query_scalar(others).fetch_one(store.pool()).await.unwrap();
    assert!(ended >= 1, "nobody was ended");
    for _ in 0..4 {
        store.ping().await.unwrap();
        store.record(&look(0)).await.unwrap();
    }
}

/// Short reads have connections of their own, which nobody asks for a sign of life within a second.
#[tokio::test]
async fn short_read_whose_connections_were_just_ended_is_answered() {
    let store = stores::postgres().await;
    store.record(&look(0)).await.unwrap();
    let recently =
        Recently { until: Timestamp::MAX, at_least: Timestamp::MIN, min_age: SignedDuration::ZERO, posts: 30 };
    let read = async || store.recent(look(0).handle(), recently).await.unwrap().posts.len();
    let expected = [look(0).videos.len().min(30); 4];
    for _ in 0..3 {
        assert_eq!(<[usize; 4]>::from(tokio::join!(read(), read(), read(), read())), expected);
        let short = "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity \
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'SELECT recent.%'";
        let ended: i64 = sqlx::query_scalar(short).fetch_one(store.pool()).await.unwrap();
        assert!(ended >= 1, "nobody was ended");
        assert_eq!(read().await, expected[0]);
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

/// The database sends each write back until it has done so `times` times.
async fn send_back(store: &PgStore, code: &str, times: u32) {
    let trigger = format!(
        "CREATE SEQUENCE attempts;
         CREATE FUNCTION send_back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF nextval('attempts') <= {times} THEN RAISE EXCEPTION 'sent back' USING ERRCODE = '{code}'; END IF;
             RETURN NULL;
         END $$;
         CREATE TRIGGER send_back BEFORE INSERT ON compass_creators FOR EACH STATEMENT EXECUTE FUNCTION send_back()"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(trigger)).execute(store.pool()).await.unwrap();
}

/// How often the store has tried: numbers of a sequence are not given back.
async fn attempts(store: &PgStore) -> i64 {
    sqlx::query_scalar("SELECT last_value FROM attempts").fetch_one(store.pool()).await.unwrap()
}

#[tokio::test]
async fn write_that_is_sent_back_is_begun_again() {
    for (code, times) in [("40001", 2), ("40P01", 3)] {
        let store = stores::postgres().await;
        send_back(&store, code, times).await;
        store.record(&look(0)).await.unwrap();
        assert_eq!(attempts(&store).await, i64::from(times) + 1);
        assert_eq!(history(&store).await, [look(0).profile]);
    }
}

#[tokio::test]
async fn write_that_is_always_sent_back_fails_after_four_attempts() {
    let store = stores::postgres().await;
    send_back(&store, "40001", 1_000).await;
    let refused = store.record(&look(0)).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    assert_eq!(attempts(&store).await, 4);
}

#[tokio::test]
async fn write_that_is_refused_is_not_begun_again() {
    let store = stores::postgres().await;
    send_back(&store, "23514", 1).await;
    let refused = store.record(&look(0)).await;
    assert!(matches!(refused, Err(StoreError::Invalid(_))), "{refused:?}");
    assert_eq!(attempts(&store).await, 1);
}

/// Batches of posts alone, in a host's pool that shows each transaction the database as it was at its beginning.
#[tokio::test]
async fn same_posts_at_once_are_kept_once_whatever_the_hosts_transactions_see() {
    let url = testing::postgres().await;
    PgStore::connect(&url).await.unwrap().migrate().await.unwrap();
    let store = PgStore::from_pool(pool(&url, [("default_transaction_isolation", "repeatable read")]).await);
    store.record(&look(0)).await.unwrap();
    let posts = Batch { profiles: Vec::new(), ..Batch::from_iter([look(1)]) };
    let recorded = join_all((0..8).map(|n| store.record_batch(BatchId(Uuid::from_u128(n)), &posts))).await;
    let videos: u64 = recorded.into_iter().map(|recorded| recorded.unwrap().videos).sum();
    assert_eq!(videos, posts.looks.len() as u64);
}

#[tokio::test]
async fn connections_of_our_own_have_their_limits() {
    let store = PgStore::connect(&testing::postgres().await).await.unwrap();
    for (limit, told) in
        [("statement_timeout", "10s"), ("lock_timeout", "5s"), ("idle_in_transaction_session_timeout", "30s")]
    {
        let show = sqlx::AssertSqlSafe(format!("SHOW {limit}"));
        let shown: String = sqlx::query_scalar(show).fetch_one(store.pool()).await.unwrap();
        assert_eq!(shown, told, "{limit}");
    }
}

#[tokio::test]
async fn account_that_cannot_be_thinned_keeps_no_other_from_it() {
    let store = stores::postgres().await;
    let accounts: Vec<Snapshot> =
        (0..3).map(|number| World::standard().creators()[number].snapshot(noon(), 2, SourceKind::Sample)).collect();
    for first in &accounts {
        let mut second = first.clone();
        second.profile.observed_at += SignedDuration::from_hours(1);
        second.videos.clear();
        store.record(first).await.unwrap();
        store.record(&second).await.unwrap();
    }
    let stuck = accounts.iter().map(Snapshot::creator).min().unwrap();
    let trigger = format!(
        "CREATE FUNCTION stuck() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF OLD.creator_id = {stuck} THEN RAISE EXCEPTION 'stuck' USING ERRCODE = '57014'; END IF;
             RETURN OLD;
         END $$;
         CREATE TRIGGER stuck BEFORE DELETE ON compass_profile_observations FOR EACH ROW EXECUTE FUNCTION stuck()"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(trigger)).execute(store.pool()).await.unwrap();
    let refused = store.thin(&Thinning::default(), noon() + SignedDuration::from_hours(24 * 200)).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    for account in &accounts {
        let kept = store.history(account.creator(), Timestamp::MIN, Timestamp::MAX).await.unwrap();
        assert_eq!(kept.len(), if account.creator() == stuck { 2 } else { 1 });
    }
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

fn noon() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}
