//! Track: a person names the account and the audience.

use super::request_refresh;
use crate::{
    Handle, Job, Preferences, PreferencesChange, UserId,
    ports::{AccountStore, Clock, CreatorStore, JobStore, Random, StoreError},
};

/// Changes what a person asked for, and gives all of it. An account that was never looked at gets its first refresh: the job is given.
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
    change: &PreferencesChange,
) -> Result<(Preferences, Option<Job>), StoreError> {
    let preferences = accounts.change_preferences(user, change).await?;
    let job = match named_unseen(creators, change).await? {
        Some(handle) => Some(request_refresh(jobs, clock, random, handle, Some(user)).await?),
        None => None,
    };
    Ok((preferences, job))
}

/// The account that a change names, if it was never looked at: [`track`] then asks for a look, which a host may bound.
///
/// # Errors
/// [`StoreError`] if the store fails.
pub async fn named_unseen<'c>(
    creators: &dyn CreatorStore,
    change: &'c PreferencesChange,
) -> Result<Option<&'c Handle>, StoreError> {
    match &change.handle {
        Some(Some(handle)) if creators.find(handle).await?.is_none() => Ok(Some(handle)),
        _ => Ok(None),
    }
}
