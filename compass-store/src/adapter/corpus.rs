//! Observations in bulk.

use async_trait::async_trait;
use compass_core::{
    Batch, BatchId, Era, Thinning,
    analytics::CorpusTable,
    ports::{BatchPlace, CorpusStore, CreatorStore as _, Recorded, StoreError},
};
use jiff::Timestamp;

use super::{
    super::{Db, HOLD_ACCOUNT, Store, THIN_LOOKS, THIN_PROFILES, Tx, bulk::wordings, columns},
    creators,
};
use crate::{
    detached::to_the_end,
    error::store_error,
    rows::{BatchRows, LookRow, ProfileRow, signed},
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
                .bind(self.known_at)
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
                .bind(self.known_at)
                .fetch_all(self.reader())
                .await
                .map_err(store_error)?;
        }
        if !rows.looks.is_empty() {
            rows.descriptions = wordings(self, &rows.wordings()).await?;
        }
        rows.into_batch()
    }

    async fn thin(&self, thinning: &Thinning, now: Timestamp) -> Result<Recorded, StoreError> {
        let eras = thinning.eras(now);
        end_what_was_begun(self).await?;
        let (mut thinned, mut after, mut failed) = (Recorded::default(), 0, None);
        loop {
            let some = sqlx::query_scalar::<Db, i64>(self.sql(statements::CREATORS_AFTER)).bind(after);
            let some = some.fetch_all(self.reader()).await.map_err(store_error)?;
            let Some(last) = some.last() else { break };
            after = *last;
            for creator in some {
                match thin(self, creator, eras, now.into()).await {
                    Ok(Recorded { profiles, videos }) => {
                        thinned.profiles += profiles;
                        thinned.videos += videos;
                    }
                    // What is wrong with one account does not keep the others as they are; a database that is away does.
                    Err(why) => {
                        tracing::warn!(creator, error = &why as &dyn std::error::Error, "an account was not thinned");
                        self.ping().await?;
                        failed = failed.or(Some(why));
                    }
                }
            }
        }
        forget_batches(self, eras[0].to.into()).await?;
        failed.map_or(Ok(thinned), Err)
    }

    async fn corpus_table(&self, as_of: Timestamp) -> Result<CorpusTable, StoreError> {
        columns::read(self, as_of.into()).await
    }
}

/// Thins the observations of an account in one transaction.
async fn thin(store: &Store, creator: i64, eras: [Era; 2], now: Stamp) -> Result<Recorded, StoreError> {
    to_the_end((store.clone(), creator, eras, now), |(store, creator, eras, now)| {
        Box::pin(async move {
            let mut thinned = Recorded::default();
            let mut first: Option<Stamp> = None;
            let mut tx = store.begin_long().await?;
            hold_accounts(store, &mut tx, &[*creator]).await?;
            for era in eras {
                for (statement, count) in [(THIN_PROFILES, &mut thinned.profiles), (THIN_LOOKS, &mut thinned.videos)] {
                    let gone = sqlx::query_scalar::<Db, Stamp>(store.sql(statement))
                        .bind(creator)
                        .bind(Stamp::from(era.from))
                        .bind(Stamp::from(era.to))
                        .bind(i64::try_from(era.step.as_micros()).expect("a week"))
                        .fetch_all(&mut *tx)
                        .await
                        .map_err(store_error)?;
                    *count += gone.len() as u64;
                    first = first.into_iter().chain(gone).min();
                }
            }
            if let Some(first) = first {
                let mark = sqlx::query(store.sql(statements::INPUTS_THINNED)).bind(creator).bind(first).bind(now);
                mark.execute(&mut *tx).await.map_err(store_error)?;
                say_thinning(store, &mut tx, *creator, first).await?;
            }
            tx.commit().await.map_err(store_error)?;
            if first.is_some() {
                say_thinned(store, *creator).await;
            }
            Ok(thinned)
        })
    })
    .await
}

/// Says that what an account had from a moment on is being taken away. Its reports are held: whoever keeps one later looks here.
pub(super) async fn say_thinning(store: &Store, tx: &mut Tx, creator: i64, first: Stamp) -> Result<(), StoreError> {
    let thinning = sqlx::query(store.sql(statements::THINNING)).bind(creator).bind(first);
    thinning.execute(&mut **tx).await.map_err(store_error)?;
    Ok(())
}

/// Says that it is over, once that is committed: who reads from now on knows what is left.
pub(super) async fn say_thinned(store: &Store, creator: i64) {
    let over = sqlx::query(store.sql(statements::THINNED)).bind(creator).bind(Stamp::from(store.clock.now()));
    // Until the next thinning, reports of the account are marked that need not be.
    if let Err(why) = over.execute(store.writer()).await {
        tracing::warn!(creator, error = &why as &dyn std::error::Error, "the end of a thinning was not kept");
    }
}

/// Ends what an interrupted thinning left open.
async fn end_what_was_begun(store: &Store) -> Result<(), StoreError> {
    to_the_end(store.clone(), |store| {
        Box::pin(async move {
            let end = sqlx::query(store.sql(statements::THINNED_BEFORE)).bind(Stamp::from(store.clock.now()));
            end.execute(store.writer()).await.map_err(store_error)?;
            Ok(())
        })
    })
    .await
}

/// Keeps two from thinning one of the accounts, ascending, and keeping a report on it at once, until the transaction ends.
pub(super) async fn hold_accounts(store: &Store, tx: &mut Tx, accounts: &[i64]) -> Result<(), StoreError> {
    for account in accounts {
        sqlx::query(store.sql(HOLD_ACCOUNT)).bind(account).execute(&mut **tx).await.map_err(store_error)?;
    }
    Ok(())
}

/// Forgets which batches were kept before a moment: one that is sent again is looked at again, and adds what was thinned since.
async fn forget_batches(store: &Store, before: Stamp) -> Result<(), StoreError> {
    to_the_end((store.clone(), before), |(store, before)| {
        Box::pin(async move {
            let forget = sqlx::query(store.sql(statements::FORGET_BATCHES)).bind(*before);
            forget.execute(store.writer()).await.map_err(store_error)?;
            Ok(())
        })
    })
    .await
}
