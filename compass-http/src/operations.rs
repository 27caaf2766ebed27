//! Signs of life, for whoever runs the service.

use std::{sync::Arc, time::Duration};

use axum::Extension;
use compass_core::ports::CreatorStore;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Shutdown,
    extract::Json,
    problem::{Fails, Problem, ProblemKind},
    provides::{HostState, Provided, Provides},
    section::Section,
    this_machine::KnownHost,
};

/// A store that does not answer for this long counts as away.
const PATIENCE: Duration = Duration::from_secs(2);

/// `/health/live` and `/health/ready`.
pub fn operations<S>() -> Section<S>
where
    S: HostState + Provides<Arc<dyn CreatorStore>>,
{
    Section(OpenApiRouter::default().routes(routes!(live)).routes(routes!(ready)))
}

#[derive(Debug, Serialize, ToSchema)]
struct Health {
    /// Always `ok`: anything else is a problem.
    status: &'static str,
}

/// Says that the process runs.
#[utoipa::path(get, path = "/health/live", tag = "operations", responses((status = 200, description = "It runs", body = Health)))]
async fn live(_here: KnownHost) -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Says that the service can do its work: the store answers, and it is not about to stop.
#[utoipa::path(
    get, path = "/health/ready", tag = "operations",
    responses((status = 200, description = "It is ready", body = Health), Fails<503>)
)]
async fn ready(
    _here: KnownHost,
    Provided(creators): Provided<Arc<dyn CreatorStore>>,
    shutdown: Option<Extension<Shutdown>>,
) -> Result<Json<Health>, Problem> {
    if shutdown.is_some_and(|Extension(shutdown)| shutdown.0.is_cancelled()) {
        let stops = Problem::new(ProblemKind::Unavailable).with_detail("the service is about to stop");
        return Err(stops.with_retry_after(PATIENCE));
    }
    match tokio::time::timeout(PATIENCE, creators.ping()).await {
        Ok(answer) => answer?,
        Err(late) => {
            return Err(Problem::new(ProblemKind::Unavailable).with_retry_after(PATIENCE).with_cause(late));
        }
    }
    Ok(Json(Health { status: "ok" }))
}
