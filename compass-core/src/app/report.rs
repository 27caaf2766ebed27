//! Report: what the kept observations say of a creator.

use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, Unit};

use crate::{
    Handle, VideoObservation,
    analytics::{CreatorReport, EngagementFigures, ReportOptions, Subject},
    ports::{CreatorStore, StoreError, VideoPage},
};

/// The most posts that a report reads, newest first.
const MOST_VIDEOS: u32 = 10_000;

/// So many posts more than the window has are read at first.
const YOUNG: u32 = 20;

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
    let Some(profile) = creators.find(handle).await? else {
        return Ok(None);
    };
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
    let Some(profile) = creators.find(handle).await? else {
        return Ok(None);
    };
    let history = creators.history(profile.id, Timestamp::MIN, as_of.unwrap_or(now)).await?;
    let as_of = as_of.unwrap_or_else(|| settled(now, history.last().map(|newest| newest.observed_at)));
    let mut videos: Vec<VideoObservation> = Vec::new();
    loop {
        // The newest posts are often too young for the window.
        let limit = u32::try_from(options.window.posts).unwrap_or(MOST_VIDEOS).saturating_add(YOUNG).min(MOST_VIDEOS);
        let after = videos.last().map(|last| (last.video.created_at, last.video.id));
        let page = creators.videos(profile.id, as_of, VideoPage { after, limit }).await?;
        let is_last = page.len() < limit as usize;
        videos.extend(page);
        let old_enough = videos
            .iter()
            .filter(|look| look.observed_at.duration_since(look.video.created_at) >= options.window.min_age);
        if is_last || old_enough.count() >= options.window.posts {
            break;
        }
    }
    let is_known = !history.is_empty() || !videos.is_empty();
    Ok(is_known.then(|| EngagementFigures::new(profile.handle, &history, &videos, as_of, options)))
}

/// The latest moment that says the same as now, up to the hour, of an account that was last observed at `newest`.
#[must_use]
pub fn settled(now: Timestamp, newest: Option<Timestamp>) -> Timestamp {
    let to_the_hour = TimestampRound::new().smallest(Unit::Hour).mode(RoundMode::Floor);
    let hour = now.round(to_the_hour).unwrap_or(now);
    newest.map_or(hour, |newest| newest.max(hour))
}
