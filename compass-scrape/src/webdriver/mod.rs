//! Profiles read with a real browser over WebDriver.
//!
//! The browser is an ordinary Chromium that says what it is. It opens the public page, scrolls as a reader does, and
//! reads what the page shows: the embedded JSON, the grid, and the lists of posts that the page's own script fetched.
//! It stops at a captcha, a sign-in or a block, and says which. What robots.txt disallows is not opened, and one page is
//! opened at a time ([`manners`](crate::manners)).

mod browser;
mod builder;
mod capabilities;
mod collect;
mod error;
mod leftovers;
mod limit;
mod page;
mod pool;
mod process;
mod reach;
mod responses;

use std::{path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use compass_core::{
    Snapshot, SourceKind,
    ports::{CollectRequest, NoProgress, ProfileSource, ProgressSink, SourceError},
};
use serde_json::{Map, Value};
use url::Url;

pub use builder::{BuildError, WebDriverBuilder};

use limit::Limit;
use pool::Pool;

use crate::{manners::Manners, telemetry};

/// Whose WebDriver is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Driver {
    /// A ChromeDriver that the source starts when it first needs it, and ends with its browser.
    Spawn {
        /// The program; `None` for the `chromedriver` on the search path.
        path: Option<PathBuf>,
    },
    /// A WebDriver or Selenium Grid that already runs, by its `http://` address, with a path if it has one. The site has to be
    /// in reach of this process, too: it asks for robots.txt itself.
    Url(String),
}

/// Reads profiles with a real browser.
///
/// A browser serves one collection at a time; when as many are in use as [`WebDriverBuilder::sessions`] allows, further
/// collections wait. Browsers are started when they are first needed and kept for the next collection. They are ended,
/// with every process and file of them, when they have opened their share of pages, when nobody has used them for a while,
/// when a collection is given up, and when the source is dropped.
///
/// ```no_run
/// use compass_scrape::webdriver::{Driver, WebDriverSource};
/// use serde_json::{Map, json};
///
/// let tiktok = WebDriverSource::builder().build()?;
/// let through_a_grid = WebDriverSource::builder()
///     .driver(Driver::Url("http://grid:4444/wd/hub".to_owned()))
///     .sessions(4)
///     .capabilities(Map::from_iter([("platformName".to_owned(), json!("linux")), ("se:name".to_owned(), json!("compass"))]))
///     .build()?;
/// # Ok::<(), compass_scrape::webdriver::BuildError>(())
/// ```
#[derive(Debug)]
pub struct WebDriverSource {
    settings: Arc<Settings>,
    pool: Arc<Pool>,
    manners: Manners,
}

/// What the builder has checked.
#[derive(Clone, Debug)]
struct Settings {
    base: Url,
    asset_hosts: Vec<String>,
    driver: Driver,
    capabilities: Map<String, Value>,
    headless: bool,
    no_sandbox: bool,
    sessions: usize,
    pages_per_session: u32,
    idle: Duration,
    patience: Duration,
    page_load: Duration,
    script: Duration,
    collection: Duration,
    network_log: bool,
    video_pages: u32,
    open_listed_posts: bool,
    record: Option<PathBuf>,
}

impl WebDriverSource {
    /// Starts with the defaults: tiktok.com, a ChromeDriver of its own, no window.
    pub fn builder() -> WebDriverBuilder {
        WebDriverBuilder::default()
    }

    /// The process ids of the ChromeDrivers that the source has started and that run now. Each is its process group's too.
    #[must_use]
    pub fn driver_processes(&self) -> Vec<u32> {
        self.pool.running().ids()
    }

    /// Opens a browser on an empty page, as a collection would, and keeps it for the next one: whether the driver and the
    /// browser work, without any site.
    ///
    /// # Errors
    /// [`SourceError::Driver`] if they do not.
    pub async fn try_browser(&self) -> Result<(), SourceError> {
        self.pool.lend(&NoProgress).await?.give_back().await;
        Ok(())
    }

    /// Ends the browsers now rather than when the source is dropped, after the collections that are under way. A later
    /// collection starts a new one.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

#[async_trait]
impl ProfileSource for WebDriverSource {
    fn kind(&self) -> SourceKind {
        SourceKind::WebDriver
    }

    fn host(&self) -> Option<String> {
        crate::host::host(&self.settings.base)
    }

    async fn collect(&self, request: &CollectRequest, progress: &dyn ProgressSink) -> Result<Snapshot, SourceError> {
        telemetry::collection(self.kind(), request, self.read(request, progress)).await
    }
}

impl WebDriverSource {
    async fn read(&self, request: &CollectRequest, progress: &dyn ProgressSink) -> Result<Snapshot, SourceError> {
        let mut lent = self.pool.lend(progress).await?;
        let limit = Limit::new(self.settings.collection);
        let collecting = collect::collect(lent.browser(), &self.manners, &self.settings, &limit, request, progress);
        let outcome = tokio::select! {
            outcome = collecting => outcome,
            () = limit.reached() => {
                Err(error::driver_error(format!("the collection took longer than {:?}", self.settings.collection)))
            }
        };
        if let Err(SourceError::Driver { .. }) = outcome {
            lent.discard().await;
        } else {
            lent.give_back().await;
        }
        outcome
    }
}
