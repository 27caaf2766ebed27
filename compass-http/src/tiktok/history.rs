//! An account's counters over time, page by page.

use std::{fmt, ops::RangeInclusive, sync::Arc};

use axum::response::IntoResponse;
use compass_core::{
    CreatorId, Handle, ProfileCounts, ProfileObservation, SourceKind,
    ports::{Clock, CreatorStore, StoreError},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::creators::{bad_request, find};
use crate::{
    extract::{Address, Json, Path, Query},
    problem::{Fails, Problem},
    provides::Provided,
    this_machine::KnownHost,
};

const LARGEST_PAGE: u32 = 1_000;
const USUAL_PAGE: u32 = 100;
const USUAL_LENGTH: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Accounts are looked at up to eight times a day by themselves.
const FIRST_STEP: SignedDuration = SignedDuration::from_hours(24);
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
    Provided(creators): Provided<Arc<dyn CreatorStore>>,
    Provided(clock): Provided<Arc<dyn Clock>>,
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
    let after = cursor.map(|cursor| cursor.after);
    let start = after.map_or(from, |(observed_at, _)| from.max(observed_at));
    // One more than asked for tells whether there is another page.
    let mut observations = at_least(limit as usize + 1, &*creators, profile.id, after, start..=to).await?;
    let more = observations.len() > limit as usize;
    observations.truncate(limit as usize);
    let last = observations.last().filter(|_| more);
    let next = last.map(|last| Cursor { to, after: place(last) }.to_string());
    Ok((
        address.next(next.as_deref()),
        Json(HistoryView { from, to, observations: observations.into_iter().map(HistoryPoint::from).collect(), next }),
    ))
}

/// So many observations of a range, or more, or all that there are: of the two years that may be asked for, what a page needs is
/// read in steps that double, past gaps.
async fn at_least(
    wanted: usize,
    creators: &dyn CreatorStore,
    creator: CreatorId,
    mut after: Option<(Timestamp, SourceKind)>,
    range: RangeInclusive<Timestamp>,
) -> Result<Vec<ProfileObservation>, StoreError> {
    let (mut from, to) = range.into_inner();
    let mut step = FIRST_STEP;
    let mut found = Vec::new();
    loop {
        let until = from.saturating_add(step).map_or(to, |until| until.min(to));
        let mut more = creators.history(creator, from, until).await?;
        // Both ends of a step are in it.
        more.retain(|observation| after.is_none_or(|after| place(observation) > after));
        after = more.last().map(place).or(after);
        let is_gap = more.is_empty();
        found.extend(more);
        if found.len() >= wanted || until >= to {
            return Ok(found);
        }
        from = if is_gap { end_of_gap(creators, creator, until, to).await? } else { until };
        step *= 2;
    }
}

/// A moment before which nothing was observed since `from`, and soon after which something was; `to` if nothing was at all. It
/// takes one observation for each halving of the time.
async fn end_of_gap(
    creators: &dyn CreatorStore,
    creator: CreatorId,
    mut from: Timestamp,
    to: Timestamp,
) -> Result<Timestamp, StoreError> {
    let mut until = to;
    let mut moment = to;
    while until.duration_since(from) > FIRST_STEP {
        match creators.latest(creator, moment).await?.map(|newest| newest.observed_at).filter(|at| *at > from) {
            Some(observed_at) => until = observed_at,
            None => from = moment,
        }
        moment = from.saturating_add(until.duration_since(from) / 2).unwrap_or(until);
    }
    Ok(from)
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
