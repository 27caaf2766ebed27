//! Answers that are kept for a moment.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Extension, Router};
use compass_core::{
    PostLook, SourceKind,
    ports::{Clock as _, CreatorStore, MockCreatorStore, RecentLooks, StoreError},
    samples::World,
};
use compass_http::KeptReports;
use tower::ServiceExt as _;

use crate::{
    bench::{Answer, Bench, KNOWN, OTHER, get, with_header},
    gated_store::GatedStore,
};

/// A service that keeps answers of a store from which, after so many questions about creators, nothing more comes.
async fn keeping(questions: usize) -> (Bench, Router) {
    let bench = Bench::new().await;
    let inner = Arc::clone(&bench.ports.creators);
    let mut store = MockCreatorStore::new();
    let found = [KNOWN, OTHER].map(|handle| {
        let inner = Arc::clone(&inner);
        let handle = handle.parse().unwrap();
        async move { (inner.find(&handle).await.unwrap().unwrap(), handle) }
    });
    let mut known = Vec::new();
    for one in found {
        known.push(one.await);
    }
    let kept = KeptReports::new(16 << 20, Duration::from_secs(3_600));
    let left = Arc::new(AtomicUsize::new(questions));
    let ask = move || {
        let one_less = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        one_less.map_err(|_| StoreError::Unavailable("asked once more".into()))
    };
    let ask_for_recent = ask.clone();
    store.expect_find().returning(move |handle| {
        ask()?;
        Ok(known.iter().find(|(_, known)| known == handle).map(|(profile, _)| profile.clone()))
    });
    store.expect_history().returning(|_, _, _| Ok(Vec::new()));
    store.expect_latest().returning(|_, _| Ok(None));
    store.expect_video_observations().returning(|_, _, _| Ok(Vec::new()));
    let creator = World::standard().find(&KNOWN.parse().unwrap()).unwrap().clone();
    let videos = creator.snapshot(bench.clock.now(), 30, SourceKind::Sample).videos;
    let posts: Vec<PostLook> = videos.iter().map(PostLook::from).collect();
    store.expect_recent().returning(move |_, _| {
        ask_for_recent()?;
        Ok(RecentLooks { account: Vec::new(), posts: posts.clone() })
    });
    store.expect_videos().returning(move |_, _, _| Ok(videos.clone()));
    store.expect_record().returning(|_| Ok(compass_core::ports::Recorded::default()));
    let store: Arc<dyn CreatorStore> = Arc::new(store);
    let bench = bench.with(|ports| ports.creators = kept.watch(store));
    let app = bench.app.clone().layer(Extension(kept));
    (bench, app)
}

#[tokio::test]
async fn what_was_computed_is_not_computed_again_until_something_is_recorded() {
    let (bench, app) = keeping(3).await;
    let ask = async |path: &str| Answer::read(app.clone().oneshot(get(path)).await.unwrap()).await;
    let path = format!("/analytics/{KNOWN}/engagement");
    let first = ask(&path).await;
    assert_eq!(first.status, 200, "{first:?}");
    let again = ask(&path).await;
    assert_eq!((&again.body, again.header("etag")), (&first.body, first.header("etag")));
    let same = with_header(get(&path), "if-none-match", first.header("etag"));
    assert_eq!(app.clone().oneshot(same).await.unwrap().status(), 304);
    assert_eq!(ask(&format!("{path}?window=5")).await.status, 200, "another question");

    let creator = World::standard().find(&KNOWN.parse().unwrap()).unwrap().clone();
    bench.ports.creators.record(&creator.snapshot(bench.clock.now(), 30, SourceKind::Sample)).await.unwrap();
    assert_eq!(ask(&path).await.status, 200, "the third time that the store is asked");
    assert_eq!(ask(&path).await.status, 200);
    ask(&format!("{path}?window=6")).await.problem(503, "unavailable");
}

#[tokio::test]
async fn all_sections_are_cut_from_one_report() {
    // The newest look is asked for, and then the report.
    let (_, app) = keeping(2).await;
    for section in ["", "/growth", "/posting", "/videos", "/hashtags", "/forecast", "/rosetta", "/benchmark"] {
        let path = format!("/analytics/{KNOWN}{section}");
        let answer = Answer::read(app.clone().oneshot(get(&path)).await.unwrap()).await;
        assert_eq!(answer.status, 200, "{section}: {answer:?}");
        assert!(String::from_utf8_lossy(&answer.body).contains("\"handle\":\"sample.steady\""), "{section}");
    }
}

#[tokio::test]
async fn the_next_hour_is_another_question_and_a_failure_is_not_kept() {
    let (bench, app) = keeping(1).await;
    let ask =
        async || Answer::read(app.clone().oneshot(get(&format!("/analytics/{KNOWN}/engagement"))).await.unwrap()).await;
    assert_eq!(ask().await.status, 200);
    bench.clock.advance(Duration::from_secs(3_600));
    ask().await.problem(503, "unavailable");
    ask().await.problem(503, "unavailable");
}

#[tokio::test]
async fn asked_at_once_by_many_an_answer_is_computed_once() {
    for (keeps, readers) in [(false, 20), (true, 1)] {
        let bench = Bench::new().await;
        let store = GatedStore::over(Arc::clone(&bench.ports.creators));
        let kept = KeptReports::new(16 << 20, Duration::from_secs(3_600));
        let bench = bench.with(|ports| ports.creators = kept.watch(Arc::<GatedStore>::clone(&store)));
        let app = if keeps { bench.app.clone().layer(Extension(kept)) } else { bench.app.clone() };
        let mut asked = tokio::task::JoinSet::new();
        for _ in 0..20 {
            asked.spawn(app.clone().oneshot(get(&format!("/analytics/{KNOWN}/engagement"))));
        }
        assert_eq!(store.waiting().await, readers, "all have come, and so many of them read");
        store.open();
        while let Some(answer) = asked.join_next().await {
            assert_eq!(answer.unwrap().unwrap().status(), 200);
        }
    }
}
