//! Every store port in memory: for tests, for trying the library out, and as the reference for the real adapters.

mod account_data;
mod accounts;
mod audit;
mod corpus;
mod hosts;
mod imports;
mod jobs;
mod refresh_tokens;
mod reports;
mod sign_ins;

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    AccountLook, Advice, AdviceId, AudienceObservation, AuditEvent, AuditId, BatchId, CreatorId, Handle, HostBlocks,
    Import, ImportId, JobId, KeptReport, PostLook, Profile, ProfileObservation, RefreshToken, ReportId, Session,
    SessionId, SignInTransaction, Snapshot, SourceKind, User, UserId, Video, VideoId, VideoObservation,
    ports::{Clock as _, CreatorStore, RecentLooks, Recently, Recorded, StoreError, SystemClock, VideoPage},
    samples::World,
};
use jobs::KeptJob;

/// Keeps everything in memory, and nothing when it and its clones are dropped. Cloning is cheap: the clones share what is kept.
#[derive(Clone, Debug)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
    /// Reads give only the observations that were recorded by then.
    known_at: Timestamp,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self { state: Arc::default(), known_at: Timestamp::MAX }
    }
}

#[derive(Debug, Default)]
struct State {
    handles: BTreeMap<Handle, CreatorId>,
    profiles: BTreeMap<(CreatorId, Timestamp, SourceKind), ProfileObservation>,
    videos: BTreeMap<(VideoId, Timestamp, SourceKind), (CreatorId, VideoObservation)>,
    /// When each of them was recorded.
    profile_times: BTreeMap<(CreatorId, Timestamp, SourceKind), Timestamp>,
    look_times: BTreeMap<(VideoId, Timestamp, SourceKind), Timestamp>,
    batches: BTreeMap<BatchId, Recorded>,
    users: BTreeMap<UserId, User>,
    sessions: BTreeMap<SessionId, Session>,
    sign_ins: BTreeMap<[u8; 32], SignInTransaction>,
    refresh_tokens: BTreeMap<[u8; 32], RefreshToken>,
    imports: BTreeMap<ImportId, Import>,
    /// Whose they are, where somebody was seen with the handle.
    import_accounts: BTreeMap<ImportId, CreatorId>,
    audiences: Vec<AudienceObservation>,
    reports: BTreeMap<ReportId, KeptReport>,
    /// From when on observations of an account are gone, and when they were last thinned.
    thinned: BTreeMap<CreatorId, (Timestamp, Timestamp)>,
    advice: BTreeMap<AdviceId, Advice>,
    audit: BTreeMap<AuditId, AuditEvent>,
    jobs: BTreeMap<JobId, KeptJob>,
    hosts: BTreeMap<String, HostBlocks>,
}

impl MemoryStore {
    /// A store that holds 90 days of every sample creator, up to a moment.
    ///
    /// # Panics
    /// Never: what the samples show can be kept.
    #[must_use]
    pub fn with_samples(until: Timestamp) -> Self {
        let store = Self::default();
        for look in World::standard().creators().iter().flat_map(|creator| creator.history(until, 90)) {
            store.state().record(&look).expect("samples can be kept");
        }
        store
    }

    /// As [`CreatorStore::known_at`]; its corpus is as it was then, too.
    #[must_use]
    pub fn as_known_at(self, moment: Timestamp) -> Self {
        Self { known_at: moment, ..self }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn record(&mut self, snapshot: &Snapshot) -> Result<Recorded, StoreError> {
        let creator = snapshot.creator();
        for observation in &snapshot.videos {
            self.may_keep(creator, &observation.video)?;
        }
        no_nul(&snapshot.profile.profile.language)?;
        let now = SystemClock.now();
        let profiles = u64::from(self.keep_profile(&snapshot.profile, now));
        let videos = snapshot.videos.iter().map(|video| u64::from(self.keep_video(creator, video, now))).sum();
        self.settle_handles();
        Ok(Recorded { profiles, videos })
    }

    /// Whether a post can be kept as that account's.
    fn may_keep(&self, creator: CreatorId, video: &Video) -> Result<(), StoreError> {
        no_nul(video.hashtags.iter().chain(&video.sound).chain(&video.language))?;
        let known = self.videos.range((video.id, Timestamp::MIN, SourceKind::ALL[0])..).next();
        if known.is_some_and(|((id, ..), (owner, _))| *id == video.id && *owner != creator) {
            return Err(StoreError::Conflict(format!("post {} is another account's", video.id)));
        }
        Ok(())
    }

    /// Keeps an observation, unless it is kept already; says whether it is new.
    fn keep_profile(&mut self, observation: &ProfileObservation, recorded_at: Timestamp) -> bool {
        let key = (observation.profile.id, observation.observed_at, observation.source);
        self.profile_times.entry(key).or_insert(recorded_at);
        match self.profiles.entry(key) {
            Entry::Vacant(free) => {
                free.insert(observation.clone());
                true
            }
            Entry::Occupied(_) => false,
        }
    }

    /// As [`keep_profile`](Self::keep_profile).
    fn keep_video(&mut self, creator: CreatorId, observation: &VideoObservation, recorded_at: Timestamp) -> bool {
        let key = (observation.video.id, observation.observed_at, observation.source);
        self.look_times.entry(key).or_insert(recorded_at);
        match self.videos.entry(key) {
            Entry::Vacant(free) => {
                free.insert((creator, observation.clone()));
                true
            }
            Entry::Occupied(_) => false,
        }
    }

    fn newest(&self, creator: CreatorId, as_of: Timestamp) -> Option<&ProfileObservation> {
        self.newest_known(creator, as_of, Timestamp::MAX)
    }

    fn newest_known(&self, creator: CreatorId, as_of: Timestamp, known: Timestamp) -> Option<&ProfileObservation> {
        self.profiles
            .range((creator, Timestamp::MIN, SourceKind::ALL[0])..)
            .take_while(|((id, at, _), _)| *id == creator && *at <= as_of)
            .filter(|(key, _)| self.profile_times[*key] <= known)
            .map(|(_, observation)| observation)
            .last()
    }

    /// The profile observations that were recorded by then, in the order of accounts, moments and sources.
    fn profiles_known(&self, known: Timestamp) -> impl Iterator<Item = &ProfileObservation> {
        self.profiles.iter().filter(move |(key, _)| self.profile_times[*key] <= known).map(|(_, seen)| seen)
    }

    /// The posts' observations that were recorded by then with their accounts, in the order of posts, moments and sources.
    fn videos_known(&self, known: Timestamp) -> impl Iterator<Item = &(CreatorId, VideoObservation)> {
        self.videos.iter().filter(move |(key, _)| self.look_times[*key] <= known).map(|(_, seen)| seen)
    }

    /// Handles belong to whoever was seen with them last.
    fn settle_handles(&mut self) {
        let mut seen: BTreeMap<Handle, (Timestamp, CreatorId)> = BTreeMap::new();
        let ids: BTreeSet<CreatorId> = self.profiles.keys().map(|(id, ..)| *id).collect();
        for id in ids {
            if let Some(newest) = self.newest(id, Timestamp::MAX) {
                let entry = (newest.observed_at, id);
                let holder = seen.entry(newest.profile.handle.clone()).or_insert(entry);
                *holder = (*holder).max(entry);
            }
        }
        self.handles = seen.into_iter().map(|(handle, (_, id))| (handle, id)).collect();
        for (id, import) in &self.imports {
            if let Some(account) = self.handles.get(&import.handle) {
                self.import_accounts.entry(*id).or_insert(*account);
            }
        }
    }
}

#[async_trait]
impl CreatorStore for MemoryStore {
    async fn record(&self, snapshot: &Snapshot) -> Result<Recorded, StoreError> {
        self.state().record(snapshot)
    }

    async fn find(&self, handle: &Handle) -> Result<Option<Profile>, StoreError> {
        let state = self.state();
        let id = state.handles.get(handle);
        Ok(id.and_then(|&id| state.newest(id, Timestamp::MAX)).map(|o| o.profile.clone()))
    }

    async fn list(&self) -> Result<Vec<Profile>, StoreError> {
        let state = self.state();
        let ids: BTreeSet<CreatorId> = state.profiles.keys().map(|(id, ..)| *id).collect();
        let newest = ids.into_iter().filter_map(|id| state.newest(id, Timestamp::MAX));
        let mut profiles: Vec<Profile> = newest.map(|o| o.profile.clone()).collect();
        profiles.sort_by(|a, b| (&a.handle, a.id).cmp(&(&b.handle, b.id)));
        Ok(profiles)
    }

    async fn latest(&self, creator: CreatorId, as_of: Timestamp) -> Result<Option<ProfileObservation>, StoreError> {
        Ok(self.state().newest_known(creator, as_of, self.known_at).cloned())
    }

    async fn history(
        &self,
        creator: CreatorId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<ProfileObservation>, StoreError> {
        let state = self.state();
        let all = state.profiles_known(self.known_at);
        Ok(all.filter(|o| o.profile.id == creator && (from..=to).contains(&o.observed_at)).cloned().collect())
    }

    async fn videos(
        &self,
        creator: CreatorId,
        as_of: Timestamp,
        page: VideoPage,
    ) -> Result<Vec<VideoObservation>, StoreError> {
        let state = self.state();
        let mut newest: BTreeMap<VideoId, &VideoObservation> = BTreeMap::new();
        for (owner, observation) in state.videos_known(self.known_at) {
            if *owner == creator && observation.observed_at <= as_of {
                newest.insert(observation.video.id, observation);
            }
        }
        let mut videos: Vec<VideoObservation> = newest.into_values().cloned().collect();
        let place = |v: &VideoObservation| (v.video.created_at, v.video.id);
        videos.sort_by_key(|v| std::cmp::Reverse(place(v)));
        videos.retain(|v| page.after.is_none_or(|after| place(v) < after));
        videos.truncate(page.limit as usize);
        Ok(videos)
    }

    async fn video_observations(
        &self,
        creator: CreatorId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<VideoObservation>, StoreError> {
        let state = self.state();
        let of_creator = state.videos_known(self.known_at).filter(|(owner, _)| *owner == creator).map(|(_, o)| o);
        let mut observations: Vec<_> = of_creator.filter(|o| (from..=to).contains(&o.observed_at)).cloned().collect();
        observations.sort_by_key(|o| (o.observed_at, o.video.id, o.source));
        Ok(observations)
    }

    async fn recent(&self, handle: &Handle, recently: Recently) -> Result<RecentLooks, StoreError> {
        let Some(creator) = self.state().handles.get(handle).copied() else { return Ok(RecentLooks::default()) };
        let history = self.history(creator, Timestamp::MIN, recently.until).await?;
        let account: Vec<AccountLook> = history.iter().map(AccountLook::from).collect();
        let as_of = account.last().map_or(recently.at_least, |newest| newest.observed_at.max(recently.at_least));
        let videos = self.videos(creator, as_of, VideoPage::first(u32::MAX)).await?;
        let was_old_enough =
            |look: &&VideoObservation| look.observed_at.duration_since(look.video.created_at) >= recently.min_age;
        let posts = videos.iter().filter(was_old_enough).take(recently.posts as usize).map(PostLook::from).collect();
        Ok(RecentLooks { account, posts })
    }

    async fn video_history(&self, creator: CreatorId, video: VideoId) -> Result<Vec<VideoObservation>, StoreError> {
        let state = self.state();
        let of_post = state.videos_known(self.known_at).filter(|(owner, o)| *owner == creator && o.video.id == video);
        Ok(of_post.map(|(_, o)| o.clone()).collect())
    }

    fn known_at(&self, moment: Timestamp) -> Arc<dyn CreatorStore> {
        Arc::new(self.clone().as_known_at(moment))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// As [`no_nul`], for what is kept as JSON.
fn no_nul_in(value: &serde_json::Value) -> Result<(), StoreError> {
    match value {
        serde_json::Value::String(text) => no_nul([text]),
        serde_json::Value::Array(items) => items.iter().try_for_each(no_nul_in),
        serde_json::Value::Object(fields) => {
            fields.iter().try_for_each(|(name, value)| no_nul([name]).and_then(|()| no_nul_in(value)))
        }
        _ => Ok(()),
    }
}

/// A store that is a database may not hold it, so none does.
fn no_nul<'a>(texts: impl IntoIterator<Item = &'a String>) -> Result<(), StoreError> {
    match texts.into_iter().find(|text| text.contains('\0')) {
        Some(text) => Err(StoreError::Invalid(format!("{text:?} has a NUL in it"))),
        None => Ok(()),
    }
}
