//! The sections of a report that gather several answers.

use jiff::Timestamp;

use super::ReportVideo;
use crate::{
    Zone,
    analytics::{
        BestTime, DailySeries, DayGain, Estimate, FollowerJump, LevelTrend, PostOfDay, best_time, experiment,
        follower_jumps, level_trend,
    },
    stats::Seed,
};

const SECONDS_A_DAY: i64 = 86_400;

/// The lift that the suggested size of an experiment looks for: half as many views again.
const SOUGHT_LIFT: f64 = 0.5;

/// How the account's counters move.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GrowthSection {
    /// Followers; `None` if they were never shown.
    pub followers: Option<LevelTrend>,
    /// Likes over all posts; `None` if they were never shown.
    pub likes: Option<LevelTrend>,
    /// Posts; `None` if their number was never shown.
    pub videos: Option<LevelTrend>,
}

/// When the creator posts, and what the time of posting does.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PostingSection {
    /// The zone of its weekdays and hours.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub zone: Zone,
    /// Whether some hours do better than others.
    pub best_time: BestTime,
    /// Posts in each arm of an experiment that looks for half as many views again.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Estimate))]
    pub experiment: Estimate,
}

impl GrowthSection {
    pub(super) fn new([followers, likes, videos]: &[DailySeries; 3]) -> Self {
        Self { followers: level_trend(followers), likes: level_trend(likes), videos: level_trend(videos) }
    }
}

impl PostingSection {
    pub(super) fn new(posts: &ComparablePosts, zone: &Zone, as_of: Timestamp) -> Self {
        let (created, log_views) = (&posts.created, &posts.log_views);
        Self {
            zone: zone.clone(),
            best_time: best_time(created, log_views, zone, as_of, Seed::new("best time")),
            experiment: experiment(created, log_views, SOUGHT_LIFT, as_of),
        }
    }
}

/// The posts whose views compare at equal age, newest first.
#[derive(Debug, Default)]
pub(super) struct ComparablePosts {
    /// When each was posted, seconds since 1970, UTC.
    pub(super) created: Vec<i64>,
    /// ln(1 + views at 30 days).
    pub(super) log_views: Vec<f64>,
}

impl ComparablePosts {
    pub(super) fn of(videos: &[ReportVideo]) -> Self {
        let known = videos.iter().filter_map(|v| Some((v.created_at.as_second(), v.growth.log_views_compared()?)));
        let (created, log_views) = known.unzip();
        Self { created, log_views }
    }
}

/// Days that brought far more followers than any other, with no post to explain them.
pub(super) fn unexplained_jumps(followers: &DailySeries, videos: &[ReportVideo]) -> Vec<FollowerJump> {
    let day = |video: &ReportVideo| video.created_at.as_second().div_euclid(SECONDS_A_DAY);
    let changes: Vec<DayGain> =
        followers.changes().map(|(day, change)| DayGain { day, change: change as f64 }).collect();
    let posts: Vec<PostOfDay> =
        videos.iter().map(|video| PostOfDay { id: video.id, day: day(video), standout: video.standout }).collect();
    // A pinned post may be far older than the oldest that the source shows.
    let known_since = videos.iter().filter(|video| !video.pinned).map(day).min();
    follower_jumps(&changes, &posts, known_since.unwrap_or(i64::MAX))
}
