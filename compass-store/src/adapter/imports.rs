//! Imports with the audiences in them: one transaction.

use async_trait::async_trait;
use compass_core::{
    AudienceObservation, Handle, Import, ImportId, ImportedAudience, OwnData, UserId,
    ports::{AudienceStore, ImportStore, StoreError},
};
use jiff::Timestamp;
use sqlx::FromRow as _;

use super::{
    super::{Db, Store, Tx},
    corpus::{hold_accounts, say_thinned, say_thinning},
};
use crate::{
    detached::{beside, to_the_end},
    error::store_error,
    rows::{self, HeldShareRow, ImportRow, ShareRow, audiences, audiences_by_handle, json, storable},
    stamp::Stamp,
    statements,
};

#[async_trait]
impl ImportStore for Store {
    async fn add(&self, import: &Import, audiences: &[AudienceObservation]) -> Result<(), StoreError> {
        let own = import.own.clone();
        let own = beside(move || own.map(|own| json("an own export", &own)).transpose()).await?;
        let import = Import { own: None, ..import.clone() };
        to_the_end((self.clone(), import, own, audiences.to_vec()), |(store, import, own, audiences)| {
            Box::pin(async move {
                let mut tx = store.begin().await?;
                sqlx::query(store.sql(statements::ADD_IMPORT))
                    .bind(import.id.0)
                    .bind(import.user.map(|user| user.0))
                    .bind(import.handle.as_str())
                    .bind(import.source.as_str())
                    .bind(import.digest.as_slice())
                    .bind(Stamp::from(import.imported_at))
                    .bind(count(import.accepted)?)
                    .bind(count(import.refused)?)
                    .bind(json("a refusal", &import.refusals)?)
                    .bind(own.as_ref())
                    .execute(&mut *tx)
                    .await
                    .map_err(store_error)?;
                for audience in audiences {
                    add_audience(store, &mut tx, import, audience).await?;
                }
                tx.commit().await.map_err(store_error)
            })
        })
        .await
    }

    async fn same(&self, user: Option<UserId>, digest: [u8; 32]) -> Result<Option<Import>, StoreError> {
        sqlx::query_as::<Db, ImportRow>(self.sql(statements::SAME_IMPORT))
            .bind(user.map(|user| user.0))
            .bind(digest.as_slice())
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?
            .map(Import::try_from)
            .transpose()
    }

    async fn imports(&self, user: UserId, limit: u32) -> Result<Vec<Import>, StoreError> {
        let rows = sqlx::query_as::<Db, ImportRow>(self.sql(statements::LAST_IMPORTS))
            .bind(user.0)
            .bind(i64::from(limit))
            .fetch_all(self.reader())
            .await;
        rows::all(rows.map_err(store_error)?)
    }

    async fn delete(&self, user: Option<UserId>, id: ImportId) -> Result<bool, StoreError> {
        to_the_end((self.clone(), user, id), |(store, user, id)| {
            Box::pin(async move {
                let mut tx = store.begin().await?;
                let of = sqlx::query_as::<Db, (String, Option<i64>)>(store.sql(statements::DELETE_IMPORT))
                    .bind(user.map(|user| user.0))
                    .bind(id.0)
                    .fetch_optional(&mut *tx)
                    .await
                    .map_err(store_error)?;
                let Some((handle, account)) = of else { return Ok(false) };
                if let Some(account) = account {
                    // A report on the account is kept before, and marked below, or it will find what is written here.
                    hold_accounts(store, &mut tx, &[account]).await?;
                    say_thinning(store, &mut tx, account, Timestamp::MIN.into()).await?;
                }
                mark_reports(store, &mut tx, *user, &handle, account).await?;
                tx.commit().await.map_err(store_error)?;
                if let Some(account) = account {
                    say_thinned(store, account).await;
                }
                Ok(true)
            })
        })
        .await
    }

    async fn own(&self, user: UserId, handle: &Handle) -> Result<Vec<OwnData>, StoreError> {
        let rows = sqlx::query(self.sql(statements::OWN_OF_ACCOUNT))
            .bind(user.0)
            .bind(handle.as_str())
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        let read = move || {
            let read = |row| Ok(Import::try_from(ImportRow::from_row(row).map_err(store_error)?)?.own);
            rows.iter().filter_map(|row| read(row).transpose()).collect()
        };
        beside(read).await
    }
}

#[async_trait]
impl AudienceStore for Store {
    async fn audience(
        &self,
        handle: &Handle,
        viewer: Option<UserId>,
        as_of: Timestamp,
    ) -> Result<Option<AudienceObservation>, StoreError> {
        let rows = sqlx::query_as::<Db, ShareRow>(self.sql(statements::AUDIENCE_AS_OF))
            .bind(handle.as_str())
            .bind(viewer.map(|user| user.0))
            .bind(Stamp::from(as_of))
            .fetch_all(self.reader())
            .await
            .map_err(store_error)?;
        Ok(audiences(&rows)?.pop())
    }

    async fn audiences(
        &self,
        owner: Option<UserId>,
        as_of: Timestamp,
        after: Option<Handle>,
        limit: u32,
    ) -> Result<Vec<(Handle, ImportedAudience)>, StoreError> {
        let statement = match owner {
            Some(_) => statements::AUDIENCES_OF_OWNER,
            None => statements::AUDIENCES_OF_OPERATOR,
        };
        let asked = sqlx::query_as::<Db, HeldShareRow>(self.sql(statement))
            .bind(Stamp::from(as_of))
            .bind(after.as_ref().map_or("", Handle::as_str))
            .bind(i64::from(limit));
        let asked = match owner {
            Some(user) => asked.bind(user.0),
            None => asked,
        };
        audiences_by_handle(asked.fetch_all(self.reader()).await.map_err(store_error)?)
    }
}

/// Marks the reports that may have been made of an import that is gone.
async fn mark_reports(
    store: &Store,
    tx: &mut Tx,
    user: Option<UserId>,
    handle: &str,
    account: Option<i64>,
) -> Result<(), StoreError> {
    let now = Stamp::from(store.clock.now());
    if let Some(user) = user {
        let mark = sqlx::query(store.sql(statements::IMPORT_GONE)).bind(user.0).bind(handle).bind(now).bind(account);
        mark.execute(&mut **tx).await.map_err(store_error)?;
        return Ok(());
    }
    let mark = sqlx::query(store.sql(statements::OPERATOR_S_IMPORT_GONE)).bind(handle).bind(now);
    mark.execute(&mut **tx).await.map_err(store_error)?;
    if let Some(account) = account {
        let mark = sqlx::query(store.sql(statements::OPERATOR_S_IMPORT_OF_ACCOUNT_GONE)).bind(account).bind(now);
        mark.execute(&mut **tx).await.map_err(store_error)?;
    }
    Ok(())
}

async fn add_audience(
    store: &Store,
    tx: &mut Tx,
    import: &Import,
    audience: &AudienceObservation,
) -> Result<(), StoreError> {
    for (dimension, shares) in &audience.shares.dimensions {
        for (bucket, share) in shares.iter().chain([("", shares.rest())]) {
            sqlx::query(store.sql(statements::ADD_SHARE))
                .bind(import.id.0)
                .bind(Stamp::from(audience.observed_at))
                .bind(audience.shares.source.as_str())
                .bind(dimension.as_str())
                .bind(storable("a group's name", bucket)?)
                .bind(share)
                .execute(&mut **tx)
                .await
                .map_err(store_error)?;
        }
    }
    Ok(())
}

fn count(items: u64) -> Result<i64, StoreError> {
    i64::try_from(items).map_err(|_| StoreError::Invalid(format!("{items} items are too many")))
}
