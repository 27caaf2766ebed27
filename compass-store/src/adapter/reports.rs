//! Kept reports, and the ledger of advice.

use async_trait::async_trait;
use compass_core::{
    Advice, AdviceId, Handle, KeptReport, Outcome, ReportId, UserId,
    ports::{AdviceLedger, ReportStore, StoreError},
};
use jiff::Timestamp;

use super::{
    super::{Db, Store},
    corpus::hold_accounts,
};
use crate::{
    detached::to_the_end,
    error::store_error,
    rows::{self, AdviceRow, ReportRow, json, signed, storable},
    stamp::Stamp,
    statements,
};

#[async_trait]
impl ReportStore for Store {
    async fn keep(&self, report: &KeptReport) -> Result<KeptReport, StoreError> {
        to_the_end((self.clone(), report.clone()), |(store, report)| {
            Box::pin(async move {
                // The report that was in the way may be erased before it can be read; then there is room for this one.
                loop {
                    if let Some(same) = same(store, report).await? {
                        return Ok(same);
                    }
                    if let Some(added) = add(store, report).await? {
                        return Ok(added);
                    }
                    if let Some(same) = same(store, report).await? {
                        return Ok(same);
                    }
                    if ReportStore::find(store, report.id).await?.is_some() {
                        return Err(StoreError::Conflict(format!("report {} exists already", report.id)));
                    }
                }
            })
        })
        .await
    }

    async fn find(&self, id: ReportId) -> Result<Option<KeptReport>, StoreError> {
        sqlx::query_as::<Db, ReportRow>(self.sql(statements::FIND_REPORT))
            .bind(id.0)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?
            .map(KeptReport::try_from)
            .transpose()
    }

    async fn latest(&self, handle: &Handle, viewer: Option<UserId>) -> Result<Option<KeptReport>, StoreError> {
        sqlx::query_as::<Db, ReportRow>(self.sql(statements::LAST_REPORT))
            .bind(handle.as_str())
            .bind(viewer.map(|user| user.0))
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?
            .map(KeptReport::try_from)
            .transpose()
    }
}

#[async_trait]
impl AdviceLedger for Store {
    async fn advise(&self, advice: &Advice) -> Result<(), StoreError> {
        to_the_end((self.clone(), advice.clone()), |(store, advice)| {
            Box::pin(async move {
                sqlx::query(store.sql(statements::ADVISE))
                    .bind(advice.id.0)
                    .bind(advice.user.0)
                    .bind(advice.report.0)
                    .bind(Stamp::from(advice.given_at))
                    .bind(storable("the kind of advice", &advice.kind)?)
                    .bind(json("advice", &advice.said)?)
                    .bind(json("an expectation", &advice.expected)?)
                    .bind(Stamp::from(advice.due_at))
                    .execute(store.writer())
                    .await
                    .map_err(store_error)?;
                Ok(())
            })
        })
        .await
    }

    async fn advice_to(&self, user: UserId, limit: u32) -> Result<Vec<Advice>, StoreError> {
        let rows = sqlx::query_as::<Db, AdviceRow>(self.sql(statements::LAST_ADVICE))
            .bind(user.0)
            .bind(i64::from(limit))
            .fetch_all(self.reader())
            .await;
        rows::all(rows.map_err(store_error)?)
    }

    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Advice>, StoreError> {
        let rows = sqlx::query_as::<Db, AdviceRow>(self.sql(statements::DUE_ADVICE))
            .bind(Stamp::from(now))
            .bind(i64::from(limit))
            .fetch_all(self.reader())
            .await;
        rows::all(rows.map_err(store_error)?)
    }

    async fn settle(&self, id: AdviceId, outcome: &Outcome) -> Result<(), StoreError> {
        to_the_end((self.clone(), id, outcome.clone()), |(store, id, outcome)| {
            Box::pin(async move {
                let settled = sqlx::query(store.sql(statements::SETTLE_ADVICE))
                    .bind(id.0)
                    .bind(Stamp::from(outcome.settled_at))
                    .bind(json("an outcome", &outcome.found)?)
                    .execute(store.writer())
                    .await
                    .map_err(store_error)?;
                if settled.rows_affected() > 0 {
                    return Ok(());
                }
                let advice = sqlx::query(store.sql(statements::IS_ADVICE))
                    .bind(id.0)
                    .fetch_optional(store.writer())
                    .await
                    .map_err(store_error)?;
                Err(match advice {
                    Some(_) => StoreError::Conflict(format!("the outcome of advice {id} is written")),
                    None => StoreError::NotFound,
                })
            })
        })
        .await
    }
}

/// Keeps the report with its accounts, unless one is in its way. Thinning of the accounts waits, or is over.
async fn add(store: &Store, report: &KeptReport) -> Result<Option<KeptReport>, StoreError> {
    let accounts: Vec<i64> = report.accounts().into_iter().map(|creator| signed(creator.get())).collect();
    let mut tx = store.begin().await?;
    hold_accounts(store, &mut tx, &accounts).await?;
    let added = sqlx::query_as::<Db, ReportRow>(store.sql(statements::ADD_REPORT))
        .bind(report.id.0)
        .bind(report.handle.as_str())
        .bind(report.creator.map(|creator| signed(creator.get())))
        .bind(report.private_to.map(|user| user.0))
        .bind(Stamp::from(report.as_of))
        .bind(Stamp::from(report.made_at))
        .bind(storable("the engine's version", &report.engine)?)
        .bind(report.input_hash.as_slice())
        .bind(json("a report", &report.report)?)
        .bind(report.inputs_thinned_at.map(Stamp::from))
        .bind(json("the accounts of a report", &report.compared)?)
        .fetch_optional(&mut *tx)
        .await
        .map_err(store_error)?;
    let Some(added) = added else { return Ok(None) };
    let mut added = KeptReport::try_from(added)?;
    for creator in accounts {
        let add = sqlx::query(store.sql(statements::ADD_REPORT_ACCOUNT)).bind(creator).bind(report.id.0);
        add.execute(&mut *tx).await.map_err(store_error)?;
    }
    let now = Stamp::from(store.clock.now());
    let mark = sqlx::query(store.sql(statements::KEPT_LATE)).bind(report.id.0).bind(now);
    if mark.execute(&mut *tx).await.map_err(store_error)?.rows_affected() > 0 {
        added.inputs_thinned_at = Some(now.get());
    }
    tx.commit().await.map_err(store_error)?;
    Ok(Some(added))
}

async fn same(store: &Store, report: &KeptReport) -> Result<Option<KeptReport>, StoreError> {
    sqlx::query_as::<Db, ReportRow>(store.sql(statements::SAME_REPORT))
        .bind(report.handle.as_str())
        .bind(Stamp::from(report.as_of))
        .bind(report.engine.as_str())
        .bind(report.input_hash.as_slice())
        .bind(report.private_to.map(|user| user.0))
        .fetch_optional(store.writer())
        .await
        .map_err(store_error)?
        .map(KeptReport::try_from)
        .transpose()
}
