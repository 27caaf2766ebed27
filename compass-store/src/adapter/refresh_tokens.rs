//! Chains of refresh tokens: whoever has the session's row decides.

use async_trait::async_trait;
use compass_core::{
    RefreshToken, RefreshUse, Session, SessionId,
    ports::{RefreshTokens, Rotation, StoreError},
};
use jiff::Timestamp;
use uuid::Uuid;

use super::super::{Db, Store, Tx};
use crate::{
    detached::to_the_end,
    error::store_error,
    rows::{self, SessionRow, TokenRow},
    stamp::Stamp,
    statements,
};

#[async_trait]
impl RefreshTokens for Store {
    async fn issue(&self, token: &RefreshToken) -> Result<(), StoreError> {
        to_the_end((self.clone(), token.clone()), |(store, token)| {
            Box::pin(async move {
                let mut tx = store.begin().await?;
                let session = sqlx::query_as::<Db, SessionRow>(store.sql(statements::LOCK_SESSION))
                    .bind(token.session.0)
                    .fetch_optional(&mut *tx)
                    .await
                    .map_err(store_error)?;
                if session.is_none() {
                    return Err(StoreError::NotFound);
                }
                if !chain(store, &mut tx, token.session).await?.is_empty() {
                    return Err(StoreError::Conflict(format!("session {} has tokens", token.session)));
                }
                add(store, &mut tx, token, token.session).await?;
                tx.commit().await.map_err(store_error)
            })
        })
        .await
    }

    async fn rotate(&self, presented: [u8; 32], next: &RefreshToken) -> Result<Rotation, StoreError> {
        to_the_end((self.clone(), presented, next.clone()), |(store, presented, next)| {
            Box::pin(async move {
                let at = next.issued_at;
                let mut tx = store.begin().await?;
                let session = sqlx::query_as::<Db, SessionRow>(store.sql(statements::LOCK_SESSION_OF_TOKEN))
                    .bind(presented.as_slice())
                    .fetch_optional(&mut *tx)
                    .await
                    .map_err(store_error)?;
                let Some(session) = session.map(Session::try_from).transpose()? else { return Ok(Rotation::Void) };
                // Retention may have taken it since its session was found.
                let Some(token) = find(store, &mut tx, *presented).await? else { return Ok(Rotation::Void) };
                let successor = match token.next {
                    Some(hash) => find(store, &mut tx, hash).await?,
                    None => None,
                };
                let rotation = match token.use_of(&session, successor.as_ref(), at) {
                    RefreshUse::Void => Rotation::Void,
                    RefreshUse::AtOnce => Rotation::AtOnce(session),
                    RefreshUse::Stolen => {
                        change(store, &mut tx, statements::REVOKE_FAMILY, session.id.0, at).await?;
                        change(store, &mut tx, statements::END_SESSION, session.id.0, at).await?;
                        Rotation::Reused(Session { ended_at: Some(Stamp::from(at).get()), ..session })
                    }
                    RefreshUse::First | RefreshUse::AnswerLost => {
                        if let Some(unused) = successor {
                            sqlx::query(store.sql(statements::REVOKE_TOKEN))
                                .bind(unused.hash.as_slice())
                                .bind(Stamp::from(at))
                                .execute(&mut *tx)
                                .await
                                .map_err(store_error)?;
                        }
                        add(store, &mut tx, next, session.id).await?;
                        sqlx::query(store.sql(statements::USE_TOKEN))
                            .bind(presented.as_slice())
                            .bind(Stamp::from(at))
                            .bind(next.hash.as_slice())
                            .execute(&mut *tx)
                            .await
                            .map_err(store_error)?;
                        Rotation::Rotated(session)
                    }
                };
                tx.commit().await.map_err(store_error)?;
                Ok(rotation)
            })
        })
        .await
    }

    async fn session_of(&self, presented: [u8; 32], now: Timestamp) -> Result<Option<Session>, StoreError> {
        sqlx::query_as::<Db, SessionRow>(self.sql(statements::SESSION_OF_TOKEN))
            .bind(presented.as_slice())
            .bind(Stamp::from(now))
            .fetch_optional(self.reader())
            .await
            .map_err(store_error)?
            .map(Session::try_from)
            .transpose()
    }

    async fn of_session(&self, session: SessionId) -> Result<Vec<RefreshToken>, StoreError> {
        let rows = sqlx::query_as::<Db, TokenRow>(self.sql(statements::TOKENS_OF_SESSION))
            .bind(session.0)
            .fetch_all(self.reader())
            .await;
        rows::all(rows.map_err(store_error)?)
    }
}

async fn chain(store: &Store, tx: &mut Tx, session: SessionId) -> Result<Vec<TokenRow>, StoreError> {
    sqlx::query_as::<Db, TokenRow>(store.sql(statements::TOKENS_OF_SESSION))
        .bind(session.0)
        .fetch_all(&mut **tx)
        .await
        .map_err(store_error)
}

async fn find(store: &Store, tx: &mut Tx, hash: [u8; 32]) -> Result<Option<RefreshToken>, StoreError> {
    sqlx::query_as::<Db, TokenRow>(store.sql(statements::FIND_TOKEN))
        .bind(hash.as_slice())
        .fetch_optional(&mut **tx)
        .await
        .map_err(store_error)?
        .map(RefreshToken::try_from)
        .transpose()
}

async fn add(store: &Store, tx: &mut Tx, token: &RefreshToken, session: SessionId) -> Result<(), StoreError> {
    sqlx::query(store.sql(statements::ADD_TOKEN))
        .bind(token.hash.as_slice())
        .bind(session.0)
        .bind(Stamp::from(token.issued_at))
        .bind(Stamp::from(token.expires_at))
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    Ok(())
}

async fn change(
    store: &Store,
    tx: &mut Tx,
    statement: &'static str,
    session: Uuid,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(store.sql(statement))
        .bind(session)
        .bind(Stamp::from(at))
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    Ok(())
}
