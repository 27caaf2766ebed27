//! Sign-ins under way: taken by deletion.

use async_trait::async_trait;
use compass_core::{
    SignInTransaction,
    ports::{SignInStore, StoreError},
};
use jiff::Timestamp;

use super::super::{Db, Store};
use crate::{
    detached::to_the_end,
    error::store_error,
    rows::{SignInRow, storable},
    stamp::Stamp,
    statements,
};

#[async_trait]
impl SignInStore for Store {
    async fn begin(&self, transaction: &SignInTransaction) -> Result<(), StoreError> {
        to_the_end((self.clone(), transaction.clone()), |(store, transaction)| {
            Box::pin(async move {
                sqlx::query(store.sql(statements::BEGIN_SIGN_IN))
                    .bind(transaction.state_hash.as_slice())
                    .bind(storable("the nonce", &transaction.nonce)?)
                    .bind(storable("the verifier", &transaction.verifier)?)
                    .bind(storable("the page to return to", &transaction.return_to)?)
                    .bind(Stamp::from(transaction.begun_at))
                    .bind(Stamp::from(transaction.expires_at))
                    .execute(store.writer())
                    .await
                    .map_err(store_error)?;
                Ok(())
            })
        })
        .await
    }

    async fn take(&self, state_hash: [u8; 32], now: Timestamp) -> Result<Option<SignInTransaction>, StoreError> {
        to_the_end((self.clone(), state_hash, now), |(store, state_hash, now)| {
            Box::pin(async move {
                sqlx::query_as::<Db, SignInRow>(store.sql(statements::TAKE_SIGN_IN))
                    .bind(state_hash.as_slice())
                    .bind(Stamp::from(*now))
                    .fetch_optional(store.writer())
                    .await
                    .map_err(store_error)?
                    .map(SignInTransaction::try_from)
                    .transpose()
            })
        })
        .await
    }
}
