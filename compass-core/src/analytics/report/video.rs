//! A post in a report: its counters, and how its views grow.

use jiff::Timestamp;

use super::{gone::Gone, looks::PostLooks, own::BestOnly};
use crate::{
    Text, VideoCounts, VideoId, VideoKind,
    analytics::{GrowthModel, Standout, VideoGrowth, standouts, video_growth},
};

/// A post in a report.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportVideo {
    /// TikTok's numeric id, as a string.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: VideoId,
    /// When it was posted, UTC.
    pub created_at: Timestamp,
    /// Whether the time of posting was derived from the id.
    pub created_at_derived: bool,
    /// When its counters were observed, UTC.
    pub observed_at: Timestamp,
    /// Whether it was pinned.
    pub pinned: bool,
    /// Whether the newest list of posts leaves it out, though it reaches further back: it was deleted or is hidden.
    pub gone: bool,
    /// Film or pictures.
    pub kind: VideoKind,
    /// The caption.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub caption: Text,
    /// Its counters.
    pub counts: VideoCounts,
    /// How its views grow: at equal ages, and what they come to.
    pub growth: VideoGrowth,
    /// Whether its views at equal age stand out among the creator's posts.
    pub standout: Standout,
}

impl ReportVideo {
    /// The posts of a report, newest first.
    ///
    /// Posts that were chosen because they did best stand out from nothing: what is usual is not known from them.
    pub(super) fn all(
        posts: &[PostLooks<'_>],
        gone: &Gone,
        best_only: &BestOnly,
        model: &GrowthModel,
        as_of: Timestamp,
    ) -> Vec<Self> {
        let mut videos: Vec<Self> = posts.iter().map(|post| Self::new(post, gone, model, as_of)).collect();
        let compared = posts
            .iter()
            .zip(&videos)
            .map(|(post, video)| if best_only.has(post) { None } else { video.growth.log_views_compared() });
        let log_views: Vec<Option<f64>> = compared.collect();
        for (video, standout) in videos.iter_mut().zip(standouts(&log_views)) {
            video.standout = standout;
        }
        videos
    }

    fn new(post: &PostLooks<'_>, gone: &Gone, model: &GrowthModel, as_of: Timestamp) -> Self {
        let newest = post.newest;
        Self {
            id: newest.video.id,
            created_at: newest.video.created_at,
            created_at_derived: newest.video.created_at_derived,
            observed_at: newest.observed_at,
            pinned: newest.pinned,
            gone: gone.contains(newest.video.id),
            kind: newest.video.kind,
            caption: newest.video.caption.clone(),
            counts: newest.counts,
            growth: video_growth(model, &post.views, as_of),
            standout: Standout::default(),
        }
    }
}
