//! Sign-in: from a provider's answer to a browser session.

use std::{fmt, time::Duration};

use sha2::{Digest as _, Sha256};

use crate::{
    Client, Session, SessionId, User, UserId,
    ports::{
        AccountStore, Clock, IdentityError, IdentityProvider, Random, SignInAnswer, StoreError, new_secret, new_uuid,
    },
};

/// How long a browser stays signed in.
const SESSION_LASTS: Duration = Duration::from_secs(30 * 86_400);

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

/// Finishes a sign-in: finds or makes the user and opens a session.
///
/// # Errors
/// [`SignInError`] if the provider's answer does not hold or the store fails.
pub async fn sign_in(
    identity: &dyn IdentityProvider,
    accounts: &dyn AccountStore,
    clock: &dyn Clock,
    random: &dyn Random,
    answer: &SignInAnswer,
) -> Result<SignedIn, SignInError> {
    let who = identity.finish(answer).await?;
    let now = clock.now();
    let user = accounts.sign_in(&who, UserId(new_uuid(random, now)), now).await?;
    let token = new_secret(random);
    let session = Session {
        id: SessionId(new_uuid(random, now)),
        user: user.id,
        token_hash: hash(&token),
        opened_at: now,
        expires_at: now + SESSION_LASTS,
        last_seen_at: now,
        ended_at: None,
        client: Client::default(),
    };
    accounts.open_session(&session).await?;
    Ok(SignedIn { user, session, token })
}

/// Who holds a browser's secret; `None` if the session has ended, expired or never was.
///
/// # Errors
/// [`StoreError`] if the store fails.
pub async fn session_of(
    accounts: &dyn AccountStore,
    clock: &dyn Clock,
    token: &str,
) -> Result<Option<(User, Session)>, StoreError> {
    let Some(session) = accounts.session(hash(token), clock.now()).await? else {
        return Ok(None);
    };
    Ok(accounts.find(session.user).await?.map(|user| (user, session)))
}

/// Ends a session at once.
///
/// # Errors
/// [`StoreError`] if the store fails.
pub async fn sign_out(accounts: &dyn AccountStore, clock: &dyn Clock, session: SessionId) -> Result<(), StoreError> {
    accounts.end_session(session, clock.now()).await
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
