//! When accounts are looked at again, and who keeps them scheduled.

use std::{sync::Arc, time::Duration};

use compass_core::{
    CreatorId, Handle, HostBlocks, Identity, Job, JobId, JobState, NewJob, Preferences, Priority, SourceKind, UserId,
    app::{RefreshWorker, Scheduler, Swept, request_refresh},
    ports::{AccountStore as _, Clock as _, CreatorStore as _, JobStore as _, Lease, ProfileSource, SourceError},
    samples::World,
    schedule::next_look,
    testing::{FixedClock, MemoryStore, ScriptedSource, SeededRandom},
};
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use uuid::Uuid;

use crate::damaged_store::DamagedStore;

fn noon() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

fn account(last_digit: u8) -> CreatorId {
    CreatorId::parse(&format!("680000000000000000{last_digit}")).unwrap()
}

/// The moments come from SplitMix64 as published (its first number from the seed 1234567 is 6457827717110365317), run
/// elsewhere.
#[test]
fn next_look_is_in_hours_then_in_days_then_in_a_week() {
    let posted = |hours: i64| Some(noon() - hours.hours());
    let young = ["2026-05-01T14:47:44Z", "2026-05-01T15:15:33Z"];
    let grown = ["2026-05-02T12:07:30Z", "2026-05-02T11:27:25Z"];
    let old = ["2026-05-07T22:52:41Z", "2026-05-09T00:09:47Z"];
    for (newest_post, expected) in [
        (posted(-1), young),
        (posted(0), young),
        (posted(10 * 24 - 1), young),
        (posted(10 * 24), grown),
        (posted(60 * 24 - 1), grown),
        (posted(60 * 24), old),
        (posted(2_000 * 24), old),
        (None, old),
    ] {
        let due = [1, 2].map(|digit| next_look(account(digit), newest_post, noon(), None));
        assert_eq!(due.map(|due| due.to_string()), expected, "{newest_post:?}");
    }
}

#[test]
fn next_look_is_a_tenth_of_its_time_earlier_or_later_at_most() {
    let mut waits: Vec<i64> = (0..2_000)
        .map(|second| {
            let now = noon() + SignedDuration::from_secs(second);
            next_look(account(1), Some(noon()), now, None).duration_since(now).as_secs()
        })
        .collect();
    waits.sort_unstable();
    let (first, last) = (waits[0], waits[waits.len() - 1]);
    // Three hours are 10,800 s. Of 2,000 chances, hardly one is missing in a hundredth of the range.
    assert!((9_720..9_742).contains(&first) && (11_859..=11_880).contains(&last), "{first} to {last}");
    waits.dedup();
    assert!(waits.len() > 1_000, "{} different ones", waits.len());
}

#[test]
fn next_look_waits_for_the_end_of_a_pause() {
    let pause = noon() + 5.hours();
    assert_eq!(next_look(account(1), Some(noon()), noon(), Some(pause)), pause);
    let over = noon() + 1.hour();
    assert_eq!(next_look(account(1), Some(noon()), noon(), Some(over)).to_string(), "2026-05-01T14:47:44Z");
}

#[test]
fn next_look_at_the_end_of_time_is_at_the_end_of_time() {
    assert_eq!(next_look(account(1), None, Timestamp::MAX, None), Timestamp::MAX);
    assert!(next_look(account(1), Some(Timestamp::MAX), Timestamp::MIN, None) > Timestamp::MIN);
}

struct Service {
    store: Arc<MemoryStore>,
    clock: Arc<FixedClock>,
    worker: RefreshWorker,
}

fn service(sources: Vec<Arc<dyn ProfileSource>>) -> Service {
    let store = Arc::new(MemoryStore::default());
    let clock = Arc::new(FixedClock::new(noon()));
    let scheduler = Scheduler {
        accounts: Arc::<MemoryStore>::clone(&store),
        creators: Arc::<MemoryStore>::clone(&store),
        jobs: Arc::<MemoryStore>::clone(&store),
        clock: Arc::<FixedClock>::clone(&clock),
        random: Arc::new(SeededRandom::new(9)),
    };
    let worker = RefreshWorker {
        creators: Arc::<MemoryStore>::clone(&store),
        jobs: Arc::<MemoryStore>::clone(&store),
        hosts: Arc::<MemoryStore>::clone(&store),
        sources,
        clock: Arc::<FixedClock>::clone(&clock),
        max_videos: 10,
        scheduler: Some(scheduler),
    };
    Service { store, clock, worker }
}

impl Service {
    async fn ask(&self, handle: &str) -> Job {
        let handle = Handle::parse(handle).unwrap();
        request_refresh(&*self.store, &*self.clock, &SeededRandom::new(1), &handle, None).await.unwrap()
    }

    /// The account's open job: a wish for it gives that one. It is a scheduled one and stays it.
    async fn open(&self, handle: &str) -> Job {
        let wish = NewJob {
            id: JobId(Uuid::from_u128(99)),
            handle: Handle::parse(handle).unwrap(),
            requested_by: None,
            at: Timestamp::MIN,
        };
        self.store.schedule(&wish, Timestamp::MAX).await.unwrap()
    }

    async fn prefer(&self, person: u128, handle: &str) {
        let who = Identity { issuer: "i".to_owned(), subject: person.to_string(), email: None, name: None };
        let id = UserId(Uuid::from_u128(person));
        self.store.sign_in(&who, id, noon()).await.unwrap();
        let preferences = Preferences { handle: Some(Handle::parse(handle).unwrap()), ..Preferences::default() };
        self.store.change_preferences(id, &preferences.into()).await.unwrap();
    }
}

const STEADY: &str = "sample.steady";

fn source(answers: Vec<Result<compass_core::Snapshot, SourceError>>) -> Arc<ScriptedSource> {
    Arc::new(ScriptedSource::new(answers))
}

/// What the sample creator shows at a moment, and when its newest post was made.
fn look(at: Timestamp) -> (compass_core::Snapshot, Option<Timestamp>) {
    let snapshot =
        World::standard().find(&Handle::parse(STEADY).unwrap()).unwrap().snapshot(at, 10, SourceKind::Sample);
    let newest = snapshot.videos.iter().map(|post| post.video.created_at).max();
    (snapshot, newest)
}

#[tokio::test]
async fn successful_look_brings_the_next_one_for_its_time() {
    let (seen, newest) = look(noon());
    let due = next_look(seen.creator(), newest, noon(), None);
    let service = service(vec![source(vec![Ok(seen), Ok(look(due).0)])]);
    let first = service.ask(STEADY).await;
    assert!(service.worker.run_next().await.unwrap());
    assert_eq!(service.store.find_job(first.id).await.state, JobState::Succeeded);

    let next = service.open(STEADY).await;
    assert_eq!((next.priority, next.state, next.available_at), (Priority::Scheduled, JobState::Queued, due));
    assert_eq!((next.requested_by, next.asked_at), (None, noon()));
    assert!(!service.worker.run_next().await.unwrap(), "it is not due");
    service.clock.advance(Duration::try_from(due.duration_since(noon())).unwrap());
    assert!(service.worker.run_next().await.unwrap());
    assert_eq!(service.store.find_job(next.id).await.state, JobState::Succeeded);
    assert_eq!(service.open(STEADY).await.asked_at, noon(), "nobody has asked since");
}

#[tokio::test]
async fn account_that_nobody_asked_for_in_eight_weeks_is_left_alone() {
    for (weeks, more, goes_on) in [(8, 0, true), (8, 1, false)] {
        let (seen, _) = look(noon());
        let service = service(vec![source(vec![Ok(seen)])]);
        service.ask(STEADY).await;
        service.clock.advance(Duration::from_secs(weeks * 7 * 24 * 3_600 + more));
        assert!(service.worker.run_next().await.unwrap());
        let open = service.open(STEADY).await;
        assert_eq!(open.available_at != Timestamp::MAX, goes_on, "{weeks} weeks and {more} s");
    }
}

#[tokio::test]
async fn failed_look_brings_no_other_until_the_next_sweep() {
    let service = service(vec![source(vec![Err(SourceError::Private)])]);
    service.prefer(1, STEADY).await;
    let failed = service.ask(STEADY).await;
    assert!(service.worker.run_next().await.unwrap());
    assert_eq!(service.store.find_job(failed.id).await.state, JobState::Failed);
    let scheduler = service.worker.scheduler.as_ref().unwrap();
    assert_eq!(scheduler.sweep().await.unwrap(), Swept { accounts: 1, ..Swept::default() });
    let open = service.open(STEADY).await;
    assert_eq!((open.priority, open.available_at), (Priority::Scheduled, noon()), "it was never seen and is due");
}

#[tokio::test]
async fn sweep_schedules_every_account_that_somebody_names_by_its_last_look() {
    let service = service(vec![]);
    for (person, handle) in [(1, STEADY), (2, "never.seen"), (3, STEADY)] {
        service.prefer(person, handle).await;
    }
    let (seen, newest) = look(noon() - 10.minutes());
    service.store.record(&seen).await.unwrap();
    let scheduler = service.worker.scheduler.as_ref().unwrap();
    for _ in 0..2 {
        assert_eq!(scheduler.sweep().await.unwrap(), Swept { accounts: 2, ..Swept::default() });
    }
    let due = next_look(seen.creator(), newest, noon() - 10.minutes(), None);
    assert_eq!(service.open(STEADY).await.available_at, due);
    assert_eq!(service.open("never.seen").await.available_at, noon());

    let long_after = Duration::from_secs(20 * 24 * 3_600);
    service.clock.advance(long_after);
    scheduler.sweep().await.unwrap();
    let open = service.open(STEADY).await;
    assert_eq!((open.available_at, open.asked_at), (due, service.clock.now()), "they are still interested");
}

#[tokio::test]
async fn look_that_is_long_overdue_is_due_now() {
    let service = service(vec![]);
    service.prefer(1, STEADY).await;
    service.store.record(&look(noon() - (30 * 24).hours()).0).await.unwrap();
    service.worker.scheduler.as_ref().unwrap().sweep().await.unwrap();
    assert_eq!(service.open(STEADY).await.available_at, noon());
}

/// What the sample creator shows at noon, and a service whose scheduler can make no sense of what is kept of it.
async fn damaged(handle: &str) -> (compass_core::Snapshot, Service) {
    let seen =
        World::standard().find(&Handle::parse(handle).unwrap()).unwrap().snapshot(noon(), 10, SourceKind::Sample);
    let mut service = service(vec![source(vec![Ok(seen.clone())])]);
    service.store.record(&seen).await.unwrap();
    let creators = DamagedStore { store: (*service.store).clone(), damaged: seen.creator() };
    service.worker.scheduler.as_mut().unwrap().creators = Arc::new(creators);
    (seen, service)
}

#[tokio::test]
async fn damaged_account_keeps_no_other_from_being_scheduled() {
    let first = "sample.fresh";
    let (seen, service) = damaged(first).await;
    service.prefer(1, first).await;
    service.prefer(2, STEADY).await;
    let swept = service.worker.scheduler.as_ref().unwrap().sweep().await.unwrap();
    assert_eq!((swept.accounts, swept.unread.len()), (2, 1), "{swept:?}");
    assert!(swept.unread.iter().all(|what| what.contains(&seen.creator().to_string())), "{swept:?}");
    assert_eq!(service.open(STEADY).await.available_at, noon());
    assert_eq!(service.open(first).await.available_at, noon(), "a new look may mend it");
}

#[tokio::test]
async fn look_at_a_damaged_account_is_done_once() {
    let (_, service) = damaged(STEADY).await;
    let job = service.ask(STEADY).await;
    assert!(service.worker.run_next().await.unwrap());
    assert_eq!(service.store.find_job(job.id).await.state, JobState::Succeeded);
}

/// Somebody asks for the account while it reads.
#[derive(Debug)]
struct Wished {
    store: Arc<MemoryStore>,
    clock: Arc<FixedClock>,
}

#[async_trait::async_trait]
impl ProfileSource for Wished {
    fn kind(&self) -> SourceKind {
        SourceKind::Sample
    }

    fn host(&self) -> Option<String> {
        None
    }

    async fn collect(
        &self,
        asked: &compass_core::ports::CollectRequest,
        _: &dyn compass_core::ports::ProgressSink,
    ) -> Result<compass_core::Snapshot, SourceError> {
        let random = SeededRandom::new(2);
        request_refresh(&*self.store, &*self.clock, &random, &asked.handle, None).await.unwrap();
        Ok(look(asked.observed_at).0)
    }
}

#[tokio::test]
async fn account_that_is_asked_for_while_it_is_looked_at_stays_scheduled() {
    let service = service(vec![]);
    let (store, clock) = (Arc::clone(&service.store), Arc::clone(&service.clock));
    let worker = RefreshWorker { sources: vec![Arc::new(Wished { store, clock })], ..service.worker.clone() };
    service.ask(STEADY).await;
    // Longer than the interest of whoever asked before.
    service.clock.advance(Duration::from_secs(9 * 7 * 24 * 3_600));
    assert!(worker.run_next().await.unwrap());
    let open = service.open(STEADY).await;
    assert_eq!((open.priority, open.asked_at), (Priority::Scheduled, service.clock.now()));
    assert!(open.available_at < Timestamp::MAX, "{open:?}");
}

/// A visit that is blocked half-way keeps what it has read; its host is left alone.
#[tokio::test]
async fn next_look_is_not_before_the_host_s_pause_is_over() {
    let (mut seen, _) = look(noon());
    let week = Duration::from_secs(7 * 24 * 3_600);
    seen.block = Some(compass_core::Block { cause: SourceError::CaptchaRequired.failure(), least: week });
    let service = service(vec![Arc::new(ScriptedSource::new(vec![Ok(seen)]).at("www.tiktok.com"))]);
    service.ask(STEADY).await;
    assert!(service.worker.run_next().await.unwrap());
    let paused: HostBlocks = service.worker.hosts.find("www.tiktok.com").await.unwrap().unwrap();
    assert!(paused.until > noon() + 3.hours() + 18.minutes());
    assert_eq!(service.open(STEADY).await.available_at, paused.until);
}

/// Cancels the job that it is asked for while it reads, and counts the pages that it opens afterwards.
#[derive(Debug)]
struct Cancelled {
    store: Arc<MemoryStore>,
    job: JobId,
}

#[async_trait::async_trait]
impl ProfileSource for Cancelled {
    fn kind(&self) -> SourceKind {
        SourceKind::WebDriver
    }

    fn host(&self) -> Option<String> {
        None
    }

    async fn collect(
        &self,
        _: &compass_core::ports::CollectRequest,
        progress: &dyn compass_core::ports::ProgressSink,
    ) -> Result<compass_core::Snapshot, SourceError> {
        progress.may_open().await.unwrap();
        self.store.cancel(self.job, noon()).await.unwrap();
        progress.report(compass_core::Progress::Opening { source: SourceKind::WebDriver }).await;
        Err(progress.may_open().await.expect_err("no page is opened for a cancelled job"))
    }
}

#[tokio::test]
async fn cancelled_visit_opens_no_other_page_and_asks_no_other_source() {
    let service = service(vec![]);
    let job = service.ask(STEADY).await;
    let next = source(vec![Ok(look(noon()).0)]);
    let cancelled = Arc::new(Cancelled { store: Arc::clone(&service.store), job: job.id });
    let worker =
        RefreshWorker { sources: vec![cancelled, Arc::<ScriptedSource>::clone(&next) as _], ..service.worker.clone() };
    assert!(worker.run_next().await.unwrap());
    assert_eq!(service.store.find_job(job.id).await.state, JobState::Cancelled);
    assert_eq!(next.asked(), []);
    let lease = Lease { now: Timestamp::MAX, until: Timestamp::MAX };
    assert_eq!(service.store.claim(lease).await.unwrap(), None);
}

trait FindJob {
    async fn find_job(&self, id: JobId) -> Job;
}

impl FindJob for MemoryStore {
    async fn find_job(&self, id: JobId) -> Job {
        compass_core::ports::JobStore::find(self, id).await.unwrap().unwrap()
    }
}
