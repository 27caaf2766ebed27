//! When followers began to follow: counted by day as they stream by, since their names are not kept.

use std::collections::BTreeMap;

use jiff::{civil::Date, tz::Offset};

use super::loose::Loose;

/// Followers by the day (UTC) on which they began to follow.
#[derive(Debug, Default)]
pub(super) struct Fans {
    pub(super) days: BTreeMap<Date, u64>,
    /// Those who have no day.
    pub(super) undated: u64,
}

impl Fans {
    /// Adds a follower; `None` stands for what is no object.
    pub(super) fn add(&mut self, fan: Option<[Loose; 1]>) {
        let day = fan.and_then(|[date]| date.moment()).map(|at| Offset::UTC.to_datetime(at).date());
        // Other years are nobody's, and would let the days grow without end.
        match day.filter(|day| (2014..2100).contains(&day.year())) {
            Some(day) => *self.days.entry(day).or_default() += 1,
            None => self.undated += 1,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.days.is_empty() && self.undated == 0
    }
}
