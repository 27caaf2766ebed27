//! Workers that share a store leave a host alone together, and no job pays for it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use compass_core::{
    Block, Handle, Job, JobState, Refusal, Snapshot, SourceKind,
    app::{RefreshWorker, request_refresh},
    ports::{
        Clock as _, CollectRequest, CreatorStore as _, Entry, HostHealth, JobStore, MockHostHealth, ProfileSource,
        ProgressSink, SourceError, StoreError,
    },
    samples::World,
    testing::{FixedClock, MemoryStore, ScriptedSource, SeededRandom},
};
use jiff::{Timestamp, ToSpan as _};
use metrics_util::debugging::{DebugValue, DebuggingRecorder};

const HOST: &str = "www.tiktok.com";
const QUARTER: Duration = Duration::from_secs(15 * 60);

type Answer = Result<Snapshot, SourceError>;

struct Service {
    store: Arc<MemoryStore>,
    clock: Arc<FixedClock>,
    random: SeededRandom,
    sources: Vec<Arc<ScriptedSource>>,
    worker: RefreshWorker,
}

fn noon() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

fn look() -> Snapshot {
    World::standard().creators()[0].snapshot(noon(), 10, SourceKind::Sample)
}

/// A service with a source for each list of answers, on that host or on none.
fn service<const N: usize>(sources: [(Option<&str>, Vec<Answer>); N]) -> Service {
    let store = Arc::new(MemoryStore::default());
    let clock = Arc::new(FixedClock::new(noon()));
    let sources = sources.map(|(host, answers)| {
        let source = ScriptedSource::new(answers);
        Arc::new(match host {
            Some(host) => source.at(host),
            None => source,
        })
    });
    let worker = RefreshWorker {
        creators: Arc::<MemoryStore>::clone(&store),
        jobs: Arc::<MemoryStore>::clone(&store),
        hosts: Arc::<MemoryStore>::clone(&store),
        sources: sources.iter().map(|source| Arc::<ScriptedSource>::clone(source) as _).collect(),
        clock: Arc::<FixedClock>::clone(&clock),
        max_videos: 10,
        scheduler: None,
    };
    Service { store, clock, random: SeededRandom::new(1), sources: sources.into(), worker }
}

impl Service {
    /// Asks for an account and has a worker look at it.
    async fn worked(&self, handle: &str) -> Job {
        let handle = Handle::parse(handle).unwrap();
        let id = request_refresh(&*self.store, &*self.clock, &self.random, &handle, None).await.unwrap().id;
        assert!(self.worker.run_next().await.unwrap());
        self.job(id).await
    }

    async fn job(&self, id: compass_core::JobId) -> Job {
        JobStore::find(&*self.store, id).await.unwrap().unwrap()
    }

    /// What a worker elsewhere meets at the host.
    async fn blocked_elsewhere(&self) -> Timestamp {
        block(&self.store, self.clock.now()).await
    }

    async fn blocks(&self) -> u32 {
        HostHealth::find(&*self.store, HOST).await.unwrap().map_or(0, |blocks| blocks.count)
    }

    fn asked(&self, source: usize) -> usize {
        self.sources[source].asked().len()
    }
}

async fn block(store: &MemoryStore, now: Timestamp) -> Timestamp {
    let Entry::Go(visit) = store.enter(HOST, now).await.unwrap() else { panic!("{HOST} is paused") };
    let captcha = Block::of(&SourceError::CaptchaRequired).unwrap();
    store.blocked(&visit, &captcha, now).await.unwrap().until
}

fn failure(job: &Job) -> (JobState, Option<&str>) {
    (job.state, job.failure.as_ref().map(|failure| failure.code.as_str()))
}

#[tokio::test]
async fn captcha_of_one_account_keeps_the_others_waiting_until_the_pause_is_over() {
    let service = service([(Some(HOST), vec![Err(SourceError::CaptchaRequired), Ok(look()), Ok(look())])]);
    let ada = service.worked("ada").await;
    assert_eq!((failure(&ada), ada.postponed), ((JobState::Queued, Some("captcha_required")), 0));
    let steady = service.worked("sample.steady").await;
    assert_eq!((failure(&steady), steady.postponed), ((JobState::Queued, Some("host_paused")), 1));
    assert_eq!((ada.available_at, steady.available_at), (noon() + QUARTER, noon() + QUARTER));
    assert_eq!(
        steady.failure.unwrap().detail,
        "www.tiktok.com is left alone until 2026-05-01T12:15:00Z: TikTok asks for a captcha; the service does not solve \
         them and waits"
    );
    assert_eq!(service.asked(0), 1);

    service.clock.advance(QUARTER);
    while service.worker.run_next().await.unwrap() {}
    for job in [ada.id, steady.id] {
        assert_eq!(failure(&service.job(job).await), (JobState::Succeeded, None));
    }
    assert_eq!((service.asked(0), service.blocks().await), (3, 0));
}

#[tokio::test]
async fn waiting_for_a_host_uses_up_no_attempt() {
    let broken = || Err(SourceError::Network { detail: "connection refused".to_owned(), source: None });
    let service = service([(Some(HOST), vec![broken(), broken(), Ok(look())])]);
    let mut until = service.blocked_elsewhere().await;
    let mut job = service.worked("sample.steady").await;
    for postponed in 2..=12 {
        assert_eq!((failure(&job), job.available_at), ((JobState::Queued, Some("host_paused")), until));
        service.clock.set(until);
        until = service.blocked_elsewhere().await;
        assert!(service.worker.run_next().await.unwrap());
        job = service.job(job.id).await;
        assert_eq!(job.postponed, postponed);
    }
    assert_eq!(service.asked(0), 0, "nobody has asked the host for it in all these days");
    // All three attempts are left. After a failure that says nothing of the host, the next worker's turn comes later.
    service.clock.set(until);
    for _ in 0..2 {
        assert!(service.worker.run_next().await.unwrap());
        assert_eq!(failure(&service.job(job.id).await), (JobState::Queued, Some("network")));
        service.clock.advance(compass_core::ports::PROBE);
    }
    assert!(service.worker.run_next().await.unwrap());
    let job = service.job(job.id).await;
    assert_eq!((failure(&job), job.attempts, job.postponed), ((JobState::Succeeded, None), 15, 12));
}

#[tokio::test]
async fn job_that_met_the_block_is_tried_again_when_its_pause_ends() {
    let service = service([(Some(HOST), vec![Err(SourceError::CaptchaRequired)])]);
    service.blocked_elsewhere().await;
    service.clock.advance(QUARTER);
    let job = service.worked("ada").await;
    assert_eq!(failure(&job), (JobState::Queued, Some("captcha_required")));
    assert_eq!(job.available_at, service.clock.now() + QUARTER * 2, "it is the second block in a row");
}

#[tokio::test]
async fn host_that_asks_for_time_gets_it_from_everybody() {
    let limited = SourceError::RateLimited { retry_after: Some(Duration::from_secs(3 * 3_600)) };
    for (block, hours) in [(limited, 3), (SourceError::ParameterBlock, 2)] {
        let service = service([(Some(HOST), vec![Err(block)])]);
        service.worked("ada").await;
        assert_eq!(service.worked("sample.steady").await.available_at, noon() + hours.hours());
    }
}

#[tokio::test]
async fn sources_of_a_paused_host_are_passed_over_and_one_elsewhere_is_asked() {
    let page = || (Some(HOST), vec![Ok(look())]);
    let api = (Some("open.tiktokapis.com"), vec![Ok(look())]);
    let service = service([page(), page(), api]);
    service.blocked_elsewhere().await;
    assert_eq!(failure(&service.worked("sample.steady").await), (JobState::Succeeded, None));
    assert_eq!([0, 1, 2].map(|source| service.asked(source)), [0, 0, 1]);
    assert_eq!(service.blocks().await, 1);
}

#[tokio::test]
async fn paused_host_outweighs_what_another_source_fails_at() {
    let broken = || (None, vec![Err(SourceError::Driver { detail: "gone".to_owned(), source: None })]);
    let unknown = || (None, vec![Err(SourceError::NotConnected(Handle::parse("ada").unwrap()))]);
    let page = || (Some(HOST), vec![]);
    for sources in [[page(), broken()], [broken(), page()], [page(), unknown()], [unknown(), page()]] {
        let service = service(sources);
        service.blocked_elsewhere().await;
        assert_eq!(failure(&service.worked("ada").await), (JobState::Queued, Some("host_paused")));
    }
}

#[tokio::test]
async fn block_that_an_attempt_meets_counts_as_one_though_the_next_source_finds_the_pause() {
    let forbidden = (Some(HOST), vec![Err(SourceError::Forbidden { status: 403 })]);
    let service = service([forbidden, (Some(HOST), vec![])]);
    let job = service.worked("ada").await;
    assert_eq!((failure(&job), job.postponed), ((JobState::Queued, Some("forbidden")), 0));
    assert_eq!([0, 1].map(|source| service.asked(source)), [1, 0]);
}

#[tokio::test]
async fn answer_about_the_account_alone_ends_the_row_of_blocks() {
    for answer in [Ok(look()), Err(SourceError::Private), Err(SourceError::AudienceControlled)] {
        let service = service([(Some(HOST), vec![answer])]);
        service.blocked_elsewhere().await;
        service.clock.advance(QUARTER);
        service.worked("sample.steady").await;
        assert_eq!((service.asked(0), service.blocks().await), (1, 0));
    }
}

#[tokio::test]
async fn failure_at_something_else_neither_pauses_a_host_nor_ends_its_row() {
    let driver = || Err(SourceError::Driver { detail: "gone".to_owned(), source: None });
    let grid = || Err(SourceError::GridUnavailable { expected: 9, got: 0, header: None });
    for answers in [[driver(), driver()], [grid(), grid()]] {
        let service = service([(Some(HOST), answers.into())]);
        service.worked("ada").await;
        assert_eq!(service.blocks().await, 0);
        service.blocked_elsewhere().await;
        service.clock.advance(QUARTER);
        assert!(service.worker.run_next().await.unwrap());
        assert_eq!((service.asked(0), service.blocks().await), (2, 1));
    }
}

#[tokio::test]
async fn snapshot_that_lacks_a_part_for_a_captcha_is_kept_and_pauses_the_host() {
    let mut partial = look();
    partial.block = Block::of(&SourceError::CaptchaRequired);
    partial.refused.push(SourceError::CaptchaRequired.refusal(Some("7470546959699348744".to_owned())));
    partial.refused.push(Refusal { item: None, reason: "partial_list".to_owned(), detail: "35 of 100".to_owned() });
    let service = service([(Some(HOST), vec![Ok(partial.clone())])]);
    assert_eq!(failure(&service.worked("sample.steady").await), (JobState::Succeeded, None));
    assert!(service.store.latest(partial.creator(), noon()).await.unwrap().is_some());
    assert_eq!(service.blocks().await, 1);
    assert_eq!(failure(&service.worked("ada").await), (JobState::Queued, Some("host_paused")));
}

#[tokio::test]
async fn wait_that_a_later_part_asked_for_is_kept() {
    let limited = SourceError::RateLimited { retry_after: Some(Duration::from_secs(3 * 3_600)) };
    let partial = Snapshot { block: Block::of(&limited), ..look() };
    let service = service([(Some(HOST), vec![Ok(partial)])]);
    assert_eq!(failure(&service.worked("sample.steady").await), (JobState::Succeeded, None));
    assert_eq!(service.worked("ada").await.available_at, noon() + 3.hours());
}

#[tokio::test]
async fn visit_that_asks_nobody_leaves_the_probe_to_the_next() {
    let ada = Handle::parse("ada").unwrap();
    let robots = SourceError::RobotsDisallowed { host: HOST.to_owned(), path: "/@ada".to_owned(), why: "/".to_owned() };
    let driver = SourceError::Driver { detail: "no browser".to_owned(), source: None };
    for unasked in [SourceError::NotConnected(ada.clone()), SourceError::UnknownIdentity(ada), robots, driver] {
        let service = service([(Some(HOST), vec![Err(unasked), Ok(look())])]);
        service.blocked_elsewhere().await;
        service.clock.advance(QUARTER);
        service.worked("ada").await;
        assert_eq!(service.blocks().await, 1, "nobody has said that the host is well");
        assert_eq!(failure(&service.worked("sample.steady").await), (JobState::Succeeded, None));
        assert_eq!((service.asked(0), service.blocks().await), (2, 0));
    }
}

/// Opens a page; meanwhile somebody elsewhere meets a captcha, or it breaks down, or both.
#[derive(Debug)]
struct Opens {
    store: Arc<MemoryStore>,
    /// When the other one meets it.
    blocked_at: Option<Timestamp>,
    broken: bool,
}

#[async_trait::async_trait]
impl ProfileSource for Opens {
    fn kind(&self) -> SourceKind {
        SourceKind::WebDriver
    }

    fn host(&self) -> Option<String> {
        Some(HOST.to_owned())
    }

    async fn collect(&self, _request: &CollectRequest, progress: &dyn ProgressSink) -> Answer {
        progress.may_open().await?;
        if let Some(at) = self.blocked_at {
            block(&self.store, at).await;
        }
        if self.broken {
            return Err(SourceError::Driver { detail: "it crashed".to_owned(), source: None });
        }
        progress.may_open().await?;
        Ok(look())
    }
}

/// A service whose only source is that one.
fn opening(blocked_at: Option<Timestamp>, broken: bool) -> Service {
    let mut service = service([]);
    service.worker.sources = vec![Arc::new(Opens { store: Arc::clone(&service.store), blocked_at, broken })];
    service
}

#[tokio::test]
async fn visit_that_had_to_wait_opens_no_page_of_a_host_that_was_blocked_meanwhile() {
    let service = opening(Some(noon()), false);
    let job = service.worked("ada").await;
    assert_eq!((failure(&job), job.postponed), ((JobState::Queued, Some("host_paused")), 1));
    assert_eq!((job.available_at, service.blocks().await), (noon() + QUARTER, 1));
}

#[tokio::test]
async fn block_by_a_clock_that_is_ahead_stops_no_visit() {
    let service = opening(Some(noon() + 48.hours()), false);
    assert_eq!(failure(&service.worked("ada").await), (JobState::Succeeded, None));
}

#[tokio::test]
async fn probe_that_breaks_down_on_the_page_has_asked_the_host() {
    let service = opening(None, true);
    service.blocked_elsewhere().await;
    service.clock.advance(QUARTER);
    service.worked("ada").await;
    let steady = service.worked("sample.steady").await;
    let next_probe = service.clock.now() + compass_core::ports::PROBE;
    assert_eq!((failure(&steady), steady.available_at), ((JobState::Queued, Some("host_paused")), next_probe));
}

#[tokio::test]
async fn probe_is_shared_by_the_sources_of_one_attempt() {
    let down = || Err(SourceError::Network { detail: "connection refused".to_owned(), source: None });
    let service = service([(Some(HOST), vec![down(), down(), down()]), (Some(HOST), vec![down(), down(), Ok(look())])]);
    service.blocked_elsewhere().await;
    service.clock.advance(QUARTER);
    for attempt in 1..=2 {
        let job = service.worked("sample.steady").await;
        assert_eq!((failure(&job), job.postponed), ((JobState::Queued, Some("network")), 0));
        assert_eq!([0, 1].map(|source| service.asked(source)), [attempt, attempt]);
        service.clock.advance(compass_core::ports::PROBE);
    }
    assert_eq!(failure(&service.worked("sample.steady").await), (JobState::Succeeded, None));
    assert_eq!(service.blocks().await, 0, "the second source has found out that it answers");
}

#[tokio::test]
async fn probe_that_has_asked_is_not_given_back_by_the_next_source() {
    let mut service = service([]);
    let page = ScriptedSource::new([Err(SourceError::WafChallenge)]).at(HOST).of_kind(SourceKind::Page);
    let gone = SourceError::Driver { detail: "no chromedriver".to_owned(), source: None };
    service.worker.sources = vec![Arc::new(page), Arc::new(ScriptedSource::new([Err(gone)]).at(HOST))];
    service.blocked_elsewhere().await;
    service.clock.advance(QUARTER);
    service.worked("ada").await;
    assert_eq!(failure(&service.worked("sample.steady").await), (JobState::Queued, Some("host_paused")));
}

#[tokio::test]
async fn refusal_that_comes_of_what_is_kept_says_nothing_of_the_host() {
    let revoked = SourceError::AccessRevoked { handle: Handle::parse("ada").unwrap(), detail: "expired".to_owned() };
    let service = service([(Some(HOST), vec![Err(revoked)])]);
    service.blocked_elsewhere().await;
    service.clock.advance(QUARTER);
    service.worked("ada").await;
    assert_eq!(service.blocks().await, 1);
}

#[tokio::test]
async fn broken_browser_is_told_though_the_page_without_one_wants_scripts() {
    let mut service = service([]);
    let gone = SourceError::Driver { detail: "no chromedriver".to_owned(), source: None };
    let page = ScriptedSource::new([Err(SourceError::WafChallenge)]).at(HOST).of_kind(SourceKind::Page);
    service.worker.sources = vec![Arc::new(ScriptedSource::new([Err(gone)]).at(HOST)), Arc::new(page)];
    assert_eq!(failure(&service.worked("ada").await), (JobState::Queued, Some("driver")));
    assert_eq!(service.blocks().await, 0);
}

#[test]
fn attempts_are_counted_by_their_end_and_pauses_are_shown() {
    let recorder = DebuggingRecorder::new();
    let told = recorder.snapshotter();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    metrics::with_local_recorder(&recorder, || {
        runtime.block_on(async {
            let answers = vec![Err(SourceError::CaptchaRequired), Err(SourceError::Private)];
            let service = service([(Some(HOST), answers)]);
            service.worked("ada").await;
            service.worked("sample.steady").await;
        });
    });
    let told: BTreeMap<String, DebugValue> = told
        .snapshot()
        .into_vec()
        .into_iter()
        .map(|(key, _, _, value)| {
            let labels: Vec<&str> = key.key().labels().map(metrics::Label::value).collect();
            (format!("{} {}", key.key().name(), labels.join(" ")), value)
        })
        .collect();
    let quarter_past_noon = (noon() + QUARTER).as_second() as f64;
    assert_eq!(
        told,
        BTreeMap::from([
            ("compass_refreshes_total retry captcha_required".to_owned(), DebugValue::Counter(1)),
            ("compass_refreshes_total postponed host_paused".to_owned(), DebugValue::Counter(1)),
            (format!("compass_host_paused_until_seconds {HOST}"), DebugValue::Gauge(quarter_past_noon.into())),
        ])
    );
}

#[test]
fn pause_is_shown_until_a_visit_that_began_after_the_block_goes_well() {
    let shown = |visits: fn() -> Vec<Answer>, later: Duration| {
        let recorder = DebuggingRecorder::new();
        let told = recorder.snapshotter();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        metrics::with_local_recorder(&recorder, || {
            runtime.block_on(async {
                let service = service([(Some(HOST), visits())]);
                service.worked("ada").await;
                service.clock.advance(later);
                service.worked("sample.steady").await;
            });
        });
        let all = told.snapshot().into_vec();
        let gauge = all.into_iter().find(|(key, ..)| key.key().name() == "compass_host_paused_until_seconds");
        gauge.map(|(.., value)| value)
    };
    let partial = || vec![Ok(Snapshot { block: Block::of(&SourceError::CaptchaRequired), ..look() }), Ok(look())];
    let until = (noon() + QUARTER).as_second() as f64;
    assert_eq!(shown(partial, Duration::ZERO), Some(DebugValue::Gauge(until.into())));
    assert_eq!(shown(partial, QUARTER), Some(DebugValue::Gauge(0.0.into())));
}

#[tokio::test]
async fn host_is_not_asked_when_the_store_cannot_say_whether_it_may() {
    let mut service = service([(Some(HOST), vec![Ok(look())])]);
    let mut hosts = MockHostHealth::new();
    hosts.expect_enter().returning(|_, _| Err(StoreError::Unavailable("connection refused".into())));
    service.worker.hosts = Arc::new(hosts);
    let handle = Handle::parse("sample.steady").unwrap();
    request_refresh(&*service.store, &*service.clock, &service.random, &handle, None).await.unwrap();
    let answer = service.worker.run_next().await;
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    assert_eq!(service.asked(0), 0);
}
