//! Observations in bulk.

use async_trait::async_trait;
use compass_core::{
    Batch, BatchId,
    analytics::CorpusTable,
    ports::{BatchPlace, CorpusStore, Recorded, StoreError},
};
use jiff::Timestamp;

use super::{
    super::{Db, Store, columns},
    creators,
};
use crate::{
    error::store_error,
    rows::{BatchRows, DescriptionRow, LookRow, ProfileRow, signed},
    stamp::Stamp,
    statements,
};

#[async_trait]
impl CorpusStore for Store {
    async fn record_batch(&self, id: BatchId, batch: &Batch) -> Result<Recorded, StoreError> {
        creators::write(self, Some(id), batch).await
    }

    async fn next_batch(
        &self,
        after: Option<BatchPlace>,
        most: u32,
    ) -> Result<Option<(Batch, BatchPlace)>, StoreError> {
        let mut rows = BatchRows::default();
        if let None | Some(BatchPlace::Profile(..)) = after {
            let (creator, at, source) = match after {
                Some(BatchPlace::Profile(creator, at, source)) => (signed(creator.get()), at, source.as_str()),
                _ => (0, Timestamp::MIN, ""),
            };
            rows.profiles = sqlx::query_as::<Db, ProfileRow>(self.sql(statements::PROFILES_AFTER))
                .bind(creator)
                .bind(Stamp::from(at))
                .bind(source)
                .bind(i64::from(most))
                .fetch_all(self.reader())
                .await
                .map_err(store_error)?;
        }
        let room = i64::from(most) - rows.profiles.len() as i64;
        if room > 0 {
            let (creator, video, at, source) = match after {
                Some(BatchPlace::Look(creator, video, at, source)) => {
                    (signed(creator.get()), signed(video.get()), at, source.as_str())
                }
                _ => (0, 0, Timestamp::MIN, ""),
            };
            rows.looks = sqlx::query_as::<Db, LookRow>(self.sql(statements::LOOKS_AFTER))
                .bind(creator)
                .bind(video)
                .bind(Stamp::from(at))
                .bind(source)
                .bind(room)
                .fetch_all(self.reader())
                .await
                .map_err(store_error)?;
        }
        if let (Some(first), Some(last)) = (rows.looks.first(), rows.looks.last()) {
            rows.descriptions = sqlx::query_as::<Db, DescriptionRow>(self.sql(statements::DESCRIPTIONS_BETWEEN))
                .bind(first.creator_id)
                .bind(first.video_id)
                .bind(last.creator_id)
                .bind(last.video_id)
                .fetch_all(self.reader())
                .await
                .map_err(store_error)?;
        }
        rows.into_batch()
    }

    async fn corpus_table(&self, as_of: Timestamp) -> Result<CorpusTable, StoreError> {
        columns::read(self, as_of.into()).await
    }
}
