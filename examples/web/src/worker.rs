//! The refresh worker of this process: works jobs as they come, and leaves none half-done when the service stops.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use compass_core::{
    Failure, Handle, Job, JobEvent, JobId, NewJob, Progress,
    app::{RefreshWorker, Scheduler, Swept},
    ports::{Claim, Clock, CreatorStore, JobBell, JobEnd, JobStore, Lease, StoreError},
};
use compass_http::LearntCorpus;
use jiff::Timestamp;
use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{router::words_of, store::Store};

/// How often an idle worker looks for jobs that have become due, or that it has not heard of.
const IDLE: Duration = Duration::from_secs(2);
/// How often accounts that are tracked are looked for that have fallen out of the schedule.
const SWEEP: Duration = Duration::from_secs(24 * 3_600);
/// How often the store is tidied.
const TIDY: Duration = Duration::from_secs(24 * 3_600);
/// How often it is learnt anew what creators teach each other.
const LEARN: Duration = Duration::from_secs(10 * 60);
/// Where reading everybody takes long, it is done for no more than one part in so many of the time.
const LEARNING: u32 = 20;
/// How long a store that failed is left alone.
const STORE_AWAY: Duration = Duration::from_secs(5);
/// How long a job that is under way may go on when the service stops.
pub(crate) const GRACE: Duration = Duration::from_secs(15);

/// The failure code of a job that is given back.
pub(crate) const INTERRUPTED: &str = "interrupted";

/// Works jobs until `stop`. The job under way then is finished within `grace`, or given back for the next worker.
pub(crate) async fn work(
    worker: RefreshWorker,
    jobs: Arc<WatchedJobs>,
    bell: Arc<dyn JobBell>,
    grace: Duration,
    stop: CancellationToken,
) {
    while !stop.is_cancelled() {
        // A task of its own: what one job's page makes panic must not end the service.
        let mut next = JoinSet::new();
        let one = worker.clone();
        next.spawn(async move { one.run_next().await });
        let worked = tokio::select! {
            worked = next.join_next() => worked.expect("one task was spawned"),
            () = grace_over(grace, &stop) => {
                next.shutdown().await;
                return give_back(&jobs, worker.clock.now()).await;
            }
        };
        let pause = match worked {
            Ok(Ok(true)) => continue,
            Ok(Ok(false)) => IDLE,
            Err(broken) => {
                let text = broken.try_into_panic().map(|panic| words_of(&*panic).to_owned()).unwrap_or_default();
                tracing::error!("a refresh panicked and is taken up again when its lease runs out: {text}");
                IDLE
            }
            Ok(Err(error)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the store failed the refresh worker");
                STORE_AWAY
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = bell.wait(pause) => {}
        }
    }
}

/// Keeps accounts scheduled until `stop`, if there is a schedule.
pub(crate) async fn sweep(scheduler: Option<Scheduler>, stop: CancellationToken) {
    let Some(scheduler) = scheduler else { return };
    loop {
        let Some(swept) = stop.run_until_cancelled(scheduler.sweep()).await else { return };
        let pause = match swept {
            Ok(Swept { accounts, unread }) => {
                for unread in &unread {
                    tracing::error!("an account is looked at now, since what is kept of it cannot be read: {unread}");
                }
                tracing::info!(accounts, "tracked accounts are scheduled");
                SWEEP
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the store failed the schedule");
                pause_after(&error, SWEEP)
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Learns what creators teach each other's reports, at the start and then again and again until `stop`.
pub(crate) async fn learn(
    corpus: LearntCorpus,
    creators: Arc<dyn CreatorStore>,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) {
    loop {
        let begun = Instant::now();
        let (learning, of, now) = (corpus.clone(), Arc::clone(&creators), clock.now());
        let learning = async move { learning.learn(&*of, now).await };
        let Some(learnt) = apart(learning, &stop).await else { return };
        let pause = match learnt {
            Ok(peers) => {
                tracing::info!(peers, "what creators teach each other is learnt");
                LEARN
            }
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the store failed whoever learns of creators"
                );
                STORE_AWAY
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(rest(pause, begun.elapsed())) => {}
        }
    }
}

/// How long to leave the store alone after reading everybody, whether it came to its end or failed on the way.
fn rest(least: Duration, reading: Duration) -> Duration {
    least.max(reading.saturating_mul(LEARNING))
}

/// Works on a thread of its own, so that what is computed between reads holds up no other task; `None` if `stop` ended it.
pub(crate) async fn apart<T: Send + 'static>(
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    stop: &CancellationToken,
) -> Option<Result<T, StoreError>> {
    let (runtime, stop) = (tokio::runtime::Handle::current(), stop.clone());
    let work = move || runtime.block_on(stop.run_until_cancelled(work));
    // What panics at one creator's data must not end the service.
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|failed| Some(Err(StoreError::Backend(failed.into()))))
}

/// Tidies the store at the start and then daily, until `stop`.
pub(crate) async fn tidy(store: &Store, clock: Arc<dyn Clock>, stop: CancellationToken) {
    loop {
        // It works in small steps, and goes on tomorrow where it stopped.
        let Some(tidied) = stop.run_until_cancelled(store.tidy(clock.now())).await else { return };
        let pause = match tidied {
            Ok(forgotten) => {
                tracing::info!(?forgotten, "what is kept no longer is forgotten");
                TIDY
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the store could not be tidied");
                pause_after(&error, TIDY)
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// How long to leave a store alone that failed at something that is done again after a pause: what is damaged is so in a moment, too.
fn pause_after(error: &StoreError, pause: Duration) -> Duration {
    if matches!(error, StoreError::Unavailable(_)) { STORE_AWAY } else { pause }
}

async fn grace_over(grace: Duration, stop: &CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(grace).await;
}

async fn give_back(jobs: &WatchedJobs, now: Timestamp) {
    let Some(claim) = jobs.held.lock().unwrap_or_else(PoisonError::into_inner).take() else {
        return;
    };
    let failure = Failure {
        code: INTERRUPTED.to_owned(),
        detail: "the service stopped during the refresh; it is done again when the service runs".to_owned(),
    };
    // It is no attempt that failed. Failing that, the job's lease runs out.
    if let Err(error) = jobs.finish(&claim, &JobEnd::Postponed { failure, at: now }, now).await {
        tracing::warn!(error = &error as &dyn std::error::Error, job = %claim.job.id, "could not give a job back");
    }
}

/// A job store that remembers which job its one worker has.
#[derive(Debug)]
pub(crate) struct WatchedJobs {
    jobs: Arc<dyn JobStore>,
    held: Mutex<Option<Claim>>,
}

impl WatchedJobs {
    pub(crate) fn new(jobs: Arc<dyn JobStore>) -> Self {
        Self { jobs, held: Mutex::default() }
    }

    fn hold(&self, claim: Option<&Claim>) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = claim.cloned();
    }
}

#[async_trait]
impl JobStore for WatchedJobs {
    async fn enqueue(&self, job: &NewJob) -> Result<Job, StoreError> {
        self.jobs.enqueue(job).await
    }

    async fn schedule(&self, job: &NewJob, due: Timestamp) -> Result<Job, StoreError> {
        self.jobs.schedule(job, due).await
    }

    async fn claim(&self, lease: Lease) -> Result<Option<Claim>, StoreError> {
        let claim = self.jobs.claim(lease).await?;
        self.hold(claim.as_ref());
        Ok(claim)
    }

    async fn progress(
        &self,
        claim: &Claim,
        progress: &Progress,
        at: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        self.jobs.progress(claim, progress, at, until).await
    }

    async fn finish(&self, claim: &Claim, end: &JobEnd, at: Timestamp) -> Result<(), StoreError> {
        self.jobs.finish(claim, end, at).await?;
        self.hold(None);
        Ok(())
    }

    async fn cancel(&self, id: JobId, at: Timestamp) -> Result<Option<Job>, StoreError> {
        self.jobs.cancel(id, at).await
    }

    async fn revive(&self, id: JobId, at: Timestamp) -> Result<Option<Job>, StoreError> {
        self.jobs.revive(id, at).await
    }

    async fn failed(&self, limit: u32) -> Result<Vec<Job>, StoreError> {
        self.jobs.failed(limit).await
    }

    async fn find(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        self.jobs.find(id).await
    }

    async fn last_of(&self, handle: &Handle) -> Result<Option<Job>, StoreError> {
        self.jobs.last_of(handle).await
    }

    async fn events(&self, id: JobId, after: u64) -> Result<Vec<JobEvent>, StoreError> {
        self.jobs.events(id, after).await
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::pending,
        sync::{
            atomic::{AtomicBool, Ordering},
            mpsc,
        },
    };

    use compass_core::{
        Forgotten, Handle, JobState, RetentionPolicy, Snapshot, SourceKind,
        app::request_refresh,
        ports::{
            Clock as _, CollectRequest, MockAccountStore, MockCreatorStore, ProfileSource, ProgressSink, Retention,
            SourceError,
        },
        testing::{FixedClock, MemoryStore, SeededRandom},
    };

    use super::*;
    use crate::Config;

    /// Never rings.
    #[derive(Debug)]
    struct Mute;

    #[async_trait]
    impl JobBell for Mute {
        async fn wait(&self, at_most: Duration) {
            tokio::time::sleep(at_most).await;
        }
    }

    /// Says that it is asked, and never answers.
    #[derive(Debug)]
    struct Silent(CancellationToken);

    #[async_trait]
    impl ProfileSource for Silent {
        fn kind(&self) -> SourceKind {
            SourceKind::Sample
        }

        fn host(&self) -> Option<String> {
            None
        }

        async fn collect(&self, _: &CollectRequest, _: &dyn ProgressSink) -> Result<Snapshot, SourceError> {
            self.0.cancel();
            pending().await
        }
    }

    /// Panics at one account, and ends the work at any other.
    #[derive(Debug)]
    struct Fragile(CancellationToken);

    #[async_trait]
    impl ProfileSource for Fragile {
        fn kind(&self) -> SourceKind {
            SourceKind::Sample
        }

        fn host(&self) -> Option<String> {
            None
        }

        async fn collect(&self, asked: &CollectRequest, _: &dyn ProgressSink) -> Result<Snapshot, SourceError> {
            assert_ne!(asked.handle.as_str(), "trouble", "nobody has thought of this page");
            self.0.cancel();
            Err(SourceError::Private)
        }
    }

    /// Says that it is asked to forget, and never comes to an end.
    #[derive(Debug)]
    struct Thorough(CancellationToken);

    #[async_trait]
    impl Retention for Thorough {
        async fn retain(&self, _: &RetentionPolicy, _: Timestamp) -> Result<Forgotten, StoreError> {
            self.0.cancel();
            pending().await
        }
    }

    #[tokio::test]
    async fn tidying_ends_in_the_middle_when_the_service_stops() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { data: folder.path().to_owned(), ..Config::default() };
        let stop = CancellationToken::new();
        let mut store = Store::open(&config).await.unwrap();
        store.retention = Arc::new(Thorough(stop.clone()));
        let clock = Arc::new(FixedClock::new("2026-05-01T12:00:00Z".parse().unwrap()));
        tidy(&store, clock, stop).await;
        store.close().await;
    }

    #[tokio::test]
    async fn the_schedule_is_left_in_the_middle_when_the_service_stops() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { data: folder.path().to_owned(), ..Config::default() };
        let store = Store::open(&config).await.unwrap();
        let stop = CancellationToken::new();
        let mut accounts = MockAccountStore::new();
        let (stops, mut pages) = (stop.clone(), 0);
        // There are always more.
        accounts.expect_tracked().returning(move |_, _| {
            pages += 1;
            if pages == 3 {
                stops.cancel();
            }
            Ok(vec![Handle::parse("ada").unwrap()])
        });
        let scheduler = Scheduler {
            accounts: Arc::new(accounts),
            creators: Arc::clone(&store.creators),
            jobs: Arc::clone(&store.jobs),
            clock: Arc::new(FixedClock::new("2026-05-01T12:00:00Z".parse().unwrap())),
            random: Arc::new(SeededRandom::new(1)),
        };
        tokio::time::timeout(Duration::from_secs(60), sweep(Some(scheduler), stop)).await.expect("it ends");
        store.close().await;
    }

    #[tokio::test]
    async fn a_refresh_that_panics_leaves_the_others_alone_and_is_taken_up_again() {
        let store = Arc::new(MemoryStore::default());
        let jobs = Arc::new(WatchedJobs::new(Arc::<MemoryStore>::clone(&store)));
        let clock = Arc::new(FixedClock::new("2026-05-01T12:00:00Z".parse().unwrap()));
        let stop = CancellationToken::new();
        let worker = RefreshWorker {
            creators: Arc::<MemoryStore>::clone(&store),
            jobs: Arc::<WatchedJobs>::clone(&jobs),
            hosts: store,
            sources: vec![Arc::new(Fragile(stop.clone()))],
            clock: Arc::<FixedClock>::clone(&clock),
            max_videos: 10,
            scheduler: None,
        };
        let random = SeededRandom::new(1);
        let [trouble, ada] = ["trouble", "ada"].map(|handle| Handle::parse(handle).unwrap());
        let trouble = request_refresh(&*jobs, &*worker.clock, &random, &trouble, None).await.unwrap();
        clock.advance(Duration::from_secs(1));
        let ada = request_refresh(&*jobs, &*worker.clock, &random, &ada, None).await.unwrap();
        work(worker, Arc::clone(&jobs), Arc::new(Mute), GRACE, stop).await;

        assert_eq!(jobs.find(ada.id).await.unwrap().unwrap().state, JobState::Failed, "it was worked to its end");
        let later = clock.now() + Duration::from_secs(3_600);
        let again = jobs.claim(Lease { now: later, until: later }).await.unwrap().unwrap();
        assert_eq!((again.job.id, again.attempt), (trouble.id, 2));
    }

    #[tokio::test]
    async fn a_job_that_does_not_end_in_time_is_given_back() {
        let store = Arc::new(MemoryStore::default());
        let jobs = Arc::new(WatchedJobs::new(Arc::<MemoryStore>::clone(&store)));
        let clock = FixedClock::new("2026-05-01T12:00:00Z".parse().unwrap());
        let stop = CancellationToken::new();
        let worker = RefreshWorker {
            creators: Arc::<MemoryStore>::clone(&store),
            jobs: Arc::<WatchedJobs>::clone(&jobs),
            hosts: store,
            sources: vec![Arc::new(Silent(stop.clone()))],
            clock: Arc::new(clock),
            max_videos: 10,
            scheduler: None,
        };
        let handle = Handle::parse("ada").unwrap();
        let job = request_refresh(&*jobs, &*worker.clock, &SeededRandom::new(1), &handle, None).await.unwrap();
        let now = worker.clock.now();
        work(worker, Arc::clone(&jobs), Arc::new(Mute), Duration::ZERO, stop).await;

        let job = jobs.find(job.id).await.unwrap().unwrap();
        assert_eq!(job.state, JobState::Queued);
        assert_eq!(job.failure.map(|failure| failure.code).as_deref(), Some("interrupted"));
        assert!(jobs.claim(Lease { now, until: now + STORE_AWAY }).await.unwrap().is_some(), "the next worker has it");
    }

    #[tokio::test]
    async fn who_learns_of_creators_holds_up_no_other_task() {
        let (go_on, told) = mpsc::channel();
        let (stop, ended) = (CancellationToken::new(), AtomicBool::new(false));
        let stops = stop.clone();
        let mut creators = MockCreatorStore::new();
        creators.expect_list().returning(move || {
            assert!(!ended.swap(true, Ordering::Relaxed), "it is asked once");
            // It computes for long: until another task of the same thread has had its turn.
            told.recv_timeout(Duration::from_secs(30)).expect("others go on meanwhile");
            stops.cancel();
            Ok(Vec::new())
        });
        let clock = Arc::new(FixedClock::new("2026-05-01T12:00:00Z".parse().unwrap()));
        let learning = learn(LearntCorpus::default(), Arc::new(creators), clock, stop);
        tokio::join!(learning, async move { go_on.send(()).unwrap() });
    }

    #[test]
    fn a_store_that_is_damaged_is_not_asked_again_in_a_moment() {
        let damaged = StoreError::Corrupt("table compass_creators".to_owned());
        let away = StoreError::Unavailable("no answer".into());
        assert_eq!((pause_after(&damaged, SWEEP), pause_after(&away, SWEEP)), (SWEEP, STORE_AWAY));
    }

    #[test]
    fn a_store_that_failed_late_is_left_alone_for_as_long_as_one_that_was_read() {
        let seconds = Duration::from_secs;
        assert_eq!(rest(STORE_AWAY, seconds(60)), seconds(1_200), "one part in twenty of the time");
        assert_eq!((rest(STORE_AWAY, Duration::ZERO), rest(LEARN, seconds(1))), (STORE_AWAY, LEARN));
    }
}
