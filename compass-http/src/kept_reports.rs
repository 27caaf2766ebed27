//! Answers about creators that were computed a moment ago.

use std::{
    fmt,
    hash::{BuildHasher as _, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use compass_core::{
    CreatorId, Handle, Profile, ProfileObservation, Snapshot, VideoId, VideoObservation,
    analytics::CreatorReport,
    ports::{CreatorStore, RecentLooks, Recently, Recorded, StoreError, VideoPage},
};
use jiff::Timestamp;
use moka::future::Cache;

use crate::{problem::Problem, tagged::Tagged};

/// Creators share this many counters of what was recorded.
const COUNTERS: usize = 4_096;

/// Keeps answers about creators for as long as nothing new was recorded of them or learnt of others, and at most for a short time.
///
/// What is recorded through the store that [`watch`](Self::watch) gives is told from then on. What another process records is
/// told once the time is over. Asked at once by many, an answer is computed once.
///
/// ```
/// # use std::{sync::Arc, time::Duration};
/// # use axum::{Extension, Router};
/// # use compass_http::{KeptReports, Ports};
/// fn app(mut ports: Ports) -> Router {
///     let kept = KeptReports::new(64 << 20, Duration::from_secs(5));
///     ports.creators = kept.watch(ports.creators);
///     // The worker that refreshes accounts has to record through `ports.creators`, too.
///     compass_http::router().with_state(ports).layer(Extension(kept))
/// }
/// ```
#[derive(Clone)]
pub struct KeptReports(Arc<Kept>);

struct Kept {
    answers: Cache<(Question, u64), Tagged>,
    /// What several sections are cut from.
    reports: Cache<(Question, u64), Arc<CreatorReport>>,
    recorded: Vec<AtomicU64>,
    hasher: RandomState,
}

/// What was asked, and how often something had been recorded of the creator by then.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    pub(crate) section: &'static str,
    pub(crate) handle: Handle,
    /// The moment that was asked for, or the hour in which it was asked.
    pub(crate) as_of: Result<Timestamp, Timestamp>,
    pub(crate) posts: Option<usize>,
    pub(crate) zone: Option<String>,
    /// When it was learnt what the answer compares with.
    pub(crate) learnt_at: Option<Timestamp>,
}

impl KeptReports {
    /// At most so many bytes of answers and of the reports that they are cut from, each for at most so long.
    #[must_use]
    pub fn new(bytes: u64, time: Duration) -> Self {
        let weight = |_: &(Question, u64), answer: &Tagged| u32::try_from(answer.len() + 256).unwrap_or(u32::MAX);
        // A post in a report takes about this much; so do the days of its series.
        let large = |_: &(Question, u64), report: &Arc<CreatorReport>| {
            u32::try_from((report.videos.len() + 100) * 1_024).unwrap_or(u32::MAX)
        };
        let answers = Cache::builder().max_capacity(bytes / 2).weigher(weight).time_to_live(time).build();
        let reports = Cache::builder().max_capacity(bytes / 2).weigher(large).time_to_live(time).build();
        let recorded = (0..COUNTERS).map(|_| AtomicU64::new(0)).collect();
        Self(Arc::new(Kept { answers, reports, recorded, hasher: RandomState::new() }))
    }

    /// A store whose records are noticed here.
    #[must_use]
    pub fn watch(&self, store: Arc<dyn CreatorStore>) -> Arc<dyn CreatorStore> {
        Arc::new(Watched { store, kept: self.clone() })
    }

    /// The answer to a question, computed unless it is kept.
    pub(crate) async fn answer<F: Future<Output = Result<Tagged, Problem>>>(
        &self,
        question: Question,
        compute: impl FnOnce() -> F,
    ) -> Result<Tagged, Problem> {
        let recorded = self.counter(&question.handle).load(Ordering::Acquire);
        let question = (question, recorded);
        if let Some(kept) = self.0.answers.get(&question).await {
            return Ok(kept);
        }
        let computed = Box::pin(self.0.answers.try_get_with(question, compute())).await;
        computed.map_err(|problem| (*problem).clone())
    }

    /// The report of a question, whatever the section, computed unless it is kept.
    pub(crate) async fn report(
        &self,
        question: Question,
        compute: impl Future<Output = Result<CreatorReport, Problem>>,
    ) -> Result<CreatorReport, Problem> {
        let recorded = self.counter(&question.handle).load(Ordering::Acquire);
        let compute = async { compute.await.map(Arc::new) };
        let report = self.0.reports.try_get_with((question, recorded), compute).await;
        report.map(Arc::unwrap_or_clone).map_err(|problem| (*problem).clone())
    }

    fn counter(&self, handle: &Handle) -> &AtomicU64 {
        let place = self.0.hasher.hash_one(handle) % COUNTERS as u64;
        &self.0.recorded[usize::try_from(place).expect("there are few counters")]
    }
}

impl fmt::Debug for KeptReports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptReports").field("answers", &self.0.answers.entry_count()).finish_non_exhaustive()
    }
}

/// A store that tells when something was recorded of a creator.
#[derive(Debug)]
struct Watched {
    store: Arc<dyn CreatorStore>,
    kept: KeptReports,
}

#[async_trait]
impl CreatorStore for Watched {
    async fn record(&self, snapshot: &Snapshot) -> Result<Recorded, StoreError> {
        let recorded = self.store.record(snapshot).await;
        // A failure may have come after the commit.
        self.kept.counter(&snapshot.profile.profile.handle).fetch_add(1, Ordering::Release);
        recorded
    }

    async fn find(&self, handle: &Handle) -> Result<Option<Profile>, StoreError> {
        self.store.find(handle).await
    }

    async fn list(&self) -> Result<Vec<Profile>, StoreError> {
        self.store.list().await
    }

    async fn latest(&self, creator: CreatorId, as_of: Timestamp) -> Result<Option<ProfileObservation>, StoreError> {
        self.store.latest(creator, as_of).await
    }

    async fn history(
        &self,
        creator: CreatorId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<ProfileObservation>, StoreError> {
        self.store.history(creator, from, to).await
    }

    async fn videos(
        &self,
        creator: CreatorId,
        as_of: Timestamp,
        page: VideoPage,
    ) -> Result<Vec<VideoObservation>, StoreError> {
        self.store.videos(creator, as_of, page).await
    }

    async fn video_observations(
        &self,
        creator: CreatorId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<VideoObservation>, StoreError> {
        self.store.video_observations(creator, from, to).await
    }

    async fn recent(&self, handle: &Handle, recently: Recently) -> Result<RecentLooks, StoreError> {
        self.store.recent(handle, recently).await
    }

    async fn video_history(&self, creator: CreatorId, video: VideoId) -> Result<Vec<VideoObservation>, StoreError> {
        self.store.video_history(creator, video).await
    }

    fn known_at(&self, moment: Timestamp) -> Arc<dyn CreatorStore> {
        self.kept.watch(self.store.known_at(moment))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.store.ping().await
    }
}
