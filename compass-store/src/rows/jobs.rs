//! Rows of jobs and their events.

use compass_core::{Failure, Handle, Job, JobEvent, JobId, JobState, Priority, UserId, ports::StoreError};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use crate::{error::corrupt, stamp::Stamp};

/// A row of `compass_jobs`.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct JobRow {
    id: Uuid,
    handle: String,
    requested_by: Option<Uuid>,
    priority: String,
    asked_at: Stamp,
    state: String,
    attempts: i64,
    postponed: i64,
    enqueued_at: Stamp,
    available_at: Stamp,
    finished_at: Option<Stamp>,
    failure_code: Option<String>,
    failure_detail: Option<String>,
}

impl TryFrom<JobRow> for Job {
    type Error = StoreError;

    fn try_from(row: JobRow) -> Result<Self, StoreError> {
        let bad = |column, why: String| corrupt("compass_jobs", row.id, column, why);
        Ok(Self {
            id: JobId(row.id),
            handle: Handle::parse(&row.handle).map_err(|why| bad("handle", why.to_string()))?,
            requested_by: row.requested_by.map(UserId),
            priority: Priority::from_name(&row.priority)
                .ok_or_else(|| bad("priority", format!("{:?} is unknown", row.priority)))?,
            asked_at: row.asked_at.get(),
            state: JobState::from_name(&row.state)
                .ok_or_else(|| bad("state", format!("{:?} is unknown", row.state)))?,
            attempts: u32::try_from(row.attempts).map_err(|why| bad("attempts", why.to_string()))?,
            postponed: u32::try_from(row.postponed).map_err(|why| bad("postponed", why.to_string()))?,
            enqueued_at: row.enqueued_at.get(),
            available_at: row.available_at.get(),
            finished_at: row.finished_at.map(Stamp::get),
            failure: row.failure_code.zip(row.failure_detail).map(|(code, detail)| Failure { code, detail }),
        })
    }
}

/// A row of `compass_job_events`.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct JobEventRow {
    pub(crate) job_id: Uuid,
    seq: i64,
    happened_at: Stamp,
    progress: Json<Value>,
}

impl TryFrom<JobEventRow> for JobEvent {
    type Error = StoreError;

    fn try_from(row: JobEventRow) -> Result<Self, StoreError> {
        let bad = |column, why: String| corrupt("compass_job_events", row.job_id, column, why);
        Ok(Self {
            seq: u64::try_from(row.seq).map_err(|why| bad("seq", why.to_string()))?,
            at: row.happened_at.get(),
            progress: serde_json::from_value(row.progress.0).map_err(|why| bad("progress", why.to_string()))?,
        })
    }
}
