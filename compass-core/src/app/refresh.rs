//! Refresh: a durable job that asks the sources and keeps what they show.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use jiff::Timestamp;
use metrics::{counter, gauge};

use super::Scheduler;
use crate::{
    Count, Failure, Handle, HostAnswer, HostBlocks, Job, JobId, NewJob, ProfileCounts, Progress, Snapshot, SourceKind,
    UserId, Visit,
    ports::{
        Claim, Clock, CollectRequest, CreatorStore, Entry, HostHealth, JobEnd, JobStore, Lease, ProfileSource,
        ProgressSink, Random, RetryAdvice, SourceError, StoreError, new_uuid,
    },
};

/// A worker that shows no progress for this long is taken for dead.
const LEASE: Duration = Duration::from_secs(180);

/// How long the likes of an account are remembered that were more than twice as many. What stays less was true.
const MEMORY: Duration = Duration::from_secs(90 * 24 * 3_600);

/// After this many attempts a failure is for good. Attempts that found all hosts paused do not count.
const MOST_ATTEMPTS: u32 = 3;

/// After this many attempts a job that nobody brought to an end fails: it may be what its workers die of.
const MOST_CLAIMS: u32 = 10;

/// Asks for a refresh of an account. An account with an open job gets that one: a hundred requests make one look.
///
/// # Errors
/// [`StoreError`] if the store fails.
pub async fn request_refresh(
    jobs: &dyn JobStore,
    clock: &dyn Clock,
    random: &dyn Random,
    handle: &Handle,
    requested_by: Option<UserId>,
) -> Result<Job, StoreError> {
    let at = clock.now();
    jobs.enqueue(&NewJob { id: JobId(new_uuid(random, at)), handle: handle.clone(), requested_by, at }).await
}

/// Works refresh jobs, one at a time. Any number of workers may share a store.
///
/// It tells the [`metrics`](https://docs.rs/metrics) facade, which costs nothing until the host installs a recorder:
///
/// | metric | labels | what |
/// |---|---|---|
/// | `compass_refreshes_total`, counter | `end`, `outcome` | attempts that ended: `succeeded`, `retry`, `postponed` or `failed`, and why: `ok` or the [code](Failure::code) |
/// | `compass_host_paused_until_seconds`, gauge | `host` | the Unix time until which a host is left alone, as far as this worker knows; 0 once it answers again |
#[derive(Clone, Debug)]
pub struct RefreshWorker {
    /// Where observations go.
    pub creators: Arc<dyn CreatorStore>,
    /// Where jobs come from.
    pub jobs: Arc<dyn JobStore>,
    /// Which hosts are left alone: the same for all workers that share a network address.
    pub hosts: Arc<dyn HostHealth>,
    /// The sources, in the order in which they are asked: the next one only if what failed is the source, such as its browser, and says
    /// nothing of the account.
    pub sources: Vec<Arc<dyn ProfileSource>>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The most posts of one look.
    pub max_videos: u32,
    /// Says when an account is looked at again; without it, only when somebody asks.
    pub scheduler: Option<Scheduler>,
}

impl RefreshWorker {
    /// Takes one job and works it to its end; `false` if there was none.
    ///
    /// # Errors
    /// [`StoreError`] if the store is away or fails; the job is then taken again when its lease runs out. What the store
    /// refuses to keep is no such error: it ends the job.
    pub async fn run_next(&self) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let Some(claim) = self.jobs.claim(Lease { now, until: now + LEASE }).await? else {
            return Ok(false);
        };
        let attempt = claim.attempt.saturating_sub(claim.job.postponed);
        let end = if attempt > MOST_CLAIMS {
            JobEnd::Failed { failure: abandoned() }
        } else {
            match self.look(&claim).await {
                Ok(Ok(())) => self.success(&claim.job).await?,
                Ok(Err(unread)) => self.after(&unread, attempt),
                Err(refused @ (StoreError::Conflict(_) | StoreError::Invalid(_))) => {
                    JobEnd::Failed { failure: not_kept(&refused) }
                }
                Err(StoreError::LeaseLost) => return Ok(true),
                Err(error) => return Err(error),
            }
        };
        match self.jobs.finish(&claim, &end, self.clock.now()).await {
            Ok(()) => count(&end),
            Err(StoreError::LeaseLost) => {}
            Err(other) => return Err(other),
        }
        Ok(true)
    }

    async fn success(&self, job: &Job) -> Result<JobEnd, StoreError> {
        match &self.scheduler {
            Some(scheduler) => scheduler.success(job, self.pause().await?).await,
            None => Ok(JobEnd::Succeeded),
        }
    }

    /// Until when every source's host is left alone; `None` if there is one that may be asked.
    async fn pause(&self) -> Result<Option<Timestamp>, StoreError> {
        let mut first = None;
        for source in &self.sources {
            let Some(host) = source.host() else { return Ok(None) };
            let Some(blocks) = self.hosts.find(&host).await? else { return Ok(None) };
            first = Some(first.map_or(blocks.until, |until: Timestamp| until.min(blocks.until)));
        }
        Ok(first)
    }

    async fn look(&self, claim: &Claim) -> Result<Result<(), Unread>, StoreError> {
        self.tell(claim, Progress::Started { attempt: claim.attempt }).await?;
        let collected = match self.collect(claim).await? {
            Ok(collected) => collected,
            Err(unread) => {
                // The header is a fact even though the posts were withheld.
                if let SourceError::GridUnavailable { header: Some(profile), .. } = &unread.why {
                    let only_header = Snapshot {
                        profile: (**profile).clone(),
                        videos: Vec::new(),
                        refused: Vec::new(),
                        block: None,
                        disagreements: Vec::new(),
                    };
                    if let Ok(only_header) = self.checked(only_header).await? {
                        self.creators.record(&only_header).await?;
                    }
                }
                return Ok(Err(unread));
            }
        };
        self.creators.record(&collected).await?;
        self.tell(claim, Progress::Recorded { videos: collected.videos.len() as u64 }).await?;
        Ok(Ok(()))
    }

    async fn collect(&self, claim: &Claim) -> Result<Result<Snapshot, Unread>, StoreError> {
        let request = CollectRequest {
            handle: claim.job.handle.clone(),
            max_videos: self.max_videos,
            since: None,
            observed_at: self.clock.now(),
        };
        let mut failed: Option<Unread> = None;
        let mut under_way = Vec::new();
        for source in &self.sources {
            let unread = match self.ask(source.as_ref(), &request, claim, &mut under_way).await? {
                Ok(snapshot) => return Ok(self.checked(snapshot).await?.map_err(Unread::from)),
                Err(unread) if next_may_know(source.kind(), &unread.why) => unread,
                Err(outcome) => return Ok(Err(outcome)),
            };
            failed = Some(match failed {
                Some(first) => first.or(unread),
                None => unread,
            });
        }
        let none = || SourceError::Driver { detail: "no source is configured".to_owned(), source: None };
        Ok(Err(failed.unwrap_or_else(|| none().into())))
    }

    /// Asks one source, unless its host is left alone, and tells the other workers what the host answered. A visit that
    /// learnt nothing of its host goes on with the next source: `under_way` has those.
    async fn ask(
        &self,
        source: &dyn ProfileSource,
        request: &CollectRequest,
        claim: &Claim,
        under_way: &mut Vec<Visit>,
    ) -> Result<Result<Snapshot, Unread>, StoreError> {
        let host = source.host();
        let earlier = host.as_ref().and_then(|host| under_way.iter().find(|visit| visit.host == *host).cloned());
        let goes_on = earlier.is_some();
        let visit = match (earlier, host) {
            (Some(visit), _) => Some(visit),
            (None, None) => None,
            (None, Some(host)) => match self.hosts.enter(&host, self.clock.now()).await? {
                Entry::Go(visit) => Some(visit),
                Entry::Paused(blocks) => {
                    show_pause(&host, Some(&blocks));
                    return Ok(Err(paused(blocks).into()));
                }
            },
        };
        let progress = JobProgress {
            worker: self,
            claim,
            visit: visit.as_ref(),
            opened: AtomicBool::new(false),
            lost: AtomicBool::new(false),
        };
        let outcome = source.collect(request, &progress).await;
        // A visit goes on only where it has asked.
        let opened = goes_on || progress.opened.into_inner();
        let lost = progress.lost.into_inner();
        let mut not_before = None;
        if let Some(visit) = visit {
            match HostAnswer::of(source.kind(), &outcome) {
                HostAnswer::Block(block) => {
                    let blocks = self.hosts.blocked(&visit, &block, self.clock.now()).await?;
                    show_pause(&blocks.host, Some(&blocks));
                    not_before = Some(blocks.until);
                }
                _ if outcome.is_err() && !opened => self.hosts.left(&visit).await?,
                HostAnswer::Good => {
                    self.hosts.passed(&visit).await?;
                    // It may have been blocked for others since this visit began.
                    show_pause(&visit.host, self.hosts.find(&visit.host).await?.as_ref());
                }
                HostAnswer::Unclear => under_way.push(visit),
            }
        }
        if lost && outcome.is_err() {
            return Err(StoreError::LeaseLost);
        }
        Ok(outcome.map_err(|why| Unread { why, not_before }))
    }

    /// Refuses what cannot be true after what was seen before.
    async fn checked(&self, mut snapshot: Snapshot) -> Result<Result<Snapshot, SourceError>, StoreError> {
        let (creator, at) = (snapshot.creator(), snapshot.profile.observed_at);
        let now = &mut snapshot.profile.counts;
        if vanished(now) {
            let history = self.creators.history(creator, Timestamp::MIN, at).await?;
            let last = |counter: fn(&ProfileCounts) -> Option<Count>| {
                history.iter().rev().find_map(|look| counter(&look.counts)).is_some_and(|count| count.lo() > 0)
            };
            if last(|counts| counts.followers) || last(|counts| counts.videos) {
                return Ok(Err(SourceError::SuspectValue {
                    field: "followers".to_owned(),
                    why:
                        "followers and videos are both zero, and were not both before: the account was probably removed"
                            .to_owned(),
                }));
            }
        }
        let remembered = at.checked_sub(MEMORY).unwrap_or(Timestamp::MIN);
        let history = self.creators.history(creator, remembered, at).await?;
        let then = history.iter().rev().find(|look| look.counts.likes.is_some());
        if let Some(why) = then.and_then(|then| likes_lost(&then.counts, now)) {
            now.likes = None;
            let suspect = SourceError::SuspectValue { field: "likes".to_owned(), why };
            snapshot.refused.push(suspect.refusal(Some("profile".to_owned())));
        }
        Ok(Ok(snapshot))
    }

    fn after(&self, unread: &Unread, attempt: u32) -> JobEnd {
        let failure = unread.why.failure();
        let now = self.clock.now();
        let wait = match unread.why.retry() {
            RetryAdvice::At(at) => return JobEnd::Postponed { failure, at },
            _ if attempt >= MOST_ATTEMPTS => None,
            RetryAdvice::Never => None,
            RetryAdvice::Soon => Some(Duration::from_secs(5 * u64::from(attempt))),
            RetryAdvice::After(wait) => Some(wait),
        };
        match wait {
            Some(wait) => {
                let at = now + wait;
                JobEnd::Retry { failure, at: unread.not_before.map_or(at, |not_before| at.max(not_before)) }
            }
            None => JobEnd::Failed { failure },
        }
    }

    async fn tell(&self, claim: &Claim, progress: Progress) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.jobs.progress(claim, &progress, now, lease_end(now)).await
    }
}

/// Whether the next source may show what this one did not. A page that wants its scripts to run says nothing to a source
/// that runs none.
fn next_may_know(source: SourceKind, why: &SourceError) -> bool {
    let wants_scripts = matches!(why, SourceError::WafChallenge | SourceError::ShellPage { .. });
    why.is_of_the_source() || (source == SourceKind::Page && wants_scripts)
}

/// Whether it shows nothing at all, as an account does that is gone.
fn vanished(counts: &ProfileCounts) -> bool {
    let zero = |count: Option<Count>| count.is_some_and(|c| c.hi() == 0);
    zero(counts.followers) && zero(counts.videos)
}

/// Why an account's likes cannot be true: more than half are gone and no post is. Deleted posts take theirs with them.
fn likes_lost(then: &ProfileCounts, now: &ProfileCounts) -> Option<String> {
    let (before, after) = (then.likes?, now.likes?);
    let posts_lost = match (then.videos, now.videos) {
        (Some(then), Some(now)) => now.lo() < then.hi(),
        _ => true,
    };
    let lost = after.hi().saturating_mul(2) < before.lo() && !posts_lost;
    lost.then(|| format!("they fell from {before} to {after} with no post fewer"))
}

/// Why there is no snapshot, and until when its host is left alone.
#[derive(Debug)]
struct Unread {
    why: SourceError,
    not_before: Option<Timestamp>,
}

impl Unread {
    /// Which of two sources' failures the job keeps. A block that this attempt met itself, and not the pause that the next
    /// source finds for it; otherwise a paused host, which goes on by itself, outweighs what would end the job; and what
    /// another attempt may mend counts more than, say, that the account is not connected.
    fn or(self, next: Self) -> Self {
        if self.not_before.is_some() {
            return self;
        }
        match (self.why.retry(), next.why.retry()) {
            (RetryAdvice::At(first), RetryAdvice::At(second)) if second < first => next,
            (RetryAdvice::At(_), _) => self,
            (_, RetryAdvice::At(_)) | (RetryAdvice::Never, _) => next,
            _ => self,
        }
    }
}

impl From<SourceError> for Unread {
    fn from(why: SourceError) -> Self {
        Self { why, not_before: None }
    }
}

/// Hands a source's news to the job, which also keeps the lease alive, and stops it when its host is blocked meanwhile.
struct JobProgress<'a> {
    worker: &'a RefreshWorker,
    claim: &'a Claim,
    visit: Option<&'a Visit>,
    /// Whether a page was opened, as far as anybody asked whether it may be.
    opened: AtomicBool,
    /// Whether the job was cancelled, or is another worker's by now.
    lost: AtomicBool,
}

#[async_trait]
impl ProgressSink for JobProgress<'_> {
    async fn report(&self, progress: Progress) {
        // A store that is away shows itself when the job is finished.
        if let Err(StoreError::LeaseLost) = self.worker.tell(self.claim, progress).await {
            self.lost.store(true, Ordering::Relaxed);
        }
    }

    async fn may_open(&self) -> Result<(), SourceError> {
        if self.lost.load(Ordering::Relaxed) {
            return Err(SourceError::Store(StoreError::LeaseLost));
        }
        let Some(visit) = self.visit else { return Ok(()) };
        let blocks = self.worker.hosts.find(&visit.host).await.map_err(SourceError::Store)?;
        let now = self.worker.clock.now();
        let pauses = |blocks: &HostBlocks| blocks.until > now && !blocks.is_of_another_time(now);
        match blocks.filter(|blocks| pauses(blocks) && !blocks.ended_by(visit)) {
            Some(blocks) => Err(paused(blocks)),
            None => {
                self.opened.store(true, Ordering::Relaxed);
                Ok(())
            }
        }
    }
}

fn paused(blocks: HostBlocks) -> SourceError {
    SourceError::HostPaused { host: blocks.host, until: blocks.until, cause: blocks.cause }
}

fn count(end: &JobEnd) {
    let (end, outcome) = match end {
        JobEnd::Succeeded | JobEnd::SucceededWithNext { .. } => ("succeeded", "ok".to_owned()),
        JobEnd::Retry { failure, .. } => ("retry", failure.code.clone()),
        JobEnd::Postponed { failure, .. } => ("postponed", failure.code.clone()),
        JobEnd::Failed { failure } => ("failed", failure.code.clone()),
    };
    counter!("compass_refreshes_total", "end" => end, "outcome" => outcome).increment(1);
}

fn show_pause(host: &str, blocks: Option<&HostBlocks>) {
    let until = blocks.map_or(0, |blocks| blocks.until.as_second());
    gauge!("compass_host_paused_until_seconds", "host" => host.to_owned()).set(until as f64);
}

fn lease_end(now: Timestamp) -> Timestamp {
    now + LEASE
}

fn not_kept(refused: &StoreError) -> Failure {
    Failure {
        code: "not_kept".to_owned(),
        detail: format!("the source's figures contradict what is kept, or cannot be kept: {refused}"),
    }
}

fn abandoned() -> Failure {
    Failure {
        code: "abandoned".to_owned(),
        detail: format!("the job was taken {MOST_CLAIMS} times and no worker brought it to an end"),
    }
}
