//! A section of the report without the rest: what many ask for should not wait for what they did not ask for.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{ReportOptions, looks::looks, table};
use crate::{
    AccountLook, Handle, ProfileObservation, SourceKind, VideoObservation,
    analytics::{Estimate, MetricId, engagement::engagement, followers::FollowerSeries},
};

/// The engagement rates of a creator: those of the [`CreatorReport`](super::CreatorReport) of the same observations.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EngagementFigures {
    /// The handle, without `@`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub handle: Handle,
    /// The moment that the figures speak of, UTC.
    pub as_of: Timestamp,
    /// Every source behind the figures.
    pub sources: Vec<SourceKind>,
    /// The rates, by metric.
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, crate::openapi::Estimate>))]
    pub metrics: BTreeMap<MetricId, Estimate>,
}

impl EngagementFigures {
    /// The rates as of a moment. `history` and `videos` may come in any order; of the posts, those of the window are enough.
    #[must_use]
    pub fn new(
        handle: Handle,
        history: &[ProfileObservation],
        videos: &[VideoObservation],
        as_of: Timestamp,
        options: &ReportOptions,
    ) -> Self {
        let mut history: Vec<AccountLook> =
            history.iter().map(AccountLook::from).filter(|look| look.observed_at <= as_of).collect();
        history.sort_by_key(|look| (look.observed_at, look.source));
        let posts = looks(videos, as_of);
        let grown = table(posts.iter().filter(|post| {
            post.newest.observed_at.duration_since(post.newest.video.created_at) >= options.window.min_age
        }));
        let window = grown.creator(0).expect("one was pushed").window(options.window, as_of);
        let figures = engagement(&window, &FollowerSeries::new(&history), &options.weights, as_of);
        let sources: BTreeSet<SourceKind> =
            history.iter().map(|look| look.source).chain(posts.iter().map(|post| post.newest.source)).collect();
        Self {
            handle,
            as_of,
            sources: sources.into_iter().collect(),
            metrics: figures.into_iter().map(|figure| (figure.id, figure)).collect(),
        }
    }
}
