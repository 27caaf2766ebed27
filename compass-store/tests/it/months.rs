//! Observations by month: partitions that come by themselves and can be taken away.

use compass_core::{
    Handle, Snapshot,
    ports::{CreatorStore, StoreError},
    samples::World,
};
use compass_store::{PgStore, sqlx};
use jiff::Timestamp;

use crate::stores;

const MONTHS: &str = "SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid \
    JOIN pg_class p ON p.oid = i.inhparent WHERE p.relname = 'compass_video_observations' ORDER BY 1";

/// The months whose partitions are there, as the names of the partitions tell them.
async fn months(store: &PgStore) -> Vec<String> {
    let names: Vec<String> = sqlx::query_scalar(MONTHS).fetch_all(store.pool()).await.unwrap();
    names.into_iter().map(|name| name.replace("compass_video_observations_", "")).collect()
}

fn seen(at: &str) -> Snapshot {
    let steady = Handle::parse("sample.steady").unwrap();
    World::standard().find(&steady).unwrap().snapshot(at.parse().unwrap(), 5, compass_core::SourceKind::Sample)
}

/// A look at the same posts at another moment.
fn again(at: &str) -> Snapshot {
    let mut again = seen("2026-05-31T23:00:00Z");
    let at: Timestamp = at.parse().unwrap();
    again.profile.observed_at = at;
    again.videos.iter_mut().for_each(|video| video.observed_at = at);
    again
}

#[tokio::test]
async fn this_month_and_three_more_are_there_after_migrating() {
    let store = stores::postgres().await;
    // The store's clock says 1 June 2026.
    assert_eq!(months(&store).await, ["2026_06", "2026_07", "2026_08", "2026_09"]);
}

#[tokio::test]
async fn month_comes_with_its_first_observation() {
    let store = stores::postgres().await;
    for at in ["2026-05-31T23:59:59.999999Z", "2024-02-01T00:00:00Z", "0001-01-01T00:00:00Z", "2101-05-05T05:05:05Z"] {
        assert_eq!(store.record(&again(at)).await.unwrap().videos, 5, "{at}");
        assert_eq!(store.record(&again(at)).await.unwrap().videos, 0, "{at}, once more");
    }
    let of_before = ["2024_02", "2026_05"];
    assert_eq!(
        months(&store).await,
        [&of_before[..], &["2026_06", "2026_07", "2026_08", "2026_09", "early", "late"]].concat()
    );
    let creator = seen("2026-05-01T00:00:00Z").creator();
    let kept = store.video_observations(creator, Timestamp::MIN, Timestamp::MAX).await.unwrap();
    assert_eq!(kept.len(), 4 * 5);
}

#[tokio::test]
async fn many_who_need_a_new_month_at_once_get_it() {
    let store = stores::postgres().await;
    let others = futures_util::future::join_all((0..8).map(|_| {
        let store = PgStore::from_pool(store.pool().clone());
        async move { store.record(&again("2023-03-03T03:03:03Z")).await }
    }));
    let recorded: u64 = others.await.into_iter().map(|recorded| recorded.unwrap().videos).sum();
    assert_eq!(recorded, 5);
}

#[tokio::test]
async fn stores_of_two_schemas_make_months_of_their_own() {
    let store = stores::postgres().await;
    for schema in ["first", "second"] {
        let own = store.clone().with_schema(schema).unwrap();
        own.migrate().await.unwrap();
        own.record(&again("2023-03-03T03:03:03Z")).await.unwrap();
    }
}

#[tokio::test]
async fn detached_month_is_not_asked_and_takes_nothing() {
    let store = stores::postgres().await;
    for at in ["2026-05-10T00:00:00Z", "2026-06-10T00:00:00Z"] {
        store.record(&again(at)).await.unwrap();
    }
    for table in ["compass_video_observations", "compass_profile_observations"] {
        let detach = format!("ALTER TABLE {table} DETACH PARTITION {table}_2026_05");
        sqlx::query(sqlx::AssertSqlSafe(detach)).execute(store.pool()).await.unwrap();
    }
    let creator = seen("2026-05-01T00:00:00Z").creator();
    let kept = store.history(creator, Timestamp::MIN, Timestamp::MAX).await.unwrap();
    assert_eq!(kept.len(), 1);
    for store in [PgStore::from_pool(store.pool().clone()), store.clone()] {
        let refused = store.record(&again("2026-05-11T00:00:00Z")).await;
        assert!(matches!(&refused, Err(StoreError::Invalid(why)) if why.contains("partition")), "{refused:?}");
        store.record(&again("2026-06-11T00:00:00Z")).await.unwrap();
    }
}

/// Where accounts are distributed over servers, each key and each unique index has the account in it, but the one that the
/// migration names.
#[tokio::test]
async fn accounts_can_be_distributed() {
    let store = stores::postgres().await;
    let indexes: Vec<(String, String)> = sqlx::query_as(
        "SELECT tablename::text, indexdef FROM pg_indexes WHERE indexdef LIKE 'CREATE UNIQUE%' AND tablename IN (\
         'compass_videos', 'compass_video_descriptions', 'compass_video_observations', 'compass_profile_observations')",
    )
    .fetch_all(store.pool())
    .await
    .unwrap();
    let without: Vec<_> = indexes.iter().filter(|(_, index)| !index.contains("creator_id")).collect();
    assert!(indexes.len() == 5 && without.len() == 1, "{indexes:?}");
    assert!(without[0].1.contains("compass_videos_id"), "{without:?}");
}
