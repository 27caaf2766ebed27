//! One sample creator.

use jiff::{Timestamp, ToSpan as _};

use super::post::Post;
use crate::{
    Count, CreatorId, Handle, Profile, ProfileCounts, ProfileObservation, Snapshot, SourceKind, Text, VideoObservation,
    stats::Seed,
};

/// Figures are told from this moment: 2026-01-01T00:00:00Z.
const EPOCH: i64 = 1_767_225_600;

const SECONDS_A_DAY: f64 = 86_400.0;
const DAYS_A_WEEK: f64 = 7.0;

/// The account existed this many days before the epoch.
const DAYS_BEFORE_EPOCH: f64 = 700.0;

/// What is true of a sample creator: what a good estimate comes close to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Truth {
    /// Followers at the start of 2026.
    pub followers: f64,
    /// Followers gained a day; negative if they leave.
    pub followers_per_day: f64,
    /// Posts a week.
    pub posts_per_week: f64,
    /// Median of the views that a post has in the end.
    pub typical_views: f64,
    /// Standard deviation of the logarithm of a post's final views.
    pub views_spread: f64,
    /// Median of (likes + comments + shares) / views.
    pub engagement_rate: f64,
    /// The creator keeps only this many of the newest posts; `None` keeps all.
    pub keeps: Option<u32>,
}

/// A sample creator.
#[derive(Clone, Debug)]
pub struct SampleCreator {
    pub(super) handle: Handle,
    pub(super) nickname: String,
    pub(super) bio: String,
    pub(super) index: u32,
    pub(super) truth: Truth,
}

impl SampleCreator {
    /// Its handle.
    #[must_use]
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// What is true of it.
    #[must_use]
    pub fn truth(&self) -> Truth {
        self.truth
    }

    /// What its profile says.
    ///
    /// # Panics
    /// Never: ids and times are built from constants.
    #[must_use]
    pub fn profile(&self) -> Profile {
        let opened = EPOCH - (DAYS_BEFORE_EPOCH * SECONDS_A_DAY) as i64;
        Profile {
            id: CreatorId::parse(&(7_100_000_000_000_000_000 + u64::from(self.index)).to_string())
                .expect("sample ids are valid"),
            handle: self.handle.clone(),
            nickname: Text::lossy(&self.nickname),
            bio: Text::lossy(&self.bio),
            verified: self.truth.followers > 1e6,
            private: false,
            language: Some("en".to_owned()),
            created_at: Some(Timestamp::from_second(opened).expect("the year 2024 is valid")),
        }
    }

    /// The account exactly as it is at a moment, with at most `max_videos` posts: a pinned one, then the newest first.
    #[must_use]
    pub fn snapshot(&self, at: Timestamp, max_videos: u32, source: SourceKind) -> Snapshot {
        let newest = self.newest_post(at);
        let kept = self.kept(newest);
        let pinned = self.pinned_post(newest);
        let newest_first = (0..i64::from(kept.min(max_videos))).map(|back| newest - back);
        let numbers = pinned.into_iter().chain(newest_first.filter(|n| Some(*n) != pinned)).take(max_videos as usize);
        let videos = numbers
            .map(|number| {
                let post = self.post(number);
                VideoObservation {
                    video: post.video(),
                    observed_at: at,
                    source,
                    pinned: Some(number) == pinned,
                    counts: post.counts(at),
                }
            })
            .collect();
        Snapshot {
            block: None,
            profile: ProfileObservation {
                profile: self.profile(),
                observed_at: at,
                source,
                counts: self.counts(at, kept),
            },
            videos,
            refused: Vec::new(),
            disagreements: Vec::new(),
        }
    }

    /// A snapshot a day for `days` days up to `until`, oldest first. Posts older than two weeks are in every seventh.
    ///
    /// # Panics
    /// If the span leaves the years that `jiff` knows.
    #[must_use]
    pub fn history(&self, until: Timestamp, days: u32) -> Vec<Snapshot> {
        (0..i64::from(days))
            .rev()
            .map(|back| {
                let at = until - (back * 24).hours();
                let mut snapshot = self.snapshot(at, 35, SourceKind::Sample);
                let two_weeks_ago = at - (14 * 24).hours();
                snapshot.videos.retain(|v| back % 7 == 0 || v.video.created_at >= two_weeks_ago);
                snapshot
            })
            .collect()
    }

    fn counts(&self, at: Timestamp, kept: u32) -> ProfileCounts {
        let days = days_since_epoch(at);
        let wobble = Seed::new("followers").with(u64::from(self.index)).with((days.floor() as i64).cast_unsigned());
        let noise = (wobble.unit() - 0.5) * 0.6 * self.truth.followers_per_day.abs();
        let followers = (self.truth.followers + self.truth.followers_per_day * days + noise).max(0.0);
        let typical_likes = self.truth.typical_views * self.truth.engagement_rate * 0.85;
        let posted = (days + DAYS_BEFORE_EPOCH).max(0.0) / DAYS_A_WEEK * self.truth.posts_per_week;
        ProfileCounts {
            followers: count(followers),
            following: count(40.0 + 13.0 * f64::from(self.index)),
            likes: count(typical_likes * 1.4 * posted),
            videos: count(f64::from(kept)),
        }
    }

    fn gap(&self) -> f64 {
        DAYS_A_WEEK / self.truth.posts_per_week
    }

    fn post(&self, number: i64) -> Post {
        let seed = Seed::new("post").with(u64::from(self.index)).with(number.cast_unsigned());
        let days = (number as f64 + 0.3 + 0.4 * seed.with(1).unit()) * self.gap();
        let second = EPOCH + (days * SECONDS_A_DAY) as i64;
        Post { second, seed, truth: self.truth, topic: self.index as usize, number }
    }

    /// The number of the last post before a moment; posts are numbered in order of time.
    fn newest_post(&self, at: Timestamp) -> i64 {
        let guess = (days_since_epoch(at) / self.gap()).floor() as i64;
        if self.post(guess).second <= at.as_second() { guess } else { guess - 1 }
    }

    fn kept(&self, newest: i64) -> u32 {
        let first = -(DAYS_BEFORE_EPOCH / self.gap()) as i64;
        let all = u32::try_from(newest - first + 1).unwrap_or(0);
        self.truth.keeps.map_or(all, |keeps| all.min(keeps))
    }

    /// Large accounts pin the best of an old dozen of posts.
    fn pinned_post(&self, newest: i64) -> Option<i64> {
        let candidates = newest.div_euclid(100) * 100 - 60..newest.div_euclid(100) * 100 - 48;
        let pins = self.truth.keeps.is_none() && self.truth.followers > 10_000.0;
        let best = candidates.max_by(|a, b| self.post(*a).final_views().total_cmp(&self.post(*b).final_views()));
        best.filter(|_| pins)
    }
}

fn days_since_epoch(at: Timestamp) -> f64 {
    (at.as_second() - EPOCH) as f64 / SECONDS_A_DAY
}

fn count(value: f64) -> Option<Count> {
    Count::exact(value.round().max(0.0) as u64).ok()
}
