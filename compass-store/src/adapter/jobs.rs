//! Jobs: one open per handle, each attempt taken once.

use async_trait::async_trait;
use compass_core::{
    Failure, Handle, Job, JobEvent, JobId, JobState, NewJob, Priority, Progress,
    ports::{Claim, JobEnd, JobStore, Lease, StoreError},
};
use jiff::Timestamp;
use sqlx::{FromRow as _, Row as _};

use super::super::{CLAIM_JOB, Db, Store, Tx};
use crate::{
    detached::to_the_end,
    error::store_error,
    rows::{self, JobEventRow, JobRow, json, storable},
    stamp::Stamp,
    statements,
};

#[async_trait]
impl JobStore for Store {
    async fn enqueue(&self, job: &NewJob) -> Result<Job, StoreError> {
        to_the_end((self.clone(), job.clone()), |(store, job)| {
            Box::pin(async move {
                let job = open_one(store, job, Priority::Asked, job.at).await?;
                store.ring_now();
                Ok(job)
            })
        })
        .await
    }

    async fn schedule(&self, job: &NewJob, due: Timestamp) -> Result<Job, StoreError> {
        to_the_end((self.clone(), job.clone(), due), |(store, job, due)| {
            Box::pin(open_one(store, job, Priority::Scheduled, *due))
        })
        .await
    }

    async fn claim(&self, lease: Lease) -> Result<Option<Claim>, StoreError> {
        to_the_end((self.clone(), lease), |(store, lease)| {
            Box::pin(async move {
                loop {
                    let mut tx = store.begin().await?;
                    let taken = sqlx::query(store.sql(CLAIM_JOB))
                        .bind(Stamp::from(lease.now))
                        .bind(Stamp::from(lease.until))
                        .fetch_optional(&mut *tx)
                        .await
                        .map_err(store_error)?;
                    let Some(row) = taken else {
                        tx.commit().await.map_err(store_error)?;
                        return Ok(None);
                    };
                    let id = JobId(row.try_get("id").map_err(store_error)?);
                    let read = JobRow::from_row(&row).map_err(store_error).and_then(Job::try_from);
                    match read {
                        Ok(job) => {
                            tx.commit().await.map_err(store_error)?;
                            return Ok(Some(Claim { attempt: job.attempts, job }));
                        }
                        // It would be the first of every next claim, and keep all others from being taken.
                        Err(StoreError::Corrupt(why)) => {
                            fail_unread(store, &mut tx, id, lease.now).await?;
                            tx.commit().await.map_err(store_error)?;
                            tracing::error!(job = %id, "a job cannot be read and has failed: {why}");
                        }
                        Err(other) => return Err(other),
                    }
                }
            })
        })
        .await
    }

    async fn progress(
        &self,
        claim: &Claim,
        progress: &Progress,
        at: Timestamp,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        to_the_end((self.clone(), claim.clone(), progress.clone(), at, until), |(store, claim, progress, at, until)| {
            Box::pin(async move {
                let mut tx = store.begin().await?;
                let prolonged = sqlx::query(store.sql(statements::PROLONG_LEASE))
                    .bind(claim.job.id.0)
                    .bind(i64::from(claim.attempt))
                    .bind(Stamp::from(*until))
                    .execute(&mut *tx)
                    .await
                    .map_err(store_error)?;
                if prolonged.rows_affected() == 0 {
                    return Err(StoreError::LeaseLost);
                }
                add_event(store, &mut tx, claim.job.id, progress, *at).await?;
                tx.commit().await.map_err(store_error)
            })
        })
        .await
    }

    async fn finish(&self, claim: &Claim, end: &JobEnd, at: Timestamp) -> Result<(), StoreError> {
        to_the_end((self.clone(), claim.clone(), Ending::of(end), at), |(store, claim, end, at)| {
            Box::pin(async move {
                let failure = end.failure.as_ref();
                let mut tx = store.begin().await?;
                let left = sqlx::query_as::<Db, JobRow>(store.sql(statements::LEAVE_JOB))
                    .bind(claim.job.id.0)
                    .bind(i64::from(claim.attempt))
                    .bind(end.state.as_str())
                    .bind(end.available_at.map(Stamp::from))
                    .bind(end.state.is_final().then(|| Stamp::from(*at)))
                    .bind(failure.map(|failure| storable("a failure's code", &failure.code)).transpose()?)
                    .bind(failure.map(|failure| storable("a failure's detail", &failure.detail)).transpose()?)
                    .bind(i64::from(end.postponed))
                    .fetch_optional(&mut *tx)
                    .await
                    .map_err(store_error)?;
                let left = Job::try_from(left.ok_or(StoreError::LeaseLost)?)?;
                add_event(store, &mut tx, claim.job.id, &end.event, *at).await?;
                if let Some((id, due)) = end.next {
                    let next = NewJob { id, handle: claim.job.handle.clone(), requested_by: None, at: *at };
                    let plan = Plan { priority: Priority::Scheduled, asked_at: left.asked_at, due };
                    if add_job(store, &mut tx, &next, plan).await?.is_none() {
                        return Err(StoreError::Conflict(format!("job {id} exists already")));
                    }
                }
                tx.commit().await.map_err(store_error)
            })
        })
        .await
    }

    async fn cancel(&self, id: JobId, at: Timestamp) -> Result<Option<Job>, StoreError> {
        to_the_end((self.clone(), id, at), |(store, id, at)| {
            Box::pin(async move { change(store, statements::CANCEL_JOB, *id, *at, &Progress::Cancelled).await })
        })
        .await
    }

    async fn revive(&self, id: JobId, at: Timestamp) -> Result<Option<Job>, StoreError> {
        to_the_end((self.clone(), id, at), |(store, id, at)| {
            Box::pin(async move {
                let job = change(store, statements::REVIVE_JOB, *id, *at, &Progress::Revived).await?;
                store.ring_now();
                Ok(job)
            })
        })
        .await
    }

    async fn failed(&self, limit: u32) -> Result<Vec<Job>, StoreError> {
        let rows = sqlx::query_as::<Db, JobRow>(self.sql(statements::FAILED_JOBS))
            .bind(i64::from(limit))
            .fetch_all(self.reader())
            .await;
        Ok(rows::readable("a failed job", rows.map_err(store_error)?))
    }

    async fn find(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        sqlx::query_as::<Db, JobRow>(self.sql(statements::FIND_JOB))
            .bind(id.0)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?
            .map(Job::try_from)
            .transpose()
    }

    async fn last_of(&self, handle: &Handle) -> Result<Option<Job>, StoreError> {
        sqlx::query_as::<Db, JobRow>(self.sql(statements::LAST_JOB))
            .bind(handle.as_str())
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?
            .map(Job::try_from)
            .transpose()
    }

    async fn events(&self, id: JobId, after: u64) -> Result<Vec<JobEvent>, StoreError> {
        let rows = sqlx::query_as::<Db, JobEventRow>(self.sql(statements::JOB_EVENTS))
            .bind(id.0)
            .bind(i64::try_from(after).unwrap_or(i64::MAX))
            .fetch_all(self.reader())
            .await;
        rows::all(rows.map_err(store_error)?)
    }
}

/// What the end of an attempt makes of its job.
struct Ending {
    state: JobState,
    available_at: Option<Timestamp>,
    failure: Option<Failure>,
    postponed: bool,
    event: Progress,
    next: Option<(JobId, Timestamp)>,
}

impl Ending {
    fn of(end: &JobEnd) -> Self {
        let postponed = matches!(end, JobEnd::Postponed { .. });
        match end.clone() {
            JobEnd::SucceededWithNext { next, due } => Self { next: Some((next, due)), ..Self::of(&JobEnd::Succeeded) },
            JobEnd::Succeeded => Self {
                state: JobState::Succeeded,
                available_at: None,
                failure: None,
                postponed,
                event: Progress::Succeeded,
                next: None,
            },
            JobEnd::Retry { failure, at } | JobEnd::Postponed { failure, at } => Self {
                state: JobState::Queued,
                available_at: Some(at),
                failure: Some(failure.clone()),
                postponed,
                event: Progress::Retrying { failure, at },
                next: None,
            },
            JobEnd::Failed { failure } => Self {
                state: JobState::Failed,
                available_at: None,
                failure: Some(failure.clone()),
                postponed,
                event: Progress::Failed { failure },
                next: None,
            },
        }
    }
}

/// How a job comes into the queue.
#[derive(Clone, Copy)]
struct Plan {
    priority: Priority,
    asked_at: Timestamp,
    due: Timestamp,
}

/// The account's open job: this one, or the one that is there, made what it has to be.
async fn open_one(store: &Store, job: &NewJob, priority: Priority, due: Timestamp) -> Result<Job, StoreError> {
    let there: &[&'static str] = match priority {
        Priority::Asked => &[statements::RAISE_JOB, statements::RENEW_JOB],
        Priority::Scheduled => &[statements::RENEW_JOB],
    };
    // The open job that was in the way may end before it can be read; then there is room for this one.
    loop {
        let mut tx = store.begin().await?;
        let mut open = add_job(store, &mut tx, job, Plan { priority, asked_at: job.at, due }).await?;
        for statement in there {
            if open.is_some() {
                break;
            }
            open = sqlx::query_as::<Db, JobRow>(store.sql(statement))
                .bind(job.handle.as_str())
                .bind(Stamp::from(job.at))
                .fetch_optional(&mut *tx)
                .await
                .map_err(store_error)?
                .map(Job::try_from)
                .transpose()?;
        }
        if open.is_some() && priority == Priority::Asked {
            store.ring(&mut tx).await?;
        }
        tx.commit().await.map_err(store_error)?;
        if let Some(open) = open {
            return Ok(open);
        }
        if let Some(open) = open_job(store, &job.handle).await? {
            return Ok(open);
        }
        if JobStore::find(store, job.id).await?.is_some() {
            return Err(StoreError::Conflict(format!("job {} exists already", job.id)));
        }
    }
}

/// Ends a job whose row cannot be understood.
async fn fail_unread(store: &Store, tx: &mut Tx, id: JobId, at: Timestamp) -> Result<(), StoreError> {
    let failure = Failure {
        code: "corrupt".to_owned(),
        detail: "what the database has of this refresh cannot be read: ask for the account again".to_owned(),
    };
    sqlx::query(store.sql(statements::FAIL_UNREAD_JOB))
        .bind(id.0)
        .bind(Stamp::from(at))
        .bind(&failure.code)
        .bind(&failure.detail)
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    add_event(store, tx, id, &Progress::Failed { failure }, at).await
}

/// Changes a job as a whole, unless it is in no state for that, and gives it; `None` if there is none.
async fn change(
    store: &Store,
    statement: &'static str,
    id: JobId,
    at: Timestamp,
    event: &Progress,
) -> Result<Option<Job>, StoreError> {
    let mut tx = store.begin().await?;
    let changed = sqlx::query_as::<Db, JobRow>(store.sql(statement))
        .bind(id.0)
        .bind(Stamp::from(at))
        .fetch_optional(&mut *tx)
        .await
        .map_err(store_error)?;
    let Some(changed) = changed else {
        tx.commit().await.map_err(store_error)?;
        return JobStore::find(store, id).await;
    };
    add_event(store, &mut tx, id, event, at).await?;
    if matches!(event, Progress::Revived) {
        store.ring(&mut tx).await?;
    }
    tx.commit().await.map_err(store_error)?;
    Job::try_from(changed).map(Some)
}

async fn add_job(store: &Store, tx: &mut Tx, job: &NewJob, plan: Plan) -> Result<Option<Job>, StoreError> {
    sqlx::query_as::<Db, JobRow>(store.sql(statements::ADD_JOB))
        .bind(job.id.0)
        .bind(job.handle.as_str())
        .bind(job.requested_by.map(|user| user.0))
        .bind(plan.priority.as_str())
        .bind(Stamp::from(plan.asked_at))
        .bind(Stamp::from(job.at))
        .bind(Stamp::from(plan.due))
        .fetch_optional(&mut **tx)
        .await
        .map_err(store_error)?
        .map(Job::try_from)
        .transpose()
}

async fn open_job(store: &Store, handle: &Handle) -> Result<Option<Job>, StoreError> {
    sqlx::query_as::<Db, JobRow>(store.sql(statements::FIND_OPEN_JOB))
        .bind(handle.as_str())
        .fetch_optional(store.reader())
        .await
        .map_err(store_error)?
        .map(Job::try_from)
        .transpose()
}

async fn add_event(
    store: &Store,
    tx: &mut Tx,
    job: JobId,
    progress: &Progress,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(store.sql(statements::ADD_JOB_EVENT))
        .bind(job.0)
        .bind(Stamp::from(at))
        .bind(json("a job's event", progress)?)
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    Ok(())
}
