//! Scheduler: accounts that somebody tracks are looked at again and again.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;

use super::readable;
use crate::{
    Handle, Job, JobId, NewJob,
    ports::{AccountStore, Clock, CreatorStore, JobEnd, JobStore, Random, StoreError, VideoPage, new_uuid},
    schedule::{INTEREST, next_look},
};

/// How many accounts are read at a time.
const PAGE: u32 = 500;

/// Keeps accounts scheduled: those that somebody's preferences name, and those that somebody asked for in the last eight
/// weeks ([`INTEREST`]).
///
/// A job that ends well brings the account's next one with it. What is lost to that chain, as an account whose look
/// failed for good or that was imported, [`sweep`](Self::sweep) takes up again if somebody's preferences name it.
#[derive(Clone, Debug)]
pub struct Scheduler {
    /// Says which accounts people name.
    pub accounts: Arc<dyn AccountStore>,
    /// Says how old an account's newest post is.
    pub creators: Arc<dyn CreatorStore>,
    /// Where jobs go.
    pub jobs: Arc<dyn JobStore>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub random: Arc<dyn Random>,
}

/// What came of a [sweep](Scheduler::sweep).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// How many accounts somebody's preferences name.
    pub accounts: u64,
    /// What is kept of some of them and cannot be understood, in the store's words.
    pub unread: BTreeSet<String>,
}

impl Scheduler {
    /// Gives every account that somebody's preferences name an open job. An account that was seen is due by its last look,
    /// one that never was is due now; both by the schedule, behind all that people ask for. So is one of which what is kept
    /// cannot be understood ([`StoreError::Corrupt`]): a new look may mend that, and it is in nobody's way. To be called at
    /// the start and once a day, by one process or by many.
    ///
    /// # Errors
    /// [`StoreError`] if a store fails.
    pub async fn sweep(&self) -> Result<Swept, StoreError> {
        let mut swept = Swept::default();
        let mut after = None;
        loop {
            let named = self.accounts.tracked(after, PAGE).await?;
            for handle in &named {
                let now = self.clock.now();
                let due = readable(self.due(handle, None, Some(now)).await, &mut swept.unread)?.flatten();
                let job = NewJob { id: self.id(now), handle: handle.clone(), requested_by: None, at: now };
                readable(self.jobs.schedule(&job, due.unwrap_or(now)).await, &mut swept.unread)?;
                swept.accounts += 1;
            }
            match named.into_iter().next_back() {
                Some(last) => after = Some(last),
                None => return Ok(swept),
            }
        }
    }

    /// How a job ends that succeeded: with the account's next look, unless nobody has asked for it for too long. Whoever asked while
    /// it ran counts. An account of which what is kept cannot be understood has none before the next sweep.
    ///
    /// # Errors
    /// [`StoreError`] if a store fails.
    pub(super) async fn success(&self, job: &Job, not_before: Option<Timestamp>) -> Result<JobEnd, StoreError> {
        let now = self.clock.now();
        let asked_at = self.jobs.find(job.id).await?.map_or(job.asked_at, |kept| kept.asked_at);
        if now.duration_since(asked_at) > INTEREST {
            return Ok(JobEnd::Succeeded);
        }
        // To look again because of it would show the same.
        let due = readable(self.due(&job.handle, Some(now), not_before).await, &mut BTreeSet::new())?.flatten();
        Ok(due.map_or(JobEnd::Succeeded, |due| JobEnd::SucceededWithNext { next: self.id(now), due }))
    }

    /// When the account is due that was looked at then, or when it was last; `None` if it was never seen.
    async fn due(
        &self,
        handle: &Handle,
        looked: Option<Timestamp>,
        not_before: Option<Timestamp>,
    ) -> Result<Option<Timestamp>, StoreError> {
        let Some(profile) = self.creators.find(handle).await? else { return Ok(None) };
        let now = self.clock.now();
        let newest = self.creators.videos(profile.id, now, VideoPage::first(1)).await?;
        let newest = newest.first().map(|post| post.video.created_at);
        let looked = match looked {
            Some(looked) => looked,
            None => self.creators.latest(profile.id, now).await?.map_or(now, |last| last.observed_at),
        };
        Ok(Some(next_look(profile.id, newest, looked, not_before)))
    }

    fn id(&self, now: Timestamp) -> JobId {
        JobId(new_uuid(&*self.random, now))
    }
}
