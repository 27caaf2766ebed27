//! A refresh from the wish to the stored observations, and each way it can fail.

use std::{sync::Arc, time::Duration};

use compass_core::{
    Count, Handle, JobState, Progress, Snapshot, SourceKind,
    app::{RefreshWorker, request_refresh},
    ports::{Clock as _, CreatorStore as _, JobStore as _, ProfileSource, SourceError, StoreError},
    samples::World,
    testing::{FixedClock, MemoryStore, ScriptedSource, SeededRandom},
};
use jiff::ToSpan as _;

struct Service {
    store: Arc<MemoryStore>,
    clock: Arc<FixedClock>,
    random: SeededRandom,
    worker: RefreshWorker,
}

fn handle() -> Handle {
    Handle::parse("sample.steady").unwrap()
}

fn look(clock: &FixedClock) -> Snapshot {
    World::standard().find(&handle()).unwrap().snapshot(clock.now(), 10, SourceKind::Sample)
}

fn service(sources: Vec<Arc<dyn ProfileSource>>) -> Service {
    let store = Arc::new(MemoryStore::default());
    let clock = Arc::new(FixedClock::new("2026-05-01T00:00:00Z".parse().unwrap()));
    let worker = RefreshWorker {
        creators: Arc::<MemoryStore>::clone(&store),
        jobs: Arc::<MemoryStore>::clone(&store),
        hosts: Arc::<MemoryStore>::clone(&store),
        sources,
        clock: Arc::<FixedClock>::clone(&clock),
        max_videos: 10,
        scheduler: None,
    };
    Service { store, clock, random: SeededRandom::new(1), worker }
}

fn scripted(answers: Vec<Result<Snapshot, SourceError>>) -> Arc<ScriptedSource> {
    Arc::new(ScriptedSource::new(answers))
}

impl Service {
    async fn wish(&self) -> compass_core::JobId {
        request_refresh(&*self.store, &*self.clock, &self.random, &handle(), None).await.unwrap().id
    }

    async fn state(&self, id: compass_core::JobId) -> (JobState, Option<String>) {
        let job = compass_core::ports::JobStore::find(&*self.store, id).await.unwrap().unwrap();
        (job.state, job.failure.map(|f| f.code))
    }
}

#[tokio::test]
async fn refresh_keeps_what_the_source_shows_and_tells_each_step() {
    let clock = FixedClock::new("2026-05-01T00:00:00Z".parse().unwrap());
    let seen = look(&clock);
    let service = service(vec![scripted(vec![Ok(seen.clone())])]);
    let job = service.wish().await;
    assert!(service.worker.run_next().await.unwrap());
    assert!(!service.worker.run_next().await.unwrap());
    assert_eq!(service.state(job).await, (JobState::Succeeded, None));
    let kept = service.store.latest(seen.creator(), service.clock.now()).await.unwrap();
    assert_eq!(kept, Some(seen.profile.clone()));
    let steps: Vec<Progress> =
        service.store.events(job, 0).await.unwrap().into_iter().map(|event| event.progress).collect();
    let expected = [
        Progress::Started { attempt: 1 },
        Progress::Opening { source: SourceKind::Sample },
        Progress::ProfileRead { videos: seen.profile.counts.videos.map(Count::midpoint) },
        Progress::Recorded { videos: 10 },
        Progress::Succeeded,
    ];
    assert_eq!(steps, expected);
}

#[tokio::test]
async fn second_source_is_asked_only_if_the_browser_failed() {
    let clock = FixedClock::new("2026-05-01T00:00:00Z".parse().unwrap());
    let broken = scripted(vec![Err(SourceError::Driver { detail: "gone".to_owned(), source: None })]);
    let spare = scripted(vec![Ok(look(&clock))]);
    let sources: Vec<Arc<dyn ProfileSource>> = vec![broken, Arc::<ScriptedSource>::clone(&spare) as _];
    let with_broken = service(sources);
    let job = with_broken.wish().await;
    with_broken.worker.run_next().await.unwrap();
    assert_eq!(with_broken.state(job).await.0, JobState::Succeeded);

    let blocked = scripted(vec![Err(SourceError::CaptchaRequired)]);
    let unasked = scripted(vec![Ok(look(&clock))]);
    let with_captcha = service(vec![blocked, Arc::<ScriptedSource>::clone(&unasked) as _]);
    let job = with_captcha.wish().await;
    with_captcha.worker.run_next().await.unwrap();
    assert_eq!(with_captcha.state(job).await, (JobState::Queued, Some("captcha_required".to_owned())));
    assert_eq!(unasked.asked(), []);
}

#[tokio::test]
async fn account_that_is_not_connected_is_left_to_the_next_source() {
    let clock = FixedClock::new("2026-05-01T00:00:00Z".parse().unwrap());
    let not_connected = || scripted(vec![Err(SourceError::NotConnected(handle()))]);
    let service_with_spare = service(vec![not_connected(), scripted(vec![Ok(look(&clock))])]);
    let job = service_with_spare.wish().await;
    service_with_spare.worker.run_next().await.unwrap();
    assert_eq!(service_with_spare.state(job).await.0, JobState::Succeeded);

    // If none can show it, what time may mend decides, wherever it stands.
    let broken = || scripted(vec![Err(SourceError::Driver { detail: "gone".to_owned(), source: None })]);
    for sources in [vec![broken() as _, not_connected() as _], vec![not_connected() as _, broken() as _]] {
        let service = service(sources);
        let job = service.wish().await;
        service.worker.run_next().await.unwrap();
        assert_eq!(service.state(job).await, (JobState::Queued, Some("driver".to_owned())));
    }
    let service = service(vec![not_connected()]);
    let job = service.wish().await;
    service.worker.run_next().await.unwrap();
    assert_eq!(service.state(job).await, (JobState::Failed, Some("not_connected".to_owned())));
}

#[tokio::test]
async fn block_is_given_time_and_an_answer_is_final() {
    let source = scripted(vec![Err(SourceError::CaptchaRequired), Err(SourceError::Private)]);
    let service = service(vec![source]);
    let job = service.wish().await;
    service.worker.run_next().await.unwrap();
    service.clock.advance(Duration::from_secs(14 * 60));
    assert!(!service.worker.run_next().await.unwrap(), "a captcha is given a quarter of an hour");
    service.clock.advance(Duration::from_secs(60));
    service.worker.run_next().await.unwrap();
    assert_eq!(service.state(job).await, (JobState::Failed, Some("private".to_owned())));
}

#[tokio::test]
async fn third_failure_is_the_last() {
    let broken = || Err(SourceError::Network { detail: "connection refused".to_owned(), source: None });
    let service = service(vec![scripted(vec![broken(), broken(), broken()])]);
    let job = service.wish().await;
    for _ in 0..3 {
        assert!(service.worker.run_next().await.unwrap());
        service.clock.advance(Duration::from_secs(600));
    }
    assert_eq!(service.state(job).await, (JobState::Failed, Some("network".to_owned())));
    assert!(!service.worker.run_next().await.unwrap());
}

#[tokio::test]
async fn header_of_a_failed_grid_is_kept_and_no_post_is_said_to_be_missing() {
    let clock = FixedClock::new("2026-05-01T00:00:00Z".parse().unwrap());
    let seen = look(&clock);
    let header = Some(Box::new(seen.profile.clone()));
    let service = service(vec![scripted(vec![Err(SourceError::GridUnavailable { expected: 927, got: 0, header })])]);
    let job = service.wish().await;
    service.worker.run_next().await.unwrap();
    assert_eq!(service.state(job).await, (JobState::Queued, Some("grid_unavailable".to_owned())));
    assert_eq!(service.store.latest(seen.creator(), service.clock.now()).await.unwrap(), Some(seen.profile));
}

#[tokio::test]
async fn zeros_of_a_vanished_account_are_not_stored() {
    let clock = FixedClock::new("2026-05-01T00:00:00Z".parse().unwrap());
    let before = look(&clock);
    let mut vanished = before.clone();
    let zero = Some(Count::exact(0).unwrap());
    (vanished.profile.counts.followers, vanished.profile.counts.videos) = (zero, zero);
    vanished.videos.clear();
    vanished.profile.observed_at = "2026-05-02T00:00:00Z".parse().unwrap();
    let service = service(vec![scripted(vec![Ok(vanished)])]);
    service.store.record(&before).await.unwrap();
    service.clock.advance(Duration::from_secs(86_400));
    let job = service.wish().await;
    service.worker.run_next().await.unwrap();
    assert_eq!(service.state(job).await, (JobState::Failed, Some("suspect_value".to_owned())));
    let latest = service.store.latest(before.creator(), service.clock.now()).await.unwrap().unwrap();
    assert_eq!(latest.counts.followers, before.profile.counts.followers);
}

#[tokio::test]
async fn account_without_followers_is_believed_while_its_posts_are_there() {
    let clock = FixedClock::new("2026-05-01T00:00:00Z".parse().unwrap());
    let before = look(&clock);
    let mut bare = before.clone();
    bare.profile.counts.followers = Some(Count::exact(0).unwrap());
    bare.profile.observed_at = "2026-05-02T00:00:00Z".parse().unwrap();
    let service = service(vec![scripted(vec![Ok(bare.clone())])]);
    service.store.record(&before).await.unwrap();
    service.clock.advance(Duration::from_secs(86_400));
    let job = service.wish().await;
    service.worker.run_next().await.unwrap();
    assert_eq!(service.state(job).await, (JobState::Succeeded, None));
    let kept = service.store.latest(before.creator(), service.clock.now()).await.unwrap();
    assert_eq!(kept, Some(bare.profile));
}

#[tokio::test]
async fn likes_that_fell_by_more_than_half_are_left_out_unless_posts_are_gone() {
    let exact = |n| Some(Count::exact(n).unwrap());
    // Likes and posts before, likes and posts now, likes that are kept.
    let cases = [
        ((1_000, 20), (499, 20), None),
        ((1_000, 20), (499, 21), None),
        ((1_000, 20), (500, 20), exact(500)),
        ((1_000, 20), (499, 19), exact(499)),
        ((0, 20), (0, 20), exact(0)),
    ];
    for ((likes_before, posts_before), (likes_now, posts_now), kept) in cases {
        let clock = FixedClock::new("2026-05-01T00:00:00Z".parse().unwrap());
        let mut before = look(&clock);
        (before.profile.counts.likes, before.profile.counts.videos) = (exact(likes_before), exact(posts_before));
        let mut now = before.clone();
        (now.profile.counts.likes, now.profile.counts.videos) = (exact(likes_now), exact(posts_now));
        now.profile.observed_at = "2026-05-02T00:00:00Z".parse().unwrap();
        let service = service(vec![scripted(vec![Ok(now.clone())])]);
        service.store.record(&before).await.unwrap();
        service.clock.advance(Duration::from_secs(86_400));
        let job = service.wish().await;
        service.worker.run_next().await.unwrap();
        assert_eq!(service.state(job).await, (JobState::Succeeded, None));
        now.profile.counts.likes = kept;
        let latest = service.store.latest(before.creator(), service.clock.now()).await.unwrap();
        assert_eq!(latest, Some(now.profile), "{likes_before} likes became {likes_now}");
    }
}

#[tokio::test]
async fn lost_likes_are_left_out_for_as_long_as_the_earlier_ones_are_remembered() {
    let clock = FixedClock::new("2026-05-01T00:00:00Z".parse().unwrap());
    let exact = |n| Some(Count::exact(n).unwrap());
    let mut before = look(&clock);
    (before.profile.counts.likes, before.profile.counts.videos) = (exact(593_000), exact(20));
    let look_of = |day: i64, likes| {
        let mut look = before.clone();
        look.profile.counts.likes = exact(likes);
        look.profile.observed_at = before.profile.observed_at + (24 * day).hours();
        look
    };
    // A grid that is withheld changes nothing: the header says the same.
    let withheld =
        SourceError::GridUnavailable { expected: 20, got: 0, header: Some(Box::new(look_of(1, 900).profile)) };
    let answers = vec![Err(withheld), Ok(look_of(2, 1_000)), Ok(look_of(89, 1_100)), Ok(look_of(92, 1_200))];
    let service = service(vec![scripted(answers)]);
    service.store.record(&before).await.unwrap();
    for (day, kept) in [(1, None), (2, None), (89, None), (92, exact(1_200))] {
        service.clock.set(before.profile.observed_at + (24_i64 * day).hours());
        service.wish().await;
        service.worker.run_next().await.unwrap();
        let latest = service.store.latest(before.creator(), service.clock.now()).await.unwrap().unwrap();
        let seen_at = look_of(day, 0).profile.observed_at;
        assert_eq!((latest.observed_at, latest.counts.likes), (seen_at, kept), "day {day}");
    }
}

#[tokio::test]
async fn likes_are_compared_with_the_posts_that_had_them() {
    let clock = FixedClock::new("2026-05-01T00:00:00Z".parse().unwrap());
    let before = look(&clock);
    let exact = |n| Some(Count::exact(n).unwrap());
    let counted = |day: i32, likes: Option<Count>, posts| {
        let mut look = before.clone();
        (look.profile.counts.likes, look.profile.counts.videos) = (likes, exact(posts));
        look.profile.observed_at = before.profile.observed_at + (24 * day).hours();
        look
    };
    let after_the_posts_were_deleted = counted(2, exact(300), 10);
    let service = service(vec![scripted(vec![Ok(after_the_posts_were_deleted.clone())])]);
    service.store.record(&counted(0, exact(1_000), 100)).await.unwrap();
    service.store.record(&counted(1, None, 10)).await.unwrap();
    service.clock.set(before.profile.observed_at + 48_i32.hours());
    service.wish().await;
    service.worker.run_next().await.unwrap();
    let latest = service.store.latest(before.creator(), service.clock.now()).await.unwrap();
    assert_eq!(latest, Some(after_the_posts_were_deleted.profile));
}

#[tokio::test]
async fn zeros_are_not_stored_when_the_last_look_lacked_what_the_one_before_it_had() {
    let clock = FixedClock::new("2026-05-01T00:00:00Z".parse().unwrap());
    let before = look(&clock);
    let counted = |day: i64, count: Option<Count>| {
        let mut look = before.clone();
        (look.profile.counts.followers, look.profile.counts.videos) = (count, count);
        look.profile.observed_at = before.profile.observed_at + (24 * day).hours();
        look
    };
    let service = service(vec![scripted(vec![Ok(counted(2, Some(Count::exact(0).unwrap())))])]);
    service.store.record(&before).await.unwrap();
    service.store.record(&counted(1, None)).await.unwrap();
    service.clock.set(before.profile.observed_at + 48.hours());
    let job = service.wish().await;
    service.worker.run_next().await.unwrap();
    assert_eq!(service.state(job).await, (JobState::Failed, Some("suspect_value".to_owned())));
}

#[tokio::test]
async fn zeros_of_an_account_whose_followers_were_withheld_are_not_stored() {
    let clock = FixedClock::new("2026-05-01T00:00:00Z".parse().unwrap());
    let mut before = look(&clock);
    before.profile.counts.followers = None;
    let mut vanished = before.clone();
    let zero = Some(Count::exact(0).unwrap());
    (vanished.profile.counts.followers, vanished.profile.counts.videos) = (zero, zero);
    vanished.profile.observed_at = "2026-05-02T00:00:00Z".parse().unwrap();
    let service = service(vec![scripted(vec![Ok(vanished)])]);
    service.store.record(&before).await.unwrap();
    service.clock.advance(Duration::from_secs(86_400));
    let job = service.wish().await;
    service.worker.run_next().await.unwrap();
    assert_eq!(service.state(job).await, (JobState::Failed, Some("suspect_value".to_owned())));
}

#[tokio::test]
async fn job_whose_workers_keep_dying_fails_and_says_so() {
    let service = service(vec![]);
    let job = service.wish().await;
    for _ in 0..10 {
        let now = service.clock.now();
        let lease = compass_core::ports::Lease { now, until: now + Duration::from_secs(60) };
        assert!(service.store.claim(lease).await.unwrap().is_some());
        service.clock.advance(Duration::from_secs(61));
    }
    service.worker.run_next().await.unwrap();
    assert_eq!(service.state(job).await, (JobState::Failed, Some("abandoned".to_owned())));
}

#[tokio::test]
async fn zeros_are_not_stored_when_the_store_cannot_say_what_was_before() {
    let clock = FixedClock::new("2026-05-01T00:00:00Z".parse().unwrap());
    let mut vanished = look(&clock);
    let zero = Some(Count::exact(0).unwrap());
    (vanished.profile.counts.followers, vanished.profile.counts.videos) = (zero, zero);
    let mut creators = compass_core::ports::MockCreatorStore::new();
    creators.expect_history().returning(|_, _, _| Err(StoreError::Unavailable("connection refused".into())));
    creators.expect_record().never();
    let mut service = service(vec![scripted(vec![Ok(vanished)])]);
    service.worker.creators = Arc::new(creators);
    let job = service.wish().await;
    let answer = service.worker.run_next().await;
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    assert_eq!(service.state(job).await.0, JobState::Running);
}

#[tokio::test]
async fn job_given_back_by_a_stopping_worker_is_worked_by_the_next() {
    let clock = FixedClock::new("2026-05-01T00:00:00Z".parse().unwrap());
    let service = service(vec![scripted(vec![
        Err(SourceError::Driver { detail: "gone".to_owned(), source: None }),
        Ok(look(&clock)),
    ])]);
    let job = service.wish().await;
    for _ in 0..4 {
        let now = service.clock.now();
        let lease = compass_core::ports::Lease { now, until: now + Duration::from_secs(60) };
        let claim = service.store.claim(lease).await.unwrap().unwrap();
        let failure =
            compass_core::Failure { code: "interrupted".to_owned(), detail: "the service stopped".to_owned() };
        let end = compass_core::ports::JobEnd::Postponed { failure, at: now };
        service.store.finish(&claim, &end, now).await.unwrap();
    }
    service.worker.run_next().await.unwrap();
    assert_eq!(service.state(job).await.0, JobState::Queued, "its first failure is not its last");
    service.clock.advance(Duration::from_secs(60));
    service.worker.run_next().await.unwrap();
    assert_eq!(service.state(job).await, (JobState::Succeeded, None));
}

#[tokio::test]
async fn worker_whose_lease_is_lost_stops_without_a_word() {
    let mut jobs = compass_core::ports::MockJobStore::new();
    let service = service(vec![]);
    service.wish().await;
    let now = service.clock.now();
    let claim = service.store.claim(compass_core::ports::Lease { now, until: now }).await.unwrap();
    jobs.expect_claim().return_once(|_| Ok(claim));
    jobs.expect_progress().returning(|_, _, _, _| Err(StoreError::LeaseLost));
    jobs.expect_finish().never();
    let worker = RefreshWorker { jobs: Arc::new(jobs), ..service.worker };
    assert!(worker.run_next().await.unwrap());
}

#[tokio::test]
async fn figures_that_the_store_refuses_end_the_job_at_once_and_in_words() {
    let clock = FixedClock::new("2026-05-01T00:00:00Z".parse().unwrap());
    let mine = look(&clock);
    let mut theirs = mine.clone();
    theirs.profile.profile = World::standard().creators()[1].profile();
    let service = service(vec![scripted(vec![Ok(theirs)])]);
    service.store.record(&mine).await.unwrap();
    let job = service.wish().await;
    service.worker.run_next().await.unwrap();
    assert_eq!(service.state(job).await, (JobState::Failed, Some("not_kept".to_owned())));
}

#[tokio::test]
async fn store_that_is_away_is_reported_and_not_swallowed() {
    let mut jobs = compass_core::ports::MockJobStore::new();
    jobs.expect_claim().returning(|_| Err(StoreError::Unavailable("connection refused".into())));
    let mut service = service(vec![]);
    service.worker.jobs = Arc::new(jobs);
    let answer = service.worker.run_next().await;
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
}
