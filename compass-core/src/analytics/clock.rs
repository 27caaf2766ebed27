//! What the clock on the wall said when a post went out.

use jiff::Timestamp;

use crate::Zone;

pub(super) const HOURS_A_BLOCK: u8 = 3;
pub(super) const BLOCKS: usize = 8;
pub(super) const WEEKDAYS: usize = 7;

/// The local time of a post.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    pub(super) hour: u8,
    pub(super) block: u8,
    /// Monday is 0.
    pub(super) weekday: u8,
}

impl Clock {
    /// Seconds since 1970 that no calendar has are read as its first or last moment.
    pub(super) fn of_all(created: &[i64], zone: &Zone) -> Vec<Self> {
        let rules = zone.rules();
        let edge = |second: i64| if second < 0 { Timestamp::MIN } else { Timestamp::MAX };
        created
            .iter()
            .map(|&second| {
                let local = rules.to_datetime(Timestamp::from_second(second).unwrap_or_else(|_| edge(second)));
                let hour = local.hour().unsigned_abs();
                let weekday = local.weekday().to_monday_zero_offset().unsigned_abs();
                Self { hour, block: hour / HOURS_A_BLOCK, weekday }
            })
            .collect()
    }
}
