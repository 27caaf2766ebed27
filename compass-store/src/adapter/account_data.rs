//! Everything that is kept of a person: given in one view, erased in one transaction.

use std::collections::BTreeMap;

use async_trait::async_trait;
use compass_core::{
    AccountExport, ExportedJob, Job, JobEvent, User, UserId,
    ports::{AccountData, StoreError},
};
use sqlx::FromRow;
use uuid::Uuid;

use super::super::{Db, LOCK_USER, Store, Tx};
use crate::{
    detached::to_the_end,
    error::store_error,
    rows::{
        AdviceRow, AuditRow, ImportRow, JobEventRow, JobRow, ReportRow, SessionRow, ShareRow, TokenRow, UserRow, all,
        audiences,
    },
    statements,
};

type Row = <Db as sqlx::Database>::Row;

#[async_trait]
impl AccountData for Store {
    async fn export(&self, user: UserId) -> Result<Option<AccountExport>, StoreError> {
        to_the_end((self.clone(), user), |(store, user)| {
            Box::pin(async move {
                let mut tx = store.begin_reading().await?;
                let found: Vec<UserRow> = of_user(store, &mut tx, statements::FIND_USER, *user).await?;
                let Some(person) = all::<_, User>(found)?.pop() else { return Ok(None) };
                let sessions: Vec<SessionRow> = of_user(store, &mut tx, statements::SESSIONS_OF_USER, *user).await?;
                let tokens: Vec<TokenRow> = of_user(store, &mut tx, statements::TOKENS_OF_USER, *user).await?;
                let jobs: Vec<JobRow> = of_user(store, &mut tx, statements::JOBS_OF_USER, *user).await?;
                let events: Vec<JobEventRow> = of_user(store, &mut tx, statements::JOB_EVENTS_OF_USER, *user).await?;
                let imports: Vec<ImportRow> = of_user(store, &mut tx, statements::IMPORTS_OF_USER, *user).await?;
                let shares: Vec<ShareRow> = of_user(store, &mut tx, statements::AUDIENCES_OF_USER, *user).await?;
                let reports: Vec<ReportRow> = of_user(store, &mut tx, statements::REPORTS_OF_USER, *user).await?;
                let advice: Vec<AdviceRow> = of_user(store, &mut tx, statements::ADVICE_OF_USER, *user).await?;
                let audit: Vec<AuditRow> = of_user(store, &mut tx, statements::AUDIT_OF_USER, *user).await?;
                tx.commit().await.map_err(store_error)?;
                Ok(Some(AccountExport {
                    user: person,
                    sessions: all(sessions)?,
                    refresh_tokens: all(tokens)?,
                    jobs: with_events(all(jobs)?, events)?,
                    imports: all(imports)?,
                    audiences: audiences(&shares)?,
                    reports: all(reports)?,
                    advice: all(advice)?,
                    audit: all(audit)?,
                }))
            })
        })
        .await
    }

    async fn erase(&self, user: UserId) -> Result<bool, StoreError> {
        to_the_end((self.clone(), user), |(store, user)| {
            Box::pin(async move {
                let mut tx = store.begin().await?;
                let mut erased = 0;
                // Whoever is adding something of the user's is waited for, and whoever comes later finds nobody.
                let lock = sqlx::query(store.sql(LOCK_USER)).bind(user.0).execute(&mut *tx).await;
                lock.map_err(store_error)?;
                // The user goes last: the references alone would leave what events say of the user.
                for statement in [statements::ERASE_ACTOR, statements::ERASE_SUBJECT, statements::ERASE_USER] {
                    let done = sqlx::query(store.sql(statement)).bind(user.0).execute(&mut *tx).await;
                    erased = done.map_err(store_error)?.rows_affected();
                }
                tx.commit().await.map_err(store_error)?;
                Ok(erased > 0)
            })
        })
        .await
    }
}

async fn of_user<R>(store: &Store, tx: &mut Tx, statement: &'static str, user: UserId) -> Result<Vec<R>, StoreError>
where
    R: for<'r> FromRow<'r, Row> + Send + Unpin,
{
    sqlx::query_as::<Db, R>(store.sql(statement)).bind(user.0).fetch_all(&mut **tx).await.map_err(store_error)
}

fn with_events(jobs: Vec<Job>, rows: Vec<JobEventRow>) -> Result<Vec<ExportedJob>, StoreError> {
    let mut events: BTreeMap<Uuid, Vec<JobEvent>> = BTreeMap::new();
    for row in rows {
        events.entry(row.job_id).or_default().push(row.try_into()?);
    }
    let exported =
        jobs.into_iter().map(|job| ExportedJob { events: events.remove(&job.id.0).unwrap_or_default(), job });
    Ok(exported.collect())
}
