//! Observations: added once, never changed.

use async_trait::async_trait;
use compass_core::{
    CreatorId, Handle, Profile, ProfileObservation, Snapshot, VideoId, VideoObservation,
    ports::{CreatorStore, Recorded, StoreError, VideoPage},
};
use jiff::Timestamp;
use sqlx::{QueryBuilder, Transaction};

use super::super::{Db, Store};
use crate::{
    detached::to_the_end,
    error::store_error,
    rows::{self, ProfileRow, VideoRow, bounds, digest, json, kind_name, signed, storable_option},
    stamp::Stamp,
    statements,
};

/// The most rows of one insertion: the widest has 16 columns, and SQLite takes 32,766 values at once.
const MOST_ROWS: usize = 1_000;

#[async_trait]
impl CreatorStore for Store {
    async fn record(&self, snapshot: &Snapshot) -> Result<Recorded, StoreError> {
        to_the_end((self.clone(), snapshot.clone()), |(store, snapshot)| {
            Box::pin(async move {
                let recorded_at = Stamp::from(store.clock.now());
                let mut tx = store.begin().await?;
                let mut recorded = Recorded {
                    profiles: add_profile(store, &mut tx, &snapshot.profile, recorded_at).await?,
                    videos: 0,
                };
                for videos in snapshot.videos.chunks(MOST_ROWS) {
                    recorded.videos += add_videos(store, &mut tx, snapshot.creator(), videos, recorded_at).await?;
                }
                tx.commit().await.map_err(store_error)?;
                Ok(recorded)
            })
        })
        .await
    }

    async fn find(&self, handle: &Handle) -> Result<Option<Profile>, StoreError> {
        sqlx::query_as::<Db, ProfileRow>(self.sql(statements::FIND_CREATOR))
            .bind(handle.as_str())
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?
            .map(Profile::try_from)
            .transpose()
    }

    async fn list(&self) -> Result<Vec<Profile>, StoreError> {
        let rows = sqlx::query_as::<Db, ProfileRow>(self.sql(statements::LIST_CREATORS)).fetch_all(self.reader()).await;
        rows::all(rows.map_err(store_error)?)
    }

    async fn latest(&self, creator: CreatorId, as_of: Timestamp) -> Result<Option<ProfileObservation>, StoreError> {
        sqlx::query_as::<Db, ProfileRow>(self.sql(statements::LATEST_PROFILE))
            .bind(signed(creator.get()))
            .bind(Stamp::from(as_of))
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?
            .map(ProfileObservation::try_from)
            .transpose()
    }

    async fn history(
        &self,
        creator: CreatorId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<ProfileObservation>, StoreError> {
        let rows = sqlx::query_as::<Db, ProfileRow>(self.sql(statements::PROFILE_HISTORY))
            .bind(signed(creator.get()))
            .bind(Stamp::from(from))
            .bind(Stamp::from(to))
            .fetch_all(self.reader())
            .await;
        rows::all(rows.map_err(store_error)?)
    }

    async fn videos(
        &self,
        creator: CreatorId,
        as_of: Timestamp,
        page: VideoPage,
    ) -> Result<Vec<VideoObservation>, StoreError> {
        let (before, before_id) =
            page.after.map_or((Stamp::MAX, i64::MAX), |(posted, id)| (Stamp::from(posted), signed(id.get())));
        let rows = sqlx::query_as::<Db, VideoRow>(self.sql(statements::VIDEOS_AS_OF))
            .bind(signed(creator.get()))
            .bind(Stamp::from(as_of))
            .bind(before)
            .bind(before_id)
            .bind(i64::from(page.limit))
            .fetch_all(self.reader())
            .await;
        rows::all(rows.map_err(store_error)?)
    }

    async fn video_observations(
        &self,
        creator: CreatorId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<VideoObservation>, StoreError> {
        let rows = sqlx::query_as::<Db, VideoRow>(self.sql(statements::VIDEO_OBSERVATIONS))
            .bind(signed(creator.get()))
            .bind(Stamp::from(from))
            .bind(Stamp::from(to))
            .fetch_all(self.reader())
            .await;
        rows::all(rows.map_err(store_error)?)
    }

    async fn video_history(&self, video: VideoId) -> Result<Vec<VideoObservation>, StoreError> {
        let rows = sqlx::query_as::<Db, VideoRow>(self.sql(statements::VIDEO_HISTORY))
            .bind(signed(video.get()))
            .fetch_all(self.reader())
            .await;
        rows::all(rows.map_err(store_error)?)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query(self.sql(statements::PING)).execute(self.reader()).await.map_err(store_error)?;
        Ok(())
    }
}

/// Adds a profile observation, unless it is there; gives how many were added.
async fn add_profile(
    store: &Store,
    tx: &mut Transaction<'static, Db>,
    observation: &ProfileObservation,
    recorded_at: Stamp,
) -> Result<u64, StoreError> {
    let ProfileObservation { profile, observed_at, source, counts } = observation;
    let creator = signed(profile.id.get());
    sqlx::query(store.sql(statements::SAVE_CREATOR))
        .bind(creator)
        .bind(profile.handle.as_str())
        .bind(Stamp::from(*observed_at))
        .bind(source.as_str())
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    let mut insert = sqlx::query(store.sql(statements::ADD_PROFILE_OBSERVATION))
        .bind(creator)
        .bind(Stamp::from(*observed_at))
        .bind(source.as_str())
        .bind(recorded_at)
        .bind(profile.handle.as_str())
        .bind(profile.nickname.as_str())
        .bind(profile.bio.as_str())
        .bind(profile.verified)
        .bind(profile.private)
        .bind(storable_option("a profile's language", profile.language.as_ref())?)
        .bind(profile.created_at.map(Stamp::from));
    for count in [counts.followers, counts.following, counts.likes, counts.videos] {
        let (lo, hi) = bounds(count);
        insert = insert.bind(lo).bind(hi);
    }
    Ok(insert.execute(&mut **tx).await.map_err(store_error)?.rows_affected())
}

/// Adds observations of a creator's posts, except those that are there; gives how many were added.
async fn add_videos(
    store: &Store,
    tx: &mut Transaction<'static, Db>,
    creator: CreatorId,
    observations: &[VideoObservation],
    recorded_at: Stamp,
) -> Result<u64, StoreError> {
    let mut posts = QueryBuilder::<Db>::new(store.sql("INSERT INTO compass_videos (id, creator_id) ").as_str());
    posts.push_values(observations, |mut row, observation| {
        row.push_bind(signed(observation.video.id.get())).push_bind(signed(creator.get()));
    });
    add(tx, posts).await?;
    belong_to(store, tx, creator, observations).await?;

    let described = observations
        .iter()
        .map(|observation| {
            let video = &observation.video;
            let hashtags = json("a hashtag", &video.hashtags)?;
            let sound = storable_option("a sound's id", video.sound.as_ref())?;
            let language = storable_option("a caption's language", video.language.as_ref())?;
            Ok((observation, digest(video)?, hashtags, sound, language))
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    let mut descriptions = QueryBuilder::<Db>::new(store.sql(
        "INSERT INTO compass_video_descriptions (video_id, digest, created_at, created_at_derived, kind, duration, \
         caption, hashtags, sound, language) "
    ).as_str());
    descriptions.push_values(
        &described,
        |mut row, (VideoObservation { video, .. }, digest, hashtags, sound, language)| {
            row.push_bind(signed(video.id.get()))
                .push_bind(*digest)
                .push_bind(Stamp::from(video.created_at))
                .push_bind(video.created_at_derived)
                .push_bind(kind_name(video.kind))
                .push_bind(video.duration.map(i64::from))
                .push_bind(video.caption.as_str())
                .push_bind(hashtags)
                .push_bind(*sound)
                .push_bind(*language);
        },
    );
    add(tx, descriptions).await?;

    let mut looks = QueryBuilder::<Db>::new(store.sql(
        "INSERT INTO compass_video_observations (video_id, observed_at, source, recorded_at, description, pinned, \
         views_lo, views_hi, likes_lo, likes_hi, comments_lo, comments_hi, shares_lo, shares_hi, saves_lo, saves_hi) "
    ).as_str());
    looks.push_values(&described, |mut row, (observation, digest, ..)| {
        row.push_bind(signed(observation.video.id.get()))
            .push_bind(Stamp::from(observation.observed_at))
            .push_bind(observation.source.as_str())
            .push_bind(recorded_at)
            .push_bind(*digest)
            .push_bind(observation.pinned);
        let counts = &observation.counts;
        for count in [counts.views, counts.likes, counts.comments, counts.shares, counts.saves] {
            let (lo, hi) = bounds(count);
            row.push_bind(lo).push_bind(hi);
        }
    });
    add(tx, looks).await
}

/// A post has one account for ever; a source that says otherwise has mixed them up.
async fn belong_to(
    store: &Store,
    tx: &mut Transaction<'static, Db>,
    creator: CreatorId,
    observations: &[VideoObservation],
) -> Result<(), StoreError> {
    let mut strangers =
        QueryBuilder::<Db>::new(store.sql("SELECT id, creator_id FROM compass_videos WHERE creator_id <> ").as_str());
    strangers.push_bind(signed(creator.get())).push(" AND id IN (");
    let mut ids = strangers.separated(", ");
    for observation in observations {
        ids.push_bind(signed(observation.video.id.get()));
    }
    strangers.push(") LIMIT 1");
    let found = strangers.build_query_as::<(i64, i64)>().persistent(false).fetch_optional(&mut **tx).await;
    match found.map_err(store_error)? {
        Some((video, owner)) => Err(StoreError::Conflict(format!("post {video} is of account {owner}, not {creator}"))),
        None => Ok(()),
    }
}

/// Runs an insertion of many rows, except those that are there; gives how many were added.
async fn add(tx: &mut Transaction<'static, Db>, mut insert: QueryBuilder<Db>) -> Result<u64, StoreError> {
    insert.push(" ON CONFLICT DO NOTHING");
    // Its text depends on the number of rows: kept prepared, it would drive the others out of the cache.
    let done = insert.build().persistent(false).execute(&mut **tx).await.map_err(store_error)?;
    Ok(done.rows_affected())
}
