//! What a creator is drawn from.

use std::ops::Range;

use jiff::{Timestamp, tz::TimeZone};

use super::{FollowerPlan, Growth, Shape};
use crate::analytics::Counter;

/// A distribution of creators. The default has no effect planted: every claim about it is false.
///
/// All lifts are natural logarithms: 0.4 is half as much again.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The moment of the newest look, UTC.
    pub as_of: Timestamp,
    /// How many posts are drawn, newest first.
    pub posts: usize,
    /// Mean posts a week.
    pub posts_per_week: f64,
    /// How even the gaps are: Erlang with this shape, in the time that the habit leaves. 1 is a Poisson process.
    pub evenness: u32,
    /// When the creator posts.
    pub habit: Habit,
    /// The zone of the habit and of the lifts by hour and weekday.
    pub zone: TimeZone,
    /// Median final views, without lifts, at `as_of`.
    pub views: f64,
    /// Standard deviation of ln of final views.
    pub views_spread: f64,
    /// The shape of ln of final views.
    pub views_shape: Shape,
    /// Correlation of ln views of a post with those of the one before.
    pub persistence: f64,
    /// Change of ln of the level in a year.
    pub drift: f64,
    /// Lift of each block of three hours by the time of posting: 0:00 to 2:59, 3:00 to 5:59...
    pub hour_lift: [f64; 8],
    /// Lift of each weekday, Monday first.
    pub weekday_lift: [f64; 7],
    /// Hashtags, sounds, lengths and photo posts, each with its lift.
    pub features: Vec<Feature>,
    /// Posts that are multiplied.
    pub breakouts: Vec<Breakout>,
    /// Median of (likes + comments + shares) / views.
    pub rate: f64,
    /// Standard deviation of ln of the rate.
    pub rate_spread: f64,
    /// The shape of ln of the rate.
    pub rate_shape: Shape,
    /// Weight of the post's own ln views in ln of its rate, from -1 to 1; the correlation if both shapes are normal.
    pub rate_with_views: f64,
    /// How views come in; `None` shows the final views at once.
    pub growth: Option<Growth>,
    /// When the posts were looked at, in days before `as_of`; the profile is looked at then, too.
    pub looks: Vec<f64>,
    /// Whether counters are rounded as TikTok rounds them.
    pub rounded: bool,
    /// Counters that the source hides, and the share of posts that hide them.
    pub hidden: Vec<(Counter, f64)>,
    /// Posts pinned in every look, by their place, the newest post being 0.
    pub pinned: Vec<usize>,
    /// Posts that vanish.
    pub deleted: Vec<Deleted>,
    /// The account's followers.
    pub followers: FollowerPlan,
}

/// How often the creator posts at each hour of the day and on each weekday, in proportion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Habit {
    /// By hour of the day.
    pub hours: [f64; 24],
    /// By weekday, Monday first.
    pub weekdays: [f64; 7],
}

/// Something that some posts have.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// What it is.
    pub what: What,
    /// ln of what it multiplies views by.
    pub lift: f64,
    /// Which posts have it.
    pub usage: Usage,
}

/// What a feature is. A post has one sound and one length: where two would meet, the earlier in the plan stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A hashtag, without `#`.
    Hashtag(String),
    /// A sound's id.
    Sound(String),
    /// A length in seconds.
    Length(Range<u32>),
    /// Pictures instead of a film.
    Photo,
}

/// Which posts have a feature.
#[derive(Clone, Debug, PartialEq)]
pub enum Usage {
    /// Each post by chance.
    Share(f64),
    /// Each post that has another feature of the plan, by chance: an index below this one's own.
    With(usize, f64),
    /// A run in time: from one share of the posts to another, oldest 0 and newest 1.
    Run(Range<f64>),
}

/// A post whose views are multiplied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Breakout {
    /// Its place, the newest post being 0.
    pub post: usize,
    /// What its views are multiplied by; below 1 for a flop.
    pub times: f64,
}

/// A post that later looks do not show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Deleted {
    /// Its place, the newest post being 0.
    pub post: usize,
    /// When it vanished, in days before `as_of`.
    pub days_ago: f64,
}

impl Habit {
    /// At any time alike.
    pub const ANY_TIME: Self = Self { hours: [1.0; 24], weekdays: [1.0; 7] };

    /// In waking hours, most often in the evening, and a little more at the end of the week.
    pub const EVENINGS: Self = Self {
        hours: [
            0.4, 0.1, 0.0, 0.0, 0.0, 0.0, 0.3, 0.6, 1.0, 1.0, 1.0, 1.2, 1.5, 1.2, 1.0, 1.0, 1.5, 2.0, 3.0, 3.5, 3.0,
            2.5, 1.5, 0.8,
        ],
        weekdays: [1.0, 1.0, 1.0, 1.0, 1.3, 1.4, 1.2],
    };
}

impl Default for Plan {
    /// Sixty posts at a steady level with nothing to find, all seen once at their final views.
    fn default() -> Self {
        Self {
            as_of: "2026-05-01T00:00:00Z".parse().expect("the moment is well formed"),
            posts: 60,
            posts_per_week: 4.0,
            evenness: 2,
            habit: Habit::EVENINGS,
            zone: TimeZone::UTC,
            views: 20_000.0,
            views_spread: 0.9,
            views_shape: Shape::Normal,
            persistence: 0.0,
            drift: 0.0,
            hour_lift: [0.0; 8],
            weekday_lift: [0.0; 7],
            features: Vec::new(),
            breakouts: Vec::new(),
            rate: 0.07,
            rate_spread: 0.35,
            rate_shape: Shape::Normal,
            rate_with_views: 0.0,
            growth: None,
            looks: vec![0.0],
            rounded: false,
            hidden: Vec::new(),
            pinned: Vec::new(),
            deleted: Vec::new(),
            followers: FollowerPlan::default(),
        }
    }
}
