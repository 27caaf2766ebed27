//! Bringing an own export.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{FromRequest as _, Request},
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
    extract::{Json, Query, unread_body},
    files::Files,
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
///
/// One file of a person is taken at a time. It may take five minutes to arrive, and pause for ten seconds.
#[utoipa::path(
    post, path = "/tiktok/import", tag = "tiktok", params(Named),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, description = "It is kept", body = ImportView),
        (status = 200, description = "The same file was brought before", body = ImportView),
        Fails<400>, Fails<401>, Fails<403>, Fails<408>, Fails<409>, Fails<413>, Fails<415>, Fails<422>, Fails<503>
    ),
    security(("session" = []), ("bearer" = []))
)]
pub(super) async fn import(
    Provided(imports): Provided<Arc<dyn ImportStore>>,
    Provided(reader): Provided<Arc<dyn ExportReader>>,
    Provided(clock): Provided<Arc<dyn Clock>>,
    Provided(random): Provided<Arc<dyn Random>>,
    who: Caller,
    Query(named): Query<Named>,
    request: Request,
) -> Result<(StatusCode, Json<ImportView>), Problem> {
    is_a_file(request.headers())?;
    let Named { name, handle, exported_on } = named.checked(clock.now())?;
    let turn = Shared::files(request.extensions()).turn(who.user, request.extensions()).await?;
    let content = content(request).await?;
    let read = move || {
        let name = name.as_deref().unwrap_or("export");
        read_export(&*reader, &ExportFile { name, content: &content, handle: handle.as_ref(), exported_on })
    };
    let (read, _turn) = turn.read(read).await?;
    let (brought, notes) = read.map_err(untaken)?;
    let (import, is_new) = keep_export(&*imports, &*clock, &*random, Some(who.user), brought).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(ImportView::new(import, if is_new { notes } else { Vec::new() }))))
}

impl Named {
    fn checked(self, now: Timestamp) -> Result<Self, Problem> {
        if let Some(name) = &self.name
            && (!(1..=LONGEST_NAME).contains(&name.chars().count()) || name.chars().any(char::is_control))
        {
            return Err(wrong(format!("name: it has 1 to {LONGEST_NAME} characters, and no control characters")));
        }
        let in_two_days = now + SignedDuration::from_hours(48);
        if self.exported_on.is_some_and(|day| day > in_two_days.to_zoned(TimeZone::UTC).date()) {
            return Err(wrong("exported_on: the day is still to come"));
        }
        Ok(self)
    }
}

/// The file, which is the body itself.
async fn content(request: Request) -> Result<Bytes, Problem> {
    let content = Bytes::from_request(request, &()).await;
    let content = content.map_err(|error| Files::too_slow(&error).unwrap_or_else(|| unread_body(&error)))?;
    if content.is_empty() {
        return Err(wrong("the body is empty; send the file itself"));
    }
    Ok(content)
}

fn wrong(why: impl Into<String>) -> Problem {
    Problem::new(ProblemKind::BadRequest).with_detail(why)
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
