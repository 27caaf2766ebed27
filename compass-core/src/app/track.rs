//! Track: a person names the account and the audience.

use super::request_refresh;
use crate::{
    Job, Preferences, UserId,
    ports::{AccountStore, Clock, CreatorStore, JobStore, Random, StoreError},
};

/// Saves what a person asked for. An account that was never looked at gets its first refresh: the job is given.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such user; otherwise [`StoreError`] if a store fails.
pub async fn track(
    accounts: &dyn AccountStore,
    creators: &dyn CreatorStore,
    jobs: &dyn JobStore,
    clock: &dyn Clock,
    random: &dyn Random,
    user: UserId,
    preferences: &Preferences,
) -> Result<Option<Job>, StoreError> {
    accounts.save_preferences(user, preferences).await?;
    let Some(handle) = &preferences.handle else {
        return Ok(None);
    };
    if creators.find(handle).await?.is_some() {
        return Ok(None);
    }
    request_refresh(jobs, clock, random, handle, Some(user)).await.map(Some)
}
