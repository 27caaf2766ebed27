//! The report of an account with what its owner exported of it.

use std::sync::Arc;

use axum::{
    http::{HeaderValue, header},
    response::Response,
};
use compass_core::{analytics::Report, ports::ImportStore};

use crate::{
    analytics::asked::{Asked, Focus},
    caller::Caller,
    problem::{Fails, Problem, ProblemKind},
    provides::Provided,
};

/// Gives the report of an account with what the caller's own exports of it tell, `compass.report/1`: exact views and followers, days and
/// hours that no public page shows. It is the caller's alone.
///
/// The exports are found by the handle that they are of. Where the account was never observed, the report is made of them alone.
#[utoipa::path(
    get, path = "/analytics/{handle}/own", tag = "analytics",
    params(("handle" = inline(compass_core::openapi::Handle), Path, description = "A TikTok handle, with or without @"), Focus),
    responses(
        (status = 200, description = "The report", body = Report, headers(("etag" = String, description = "Names these bytes"))),
        (status = 304, description = "The client's copy is still good"),
        Fails<400>, Fails<401>, Fails<404>, Fails<422>
    ),
    security(("session" = []), ("bearer" = []))
)]
pub(super) async fn own_report(
    who: Caller,
    Provided(imports): Provided<Arc<dyn ImportStore>>,
    asked: Asked<Focus>,
) -> Result<Response, Problem> {
    let Some(report) = asked.own_report(&*imports, who.user).await? else {
        let why = format!(
            "you have brought no export of @{} that tells of that moment; bring one at tiktok/import",
            asked.handle
        );
        return Err(Problem::new(ProblemKind::NotFound).with_detail(why));
    };
    let mut answer = asked.answer_once(&Report::new(vec![report], Vec::new()));
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(answer)
}
