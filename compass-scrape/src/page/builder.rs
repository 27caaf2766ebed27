//! The settings of a plain HTTP source: setters that cannot fail, and a `build` that can.

use std::{path::PathBuf, time::Duration};

use super::PageSource;
use crate::{
    fetch::{self, Limits},
    manners::Manners,
};

/// Builds a [`PageSource`].
#[derive(Clone, Debug)]
#[must_use]
pub struct PageBuilder {
    base_url: String,
    limits: Limits,
    /// That of the manners if `None`.
    user_agent: Option<String>,
    manners: Manners,
    record: Option<PathBuf>,
}

impl Default for PageBuilder {
    fn default() -> Self {
        let limits = Limits {
            user_agent: String::new(),
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(30),
            bytes: 8_000_000,
        };
        let base_url = "https://www.tiktok.com".to_owned();
        Self { base_url, limits, user_agent: None, manners: Manners::default(), record: None }
    }
}

impl PageBuilder {
    /// The site: scheme, host and port. No redirect is followed away from it.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// Who asks, as the site's operator reads it; make one with [`user_agent`](crate::user_agent). By default that of the
    /// [`manners`](Self::manners).
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = Some(user_agent.into());
        self
    }

    /// The pace and the robots.txt that this source shares with other sources. By default it has its own.
    pub fn manners(mut self, manners: Manners) -> Self {
        self.manners = manners;
        self
    }

    /// Keeps every page that is read in this folder, as
    /// [`WebDriverBuilder::record`](crate::webdriver::WebDriverBuilder::record) does.
    pub fn record(mut self, folder: impl Into<PathBuf>) -> Self {
        self.record = Some(folder.into());
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

    /// How many bytes of a page are read, decompressed; a larger page is refused. By default 8 million: pages have about
    /// half a million.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.limits.bytes = bytes;
        self
    }

    /// Checks the settings. Nothing is asked of the site yet.
    ///
    /// # Errors
    /// [`BuildError`] for an address or a user agent that cannot be used, or where TLS cannot be set up.
    pub fn build(mut self) -> Result<PageSource, BuildError> {
        self.limits.user_agent = self.user_agent.unwrap_or_else(|| self.manners.user_agent().to_owned());
        let base = fetch::site(&self.base_url).ok_or(BuildError::BaseUrl(self.base_url))?;
        if !fetch::is_user_agent(&self.limits.user_agent) {
            return Err(BuildError::UserAgent(self.limits.user_agent));
        }
        let client = fetch::client(&self.limits, &base).map_err(BuildError::Client)?;
        Ok(PageSource { base, limits: self.limits, client, manners: self.manners, record: self.record })
    }
}

/// Why the settings of a plain HTTP source cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The site's address.
    #[error("{0:?} is not the address of a site; give scheme, host and port alone, like https://www.tiktok.com")]
    BaseUrl(String),
    /// The user agent.
    #[error("{0:?} is not a user agent; give visible ASCII, like CreatorCompass/1.0 (+https://example.com/contact)")]
    UserAgent(String),
    /// The HTTP client.
    #[error("no HTTP client could be made; are the system's root certificates installed?")]
    Client(#[source] reqwest::Error),
}
