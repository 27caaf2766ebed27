//! People's accounts: signing in and out, staying signed in, and what people may ask of what is kept of them.

mod data;
mod renewal;
mod sessions;
mod sign_in;

use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{
    AuditEvent, AuditId, Client, UserId,
    ports::{AccountData, AccountStore, AuditLog, Clock, Random, RefreshTokens, StoreError, new_uuid},
};

pub use renewal::{Renewal, RenewalError};
pub use sessions::{session_of, session_seen};
pub use sign_in::{SignInError, SignedIn};

/// People's accounts, over the ports. What people do with them is put on record ([`AuditLog`]).
///
/// ```
/// # use std::sync::Arc;
/// use compass_core::{app::Accounts, ports::{SystemClock, SystemRandom}, testing::MemoryStore};
///
/// let store = Arc::new(MemoryStore::default());
/// let accounts = Accounts {
///     store: Arc::<MemoryStore>::clone(&store),
///     refresh_tokens: Arc::<MemoryStore>::clone(&store),
///     data: Arc::<MemoryStore>::clone(&store),
///     audit: store,
///     clock: Arc::new(SystemClock),
///     random: Arc::new(SystemRandom),
/// };
/// # let _ = accounts;
/// ```
#[derive(Clone, Debug)]
pub struct Accounts {
    /// Keeps people and their sessions.
    pub store: Arc<dyn AccountStore>,
    /// Keeps the tokens with which programs renew theirs.
    pub refresh_tokens: Arc<dyn RefreshTokens>,
    /// Gives and erases what is kept of a person.
    pub data: Arc<dyn AccountData>,
    /// Keeps what was done.
    pub audit: Arc<dyn AuditLog>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids and secrets.
    pub random: Arc<dyn Random>,
}

impl Accounts {
    /// Puts on record what somebody did; `None` if it is not known who.
    async fn record(
        &self,
        actor: Option<UserId>,
        subject: Option<UserId>,
        action: &str,
        detail: Value,
        client: &Client,
    ) -> Result<(), StoreError> {
        let at = self.clock.now();
        let id = AuditId(new_uuid(&*self.random, at));
        let event = AuditEvent { id, at, actor, action: action.to_owned(), subject, detail, ip: client.ip };
        self.audit.append(&event).await
    }
}

fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}
