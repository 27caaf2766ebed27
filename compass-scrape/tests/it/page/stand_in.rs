//! What the source makes of a whole site.

use std::{sync::Arc, time::Duration};

use compass_core::{
    JobState, Progress, SourceKind,
    app::{RefreshWorker, request_refresh},
    ports::{CreatorStore as _, JobStore as _, NoProgress, ProfileSource as _},
    samples::World,
    testing::{FixedClock, MemoryStore, SeededRandom},
};
use compass_scrape::{
    NOT_GIVEN,
    replay::{ReplayOptions, ReplaySource, read},
    testing::{StandIn, Trouble},
};

use super::{collect, page_of, request};
use crate::truth::NOON;

async fn stand_in() -> StandIn {
    StandIn::start(World::standard(), Arc::new(FixedClock::new(NOON))).await.unwrap()
}

#[tokio::test]
async fn header_of_every_sample_creator_is_the_true_one() {
    let site = stand_in().await;
    let source = page_of(site.base_url()).build().unwrap();
    for creator in World::standard().creators() {
        let seen = collect(&source, creator.handle().as_str()).await.unwrap();
        assert_eq!(seen.profile, creator.snapshot(NOON, 0, SourceKind::Page).profile);
        assert_eq!((seen.videos, seen.disagreements), (vec![], vec![]));
        let said: Vec<&str> = seen.refused.iter().map(|refusal| refusal.reason.as_str()).collect();
        assert_eq!(said, [NOT_GIVEN]);
    }
}

#[tokio::test]
async fn recorded_page_is_read_again_to_the_same_values() {
    let site = stand_in().await;
    let folder = tempfile::tempdir().unwrap();
    let source = page_of(site.base_url()).record(folder.path()).build().unwrap();
    let replayed = ReplaySource::new(folder.path());
    for handle in ["sample.steady", Trouble::Layout2023.handle().as_str()] {
        let mut seen = collect(&source, handle).await.unwrap();
        let again = replayed.collect(&request(handle, 60), &NoProgress).await.unwrap();
        seen.profile.source = SourceKind::Replay;
        seen.videos.iter_mut().for_each(|post| post.source = SourceKind::Replay);
        assert_eq!(again, seen);
    }
    let met = collect(&source, Trouble::Captcha.handle().as_str()).await.unwrap_err();
    let again = replayed.collect(&request(Trouble::Captcha.handle().as_str(), 60), &NoProgress).await.unwrap_err();
    assert_eq!((met.code(), again.code()), ("captcha_required", "captcha_required"));
}

#[tokio::test]
async fn recorded_header_stands_in_for_the_page_of_a_browser_that_failed() {
    let site = stand_in().await;
    let folder = tempfile::tempdir().unwrap();
    let source = page_of(site.base_url()).record(folder.path()).build().unwrap();
    let seen = collect(&source, "sample.steady").await.unwrap();
    let [header] = &folder.path().read_dir().unwrap().map(|file| file.unwrap().path()).collect::<Vec<_>>()[..] else {
        panic!("one page was read")
    };
    let name = header.file_name().unwrap().to_str().unwrap();
    let rendered = folder.path().join(name.replace("header.html.gz", "profile.html"));
    std::fs::write(&rendered, "<!DOCTYPE html><title>half a pa").unwrap();

    let replayed = ReplaySource::new(folder.path());
    let again = replayed.collect(&request("sample.steady", 60), &NoProgress).await.unwrap();
    assert_eq!(again.profile.counts, seen.profile.counts);
    let read = read(&[header.clone(), rendered], &ReplayOptions::default());
    assert_eq!(read.creators[0].profiles[0].counts, seen.profile.counts);
}

#[tokio::test]
async fn each_trouble_is_the_outcome_that_says_what_it_is() {
    let site = stand_in().await;
    let source = page_of(site.base_url()).build().unwrap();
    for (trouble, code) in [
        (Trouble::NotFound, "not_found"),
        (Trouble::Private, "private"),
        (Trouble::Captcha, "captcha_required"),
        (Trouble::DowngradeShell, "shell_page"),
        (Trouble::Waf, "waf_challenge"),
        (Trouble::EmptyPage, "empty_response"),
        (Trouble::Login, "login_required"),
        (Trouble::Elsewhere, "layout_changed"),
        (Trouble::RateLimited, "rate_limited"),
    ] {
        let outcome = collect(&source, trouble.handle().as_str()).await;
        assert_eq!(outcome.as_ref().map_err(|error| error.code()), Err(code), "{trouble:?}: {outcome:?}");
    }
    let hasty = page_of(site.base_url()).answer_timeout(Duration::from_millis(300)).build().unwrap();
    assert_eq!(collect(&hasty, Trouble::SlowPage.handle().as_str()).await.unwrap_err().code(), "network");
    // The grid is not asked for, so what is wrong with it is not seen.
    for trouble in [Trouble::GridError, Trouble::EmptyList, Trouble::EndlessList, Trouble::HostileText] {
        let seen = collect(&source, trouble.handle().as_str()).await.unwrap();
        assert_eq!(seen.refused[0].reason, NOT_GIVEN, "{trouble:?}");
    }
}

#[tokio::test]
async fn account_with_posts_is_recorded_and_not_taken_for_a_blocked_one() {
    let site = stand_in().await;
    let clock = Arc::new(FixedClock::new(NOON));
    let store = Arc::new(MemoryStore::default());
    let world = World::standard();
    let steady = &world.creators()[0];
    let worker = RefreshWorker {
        creators: Arc::<MemoryStore>::clone(&store),
        jobs: Arc::<MemoryStore>::clone(&store),
        hosts: Arc::<MemoryStore>::clone(&store),
        sources: vec![Arc::new(page_of(site.base_url()).build().unwrap())],
        clock: Arc::<FixedClock>::clone(&clock),
        max_videos: 60,
        scheduler: None,
    };
    let job = request_refresh(&*store, &*clock, &SeededRandom::new(1), steady.handle(), None).await.unwrap();
    assert!(worker.run_next().await.unwrap());

    let ended = compass_core::ports::JobStore::find(&*store, job.id).await.unwrap().unwrap();
    assert_eq!((ended.state, ended.failure), (JobState::Succeeded, None));
    let kept = store.latest(steady.profile().id, NOON).await.unwrap();
    assert_eq!(kept, Some(steady.snapshot(NOON, 0, SourceKind::Page).profile));
    let told = store.events(job.id, 0).await.unwrap();
    assert!(told.iter().any(|event| event.progress == Progress::Opening { source: SourceKind::Page }), "{told:?}");
}
