//! People, their preferences and their browser sessions.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;

use super::StoreError;
use crate::{Client, Handle, Identity, Preferences, PreferencesChange, Session, SessionId, User, UserId};

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

    /// Everybody, in the order of ids: at most `limit` of those after `after`.
    async fn users(&self, after: Option<UserId>, limit: u32) -> Result<Vec<User>, StoreError>;

    /// Changes the user's preferences and gives all of them. Of several changes at once none undoes what another leaves alone.
    /// [`StoreError::NotFound`] if there is no such user.
    async fn change_preferences(&self, user: UserId, change: &PreferencesChange) -> Result<Preferences, StoreError>;

    /// The accounts that anybody's preferences name, each once, in the order of handles: at most `limit` of those after
    /// `after`.
    async fn tracked(&self, after: Option<Handle>, limit: u32) -> Result<Vec<Handle>, StoreError>;

    /// Keeps a new session. [`StoreError::NotFound`] if there is no such user, [`StoreError::Conflict`] if the id or
    /// the token hash is taken.
    async fn open_session(&self, session: &Session) -> Result<(), StoreError>;

    /// The session with this token hash, if it has neither ended nor expired at `now`.
    async fn session(&self, token_hash: [u8; 32], now: Timestamp) -> Result<Option<Session>, StoreError>;

    /// The session with this id, if it has neither ended nor expired at `now`.
    async fn session_by_id(&self, id: SessionId, now: Timestamp) -> Result<Option<Session>, StoreError>;

    /// The user's sessions that have neither ended nor expired at `now`, the one seen last first.
    async fn sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError>;

    /// Says that a session's browser was seen, and from where. Harmless if the session is over, or was seen later.
    async fn session_seen(&self, id: SessionId, client: &Client, at: Timestamp) -> Result<(), StoreError>;

    /// Ends a session, and with it the tokens that renew it; harmless if it has ended or never was.
    async fn end_session(&self, id: SessionId, at: Timestamp) -> Result<(), StoreError>;

    /// Ends all sessions of a user, and says how many were open.
    async fn end_sessions(&self, user: UserId, at: Timestamp) -> Result<u64, StoreError>;
}
