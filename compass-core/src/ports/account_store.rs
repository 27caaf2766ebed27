//! People, their preferences and their browser sessions.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;

use super::StoreError;
use crate::{Identity, Preferences, Session, SessionId, User, UserId};

/// Keeps the people who signed in.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait AccountStore: fmt::Debug + Send + Sync {
    /// The user with this issuer and subject, made with `new_id` if there is none.
    ///
    /// E-mail and name are brought up to date; the e-mail never decides who somebody is. Called at once by many, it
    /// makes one user.
    async fn sign_in(&self, identity: &Identity, new_id: UserId, at: Timestamp) -> Result<User, StoreError>;

    /// The user; `None` if there is none.
    async fn find(&self, user: UserId) -> Result<Option<User>, StoreError>;

    /// Replaces the user's preferences. [`StoreError::NotFound`] if there is no such user.
    async fn save_preferences(&self, user: UserId, preferences: &Preferences) -> Result<(), StoreError>;

    /// Keeps a new session. [`StoreError::NotFound`] if there is no such user, [`StoreError::Conflict`] if the id or
    /// the token hash is taken.
    async fn open_session(&self, session: &Session) -> Result<(), StoreError>;

    /// The session with this token hash, if it has neither ended nor expired at `now`.
    async fn session(&self, token_hash: [u8; 32], now: Timestamp) -> Result<Option<Session>, StoreError>;

    /// The session with this id, if it has neither ended nor expired at `now`.
    async fn session_by_id(&self, id: SessionId, now: Timestamp) -> Result<Option<Session>, StoreError>;

    /// Ends a session; harmless if it has ended or never was.
    async fn end_session(&self, id: SessionId) -> Result<(), StoreError>;
}
