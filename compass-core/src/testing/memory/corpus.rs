//! The corpus in memory.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use jiff::Timestamp;

use super::{MemoryStore, State, no_nul};
use crate::{
    Batch, BatchId, CreatorId, Era, KeptReport, Look, Post, ProfileLook, SourceKind, Thinning, VideoId,
    analytics::{CorpusLook, CorpusTable, CorpusTableBuilder},
    ports::{BatchPlace, Clock as _, CorpusStore, Recorded, StoreError, SystemClock},
};

#[async_trait]
impl CorpusStore for MemoryStore {
    async fn record_batch(&self, id: BatchId, batch: &Batch) -> Result<Recorded, StoreError> {
        self.state().record_batch(id, batch)
    }

    async fn next_batch(
        &self,
        after: Option<BatchPlace>,
        most: u32,
    ) -> Result<Option<(Batch, BatchPlace)>, StoreError> {
        Ok(self.state().next_batch(after, most as usize, self.known_at))
    }

    async fn thin(&self, thinning: &Thinning, now: Timestamp) -> Result<Recorded, StoreError> {
        Ok(self.state().thin(thinning, now))
    }

    async fn corpus_table(&self, as_of: Timestamp) -> Result<CorpusTable, StoreError> {
        let mut builder = CorpusTableBuilder::default();
        for (wording, (creator, look)) in (0..).zip(self.state().videos_known(self.known_at)) {
            if look.observed_at <= as_of {
                builder.describe(*creator, look.video.id, wording, look.video.created_at.as_second());
                let (counters, rounded) = CorpusLook::midpoints(&look.counts);
                builder.observe(&CorpusLook {
                    creator: *creator,
                    video: look.video.id,
                    observed_at: look.observed_at.as_microsecond(),
                    source: look.source,
                    wording,
                    pinned: look.pinned,
                    rounded,
                    counters,
                });
            }
        }
        builder.finish().map_err(|why| StoreError::Corrupt(why.to_string()))
    }
}

impl State {
    fn record_batch(&mut self, id: BatchId, batch: &Batch) -> Result<Recorded, StoreError> {
        if let Some(recorded) = self.batches.get(&id) {
            return Ok(*recorded);
        }
        let observations = batch
            .observations()
            .ok_or_else(|| StoreError::Invalid("an observation of the batch points to no post".to_owned()))?;
        for look in &batch.profiles {
            no_nul(&look.observation.profile.language)?;
        }
        let brought: BTreeSet<CreatorId> = batch.profiles.iter().map(|look| look.observation.profile.id).collect();
        let mut owners: BTreeMap<VideoId, CreatorId> = BTreeMap::new();
        for Post { creator, video } in &batch.posts {
            self.may_keep(*creator, video)?;
            if *owners.entry(video.id).or_insert(*creator) != *creator {
                return Err(StoreError::Conflict(format!("post {} is another account's", video.id)));
            }
            if !brought.contains(creator) && !self.profiles.keys().any(|(known, ..)| known == creator) {
                return Err(StoreError::Invalid(format!("no profile of account {creator} is known or in the batch")));
            }
        }
        let now = SystemClock.now();
        let mut recorded = Recorded::default();
        for ProfileLook { observation, recorded_at } in &batch.profiles {
            recorded.profiles += u64::from(self.keep_profile(observation, recorded_at.unwrap_or(now)));
        }
        for ((creator, observation), Look { recorded_at, .. }) in observations.iter().zip(&batch.looks) {
            recorded.videos += u64::from(self.keep_video(*creator, observation, recorded_at.unwrap_or(now)));
        }
        self.settle_handles();
        self.batches.insert(id, recorded);
        Ok(recorded)
    }

    fn thin(&mut self, thinning: &Thinning, now: Timestamp) -> Recorded {
        let mut thinned = Recorded::default();
        for era in thinning.eras(now) {
            let step = |at: &Timestamp| Era::step_of(*at, era.step);
            let old = |at: &Timestamp| (era.from..era.to).contains(at);
            let keys: Vec<_> = self.profiles.keys().copied().collect();
            for (creator, at, source) in keys.iter().filter(|(_, at, _)| old(at)) {
                let later = |(other, then, by): &(CreatorId, Timestamp, SourceKind)| {
                    other == creator && by == source && then > at && step(then) == step(at)
                };
                if keys.iter().any(later) {
                    self.profiles.remove(&(*creator, *at, *source));
                    self.profile_times.remove(&(*creator, *at, *source));
                    self.say_thinned(*creator, *at, now);
                    thinned.profiles += 1;
                }
            }
            let keys: Vec<_> = self.videos.keys().copied().collect();
            for (video, at, source) in keys.iter().filter(|(_, at, _)| old(at)) {
                let later = |(other, then, by): &(VideoId, Timestamp, SourceKind)| {
                    other == video && by == source && then > at && step(then) == step(at)
                };
                if keys.iter().any(later)
                    && let Some((creator, _)) = self.videos.remove(&(*video, *at, *source))
                {
                    self.look_times.remove(&(*video, *at, *source));
                    self.say_thinned(creator, *at, now);
                    thinned.videos += 1;
                }
            }
        }
        thinned
    }

    /// Marks the reports that were made of an observation which is no longer there.
    fn say_thinned(&mut self, creator: CreatorId, observed_at: Timestamp, now: Timestamp) {
        let of_it = |report: &&mut KeptReport| report.accounts().contains(&creator) && report.as_of >= observed_at;
        for report in self.reports.values_mut().filter(of_it) {
            report.inputs_thinned_at.get_or_insert(now);
        }
        let (first_gone, thinned_at) = self.thinned.entry(creator).or_insert((observed_at, now));
        *first_gone = observed_at.min(*first_gone);
        *thinned_at = SystemClock.now();
    }

    fn next_batch(&self, after: Option<BatchPlace>, most: usize, known: Timestamp) -> Option<(Batch, BatchPlace)> {
        let mut batch = Batch::default();
        let mut place = after;
        let profiles = self.profiles.iter().filter_map(|(&(creator, at, source), observation)| {
            let recorded_at = self.profile_times[&(creator, at, source)];
            let look = ProfileLook { observation: observation.clone(), recorded_at: Some(recorded_at) };
            (recorded_at <= known).then_some((BatchPlace::Profile(creator, at, source), look))
        });
        for (here, look) in profiles.filter(|(here, _)| is_after(here, after)).take(most) {
            batch.profiles.push(look);
            place = Some(here);
        }
        let mut looks: Vec<_> = self.videos.iter().filter(|(key, _)| self.look_times[*key] <= known).collect();
        looks.sort_by_key(|&(&(video, at, source), (creator, _))| (*creator, video, at, source));
        let looks = looks.into_iter().map(|(key, (creator, look))| {
            let &(video, at, source) = key;
            (BatchPlace::Look(*creator, video, at, source), key, *creator, look)
        });
        let room = most - batch.profiles.len();
        for (here, key, creator, look) in looks.filter(|(here, ..)| is_after(here, after)).take(room) {
            let post = Post { creator, video: look.video.clone() };
            let known = batch.posts.iter().rposition(|known| *known == post);
            let index = known.unwrap_or_else(|| {
                batch.posts.push(post);
                batch.posts.len() - 1
            });
            batch.looks.push(Look {
                post: u32::try_from(index).expect("at most `most` posts"),
                observed_at: look.observed_at,
                source: look.source,
                recorded_at: self.look_times.get(key).copied(),
                pinned: look.pinned,
                counts: look.counts,
            });
            place = Some(here);
        }
        if batch.is_empty() { None } else { place.map(|place| (batch, place)) }
    }
}

/// Whether a place comes after another; all profiles come before all posts.
fn is_after(here: &BatchPlace, after: Option<BatchPlace>) -> bool {
    match (here, after) {
        (_, None) | (BatchPlace::Look(..), Some(BatchPlace::Profile(..))) => true,
        (BatchPlace::Profile(..), Some(BatchPlace::Look(..))) => false,
        (BatchPlace::Profile(a, b, c), Some(BatchPlace::Profile(x, y, z))) => (*a, *b, *c) > (x, y, z),
        (BatchPlace::Look(a, b, c, d), Some(BatchPlace::Look(w, x, y, z))) => (*a, *b, *c, *d) > (w, x, y, z),
    }
}
