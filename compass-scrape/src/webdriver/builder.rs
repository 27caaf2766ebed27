//! The settings of a browser source: setters that cannot fail, and a `build` that can.

use std::{path::PathBuf, sync::Arc, time::Duration};

use serde_json::{Map, Value};
use tokio::sync::Semaphore;
use url::Url;

use super::{Driver, Settings, WebDriverSource, capabilities, pool::Pool, reach};
use crate::manners::Manners;

/// Builds a [`WebDriverSource`].
#[derive(Clone, Debug)]
#[must_use]
pub struct WebDriverBuilder {
    base_url: String,
    asset_hosts: Option<Vec<String>>,
    driver: Driver,
    capabilities: Map<String, Value>,
    headless: bool,
    no_sandbox: Option<bool>,
    sessions: u32,
    pages_per_session: u32,
    idle: Duration,
    manners: Manners,
    patience: Duration,
    page_load: Duration,
    collection: Duration,
    network_log: bool,
    video_pages: u32,
    open_listed_posts: bool,
    record: Option<PathBuf>,
}

impl Default for WebDriverBuilder {
    fn default() -> Self {
        Self {
            base_url: "https://www.tiktok.com".to_owned(),
            asset_hosts: None,
            driver: Driver::Spawn { path: None },
            capabilities: Map::new(),
            headless: true,
            no_sandbox: None,
            sessions: 1,
            pages_per_session: 50,
            idle: Duration::from_secs(300),
            manners: Manners::default(),
            patience: Duration::from_secs(5),
            page_load: Duration::from_secs(20),
            collection: Duration::from_secs(300),
            network_log: true,
            video_pages: 12,
            open_listed_posts: false,
            record: None,
        }
    }
}

impl WebDriverBuilder {
    /// The site: scheme, host and port. Of everything else the browser reaches the asset hosts alone.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// The hosts that the site's pages may load scripts and pictures from: names such as `cdn.example`, or `*.cdn.example` for
    /// every name below it; an exact name may have a port, which is then the only one. By default TikTok's for tiktok.com, and none for any other site.
    ///
    /// The browser goes to them directly, never through a proxy, which could reach everybody.
    pub fn asset_hosts(mut self, hosts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.asset_hosts = Some(hosts.into_iter().map(Into::into).collect());
        self
    }

    /// Whose WebDriver is used. By default the source starts the `chromedriver` of the search path.
    pub fn driver(mut self, driver: Driver) -> Self {
        self.driver = driver;
        self
    }

    /// More W3C capabilities for each session, by which a grid chooses a machine: `platformName`, `browserVersion`, `se:...`.
    /// Of `goog:chromeOptions` they may have `binary` and further `args`.
    pub fn capabilities(mut self, capabilities: Map<String, Value>) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// Whether the browser has no window. It has none by default.
    pub fn headless(mut self, headless: bool) -> Self {
        self.headless = headless;
        self
    }

    /// Whether Chromium's sandbox is off. By default it is off for root only, who cannot use it.
    pub fn no_sandbox(mut self, no_sandbox: bool) -> Self {
        self.no_sandbox = Some(no_sandbox);
        self
    }

    /// How many browsers may be open, at least one. By default one.
    pub fn sessions(mut self, browsers: u32) -> Self {
        self.sessions = browsers.max(1);
        self
    }

    /// How long a browser that nobody uses is kept. By default 5 minutes.
    pub fn idle(mut self, limit: Duration) -> Self {
        self.idle = limit;
        self
    }

    /// After how many pages a fresh browser is started, at least one. By default 50.
    pub fn pages_per_session(mut self, pages: u32) -> Self {
        self.pages_per_session = pages.max(1);
        self
    }

    /// The pace and the robots.txt that this source shares with other sources. By default it has its own, for all of its
    /// browsers together.
    pub fn manners(mut self, manners: Manners) -> Self {
        self.manners = manners;
        self
    }

    /// How long the page may show nothing new before what it has shown is taken for all there is. By default 5 s.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// How long a page may take to load. By default 20 s.
    pub fn page_load(mut self, limit: Duration) -> Self {
        self.page_load = limit;
        self
    }

    /// How long one collection may take. By default 5 minutes.
    pub fn collection(mut self, limit: Duration) -> Self {
        self.collection = limit;
        self
    }

    /// Whether the lists of posts are read from the browser's network log, which has all counters of all posts.
    /// By default they are, where the driver keeps such a log.
    pub fn network_log(mut self, read: bool) -> Self {
        self.network_log = read;
        self
    }

    /// How many posts that no list described are opened for their counters, newest first. By default 12.
    pub fn video_pages(mut self, pages: u32) -> Self {
        self.video_pages = pages;
        self
    }

    /// Whether of the newest posts those too are opened that a list has described: the page of a post can have exact
    /// counters where the list has rounded ones. By default they are not.
    pub fn open_listed_posts(mut self, open: bool) -> Self {
        self.open_listed_posts = open;
        self
    }

    /// Keeps every page and list of posts that is read in this folder, gzipped, each under a name that says whose it is and
    /// when it was asked for. [`ReplaySource`](crate::replay::ReplaySource) and [`replay::read`](crate::replay::read())
    /// read them again, to the same values. What could not be kept is among the refused of the look.
    pub fn record(mut self, folder: impl Into<PathBuf>) -> Self {
        self.record = Some(folder.into());
        self
    }

    /// Checks the settings. The browser is started later, at the first collection.
    ///
    /// # Errors
    /// [`BuildError`] for an address, a host or a capability that cannot be used.
    pub fn build(self) -> Result<WebDriverSource, BuildError> {
        let base = Url::parse(&self.base_url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host() && url.path() == "/")
            .ok_or(BuildError::BaseUrl(self.base_url))?;
        if let Driver::Url(url) = &self.driver {
            let url = Url::parse(url)
                .ok()
                .filter(|url| url.scheme() == "http" && url.has_host())
                .ok_or_else(|| BuildError::DriverUrl(url.clone()))?;
            if url.password().is_some() {
                return Err(BuildError::DriverPassword);
            }
        }
        let asset_hosts = self.asset_hosts.unwrap_or_else(|| reach::default_assets(&base));
        let settings = Settings {
            asset_hosts: asset_hosts.into_iter().map(reach::checked).collect::<Result<_, _>>()?,
            base,
            driver: self.driver,
            capabilities: capabilities::checked(self.capabilities)?,
            headless: self.headless,
            no_sandbox: self.no_sandbox.unwrap_or_else(|| rustix::process::geteuid().is_root()),
            sessions: usize::try_from(self.sessions).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS),
            pages_per_session: self.pages_per_session,
            idle: self.idle,
            patience: self.patience,
            page_load: self.page_load,
            script: Duration::from_secs(10),
            collection: self.collection,
            network_log: self.network_log,
            video_pages: self.video_pages,
            open_listed_posts: self.open_listed_posts,
            record: self.record,
        };
        let settings = Arc::new(settings);
        let pool = Arc::new(Pool::new(Arc::clone(&settings)));
        Ok(WebDriverSource { settings, pool, manners: self.manners })
    }
}

/// Why the settings of a browser source cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The site's address.
    #[error("{0:?} is not the address of a site; give scheme, host and port alone, like https://www.tiktok.com")]
    BaseUrl(String),
    /// The WebDriver's address.
    #[error("{0:?} is not the address of a WebDriver; give one like http://127.0.0.1:9515 (TLS is not supported)")]
    DriverUrl(String),
    /// A host of the site's assets.
    #[error("{0:?} is not the name of a host; give one like cdn.example, or *.cdn.example for all below it")]
    AssetHost(String),
    /// A capability that the source sets by itself, because the safety of the browser or the reading depends on it.
    #[error("the capability {0} is the source's own; leave it out")]
    Capability(String),
    /// The WebDriver's address has a password in it, which would go over the wire in the clear.
    #[error("the address of a WebDriver has no password; reach it through a tunnel or a proxy that adds one")]
    DriverPassword,
}
