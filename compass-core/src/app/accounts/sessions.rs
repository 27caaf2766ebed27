//! Sessions: who holds a secret, which there are, and ending them.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{Accounts, hash};
use crate::{
    Client, Session, SessionId, User, UserId,
    ports::{AccountStore, Clock, StoreError, new_uuid},
};

/// How long somebody stays signed in at the longest.
const LASTS: SignedDuration = SignedDuration::from_hours(30 * 24);
/// So many sessions of a person are open; where there is one more, the one that was in use the longest ago ends.
const MOST_SESSIONS: usize = 100;
/// How exactly it is kept when a session was last in use: a request in this time after another is no news.
const NEWS: SignedDuration = SignedDuration::from_mins(5);

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

/// Keeps that a session is in use, and from where, if that is news: every five minutes at most.
///
/// # Errors
/// [`StoreError`] if the store fails.
pub async fn session_seen(
    accounts: &dyn AccountStore,
    clock: &dyn Clock,
    session: &Session,
    client: &Client,
) -> Result<(), StoreError> {
    let now = clock.now();
    let is_news = now.duration_since(session.last_seen_at) >= NEWS;
    if is_news { accounts.session_seen(session.id, client, now).await } else { Ok(()) }
}

impl Accounts {
    pub(super) async fn open(
        &self,
        user: UserId,
        token_hash: [u8; 32],
        client: &Client,
        now: Timestamp,
    ) -> Result<Session, StoreError> {
        let session = Session {
            id: SessionId(new_uuid(&*self.random, now)),
            user,
            token_hash,
            opened_at: now,
            expires_at: now + LASTS,
            last_seen_at: now,
            ended_at: None,
            client: client.clone(),
        };
        self.store.open_session(&session).await?;
        for oldest in self.store.sessions(user, now).await?.iter().skip(MOST_SESSIONS) {
            self.store.end_session(oldest.id, now).await?;
        }
        Ok(session)
    }

    /// The person's sessions that are open, the one that was in use last first.
    ///
    /// # Errors
    /// [`StoreError`] if the store fails.
    pub async fn sessions(&self, user: UserId) -> Result<Vec<Session>, StoreError> {
        self.store.sessions(user, self.clock.now()).await
    }

    /// Ends one of the person's sessions at once; says whether there was such an open one.
    ///
    /// # Errors
    /// [`StoreError`] if the store fails.
    pub async fn end_session(&self, user: UserId, id: SessionId, client: &Client) -> Result<bool, StoreError> {
        let session = self.store.session_by_id(id, self.clock.now()).await?;
        match session.filter(|session| session.user == user) {
            Some(session) => self.sign_out(&session, client).await.map(|()| true),
            None => Ok(false),
        }
    }

    /// Ends all of the person's sessions at once, and says how many were open.
    ///
    /// # Errors
    /// [`StoreError`] if the store fails.
    pub async fn end_sessions(&self, user: UserId, client: &Client) -> Result<u64, StoreError> {
        let ended = self.store.end_sessions(user, self.clock.now()).await?;
        self.record(Some(user), None, "all_sessions_ended", json!({"sessions": ended}), client).await?;
        Ok(ended)
    }

    /// Ends all sessions of a person at once on the operator's behalf, and says how many were open. It goes on record if there was any.
    ///
    /// # Errors
    /// [`StoreError`] if the store fails.
    pub async fn sign_out_everywhere(&self, user: UserId) -> Result<u64, StoreError> {
        let ended = self.store.end_sessions(user, self.clock.now()).await?;
        if ended > 0 {
            let what = json!({"sessions": ended, "by": "operator"});
            self.record(None, Some(user), "all_sessions_ended", what, &Client::default()).await?;
        }
        Ok(ended)
    }
}
