//! Report: what the kept observations say of a creator.

use jiff::Timestamp;

use crate::{
    Handle,
    analytics::{CreatorReport, ReportOptions, creator_report},
    ports::{CreatorStore, StoreError, VideoPage},
};

/// The most posts that a report reads, newest first.
const MOST_VIDEOS: u32 = 10_000;

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
    let videos = creators.videos(profile.id, as_of, VideoPage::first(MOST_VIDEOS)).await?;
    if history.is_empty() && videos.is_empty() {
        return Ok(None);
    }
    Ok(Some(creator_report(&profile, &history, &videos, as_of, options)))
}
