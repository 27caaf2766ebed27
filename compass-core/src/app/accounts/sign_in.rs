//! From a provider's answer to a session, and its end.

use std::fmt;

use serde_json::json;

use super::{Accounts, hash};
use crate::{
    Client, Session, User, UserId,
    ports::{IdentityError, IdentityProvider, SignInAnswer, StoreError, new_secret, new_uuid},
};

/// A fresh session and the secret that the browser keeps for it.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who signed in.
    pub user: User,
    /// The session as it is stored.
    pub session: Session,
    /// The browser's secret: 64 hexadecimal digits. It is nowhere stored.
    pub token: String,
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn").field("session", &self.session).finish_non_exhaustive()
    }
}

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignInError {
    /// The provider did not say who it is.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// It could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Accounts {
    /// Finishes a sign-in: finds or makes the user and opens a session.
    ///
    /// On record are sign-ins and those that were begun in this browser and failed; answers to sign-ins that nobody began are
    /// not, since anybody could fill the record with them.
    ///
    /// # Errors
    /// [`SignInError`] if the provider's answer does not hold or the store fails.
    pub async fn sign_in(
        &self,
        identity: &dyn IdentityProvider,
        answer: &SignInAnswer,
        client: &Client,
    ) -> Result<SignedIn, SignInError> {
        let who = match identity.finish(answer).await {
            Ok(who) => who,
            Err(error) => {
                if let Some(why) = on_record(&error) {
                    self.record(None, None, "sign_in_failed", json!({"why": why}), client).await?;
                }
                return Err(error.into());
            }
        };
        let now = self.clock.now();
        let user = self.store.sign_in(&who, UserId(new_uuid(&*self.random, now)), now).await?;
        let token = new_secret(&*self.random);
        let session = self.open(user.id, hash(&token), client, now).await?;
        self.record(Some(user.id), None, "session_opened", json!({"session": session.id.0, "for": "browser"}), client)
            .await?;
        Ok(SignedIn { user, session, token })
    }

    /// Ends a session at once, for its cookie and for every token that was made from it.
    ///
    /// # Errors
    /// [`StoreError`] if the store fails.
    pub async fn sign_out(&self, session: &Session, client: &Client) -> Result<(), StoreError> {
        self.store.end_session(session.id, self.clock.now()).await?;
        self.record(Some(session.user), None, "session_ended", json!({"session": session.id.0}), client).await
    }
}

/// Why a sign-in failed that somebody had begun.
fn on_record(error: &IdentityError) -> Option<&'static str> {
    match error {
        IdentityError::Declined => Some("declined"),
        IdentityError::NotAllowed(_) => Some("not_allowed"),
        IdentityError::Invalid(_) => Some("invalid"),
        IdentityError::TransactionMismatch | IdentityError::Unavailable(_) => None,
    }
}
