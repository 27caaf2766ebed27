//! A store that cannot make sense of what it keeps of one account.

use std::sync::Arc;

use async_trait::async_trait;
use compass_core::{
    CreatorId, Handle, Profile, ProfileObservation, Snapshot, VideoId, VideoObservation,
    ports::{CreatorStore, RecentLooks, Recently, Recorded, StoreError, VideoPage},
    testing::MemoryStore,
};
use jiff::Timestamp;

/// Everything is as in the other store, but for the profile history of an account, and its posts.
#[derive(Debug)]
pub(crate) struct DamagedStore {
    pub(crate) store: MemoryStore,
    pub(crate) damaged: CreatorId,
}

#[async_trait]
impl CreatorStore for DamagedStore {
    async fn record(&self, snapshot: &Snapshot) -> Result<Recorded, StoreError> {
        self.store.record(snapshot).await
    }

    async fn find(&self, handle: &Handle) -> Result<Option<Profile>, StoreError> {
        CreatorStore::find(&self.store, handle).await
    }

    async fn list(&self) -> Result<Vec<Profile>, StoreError> {
        self.store.list().await
    }

    async fn latest(&self, creator: CreatorId, as_of: Timestamp) -> Result<Option<ProfileObservation>, StoreError> {
        CreatorStore::latest(&self.store, creator, as_of).await
    }

    async fn history(
        &self,
        creator: CreatorId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<ProfileObservation>, StoreError> {
        if creator == self.damaged {
            return Err(StoreError::Corrupt(format!("table profiles, row {creator}, column source: 77")));
        }
        self.store.history(creator, from, to).await
    }

    async fn videos(
        &self,
        creator: CreatorId,
        as_of: Timestamp,
        page: VideoPage,
    ) -> Result<Vec<VideoObservation>, StoreError> {
        if creator == self.damaged {
            return Err(StoreError::Corrupt(format!("table posts, row {creator}, column source: 77")));
        }
        self.store.videos(creator, as_of, page).await
    }

    async fn video_observations(
        &self,
        creator: CreatorId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<VideoObservation>, StoreError> {
        self.store.video_observations(creator, from, to).await
    }

    async fn recent(&self, handle: &Handle, recently: Recently) -> Result<RecentLooks, StoreError> {
        self.store.recent(handle, recently).await
    }

    async fn video_history(&self, creator: CreatorId, video: VideoId) -> Result<Vec<VideoObservation>, StoreError> {
        self.store.video_history(creator, video).await
    }

    fn known_at(&self, moment: Timestamp) -> Arc<dyn CreatorStore> {
        self.store.known_at(moment)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        CreatorStore::ping(&self.store).await
    }
}
