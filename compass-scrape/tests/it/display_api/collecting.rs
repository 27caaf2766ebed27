//! Good answers: every figure is the true one, in as many pages as it takes.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use compass_core::{
    JobState, Progress, SourceKind,
    app::{RefreshWorker, request_refresh},
    ports::{
        CollectRequest, CreatorGrant, CreatorStore as _, CreatorTokens as _, ProfileSource as _, ProgressSink,
        SourceError,
    },
    samples::World,
    testing::{FixedClock, MemoryStore, ScriptedSource, SeededRandom},
};
use compass_scrape::NOT_GIVEN;

use super::{STEADY, Setup, collect, handle, id_of, reasons, truth};
use crate::truth::NOON;

#[tokio::test]
async fn every_figure_of_every_sample_creator_is_the_true_one() {
    let setup = Setup::new().await;
    for creator in World::standard().creators() {
        let name = creator.handle().as_str();
        setup.connect(name).await;
        for as_strings in [false, true] {
            setup.api.change(|world| world.numbers_as_strings = as_strings);
            let seen = setup.collect(name, 1_000).await.unwrap();
            let truth = truth(name);
            assert_eq!(seen.profile, truth.profile);
            assert_eq!(seen.videos, truth.videos);
            assert_eq!((seen.refused, seen.disagreements), (vec![], vec![]));
        }
    }
}

#[tokio::test]
async fn posts_come_twenty_at_a_time_until_there_are_enough_or_no_more() {
    let setup = Setup::connected().await;
    let all = truth(STEADY).videos.len();
    assert!(all > 60, "the sample has several pages: {all}");
    for (max_videos, pages) in [(0, 0), (1, 1), (20, 1), (21, 2), (60, 3), (1_000, all.div_ceil(20))] {
        let before = setup.asked("/v2/video/list/");
        let seen = setup.collect(STEADY, max_videos).await.unwrap();
        assert_eq!(seen.videos.len(), all.min(max_videos as usize));
        assert_eq!(setup.asked("/v2/video/list/") - before, pages, "{max_videos}");
        assert_eq!(seen.videos[..], truth(STEADY).videos[..seen.videos.len()]);
    }
}

#[tokio::test]
async fn steps_are_told() {
    #[derive(Default)]
    struct Heard(Mutex<Vec<Progress>>);

    #[async_trait]
    impl ProgressSink for Heard {
        async fn report(&self, progress: Progress) {
            self.0.lock().unwrap().push(progress);
        }
    }

    let setup = Setup::connected().await;
    let heard = Heard::default();
    let request = CollectRequest { handle: handle(STEADY), max_videos: 50, since: None, observed_at: NOON };
    setup.source().collect(&request, &heard).await.unwrap();
    let all = truth(STEADY).profile.counts.videos.map(|count| count.lo());
    let read = |got| Progress::VideosRead { got, wanted: 50 };
    let expected = [
        Progress::Opening { source: SourceKind::DisplayApi },
        Progress::ProfileRead { videos: all },
        read(20),
        read(40),
        read(50),
    ];
    assert_eq!(*heard.0.lock().unwrap(), expected);
}

#[tokio::test]
async fn what_a_creator_did_not_allow_is_told_and_not_asked_for() {
    let setup = Setup::new().await;
    let allow = |scopes: &'static [&'static str]| {
        setup.api.change(|world| {
            world.account(&handle(STEADY)).allows = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        });
    };
    allow(&["user.info.basic", "user.info.profile"]);
    setup.connect(STEADY).await;
    let seen = setup.collect(STEADY, 10).await.unwrap();
    assert_eq!(seen.profile.profile, truth(STEADY).profile.profile);
    assert_eq!(seen.profile.counts, compass_core::ProfileCounts::default());
    assert_eq!((seen.videos.len(), reasons(&seen)), (0, vec![NOT_GIVEN, NOT_GIVEN]));
    assert_eq!(setup.asked("/v2/video/list/"), 0);

    allow(&["user.info.profile", "user.info.stats", "video.list"]);
    setup.connect(STEADY).await;
    let seen = setup.collect(STEADY, 10).await.unwrap();
    assert_eq!(seen.profile.counts, truth(STEADY).profile.counts);
    assert_eq!((seen.videos.len(), reasons(&seen)), (10, vec![]));
    // Nobody said what the account is called.
    assert_eq!(seen.profile.profile.nickname.as_str(), STEADY);

    allow(&["user.info.basic", "user.info.stats", "video.list"]);
    setup.connect(STEADY).await;
    let met = setup.collect(STEADY, 10).await.unwrap_err();
    assert!(matches!(&met, SourceError::ScopeMissing { scope } if scope == "user.info.profile"), "{met}");
}

#[tokio::test]
async fn scope_that_was_taken_back_since_is_told_beside_the_header() {
    let setup = Setup::new().await;
    setup.api.change(|world| drop(world.account(&handle(STEADY)).allows.pop()));
    let grant = setup.connect(STEADY).await;
    let hopeful = CreatorGrant { scopes: [grant.scopes.clone(), vec!["video.list".to_owned()]].concat(), ..grant };
    setup.tokens.save(&hopeful).await.unwrap();
    let seen = setup.collect(STEADY, 10).await.unwrap();
    assert_eq!(seen.profile.counts, truth(STEADY).profile.counts);
    assert_eq!((seen.videos.len(), reasons(&seen)), (0, vec![NOT_GIVEN]));
}

#[tokio::test]
async fn account_that_nobody_connected_is_an_outcome_of_its_own() {
    let setup = Setup::new().await;
    let met = setup.collect(STEADY, 10).await.unwrap_err();
    assert!(matches!(&met, SourceError::NotConnected(asked) if asked.as_str() == STEADY), "{met}");
    assert_eq!(setup.api.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn numeric_id_is_never_made_up() {
    let setup = Setup::new().await;
    setup.tokens.save(&setup.api.connected(&handle(STEADY))).await.unwrap();
    let met = setup.collect(STEADY, 10).await.unwrap_err();
    assert!(matches!(&met, SourceError::UnknownIdentity(asked) if asked.as_str() == STEADY), "{met}");
    assert_eq!(setup.api.asked(), Vec::<String>::new());

    // Another source's look at the public page makes it known.
    let store = Arc::new(MemoryStore::default());
    let source = setup.builder().creators(Arc::<MemoryStore>::clone(&store)).build().unwrap();
    let elsewhere = World::standard().find(&handle(STEADY)).unwrap().snapshot(NOON, 5, SourceKind::Sample);
    let worker = RefreshWorker {
        creators: Arc::<MemoryStore>::clone(&store),
        jobs: Arc::<MemoryStore>::clone(&store),
        hosts: Arc::<MemoryStore>::clone(&store),
        sources: vec![Arc::new(source), Arc::new(ScriptedSource::new([Ok(elsewhere)]))],
        clock: Arc::<FixedClock>::clone(&setup.clock),
        max_videos: 10,
        scheduler: None,
    };
    let mut sources = Vec::new();
    for seed in [1, 2] {
        let job =
            request_refresh(&*store, &*setup.clock, &SeededRandom::new(seed), &handle(STEADY), None).await.unwrap();
        assert!(worker.run_next().await.unwrap());
        let ended = compass_core::ports::JobStore::find(&*store, job.id).await.unwrap().unwrap();
        assert_eq!(ended.state, JobState::Succeeded, "{:?}", ended.failure);
        let newest = store.latest(id_of(STEADY), setup.clock_now()).await.unwrap().unwrap();
        sources.push(newest.source);
        setup.clock.advance(Duration::from_secs(3_600));
    }
    assert_eq!(sources, [SourceKind::Sample, SourceKind::DisplayApi]);
}

#[tokio::test]
async fn renamed_account_is_not_taken_for_the_one_that_was_asked_for() {
    let setup = Setup::connected().await;
    setup.api.change(|world| world.account(&handle(STEADY)).username = handle("renamed"));
    let met = setup.collect(STEADY, 10).await.unwrap_err();
    assert_eq!(
        met.to_string(),
        "username cannot be true: @sample.steady was asked for, and its tokens are those of @renamed: it was renamed and \
         has to be connected again"
    );
}

#[tokio::test]
async fn tokens_of_another_account_are_noticed() {
    let setup = Setup::new().await;
    let other = setup.api.connected(&handle("sample.quiet"));
    let mixed = CreatorGrant { access_token: other.access_token, ..setup.connect(STEADY).await };
    setup.tokens.save(&mixed).await.unwrap();
    let met = setup.collect(STEADY, 10).await.unwrap_err();
    assert!(matches!(&met, SourceError::SuspectValue { field, .. } if field == "open_id"), "{met}");
}

#[tokio::test]
async fn limit_of_a_minute_is_kept_by_the_source_itself() {
    let setup = Setup::connected().await;
    setup.api.change(|world| world.requests_a_minute = 3);
    let source = setup.builder().requests_a_minute(3).collection(Duration::from_millis(500)).build().unwrap();
    // Four pages in one minute would be one too many: it waits, here until the collection is given up.
    let met = collect(&source, STEADY, 80).await.unwrap_err();
    assert_eq!(met.to_string(), "the site could not be reached: the collection took longer than 500ms");
    assert_eq!(setup.asked("/v2/video/list/"), 3);
}
