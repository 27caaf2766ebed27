//! What people may ask of what is kept of them.

use serde_json::json;

use super::Accounts;
use crate::{AccountExport, Client, UserId, ports::StoreError};

impl Accounts {
    /// Everything that is kept of the person, this request among it; `None` if there is no such person.
    ///
    /// # Errors
    /// [`StoreError`] if the store fails.
    pub async fn export(&self, user: UserId, client: &Client) -> Result<Option<AccountExport>, StoreError> {
        match self.record(Some(user), None, "account_exported", json!({}), client).await {
            Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(error),
            Ok(()) => self.data.export(user).await,
        }
    }

    /// Erases the person with everything that is kept of the person; every session ends with that. On record stays that somebody
    /// was erased, and when, without saying who. Harmless if there is nobody any more.
    ///
    /// # Errors
    /// [`StoreError`] if the store fails.
    pub async fn erase(&self, user: UserId, client: &Client) -> Result<(), StoreError> {
        // Before it is done, since afterwards there is nobody who did it.
        match self.record(Some(user), None, "account_erased", json!({}), client).await {
            Err(StoreError::NotFound) => Ok(()),
            Err(error) => Err(error),
            Ok(()) => self.data.erase(user).await.map(drop),
        }
    }
}
