//! Rows of users and sessions.

use compass_core::{Identity, Session, SessionId, User, UserId, ports::StoreError};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

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
}

impl TryFrom<SessionRow> for Session {
    type Error = StoreError;

    fn try_from(row: SessionRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: SessionId(row.id),
            user: UserId(row.user_id),
            token_hash: row.token_hash.try_into().map_err(|hash: Vec<u8>| {
                let why = format_args!("32 bytes were expected, not {}", hash.len());
                corrupt("compass_sessions", row.id, "token_hash", why)
            })?,
            opened_at: row.opened_at.get(),
            expires_at: row.expires_at.get(),
        })
    }
}
