//! What the report on the person's own account says to that person, and how earlier advice did.

use std::sync::Arc;

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use compass_core::{
    Handle,
    app::{Gathered, PastAdvice, PersonalInsights},
    ports::AccountStore,
    recommend::{Insight, TrackRecord},
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{advising::Advising, own_account};
use crate::{
    caller::Caller,
    problem::{Fails, Problem},
    provides::Provided,
    shown::Shown,
    tagged::Tagged,
    tiktok::unknown_creator,
};

/// What the report on an account says to its person.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct InsightsView {
    /// The account, without `@`.
    #[schema(value_type = String)]
    handle: Handle,
    /// The moment that the figures speak of, UTC.
    as_of: Timestamp,
    /// How many questions the report tested, all as one family.
    tested: u64,
    /// How many of them are more than chance.
    survived: u64,
    /// The most useful first.
    insights: Vec<InsightView>,
    /// How all the advice to this person did.
    record: TrackRecord,
    /// The same in plain words.
    record_text: String,
    /// What this person was told of this account, and what came of it: the newest first, twenty pieces at most.
    told: Vec<PastAdvice>,
}

/// An insight.
#[derive(Debug, Serialize, ToSchema)]
struct InsightView {
    #[serde(flatten)]
    insight: Insight,
    /// The same sentences with a language model's words around them, checked; null where there are none to show.
    narrated: Option<String>,
}

/// Gives what the report on the person's own account says, as facts and in plain words, with what to do and how sure it is, beside
/// how earlier advice did.
///
/// What it predicts is kept, and held against later observations. Asked again, it keeps nothing twice; nor where nobody is shown it, as
/// by `HEAD`, by `If-None-Match: *`, by a browser in advance (`Sec-Purpose`) or by the page of another site. The audience that is wanted, the
/// account and the zone are those of the person's preferences. What the person exported of the account counts, too.
#[utoipa::path(
    get, path = "/recommendations/insights", tag = "recommendations",
    responses(
        (status = 200, description = "The insights", body = InsightsView, headers(("etag" = String, description = "Names these bytes"))),
        (status = 304, description = "The client's copy is still good"),
        Fails<401>, Fails<404>, Fails<503>
    ),
    security(("session" = []), ("bearer" = []))
)]
pub(super) async fn insights(
    who: Caller,
    Provided(accounts): Provided<Arc<dyn AccountStore>>,
    advising: Advising,
    Shown(is_shown): Shown,
    has: HeaderMap,
) -> Result<Response, Problem> {
    let (handle, preferences) = own_account(&*accounts, who.user).await?;
    let gather = async { Ok(advising.advisor.gather(who.user, &handle, &preferences).await?) };
    let compute = |gathered: Option<Gathered>| gathered.map(Gathered::compute);
    let computed = advising.computations.run(gather, compute).await?.ok_or_else(|| unknown_creator(&handle))?;
    let computed = if is_shown { computed } else { computed.untold() };
    let PersonalInsights { insights, record, told, .. } = advising.advisor.tell(computed).await?;
    let narrated = advising.narrated(&insights.insights).await;
    let view = InsightsView {
        handle: insights.handle,
        as_of: insights.as_of,
        tested: insights.tested,
        survived: insights.survived,
        record_text: record.to_string(),
        insights: (insights.insights.into_iter().zip(narrated))
            .map(|(insight, narrated)| InsightView { insight, narrated })
            .collect(),
        record,
        told,
    };
    let mut response = Tagged::of(&view).answer(&has);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}
