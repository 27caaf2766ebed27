//! Days that brought far more followers than any other, with no post to explain them.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{Mark, Standout};
use crate::{VideoId, stats::Robust};

/// A day that brought far more followers than any other, with no breakout on it or in the three days before.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FollowerJump {
    /// The day, UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub day: Date,
    /// Followers gained on it.
    pub gained: f64,
    /// Followers gained on a usual day: the median.
    pub usual: f64,
    /// How many robust standard deviations the day lies above a usual one.
    pub z: f64,
    /// Days that it was compared with.
    pub days: u64,
    /// The posts of that day and of the three days before: none of them broke out.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub posts: Vec<VideoId>,
}

/// The followers gained, or lost, in one day; a day without a look at its begin or its end has none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DayGain {
    /// Days since 1970-01-01, UTC.
    pub day: i64,
    /// Followers at its end, less those at its begin.
    pub change: f64,
}

/// A post that may explain followers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PostOfDay {
    /// Which post.
    pub id: VideoId,
    /// When it was posted, days since 1970-01-01, UTC.
    pub day: i64,
    /// How it did.
    pub standout: Standout,
}

/// A post brings followers on its day and on so many days after it.
const DAYS_OF_A_POST: i64 = 3;

/// With fewer days nothing is far from usual.
const FEWEST_DAYS: usize = 30;

/// A day must lie this many robust standard deviations above the median.
const FAR: f64 = 3.5;

/// One day must exceed the next largest so many times, or two days the third largest so many times.
///
/// Daily changes have heavy tails: at 3.5 robust standard deviations, 70 to 100 % of creators who bought nothing would
/// have a "jump", and no fixed bound serves all tails. In a sample from a tail of index α the ratio of the k-th to the
/// next largest value exceeds r with probability r^(-kα) (Rényi 1953). At α = 2, the heaviest tail with a variance, 7
/// and 3.2 are exceeded in 2.0 % + 0.95 % of creators.
const FAR_ABOVE_THE_NEXT: [f64; 2] = [7.0, 3.2];

/// Finds at most two jumps, in order of time.
///
/// `changes` and `posts` may come in any order. Every post since `posts_known_since` (days since 1970) must be among
/// `posts`. A day is not judged if a post near it broke out or is too young to say, if earlier posts near it are not
/// known, or while the followers that such a day brought ebb away. None with fewer than 30 judged days.
#[must_use]
pub fn follower_jumps(changes: &[DayGain], posts: &[PostOfDay], posts_known_since: i64) -> Vec<FollowerJump> {
    let mut changes: Vec<DayGain> = changes.iter().copied().filter(|c| c.change.is_finite()).collect();
    changes.sort_by_key(|c| c.day);
    changes.dedup_by_key(|c| c.day);
    let mut posts = posts.to_vec();
    posts.sort_by_key(|post| (post.day, post.id));

    let mut judged = unexplained(&changes, &posts, posts_known_since);
    let values: Vec<f64> = judged.iter().map(|c| c.change).collect();
    let Some(usual) = Robust::of(&values).filter(|_| values.len() >= FEWEST_DAYS) else {
        return Vec::new();
    };
    judged.sort_by(|a, b| b.change.total_cmp(&a.change));
    let z = |place: usize| usual.z(judged[place].change);
    let stands_apart =
        |count: usize| z(count - 1) > FAR && z(count - 1) >= FAR_ABOVE_THE_NEXT[count - 1] * z(count).max(1.0);
    let count = (1..=FAR_ABOVE_THE_NEXT.len()).find(|&count| stands_apart(count)).unwrap_or(0);

    let mut jumps = judged[..count].to_vec();
    jumps.sort_by_key(|c| c.day);
    let jump = |c: &DayGain| {
        Some(FollowerJump {
            day: date(c.day)?,
            gained: c.change,
            usual: usual.centre,
            z: usual.z(c.change),
            days: judged.len() as u64,
            posts: near(&posts, c.day).iter().map(|post| post.id).collect(),
        })
    };
    jumps.iter().filter_map(jump).collect()
}

/// The days that no post explains.
fn unexplained(changes: &[DayGain], posts: &[PostOfDay], posts_known_since: i64) -> Vec<DayGain> {
    let mut judged = Vec::with_capacity(changes.len());
    let mut explained_before: Option<DayGain> = None;
    for &today in changes {
        let may_explain = |post: &PostOfDay| post.standout.z.is_none() || post.standout.mark == Some(Mark::Breakout);
        let ebbs = explained_before
            .is_some_and(|before| before.day.checked_add(1) == Some(today.day) && today.change <= before.change);
        let unknown = today.day.saturating_sub(DAYS_OF_A_POST) < posts_known_since;
        if unknown || ebbs || near(posts, today.day).iter().any(may_explain) {
            explained_before = Some(today);
        } else {
            explained_before = None;
            judged.push(today);
        }
    }
    judged
}

/// The posts of a day and of the days before it, out of posts in order of time.
fn near(posts: &[PostOfDay], day: i64) -> &[PostOfDay] {
    let from = posts.partition_point(|post| post.day < day.saturating_sub(DAYS_OF_A_POST));
    let to = posts.partition_point(|post| post.day <= day);
    &posts[from..to]
}

fn date(day: i64) -> Option<Date> {
    let second = day.checked_mul(86_400)?;
    Some(Timestamp::from_second(second).ok()?.to_zoned(TimeZone::UTC).date())
}
