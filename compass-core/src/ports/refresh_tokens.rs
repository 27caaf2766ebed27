//! The tokens with which sessions are renewed.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;

use super::StoreError;
use crate::{RefreshToken, Session, SessionId};

/// What became of a token that was presented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The new token is in its place.
    Rotated(Session),
    /// It was used a moment ago by the same client, most likely: nothing was changed. Its successor is good.
    AtOnce(Session),
    /// Somebody else uses its successor: the session, which is given, was ended with all its tokens.
    Reused(Session),
    /// There is no such token, it is too old, or its session is over.
    Void,
}

/// Keeps the tokens of each session as a chain in which only the last is good.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait RefreshTokens: fmt::Debug + Send + Sync {
    /// Keeps the first token of a session. [`StoreError::NotFound`] if there is no such session, [`StoreError::Conflict`] if the
    /// hash is taken or the session has tokens.
    async fn issue(&self, token: &RefreshToken) -> Result<(), StoreError>;

    /// Replaces the presented token by `next`, whose `session` is the presented one's, whatever it says. `next.issued_at` is now.
    ///
    /// [`RefreshToken::use_of`] decides. Of many at once that present one token, one is given [`Rotation::Rotated`]. If the answer
    /// was lost the unused successor is revoked, and `next` takes its place. [`StoreError::Conflict`] if the hash of `next` is
    /// taken.
    async fn rotate(&self, presented: [u8; 32], next: &RefreshToken) -> Result<Rotation, StoreError>;

    /// The session of a token, used or not, if the session has neither ended nor expired at `now`. Nothing is changed.
    async fn session_of(&self, presented: [u8; 32], now: Timestamp) -> Result<Option<Session>, StoreError>;

    /// When the chain's tokens were issued, used and revoked, in the order of their issue.
    async fn of_session(&self, session: SessionId) -> Result<Vec<RefreshToken>, StoreError>;
}
