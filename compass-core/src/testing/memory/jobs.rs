//! Jobs in memory.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{MemoryStore, State};
use crate::{
    Handle, Job, JobEvent, JobId, JobState, NewJob, Priority, Progress,
    ports::{Claim, JobEnd, JobStore, Lease, StoreError},
};

/// A job and what happened to it.
#[derive(Debug)]
pub(super) struct KeptJob {
    pub(super) job: Job,
    pub(super) events: Vec<JobEvent>,
}

impl KeptJob {
    fn held_by(&mut self, claim: &Claim) -> Result<&mut Self, StoreError> {
        let held = self.job.state == JobState::Running && self.job.attempts == claim.attempt;
        if held { Ok(self) } else { Err(StoreError::LeaseLost) }
    }

    fn tell(&mut self, progress: Progress, at: Timestamp) {
        let seq = self.events.len() as u64 + 1;
        self.events.push(JobEvent { seq, at, progress });
    }
}

impl State {
    fn open_job(&mut self, handle: &Handle) -> Option<&mut Job> {
        let mut jobs = self.jobs.values_mut().map(|kept| &mut kept.job);
        jobs.find(|job| job.handle == *handle && !job.state.is_final())
    }

    fn add_job(&mut self, job: &NewJob, priority: Priority, due: Timestamp) -> Result<Job, StoreError> {
        if job.requested_by.is_some_and(|user| !self.users.contains_key(&user)) {
            return Err(StoreError::NotFound);
        }
        if self.jobs.contains_key(&job.id) {
            return Err(StoreError::Conflict("the job's id is taken".to_owned()));
        }
        let queued = Job {
            id: job.id,
            handle: job.handle.clone(),
            requested_by: job.requested_by,
            priority,
            asked_at: job.at,
            state: JobState::Queued,
            attempts: 0,
            postponed: 0,
            enqueued_at: job.at,
            available_at: due,
            finished_at: None,
            failure: None,
        };
        self.jobs.insert(job.id, KeptJob { job: queued.clone(), events: Vec::new() });
        Ok(queued)
    }
}

#[async_trait]
impl JobStore for MemoryStore {
    async fn enqueue(&self, job: &NewJob) -> Result<Job, StoreError> {
        let mut state = self.state();
        if let Some(open) = state.open_job(&job.handle) {
            open.asked_at = open.asked_at.max(job.at);
            if open.priority == Priority::Scheduled && open.state == JobState::Queued {
                open.priority = Priority::Asked;
                if open.failure.is_none() {
                    open.available_at = open.available_at.min(job.at);
                }
            }
            return Ok(open.clone());
        }
        state.add_job(job, Priority::Asked, job.at)
    }

    async fn schedule(&self, job: &NewJob, due: Timestamp) -> Result<Job, StoreError> {
        let mut state = self.state();
        if let Some(open) = state.open_job(&job.handle) {
            open.asked_at = open.asked_at.max(job.at);
            return Ok(open.clone());
        }
        state.add_job(job, Priority::Scheduled, due)
    }

    async fn claim(&self, lease: Lease) -> Result<Option<Claim>, StoreError> {
        let mut state = self.state();
        let free = |job: &Job| !job.state.is_final() && job.available_at <= lease.now;
        let jobs = state.jobs.values_mut().map(|kept| &mut kept.job).filter(|job| free(job));
        Ok(jobs.min_by_key(|job| (job.priority, job.available_at, job.id)).map(|job| {
            job.state = JobState::Running;
            job.attempts += 1;
            job.available_at = lease.until;
            Claim { job: job.clone(), attempt: job.attempts }
        }))
    }

    async fn progress(
        &self,
        claim: &Claim,
        progress: &Progress,
        at: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let kept = state.jobs.get_mut(&claim.job.id).ok_or(StoreError::LeaseLost)?.held_by(claim)?;
        kept.job.available_at = until;
        kept.tell(progress.clone(), at);
        Ok(())
    }

    async fn finish(&self, claim: &Claim, end: &JobEnd, at: Timestamp) -> Result<(), StoreError> {
        let mut state = self.state();
        let taken = matches!(end, JobEnd::SucceededWithNext { next, .. } if state.jobs.contains_key(next));
        let kept = state.jobs.get_mut(&claim.job.id).ok_or(StoreError::LeaseLost)?.held_by(claim)?;
        if taken {
            return Err(StoreError::Conflict("the next job's id is taken".to_owned()));
        }
        match end.clone() {
            JobEnd::Succeeded | JobEnd::SucceededWithNext { .. } => {
                (kept.job.state, kept.job.finished_at, kept.job.failure) = (JobState::Succeeded, Some(at), None);
                kept.tell(Progress::Succeeded, at);
            }
            JobEnd::Retry { failure, at: again } | JobEnd::Postponed { failure, at: again } => {
                kept.job.postponed += u32::from(matches!(end, JobEnd::Postponed { .. }));
                (kept.job.state, kept.job.available_at) = (JobState::Queued, again);
                kept.job.failure = Some(failure.clone());
                kept.tell(Progress::Retrying { failure, at: again }, at);
            }
            JobEnd::Failed { failure } => {
                (kept.job.state, kept.job.finished_at) = (JobState::Failed, Some(at));
                kept.job.failure = Some(failure.clone());
                kept.tell(Progress::Failed { failure }, at);
            }
        }
        if let JobEnd::SucceededWithNext { next, due } = *end {
            let asked_at = kept.job.asked_at;
            let job = NewJob { id: next, handle: kept.job.handle.clone(), requested_by: None, at };
            state.add_job(&job, Priority::Scheduled, due)?;
            state.open_job(&job.handle).expect("it was added").asked_at = asked_at;
        }
        Ok(())
    }

    async fn cancel(&self, id: JobId, at: Timestamp) -> Result<Option<Job>, StoreError> {
        let mut state = self.state();
        let Some(kept) = state.jobs.get_mut(&id) else { return Ok(None) };
        if !kept.job.state.is_final() {
            (kept.job.state, kept.job.finished_at) = (JobState::Cancelled, Some(at));
            kept.tell(Progress::Cancelled, at);
        }
        Ok(Some(kept.job.clone()))
    }

    async fn revive(&self, id: JobId, at: Timestamp) -> Result<Option<Job>, StoreError> {
        let mut state = self.state();
        let Some(job) = state.jobs.get(&id).map(|kept| kept.job.clone()) else { return Ok(None) };
        if !matches!(job.state, JobState::Failed | JobState::Cancelled) {
            return Ok(Some(job));
        }
        if state.open_job(&job.handle).is_some() {
            return Err(StoreError::Conflict(format!("the account {} has another open job", job.handle)));
        }
        let kept = state.jobs.get_mut(&id).expect("it was found");
        kept.job = Job {
            priority: Priority::Asked,
            asked_at: at,
            enqueued_at: at,
            state: JobState::Queued,
            postponed: job.attempts,
            available_at: at,
            finished_at: None,
            failure: None,
            ..job
        };
        kept.tell(Progress::Revived, at);
        Ok(Some(kept.job.clone()))
    }

    async fn failed(&self, limit: u32) -> Result<Vec<Job>, StoreError> {
        let state = self.state();
        let mut failed: Vec<&Job> = state.jobs.values().map(|kept| &kept.job).collect();
        failed.retain(|job| job.state == JobState::Failed);
        failed.sort_by_key(|job| std::cmp::Reverse((job.finished_at, job.id)));
        Ok(failed.into_iter().take(limit as usize).cloned().collect())
    }

    async fn find(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        Ok(self.state().jobs.get(&id).map(|kept| kept.job.clone()))
    }

    async fn last_of(&self, handle: &Handle) -> Result<Option<Job>, StoreError> {
        let state = self.state();
        let planned =
            |job: &Job| job.priority == Priority::Scheduled && job.state == JobState::Queued && job.attempts == 0;
        let jobs = state.jobs.values().map(|kept| &kept.job).filter(|job| job.handle == *handle && !planned(job));
        Ok(jobs.max_by_key(|job| (job.enqueued_at, job.id)).cloned())
    }

    async fn events(&self, id: JobId, after: u64) -> Result<Vec<JobEvent>, StoreError> {
        let state = self.state();
        let events = state.jobs.get(&id).map(|kept| kept.events.as_slice()).unwrap_or_default();
        Ok(events.iter().filter(|event| event.seq > after).cloned().collect())
    }
}
