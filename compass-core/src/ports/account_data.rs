//! What people may ask of what is kept of them, and forgetting by schedule.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;

use super::StoreError;
use crate::{AccountExport, Forgotten, RetentionPolicy, UserId};

/// Gives and erases what is kept of a person.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait AccountData: fmt::Debug + Send + Sync {
    /// Everything that is kept of the user, as of one moment; `None` if there is no such user.
    async fn export(&self, user: UserId) -> Result<Option<AccountExport>, StoreError>;

    /// Erases the user with everything that is kept of the user; says whether there was one.
    ///
    /// Jobs of the user go on as the service's own. Audit events stay, without the person: of those that the user did or that were
    /// done to the user, only what was done, and when, and another's part in it.
    async fn erase(&self, user: UserId) -> Result<bool, StoreError>;
}

/// Forgets by schedule.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Retention: fmt::Debug + Send + Sync {
    /// Forgets what the policy no longer keeps at `now`, in small steps that hold up nobody, and says how many of each. Harmless if
    /// repeated, at once, or stopped half-way.
    async fn retain(&self, policy: &RetentionPolicy, now: Timestamp) -> Result<Forgotten, StoreError>;
}
