//! Asking for a fresh look at an account, and how far it is.

use std::sync::Arc;

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use compass_core::{
    Failure, Handle, Job, JobId, JobState, app,
    ports::{Clock, JobStore, Random},
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    caller::Caller,
    extract::{Json, Mount, Path},
    once::{IdempotencyKey, Once},
    problem::{Fails, Problem, ProblemKind},
    provides::Provided,
};

/// A look at an account, asked for and perhaps done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JobView {
    id: Uuid,
    /// The account, without `@`.
    handle: String,
    state: JobState,
    /// How often it was begun.
    attempts: u32,
    enqueued_at: Timestamp,
    /// When it may be begun, or begun again; `null` once it has ended.
    available_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    /// Why the last attempt failed.
    failure: Option<Failure>,
}

impl From<Job> for JobView {
    fn from(job: Job) -> Self {
        Self {
            id: job.id.0,
            handle: job.handle.to_string(),
            state: job.state,
            attempts: job.attempts,
            enqueued_at: job.enqueued_at,
            available_at: (!job.state.is_final()).then_some(job.available_at),
            finished_at: job.finished_at,
            failure: job.failure,
        }
    }
}

/// Asks for a fresh look at an account. While one is under way, everybody who asks gets that one.
///
/// With an `Idempotency-Key` the same request, sent again within a day, gets the first one's answer.
#[utoipa::path(
    post, path = "/tiktok/{handle}/refresh", tag = "tiktok",
    params(
        ("handle" = inline(compass_core::openapi::Handle), Path, description = "A TikTok handle, with or without @"),
        IdempotencyKey
    ),
    responses(
        (status = 202, description = "There will be a look", body = JobView, headers(("location" = String, description = "The job"))),
        Fails<400>, Fails<401>, Fails<403>, Fails<409>, Fails<422>, Fails<429>
    ),
    security(("session" = []), ("bearer" = []))
)]
pub(super) async fn refresh(
    Provided(jobs): Provided<Arc<dyn JobStore>>,
    Provided(clock): Provided<Arc<dyn Clock>>,
    Provided(random): Provided<Arc<dyn Random>>,
    Mount(mount): Mount,
    who: Caller,
    once: Once,
    Path(handle): Path<Handle>,
) -> Result<Response, Problem> {
    let user = who.user;
    let ask = async move {
        who.may_ask_for_a_look()?;
        let job = app::request_refresh(&*jobs, &*clock, &*random, &handle, Some(user)).await?;
        let location = [(header::LOCATION, format!("{mount}/tiktok/jobs/{}", job.id))];
        Ok((StatusCode::ACCEPTED, location, Json(JobView::from(job))).into_response())
    };
    once.answer(user, b"", ask).await
}

/// Says how far a job is.
#[utoipa::path(
    get, path = "/tiktok/jobs/{id}", tag = "tiktok",
    params(("id" = Uuid, Path, description = "The job's id")),
    responses((status = 200, description = "The job", body = JobView), Fails<401>, Fails<404>, Fails<422>),
    security(("session" = []), ("bearer" = []))
)]
pub(super) async fn job(
    Provided(jobs): Provided<Arc<dyn JobStore>>,
    _who: Caller,
    Path(id): Path<JobId>,
) -> Result<Json<JobView>, Problem> {
    Ok(Json(find(&*jobs, id).await?.into()))
}

pub(super) async fn find(jobs: &dyn JobStore, id: JobId) -> Result<Job, Problem> {
    let unknown = || Problem::new(ProblemKind::NotFound).with_detail(format!("there is no job {id}"));
    jobs.find(id).await?.ok_or_else(unknown)
}
