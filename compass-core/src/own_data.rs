//! What creators exported of their own accounts: figures that no public page shows.

use std::collections::{BTreeMap, HashSet, btree_map::Entry};

use jiff::{Timestamp, civil::Date, tz::Offset};

use crate::{AccountLook, Count, Handle, ProfileCounts, SourceKind, Text, VideoObservation, analytics::AudienceShares};

/// What a creator exported of the own account: from TikTok Studio, from "Download your data", or from both.
///
/// The exports' days and hours are those of the clock on the creator's wall: they name no zone. Whatever is not in an
/// export is absent, never zero.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct OwnData {
    /// The handle that the account had.
    pub handle: Handle,
    /// What happened on each day, as all exports together tell it: of two that tell a figure of a day the later one counts,
    /// also in a report of a moment before that one was made.
    pub days: BTreeMap<Date, OwnDay>,
    /// The posts with their counters, to the unit, each as of the day of its export.
    pub posts: Vec<VideoObservation>,
    /// What was so when an export was made, by the day on which that was.
    pub exports: BTreeMap<Date, OwnExport>,
}

/// What exports of one day tell of the account as it was then.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct OwnExport {
    /// How that day, and with it the years of the export's other days, is known.
    pub dated_by: DatedBy,
    /// What the account says of itself; `None` without "Download your data".
    pub account: Option<OwnAccount>,
    /// Who follows: gender, territory and hours of activity, as far as they are told.
    pub followers: AudienceShares,
    /// How many followers were active in each hour of the days before, in the order of time.
    pub active_hours: Vec<ActiveHour>,
    /// Those who follow still, by the day (UTC) on which they began to. It is no follower count: who left is not in it.
    pub followed_since: BTreeMap<Date, u64>,
}

/// How the day of an export is known. An export's own days have no year, so this decides it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DatedBy {
    /// The time of the file: the export is not younger, and may be older.
    FileTime,
    /// The times inside the ZIP.
    ArchiveTime,
    /// The name of the ZIP.
    FileName,
    /// The rows have years.
    Rows,
    /// Somebody said it.
    Given,
}

/// What the account says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct OwnAccount {
    /// The display name; `None` if it is not told.
    pub nickname: Option<Text>,
    /// The biography; `None` if it is not told.
    pub bio: Option<Text>,
    /// Its counters.
    pub counts: ProfileCounts,
}

/// One day of an account. What is gained may be negative: likes and comments are taken back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnDay {
    /// Views gained over all posts.
    pub views: Option<i64>,
    /// Views of the profile gained.
    pub profile_views: Option<i64>,
    /// Likes gained.
    pub likes: Option<i64>,
    /// Comments gained.
    pub comments: Option<i64>,
    /// Shares gained.
    pub shares: Option<i64>,
    /// Followers at the end of the day.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::Count>))]
    pub followers: Option<Count>,
    /// Followers gained.
    pub followers_gained: Option<i64>,
    /// People who watched a post.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::Count>))]
    pub viewers: Option<Count>,
    /// Those of them who had not watched before.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::Count>))]
    pub new_viewers: Option<Count>,
    /// Those of them who had.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::Count>))]
    pub returning_viewers: Option<Count>,
}

/// How many followers were active in an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ActiveHour {
    /// The day, on the creator's clock.
    pub day: Date,
    /// The hour, 0 to 23, on the creator's clock.
    pub hour: u8,
    /// The followers; `None` for the hours at the end of the last day, which had not been counted.
    pub followers: Option<Count>,
}

impl OwnData {
    /// Nothing yet.
    #[must_use]
    pub fn new(handle: Handle) -> Self {
        Self { handle, days: BTreeMap::new(), posts: Vec::new(), exports: BTreeMap::new() }
    }

    /// Puts together what several files tell of one account; `None` without any.
    ///
    /// Where two tell the same, the one with the newest export counts, and of two of one day the later in the list.
    #[must_use]
    pub fn together(files: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut files: Vec<Self> = files.into_iter().collect();
        files.sort_by_key(|file| file.exports.keys().next_back().copied());
        files.into_iter().reduce(Self::and)
    }

    /// What both tell, where the other counts.
    fn and(mut self, other: Self) -> Self {
        for (day, told) in other.days {
            let known = self.days.entry(day).or_default();
            *known = told.or(*known);
        }
        let look = |post: &VideoObservation| (post.video.id, post.observed_at, post.source);
        let again: HashSet<_> = other.posts.iter().map(look).collect();
        self.posts.retain(|post| !again.contains(&look(post)));
        self.posts.extend(other.posts);
        for (day, told) in other.exports {
            match self.exports.entry(day) {
                Entry::Vacant(free) => drop(free.insert(told)),
                Entry::Occupied(mut known) => known.get_mut().add(told),
            }
        }
        Self { handle: other.handle, ..self }
    }

    /// The account's counters as the exports show them: the followers at the last second (UTC) of each day, and what the
    /// account says of itself, at noon (UTC) of the day of the export.
    pub fn looks(&self) -> impl Iterator<Item = AccountLook> {
        let of_day = |(day, of_day): (&Date, &OwnDay)| {
            let followers = of_day.followers?;
            let counts = ProfileCounts { followers: Some(followers), ..ProfileCounts::default() };
            Some(AccountLook { observed_at: end_of(*day), source: SourceKind::StudioExport, counts })
        };
        let of_export = |(day, export): (&Date, &OwnExport)| {
            let counts = export.account.as_ref()?.counts;
            Some(AccountLook { observed_at: noon_of(*day), source: SourceKind::DataDownload, counts })
        };
        self.days.iter().filter_map(of_day).chain(self.exports.iter().filter_map(of_export))
    }

    /// The kinds of exports behind it.
    pub fn sources(&self) -> impl Iterator<Item = SourceKind> {
        self.sources_by(Timestamp::MAX)
    }

    /// The kinds of exports behind what it tells by a moment.
    pub fn sources_by(&self, as_of: Timestamp) -> impl Iterator<Item = SourceKind> {
        let exports = || self.exports_by(as_of).map(|(_, export)| export);
        let is_of_studio = self.told_days().any(|day| end_of(day) <= as_of)
            || exports().any(|export| !export.followers.dimensions.is_empty());
        let is_downloaded = exports().any(|export| export.account.is_some() || !export.followed_since.is_empty());
        let of_posts = self.posts.iter().filter(move |post| post.observed_at <= as_of).map(|post| post.source);
        let studio = is_of_studio.then_some(SourceKind::StudioExport);
        studio.into_iter().chain(is_downloaded.then_some(SourceKind::DataDownload)).chain(of_posts)
    }

    /// The exports that were made by a moment, the newest first: each by noon (UTC) of its day.
    pub fn exports_by(&self, as_of: Timestamp) -> impl Iterator<Item = (Date, &OwnExport)> {
        let made = move |(day, _): &(&Date, &OwnExport)| noon_of(**day) <= as_of;
        self.exports.iter().rev().filter(made).map(|(day, export)| (*day, export))
    }

    /// The newest moment that the exports speak of, up to a moment; `None` if they speak of none.
    #[must_use]
    pub fn newest(&self, as_of: Timestamp) -> Option<Timestamp> {
        // Who follows is known of the day of the export, not of the days on which they began to.
        let tells = |export: &OwnExport| {
            export.account.is_some() || !export.followers.dimensions.is_empty() || !export.followed_since.is_empty()
        };
        let exports = self.exports.iter().filter(|(_, export)| tells(export)).map(|(day, _)| noon_of(*day));
        let posts = self.posts.iter().map(|post| post.observed_at);
        let days = self.told_days().map(end_of);
        days.chain(exports).chain(posts).filter(|at| *at <= as_of).max()
    }

    /// The audiences that the exports tell of, each as of noon (UTC) of its day.
    pub fn audiences(&self) -> impl Iterator<Item = (Timestamp, &AudienceShares)> {
        let telling = self.exports.iter().filter(|(_, export)| !export.followers.dimensions.is_empty());
        telling.map(|(day, export)| (noon_of(*day), &export.followers))
    }

    fn told_days(&self) -> impl Iterator<Item = Date> {
        let hours = self.exports.values().flat_map(|export| &export.active_hours);
        self.days.keys().copied().chain(hours.map(|hour| hour.day))
    }
}

impl OwnExport {
    /// Nothing yet.
    #[must_use]
    pub fn new(dated_by: DatedBy) -> Self {
        Self {
            dated_by,
            account: None,
            followers: AudienceShares::of_studio(),
            active_hours: Vec::new(),
            followed_since: BTreeMap::new(),
        }
    }

    /// Adds what another export of the day tells, which counts.
    fn add(&mut self, other: Self) {
        let Self { dated_by, account, followers, active_hours, followed_since } = other;
        self.dated_by = self.dated_by.max(dated_by);
        self.account = account.or(self.account.take());
        self.followers.dimensions.extend(followers.dimensions);
        let again: HashSet<_> = active_hours.iter().map(|hour| (hour.day, hour.hour)).collect();
        self.active_hours.retain(|hour| !again.contains(&(hour.day, hour.hour)));
        self.active_hours.extend(active_hours);
        self.active_hours.sort_by_key(|hour| (hour.day, hour.hour));
        if !followed_since.is_empty() {
            self.followed_since = followed_since;
        }
    }
}

impl OwnDay {
    /// Each figure, or if it is not told the other day's.
    fn or(self, other: Self) -> Self {
        Self {
            views: self.views.or(other.views),
            profile_views: self.profile_views.or(other.profile_views),
            likes: self.likes.or(other.likes),
            comments: self.comments.or(other.comments),
            shares: self.shares.or(other.shares),
            followers: self.followers.or(other.followers),
            followers_gained: self.followers_gained.or(other.followers_gained),
            viewers: self.viewers.or(other.viewers),
            new_viewers: self.new_viewers.or(other.new_viewers),
            returning_viewers: self.returning_viewers.or(other.returning_viewers),
        }
    }
}

/// The mean number of followers that were active in each hour of the day, over the days on which it was counted.
#[must_use]
pub fn mean_by_hour(hours: &[ActiveHour]) -> [Option<f64>; 24] {
    std::array::from_fn(|hour| {
        let counted = hours.iter().filter(|active| usize::from(active.hour) == hour);
        let followers: Vec<f64> = counted.filter_map(|active| Some(active.followers?.midpoint() as f64)).collect();
        (!followers.is_empty()).then(|| followers.iter().sum::<f64>() / followers.len() as f64)
    })
}

/// The last second of a day, UTC.
#[must_use]
pub fn end_of(day: Date) -> Timestamp {
    moment(day, 23, 59, 59)
}

/// Noon of a day, UTC: the moment of what is known to the day only.
#[must_use]
pub fn noon_of(day: Date) -> Timestamp {
    moment(day, 12, 0, 0)
}

fn moment(day: Date, hour: i8, minute: i8, second: i8) -> Timestamp {
    // The last day of the calendar ends after the last moment that a timestamp can have.
    Offset::UTC.to_timestamp(day.at(hour, minute, second, 0)).unwrap_or(Timestamp::MAX)
}
