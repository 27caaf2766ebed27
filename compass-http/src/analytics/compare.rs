//! Several creators side by side.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    http::{Extensions, HeaderMap},
    response::Response,
};
use compass_core::{
    Handle, Zone,
    analytics::{Refused, Report},
    ports::{Clock, CreatorStore},
};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;

use super::asked::{Focus, report_of, settled_now};
use crate::{
    LearntCorpus,
    extract::Query,
    manners::Limiters,
    problem::{Fails, Problem, ProblemKind},
    provides::Provided,
    shared::Shared,
    tagged::Tagged,
    this_machine::KnownHost,
};

const MOST_CREATORS: usize = 10;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Side {
    /// One to ten handles, with commas between them; one that is there twice counts once.
    #[param(pattern = "^@?[A-Za-z0-9_.]{1,23}[A-Za-z0-9_](,@?[A-Za-z0-9_.]{1,23}[A-Za-z0-9_]){0,9}$")]
    handles: String,
    /// The moment that the figures speak of; without it, now.
    as_of: Option<Timestamp>,
    /// The figures per post are those of so many of the newest posts.
    #[param(minimum = 1, maximum = 1000, default = 30)]
    window: Option<usize>,
    /// The zone of weekdays and hours, such as `Europe/Berlin`; without it, UTC.
    #[param(value_type = Option<String>, format = "iana-time-zone")]
    zone: Option<Zone>,
}

/// Gives the reports of several creators as of one moment, in the order asked for.
///
/// Those of whom nothing was observed by then are among the `refused`. Where requests are counted it counts as one for each.
#[utoipa::path(
    get,
    path = "/analytics/compare",
    tag = "analytics",
    params(Side),
    responses(
        (status = 200, description = "The reports", body = Report, headers(("etag" = String, description = "Names these bytes"))),
        (status = 304, description = "The client's copy is still good"),
        Fails<400>, Fails<404>, Fails<429>
    )
)]
pub(super) async fn compare(
    _here: KnownHost,
    Provided(creators): Provided<Arc<dyn CreatorStore>>,
    Provided(clock): Provided<Arc<dyn Clock>>,
    Query(side): Query<Side>,
    headers: HeaderMap,
    extensions: Extensions,
) -> Result<Response, Problem> {
    let handles = handles(&side.handles)?;
    let mut options = Focus { as_of: side.as_of, window: side.window, zone: side.zone }.options()?;
    // The first was counted when the request came.
    Limiters::more_requests(&extensions, handles.len() - 1)?;
    let computations = Shared::computations(&extensions);
    let as_of = match side.as_of {
        Some(moment) => moment,
        None => settled_now(&*creators, clock.now(), &handles).await?,
    };
    options.corpus = extensions.get::<LearntCorpus>().cloned().unwrap_or_default().at(as_of);
    let (mut reports, mut refused) = (Vec::new(), Vec::new());
    for handle in handles {
        match report_of(&*creators, &handle, as_of, &options, &computations).await? {
            Some(report) => reports.push(report),
            None => refused.push(not_observed(&handle)),
        }
    }
    if reports.is_empty() {
        return Err(Problem::new(ProblemKind::NotFound).with_detail("none of the creators was observed by then"));
    }
    Ok(Tagged::of(&Report::new(reports, refused)).answer(&headers))
}

fn handles(list: &str) -> Result<Vec<Handle>, Problem> {
    let wrong = |why: &str| Problem::new(ProblemKind::BadRequest).with_detail(format!("handles: {why}"));
    let mut handles: Vec<Handle> =
        list.split(',').map(Handle::parse).collect::<Result<_, _>>().map_err(|error| wrong(&error.to_string()))?;
    let mut seen = BTreeSet::new();
    handles.retain(|handle| seen.insert(handle.clone()));
    if handles.len() > MOST_CREATORS {
        return Err(wrong(&format!("there are at most {MOST_CREATORS}")));
    }
    Ok(handles)
}

fn not_observed(handle: &Handle) -> Refused {
    Refused {
        input: "handles".to_owned(),
        item: Some(handle.to_string()),
        reason: "not_observed".to_owned(),
        detail: format!("@{handle} was not observed by then; POST tiktok/{handle}/refresh asks for a look"),
    }
}
