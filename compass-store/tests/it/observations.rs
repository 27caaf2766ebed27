//! Observations beyond what every store does: what is refused, what is kept how, and what a damaged row says.

use std::sync::Arc;

use compass_core::{
    Batch, BatchId, Handle, Snapshot, SourceKind, Text, VideoId, VideoObservation,
    analytics::VideoTable,
    app::read_corpus,
    ports::{CorpusStore, CreatorStore, Recorded, StoreError, VideoPage},
    samples::World,
    testing::MemoryStore,
};
use compass_store::sqlx;
use jiff::{Timestamp, ToSpan as _};
use uuid::Uuid;

use crate::stores::{self, on_every_store};

on_every_store!(
    nul_is_refused_and_nothing_of_the_snapshot_is_kept,
    post_of_another_account_is_a_conflict,
    thousands_of_posts_are_recorded_in_one_snapshot,
    each_observation_keeps_the_caption_it_saw,
    handles_are_in_the_order_of_their_bytes,
);

async fn nul_is_refused_and_nothing_of_the_snapshot_is_kept(store: &dyn CreatorStore) {
    let mut seen = steady(noon());
    seen.videos[5].video.hashtags.push("bre\0ad".to_owned());
    let refused = store.record(&seen).await;
    assert!(matches!(&refused, Err(StoreError::Invalid(why)) if why.contains("hashtag")), "{refused:?}");
    seen.videos[5].video.hashtags.clear();
    seen.profile.profile.language = Some("d\0e".to_owned());
    let refused = store.record(&seen).await;
    assert!(matches!(&refused, Err(StoreError::Invalid(why)) if why.contains("language")), "{refused:?}");
    assert_eq!(store.list().await.unwrap(), []);
}

async fn post_of_another_account_is_a_conflict(store: &dyn CreatorStore) {
    let steady = steady(noon());
    let mut mixed_up = sample("sample.rising", noon());
    mixed_up.videos.push(steady.videos[0].clone());
    store.record(&steady).await.unwrap();
    let refused = store.record(&mixed_up).await;
    let post = steady.videos[0].video.id.to_string();
    assert!(matches!(&refused, Err(StoreError::Conflict(why)) if why.contains(&post)), "{refused:?}");
    assert_eq!(store.find(mixed_up.handle()).await.unwrap(), None);
}

async fn thousands_of_posts_are_recorded_in_one_snapshot(store: &dyn CreatorStore) {
    let mut seen = steady(noon());
    let pattern = seen.videos[0].clone();
    let post = |n: u64| {
        let mut post: VideoObservation = pattern.clone();
        post.video.id = VideoId::parse(&(pattern.video.id.get() + n).to_string()).unwrap();
        post
    };
    seen.videos = (0..2_500).map(post).collect();
    assert_eq!(store.record(&seen).await.unwrap(), Recorded { profiles: 1, videos: 2_500 });
    let kept = store.videos(seen.creator(), noon(), VideoPage::first(u32::MAX)).await.unwrap();
    seen.videos.reverse();
    assert_eq!(kept, seen.videos);
}

async fn each_observation_keeps_the_caption_it_saw(store: &dyn CreatorStore) {
    let first = steady(noon());
    let mut second = steady(tomorrow());
    let post = first.videos[0].video.id;
    for observation in &mut second.videos {
        observation.video.caption = Text::parse("Rewritten").unwrap();
    }
    store.record(&first).await.unwrap();
    store.record(&second).await.unwrap();
    let looks = store.video_history(first.creator(), post).await.unwrap();
    let captions: Vec<Text> = looks.into_iter().map(|observation| observation.video.caption).collect();
    assert_eq!(captions, [first.videos[0].video.caption.clone(), Text::parse("Rewritten").unwrap()]);
    let then = store.videos(first.creator(), noon(), VideoPage::first(1_000)).await.unwrap();
    assert!(then.contains(&first.videos[0]), "the past still has its caption");
}

/// A collation of a language would ignore the punctuation and put `a_b` between `aa` and `ab`.
async fn handles_are_in_the_order_of_their_bytes(store: &dyn CreatorStore) {
    for (sample_of, handle) in
        [("sample.steady", "a_b"), ("sample.rising", "aa"), ("sample.quiet", "ac"), ("sample.spiky", "a.b")]
    {
        let mut seen = sample(sample_of, noon());
        seen.profile.profile.handle = Handle::parse(handle).unwrap();
        store.record(&seen).await.unwrap();
    }
    let handles: Vec<String> = store.list().await.unwrap().iter().map(|profile| profile.handle.to_string()).collect();
    assert_eq!(handles, ["a.b", "a_b", "aa", "ac"]);
}

#[tokio::test]
async fn unchanged_description_is_kept_once() {
    let store = stores::sqlite_memory().await;
    let (first, mut second) = (steady(noon()), steady(noon()));
    second.profile.observed_at = tomorrow();
    for observation in &mut second.videos {
        observation.observed_at = tomorrow();
    }
    store.record(&first).await.unwrap();
    store.record(&second).await.unwrap();
    let (observations, descriptions): (i64, i64) = sqlx::query_as(
        "SELECT (SELECT COUNT(*) FROM compass_video_observations), (SELECT COUNT(*) FROM compass_video_descriptions)",
    )
    .fetch_one(store.reader())
    .await
    .unwrap();
    let posts = i64::try_from(first.videos.len()).unwrap();
    assert_eq!((observations, descriptions), (2 * posts, posts));
}

#[tokio::test]
async fn time_of_recording_is_the_clock_s() {
    let store = stores::sqlite_memory().await;
    store.record(&steady(noon())).await.unwrap();
    let times: Vec<i64> = sqlx::query_scalar(
        "SELECT recorded_at FROM compass_profile_observations UNION SELECT recorded_at FROM compass_video_observations",
    )
    .fetch_all(store.reader())
    .await
    .unwrap();
    assert_eq!(times, [stores::recorded_at().as_microsecond()]);
}

#[tokio::test]
async fn damaged_row_names_its_table_and_column_in_sqlite() {
    let store = stores::sqlite_memory().await;
    store.record(&steady(noon())).await.unwrap();
    sqlx::query(DAMAGE).execute(store.writer()).await.unwrap();
    assert_names_the_damage(&*store).await;
}

#[tokio::test]
async fn damaged_row_names_its_table_and_column_in_postgres() {
    let store = stores::postgres().await;
    store.record(&steady(noon())).await.unwrap();
    sqlx::query(DAMAGE).execute(store.pool()).await.unwrap();
    assert_names_the_damage(&*store).await;
}

#[tokio::test]
async fn damaged_row_keeps_no_other_account_from_being_listed() {
    let (sqlite, postgres) = (stores::sqlite_memory().await, stores::postgres().await);
    for store in [&*sqlite as &dyn CreatorStore, &*postgres] {
        for handle in ["sample.steady", "sample.quiet"] {
            store.record(&sample(handle, noon())).await.unwrap();
        }
        assert_eq!(store.list().await.unwrap().len(), 2);
    }
    let damage = "UPDATE compass_profile_observations SET handle = 'no handle' WHERE handle = 'sample.quiet'";
    sqlx::query(damage).execute(sqlite.writer()).await.unwrap();
    sqlx::query(damage).execute(postgres.pool()).await.unwrap();
    for store in [&*sqlite as &dyn CreatorStore, &*postgres] {
        assert_eq!(store.list().await.unwrap(), [steady(noon()).profile.profile]);
        assert_eq!(read_corpus(store, noon()).await.unwrap().unread.len(), 0);
    }
}

const DAMAGE: &str = "UPDATE compass_profile_observations SET source = 'crystal ball'";

async fn assert_names_the_damage(store: &dyn CreatorStore) {
    let seen = steady(noon());
    let Err(StoreError::Corrupt(why)) = store.latest(seen.creator(), noon()).await else {
        panic!("a source that is unknown was read");
    };
    let creator = seen.creator().to_string();
    for part in ["compass_profile_observations", &creator, "2026-05-01T12:00:00Z", "source", "crystal ball"] {
        assert!(why.contains(part), "{part} is missing in: {why}");
    }
}

fn steady(at: Timestamp) -> Snapshot {
    sample("sample.steady", at)
}

fn sample(handle: &str, at: Timestamp) -> Snapshot {
    let handle = Handle::parse(handle).unwrap();
    World::standard().find(&handle).unwrap().snapshot(at, 12, SourceKind::Sample)
}

fn noon() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

fn tomorrow() -> Timestamp {
    "2026-05-02T12:00:00Z".parse().unwrap()
}

#[tokio::test]
async fn corpus_of_an_earlier_moment_has_what_was_recorded_by_then() {
    let (sqlite, postgres) = (stores::sqlite_file().await, stores::postgres().await);
    let (memory, recorded) = (MemoryStore::default(), stores::recorded_at());
    let stores: [&dyn CorpusStore; 3] = [&*sqlite, &*postgres, &memory];
    for (hour, moment) in [(0_u8, noon()), (1, tomorrow())] {
        let mut batch = Batch::from_iter([steady(moment)]);
        let at = Some(recorded + i64::from(hour).hours());
        batch.profiles.iter_mut().for_each(|look| look.recorded_at = at);
        batch.looks.iter_mut().for_each(|look| look.recorded_at = at);
        for store in stores {
            store.record_batch(BatchId(Uuid::from_u128(u128::from(hour))), &batch).await.unwrap();
        }
    }
    let (first, second) = (steady(noon()).videos.len(), steady(tomorrow()).videos.len());
    for (moment, looks) in [(recorded - 1.microsecond(), 0), (recorded, first), (recorded + 1.hour(), first + second)] {
        let then: [(Box<dyn CorpusStore>, Arc<dyn CreatorStore>); 3] = [
            (Box::new(sqlite.clone().as_known_at(moment)), sqlite.known_at(moment)),
            (Box::new(postgres.clone().as_known_at(moment)), postgres.known_at(moment)),
            (Box::new(memory.clone().as_known_at(moment)), memory.known_at(moment)),
        ];
        for (corpus, one_by_one) in then {
            let batch = corpus.next_batch(None, 10_000).await.unwrap();
            assert_eq!(batch.map_or(0, |(batch, _)| batch.looks.len()), looks, "{moment}");
            let videos =
                one_by_one.videos(steady(noon()).creator(), Timestamp::MAX, VideoPage::first(1_000)).await.unwrap();
            let mut table = VideoTable::default();
            if !videos.is_empty() {
                table.push_creator(&videos);
            }
            assert_eq!(corpus.corpus_table(Timestamp::MAX).await.unwrap().table, table, "{moment}");
        }
    }
}

/// As after months were detached: it could not even be read, for there is no such time.
const WORDING_WITHOUT_A_LOOK: &str = "INSERT INTO compass_video_descriptions \
    (creator_id, video_id, digest, created_at, created_at_derived, kind, caption, hashtags) \
    SELECT creator_id, id, 1, ";

#[tokio::test]
async fn wordings_that_no_look_of_a_batch_shows_are_not_read_for_it() {
    let (sqlite, postgres) = (stores::sqlite_file().await, stores::postgres().await);
    sqlite.record(&steady(noon())).await.unwrap();
    postgres.record(&steady(noon())).await.unwrap();
    let insertion = format!("{WORDING_WITHOUT_A_LOOK} 9000000000000000000, 0, 'video', '', '[]' FROM compass_videos");
    sqlx::query(sqlx::AssertSqlSafe(insertion)).execute(sqlite.writer()).await.unwrap();
    let insertion =
        format!("{WORDING_WITHOUT_A_LOOK} '200000-01-01T00:00:00Z', false, 'video', '', '[]' FROM compass_videos");
    sqlx::query(sqlx::AssertSqlSafe(insertion)).execute(postgres.pool()).await.unwrap();
    let looks = steady(noon()).videos.len();
    for corpus in [&*sqlite as &dyn CorpusStore, &*postgres] {
        let (batch, _) = corpus.next_batch(None, 10_000).await.unwrap().unwrap();
        assert_eq!((batch.looks.len(), batch.posts.len()), (looks, looks));
    }
}
