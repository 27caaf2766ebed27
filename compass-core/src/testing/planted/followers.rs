//! The follower count of a planted creator, day by day.

use jiff::{Timestamp, tz::TimeZone};

use super::{Shape, draw::Draw};

/// How the follower count moves. Gains are followers a day and may be negative; the count stays at 0 or above.
#[derive(Clone, Debug, PartialEq)]
pub struct FollowerPlan {
    /// Followers at the plan's moment.
    pub now: f64,
    /// How many days there are, the plan's moment being the last: one look a day at the profile.
    pub days: usize,
    /// Mean gain a day.
    pub gain: f64,
    /// Added to the gain on each weekday (UTC), Monday first.
    pub weekly: [f64; 7],
    /// Standard deviation of a day's gain.
    pub spread: f64,
    /// The shape of a day's gain.
    pub shape: Shape,
    /// Correlation of a day's gain with that of the day before.
    pub persistence: f64,
    /// Standard deviation of what a look is off the true count by, independent from look to look.
    pub wobble: f64,
    /// Days from which on the mean gain is another, in any order.
    pub changes: Vec<Change>,
    /// Days on which followers come, or go, at once: as if bought, or purged.
    pub jumps: Vec<Jump>,
    /// The share of the days, other than the last, on which nobody looked.
    pub missing: f64,
}

/// From some day on, another mean gain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// The first such gain is that of so many days before the plan's moment: 0 is the last gain.
    pub days_ago: usize,
    /// The new mean gain a day.
    pub gain: f64,
}

/// Followers that come at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Jump {
    /// The gain that it is part of is that of so many days before the plan's moment.
    pub days_ago: usize,
    /// How many; negative if they go.
    pub followers: f64,
}

impl Default for FollowerPlan {
    /// Fifty thousand, looked at once.
    fn default() -> Self {
        Self {
            now: 50_000.0,
            days: 1,
            gain: 0.0,
            weekly: [0.0; 7],
            spread: 0.0,
            shape: Shape::Normal,
            persistence: 0.0,
            wobble: 0.0,
            changes: Vec::new(),
            jumps: Vec::new(),
            missing: 0.0,
        }
    }
}

impl FollowerPlan {
    /// The mean gain of a day, without jumps and the weekly pattern.
    #[must_use]
    pub fn gain_at(&self, days_ago: usize) -> f64 {
        let latest = self.changes.iter().filter(|c| c.days_ago >= days_ago).min_by_key(|c| c.days_ago);
        latest.map_or(self.gain, |change| change.gain)
    }

    /// True followers a day, oldest first.
    pub(super) fn draw(&self, as_of: Timestamp, seed: u64) -> Vec<f64> {
        let mut draw = Draw::new("followers", seed);
        let last_weekday = as_of.to_zoned(TimeZone::UTC).date().weekday().to_monday_zero_offset() as usize;
        let mut noise = draw.shaped(self.shape);
        let gains: Vec<f64> = (0..self.days.saturating_sub(1))
            .rev()
            .map(|days_ago| {
                let own = draw.shaped(self.shape);
                noise = self.persistence * noise + (1.0 - self.persistence.powi(2)).sqrt() * own;
                let weekday = (last_weekday + 7 - days_ago % 7) % 7;
                let jumps: f64 = self.jumps.iter().filter(|j| j.days_ago == days_ago).map(|j| j.followers).sum();
                self.gain_at(days_ago) + self.weekly[weekday] + self.spread * noise + jumps
            })
            .collect();
        let mut level = self.now - gains.iter().sum::<f64>();
        let mut levels = vec![level.max(0.0)];
        levels.extend(gains.iter().map(|gain| {
            level += gain;
            level.max(0.0)
        }));
        levels
    }

    /// Which days were looked at, with what the look is off by: days before the plan's moment, oldest first.
    pub(super) fn looked(&self, seed: u64) -> Vec<(usize, f64)> {
        let mut draw = Draw::new("looked", seed);
        let days =
            (0..self.days).rev().map(|days_ago| (days_ago, draw.happens(self.missing), self.wobble * draw.normal()));
        days.filter(|&(days_ago, missed, _)| days_ago == 0 || !missed).map(|(day, _, off)| (day, off)).collect()
    }
}
