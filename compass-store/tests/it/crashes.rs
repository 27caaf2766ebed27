//! PostgreSQL that ends without a word while four write to it. It forces what it has acknowledged to the disk; that a machine loses
//! what was not forced is PostgreSQL's to know, and not tried here.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use compass_core::{
    Batch, BatchId, Snapshot, SourceKind,
    ports::{CorpusStore, CreatorStore, Recorded, StoreError},
    samples::World,
};
use compass_store::{PgStore, testing::DurablePostgres};
use jiff::{SignedDuration, Timestamp};
use tokio::{sync::watch, task::JoinSet, time};
use uuid::Uuid;

const CRASHES: u32 = 20;
const WRITERS: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn what_postgres_acknowledged_outlives_twenty_crashes() {
    let server = DurablePostgres::start().await;
    let store = PgStore::connect(server.url()).await.unwrap();
    store.migrate().await.unwrap();
    let acknowledged = Arc::new(watch::Sender::new(0_u32));
    let (stop, stopped) = watch::channel(false);
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        writers.spawn(write(store.clone(), writer, Arc::clone(&acknowledged), stopped.clone()));
    }
    let mut heard = acknowledged.subscribe();
    for _ in 0..CRASHES {
        let before = *heard.borrow();
        heard.wait_for(|now| *now >= before + 6).await.unwrap();
        server.crash().await;
    }
    stop.send_replace(true);
    let refused: u32 = writers.join_all().await.into_iter().sum();
    assert!(refused >= CRASHES, "every crash is in somebody's way, but only {refused} calls were refused");

    let all = *heard.borrow();
    let mut kept = 0;
    for writer in 0..WRITERS {
        let creator = look(writer, 0).creator();
        let profiles = store.history(creator, Timestamp::MIN, Timestamp::MAX).await.unwrap();
        let posts = store.video_observations(creator, Timestamp::MIN, Timestamp::MAX).await.unwrap();
        let mut posts_at = BTreeMap::<Timestamp, usize>::new();
        for post in &posts {
            *posts_at.entry(post.observed_at).or_default() += 1;
        }
        for (n, profile) in (0_u32..).zip(&profiles) {
            let expected = look(writer, n);
            assert_eq!(*profile, expected.profile);
            assert_eq!(posts_at.remove(&profile.observed_at), Some(expected.videos.len()), "half of look {n}");
        }
        assert!(posts_at.is_empty(), "posts without a profile: {posts_at:?}");
        kept += profiles.len();
    }
    assert_eq!(kept, all as usize, "acknowledged and kept are the same");
}

/// Records one look after the other, each until it is acknowledged; gives how often the store was unavailable. Every second
/// writer sends batches: one whose answer was lost is sent again, and the answer is that of the first time.
async fn write(
    store: PgStore,
    writer: usize,
    acknowledged: Arc<watch::Sender<u32>>,
    stop: watch::Receiver<bool>,
) -> u32 {
    let mut refused = 0;
    for n in 0.. {
        if *stop.borrow() {
            break;
        }
        let look = look(writer, n);
        let called = time::Instant::now();
        let batch = Batch::from_iter([look.clone()]);
        let id = BatchId(Uuid::from_u128((writer as u128) << 64 | u128::from(n)));
        let record = async || match writer % 2 {
            0 => store.record(&look).await.map(drop),
            _ => {
                let recorded = store.record_batch(id, &batch).await?;
                assert_eq!(recorded, Recorded { profiles: 1, videos: look.videos.len() as u64 }, "of look {n}");
                Ok(())
            }
        };
        while let Err(error) = record().await {
            assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
            assert!(called.elapsed() < Duration::from_secs(30), "it does not come back: {error:?}");
            refused += 1;
            time::sleep(Duration::from_millis(10)).await;
        }
        acknowledged.send_modify(|count| *count += 1);
    }
    refused
}

/// The nth look at the account that this writer alone writes.
fn look(writer: usize, n: u32) -> Snapshot {
    let noon: Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
    let at = noon + SignedDuration::from_mins(i64::from(n));
    World::standard().creators()[writer].snapshot(at, 12, SourceKind::Sample)
}
