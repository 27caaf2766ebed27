//! How the follower count moves.

use jiff::Timestamp;

use super::{DailySeries, Level};
use crate::{AccountLook, Count};

const SECONDS_A_DAY: i64 = 86_400;

/// A snapshot further than this from a posting does not tell the followers at posting.
const NEAR: i64 = 3 * SECONDS_A_DAY;

/// The follower counts that were observed, oldest first.
#[derive(Debug)]
pub(super) struct FollowerSeries {
    points: Vec<(i64, Count)>,
}

/// Followers around a moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct FollowersAt {
    pub(super) followers: f64,
    /// Whether the observation is near the moment.
    pub(super) at_the_time: bool,
}

impl FollowerSeries {
    pub(super) fn new(history: &[AccountLook]) -> Self {
        let mut points: Vec<(i64, Count)> =
            history.iter().filter_map(|o| o.counts.followers.map(|f| (o.observed_at.as_second(), f))).collect();
        points.sort_by_key(|&(at, _)| at);
        // Of two looks at one moment the later one counts.
        points.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                *kept = *later;
            }
            same
        });
        Self { points }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    pub(super) fn latest(&self) -> Option<u64> {
        self.points.last().map(|(_, count)| count.midpoint())
    }

    /// The observation nearest to a moment.
    pub(super) fn at(&self, second: i64) -> Option<FollowersAt> {
        let after = self.points.partition_point(|&(at, _)| at < second);
        let nearest = self.points[after.saturating_sub(1)..].iter().take(2);
        let (at, count) = nearest.min_by_key(|(at, _)| at.abs_diff(second))?;
        Some(FollowersAt {
            followers: count.midpoint() as f64,
            at_the_time: at.abs_diff(second) <= NEAR.unsigned_abs(),
        })
    }
}

/// Followers, likes and posts, day by day.
pub(super) fn levels(history: &[AccountLook]) -> [DailySeries; 3] {
    let series = |level| DailySeries::new(history.iter().copied(), level, Timestamp::MAX);
    [Level::Followers, Level::Likes, Level::Videos].map(series)
}
