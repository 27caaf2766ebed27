//! Report: what the kept observations say of a creator.

use jiff::{SignedDuration, Timestamp};

use crate::{
    Handle,
    analytics::{CreatorReport, ReportOptions, creator_report},
    ports::{CreatorStore, StoreError, VideoPage},
};

/// The most posts that a report reads, newest first.
const MOST_VIDEOS: u32 = 10_000;

/// Looks at posts before this do not matter to how their views grow now; of older posts the newest look is enough.
const GROWING: SignedDuration = SignedDuration::from_hours(60 * 24);

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
    let Some(profile) = creators.find(handle).await? else {
        return Ok(None);
    };
    let history = creators.history(profile.id, Timestamp::MIN, as_of).await?;
    let mut videos = creators.videos(profile.id, as_of, VideoPage::first(MOST_VIDEOS)).await?;
    let since = as_of.checked_sub(GROWING).unwrap_or(Timestamp::MIN);
    videos.extend(creators.video_observations(profile.id, since, as_of).await?);
    if history.is_empty() && videos.is_empty() {
        return Ok(None);
    }
    Ok(Some(creator_report(&profile, &history, &videos, as_of, options)))
}
