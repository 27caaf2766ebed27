//! The record of what was done.

use async_trait::async_trait;
use compass_core::{
    AuditEvent, UserId,
    ports::{AuditLog, StoreError},
};

use super::super::{Db, Store};
use crate::{
    detached::to_the_end,
    error::store_error,
    rows::{self, AuditRow, json, storable},
    stamp::Stamp,
    statements,
};

#[async_trait]
impl AuditLog for Store {
    async fn append(&self, event: &AuditEvent) -> Result<(), StoreError> {
        to_the_end((self.clone(), event.clone()), |(store, event)| {
            Box::pin(async move {
                sqlx::query(store.sql(statements::ADD_AUDIT_EVENT))
                    .bind(event.id.0)
                    .bind(Stamp::from(event.at))
                    .bind(event.actor.map(|user| user.0))
                    .bind(storable("an action", &event.action)?)
                    .bind(event.subject.map(|user| user.0))
                    .bind(json("an event's detail", &event.detail)?)
                    .bind(event.ip.map(|ip| ip.to_string()))
                    .execute(store.writer())
                    .await
                    .map_err(store_error)?;
                Ok(())
            })
        })
        .await
    }

    async fn events_of(&self, user: UserId, limit: u32) -> Result<Vec<AuditEvent>, StoreError> {
        let rows = sqlx::query_as::<Db, AuditRow>(self.sql(statements::AUDIT_EVENTS))
            .bind(user.0)
            .bind(i64::from(limit))
            .fetch_all(self.reader())
            .await;
        rows::all(rows.map_err(store_error)?)
    }
}
