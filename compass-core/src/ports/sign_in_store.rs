//! Sign-ins under way.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;

use super::StoreError;
use crate::SignInTransaction;

/// Keeps sign-ins until their browsers come back.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait SignInStore: fmt::Debug + Send + Sync {
    /// Keeps a sign-in. [`StoreError::Conflict`] if its state is taken.
    async fn begin(&self, transaction: &SignInTransaction) -> Result<(), StoreError>;

    /// Takes the sign-in with this state away, so that it is given once, however many ask at once. `None` if there is none, or it
    /// has expired at `now`.
    async fn take(&self, state_hash: [u8; 32], now: Timestamp) -> Result<Option<SignInTransaction>, StoreError>;
}
