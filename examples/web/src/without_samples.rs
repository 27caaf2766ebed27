//! A store whose list leaves out the sample creators: where accounts are real, nothing is learnt from made-up ones.

use std::sync::Arc;

use async_trait::async_trait;
use compass_core::{
    CreatorId, Handle, Profile, ProfileObservation, Snapshot, VideoId, VideoObservation,
    ports::{CreatorStore, RecentLooks, Recently, Recorded, StoreError, VideoPage},
};
use jiff::Timestamp;

use crate::seed::is_sample;

/// The store; only [`list`](CreatorStore::list) is another.
#[derive(Debug)]
pub(crate) struct WithoutSamples(pub(crate) Arc<dyn CreatorStore>);

#[async_trait]
impl CreatorStore for WithoutSamples {
    async fn list(&self) -> Result<Vec<Profile>, StoreError> {
        let mut everybody = self.0.list().await?;
        everybody.retain(|profile| !is_sample(profile.id));
        Ok(everybody)
    }

    async fn record(&self, snapshot: &Snapshot) -> Result<Recorded, StoreError> {
        self.0.record(snapshot).await
    }

    async fn find(&self, handle: &Handle) -> Result<Option<Profile>, StoreError> {
        self.0.find(handle).await
    }

    async fn latest(&self, creator: CreatorId, as_of: Timestamp) -> Result<Option<ProfileObservation>, StoreError> {
        self.0.latest(creator, as_of).await
    }

    async fn history(
        &self,
        creator: CreatorId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<ProfileObservation>, StoreError> {
        self.0.history(creator, from, to).await
    }

    async fn videos(
        &self,
        creator: CreatorId,
        as_of: Timestamp,
        page: VideoPage,
    ) -> Result<Vec<VideoObservation>, StoreError> {
        self.0.videos(creator, as_of, page).await
    }

    async fn video_observations(
        &self,
        creator: CreatorId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<VideoObservation>, StoreError> {
        self.0.video_observations(creator, from, to).await
    }

    async fn recent(&self, handle: &Handle, recently: Recently) -> Result<RecentLooks, StoreError> {
        self.0.recent(handle, recently).await
    }

    async fn video_history(&self, creator: CreatorId, video: VideoId) -> Result<Vec<VideoObservation>, StoreError> {
        self.0.video_history(creator, video).await
    }

    fn known_at(&self, moment: Timestamp) -> Arc<dyn CreatorStore> {
        Arc::new(Self(self.0.known_at(moment)))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.0.ping().await
    }
}

#[cfg(test)]
mod tests {
    use compass_http::LearntCorpus;

    use super::*;
    use crate::pages::testing::{Pages, now};

    #[tokio::test]
    async fn nothing_is_learnt_from_made_up_creators() {
        let pages = Pages::live().with_history("sample.steady").await;
        let creators = pages.state().ports.creators;
        let learnt = LearntCorpus::default();
        assert_eq!(learnt.learn(&*creators, now()).await.unwrap(), 1);
        let real = WithoutSamples(creators);
        assert_eq!(learnt.learn(&real, now()).await.unwrap(), 0);
        let pages = pages.with_look_at_ada().await;
        assert_eq!(pages.store.list().await.unwrap().len(), 2);
        let handles: Vec<_> = real.list().await.unwrap().into_iter().map(|profile| profile.handle).collect();
        assert_eq!(handles, [Handle::parse("ada").unwrap()]);
    }
}
