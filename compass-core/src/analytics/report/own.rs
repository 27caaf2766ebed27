//! What a creator's own export tells beyond the public pages.

use std::collections::{BTreeMap, HashSet};

use jiff::{Timestamp, civil::Date};

use super::looks::PostLooks;
use crate::{
    DatedBy, OwnData, OwnDay, OwnExport, SourceKind, VideoId, VideoObservation,
    analytics::{Dimension, Shares},
    own_data::{end_of, mean_by_hour, noon_of},
};

/// What the creator's own export tells. Days and hours are those of the creator's clock.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnSection {
    /// The day of the newest export that was made by the moment of the report, or of the newest of all if none speaks of
    /// anything after that moment, as one of past days alone does not; `None` if only a later one tells of that moment, in
    /// part.
    pub exported_on: Option<Date>,
    /// How that day, and with it the years of the others, is known.
    pub dated_by: DatedBy,
    /// The sums over its days; `None` without days.
    pub totals: Option<OwnTotals>,
    /// Its days, oldest first.
    pub days: Vec<DatedDay>,
    /// Who follows.
    pub followers: Vec<FollowerShares>,
    /// When followers are active, hour by hour; empty if that is not told.
    pub active_hours: Vec<HourOfDay>,
    /// The day of the export that tells those hours: the newest made by the moment of the report that tells any, or the first
    /// one after it; `None` if none does.
    pub active_hours_of: Option<Date>,
    /// Those who followed still when an export was made, by the day (UTC) on which they began to; empty if that is not told.
    pub followed_since: Vec<FollowedOn>,
    /// The day of that export; `None` if there is none.
    pub followed_since_of: Option<Date>,
}

/// Sums over the days of an export; each is `None` if no day has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnTotals {
    /// Views gained.
    pub views: Option<OwnSum>,
    /// Views of the profile gained.
    pub profile_views: Option<OwnSum>,
    /// Likes gained.
    pub likes: Option<OwnSum>,
    /// Comments gained.
    pub comments: Option<OwnSum>,
    /// Shares gained.
    pub shares: Option<OwnSum>,
    /// Followers gained.
    pub followers: Option<OwnSum>,
    /// People who watched for the first time.
    pub new_viewers: Option<OwnSum>,
}

/// A sum over the days that have the figure: the tables of an export need not be of the same days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnSum {
    /// The sum.
    pub sum: i64,
    /// The first day that has the figure.
    pub from: Date,
    /// The last day that has it.
    pub to: Date,
    /// How many days have it.
    pub days: u64,
}

/// A day of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DatedDay {
    /// Which day.
    pub day: Date,
    /// What happened on it.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub figures: OwnDay,
}

/// The followers by one dimension.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FollowerShares {
    /// What they are told apart by.
    pub dimension: Dimension,
    /// The day of the export that tells them.
    pub exported_on: Date,
    /// The groups that are told, the largest first.
    pub groups: Vec<FollowerGroup>,
    /// The share of all groups that are not told.
    pub rest: f64,
}

/// A group of followers.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FollowerGroup {
    /// Its name in the export, in lower case: `female`, `us`.
    pub name: String,
    /// Its share, from 0 to 1.
    pub share: f64,
}

/// How many followers are active in an hour of the day.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HourOfDay {
    /// The hour, 0 to 23.
    pub hour: u8,
    /// Their mean number over the days on which the hour was counted.
    pub followers: f64,
}

/// Followers who began to follow on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FollowedOn {
    /// The day, UTC.
    pub day: Date,
    /// How many of them follow still.
    pub followers: u64,
}

impl OwnSection {
    /// What the exports told by a moment; `None` if they told nothing.
    pub(super) fn new(own: &OwnData, as_of: Timestamp) -> Option<Self> {
        let newest = own.newest(as_of)?;
        let told = |day: Date| end_of(day) <= as_of;
        let days: Vec<DatedDay> =
            own.days.iter().filter(|(day, _)| told(**day)).map(|(&day, &figures)| DatedDay { day, figures }).collect();
        // An export of past days alone is told whole by a moment before it was made.
        let is_whole = Some(newest) == own.newest(Timestamp::MAX);
        let made = if is_whole { own.exports_by(Timestamp::MAX).next() } else { own.exports_by(as_of).next() };
        // If none was made by then, the first one after it dates the days.
        let dating = made.map(|(_, export)| export).or_else(|| own.exports.values().next());
        let (active_hours_of, active_hours) = active_hours(own, as_of).unzip();
        // Those who left before an export are not in it, so of an earlier moment it tells nothing.
        let since = own.exports_by(as_of).find(|(_, export)| !export.followed_since.is_empty());
        let followed = |(&day, &followers): (&Date, &u64)| FollowedOn { day, followers };
        Some(Self {
            exported_on: made.map(|(day, _)| day),
            dated_by: dating.map_or(DatedBy::Rows, |export| export.dated_by),
            totals: OwnTotals::of(&days),
            days,
            followers: shares(own, as_of),
            active_hours: active_hours.unwrap_or_default(),
            active_hours_of,
            followed_since: since.iter().flat_map(|(_, export)| export.followed_since.iter().map(followed)).collect(),
            followed_since_of: since.map(|(day, _)| day),
        })
    }
}

impl OwnTotals {
    /// `None` without days.
    fn of(days: &[DatedDay]) -> Option<Self> {
        let sum = |gained: fn(&OwnDay) -> Option<i64>| OwnSum::of(days, gained);
        (!days.is_empty()).then(|| Self {
            views: sum(|day| day.views),
            profile_views: sum(|day| day.profile_views),
            likes: sum(|day| day.likes),
            comments: sum(|day| day.comments),
            shares: sum(|day| day.shares),
            followers: sum(|day| day.followers_gained),
            new_viewers: sum(|day| i64::try_from(day.new_viewers?.midpoint()).ok()),
        })
    }
}

impl OwnSum {
    /// `days` are in the order of time.
    fn of(days: &[DatedDay], gained: impl Fn(&OwnDay) -> Option<i64>) -> Option<Self> {
        let told = days.iter().filter_map(|day| Some((day.day, gained(&day.figures)?)));
        told.fold(None, |so_far: Option<Self>, (day, gained)| {
            let before = so_far.unwrap_or(Self { sum: 0, from: day, to: day, days: 0 });
            Some(Self { sum: before.sum.saturating_add(gained), to: day, days: before.days + 1, ..before })
        })
    }
}

/// The looks at posts with those of an export, by a moment. A look without views, as "Download your data" has them, does not
/// stand before one that has them.
pub(super) fn with_own_posts<'a>(
    videos: &'a [VideoObservation],
    own: Option<&'a OwnData>,
    as_of: Timestamp,
) -> impl Iterator<Item = &'a VideoObservation> {
    let own = own.map_or(&[][..], |own| &own.posts);
    let with_views = |look: &&VideoObservation| look.counts.views.is_some();
    let seen = move |look: &&VideoObservation| look.observed_at <= as_of;
    let shown: HashSet<VideoId> = match own {
        [] => HashSet::new(),
        _ => videos.iter().chain(own).filter(seen).filter(with_views).map(|look| look.video.id).collect(),
    };
    let own = own.iter().filter(seen).filter(move |look| with_views(look) || !shown.contains(&look.video.id));
    videos.iter().filter(seen).chain(own)
}

/// Posts whose views only an export of TikTok Studio shows, which names the dozen that did best.
#[derive(Debug)]
pub(super) struct BestOnly {
    of_views: HashSet<VideoId>,
    /// Those of them that are in no list at all.
    unlisted: HashSet<VideoId>,
}

impl BestOnly {
    pub(super) fn of(videos: &[VideoObservation], own: Option<&OwnData>, as_of: Timestamp) -> Self {
        let own = own.map_or(&[][..], |own| &own.posts);
        let seen = |look: &&VideoObservation| look.observed_at <= as_of;
        let (best, others): (Vec<_>, Vec<_>) =
            own.iter().filter(seen).partition(|look| look.source == SourceKind::StudioExport);
        let mut of_views: HashSet<VideoId> = best.into_iter().map(|look| look.video.id).collect();
        let mut unlisted = of_views.clone();
        if !of_views.is_empty() {
            for look in videos.iter().filter(seen).chain(others) {
                unlisted.remove(&look.video.id);
                // "Download your data" lists every post but tells no views, so it chose none by them.
                if look.counts.views.is_some() {
                    of_views.remove(&look.video.id);
                }
            }
        }
        Self { of_views, unlisted }
    }

    /// Whether the views of a post are known because they are many.
    pub(super) fn has(&self, post: &PostLooks<'_>) -> bool {
        self.of_views.contains(&post.newest.video.id)
    }

    /// Whether a post is known at all because its views are many.
    pub(super) fn is_unlisted(&self, post: &PostLooks<'_>) -> bool {
        self.unlisted.contains(&post.newest.video.id)
    }

    pub(super) fn has_any_of(&self, posts: &[PostLooks<'_>]) -> bool {
        posts.iter().any(|post| self.has(post))
    }
}

/// Whether a source that shows views of posts, though perhaps not of this one, knows it.
pub(super) fn may_tell_views(post: &PostLooks<'_>) -> bool {
    post.newest.counts.views.is_some() || post.newest.source != SourceKind::DataDownload
}

/// The mean hours of the newest export made by a moment that tells any of days that had passed, and its day; of the first
/// export made after that if none does.
fn active_hours(own: &OwnData, as_of: Timestamp) -> Option<(Date, Vec<HourOfDay>)> {
    let later = own.exports.iter().map(|(day, export)| (*day, export)).filter(|(day, _)| noon_of(*day) > as_of);
    own.exports_by(as_of).chain(later).find_map(|(day, export)| {
        let hours: Vec<_> = export.active_hours.iter().copied().filter(|hour| end_of(hour.day) <= as_of).collect();
        let means = mean_by_hour(&hours).into_iter().zip(0..);
        let means: Vec<HourOfDay> =
            means.filter_map(|(mean, hour)| Some(HourOfDay { hour, followers: mean? })).collect();
        (!means.is_empty()).then_some((day, means))
    })
}

/// Each dimension as the newest export that has it tells it; the hours are told by themselves.
fn shares(own: &OwnData, as_of: Timestamp) -> Vec<FollowerShares> {
    let mut told: BTreeMap<Dimension, FollowerShares> = BTreeMap::new();
    for (exported_on, export) in own.exports_by(as_of) {
        for (&dimension, shares) in of_people(export) {
            told.entry(dimension).or_insert_with(|| {
                let group = |(name, share): (&str, f64)| FollowerGroup { name: name.to_owned(), share };
                let mut groups: Vec<FollowerGroup> = shares.iter().map(group).collect();
                groups.sort_by(|a, b| b.share.total_cmp(&a.share));
                FollowerShares { dimension, exported_on, groups, rest: shares.rest() }
            });
        }
    }
    told.into_values().collect()
}

fn of_people(export: &OwnExport) -> impl Iterator<Item = (&Dimension, &Shares)> {
    export.followers.dimensions.iter().filter(|(dimension, _)| **dimension != Dimension::ActiveHours)
}
