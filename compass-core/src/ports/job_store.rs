//! Refresh jobs that survive a crash and may be worked on by any number of workers.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;

use super::StoreError;
use crate::{Failure, Handle, Job, JobEvent, JobId, NewJob, Progress};

/// For how long a worker wants a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The present moment.
    pub now: Timestamp,
    /// Until then nobody else takes the job.
    pub until: Timestamp,
}

/// A worker's right to a job: good while `attempt` is the job's newest and its lease runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The job as it was taken, `attempts` already counted up.
    pub job: Job,
    /// The attempt that this claim is, from 1: [`Job::attempts`] at the time of the claim.
    pub attempt: u32,
}

/// How a worker leaves a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobEnd {
    /// The observations are stored.
    Succeeded,
    /// The observations are stored, and the account is to be looked at again: the end of this job and its next one,
    /// scheduled for `due`, are kept together or not at all.
    SucceededWithNext {
        /// The next job's id.
        next: JobId,
        /// When it may be taken.
        due: Timestamp,
    },
    /// It failed and is to be tried again at `at`.
    Retry {
        /// Why it failed.
        failure: Failure,
        /// When it may be taken again.
        at: Timestamp,
    },
    /// It waits for something else and goes on at `at`: this attempt is not one that failed.
    Postponed {
        /// What it waits for.
        failure: Failure,
        /// When it may be taken again.
        at: Timestamp,
    },
    /// It failed for good.
    Failed {
        /// Why.
        failure: Failure,
    },
}

/// Keeps refresh jobs and what happened to them.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait JobStore: fmt::Debug + Send + Sync {
    /// Adds a job that somebody waits for, unless its handle has one that has not ended: then that one is given. Called
    /// at once by many, it adds one. An open job that is [scheduled](crate::Priority::Scheduled) and that no worker has is
    /// raised: it is asked for from then on and available at `job.at`, unless it waits after a failure; that wait goes on. Of any
    /// other open job, [`Job::asked_at`] alone is brought up to `job.at`. [`StoreError::NotFound`] if `requested_by` is nobody.
    async fn enqueue(&self, job: &NewJob) -> Result<Job, StoreError>;

    /// Adds a [scheduled](crate::Priority::Scheduled) job that may be taken at `due`, unless its handle has one that has not
    /// ended: of that one, only [`Job::asked_at`] is brought up to `job.at`. The account's open job is given.
    /// [`StoreError::NotFound`] if `requested_by` is nobody.
    async fn schedule(&self, job: &NewJob, due: Timestamp) -> Result<Job, StoreError>;

    /// Takes a job that is available at `lease.now`: queued, or running with its lease run out. Asked ones come before
    /// scheduled ones, and of each the one that has waited longest comes first. No two claims give the same attempt. While
    /// a job runs, `available_at` is the end of its lease. `None` if there is none. A job that cannot be understood ends as failed
    /// with the code `corrupt` and is passed over: those behind it do not wait for it.
    async fn claim(&self, lease: Lease) -> Result<Option<Claim>, StoreError>;

    /// Adds an event and prolongs the lease to `until`. [`StoreError::LeaseLost`] if the claim is not the job's newest
    /// or the job has ended.
    async fn progress(
        &self,
        claim: &Claim,
        progress: &Progress,
        at: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError>;

    /// Leaves the job and adds the event that says so ([`Progress::Succeeded`] with a next job or without,
    /// [`Progress::Retrying`] for both ways of trying again, [`Progress::Failed`]). A postponed attempt is counted as such in
    /// [`Job::postponed`]. [`StoreError::LeaseLost`] as for [`progress`](Self::progress).
    async fn finish(&self, claim: &Claim, end: &JobEnd, at: Timestamp) -> Result<(), StoreError>;

    /// Ends a job that has not ended, as [`JobState::Cancelled`](crate::JobState::Cancelled) with its event. A worker that
    /// has it learns it by [`StoreError::LeaseLost`]. A job that has ended stays as it is. Gives the job; `None` if there
    /// is none.
    async fn cancel(&self, id: JobId, at: Timestamp) -> Result<Option<Job>, StoreError>;

    /// Puts a job that failed or was cancelled back into the queue, with its event: asked for, available at `at`, its
    /// failure forgotten, its attempts counted as postponed. Any other job stays as it is. Gives the job; `None` if there
    /// is none. [`StoreError::Conflict`] if its account has another open job.
    async fn revive(&self, id: JobId, at: Timestamp) -> Result<Option<Job>, StoreError>;

    /// The jobs that failed for good, each with its reason: of the `limit` that ended last, the last first. Those that cannot be
    /// understood are left out.
    async fn failed(&self, limit: u32) -> Result<Vec<Job>, StoreError>;

    /// The job; `None` if there is none.
    async fn find(&self, id: JobId) -> Result<Option<Job>, StoreError>;

    /// The account's job that was enqueued last, ended or not; `None` if there was none. A scheduled one that nobody has
    /// begun does not count: it is a plan.
    async fn last_of(&self, handle: &Handle) -> Result<Option<Job>, StoreError>;

    /// The job's events after `after` (0 for all), in order.
    async fn events(&self, id: JobId, after: u64) -> Result<Vec<JobEvent>, StoreError>;
}
