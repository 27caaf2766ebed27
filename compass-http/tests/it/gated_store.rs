//! A store of creators in which whoever reads waits at a gate, and which counts what was read.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use compass_core::{
    CreatorId, Handle, Profile, ProfileObservation, Snapshot, VideoId, VideoObservation,
    ports::{CreatorStore, RecentLooks, Recently, Recorded, StoreError, VideoPage},
};
use jiff::Timestamp;
use tokio::sync::Semaphore;

#[derive(Debug)]
pub(crate) struct GatedStore {
    store: Arc<dyn CreatorStore>,
    gate: Semaphore,
    waiting: AtomicUsize,
    profiles: AtomicUsize,
}

impl GatedStore {
    pub(crate) fn over(store: Arc<dyn CreatorStore>) -> Arc<Self> {
        let [waiting, profiles] = [(); 2].map(|()| AtomicUsize::new(0));
        Arc::new(Self { store, gate: Semaphore::new(0), waiting, profiles })
    }

    /// Lets everybody through, from now on.
    pub(crate) fn open(&self) {
        self.gate.close();
    }

    /// How many wait at the gate, once all tasks have come as far as they can. For runtimes of one thread.
    pub(crate) async fn waiting(&self) -> usize {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        self.waiting.load(Ordering::Relaxed)
    }

    /// How many observations of profiles were read.
    pub(crate) fn profiles_read(&self) -> usize {
        self.profiles.load(Ordering::Relaxed)
    }

    async fn pass(&self) {
        struct Waits<'a>(&'a AtomicUsize);
        impl Drop for Waits<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::Relaxed);
            }
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waits = Waits(&self.waiting);
        let closed = self.gate.acquire().await;
        assert!(closed.is_err(), "there are no permits");
    }
}

#[async_trait]
impl CreatorStore for GatedStore {
    async fn record(&self, snapshot: &Snapshot) -> Result<Recorded, StoreError> {
        self.store.record(snapshot).await
    }

    async fn find(&self, handle: &Handle) -> Result<Option<Profile>, StoreError> {
        self.pass().await;
        self.store.find(handle).await
    }

    async fn list(&self) -> Result<Vec<Profile>, StoreError> {
        self.pass().await;
        self.store.list().await
    }

    async fn latest(&self, creator: CreatorId, as_of: Timestamp) -> Result<Option<ProfileObservation>, StoreError> {
        self.pass().await;
        self.store.latest(creator, as_of).await
    }

    async fn history(
        &self,
        creator: CreatorId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<ProfileObservation>, StoreError> {
        self.pass().await;
        let found = self.store.history(creator, from, to).await?;
        self.profiles.fetch_add(found.len(), Ordering::Relaxed);
        Ok(found)
    }

    async fn videos(
        &self,
        creator: CreatorId,
        as_of: Timestamp,
        page: VideoPage,
    ) -> Result<Vec<VideoObservation>, StoreError> {
        self.pass().await;
        self.store.videos(creator, as_of, page).await
    }

    async fn video_observations(
        &self,
        creator: CreatorId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<VideoObservation>, StoreError> {
        self.pass().await;
        self.store.video_observations(creator, from, to).await
    }

    async fn recent(&self, handle: &Handle, recently: Recently) -> Result<RecentLooks, StoreError> {
        self.pass().await;
        self.store.recent(handle, recently).await
    }

    async fn video_history(&self, creator: CreatorId, video: VideoId) -> Result<Vec<VideoObservation>, StoreError> {
        self.pass().await;
        self.store.video_history(creator, video).await
    }

    fn known_at(&self, moment: Timestamp) -> Arc<dyn CreatorStore> {
        self.store.known_at(moment)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.store.ping().await
    }
}
