//! The sample creators' history, so that the first look at the service has something to show.

use compass_core::{
    CreatorId,
    ports::{CreatorStore, StoreError},
    samples::World,
};
use jiff::{Timestamp, ToSpan as _};

/// Days of history that each sample creator gets.
pub(crate) const DAYS: u32 = 90;

/// Whether an account is one of the sample creators.
pub(crate) fn is_sample(account: CreatorId) -> bool {
    World::standard().creators().iter().any(|creator| creator.profile().id == account)
}

/// Gives an empty store the sample creators with [`DAYS`] days of history; `false` if it has what it needs.
///
/// A seeding that was broken off is taken up again and gives what it would have given: the first observation that is
/// kept tells when it was begun, and recording an observation twice is harmless.
pub(crate) async fn seed(creators: &dyn CreatorStore, now: Timestamp) -> Result<bool, StoreError> {
    let world = World::standard();
    let mut begun = None;
    let mut complete = true;
    for creator in world.creators() {
        let history = match creators.find(creator.handle()).await? {
            Some(profile) => creators.history(profile.id, Timestamp::MIN, now).await?,
            None => Vec::new(),
        };
        begun = begun.or_else(|| history.first().map(|first| first.observed_at));
        complete &= history.len() >= DAYS as usize;
    }
    let somebody_elses = begun.is_none() && !creators.list().await?.is_empty();
    if complete || somebody_elses {
        return Ok(false);
    }
    let until = begun.map_or(now, |first| now.min(first + (i64::from(DAYS - 1) * 24).hours()));
    for creator in world.creators() {
        for snapshot in creator.history(until, DAYS) {
            creators.record(&snapshot).await?;
        }
    }
    Ok(true)
}
