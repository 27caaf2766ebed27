//! Which old observations may go: what is kept is exact for a while, then one a day, then one a week.

use jiff::{SignedDuration, Timestamp};

/// A policy for old observations. Of each post (or profile) and source the last one of a day, later of a week, is kept.
///
/// Days and weeks are those of UTC; a week begins on Monday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thinning {
    /// Younger observations are all kept.
    pub exact: SignedDuration,
    /// Younger ones are kept daily, older ones weekly.
    pub daily: SignedDuration,
}

/// A time in which one observation of each so many microseconds is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Era {
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub to: Timestamp,
    /// A day or a week; the first of all begins on Monday, [`Era::ORIGIN`].
    pub step: SignedDuration,
}

impl Era {
    /// Steps are counted from this moment, a Monday.
    pub const ORIGIN: Timestamp = Timestamp::constant(345_600, 0);

    /// The first moment of the step that holds this one.
    #[must_use]
    pub fn step_of(moment: Timestamp, step: SignedDuration) -> Timestamp {
        let into = moment.duration_since(Self::ORIGIN).as_micros().rem_euclid(step.as_micros().max(1));
        let into = SignedDuration::from_micros(i64::try_from(into).expect("less than a step"));
        moment.checked_sub(into).unwrap_or(Timestamp::MIN)
    }
}

impl Default for Thinning {
    /// Exact for 90 days, daily for a year.
    fn default() -> Self {
        Self { exact: SignedDuration::from_hours(24 * 90), daily: SignedDuration::from_hours(24 * 365) }
    }
}

impl Thinning {
    const DAY: SignedDuration = SignedDuration::from_hours(24);
    const WEEK: SignedDuration = SignedDuration::from_hours(24 * 7);

    /// The two times in which observations are thinned: daily, and weekly from the beginning. Both end with whole days and
    /// weeks, so that what is kept of one is the same whenever it is thinned.
    ///
    /// ```
    /// use compass_core::Thinning;
    ///
    /// let [daily, weekly] = Thinning::default().eras("2026-05-01T12:00:00Z".parse()?);
    /// assert_eq!(daily.to.to_string(), "2026-01-31T00:00:00Z");
    /// assert_eq!(weekly.to.to_string(), "2025-04-28T00:00:00Z");
    /// # Ok::<(), jiff::Error>(())
    /// ```
    #[must_use]
    pub fn eras(&self, now: Timestamp) -> [Era; 2] {
        let before = |age: SignedDuration| now.checked_sub(age).unwrap_or(Timestamp::MIN);
        let exact = Era::step_of(before(self.exact), Self::DAY);
        let daily = Era::step_of(before(self.daily), Self::WEEK).min(exact);
        [Era { from: daily, to: exact, step: Self::DAY }, Era { from: Timestamp::MIN, to: daily, step: Self::WEEK }]
    }
}
