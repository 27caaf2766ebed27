//! Bringing an own export.

use std::sync::Arc;

use axum::{
    extract::{FromRequest, FromRequestParts as _, Request},
    http::{HeaderMap, StatusCode, header},
};
use compass_core::{
    Handle, Import, Refusal, SourceKind,
    app::{Untaken, keep_export, read_export},
    ports::{Clock, ExportFile, ExportReader, ImportStore, Random},
};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    caller::Caller,
    computations::Turn,
    extract::{Bytes, Json, Query},
    problem::{Fails, Problem, ProblemKind},
    provides::Provided,
    shared::Shared,
};

/// The longest name of a file.
const LONGEST_NAME: usize = 255;

/// So many refusals are told where nothing is accepted.
const TOLD: usize = 5;

/// What is known of the file.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Named {
    /// The file's name as it was downloaded: of it the handle and the days are read.
    #[param(min_length = 1, max_length = 255, pattern = "^[^\\u0000-\\u001F\\u007F-\\u009F]+$", default = "export")]
    name: Option<String>,
    /// Whose export it is, where the file does not say so.
    #[param(value_type = Option<compass_core::openapi::Handle>)]
    handle: Option<Handle>,
    /// The day on which it was exported: it decides the years of its days.
    #[param(value_type = Option<String>, format = "date")]
    exported_on: Option<Date>,
}

/// A file that was brought, and what came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportView {
    id: Uuid,
    /// The account that it is of, without `@`.
    #[schema(value_type = String)]
    handle: Handle,
    /// What kind of export it is.
    source: SourceKind,
    imported_at: Timestamp,
    /// How many days, posts and exports were accepted.
    accepted: u64,
    /// How much was not: at least as many as there are in `refusals`.
    refused: u64,
    /// What was not accepted and why, at most a hundred.
    refusals: Vec<Refusal>,
    /// What was assumed, for people; empty if the same file was brought before.
    notes: Vec<String>,
}

impl ImportView {
    fn new(import: Import, notes: Vec<String>) -> Self {
        let Import { id, handle, source, imported_at, accepted, refused, refusals, .. } = import;
        Self { id: id.0, handle, source, imported_at, accepted, refused, refusals, notes }
    }
}

/// Takes an export of TikTok Studio (the ZIP, or a CSV or XLSX file of it) or "Download your data", and keeps what it tells, for
/// the person who brings it alone.
///
/// The body is the file itself, at most 32 MiB. A file that was brought before is not kept again: sent again, the same file with the same
/// values gets the import that it made, so that it needs no `Idempotency-Key`. At most 200 of one person are kept,
/// with 200,000 days, posts and exports in all of them together.
#[utoipa::path(
    post, path = "/tiktok/import", tag = "tiktok", params(Named),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, description = "It is kept", body = ImportView),
        (status = 200, description = "The same file was brought before", body = ImportView),
        Fails<400>, Fails<401>, Fails<403>, Fails<409>, Fails<413>, Fails<415>, Fails<422>, Fails<503>
    ),
    security(("session" = []), ("bearer" = []))
)]
pub(super) async fn import(
    Provided(imports): Provided<Arc<dyn ImportStore>>,
    Provided(reader): Provided<Arc<dyn ExportReader>>,
    Provided(clock): Provided<Arc<dyn Clock>>,
    Provided(random): Provided<Arc<dyn Random>>,
    who: Caller,
    file: File,
) -> Result<(StatusCode, Json<ImportView>), Problem> {
    let in_two_days = clock.now() + SignedDuration::from_hours(48);
    if file.exported_on.is_some_and(|day| day > in_two_days.to_zoned(TimeZone::UTC).date()) {
        let why = "exported_on: the day is still to come";
        return Err(Problem::new(ProblemKind::BadRequest).with_detail(why));
    }
    // It goes on where the client has gone away, and so it keeps its turn.
    let read = move || {
        let File { name, handle, exported_on, content, turn } = file;
        let file = ExportFile { name: &name, content: &content, handle: handle.as_ref(), exported_on };
        (read_export(&*reader, &file), turn)
    };
    let read = tokio::task::spawn_blocking(read).await;
    let (read, _turn) = read.map_err(|failed| Problem::new(ProblemKind::Internal).with_cause(failed))?;
    let (brought, notes) = read.map_err(untaken)?;
    let (import, is_new) = keep_export(&*imports, &*clock, &*random, Some(who.user), brought).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(ImportView::new(import, if is_new { notes } else { Vec::new() }))))
}

/// The file, which is the body itself.
pub(super) struct File {
    name: String,
    handle: Option<Handle>,
    exported_on: Option<Date>,
    content: axum::body::Bytes,
    /// As many files as have one are held in memory.
    turn: Turn,
}

impl<S: Send + Sync> FromRequest<S> for File {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        is_a_file(request.headers())?;
        let (mut head, body) = request.into_parts();
        let Query(Named { name, handle, exported_on }) = Query::from_request_parts(&mut head, state).await?;
        let wrong = |why: String| Problem::new(ProblemKind::BadRequest).with_detail(why);
        let name = name.unwrap_or_else(|| "export".to_owned());
        if !(1..=LONGEST_NAME).contains(&name.chars().count()) || name.chars().any(char::is_control) {
            return Err(wrong(format!("name: it has 1 to {LONGEST_NAME} characters, and no control characters")));
        }
        let turn = Shared::imports(&head.extensions).turn().await?;
        let Bytes(content) = Bytes::from_request(Request::from_parts(head, body), state).await?;
        if content.is_empty() {
            return Err(wrong("the body is empty; send the file itself".to_owned()));
        }
        Ok(Self { name, handle, exported_on, content, turn })
    }
}

/// A form wraps the file in other bytes.
fn is_a_file(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("multipart/") || kind.starts_with("application/x-www-form-urlencoded") {
        let why = "send the file itself as the body, with Content-Type application/octet-stream, not a form with it";
        return Err(Problem::new(ProblemKind::UnsupportedMediaType).with_detail(why));
    }
    Ok(())
}

fn untaken(why: Untaken) -> Problem {
    let refused = match why {
        Untaken::Nothing(refused) => refused,
        Untaken::Several(handles) => {
            let names: Vec<String> = handles.iter().map(|handle| format!("@{handle}")).collect();
            let why = format!("it is of {}; bring the export of one account at a time", names.join(" and "));
            return Problem::new(ProblemKind::InvalidValue).with_detail(why);
        }
    };
    let why = |refusal: &Refusal| match &refusal.item {
        Some(item) => format!("{item}: {}", refusal.detail),
        None => refusal.detail.clone(),
    };
    let mut told: Vec<String> = refused.iter().take(TOLD).map(why).collect();
    if told.is_empty() {
        told.push("it tells of no account; bring the ZIP as TikTok Studio gives it".to_owned());
    }
    if refused.len() > TOLD {
        told.push(format!("{} more", refused.len() - TOLD));
    }
    Problem::new(ProblemKind::InvalidValue).with_detail(format!("nothing of the file is accepted: {}", told.join("; ")))
}
