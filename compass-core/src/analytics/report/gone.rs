//! Posts that are no longer shown: deleted, hidden or moderated, nobody outside can tell which.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::looks::PostLooks;
use crate::{
    SourceKind, VideoId, VideoObservation,
    analytics::{Estimate, Metric, MetricId, MetricUnit, Quality, SampleOf},
};

impl MetricId {
    /// Posts that are no longer shown.
    pub const POSTS_GONE: Self = Self("posting.gone@1");
}

pub(in crate::analytics) static METRICS: &[Metric] = &[Metric {
    id: MetricId::POSTS_GONE,
    name: "Posts no longer shown",
    unit: MetricUnit::Posts,
    after: "posts",
    sample: SampleOf::Posts,
    counters: &[],
    meaning: "Posts that were seen before and that the profile shows no more: deleted, hidden or moderated. They stay in \
              the history.",
    definition: "Posts that the newest list leaves out, of those that were posted between its oldest and its newest post \
                 that is not pinned.",
}];

/// What the newest list of posts says of those that were seen before it.
#[derive(Debug, Default)]
pub(super) struct Gone {
    ids: BTreeSet<VideoId>,
    judged: usize,
}

impl Gone {
    /// A list reaches from its oldest to its newest post; pinned ones stand in it out of order. Of posts beyond either
    /// end it says nothing.
    pub(super) fn of(posts: &[PostLooks<'_>], videos: &[VideoObservation], as_of: Timestamp) -> Self {
        let shown = videos.iter().filter(|look| look.observed_at <= as_of && is_list(look.source));
        let Some(newest) = shown.clone().map(|look| (look.observed_at, look.source)).max() else {
            return Self::default();
        };
        let list: Vec<&VideoObservation> = shown.filter(|look| (look.observed_at, look.source) == newest).collect();
        let in_order = || list.iter().filter(|look| !look.pinned).map(|look| look.video.created_at);
        let (Some(from), Some(to), true) = (in_order().min(), in_order().max(), in_order().count() > 1) else {
            // A single post is a post's own page, not a list.
            return Self::default();
        };
        let listed: BTreeSet<VideoId> = list.iter().map(|look| look.video.id).collect();
        let judged = || {
            let within = posts.iter().filter(|post| (from..=to).contains(&post.newest.video.created_at));
            within.map(|post| post.newest.video.id)
        };
        Self { ids: judged().filter(|id| !listed.contains(id)).collect(), judged: judged().count() }
    }

    pub(super) fn contains(&self, id: VideoId) -> bool {
        self.ids.contains(&id)
    }

    /// How many; none if no list was ever seen.
    pub(super) fn figure(&self, as_of: Timestamp) -> Estimate {
        match self.judged {
            0 => Estimate::none(MetricId::POSTS_GONE, as_of, 0, Quality::NoHistory),
            judged => Estimate::new(MetricId::POSTS_GONE, as_of, judged, self.ids.len() as f64, None),
        }
    }
}

/// Whether the source shows the posts of a time without gaps; an export has only those that did best.
fn is_list(source: SourceKind) -> bool {
    source != SourceKind::StudioExport
}
