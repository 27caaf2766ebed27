//! The sections of a report that gather several answers.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{ReportVideo, looks::PostLooks, own::BestOnly};
use crate::{
    Video, VideoKind, VideoObservation, Zone,
    analytics::{
        BestTime, DailySeries, DayGain, Estimate, Feature, FeatureKind, FollowerJump, Forecast, LevelTrend, Lifts,
        PostOfDay, PostingTimes, Window, best_time, experiment, follower_jumps, forecast, level_trend, lifts,
    },
    stats::Seed,
};

/// Days that a forecast reaches ahead.
const HORIZON: usize = 28;

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
    /// The followers in the next four weeks.
    pub forecast: Forecast,
}

/// When the creator posts, and what the time of posting does.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PostingSection {
    /// The zone of its weekdays and hours.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub zone: Zone,
    /// Posts by weekday and hour, without those that only an own export's list of the best names: they do not tell when
    /// there was one.
    pub times: PostingTimes,
    /// Whether some hours do better than others.
    pub best_time: BestTime,
    /// Posts in each arm of an experiment that looks for half as many views again.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Estimate))]
    pub experiment: Estimate,
}

impl GrowthSection {
    pub(super) fn new([followers, likes, videos]: &[DailySeries; 3], as_of: Timestamp) -> Self {
        let (first_day, days) = recent_days(followers, as_of);
        Self {
            followers: level_trend(followers),
            likes: level_trend(likes),
            videos: level_trend(videos),
            forecast: forecast(&days, first_day, HORIZON, as_of),
        }
    }
}

/// A value for each of the last three years' days up to a moment, and the first of these days.
///
/// There is none if the last look is longer ago than the forecast reaches.
fn recent_days(series: &DailySeries, as_of: Timestamp) -> (i64, Vec<Option<f64>>) {
    const MOST: i64 = 3 * 365;
    let last = as_of.as_second().div_euclid(SECONDS_A_DAY);
    if series.points().last().is_none_or(|point| last - point.day >= HORIZON as i64) {
        return (0, Vec::new());
    }
    let recent = || series.points().iter().filter(|point| last - point.day < MOST);
    let first = recent().map(|point| point.day).next().unwrap_or(last);
    let mut days = vec![None; usize::try_from(last - first).unwrap_or(0) + 1];
    for point in recent() {
        days[usize::try_from(point.day - first).expect("no day is before the first")] = Some(point.value() as f64);
    }
    (first, days)
}

impl PostingSection {
    pub(super) fn new(posts: &ComparablePosts<'_>, times: PostingTimes, zone: &Zone, as_of: Timestamp) -> Self {
        let (created, log_views) = (&posts.created, &posts.log_views);
        Self {
            zone: zone.clone(),
            times,
            best_time: best_time(created, log_views, zone, as_of, Seed::new("best time")),
            experiment: experiment(created, log_views, SOUGHT_LIFT, as_of),
        }
    }
}

/// The posts whose views compare at equal age, newest first.
#[derive(Debug, Default)]
pub(super) struct ComparablePosts<'a> {
    /// When each was posted, seconds since 1970, UTC.
    pub(super) created: Vec<i64>,
    /// ln(1 + views at 30 days).
    pub(super) log_views: Vec<f64>,
    posts: Vec<&'a VideoObservation>,
}

impl<'a> ComparablePosts<'a> {
    /// The views of the posts of a window; each was old enough when it was last seen.
    pub(super) fn of_window(&self, window: Window, as_of: Timestamp) -> Vec<f64> {
        let old_enough = |post: &VideoObservation| {
            let age = |at: Timestamp| at.duration_since(post.video.created_at);
            age(post.observed_at) >= window.min_age && age(as_of) >= window.min_age
        };
        let grown = self.posts.iter().zip(&self.log_views).filter(|(post, _)| old_enough(post));
        grown.map(|(_, log_views)| *log_views).take(window.posts).collect()
    }

    /// `looks` and `videos` are the same posts in the same order. Those that were chosen because they did best compare with
    /// no others.
    pub(super) fn of(looks: &[PostLooks<'a>], videos: &[ReportVideo], best_only: &BestOnly) -> Self {
        let mut comparable = Self::default();
        for (look, video) in looks.iter().zip(videos).filter(|(look, _)| !best_only.has(look)) {
            if let Some(log_views) = video.growth.log_views_compared() {
                comparable.created.push(video.created_at.as_second());
                comparable.log_views.push(log_views);
                comparable.posts.push(look.newest);
            }
        }
        comparable
    }

    /// What the posts have in common, tested.
    pub(super) fn lifts(&self, as_of: Timestamp) -> Lifts {
        let mut features: BTreeMap<Feature, Vec<usize>> = BTreeMap::new();
        for (i, post) in self.posts.iter().map(|post| &post.video).enumerate() {
            let mut has = |kind, name: &str| {
                features.entry(Feature { kind, name: name.to_owned() }).or_default().push(i);
            };
            post.hashtags.iter().for_each(|tag| has(FeatureKind::Hashtag, tag));
            post.sound.iter().for_each(|sound| has(FeatureKind::Sound, sound));
            post.duration.into_iter().for_each(|seconds| has(FeatureKind::Length, length(seconds)));
            if post.kind == VideoKind::Photo {
                has(FeatureKind::Format, PHOTO);
            }
        }
        let features: Vec<_> = features.into_iter().collect();
        lifts(&self.created, &self.log_views, &features, as_of, Seed::new("lifts"))
    }
}

impl Feature {
    /// Whether a post has it.
    #[must_use]
    pub fn is_of(&self, post: &Video) -> bool {
        match self.kind {
            FeatureKind::Hashtag => post.hashtags.contains(&self.name),
            FeatureKind::Sound => post.sound.as_ref() == Some(&self.name),
            FeatureKind::Length => post.duration.is_some_and(|seconds| length(seconds) == self.name),
            FeatureKind::Format => post.kind == VideoKind::Photo && self.name == PHOTO,
        }
    }
}

/// The format of posts that are pictures.
const PHOTO: &str = "photo";

/// The range that a length falls into.
fn length(seconds: u32) -> &'static str {
    match seconds {
        0..15 => "under 15 s",
        15..30 => "15 to 30 s",
        30..60 => "30 to 60 s",
        60..180 => "1 to 3 min",
        _ => "3 min or more",
    }
}

/// Days that brought far more followers than any other, with no post to explain them.
pub(super) fn unexplained_jumps(followers: &DailySeries, videos: &[ReportVideo]) -> Vec<FollowerJump> {
    let day = |video: &ReportVideo| video.created_at.as_second().div_euclid(SECONDS_A_DAY);
    // Of a rounded count nobody knows on which day it moved.
    let changes: Vec<DayGain> =
        followers.exact_changes().map(|(day, change)| DayGain { day, change: change as f64 }).collect();
    let posts: Vec<PostOfDay> =
        videos.iter().map(|video| PostOfDay { id: video.id, day: day(video), standout: video.standout }).collect();
    // A pinned post may be far older than the oldest that the source shows.
    let known_since = videos.iter().filter(|video| !video.pinned).map(day).min();
    follower_jumps(&changes, &posts, known_since.unwrap_or(i64::MAX))
}
