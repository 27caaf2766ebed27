//! Observations: added once, never changed.

use std::sync::Arc;

use async_trait::async_trait;
#[cfg(all(test, unix))]
use compass_core::samples::World;
use compass_core::{
    Batch, BatchId, CreatorId, Handle, Profile, ProfileLook, ProfileObservation, Snapshot, VideoId, VideoObservation,
    ports::{CreatorStore, RecentLooks, Recently, Recorded, StoreError, VideoPage},
};
use jiff::{SignedDuration, Timestamp};
use sqlx::QueryBuilder;
#[cfg(all(test, unix))]
use sqlx::SqlStr;

use super::super::{
    Db, LOCK_ROWS, Store, Tx, VIDEOS_AS_OF,
    bulk::{add_looks, add_posts, forget_room, make_room},
    keep_newest,
};
use crate::{
    detached::to_the_end,
    error::store_error,
    prepared::Prepared,
    rows::{self, ProfileRow, RecentlyAsked, VideoRow, bounds, recent_looks, signed},
    stamp::Stamp,
    statements,
};

/// No two moments of a [`Stamp`] are so far apart: 20,000 years.
const LONGEST: SignedDuration = SignedDuration::from_hours(20_000 * 366 * 24);

/// A batch of more observations may take longer than other statements.
const LONG: usize = 5_000;

/// The most rows of one insertion: the widest has 19 columns, and SQLite takes 32,766 values at once.
const MOST_ROWS: usize = 1_000;

#[async_trait]
impl CreatorStore for Store {
    async fn record(&self, snapshot: &Snapshot) -> Result<Recorded, StoreError> {
        write(self, None, &Batch::from_iter([snapshot.clone()])).await
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
        Ok(rows::readable("an account", rows.map_err(store_error)?))
    }

    async fn latest(&self, creator: CreatorId, as_of: Timestamp) -> Result<Option<ProfileObservation>, StoreError> {
        sqlx::query_as::<Db, ProfileRow>(self.sql(statements::LATEST_PROFILE))
            .bind(signed(creator.get()))
            .bind(Stamp::from(as_of))
            .bind(self.known_at)
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
            .bind(self.known_at)
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
        let rows = sqlx::query_as::<Db, VideoRow>(self.sql(VIDEOS_AS_OF))
            .bind(signed(creator.get()))
            .bind(Stamp::from(as_of))
            .bind(before)
            .bind(before_id)
            .bind(i64::from(page.limit))
            .bind(self.known_at)
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
            .bind(self.known_at)
            .fetch_all(self.reader())
            .await;
        rows::all(rows.map_err(store_error)?)
    }

    async fn recent(&self, handle: &Handle, recently: Recently) -> Result<RecentLooks, StoreError> {
        // An age has no finer parts than microseconds here: one that is less than another by a part is less by a whole one.
        let min_age = recently.min_age.clamp(-LONGEST, LONGEST) + SignedDuration::from_nanos(999);
        let asked = RecentlyAsked {
            handle: handle.to_string(),
            until: recently.until.into(),
            at_least: recently.at_least.into(),
            min_age: i64::try_from(min_age.as_micros()).expect("it is at most as long as the calendar"),
            posts: recently.posts.into(),
            known_at: self.known_at,
        };
        recent_looks(self.recent_rows(asked).await?)
    }

    async fn video_history(&self, creator: CreatorId, video: VideoId) -> Result<Vec<VideoObservation>, StoreError> {
        let rows = sqlx::query_as::<Db, VideoRow>(self.sql(statements::VIDEO_HISTORY))
            .bind(signed(creator.get()))
            .bind(signed(video.get()))
            .bind(self.known_at)
            .fetch_all(self.reader())
            .await;
        rows::all(rows.map_err(store_error)?)
    }

    fn known_at(&self, moment: Timestamp) -> Arc<dyn CreatorStore> {
        Arc::new(self.clone().as_known_at(moment))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query(self.sql(statements::PING)).execute(self.reader()).await.map_err(store_error)?;
        Ok(())
    }
}

/// Writes a batch in one transaction, unless one of that id is there.
pub(super) async fn write(store: &Store, id: Option<BatchId>, batch: &Batch) -> Result<Recorded, StoreError> {
    let prepared = Prepared::new(batch, store.clock.now().into())?;
    to_the_end((store.clone(), id, prepared), |(store, id, batch)| {
        Box::pin(async move {
            loop {
                make_room(store, batch).await?;
                match write_in_one(store, *id, batch).await {
                    Err(why) if forget_room(store, batch, &why) => {}
                    written => return written,
                }
            }
        })
    })
    .await
}

async fn write_in_one(store: &Store, id: Option<BatchId>, batch: &Prepared) -> Result<Recorded, StoreError> {
    let is_long = batch.looks.len() > LONG;
    let mut tx = if is_long { store.begin_long().await? } else { store.begin().await? };
    if let Some(id) = id
        && let Some(recorded) = kept_already(store, &mut tx, id, batch.now).await?
    {
        return Ok(recorded);
    }
    let recorded = add(store, &mut tx, batch).await?;
    if let Some(id) = id {
        sqlx::query(store.sql(statements::SAVE_BATCH))
            .bind(id.0)
            .bind(signed(recorded.profiles))
            .bind(signed(recorded.videos))
            .execute(&mut *tx)
            .await
            .map_err(store_error)?;
    }
    tx.commit().await.map_err(store_error)?;
    Ok(recorded)
}

/// What the batch of that id added, if it is there; whoever adds it now waits for whoever is adding it.
async fn kept_already(store: &Store, tx: &mut Tx, id: BatchId, now: Stamp) -> Result<Option<Recorded>, StoreError> {
    let added = sqlx::query(store.sql(statements::ADD_BATCH)).bind(id.0).bind(now).execute(&mut **tx).await;
    if added.map_err(store_error)?.rows_affected() > 0 {
        return Ok(None);
    }
    let found = sqlx::query_as::<Db, (i64, i64)>(store.sql(statements::FIND_BATCH)).bind(id.0);
    let (profiles, videos) = found.fetch_one(&mut **tx).await.map_err(store_error)?;
    Ok(Some(Recorded { profiles: profiles.unsigned_abs(), videos: videos.unsigned_abs() }))
}

/// Adds what is not there; gives how much that was.
async fn add(store: &Store, tx: &mut Tx, batch: &Prepared) -> Result<Recorded, StoreError> {
    let creators: Vec<i64> = batch.creators().into_iter().collect();
    let known = lock_creators(store, tx, &creators).await?;
    if let Some(creator) = batch.unknown(&known) {
        return Err(StoreError::Invalid(format!(
            "no profile of account {creator} is known: record one before its posts, or with them"
        )));
    }
    let newest: Vec<&ProfileLook> = batch.newest_profiles().collect();
    for looks in newest.chunks(MOST_ROWS) {
        save_creators(store, tx, looks).await?;
        let brought_before = imports_to_name(store, looks).build().persistent(false).execute(&mut **tx).await;
        brought_before.map_err(store_error)?;
    }
    let mut recorded = Recorded::default();
    for looks in batch.profiles.chunks(MOST_ROWS) {
        recorded.profiles += add_profiles(store, tx, looks, batch.now).await?;
    }
    let new_posts = add_posts(store, tx, &batch.posts).await?;
    recorded.videos = add_looks(store, tx, &batch.looks).await?;
    keep_newest(store, tx, batch, &known, &new_posts).await?;
    Ok(recorded)
}

/// Those of the accounts, ascending, that are there. Until the end of the transaction nobody else writes theirs.
async fn lock_creators(store: &Store, tx: &mut Tx, creators: &[i64]) -> Result<Vec<i64>, StoreError> {
    let mut known = Vec::with_capacity(creators.len());
    for some in creators.chunks(MOST_ROWS) {
        let mut select = creators_to_lock(store, some);
        let found = select.build_query_scalar::<i64>().persistent(false).fetch_all(&mut **tx).await;
        known.extend(found.map_err(store_error)?);
    }
    Ok(known)
}

fn creators_to_lock(store: &Store, creators: &[i64]) -> QueryBuilder<Db> {
    let text = store.sql("SELECT id FROM compass_creators WHERE id IN (");
    let mut select = QueryBuilder::<Db>::new(text.as_str());
    let mut ids = select.separated(", ");
    for creator in creators {
        ids.push_bind(*creator);
    }
    select.push(") ORDER BY id").push(LOCK_ROWS);
    select
}

/// The newest observation decides; an observation that is kept already is not newer than itself.
async fn save_creators(store: &Store, tx: &mut Tx, newest: &[&ProfileLook]) -> Result<(), StoreError> {
    creators_to_save(store, newest).build().persistent(false).execute(&mut **tx).await.map_err(store_error)?;
    Ok(())
}

fn creators_to_save(store: &Store, newest: &[&ProfileLook]) -> QueryBuilder<Db> {
    let text = store.sql("INSERT INTO compass_creators (id, handle, seen_at, seen_source) ");
    let mut insert = QueryBuilder::<Db>::new(text.as_str());
    insert.push_values(newest, |mut row, look| {
        let ProfileObservation { profile, observed_at, source, .. } = &look.observation;
        row.push_bind(signed(profile.id.get()))
            .push_bind(profile.handle.as_str())
            .push_bind(Stamp::from(*observed_at))
            .push_bind(source.as_str());
    });
    let newer = store.sql(
        " ON CONFLICT (id) DO UPDATE SET \
         handle = excluded.handle, seen_at = excluded.seen_at, seen_source = excluded.seen_source \
         WHERE (excluded.seen_at, excluded.seen_source) > (compass_creators.seen_at, compass_creators.seen_source)",
    );
    insert.push(newer.as_str());
    insert
}

/// What was brought under a handle before anybody was seen with it is of the account that is.
fn imports_to_name(store: &Store, newest: &[&ProfileLook]) -> QueryBuilder<Db> {
    let text = store.sql(concat!(
        "UPDATE compass_imports SET creator_id = ",
        statements::account_named!("compass_imports.handle"),
        " WHERE creator_id IS NULL AND handle IN ("
    ));
    let mut update = QueryBuilder::<Db>::new(text.as_str());
    let mut handles = update.separated(", ");
    for look in newest {
        handles.push_bind(look.observation.profile.handle.as_str());
    }
    update.push(")");
    update
}

/// Adds profile observations, except those that are there; gives how many were added.
async fn add_profiles(store: &Store, tx: &mut Tx, looks: &[ProfileLook], now: Stamp) -> Result<u64, StoreError> {
    // Its text depends on the number of rows: kept prepared, it would drive the others out of the cache.
    let done = profiles_to_add(store, looks, now).build().persistent(false).execute(&mut **tx).await;
    Ok(done.map_err(store_error)?.rows_affected())
}

fn profiles_to_add(store: &Store, looks: &[ProfileLook], now: Stamp) -> QueryBuilder<Db> {
    let text = store.sql(
        "INSERT INTO compass_profile_observations (creator_id, observed_at, source, recorded_at, handle, nickname, \
         bio, verified, private, language, created_at, followers_lo, followers_hi, following_lo, following_hi, \
         likes_lo, likes_hi, videos_lo, videos_hi) ",
    );
    let mut insert = QueryBuilder::<Db>::new(text.as_str());
    insert.push_values(looks, |mut row, look| {
        let ProfileObservation { profile, observed_at, source, counts } = &look.observation;
        row.push_bind(signed(profile.id.get()))
            .push_bind(Stamp::from(*observed_at))
            .push_bind(source.as_str())
            .push_bind(look.recorded_at.map_or(now, Stamp::from))
            .push_bind(profile.handle.as_str())
            .push_bind(profile.nickname.as_str())
            .push_bind(profile.bio.as_str())
            .push_bind(profile.verified)
            .push_bind(profile.private)
            .push_bind(profile.language.as_deref())
            .push_bind(profile.created_at.map(Stamp::from));
        for count in [counts.followers, counts.following, counts.likes, counts.videos] {
            let (lo, hi) = bounds(count);
            row.push_bind(lo).push_bind(hi);
        }
    });
    insert.push(" ON CONFLICT DO NOTHING");
    insert
}

/// The statements whose text depends on the rows, for a few of them.
#[cfg(all(test, unix))]
pub(in super::super) fn of_rows(store: &Store) -> Vec<(&'static str, SqlStr)> {
    let world = World::standard();
    let batch: Batch = world.creators()[0].history(Timestamp::UNIX_EPOCH, 3).into_iter().collect();
    let looks: Vec<&ProfileLook> = batch.profiles.iter().collect();
    [
        ("creators_to_lock", creators_to_lock(store, &[1, 2, 3])),
        ("creators_to_save", creators_to_save(store, &looks)),
        ("imports_to_name", imports_to_name(store, &looks)),
        ("profiles_to_add", profiles_to_add(store, &batch.profiles, Timestamp::UNIX_EPOCH.into())),
    ]
    .map(|(name, built)| (name, built.into_sql()))
    .into()
}
