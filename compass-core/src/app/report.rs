//! Report: what the kept observations say of a creator.

use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit};

use crate::{
    Handle, Profile,
    analytics::{CreatorReport, EngagementFigures, ReportOptions, Subject},
    ports::{CreatorStore, RecentLooks, Recently, StoreError, VideoPage},
};

/// The most posts that a report reads, newest first.
const MOST_VIDEOS: u32 = 10_000;

/// Looks at posts before this do not matter to how their views grow now; of older posts the newest look is enough.
const GROWING: SignedDuration = SignedDuration::from_hours(60 * 24);

/// Everything that a report of one creator as of a moment is made of; `None` if nothing of the account was observed by then.
///
/// [`Subject::report`] takes milliseconds of computing: a host may do it where that holds nobody up.
///
/// # Errors
/// [`StoreError`] if the store fails.
pub async fn subject(
    creators: &dyn CreatorStore,
    handle: &Handle,
    as_of: Timestamp,
) -> Result<Option<Subject>, StoreError> {
    match creators.find(handle).await? {
        Some(profile) => subject_of(creators, profile, as_of).await,
        None => Ok(None),
    }
}

/// The same of an account that was found.
pub(super) async fn subject_of(
    creators: &dyn CreatorStore,
    profile: Profile,
    as_of: Timestamp,
) -> Result<Option<Subject>, StoreError> {
    let history = creators.history(profile.id, Timestamp::MIN, as_of).await?;
    let mut videos = creators.videos(profile.id, as_of, VideoPage::first(MOST_VIDEOS)).await?;
    let since = as_of.checked_sub(GROWING).unwrap_or(Timestamp::MIN);
    videos.extend(creators.video_observations(profile.id, since, as_of).await?);
    Ok((!history.is_empty() || !videos.is_empty()).then(|| Subject::new(profile, history, videos)))
}

/// The report of one creator as of a moment; `None` if nothing of the account was observed by then.
///
/// # Errors
/// [`StoreError`] if the store fails.
pub async fn report(
    creators: &dyn CreatorStore,
    handle: &Handle,
    as_of: Timestamp,
    options: &ReportOptions,
) -> Result<Option<CreatorReport>, StoreError> {
    Ok(subject(creators, handle, as_of).await?.map(|subject| subject.report(as_of, options)))
}

/// The engagement rates of one creator as of a moment, without the rest of the report, from the posts of the window alone;
/// `None` if nothing of the account was observed by then.
///
/// Without `as_of` they are as of [`settled`].
///
/// # Errors
/// [`StoreError`] if the store fails.
pub async fn engagement(
    creators: &dyn CreatorStore,
    handle: &Handle,
    as_of: Option<Timestamp>,
    now: Timestamp,
    options: &ReportOptions,
) -> Result<Option<EngagementFigures>, StoreError> {
    let recently = Recently {
        until: as_of.unwrap_or(now),
        at_least: as_of.unwrap_or_else(|| settled(now, None)),
        min_age: options.window.min_age,
        posts: u32::try_from(options.window.posts).unwrap_or(u32::MAX),
    };
    let RecentLooks { account, posts } = creators.recent(handle, recently).await?;
    let as_of = as_of.unwrap_or_else(|| settled(now, account.last().map(|newest| newest.observed_at)));
    let is_known = !account.is_empty() || !posts.is_empty() || has_posts(creators, handle, as_of).await?;
    Ok(is_known.then(|| EngagementFigures::new(handle.clone(), &account, &posts, as_of, options)))
}

/// Whether any post of the account was observed by then, even if it was young.
async fn has_posts(creators: &dyn CreatorStore, handle: &Handle, as_of: Timestamp) -> Result<bool, StoreError> {
    let Some(profile) = creators.find(handle).await? else { return Ok(false) };
    Ok(!creators.videos(profile.id, as_of, VideoPage::first(1)).await?.is_empty())
}

/// The latest moment that says the same as now, up to the hour, of an account that was last observed at `newest`.
#[must_use]
pub fn settled(now: Timestamp, newest: Option<Timestamp>) -> Timestamp {
    let to_the_hour = TimestampRound::new().smallest(Unit::Hour).mode(RoundMode::Floor);
    let hour = now.round(to_the_hour).unwrap_or(now);
    newest.map_or(hour, |newest| newest.max(hour))
}
