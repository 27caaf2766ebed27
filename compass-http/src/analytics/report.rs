//! The report of a creator.

use axum::response::Response;
use compass_core::analytics::Report;

use super::asked::{Asked, Focus};
use crate::problem::{Fails, Problem};

/// Gives the report of a creator, `compass.report/1`.
///
/// Without `as_of` the report speaks of the newest observation, or of the beginning of this hour if that is later, so
/// that it stays the same, and its `ETag` with it, until there is something new to say.
#[utoipa::path(
    get,
    path = "/analytics/{handle}",
    tag = "analytics",
    params(("handle" = inline(compass_core::openapi::Handle), Path, description = "A TikTok handle, with or without @"), Focus),
    responses(
        (status = 200, description = "The report", body = Report, headers(("etag" = String, description = "Names these bytes"))),
        (status = 304, description = "The client's copy is still good"),
        Fails<400>, Fails<404>, Fails<422>
    )
)]
pub(super) async fn report(asked: Asked<Focus>) -> Result<Response, Problem> {
    let report = || async { Ok(Report::new(vec![asked.report().await?], Vec::new())) };
    asked.answer("report", report).await
}
