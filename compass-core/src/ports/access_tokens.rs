//! Short-lived tokens for API calls.

use std::fmt;

use jiff::Timestamp;

use crate::{SessionId, UserId};

/// A signed token; its text is a secret until it expires.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// What the caller sends as a bearer token.
    pub token: String,
    /// When it stops working.
    pub expires_at: Timestamp,
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// What a valid token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessClaims {
    /// Who calls.
    pub user: UserId,
    /// From which session the token was made; it is worth nothing once that has ended.
    pub session: SessionId,
    /// When the token stops working.
    pub expires_at: Timestamp,
}

/// Makes and checks access tokens.
#[cfg_attr(feature = "testing", mockall::automock)]
pub trait AccessTokens: fmt::Debug + Send + Sync {
    /// Signs a token for a session.
    ///
    /// # Errors
    /// [`TokenError::Signing`] if the key does not sign.
    fn issue(&self, user: UserId, session: SessionId, now: Timestamp) -> Result<AccessToken, TokenError>;

    /// Checks a token at a moment.
    ///
    /// # Errors
    /// [`TokenError::Expired`] or [`TokenError::Invalid`]; whoever calls is told no more than that.
    fn verify(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError>;
}

/// What is wrong with a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// It was good once.
    #[error("the access token has expired")]
    Expired,
    /// It was never good; the text is for the log.
    #[error("the access token is not valid: {0}")]
    Invalid(String),
    /// No token could be made.
    #[error("no access token could be signed: {0}")]
    Signing(String),
}
