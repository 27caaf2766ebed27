//! Rows of users, their sessions and what they did.

use std::net::IpAddr;

use compass_core::{
    AuditEvent, AuditId, Client, Identity, RefreshToken, Session, SessionId, SignInTransaction, Text, User, UserId,
    ports::StoreError,
};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use super::hash;
use crate::{error::corrupt, stamp::Stamp};

/// A row of `compass_users`.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct UserRow {
    id: Uuid,
    issuer: String,
    subject: String,
    email: Option<String>,
    name: Option<String>,
    created_at: Stamp,
    preferences: Json<Value>,
}

impl TryFrom<UserRow> for User {
    type Error = StoreError;

    fn try_from(row: UserRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: UserId(row.id),
            identity: Identity { issuer: row.issuer, subject: row.subject, email: row.email, name: row.name },
            created_at: row.created_at.get(),
            preferences: serde_json::from_value(row.preferences.0)
                .map_err(|why| corrupt("compass_users", row.id, "preferences", why))?,
        })
    }
}

/// A row of `compass_sessions`.
#[derive(sqlx::FromRow)]
pub(crate) struct SessionRow {
    id: Uuid,
    user_id: Uuid,
    token_hash: Vec<u8>,
    opened_at: Stamp,
    expires_at: Stamp,
    last_seen_at: Stamp,
    ended_at: Option<Stamp>,
    ip: Option<String>,
    user_agent: Option<String>,
}

impl TryFrom<SessionRow> for Session {
    type Error = StoreError;

    fn try_from(row: SessionRow) -> Result<Self, StoreError> {
        let bad = |column, why: String| corrupt("compass_sessions", row.id, column, why);
        let user_agent = row.user_agent.as_deref().map(Text::parse).transpose();
        Ok(Self {
            id: SessionId(row.id),
            user: UserId(row.user_id),
            token_hash: hash(&row.token_hash).map_err(|why| bad("token_hash", why))?,
            opened_at: row.opened_at.get(),
            expires_at: row.expires_at.get(),
            last_seen_at: row.last_seen_at.get(),
            ended_at: row.ended_at.map(Stamp::get),
            client: Client {
                ip: address(row.ip.as_deref()).map_err(|why| bad("ip", why))?,
                user_agent: user_agent.map_err(|why| bad("user_agent", why.to_string()))?,
            },
        })
    }
}

/// A row of `compass_sign_ins`.
#[derive(sqlx::FromRow)]
pub(crate) struct SignInRow {
    state_hash: Vec<u8>,
    nonce: String,
    verifier: String,
    return_to: String,
    begun_at: Stamp,
    expires_at: Stamp,
}

impl TryFrom<SignInRow> for SignInTransaction {
    type Error = StoreError;

    fn try_from(row: SignInRow) -> Result<Self, StoreError> {
        let bad = |why| corrupt("compass_sign_ins", row.begun_at.get(), "state_hash", why);
        Ok(Self {
            state_hash: hash(&row.state_hash).map_err(bad)?,
            nonce: row.nonce,
            verifier: row.verifier,
            return_to: row.return_to,
            begun_at: row.begun_at.get(),
            expires_at: row.expires_at.get(),
        })
    }
}

/// A row of `compass_refresh_tokens`.
#[derive(sqlx::FromRow)]
pub(crate) struct TokenRow {
    token_hash: Vec<u8>,
    session_id: Uuid,
    issued_at: Stamp,
    expires_at: Stamp,
    used_at: Option<Stamp>,
    next_hash: Option<Vec<u8>>,
    revoked_at: Option<Stamp>,
}

impl TryFrom<TokenRow> for RefreshToken {
    type Error = StoreError;

    fn try_from(row: TokenRow) -> Result<Self, StoreError> {
        let bad = |column, why| corrupt("compass_refresh_tokens", row.session_id, column, why);
        let next = row.next_hash.as_deref().map(hash).transpose();
        Ok(Self {
            hash: hash(&row.token_hash).map_err(|why| bad("token_hash", why))?,
            session: SessionId(row.session_id),
            issued_at: row.issued_at.get(),
            expires_at: row.expires_at.get(),
            used_at: row.used_at.map(Stamp::get),
            next: next.map_err(|why| bad("next_hash", why))?,
            revoked_at: row.revoked_at.map(Stamp::get),
        })
    }
}

/// A row of `compass_audit_log`.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct AuditRow {
    id: Uuid,
    happened_at: Stamp,
    actor: Option<Uuid>,
    action: String,
    subject: Option<Uuid>,
    detail: Json<Value>,
    ip: Option<String>,
}

impl TryFrom<AuditRow> for AuditEvent {
    type Error = StoreError;

    fn try_from(row: AuditRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: AuditId(row.id),
            at: row.happened_at.get(),
            actor: row.actor.map(UserId),
            action: row.action,
            subject: row.subject.map(UserId),
            detail: row.detail.0,
            ip: address(row.ip.as_deref()).map_err(|why| corrupt("compass_audit_log", row.id, "ip", why))?,
        })
    }
}

fn address(ip: Option<&str>) -> Result<Option<IpAddr>, String> {
    ip.map(|ip| ip.parse().map_err(|_| format!("{ip:?} is no address"))).transpose()
}
