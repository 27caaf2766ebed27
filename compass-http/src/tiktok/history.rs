//! An account's counters over time, page by page.

use std::{fmt, sync::Arc};

use axum::{extract::State, response::IntoResponse};
use compass_core::{
    Handle, ProfileCounts, ProfileObservation, SourceKind,
    ports::{Clock, CreatorStore},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::creators::{bad_request, find};
use crate::{
    extract::{Address, Json, Path, Query},
    problem::{Fails, Problem},
    this_machine::KnownHost,
};

const LARGEST_PAGE: u32 = 1_000;
const USUAL_PAGE: u32 = 100;
const USUAL_LENGTH: SignedDuration = SignedDuration::from_hours(90 * 24);
const LARGEST_LENGTH: SignedDuration = SignedDuration::from_hours(732 * 24);

/// An account's counters at one time.
#[derive(Debug, Serialize, ToSchema)]
struct HistoryPoint {
    observed_at: Timestamp,
    source: SourceKind,
    counts: ProfileCounts,
}

impl From<ProfileObservation> for HistoryPoint {
    fn from(observation: ProfileObservation) -> Self {
        Self { observed_at: observation.observed_at, source: observation.source, counts: observation.counts }
    }
}

/// A page of an account's counters over time.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HistoryView {
    from: Timestamp,
    to: Timestamp,
    /// Oldest first.
    observations: Vec<HistoryPoint>,
    /// The `cursor` of the next page; `null` on the last one.
    next: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct HistoryQuery {
    /// The first moment; without it, 90 days before `to`.
    from: Option<Timestamp>,
    /// The last moment; without it, now. At most two years after `from`. A cursor brings that of the first page.
    to: Option<Timestamp>,
    /// Where the previous page ended: its `next`.
    #[param(
        pattern = r"^[0-9]{1,19}\.[0-9]{1,19}\.(data_download|display_api|page|replay|sample|studio_export|web_driver)$"
    )]
    cursor: Option<String>,
    /// The most observations of the page.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u32>,
}

/// Gives an account's counters over time, oldest first, page by page.
#[utoipa::path(
    get, path = "/tiktok/{handle}/history", tag = "tiktok",
    params(("handle" = inline(compass_core::openapi::Handle), Path, description = "A TikTok handle, with or without @"), HistoryQuery),
    responses((status = 200, description = "A page of counters", body = HistoryView, headers(("link" = Option<String>, description = "The next page, as rel=\"next\"; absent on the last one"))), Fails<400>, Fails<404>, Fails<422>)
)]
pub(super) async fn history(
    _here: KnownHost,
    address: Address,
    State(creators): State<Arc<dyn CreatorStore>>,
    State(clock): State<Arc<dyn Clock>>,
    Path(handle): Path<Handle>,
    Query(query): Query<HistoryQuery>,
) -> Result<impl IntoResponse + use<>, Problem> {
    let limit = query.limit.unwrap_or(USUAL_PAGE);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        return Err(bad_request(&format!("limit: a page has 1 to {LARGEST_PAGE} observations")));
    }
    let cursor = query.cursor.as_deref().map(Cursor::parse).transpose()?;
    let to = cursor.map(|cursor| cursor.to).or(query.to).unwrap_or_else(|| clock.now());
    let from = query.from.unwrap_or_else(|| to.saturating_sub(USUAL_LENGTH).unwrap_or(Timestamp::MIN));
    let length = to.duration_since(from);
    if length.is_negative() || length > LARGEST_LENGTH {
        return Err(bad_request("from, to: from comes first, and to is at most two years later"));
    }
    let profile = find(&*creators, &handle).await?;
    let start = cursor.map_or(from, |cursor| from.max(cursor.after.0));
    let mut observations = creators.history(profile.id, start, to).await?;
    observations.retain(|observation| cursor.is_none_or(|cursor| place(observation) > cursor.after));
    let more = observations.len() > limit as usize;
    observations.truncate(limit as usize);
    let last = observations.last().filter(|_| more);
    let next = last.map(|last| Cursor { to, after: place(last) }.to_string());
    Ok((
        address.next(next.as_deref()),
        Json(HistoryView { from, to, observations: observations.into_iter().map(HistoryPoint::from).collect(), next }),
    ))
}

/// Where an observation stands in the history: of two sources at one moment, in the order of sources.
fn place(observation: &ProfileObservation) -> (Timestamp, SourceKind) {
    (observation.observed_at, observation.source)
}

/// A place in a history: everything needed to go on, so nothing has to be kept for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cursor {
    to: Timestamp,
    after: (Timestamp, SourceKind),
}

impl Cursor {
    fn parse(text: &str) -> Result<Self, Problem> {
        let read = || {
            let mut parts = text.split('.');
            let mut time = || parts.next()?.parse().ok().and_then(|nanos| Timestamp::from_nanosecond(nanos).ok());
            let (to, observed_at) = (time()?, time()?);
            let source = SourceKind::from_name(parts.next()?)?;
            parts.next().is_none().then_some(Self { to, after: (observed_at, source) })
        };
        read().ok_or_else(|| bad_request("cursor: send what the previous page gave as next"))
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (observed_at, source) = self.after;
        write!(f, "{}.{}.{source}", self.to.as_nanosecond(), observed_at.as_nanosecond())
    }
}

#[cfg(test)]
mod tests {
    use super::Cursor;

    #[test]
    fn a_cursor_survives_the_round_trip_and_a_forged_one_is_refused() {
        let text = "1746057600000000001.1739372260000000000.web_driver";
        assert_eq!(Cursor::parse(text).unwrap().to_string(), text);
        for forged in ["", "a.b.c", "1.2", "1.2.page.4", "1.2.carrier_pigeon", "1.2.", "99999999999999999999999.2.page"]
        {
            assert!(Cursor::parse(forged).is_err(), "{forged:?}");
        }
    }
}
