//! People, preferences, sessions.

use async_trait::async_trait;
use compass_core::{
    Client, Handle, Identity, Preferences, PreferencesChange, Session, SessionId, Text, User, UserId,
    ports::{AccountStore, StoreError},
};
use jiff::Timestamp;
use uuid::Uuid;

use super::super::{Db, LOCK_USER, Store, TRACKED};
use crate::{
    detached::to_the_end,
    error::{corrupt, store_error},
    rows::{self, SessionRow, UserRow, json, storable, storable_option},
    stamp::Stamp,
    statements,
};

#[async_trait]
impl AccountStore for Store {
    async fn sign_in(&self, identity: &Identity, new_id: UserId, at: Timestamp) -> Result<User, StoreError> {
        to_the_end((self.clone(), identity.clone(), new_id, at), |(store, identity, new_id, at)| {
            Box::pin(async move {
                sqlx::query_as::<Db, UserRow>(store.sql(statements::SIGN_IN))
                    .bind(new_id.0)
                    .bind(storable("the issuer", &identity.issuer)?)
                    .bind(storable("the subject", &identity.subject)?)
                    .bind(storable_option("the e-mail", identity.email.as_ref())?)
                    .bind(storable_option("the name", identity.name.as_ref())?)
                    .bind(Stamp::from(*at))
                    .fetch_one(store.writer())
                    .await
                    .map_err(store_error)?
                    .try_into()
            })
        })
        .await
    }

    async fn find(&self, user: UserId) -> Result<Option<User>, StoreError> {
        sqlx::query_as::<Db, UserRow>(self.sql(statements::FIND_USER))
            .bind(user.0)
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?
            .map(User::try_from)
            .transpose()
    }

    async fn users(&self, after: Option<UserId>, limit: u32) -> Result<Vec<User>, StoreError> {
        let rows = sqlx::query_as::<Db, UserRow>(self.sql(statements::USERS_AFTER))
            .bind(after.map_or(Uuid::nil(), |after| after.0))
            .bind(i64::from(limit))
            .fetch_all(self.reader())
            .await;
        rows::all(rows.map_err(store_error)?)
    }

    async fn change_preferences(&self, user: UserId, change: &PreferencesChange) -> Result<Preferences, StoreError> {
        to_the_end((self.clone(), user, change.clone()), |(store, user, change)| {
            Box::pin(async move {
                let mut tx = store.begin().await?;
                // Whoever else changes them waits.
                sqlx::query(store.sql(LOCK_USER)).bind(user.0).execute(&mut *tx).await.map_err(store_error)?;
                let before = sqlx::query_as::<Db, UserRow>(store.sql(statements::FIND_USER))
                    .bind(user.0)
                    .fetch_optional(&mut *tx)
                    .await
                    .map_err(store_error)?
                    .ok_or(StoreError::NotFound)?;
                let preferences = change.of(User::try_from(before)?.preferences);
                sqlx::query(store.sql(statements::SAVE_PREFERENCES))
                    .bind(user.0)
                    .bind(json("a preference", &preferences)?)
                    .execute(&mut *tx)
                    .await
                    .map_err(store_error)?;
                tx.commit().await.map_err(store_error)?;
                Ok(preferences)
            })
        })
        .await
    }

    async fn tracked(&self, after: Option<Handle>, limit: u32) -> Result<Vec<Handle>, StoreError> {
        let mut after = after.map_or_else(String::new, |handle| handle.to_string());
        loop {
            let named: Vec<String> = sqlx::query_scalar(self.sql(TRACKED))
                .bind(&after)
                .bind(i64::from(limit))
                .fetch_all(self.reader())
                .await
                .map_err(store_error)?;
            let Some(last) = named.last().cloned() else { return Ok(Vec::new()) };
            let tracked: Vec<Handle> = rows::readable("what somebody tracks", named.into_iter().map(Tracked).collect());
            // An empty page would be taken for the end.
            if !tracked.is_empty() {
                return Ok(tracked);
            }
            after = last;
        }
    }

    async fn open_session(&self, session: &Session) -> Result<(), StoreError> {
        to_the_end((self.clone(), session.clone()), |(store, session)| {
            Box::pin(async move {
                sqlx::query(store.sql(statements::OPEN_SESSION))
                    .bind(session.id.0)
                    .bind(session.user.0)
                    .bind(session.token_hash.as_slice())
                    .bind(Stamp::from(session.opened_at))
                    .bind(Stamp::from(session.expires_at))
                    .bind(Stamp::from(session.last_seen_at))
                    .bind(session.ended_at.map(Stamp::from))
                    .bind(session.client.ip.map(|ip| ip.to_string()))
                    .bind(session.client.user_agent.as_ref().map(Text::as_str))
                    .execute(store.writer())
                    .await
                    .map_err(store_error)?;
                Ok(())
            })
        })
        .await
    }

    async fn session(&self, token_hash: [u8; 32], now: Timestamp) -> Result<Option<Session>, StoreError> {
        sqlx::query_as::<Db, SessionRow>(self.sql(statements::FIND_SESSION_BY_TOKEN))
            .bind(token_hash.as_slice())
            .bind(Stamp::from(now))
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?
            .map(Session::try_from)
            .transpose()
    }

    async fn session_by_id(&self, id: SessionId, now: Timestamp) -> Result<Option<Session>, StoreError> {
        sqlx::query_as::<Db, SessionRow>(self.sql(statements::FIND_SESSION))
            .bind(id.0)
            .bind(Stamp::from(now))
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?
            .map(Session::try_from)
            .transpose()
    }

    async fn sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let rows = sqlx::query_as::<Db, SessionRow>(self.sql(statements::OPEN_SESSIONS))
            .bind(user.0)
            .bind(Stamp::from(now))
            .fetch_all(self.reader())
            .await;
        rows::all(rows.map_err(store_error)?)
    }

    async fn session_seen(&self, id: SessionId, client: &Client, at: Timestamp) -> Result<(), StoreError> {
        to_the_end((self.clone(), id, client.clone(), at), |(store, id, client, at)| {
            Box::pin(async move {
                sqlx::query(store.sql(statements::SESSION_SEEN))
                    .bind(id.0)
                    .bind(Stamp::from(*at))
                    .bind(client.ip.map(|ip| ip.to_string()))
                    .bind(client.user_agent.as_ref().map(Text::as_str))
                    .execute(store.writer())
                    .await
                    .map_err(store_error)?;
                Ok(())
            })
        })
        .await
    }

    async fn end_session(&self, id: SessionId, at: Timestamp) -> Result<(), StoreError> {
        end(self, statements::END_SESSION, id.0, at).await.map(drop)
    }

    async fn end_sessions(&self, user: UserId, at: Timestamp) -> Result<u64, StoreError> {
        end(self, statements::END_SESSIONS, user.0, at).await
    }
}

/// The handle in somebody's preferences.
struct Tracked(String);

impl TryFrom<Tracked> for Handle {
    type Error = StoreError;

    fn try_from(Tracked(name): Tracked) -> Result<Self, StoreError> {
        Self::parse(&name).map_err(|why| corrupt("compass_users", &name, "preferences", format!("handle: {why}")))
    }
}

async fn end(store: &Store, statement: &'static str, whose: Uuid, at: Timestamp) -> Result<u64, StoreError> {
    to_the_end((store.clone(), statement, whose, at), |(store, statement, whose, at)| {
        Box::pin(async move {
            let ended = sqlx::query(store.sql(statement)).bind(*whose).bind(Stamp::from(*at)).execute(store.writer());
            Ok(ended.await.map_err(store_error)?.rows_affected())
        })
    })
    .await
}
