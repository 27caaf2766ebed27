//! The settings of an official source: setters that cannot fail, and a `build` that can.

use std::{sync::Arc, time::Duration};

use compass_core::ports::{Clock, CreatorStore, CreatorTokens, SystemClock};
use secrecy::ExposeSecret as _;
use url::Url;

use super::{Application, DisplayApiSource, api::Api, limit::SlidingWindow, tokens::Tokens};
use crate::fetch::{self, Limits, USER_AGENT};

/// Builds a [`DisplayApiSource`].
#[derive(Clone, Debug)]
#[must_use]
pub struct DisplayApiBuilder {
    application: Application,
    tokens: Arc<dyn CreatorTokens>,
    creators: Option<Arc<dyn CreatorStore>>,
    clock: Arc<dyn Clock>,
    base_url: String,
    consent_url: String,
    limits: Limits,
    requests_a_minute: usize,
    collection: Duration,
}

impl DisplayApiBuilder {
    pub(super) fn new(application: Application, tokens: Arc<dyn CreatorTokens>) -> Self {
        Self {
            application,
            tokens,
            creators: None,
            clock: Arc::new(SystemClock),
            base_url: "https://open.tiktokapis.com".to_owned(),
            consent_url: "https://www.tiktok.com".to_owned(),
            limits: Limits {
                user_agent: USER_AGENT.to_owned(),
                connect: Duration::from_secs(10),
                answer: Duration::from_secs(30),
                bytes: 4_000_000,
            },
            requests_a_minute: 600,
            collection: Duration::from_secs(300),
        }
    }

    /// Where the numeric id of an account is looked up that a grant does not hold: a look at the account's public page,
    /// by any other source, makes it known. Without a store only grants with an id are read.
    pub fn creators(mut self, store: Arc<dyn CreatorStore>) -> Self {
        self.creators = Some(store);
        self
    }

    /// The clock by which tokens run out. By default the machine's.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The API: scheme, host and port. `https`, or on this machine.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// The site of the consent page: scheme, host and port. `https`, or on this machine.
    pub fn consent_url(mut self, url: impl Into<String>) -> Self {
        self.consent_url = url.into();
        self
    }

    /// Who asks, as TikTok reads it; make one with [`user_agent`](crate::user_agent). By default the product and its version
    /// alone, such as `CreatorCompass/0.1.0`.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.limits.user_agent = user_agent.into();
        self
    }

    /// How long it may take until there is a connection. By default 10 s.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.limits.connect = limit;
        self
    }

    /// How long it may take until a whole answer is there. By default 30 s.
    pub fn answer_timeout(mut self, limit: Duration) -> Self {
        self.limits.answer = limit;
        self
    }

    /// How long one collection may take, waiting for the rate limit included. By default 5 minutes.
    pub fn collection(mut self, limit: Duration) -> Self {
        self.collection = limit;
        self
    }

    /// How many bytes of an answer are read, decompressed. By default 4 million: twenty posts have about 20,000.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.limits.bytes = bytes;
        self
    }

    /// How many requests each endpoint gets in any minute, at least one. By default TikTok's limit of 600; where several
    /// processes share an application each takes its part.
    pub fn requests_a_minute(mut self, most: usize) -> Self {
        self.requests_a_minute = most;
        self
    }

    /// Checks the settings. TikTok is not asked yet.
    ///
    /// # Errors
    /// [`BuildError`] for an application or an address that cannot be used, or where TLS cannot be set up.
    pub fn build(self) -> Result<DisplayApiSource, BuildError> {
        let base = secure(&self.base_url).ok_or(BuildError::BaseUrl(self.base_url))?;
        let mut consent = secure(&self.consent_url).ok_or(BuildError::ConsentUrl(self.consent_url))?;
        consent.set_path("/v2/auth/authorize/");
        let application = self.application;
        if application.client_key.trim().is_empty() || application.client_secret.expose_secret().trim().is_empty() {
            return Err(BuildError::Application);
        }
        if !is_redirect_uri(&application.redirect_uri) {
            return Err(BuildError::RedirectUri(application.redirect_uri));
        }
        if !fetch::is_user_agent(&self.limits.user_agent) {
            return Err(BuildError::UserAgent(self.limits.user_agent));
        }
        let client = fetch::client(&self.limits, &base).map_err(BuildError::Client)?;
        let api = Arc::new(Api {
            client,
            limits: self.limits,
            base,
            application,
            user_window: SlidingWindow::new(self.requests_a_minute),
            list_window: SlidingWindow::new(self.requests_a_minute),
        });
        Ok(DisplayApiSource {
            tokens: Tokens::new(Arc::clone(&api), self.tokens, Arc::clone(&self.clock)),
            api,
            creators: self.creators,
            clock: self.clock,
            consent,
            collection: self.collection,
        })
    }
}

/// Why the settings of an official source cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The API's address.
    #[error(
        "{0:?} is not the address of the API; give scheme, host and port alone, https where it is not this machine"
    )]
    BaseUrl(String),
    /// The consent page's address.
    #[error("{0:?} is not the address of a site; give scheme, host and port alone, https where it is not this machine")]
    ConsentUrl(String),
    /// Client key or secret.
    #[error(
        "the client key or the client secret is empty; both are on the application's page at developers.tiktok.com"
    )]
    Application,
    /// The address for coming back.
    #[error("{0:?} is not a redirect URI that TikTok takes; give an absolute https address without query and fragment")]
    RedirectUri(String),
    /// The user agent.
    #[error("{0:?} is not a user agent; give visible ASCII, like CreatorCompass/1.0 (+https://example.com/contact)")]
    UserAgent(String),
    /// The HTTP client.
    #[error("no HTTP client could be made; are the system's root certificates installed?")]
    Client(#[source] reqwest::Error),
}

/// The address of a site to which secrets can be sent.
fn secure(address: &str) -> Option<Url> {
    fetch::site(address).filter(|url| url.scheme() == "https" || fetch::is_loopback(url))
}

/// Whether TikTok takes it: absolute, static, shorter than 512 characters, and in the clear on this machine only.
fn is_redirect_uri(address: &str) -> bool {
    let parsed = Url::parse(address).ok().filter(|url| url.query().is_none() && url.fragment().is_none());
    let safe = |url: Url| url.scheme() == "https" || (url.scheme() == "http" && fetch::is_loopback(&url));
    address.len() < 512 && parsed.is_some_and(safe)
}
