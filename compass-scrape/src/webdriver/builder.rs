//! The settings of a browser source: setters that cannot fail, and a `build` that can.

use std::time::Duration;

use url::Url;

use super::{Driver, Settings, State, WebDriverSource, pace::Pace, process::Running};

/// Builds a [`WebDriverSource`].
#[derive(Clone, Debug)]
#[must_use]
pub struct WebDriverBuilder {
    base_url: String,
    driver: Driver,
    headless: bool,
    no_sandbox: Option<bool>,
    pages_per_session: u32,
    pause: Duration,
    patience: Duration,
    page_load: Duration,
    collection: Duration,
    network_log: bool,
    video_pages: u32,
}

impl Default for WebDriverBuilder {
    fn default() -> Self {
        Self {
            base_url: "https://www.tiktok.com".to_owned(),
            driver: Driver::Spawn { path: None },
            headless: true,
            no_sandbox: None,
            pages_per_session: 50,
            pause: Duration::from_secs(1),
            patience: Duration::from_secs(5),
            page_load: Duration::from_secs(20),
            collection: Duration::from_secs(300),
            network_log: true,
            video_pages: 12,
        }
    }
}

impl WebDriverBuilder {
    /// The site: scheme, host and port. The browser is never led away from it.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// Whose WebDriver is used. By default the source starts the `chromedriver` of the search path.
    pub fn driver(mut self, driver: Driver) -> Self {
        self.driver = driver;
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

    /// After how many pages a fresh browser is started, at least one. By default 50.
    pub fn pages_per_session(mut self, pages: u32) -> Self {
        self.pages_per_session = pages.max(1);
        self
    }

    /// The least time from one page load to the next. By default a second.
    pub fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
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

    /// Checks the settings. The browser is started later, at the first collection.
    ///
    /// # Errors
    /// [`BuildError`] for an address that cannot be used.
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
        let settings = Settings {
            base,
            driver: self.driver,
            headless: self.headless,
            no_sandbox: self.no_sandbox.unwrap_or_else(|| rustix::process::geteuid().is_root()),
            pages_per_session: self.pages_per_session,
            pause: self.pause,
            patience: self.patience,
            page_load: self.page_load,
            script: Duration::from_secs(10),
            collection: self.collection,
            network_log: self.network_log,
            video_pages: self.video_pages,
        };
        let state = State { browser: None, pace: Pace::new(settings.pause) };
        Ok(WebDriverSource { settings, state: state.into(), running: Running::default() })
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
    /// The WebDriver's address has a password in it, which would go over the wire in the clear.
    #[error("the address of a WebDriver has no password; reach it through a tunnel or a proxy that adds one")]
    DriverPassword,
}
