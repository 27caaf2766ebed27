//! People, preferences and sessions, in memory.

use std::{cmp::Reverse, collections::BTreeSet};

use async_trait::async_trait;
use jiff::Timestamp;

use super::{MemoryStore, no_nul};
use crate::{
    Client, Handle, Identity, Preferences, PreferencesChange, Session, SessionId, User, UserId,
    ports::{AccountStore, StoreError},
};

#[async_trait]
impl AccountStore for MemoryStore {
    async fn sign_in(&self, identity: &Identity, new_id: UserId, at: Timestamp) -> Result<User, StoreError> {
        let mut state = self.state();
        no_nul([&identity.issuer, &identity.subject].into_iter().chain(&identity.email).chain(&identity.name))?;
        let who = |user: &User| user.identity.issuer == identity.issuer && user.identity.subject == identity.subject;
        if let Some(user) = state.users.values_mut().find(|user| who(user)) {
            user.identity = identity.clone();
            return Ok(user.clone());
        }
        let user = User { id: new_id, identity: identity.clone(), created_at: at, preferences: Preferences::default() };
        state.users.insert(new_id, user.clone());
        Ok(user)
    }

    async fn find(&self, user: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.state().users.get(&user).cloned())
    }

    async fn users(&self, after: Option<UserId>, limit: u32) -> Result<Vec<User>, StoreError> {
        let state = self.state();
        let mut rest: Vec<&User> =
            state.users.values().filter(|user| after.is_none_or(|after| user.id > after)).collect();
        rest.sort_by_key(|user| user.id);
        Ok(rest.into_iter().take(limit as usize).cloned().collect())
    }

    async fn change_preferences(&self, user: UserId, change: &PreferencesChange) -> Result<Preferences, StoreError> {
        let mut state = self.state();
        let user = state.users.get_mut(&user).ok_or(StoreError::NotFound)?;
        user.preferences = change.of(std::mem::take(&mut user.preferences));
        Ok(user.preferences.clone())
    }

    async fn tracked(&self, after: Option<Handle>, limit: u32) -> Result<Vec<Handle>, StoreError> {
        let state = self.state();
        let named: BTreeSet<&Handle> = state.users.values().filter_map(|u| u.preferences.handle.as_ref()).collect();
        let rest = named.into_iter().filter(|handle| after.as_ref().is_none_or(|after| *handle > after));
        Ok(rest.take(limit as usize).cloned().collect())
    }

    async fn open_session(&self, session: &Session) -> Result<(), StoreError> {
        let mut state = self.state();
        if !state.users.contains_key(&session.user) {
            return Err(StoreError::NotFound);
        }
        if state.sessions.values().any(|s| s.id == session.id || s.token_hash == session.token_hash) {
            return Err(StoreError::Conflict("the session's id or secret is taken".to_owned()));
        }
        state.sessions.insert(session.id, session.clone());
        Ok(())
    }

    async fn session(&self, token_hash: [u8; 32], now: Timestamp) -> Result<Option<Session>, StoreError> {
        let state = self.state();
        Ok(state.sessions.values().find(|s| s.token_hash == token_hash && s.is_open(now)).cloned())
    }

    async fn session_by_id(&self, id: SessionId, now: Timestamp) -> Result<Option<Session>, StoreError> {
        Ok(self.state().sessions.get(&id).filter(|s| s.is_open(now)).cloned())
    }

    async fn sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let state = self.state();
        let open = state.sessions.values().filter(|s| s.user == user && s.is_open(now));
        let mut sessions: Vec<Session> = open.cloned().collect();
        sessions.sort_by_key(|s| Reverse((s.last_seen_at, s.id)));
        Ok(sessions)
    }

    async fn session_seen(&self, id: SessionId, client: &Client, at: Timestamp) -> Result<(), StoreError> {
        let mut state = self.state();
        if let Some(session) = state.sessions.get_mut(&id).filter(|s| s.is_open(at) && s.last_seen_at <= at) {
            (session.last_seen_at, session.client) = (at, client.clone());
        }
        Ok(())
    }

    async fn end_session(&self, id: SessionId, at: Timestamp) -> Result<(), StoreError> {
        if let Some(session) = self.state().sessions.get_mut(&id) {
            session.ended_at.get_or_insert(at);
        }
        Ok(())
    }

    async fn end_sessions(&self, user: UserId, at: Timestamp) -> Result<u64, StoreError> {
        let mut state = self.state();
        let open = state.sessions.values_mut().filter(|s| s.user == user && s.is_open(at));
        Ok(open.map(|session| session.ended_at = Some(at)).count() as u64)
    }
}
