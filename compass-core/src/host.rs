//! Hosts that answer with a block: how long one is left alone, and what a visit says of it.

use std::time::Duration;

use jiff::Timestamp;

use crate::{Failure, Snapshot, SourceKind, ports::SourceError};

const QUARTER_HOUR: Duration = Duration::from_secs(15 * 60);
const TWO_HOURS: Duration = Duration::from_secs(2 * 60 * 60);

/// No host is left alone for longer, whatever it asks for.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A look at an account that its host let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The host, as [`ProfileSource::host`](crate::ports::ProfileSource::host) names it.
    pub host: String,
    /// When it began.
    pub since: Timestamp,
}

/// An answer that tells a visitor to stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What the visit met.
    pub cause: Failure,
    /// The host is left alone for at least this long; more than a day counts as a day.
    pub least: Duration,
}

impl Block {
    /// The block that an outcome is; `None` if it is none.
    ///
    /// ```
    /// use std::time::Duration;
    /// use compass_core::{Block, ports::SourceError};
    ///
    /// let limited = SourceError::RateLimited { retry_after: Some(Duration::from_secs(3_600)) };
    /// assert_eq!(Block::of(&limited).unwrap().least, Duration::from_secs(3_600));
    /// assert_eq!(Block::of(&SourceError::Private), None);
    /// ```
    #[must_use]
    pub fn of(outcome: &SourceError) -> Option<Self> {
        let least = match outcome {
            SourceError::RateLimited { retry_after } => QUARTER_HOUR.max(retry_after.unwrap_or_default()),
            SourceError::ParameterBlock => TWO_HOURS,
            SourceError::CaptchaRequired
            | SourceError::WafChallenge
            | SourceError::ShellPage { .. }
            | SourceError::EmptyResponse
            | SourceError::Forbidden { .. } => QUARTER_HOUR,
            _ => return None,
        };
        Some(Self { cause: outcome.failure(), least })
    }
}

/// The blocks in a row that a host has answered with. The first good answer ends the row.
///
/// ```
/// use std::time::Duration;
/// use compass_core::{Block, HostBlocks, Visit, ports::SourceError};
///
/// let noon = "2026-05-01T12:00:00Z".parse()?;
/// let visit = Visit { host: "www.tiktok.com".to_owned(), since: noon };
/// let captcha = Block { cause: SourceError::CaptchaRequired.failure(), least: Duration::ZERO };
/// let blocks = HostBlocks::after(None, &visit, &captcha, noon);
/// assert_eq!((blocks.count, blocks.until), (1, "2026-05-01T12:15:00Z".parse()?));
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostBlocks {
    /// The host.
    pub host: String,
    /// How many, from 1.
    pub count: u32,
    /// When the first came.
    pub since: Timestamp,
    /// When the last came.
    pub last: Timestamp,
    /// Until then nobody asks the host.
    pub until: Timestamp,
    /// What the last one was.
    pub cause: Failure,
}

impl HostBlocks {
    /// The row with one more block, which a visit met at `now`.
    ///
    /// Visits that were under way when a block came see the same one: it counts once, however many of them meet it.
    #[must_use]
    pub fn after(earlier: Option<&Self>, visit: &Visit, block: &Block, now: Timestamp) -> Self {
        // A clock that was set back during the visit does not make it one of before the block.
        let now = now.max(visit.since);
        let (count, since) = match earlier {
            None => (1, now),
            Some(row) if visit.since > row.last => (row.count.saturating_add(1), row.since),
            Some(row) => (row.count, row.since),
        };
        let until = now + pause(count, block.least);
        Self {
            host: visit.host.clone(),
            count,
            since,
            last: earlier.map_or(now, |row| row.last.max(now)),
            until: earlier.map_or(until, |row| row.until.max(until)),
            cause: block.cause.clone(),
        }
    }

    /// Whether its pause ends later than any can: it was made when the clock was ahead, and says nothing any more.
    #[must_use]
    pub fn is_of_another_time(&self, now: Timestamp) -> bool {
        self.until > now + DAY
    }

    /// Whether a visit with a good answer ends the row: not one that began before the last block.
    #[must_use]
    pub fn ended_by(&self, visit: &Visit) -> bool {
        visit.since > self.last
    }
}

/// What a visit's outcome says of the host, if it was asked at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostAnswer {
    /// It shows pages as ever, be it that an account is not there.
    Good,
    /// It wants to be left alone.
    Block(Block),
    /// Nothing for sure: the visit failed at something else, or may have been turned away.
    Unclear,
}

impl HostAnswer {
    /// Reads it from what a source of that kind answered.
    #[must_use]
    pub fn of(source: SourceKind, outcome: &Result<Snapshot, SourceError>) -> Self {
        match outcome {
            // What asks for a script to run says nothing to a source that runs none; a browser may pass.
            Err(SourceError::WafChallenge | SourceError::ShellPage { .. }) if source == SourceKind::Page => {
                Self::Unclear
            }
            Ok(snapshot) => snapshot.block.clone().map_or(Self::Good, Self::Block),
            Err(
                SourceError::NotFound(_)
                | SourceError::Private
                | SourceError::AudienceControlled
                | SourceError::VideoUnavailable { .. }
                | SourceError::AccessRevoked { .. }
                | SourceError::ScopeMissing { .. }
                | SourceError::SuspectValue { .. },
            ) => Self::Good,
            Err(error) => Block::of(error).map_or(Self::Unclear, Self::Block),
        }
    }
}

/// A quarter of an hour, doubled with each block in a row, up to a day; never less than `least`, but for that day.
fn pause(count: u32, least: Duration) -> Duration {
    let doublings = count.saturating_sub(1).min(31);
    QUARTER_HOUR.saturating_mul(1 << doublings).max(least).min(DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(n: u64) -> Duration {
        Duration::from_secs(60 * n)
    }

    #[test]
    fn pause_doubles_from_a_quarter_of_an_hour_to_a_day() {
        let pauses: Vec<Duration> = (1..=9).map(|count| pause(count, Duration::ZERO)).collect();
        assert_eq!(pauses, [15, 30, 60, 120, 240, 480, 960, 1_440, 1_440].map(minutes));
        assert_eq!(pause(u32::MAX, Duration::ZERO), minutes(1_440));
    }

    #[test]
    fn pause_is_as_long_as_the_block_asks_for_up_to_a_day() {
        assert_eq!(pause(1, minutes(120)), minutes(120));
        assert_eq!(pause(5, minutes(120)), minutes(240), "the doubling has overtaken it");
        assert_eq!(pause(1, Duration::MAX), minutes(1_440));
    }
}
