//! Chains of refresh tokens, in memory.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{MemoryStore, State};
use crate::{
    RefreshToken, RefreshUse, Session, SessionId,
    ports::{RefreshTokens, Rotation, StoreError},
};

#[async_trait]
impl RefreshTokens for MemoryStore {
    async fn issue(&self, token: &RefreshToken) -> Result<(), StoreError> {
        let mut state = self.state();
        if !state.sessions.contains_key(&token.session) {
            return Err(StoreError::NotFound);
        }
        if state.refresh_tokens.values().any(|known| known.session == token.session) {
            return Err(StoreError::Conflict("the session has tokens".to_owned()));
        }
        let RefreshToken { hash, session, issued_at, expires_at, .. } = *token;
        state.add_token(RefreshToken::new(hash, session, issued_at, expires_at))
    }

    async fn rotate(&self, presented: [u8; 32], next: &RefreshToken) -> Result<Rotation, StoreError> {
        let mut state = self.state();
        let at = next.issued_at;
        let Some(token) = state.refresh_tokens.get(&presented).cloned() else { return Ok(Rotation::Void) };
        let successor = token.next.and_then(|hash| state.refresh_tokens.get(&hash).cloned());
        let session = state.sessions[&token.session].clone();
        match token.use_of(&session, successor.as_ref(), at) {
            RefreshUse::Void => Ok(Rotation::Void),
            RefreshUse::AtOnce => Ok(Rotation::AtOnce(session)),
            RefreshUse::Stolen => {
                if let Some(session) = state.sessions.get_mut(&token.session) {
                    session.ended_at = Some(at);
                }
                for of_family in state.refresh_tokens.values_mut().filter(|t| t.session == token.session) {
                    of_family.revoked_at.get_or_insert(at);
                }
                Ok(Rotation::Reused(state.sessions[&token.session].clone()))
            }
            RefreshUse::First | RefreshUse::AnswerLost => {
                state.add_token(RefreshToken::new(next.hash, token.session, at, next.expires_at))?;
                if let Some(unused) = token.next.and_then(|hash| state.refresh_tokens.get_mut(&hash)) {
                    unused.revoked_at = Some(at);
                }
                let used = RefreshToken { used_at: Some(at), next: Some(next.hash), ..token };
                state.refresh_tokens.insert(presented, used);
                Ok(Rotation::Rotated(session))
            }
        }
    }

    async fn session_of(&self, presented: [u8; 32], now: Timestamp) -> Result<Option<Session>, StoreError> {
        let state = self.state();
        let session = state.refresh_tokens.get(&presented).and_then(|token| state.sessions.get(&token.session));
        Ok(session.filter(|session| session.is_open(now)).cloned())
    }

    async fn of_session(&self, session: SessionId) -> Result<Vec<RefreshToken>, StoreError> {
        Ok(self.state().tokens_of(session))
    }
}

impl State {
    fn add_token(&mut self, token: RefreshToken) -> Result<(), StoreError> {
        if self.refresh_tokens.contains_key(&token.hash) {
            return Err(StoreError::Conflict("the token's hash is taken".to_owned()));
        }
        self.refresh_tokens.insert(token.hash, token);
        Ok(())
    }

    pub(super) fn tokens_of(&self, session: SessionId) -> Vec<RefreshToken> {
        let of_session = self.refresh_tokens.values().filter(|token| token.session == session);
        let mut tokens: Vec<RefreshToken> = of_session.cloned().collect();
        tokens.sort_by_key(|token| (token.issued_at, token.hash));
        tokens
    }
}
