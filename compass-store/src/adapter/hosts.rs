//! Hosts that are left alone: one row for all workers.

use async_trait::async_trait;
use compass_core::{
    Block, HostBlocks, Visit,
    ports::{Entry, HostHealth, PROBE, StoreError},
};
use jiff::Timestamp;

use super::super::{Db, Store, Tx};
use crate::{
    detached::to_the_end,
    error::store_error,
    rows::{HostRow, storable},
    stamp::Stamp,
    statements,
};

#[async_trait]
impl HostHealth for Store {
    async fn enter(&self, host: &str, now: Timestamp) -> Result<Entry, StoreError> {
        let visit = Visit { host: storable("a host", host)?.to_owned(), since: kept(now) };
        to_the_end((self.clone(), visit, now), |(store, visit, now)| {
            Box::pin(async move {
                let probing = sqlx::query(store.sql(statements::PROBE_HOST))
                    .bind(&visit.host)
                    .bind(Stamp::from(*now))
                    .bind(Stamp::from(*now + PROBE))
                    .execute(store.writer())
                    .await
                    .map_err(store_error)?;
                if probing.rows_affected() > 0 {
                    return Ok(Entry::Go(visit.clone()));
                }
                // Not by a reader's older view: between the two statements somebody may have been blocked, or passed.
                let row = sqlx::query_as::<Db, HostRow>(store.sql(statements::FIND_HOST))
                    .bind(&visit.host)
                    .fetch_optional(store.writer())
                    .await
                    .map_err(store_error)?;
                let Some(row) = row else { return Ok(Entry::Go(visit.clone())) };
                let row = HostBlocks::try_from(row)?;
                if !row.is_of_another_time(*now) {
                    return Ok(Entry::Paused(row));
                }
                sqlx::query(store.sql(statements::FORGET_HOST))
                    .bind(&visit.host)
                    .bind(Stamp::from(row.last + PROBE))
                    .execute(store.writer())
                    .await
                    .map_err(store_error)?;
                Ok(Entry::Go(visit.clone()))
            })
        })
        .await
    }

    async fn blocked(&self, visit: &Visit, block: &Block, now: Timestamp) -> Result<HostBlocks, StoreError> {
        let visit = Visit { host: storable("a host", &visit.host)?.to_owned(), since: kept(visit.since) };
        to_the_end((self.clone(), block.clone(), kept(now), visit), |(store, block, now, visit)| {
            Box::pin(async move {
                let mut tx = store.begin().await?;
                // As the first block or beside the earlier ones, the row is there now, and locked until it is right.
                let first = HostBlocks::after(None, visit, block, *now);
                let earlier = HostBlocks::try_from(write(store, &mut tx, statements::LOCK_HOST, &first).await?)?;
                let row = HostBlocks::after(Some(&earlier), visit, block, *now);
                let row = write(store, &mut tx, statements::SAVE_HOST, &row).await?.try_into()?;
                tx.commit().await.map_err(store_error)?;
                Ok(row)
            })
        })
        .await
    }

    async fn passed(&self, visit: &Visit) -> Result<(), StoreError> {
        to_the_end((self.clone(), visit.clone()), |(store, visit)| {
            Box::pin(async move {
                sqlx::query(store.sql(statements::FORGET_HOST))
                    .bind(storable("a host", &visit.host)?)
                    .bind(Stamp::from(visit.since))
                    .execute(store.writer())
                    .await
                    .map_err(store_error)?;
                Ok(())
            })
        })
        .await
    }

    async fn left(&self, visit: &Visit) -> Result<(), StoreError> {
        to_the_end((self.clone(), visit.clone()), |(store, visit)| {
            Box::pin(async move {
                sqlx::query(store.sql(statements::LEAVE_HOST))
                    .bind(storable("a host", &visit.host)?)
                    .bind(Stamp::from(visit.since))
                    .bind(Stamp::from(visit.since + PROBE))
                    .execute(store.writer())
                    .await
                    .map_err(store_error)?;
                Ok(())
            })
        })
        .await
    }

    async fn find(&self, host: &str) -> Result<Option<HostBlocks>, StoreError> {
        sqlx::query_as::<Db, HostRow>(self.sql(statements::FIND_HOST))
            .bind(storable("a host", host)?)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?
            .map(HostBlocks::try_from)
            .transpose()
    }
}

/// The moment as the database keeps it: which of two came first must not depend on what it drops.
fn kept(moment: Timestamp) -> Timestamp {
    Stamp::from(moment).get()
}

async fn write(store: &Store, tx: &mut Tx, statement: &'static str, row: &HostBlocks) -> Result<HostRow, StoreError> {
    sqlx::query_as::<Db, HostRow>(store.sql(statement))
        .bind(&row.host)
        .bind(i64::from(row.count))
        .bind(Stamp::from(row.since))
        .bind(Stamp::from(row.last))
        .bind(Stamp::from(row.until))
        .bind(storable("a block's code", &row.cause.code)?)
        .bind(storable("a block's detail", &row.cause.detail)?)
        .fetch_one(&mut **tx)
        .await
        .map_err(store_error)
}
