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
    /// Adds a job, unless its handle has one that has not ended: then that one is given. Called at once by many, it
    /// adds one. [`StoreError::NotFound`] if `requested_by` is nobody.
    async fn enqueue(&self, job: &NewJob) -> Result<Job, StoreError>;

    /// Takes the job that has waited longest and is available at `lease.now`: queued, or running with its lease run
    /// out. No two claims give the same attempt. While a job runs, `available_at` is the end of its lease. `None` if
    /// there is none.
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

    /// Leaves the job and adds the event that says so ([`Progress::Succeeded`], [`Progress::Retrying`] for both ways of
    /// trying again, [`Progress::Failed`]). A postponed attempt is counted as such in [`Job::postponed`].
    /// [`StoreError::LeaseLost`] as for [`progress`](Self::progress).
    async fn finish(&self, claim: &Claim, end: &JobEnd, at: Timestamp) -> Result<(), StoreError>;

    /// The job; `None` if there is none.
    async fn find(&self, id: JobId) -> Result<Option<Job>, StoreError>;

    /// The account's job that was asked for last, ended or not; `None` if there was none.
    async fn last_of(&self, handle: &Handle) -> Result<Option<Job>, StoreError>;

    /// The job's events after `after` (0 for all), in order.
    async fn events(&self, id: JobId, after: u64) -> Result<Vec<JobEvent>, StoreError>;
}
