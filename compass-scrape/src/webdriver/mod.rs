//! Profiles read with a real browser over WebDriver.
//!
//! The browser is an ordinary Chromium that says what it is. It opens the public page, scrolls as a reader does, and
//! reads what the page shows: the embedded JSON, the grid, and the lists of posts that the page's own script fetched.
//! It stops at a captcha, a sign-in or a block, and says which.

mod browser;
mod builder;
mod capabilities;
mod collect;
mod error;
mod pace;
mod page;
mod process;
mod responses;

use std::{path::PathBuf, time::Duration};

use async_trait::async_trait;
use compass_core::{
    Snapshot, SourceKind,
    ports::{CollectRequest, ProfileSource, ProgressSink, SourceError},
};
use tokio::sync::Mutex;
use url::Url;

pub use builder::{BuildError, WebDriverBuilder};

use browser::Browser;
use pace::Pace;
use process::Running;

/// Whose WebDriver is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Driver {
    /// A ChromeDriver that the source starts when it first needs it, and ends with its browser.
    Spawn {
        /// The program; `None` for the `chromedriver` on the search path.
        path: Option<PathBuf>,
    },
    /// A WebDriver or Selenium Grid that already runs, by its `http://` address.
    Url(String),
}

/// Reads profiles with a real browser.
///
/// One browser serves one collection at a time; further ones wait. It is started at the first collection and ended,
/// with every process and file of it, when the source is dropped.
///
/// ```no_run
/// use compass_scrape::webdriver::{Driver, WebDriverSource};
///
/// let tiktok = WebDriverSource::builder().build()?;
/// let through_a_grid = WebDriverSource::builder().driver(Driver::Url("http://grid:4444".to_owned())).build()?;
/// # Ok::<(), compass_scrape::webdriver::BuildError>(())
/// ```
#[derive(Debug)]
pub struct WebDriverSource {
    settings: Settings,
    state: Mutex<State>,
    running: Running,
}

/// What the builder has checked.
#[derive(Clone, Debug)]
struct Settings {
    base: Url,
    driver: Driver,
    headless: bool,
    no_sandbox: bool,
    pages_per_session: u32,
    pause: Duration,
    patience: Duration,
    page_load: Duration,
    script: Duration,
    collection: Duration,
    network_log: bool,
    video_pages: u32,
}

#[derive(Debug)]
struct State {
    browser: Option<Browser>,
    pace: Pace,
}

impl WebDriverSource {
    /// Starts with the defaults: tiktok.com, a ChromeDriver of its own, no window.
    pub fn builder() -> WebDriverBuilder {
        WebDriverBuilder::default()
    }

    /// The process id of the ChromeDriver that the source has started, which is its process group's too.
    ///
    /// `None` while none runs.
    #[must_use]
    pub fn driver_process(&self) -> Option<u32> {
        self.running.id()
    }

    /// Ends the browser now rather than when the source is dropped; the next collection starts a new one.
    pub async fn close(&self) {
        let mut state = self.state.lock().await;
        if let Some(browser) = state.browser.take() {
            browser.close().await;
        }
    }

    /// The kept browser if it is still good, else a new one.
    async fn browser(&self, kept: Option<Browser>) -> Result<Browser, SourceError> {
        if let Some(mut browser) = kept {
            if browser.pages() >= self.settings.pages_per_session {
                browser.close().await;
            } else if browser.answers().await {
                return Ok(browser);
            } else {
                browser.discard().await;
            }
        }
        Browser::open(&self.settings, &self.running).await
    }
}

#[async_trait]
impl ProfileSource for WebDriverSource {
    fn kind(&self) -> SourceKind {
        SourceKind::WebDriver
    }

    async fn collect(&self, request: &CollectRequest, progress: &dyn ProgressSink) -> Result<Snapshot, SourceError> {
        let mut state = self.state.lock().await;
        // Out of the state for as long as it is in use: a collection that is given up half-way takes its browser along.
        let kept = state.browser.take();
        let mut browser = self.browser(kept).await?;
        let collecting = collect::collect(&mut browser, &mut state.pace, &self.settings, request, progress);
        let outcome = tokio::time::timeout(self.settings.collection, collecting).await.unwrap_or_else(|_| {
            Err(error::driver_error(format!("the collection took longer than {:?}", self.settings.collection)))
        });
        if let Err(SourceError::Driver { .. }) = outcome {
            browser.discard().await;
        } else {
            state.browser = Some(browser);
        }
        outcome
    }
}
