//! When an account is looked at again: often while a post is young, seldom when nothing moves any more.

use jiff::{SignedDuration, Timestamp};

use crate::CreatorId;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// While the newest post is younger than the first, there is a look each of the second.
const STEPS: [(SignedDuration, SignedDuration); 2] =
    [(SignedDuration::from_hours(10 * 24), SignedDuration::from_hours(3)), (SignedDuration::from_hours(60 * 24), DAY)];

/// How often an account is looked at whose newest post is older, or that has none.
const AFTERWARDS: SignedDuration = SignedDuration::from_hours(7 * 24);

/// For how long an account is scheduled after somebody last asked for it, or last named it in the preferences.
pub const INTEREST: SignedDuration = SignedDuration::from_hours(8 * 7 * 24);

/// When an account is looked at next, that was looked at now: in 3 hours while its newest post is younger than 10 days, in
/// a day until that is 60 days old, and otherwise in a week. A tenth of that time more or less, by the account and the
/// moment, keeps accounts from coming all at once; `not_before`, the end of a host's pause, goes before all.
///
/// ```
/// use compass_core::{CreatorId, schedule::next_look};
///
/// let account = CreatorId::parse("6800000000000000001")?;
/// let now = "2026-05-01T12:00:00Z".parse()?;
/// let posted = "2026-04-30T18:00:00Z".parse()?;
/// let next = next_look(account, Some(posted), now, None);
/// assert!(("2026-05-01T14:42:00Z".parse()?..="2026-05-01T15:18:00Z".parse()?).contains(&next));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn next_look(
    account: CreatorId,
    newest_post: Option<Timestamp>,
    now: Timestamp,
    not_before: Option<Timestamp>,
) -> Timestamp {
    let young = |limit: SignedDuration| newest_post.is_some_and(|posted| now.duration_since(posted) < limit);
    let interval = STEPS.into_iter().find(|(limit, _)| young(*limit)).map_or(AFTERWARDS, |(_, interval)| interval);
    let due = now.saturating_add(jittered(interval, account, now)).expect("a signed duration never fails to be added");
    not_before.map_or(due, |not_before| due.max(not_before))
}

/// From 90 % to 110 % of an interval, in whole seconds: the chance is SplitMix64 of the account's id and the second.
fn jittered(interval: SignedDuration, account: CreatorId, now: Timestamp) -> SignedDuration {
    let seconds = u64::try_from(interval.as_secs()).expect("intervals are positive");
    let chance = split_mix(account.get().wrapping_add(now.as_second().cast_unsigned()));
    let least = seconds - seconds / 10;
    SignedDuration::from_secs((least + chance % (seconds / 5 + 1)).cast_signed())
}

/// One step of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
fn split_mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
