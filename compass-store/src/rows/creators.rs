//! Rows of profile and video observations.

use std::{cmp::Reverse, fmt};

use compass_core::{
    AccountLook, Count, CreatorId, Handle, PostLook, Profile, ProfileCounts, ProfileObservation, SourceKind, Text,
    Video, VideoCounts, VideoId, VideoKind, VideoObservation,
    ports::{RecentLooks, StoreError},
};
use serde_json::Value;
use sqlx::{ColumnIndex, Decode, FromRow, Row, types::Json};

use super::signed;
use crate::{error::corrupt, stamp::Stamp};

/// A row of `compass_profile_observations`.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct ProfileRow {
    creator_id: i64,
    observed_at: Stamp,
    source: String,
    pub(super) recorded_at: Stamp,
    handle: String,
    nickname: String,
    bio: String,
    verified: bool,
    private: bool,
    language: Option<String>,
    created_at: Option<Stamp>,
    followers_lo: Option<i64>,
    followers_hi: Option<i64>,
    following_lo: Option<i64>,
    following_hi: Option<i64>,
    likes_lo: Option<i64>,
    likes_hi: Option<i64>,
    videos_lo: Option<i64>,
    videos_hi: Option<i64>,
}

impl TryFrom<ProfileRow> for ProfileObservation {
    type Error = StoreError;

    fn try_from(row: ProfileRow) -> Result<Self, StoreError> {
        let place = Place { table: "compass_profile_observations", id: row.creator_id, observed_at: row.observed_at };
        Ok(Self {
            observed_at: row.observed_at.get(),
            source: place.source(&row.source)?,
            counts: ProfileCounts {
                followers: place.count("followers", row.followers_lo, row.followers_hi)?,
                following: place.count("following", row.following_lo, row.following_hi)?,
                likes: place.count("likes", row.likes_lo, row.likes_hi)?,
                videos: place.count("videos", row.videos_lo, row.videos_hi)?,
            },
            profile: Profile {
                id: place.read("creator_id", CreatorId::try_from(row.creator_id))?,
                handle: place.read("handle", Handle::parse(&row.handle))?,
                nickname: place.read("nickname", Text::parse(&row.nickname))?,
                bio: place.read("bio", Text::parse(&row.bio))?,
                verified: row.verified,
                private: row.private,
                language: row.language,
                created_at: row.created_at.map(Stamp::get),
            },
        })
    }
}

impl TryFrom<ProfileRow> for Profile {
    type Error = StoreError;

    fn try_from(row: ProfileRow) -> Result<Self, StoreError> {
        ProfileObservation::try_from(row).map(|observation| observation.profile)
    }
}

/// A row of `compass_video_observations` with its row of `compass_video_descriptions`.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct VideoRow {
    video_id: i64,
    observed_at: Stamp,
    source: String,
    pinned: bool,
    #[sqlx(flatten)]
    description: Description,
    #[sqlx(flatten)]
    counters: Counters,
}

impl TryFrom<VideoRow> for VideoObservation {
    type Error = StoreError;

    fn try_from(row: VideoRow) -> Result<Self, StoreError> {
        let place = Place { table: "compass_video_observations", id: row.video_id, observed_at: row.observed_at };
        Ok(Self {
            observed_at: row.observed_at.get(),
            source: place.source(&row.source)?,
            pinned: row.pinned,
            counts: row.counters.read(&place)?,
            video: row.description.read(row.video_id)?,
        })
    }
}

/// What a post said of itself: columns of `compass_video_descriptions`.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Description {
    created_at: Stamp,
    created_at_derived: bool,
    kind: String,
    duration: Option<i64>,
    caption: String,
    hashtags: Json<Value>,
    sound: Option<String>,
    language: Option<String>,
}

impl Description {
    pub(super) fn read(self, video: i64) -> Result<Video, StoreError> {
        let place = Place { table: "compass_video_descriptions", id: video, observed_at: self.created_at };
        Ok(Video {
            id: place.read("video_id", VideoId::try_from(video))?,
            created_at: self.created_at.get(),
            created_at_derived: self.created_at_derived,
            kind: kind_named(&self.kind).ok_or_else(|| place.unknown("kind", &self.kind))?,
            duration: place.read("duration", self.duration.map(u32::try_from).transpose())?,
            caption: place.read("caption", Text::parse(&self.caption))?,
            hashtags: place.read("hashtags", serde_json::from_value(self.hashtags.0))?,
            sound: self.sound,
            language: self.language,
        })
    }
}

/// The bounds of a post's counters: columns of `compass_video_observations`.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Counters {
    views_lo: Option<i64>,
    views_hi: Option<i64>,
    likes_lo: Option<i64>,
    likes_hi: Option<i64>,
    comments_lo: Option<i64>,
    comments_hi: Option<i64>,
    shares_lo: Option<i64>,
    shares_hi: Option<i64>,
    saves_lo: Option<i64>,
    saves_hi: Option<i64>,
}

impl Counters {
    pub(super) fn read(&self, place: &Place) -> Result<VideoCounts, StoreError> {
        Ok(VideoCounts {
            views: place.count("views", self.views_lo, self.views_hi)?,
            likes: place.count("likes", self.likes_lo, self.likes_hi)?,
            comments: place.count("comments", self.comments_lo, self.comments_hi)?,
            shares: place.count("shares", self.shares_lo, self.shares_hi)?,
            saves: place.count("saves", self.saves_lo, self.saves_hi)?,
        })
    }
}

/// What `RECENT` is asked of one account.
#[derive(Clone, Debug)]
pub(crate) struct RecentlyAsked {
    pub(crate) handle: String,
    pub(crate) until: Stamp,
    pub(crate) at_least: Stamp,
    /// In microseconds.
    pub(crate) min_age: i64,
    pub(crate) posts: i64,
    pub(crate) known_at: Stamp,
}

/// A row of `RECENT`: which post, when and by whom it was seen, when it was posted, and the bounds of the counters. A look at the
/// account itself is of no post.
#[derive(Debug)]
pub(crate) struct RecentRow {
    video_id: Option<i64>,
    observed_at: Stamp,
    /// Otherwise the name that no source has.
    source: Result<SourceKind, String>,
    created_at: Option<Stamp>,
    bounds: [(Option<i64>, Option<i64>); 5],
    /// Of whoever asked, from 1.
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "one asks SQLite at a time"))]
    pub(crate) place: i64,
}

impl RecentRow {
    /// A look at a post.
    #[cfg(feature = "postgres")]
    pub(crate) fn of_post(
        video: i64,
        created_at: Stamp,
        observed_at: Stamp,
        source: &str,
        bounds: [(Option<i64>, Option<i64>); 5],
    ) -> Self {
        let source = SourceKind::from_name(source).ok_or_else(|| source.to_owned());
        Self { video_id: Some(video), observed_at, source, created_at: Some(created_at), bounds, place: 1 }
    }
}

/// A row of PostgreSQL's `RECENT_KEPT` and `RECENT`: a look, or the row of an account's newest.
#[cfg(feature = "postgres")]
#[derive(Debug)]
pub(crate) struct RecentOrKept {
    pub(crate) look: RecentRow,
    pub(crate) kept: Option<Vec<u8>>,
}

#[cfg(feature = "postgres")]
impl<'r> FromRow<'r, sqlx::postgres::PgRow> for RecentOrKept {
    fn from_row(row: &'r sqlx::postgres::PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self { look: RecentRow::from_row(row)?, kept: row.try_get_unchecked(15)? })
    }
}

/// A row of `NEWEST_OF`.
#[cfg(feature = "postgres")]
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct NewestRow {
    pub(crate) creator_id: i64,
    pub(crate) recorded_at: Stamp,
    pub(crate) video_id: i64,
    pub(crate) observed_at: Stamp,
    pub(crate) source: String,
    pub(crate) created_at: Stamp,
    #[sqlx(flatten)]
    counters: Counters,
}

#[cfg(feature = "postgres")]
impl NewestRow {
    /// The bounds of the counters, in the order of the table.
    pub(crate) fn bounds(&self) -> [Option<(i64, i64)>; 5] {
        let Counters { views_lo, views_hi, likes_lo, likes_hi, comments_lo, comments_hi, .. } = self.counters;
        let Counters { shares_lo, shares_hi, saves_lo, saves_hi, .. } = self.counters;
        [
            views_lo.zip(views_hi),
            likes_lo.zip(likes_hi),
            comments_lo.zip(comments_hi),
            shares_lo.zip(shares_hi),
            saves_lo.zip(saves_hi),
        ]
    }
}

impl<'r, R: Row> FromRow<'r, R> for RecentRow
where
    usize: ColumnIndex<R>,
    i64: Decode<'r, R::Database>,
    Option<i64>: Decode<'r, R::Database>,
    Stamp: Decode<'r, R::Database>,
    Option<Stamp>: Decode<'r, R::Database>,
    &'r str: Decode<'r, R::Database>,
{
    /// By the places of the columns, and without asking each value for its type: both databases know the types of our columns.
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        let source: &str = row.try_get_unchecked(2)?;
        let mut bounds = [(None, None); 5];
        for (place, (lo, hi)) in (4..).step_by(2).zip(&mut bounds) {
            *lo = row.try_get_unchecked(place)?;
            *hi = row.try_get_unchecked(place + 1)?;
        }
        Ok(Self {
            video_id: row.try_get_unchecked(0)?,
            observed_at: row.try_get_unchecked(1)?,
            source: SourceKind::from_name(source).ok_or_else(|| source.to_owned()),
            created_at: row.try_get_unchecked(3)?,
            bounds,
            place: row.try_get_unchecked(14)?,
        })
    }
}

/// The looks of the rows, in order.
pub(crate) fn recent_looks(rows: Vec<RecentRow>) -> Result<RecentLooks, StoreError> {
    let mut looks = RecentLooks::default();
    for RecentRow { video_id, observed_at, source, created_at, bounds: [a, b, c, d, e], .. } in rows {
        let Some((video, created_at)) = video_id.zip(created_at) else {
            let place = Place { table: "compass_profile_observations", id: 0, observed_at };
            let counts = ProfileCounts {
                followers: place.count("followers", a.0, a.1)?,
                following: place.count("following", b.0, b.1)?,
                likes: place.count("likes", c.0, c.1)?,
                videos: place.count("videos", d.0, d.1)?,
            };
            let source = source.map_err(|name| place.unknown("source", &name))?;
            looks.account.push(AccountLook { observed_at: observed_at.get(), source, counts });
            continue;
        };
        let place = Place { table: "compass_video_observations", id: video, observed_at };
        looks.posts.push(PostLook {
            id: place.read("video_id", VideoId::try_from(video))?,
            created_at: created_at.get(),
            observed_at: observed_at.get(),
            source: source.map_err(|name| place.unknown("source", &name))?,
            counts: VideoCounts {
                views: place.count("views", a.0, a.1)?,
                likes: place.count("likes", b.0, b.1)?,
                comments: place.count("comments", c.0, c.1)?,
                shares: place.count("shares", d.0, d.1)?,
                saves: place.count("saves", e.0, e.1)?,
            },
        });
    }
    // The statement gives both together, and says nothing of their order.
    looks.account.sort_by_key(|look| (look.observed_at, look.source));
    looks.posts.sort_by_key(|look| Reverse((look.created_at, look.id)));
    Ok(looks)
}

/// A counter as its two columns.
pub(crate) fn bounds(count: Option<Count>) -> (Option<i64>, Option<i64>) {
    (count.map(|count| signed(count.lo())), count.map(|count| signed(count.hi())))
}

/// The name of a kind of post in the tables.
pub(crate) fn kind_name(kind: VideoKind) -> &'static str {
    match kind {
        VideoKind::Video => "video",
        VideoKind::Photo => "photo",
    }
}

fn kind_named(name: &str) -> Option<VideoKind> {
    [VideoKind::Video, VideoKind::Photo].into_iter().find(|kind| kind_name(*kind) == name)
}

/// Where a value was read.
pub(super) struct Place {
    pub(super) table: &'static str,
    pub(super) id: i64,
    pub(super) observed_at: Stamp,
}

impl Place {
    pub(super) fn read<T, E: fmt::Display>(&self, column: &str, value: Result<T, E>) -> Result<T, StoreError> {
        value.map_err(|why| self.corrupt(column, why))
    }

    pub(super) fn count(&self, counter: &str, lo: Option<i64>, hi: Option<i64>) -> Result<Option<Count>, StoreError> {
        let (Some(lo), Some(hi)) = (lo, hi) else {
            let whole = lo.is_none() && hi.is_none();
            return if whole { Ok(None) } else { Err(self.corrupt(counter, "one of two bounds is missing")) };
        };
        let lo = self.read(counter, u64::try_from(lo))?;
        let hi = self.read(counter, u64::try_from(hi))?;
        self.read(counter, Count::range(lo, hi)).map(Some)
    }

    pub(super) fn source(&self, name: &str) -> Result<SourceKind, StoreError> {
        SourceKind::from_name(name).ok_or_else(|| self.unknown("source", name))
    }

    pub(super) fn unknown(&self, column: &str, name: &str) -> StoreError {
        self.corrupt(column, format_args!("{name:?} is unknown"))
    }

    pub(super) fn corrupt(&self, column: &str, why: impl fmt::Display) -> StoreError {
        corrupt(self.table, format_args!("{} at {}", self.id, self.observed_at.get()), column, why)
    }
}
