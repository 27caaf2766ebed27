//! What creators allowed us at TikTok: the tokens for the official API.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;

use super::StoreError;
use crate::{CreatorId, Handle};

/// What a creator allowed by connecting the account, with the tokens that prove it.
#[derive(Clone)]
pub struct CreatorGrant {
    /// The handle that the account had when it was connected; what the grant is found by.
    pub handle: Handle,
    /// The account's numeric id, if a look at the public page has told it: the official API never does.
    pub creator: Option<CreatorId>,
    /// TikTok's name of the account for this application alone.
    pub open_id: String,
    /// What the creator allowed, in TikTok's words: `user.info.basic`, `video.list`...
    pub scopes: Vec<String>,
    /// Opens the API for about a day.
    pub access_token: SecretString,
    /// When the access token stops working.
    pub access_expires_at: Timestamp,
    /// Buys the next access token; TikTok may give another one with each.
    pub refresh_token: SecretString,
    /// When the refresh token stops working, about a year after the creator connected.
    pub refresh_expires_at: Timestamp,
}

impl CreatorGrant {
    /// Whether the creator allowed this.
    #[must_use]
    pub fn allows(&self, scope: &str) -> bool {
        self.scopes.iter().any(|allowed| allowed == scope)
    }
}

impl fmt::Debug for CreatorGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatorGrant")
            .field("handle", &self.handle)
            .field("creator", &self.creator)
            .field("scopes", &self.scopes)
            .field("access_expires_at", &self.access_expires_at)
            .field("refresh_expires_at", &self.refresh_expires_at)
            .finish_non_exhaustive()
    }
}

/// Keeps what creators allowed, one grant a handle.
///
/// Whoever reads a refresh token can read the account until its creator says otherwise: an adapter encrypts what it keeps,
/// or keeps it where the host keeps its other secrets.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait CreatorTokens: fmt::Debug + Send + Sync {
    /// The grant of a handle; `None` if its creator has not connected it.
    async fn find(&self, handle: &Handle) -> Result<Option<CreatorGrant>, StoreError>;

    /// Keeps the grant of a creator who has just connected, in the place of an earlier one of the handle.
    async fn save(&self, grant: &CreatorGrant) -> Result<(), StoreError>;

    /// Replaces a grant by its renewed one. [`StoreError::NotFound`] if there is none any more: who disconnects while
    /// tokens are being renewed stays disconnected.
    async fn renew(&self, grant: &CreatorGrant) -> Result<(), StoreError>;

    /// Forgets the grant of a handle; harmless if there is none.
    async fn remove(&self, handle: &Handle) -> Result<(), StoreError>;
}
