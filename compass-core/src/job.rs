//! A refresh as a durable job: what was asked, how far it is, how it ended.

use jiff::Timestamp;

use crate::{Failure, Handle, UserId, account::uuid_id};
use std::fmt;
use uuid::Uuid;

uuid_id!(
    /// A refresh job's identity.
    JobId
);

/// A wish to refresh one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJob {
    /// The job's id, if it becomes a job.
    pub id: JobId,
    /// The account to look at.
    pub handle: Handle,
    /// Who asked; `None` for the service itself.
    pub requested_by: Option<UserId>,
    /// When it was asked.
    pub at: Timestamp,
}

/// Whether somebody waits for a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Priority {
    /// Somebody asked for it: it is taken before all that are scheduled.
    Asked,
    /// It is the account's next look by the [schedule](crate::schedule): nobody waits.
    Scheduled,
}

impl Priority {
    /// Every priority, the first to be taken first.
    pub const ALL: [Self; 2] = [Self::Asked, Self::Scheduled];

    /// The stable name, as in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Scheduled => "scheduled",
        }
    }

    /// The priority of that name; `None` if there is none.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.as_str() == name)
    }
}

/// A refresh job.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// The account to look at.
    pub handle: Handle,
    /// Who asked first; `None` for the service itself.
    pub requested_by: Option<UserId>,
    /// Whether somebody waits for it.
    pub priority: Priority,
    /// When somebody last asked for this account; a scheduled job has it from the one before.
    pub asked_at: Timestamp,
    /// How far it is.
    pub state: JobState,
    /// How many times a worker has taken it.
    pub attempts: u32,
    /// How many of these only found that the job has to wait.
    pub postponed: u32,
    /// When it was asked for.
    pub enqueued_at: Timestamp,
    /// When a worker may take it, or take it again.
    pub available_at: Timestamp,
    /// When it ended; `None` while it has not.
    pub finished_at: Option<Timestamp>,
    /// Why the last attempt failed; `None` if it did not.
    pub failure: Option<Failure>,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum JobState {
    /// Waits for a worker.
    Queued,
    /// A worker has it.
    Running,
    /// Its observations are stored.
    Succeeded,
    /// It will not be tried again, unless it is put back.
    Failed,
    /// Somebody wanted it no more.
    Cancelled,
}

impl JobState {
    /// Every state, in the order of a job's life.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Running, Self::Succeeded, Self::Failed, Self::Cancelled];

    /// The stable name, as in JSON and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of that name; `None` if there is none.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Whether nothing more will happen.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

/// A step of a refresh that a person can watch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case", tag = "stage")
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[non_exhaustive]
pub enum Progress {
    /// A worker has taken the job.
    Started {
        /// Which attempt this is, from 1.
        attempt: u32,
    },
    /// The turn of this look has not come: others are reading.
    Waiting,
    /// A source is asked.
    Opening {
        /// Which source.
        source: crate::SourceKind,
    },
    /// The profile has been read.
    ProfileRead {
        /// Posts that the profile says there are; `None` if it does not say.
        videos: Option<u64>,
    },
    /// Some posts have been read.
    VideosRead {
        /// So far.
        got: u64,
        /// How many are wanted.
        wanted: u64,
    },
    /// The observations are stored.
    Recorded {
        /// Posts in this look.
        videos: u64,
    },
    /// An attempt failed and there will be another.
    Retrying {
        /// Why.
        failure: Failure,
        /// When.
        at: Timestamp,
    },
    /// The job ended well.
    Succeeded,
    /// The job ended for good.
    Failed {
        /// Why.
        failure: Failure,
    },
    /// The job was cancelled.
    Cancelled,
    /// The job had failed or was cancelled, and was put back into the queue.
    Revived,
}

/// A step, with its place in the job's history.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct JobEvent {
    /// 1 for the job's first event, then 2, ...
    pub seq: u64,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub progress: Progress,
}
