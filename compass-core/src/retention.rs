//! For how long what is of people, or of no more use, is kept.

use jiff::{SignedDuration, Timestamp};

/// For how long each kind of thing is kept after it was of use.
///
/// ```
/// use compass_core::RetentionPolicy;
/// use jiff::SignedDuration;
///
/// let strict = RetentionPolicy { clients: SignedDuration::from_hours(24), ..RetentionPolicy::default() };
/// assert_eq!(strict.jobs, SignedDuration::from_hours(30 * 24));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionPolicy {
    /// Sign-ins that nobody finished, after they expired.
    pub sign_ins: SignedDuration,
    /// Refresh tokens of sessions that were ended, after the end. While a session is open its used tokens stay: they tell a thief.
    pub tokens_of_ended_sessions: SignedDuration,
    /// Refresh tokens after they expired.
    pub expired_tokens: SignedDuration,
    /// Sessions, after they ended or expired.
    pub sessions: SignedDuration,
    /// Addresses and names of browsers, after they were last seen.
    pub clients: SignedDuration,
    /// Jobs with their events, after they ended.
    pub jobs: SignedDuration,
    /// Audit events; their addresses go with those of `clients`.
    pub audit: SignedDuration,
}

impl Default for RetentionPolicy {
    /// 7 days for sign-ins, an hour for tokens of ended sessions, a year for audit events, 30 days for the rest.
    fn default() -> Self {
        let days = |days: i64| SignedDuration::from_hours(24 * days);
        Self {
            sign_ins: days(7),
            tokens_of_ended_sessions: SignedDuration::from_hours(1),
            expired_tokens: days(30),
            sessions: days(30),
            clients: days(30),
            jobs: days(30),
            audit: days(365),
        }
    }
}

impl RetentionPolicy {
    /// The moment before which something is forgotten at `now` that is kept for so long.
    #[must_use]
    pub fn cutoff(now: Timestamp, kept: SignedDuration) -> Timestamp {
        now.checked_sub(kept).unwrap_or(Timestamp::MIN)
    }
}

/// How many of each a run of retention has forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Sign-ins.
    pub sign_ins: u64,
    /// Refresh tokens; those that go with their sessions are not counted.
    pub tokens: u64,
    /// Sessions.
    pub sessions: u64,
    /// Sessions and audit events that lost their address.
    pub clients: u64,
    /// Jobs.
    pub jobs: u64,
    /// Audit events.
    pub audit: u64,
}
