//! Forgetting by schedule, in small transactions.

use async_trait::async_trait;
use compass_core::{
    Forgotten, RetentionPolicy,
    ports::{Retention, StoreError},
};
use jiff::Timestamp;

use super::super::Store;
use crate::{detached::to_the_end, error::store_error, stamp::Stamp, statements};

/// As many rows are forgotten at a time: in milliseconds, so that nobody who writes waits for long.
const BATCH: u32 = 500;

#[async_trait]
impl Retention for Store {
    async fn retain(&self, policy: &RetentionPolicy, now: Timestamp) -> Result<Forgotten, StoreError> {
        let before = |kept| RetentionPolicy::cutoff(now, kept);
        let tokens = forget(self, statements::FORGET_TOKENS_OF_ENDED_SESSIONS, before(policy.tokens_of_ended_sessions))
            .await?
            + forget(self, statements::FORGET_EXPIRED_TOKENS, before(policy.expired_tokens)).await?;
        let sessions = forget(self, statements::FORGET_ENDED_SESSIONS, before(policy.sessions)).await?
            + forget(self, statements::FORGET_EXPIRED_SESSIONS, before(policy.sessions)).await?;
        let audit = forget(self, statements::FORGET_AUDIT_EVENTS, before(policy.audit)).await?;
        let clients = forget(self, statements::FORGET_CLIENTS_OF_SESSIONS, before(policy.clients)).await?
            + forget(self, statements::FORGET_CLIENTS_OF_AUDIT_EVENTS, before(policy.clients)).await?;
        let sign_ins = forget(self, statements::FORGET_SIGN_INS, before(policy.sign_ins)).await?;
        let jobs = forget(self, statements::FORGET_JOBS, before(policy.jobs)).await?;
        Ok(Forgotten { sign_ins, tokens, sessions, clients, jobs, audit })
    }
}

/// Repeats a statement until there is nothing left for it; each time is a transaction of its own.
async fn forget(store: &Store, statement: &'static str, before: Timestamp) -> Result<u64, StoreError> {
    let mut forgotten = 0;
    loop {
        let gone = to_the_end((store.clone(), statement, before), |(store, statement, before)| {
            Box::pin(async move {
                let batch = sqlx::query(store.sql(statement)).bind(Stamp::from(*before)).bind(i64::from(BATCH));
                Ok(batch.execute(store.writer()).await.map_err(store_error)?.rows_affected())
            })
        })
        .await?;
        forgotten += gone;
        if gone < u64::from(BATCH) {
            return Ok(forgotten);
        }
    }
}
