//! How programs stay signed in: refresh tokens that work once each.

use std::{fmt, time::Duration};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;

use super::{Accounts, hash};
use crate::{
    Client, RefreshToken, Session, SessionId, UserId,
    ports::{Rotation, StoreError, new_secret},
};

/// How long a token waits for its use. The session ends after 30 days, however often it is renewed.
const LASTS: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A session that goes on, and the secret for its next renewal.
#[derive(Clone, PartialEq, Eq)]
pub struct Renewal {
    /// The session.
    pub session: Session,
    /// The next refresh token: 64 hexadecimal digits. It is nowhere stored.
    pub token: String,
    /// When that token is too old, if it is not used; never later than the session's end.
    pub token_expires_at: Timestamp,
}

impl fmt::Debug for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renewal").field("session", &self.session).finish_non_exhaustive()
    }
}

/// Why a session does not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenewalError {
    /// There is no such token, it is too old, or its session is over: sign in again.
    #[error("the refresh token is not valid, or its session has ended")]
    Void,
    /// Somebody else uses the token's successor: the session was ended. Sign in again.
    #[error("the refresh token was used before, and its session has been ended")]
    Reused,
    /// The token was used a moment ago: the answer to that has its successor. If that answer was lost, it may be tried again after
    /// this time.
    #[error("the refresh token was used a moment ago")]
    AtOnce(Duration),
    /// It could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Accounts {
    /// Opens a session for a person's program, which renews it with the token that is given. It has no cookie.
    ///
    /// # Errors
    /// [`StoreError`] if the store fails.
    pub async fn open_for_program(&self, user: UserId, client: &Client) -> Result<Renewal, StoreError> {
        let now = self.clock.now();
        // Nobody is told this secret, so that no cookie opens the session.
        let session = self.open(user, hash(&new_secret(&*self.random)), client, now).await?;
        let (token, first) = self.token_for(&session, now);
        self.refresh_tokens.issue(&first).await?;
        self.record(Some(user), None, "session_opened", json!({"session": session.id.0, "for": "program"}), client)
            .await?;
        Ok(Renewal { session, token, token_expires_at: first.expires_at })
    }

    /// The session that a refresh token renews, before it is taken; `None` if there is none, and taking the token does nothing then. A
    /// host may refuse the renewal after this, and the token stays as it is.
    ///
    /// # Errors
    /// [`StoreError`] if the store fails.
    pub async fn session_to_renew(&self, presented: &str) -> Result<Option<Session>, StoreError> {
        self.refresh_tokens.session_of(hash(presented), self.clock.now()).await
    }

    /// Takes a refresh token and gives the next one. Whoever presents one that was replaced long ago ends the session, which goes
    /// on record: one of two who hold it is not the program.
    ///
    /// # Errors
    /// [`RenewalError`] if the token does not work, or the store fails.
    pub async fn renew(&self, presented: &str, client: &Client) -> Result<Renewal, RenewalError> {
        let now = self.clock.now();
        let token = new_secret(&*self.random);
        // The store puts the presented token's session in this one's place.
        let nobodys = SessionId(Uuid::nil());
        let next = RefreshToken::new(hash(&token), nobodys, now, now + LASTS);
        match self.refresh_tokens.rotate(hash(presented), &next).await? {
            Rotation::Rotated(session) => {
                // The token is replaced: whoever is not given the next one has none.
                self.store.session_seen(session.id, client, now).await.ok();
                let token_expires_at = next.expires_at.min(session.expires_at);
                Ok(Renewal { session, token, token_expires_at })
            }
            Rotation::AtOnce(_) => {
                let wait = Duration::try_from(RefreshToken::AT_ONCE).unwrap_or_default();
                Err(RenewalError::AtOnce(wait))
            }
            Rotation::Reused(session) => {
                let what = json!({"session": session.id.0});
                self.record(None, Some(session.user), "refresh_token_reused", what, client).await?;
                Err(RenewalError::Reused)
            }
            Rotation::Void => Err(RenewalError::Void),
        }
    }

    fn token_for(&self, session: &Session, now: Timestamp) -> (String, RefreshToken) {
        let secret = new_secret(&*self.random);
        let token = RefreshToken::new(hash(&secret), session.id, now, session.expires_at.min(now + LASTS));
        (secret, token)
    }
}
