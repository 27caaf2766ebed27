//! The report of a creator.

use std::{fmt::Write as _, sync::Arc};

use axum::{
    extract::{FromRef, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use compass_core::{
    Handle,
    analytics::{Report, ReportOptions},
    app,
    ports::{Clock, CreatorStore, StoreError},
};
use jiff::{RoundMode, Timestamp, TimestampRound, Unit};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Site,
    extract::{Path, Query},
    problem::{Fails, Problem},
    section::Section,
    this_machine::KnownHost,
    tiktok::unknown_creator,
};

/// `/analytics/{handle}`.
pub fn analytics<S>() -> Section<S>
where
    S: Clone + Send + Sync + 'static,
    Arc<dyn CreatorStore>: FromRef<S>,
    Arc<dyn Clock>: FromRef<S>,
    Site: FromRef<S>,
{
    Section(OpenApiRouter::default().routes(routes!(report)))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReportQuery {
    /// The moment that the figures speak of; without it, now.
    as_of: Option<Timestamp>,
}

/// Gives the report of a creator, `compass.report/1`.
///
/// Without `as_of` the report speaks of the newest observation, or of the beginning of this hour if that is later, so
/// that it stays the same, and its `ETag` with it, until there is something new to say.
#[utoipa::path(
    get,
    path = "/analytics/{handle}",
    tag = "analytics",
    params(("handle" = String, Path, description = "A TikTok handle, with or without @"), ReportQuery),
    responses(
        (status = 200, description = "The report", body = Report, headers(("etag" = String, description = "Names what the report says; a weak one, as the bytes may be compressed on the way"))),
        (status = 304, description = "The client's copy is still good"),
        Fails<400>, Fails<404>, Fails<422>
    )
)]
async fn report(
    _here: KnownHost,
    State(creators): State<Arc<dyn CreatorStore>>,
    State(clock): State<Arc<dyn Clock>>,
    Path(handle): Path<Handle>,
    Query(query): Query<ReportQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let as_of = match query.as_of {
        Some(moment) => moment,
        None => settled_now(&*creators, clock.now(), &handle).await?,
    };
    let report = app::report(&*creators, &handle, as_of, &ReportOptions::default()).await?;
    let report = report.ok_or_else(|| unknown_creator(&handle))?;
    Ok(with_etag(&Report::new(vec![report], Vec::new()), &headers))
}

/// The latest moment that says the same as now, up to the hour.
async fn settled_now(creators: &dyn CreatorStore, now: Timestamp, handle: &Handle) -> Result<Timestamp, StoreError> {
    let to_the_hour = TimestampRound::new().smallest(Unit::Hour).mode(RoundMode::Floor);
    let hour = now.round(to_the_hour).unwrap_or(now);
    let newest = match creators.find(handle).await? {
        Some(profile) => creators.latest(profile.id, now).await?,
        None => None,
    };
    Ok(newest.map_or(hour, |newest| newest.observed_at.max(hour)))
}

fn with_etag(report: &Report, request: &HeaderMap) -> Response {
    let bytes = serde_json::to_vec(report).expect("a report has string keys and finite numbers");
    let mut tag = String::from("\"");
    for byte in &Sha256::digest(&bytes)[..16] {
        write!(tag, "{byte:02x}").expect("a String takes any text");
    }
    tag.push('"');
    let known = request.get_all(header::IF_NONE_MATCH).iter().any(|value| mentions(value, &tag));
    // A host may compress what goes out, and a strong tag would then name two different sequences of bytes.
    let common = [(header::ETAG, format!("W/{tag}")), (header::CACHE_CONTROL, "no-cache".to_owned())];
    if known {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    (common, [(header::CONTENT_TYPE, "application/json")], bytes).into_response()
}

/// Whether an `If-None-Match` has this tag; weak and strong ones compare alike (RFC 9110, section 13.1.2).
fn mentions(value: &HeaderValue, tag: &str) -> bool {
    let Ok(list) = value.to_str() else { return false };
    list.split(',').map(str::trim).any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}
