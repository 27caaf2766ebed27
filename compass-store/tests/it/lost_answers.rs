//! Answers of PostgreSQL that never come: whoever waits for one is told so in time, and who asks next is answered.

use std::time::Duration;

use compass_core::{
    Snapshot, SourceKind,
    ports::{CreatorStore, JobStore as _, Recently, StoreError},
    samples::World,
};
use compass_store::{
    PgStore,
    sqlx::{self, Connection as _, PgConnection, postgres::PgPoolOptions},
    testing,
};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use tokio::{
    task::JoinHandle,
    time::{self, Instant},
};

use crate::{
    bells,
    proxy::{Proxy, Trap},
};

/// What a caller waits at most where the answer cannot take long; the store's own patience is 3 seconds.
const BOUND: Duration = Duration::from_millis(4_500);

/// The same where the answer may take ten seconds.
const LONG_BOUND: Duration = Duration::from_secs(13);

/// All connections are gone by then that have not answered.
const GONE: Duration = Duration::from_secs(5);

#[tokio::test]
async fn read_whose_answer_is_lost_is_unavailable_in_time_and_the_next_is_answered() {
    let (proxy, store) = behind_a_proxy().await;
    proxy.set(Trap::Lose, "compass_creators");
    let asking = tokio::spawn({
        let store = store.clone();
        async move { store.list().await.map(drop) }
    });
    assert_given_up(&proxy, asking, LONG_BOUND).await;
    assert_goes_on(&store).await;
}

#[tokio::test]
async fn write_whose_answer_is_lost_anywhere_is_unavailable_in_time_and_can_be_repeated() {
    for word in ["BEGIN", "INSERT INTO compass_creators", "COPY compass_video_observations", "COMMIT"] {
        let (proxy, store) = behind_a_proxy().await;
        proxy.set(Trap::Lose, word);
        let writing = tokio::spawn({
            let store = store.clone();
            async move { store.record(&look(0)).await.map(drop) }
        });
        assert_given_up(&proxy, writing, LONG_BOUND).await;
        assert_goes_on(&store).await;
    }
}

#[tokio::test]
async fn pool_whose_answers_were_all_lost_is_whole_again() {
    let (proxy, store) = behind_a_proxy().await;
    let mut all = Vec::new();
    for _ in 0..10 {
        all.push(store.pool().acquire().await.unwrap());
    }
    drop(all);
    let back = async {
        while store.pool().num_idle() < 10 {
            time::sleep(Duration::from_millis(1)).await;
        }
    };
    time::timeout(BOUND, back).await.unwrap();

    proxy.set(Trap::Lose, "COPY compass_video_observations");
    let writing = tokio::spawn({
        let store = store.clone();
        async move {
            let write = async |n| store.record(&look(n)).await.map(drop);
            join_all((0..10).map(write)).await.into_iter().collect()
        }
    });
    assert_given_up(&proxy, writing, LONG_BOUND).await;
    assert_goes_on(&store).await;
}

/// Its statements may take ten minutes, and nothing in it knows of lost answers.
#[tokio::test]
async fn hosts_pool_whose_only_connection_is_lost_is_whole_again() {
    for word in ["SELECT 1", "BEGIN", "COMMIT"] {
        let (proxy, store) = behind_a_proxy().await;
        let pool = PgPoolOptions::new().max_connections(1).connect(proxy.url()).await.unwrap();
        drop(store);
        let store = PgStore::from_pool(pool);
        proxy.set(Trap::Lose, word);
        let asking = tokio::spawn({
            let store = store.clone();
            async move {
                store.ping().await?;
                store.record(&look(0)).await.map(drop)
            }
        });
        assert_given_up(&proxy, asking, Duration::from_secs(10 * 60 + 13)).await;
        assert_goes_on(&store).await;
    }
}

#[tokio::test]
async fn connections_that_are_lost_while_idle_are_replaced_within_a_call() {
    let (proxy, store) = behind_a_proxy().await;
    let all = [store.pool().acquire().await.unwrap(), store.pool().acquire().await.unwrap()];
    drop(all);
    store.ping().await.unwrap();
    proxy.lose();
    for _ in 0..2 {
        let since = Instant::now();
        store.ping().await.unwrap();
        assert!(since.elapsed() < BOUND, "{:?}", since.elapsed());
    }
}

/// Connections for short reads are not asked for a sign of life within a second.
#[tokio::test]
async fn short_reads_whose_answers_are_lost_are_unavailable_in_time_and_the_next_is_answered() {
    let (proxy, store) = behind_a_proxy().await;
    store.record(&look(0)).await.unwrap();
    let read = async || {
        let recently =
            Recently { until: Timestamp::MAX, at_least: Timestamp::MIN, min_age: SignedDuration::ZERO, posts: 5 };
        let since = Instant::now();
        let read = store.recent(look(0).handle(), recently).await.map(|looks| looks.posts.len());
        assert!(since.elapsed() < BOUND, "{:?}", since.elapsed());
        read
    };
    assert_eq!(read().await.unwrap(), 5);
    proxy.lose();
    let lost = join_all((0..40).map(|_| read())).await;
    assert!(lost.iter().any(|read| matches!(read, Err(StoreError::Unavailable(_)))), "{lost:?}");
    assert_eq!(read().await.unwrap(), 5);
}

#[tokio::test]
async fn bell_whose_connection_is_lost_silently_rings_again() {
    let (proxy, store) = behind_a_proxy().await;
    let bell = bells::listening(&store).await;
    proxy.lose();
    time::pause();
    time::sleep(Duration::from_secs(70)).await;
    time::resume();
    store.enqueue(&bells::wish(1)).await.unwrap();
    bells::assert_rings(&*bell).await;
}

#[tokio::test]
async fn write_that_is_cut_off_at_any_answer_is_kept_whole_or_not_at_all_and_once_when_repeated() {
    let url = testing::postgres().await;
    let proxy = Proxy::open_in_front_of(&url).await;
    let store = PgStore::connect(proxy.url()).await.unwrap();
    store.migrate().await.unwrap();
    let mut watching = PgConnection::connect(&url).await.unwrap();
    let (mut cuts, mut goes_on) = (0, true);
    while goes_on {
        proxy.cut_after(cuts);
        let look = look(cuts);
        let written = store.record(&look).await;
        goes_on = proxy.is_cut();
        proxy.mend();
        assert_eq!(goes_on, written.is_err(), "cut after {cuts} answers: {written:?}");
        assert_kept_once_when_repeated(&mut watching, &store, &look).await;
        cuts += u32::from(goes_on);
    }
    assert!(cuts >= 8, "a write waits for more answers than {cuts}");
}

#[tokio::test]
async fn write_that_is_cut_off_at_its_commit_is_kept_once_when_repeated() {
    let url = testing::postgres().await;
    let proxy = Proxy::open_in_front_of(&url).await;
    let store = PgStore::connect(proxy.url()).await.unwrap();
    store.migrate().await.unwrap();
    let mut watching = PgConnection::connect(&url).await.unwrap();
    for n in 0..10 {
        proxy.set(Trap::Cut, "COMMIT");
        let written = store.record(&look(n)).await;
        assert!(matches!(written, Err(StoreError::Unavailable(_))), "{written:?}");
        proxy.mend();
        assert_kept_once_when_repeated(&mut watching, &store, &look(n)).await;
    }
}

async fn behind_a_proxy() -> (Proxy, PgStore) {
    let proxy = Proxy::open_in_front_of(&testing::postgres().await).await;
    let store = PgStore::connect(proxy.url()).await.unwrap();
    store.migrate().await.unwrap();
    (proxy, store)
}

/// Waits as long as it takes by a clock that goes on at once where nothing else does.
async fn assert_given_up(proxy: &Proxy, asking: JoinHandle<Result<(), StoreError>>, bound: Duration) {
    time::timeout(BOUND, proxy.springs()).await.expect("somebody asks");
    time::pause();
    let since = Instant::now();
    let given_up = time::timeout(10 * bound, asking).await.expect("it does not wait for ever").unwrap();
    assert!(matches!(given_up, Err(StoreError::Unavailable(_))), "{given_up:?}");
    assert!(since.elapsed() < bound, "{:?}", since.elapsed());
    time::sleep(GONE).await;
    time::resume();
}

async fn assert_goes_on(store: &PgStore) {
    assert_eq!(store.pool().size() as usize, store.pool().num_idle(), "a connection is still lent");
    time::timeout(BOUND, store.record(&look(0))).await.expect("in time").unwrap();
    let kept = time::timeout(BOUND, store.history(look(0).creator(), Timestamp::MIN, Timestamp::MAX)).await;
    assert!(kept.expect("in time").unwrap().contains(&look(0).profile));
}

async fn assert_kept_once_when_repeated(watching: &mut PgConnection, store: &PgStore, look: &Snapshot) {
    let whole = (1, look.videos.len() as i64);
    let first = kept(watching, look).await;
    assert!(first == (0, 0) || first == whole, "half of it is kept: {first:?}");
    store.record(look).await.unwrap();
    assert_eq!(kept(watching, look).await, whole);
}

/// The observations of a look that are kept, at one moment: of the profile and of posts.
async fn kept(watching: &mut PgConnection, look: &Snapshot) -> (i64, i64) {
    let count = "SELECT (SELECT count(*) FROM compass_profile_observations WHERE observed_at = $1::timestamptz), \
        (SELECT count(*) FROM compass_video_observations WHERE observed_at = $1::timestamptz)";
    sqlx::query_as(count).bind(look.profile.observed_at.to_string()).fetch_one(watching).await.unwrap()
}

fn look(minute: u32) -> Snapshot {
    let noon: Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
    let at = noon + SignedDuration::from_mins(minute.into());
    World::standard().creators()[0].snapshot(at, 12, SourceKind::Sample)
}
