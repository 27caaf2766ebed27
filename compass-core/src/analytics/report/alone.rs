//! A section of the report without the rest: what many ask for should not wait for what they did not ask for.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::ReportOptions;
use crate::{
    AccountLook, Handle, PostLook, SourceKind,
    analytics::{Estimate, MetricId, VideoTable, engagement::engagement, followers::FollowerSeries},
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
    /// The rates as of a moment from what was seen by then: every look at the account, oldest first, and the newest look at each
    /// post, newest post first. Of the posts, those of the window are enough.
    #[must_use]
    pub fn new(
        handle: Handle,
        account: &[AccountLook],
        posts: &[PostLook],
        as_of: Timestamp,
        options: &ReportOptions,
    ) -> Self {
        // A post that was last seen when it was young tells nothing of posts that are not.
        let was_old_enough =
            |look: &&PostLook| look.observed_at.duration_since(look.created_at) >= options.window.min_age;
        let mut table = VideoTable::default();
        for look in posts.iter().filter(was_old_enough) {
            table.push_row(look.created_at.as_second(), false, VideoTable::cells(&look.counts));
        }
        table.end_creator();
        let window = table.creator(0).expect("one was pushed").window(options.window, as_of);
        let figures = engagement(&window, &FollowerSeries::new(account), &options.weights, as_of);
        let sources: BTreeSet<SourceKind> =
            account.iter().map(|look| look.source).chain(posts.iter().map(|look| look.source)).collect();
        Self {
            handle,
            as_of,
            sources: sources.into_iter().collect(),
            metrics: figures.into_iter().map(|figure| (figure.id, figure)).collect(),
        }
    }
}
