//! The official Display API: what creators show of their own accounts, with their consent.
//!
//! It is the only source that TikTok offers for this, and its counters are exact. A creator connects the account once
//! ([`DisplayApiSource::authorize_url`], [`DisplayApiSource::exchange`]); the tokens are kept behind the core's
//! [`CreatorTokens`] port and renewed when they run out.
//!
//! | scope | what it gives |
//! |---|---|
//! | `user.info.basic` | the display name |
//! | `user.info.profile` | the handle (nothing is read without it), the biography, the badge |
//! | `user.info.stats` | followers, following, likes, public posts |
//! | `video.list` | the public posts, newest first: caption, time, length, views, likes, comments, shares |
//!
//! What a creator did not allow is a [`Refusal`] with the reason [`NOT_GIVEN`](crate::NOT_GIVEN).
//! No scope gives saves, sounds, languages, which post is pinned, whether the account is private and when it was made;
//! hashtags are those of the description. Nor is there TikTok's numeric id of the account: it comes from the grant, or from
//! a look at the public page that a store holds ([`DisplayApiBuilder::creators`]), or the outcome is
//! [`SourceError::UnknownIdentity`].
//!
//! | TikTok's answer | outcome |
//! |---|---|
//! | `access_token_invalid`, or 401 | one renewal, then `AccessRevoked` |
//! | a renewal is refused, or the connection is a year old | `AccessRevoked` |
//! | `scope_not_authorized`, `scope_permission_missed` | `ScopeMissing` |
//! | `invalid_client` and the like | `ApplicationRefused` |
//! | `rate_limit_exceeded`, or 429 | `RateLimited`: by `Retry-After`, else a minute |
//! | `invalid_params`, unknown codes, forms and redirects | `LayoutChanged` |
//! | 403 without a word of the API's | `Forbidden` |
//! | `internal_error`, 5xx, no or a broken answer | `Network` |
//! | pages of posts that repeat themselves | `PaginationLoop` |
//!
//! An error after the first page of posts ends the list there, which a refusal (`partial_list`) says.

mod api;
mod builder;
mod collect;
mod connect;
mod limit;
mod outcome;
mod tokens;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use compass_core::{
    CreatorId, Handle, ProfileCounts, Refusal, Snapshot, SourceKind, Text,
    ports::{Clock, CollectRequest, CreatorStore, CreatorTokens, ProfileSource, ProgressSink, SourceError},
};
use secrecy::SecretString;
use url::Url;

pub use builder::{BuildError, DisplayApiBuilder};
pub use connect::{ConnectAnswer, ConnectError, ConnectStart};

use api::Api;
use outcome::CallError;
use tokens::Tokens;

use crate::telemetry;

/// What creators are asked to allow.
pub const SCOPES: [&str; 4] = [BASIC, PROFILE, STATS, LIST];

const BASIC: &str = "user.info.basic";
const PROFILE: &str = "user.info.profile";
const STATS: &str = "user.info.stats";
const LIST: &str = "video.list";

/// What is asked of an account, by the scope that gives it.
const USER_FIELDS: [(&str, &str); 3] = [
    (BASIC, "open_id,display_name"),
    (PROFILE, "username,bio_description,is_verified"),
    (STATS, "follower_count,following_count,likes_count,video_count"),
];

/// An application that is registered with TikTok.
#[derive(Clone, Debug)]
pub struct Application {
    /// Its public name, "client key".
    pub client_key: String,
    /// Its secret, "client secret".
    pub client_secret: SecretString,
    /// Where TikTok sends creators back to: exactly as it is registered.
    pub redirect_uri: String,
}

/// Reads the accounts of creators who connected them.
///
/// Any number of collections may run at once: each creator's tokens are renewed by one of them, and each endpoint is asked
/// at most 600 times in a minute by this source. Several processes share TikTok's limit without knowing of each other; who
/// exceeds it is told to wait.
///
/// ```
/// use std::sync::Arc;
/// use compass_core::ports::SystemRandom;
/// use compass_scrape::display_api::{Application, DisplayApiSource};
/// use secrecy::SecretString;
/// # use compass_core::testing::MemoryCreatorTokens;
/// # let tokens = Arc::new(MemoryCreatorTokens::default());
///
/// let application = Application {
///     client_key: "aw1234".to_owned(),
///     client_secret: SecretString::from("from the environment"),
///     redirect_uri: "https://compass.example/tiktok/connected".to_owned(),
/// };
/// let source = DisplayApiSource::builder(application, tokens).build()?;
///
/// // A creator wants to connect: remember the transaction in a cookie and send the browser to TikTok.
/// let start = source.authorize_url(&SystemRandom);
/// assert!(start.redirect.starts_with("https://www.tiktok.com/v2/auth/authorize/?client_key=aw1234&scope=user.info.basic"));
/// # Ok::<(), compass_scrape::display_api::BuildError>(())
/// ```
///
/// When the browser is back:
///
/// ```no_run
/// # use compass_core::ports::CreatorTokens;
/// # use compass_scrape::display_api::{ConnectAnswer, ConnectError, DisplayApiSource};
/// # async fn back(source: &DisplayApiSource, tokens: &dyn CreatorTokens, answer: ConnectAnswer)
/// # -> Result<(), Box<dyn std::error::Error>> {
/// let grant = source.exchange(&answer).await?;
/// println!("@{} is connected and allows {:?}", grant.handle, grant.scopes);
/// tokens.save(&grant).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct DisplayApiSource {
    api: Arc<Api>,
    tokens: Tokens,
    creators: Option<Arc<dyn CreatorStore>>,
    clock: Arc<dyn Clock>,
    consent: Url,
    collection: Duration,
}

/// An account, as far as the creator allowed.
#[derive(Debug)]
struct User {
    open_id: String,
    handle: Handle,
    nickname: Text,
    bio: Text,
    verified: bool,
    counts: ProfileCounts,
    refused: Vec<Refusal>,
}

impl DisplayApiSource {
    /// Starts with the defaults: TikTok's own addresses and limits, the machine's clock.
    pub fn builder(application: Application, tokens: Arc<dyn CreatorTokens>) -> DisplayApiBuilder {
        DisplayApiBuilder::new(application, tokens)
    }

    /// Forgets a creator's tokens and tells TikTok that they are not needed any more. Harmless if there are none.
    ///
    /// # Errors
    /// [`SourceError`] if TikTok could not be told: the tokens are forgotten all the same.
    /// [`SourceError::Store`] if they could not be forgotten.
    pub async fn disconnect(&self, handle: &Handle) -> Result<(), SourceError> {
        let Some(grant) = self.tokens.forget(handle).await? else { return Ok(()) };
        self.api.revoke(&grant.access_token, self.clock.now()).await.or_else(|refused| match refused {
            // It did not work any more.
            outcome::Refused::Grant(_) => Ok(()),
            outcome::Refused::Outcome(error) => Err(error),
        })
    }

    /// Asks whose token it is, and for what its scopes allow.
    async fn user(&self, token: &SecretString, scopes: &[String]) -> Result<User, CallError> {
        let allows = |scope: &str| scopes.iter().any(|allowed| allowed == scope);
        if !allows(PROFILE) {
            return Err(CallError::Outcome(SourceError::ScopeMissing { scope: PROFILE.to_owned() }));
        }
        let asked = USER_FIELDS.iter().filter(|(scope, _)| allows(scope));
        let (scopes, fields): (Vec<&str>, Vec<&str>) = asked.copied().unzip();
        let answer = self.api.user(token, &fields.join(","), &scopes.join(", "), self.clock.now()).await?;
        let handle = answer.handle.ok_or_else(|| {
            let path = "data.user.username".to_owned();
            CallError::Outcome(SourceError::LayoutChanged { path, detail: "there is none".to_owned() })
        })?;
        let mut refused = answer.refused;
        if !allows(STATS) {
            refused.push(not_allowed(STATS, "the account's counters"));
        }
        Ok(User {
            // Without a display name the handle is what people are called by.
            nickname: if answer.nickname.is_empty() { Text::lossy(handle.as_str()) } else { answer.nickname },
            open_id: answer.open_id,
            bio: answer.bio,
            verified: answer.verified,
            counts: answer.counts,
            handle,
            refused,
        })
    }

    /// The numeric id that an earlier look at the public page has told.
    async fn known_id(&self, handle: &Handle) -> Result<Option<CreatorId>, SourceError> {
        let Some(creators) = &self.creators else { return Ok(None) };
        let known = creators.find(handle).await.map_err(SourceError::Store)?;
        Ok(known.map(|profile| profile.id))
    }
}

#[async_trait]
impl ProfileSource for DisplayApiSource {
    fn kind(&self) -> SourceKind {
        SourceKind::DisplayApi
    }

    fn host(&self) -> Option<String> {
        crate::host::host(&self.api.base)
    }

    async fn collect(&self, request: &CollectRequest, progress: &dyn ProgressSink) -> Result<Snapshot, SourceError> {
        let looking = tokio::time::timeout(self.collection, collect::look(self, request, progress));
        let looking = async {
            looking.await.unwrap_or_else(|_| {
                let detail = format!("the collection took longer than {:?}", self.collection);
                Err(SourceError::Network { detail, source: None })
            })
        };
        telemetry::collection(self.kind(), request, looking).await
    }
}

/// Says that the creator kept something back.
fn not_allowed(scope: &str, what: &str) -> Refusal {
    Refusal {
        item: None,
        reason: crate::NOT_GIVEN.to_owned(),
        detail: format!("the creator did not allow {scope}, so there is nothing of {what}"),
    }
}
