//! One browser session in which no command can hang: each has a limit, and a browser that misses it is given up.

use std::{fmt, time::Duration};

use compass_core::ports::SourceError;
use fantoccini::{
    Client, ClientBuilder,
    error::CmdError,
    wd::{TimeoutConfiguration, WebDriverCompatibleCommand},
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;

use super::{
    Driver, Settings, capabilities,
    error::{command_failure, driver_error, driver_failure, session_failure},
    process::{DriverProcess, Running},
};

/// How long starting a browser may take, and how long its first page.
pub(super) const OPEN: Duration = Duration::from_secs(30);
/// How long closing one may take before its processes are ended.
const CLOSE: Duration = Duration::from_secs(3);
/// The page that is open while none is asked for.
const BLANK: &str = "about:blank";
/// What a command may take beyond the limit that the browser itself keeps for it.
const SLACK: Duration = Duration::from_secs(5);

/// An open browser.
pub(super) struct Browser {
    // Dropped first: its farewell to the driver must not find the driver gone and wait.
    client: Client,
    process: Option<DriverProcess>,
    /// The site's.
    origin: String,
    page_load: Duration,
    script: Duration,
    pages: u32,
}

impl Browser {
    /// Opens a browser at the settings' driver, starting one if it is ours.
    pub(super) async fn open(settings: &Settings, running: &Running) -> Result<Self, SourceError> {
        let process = match &settings.driver {
            Driver::Spawn { path } => Some(DriverProcess::start(path.as_deref(), running.clone()).await?),
            Driver::Url(_) => None,
        };
        let url = match (&settings.driver, &process) {
            (_, Some(process)) => process.url(),
            (Driver::Url(url), None) => url.as_str(),
            (Driver::Spawn { .. }, None) => unreachable!("a driver of our own was started above"),
        };
        // A path is a folder: without the stroke the last part of /wd/hub would be cut off.
        let url = format!("{}/", url.trim_end_matches('/'));
        let wanted = capabilities::of(settings, process.as_ref().map(DriverProcess::folder));
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let connecting = builder.capabilities(wanted).connect(&url);
        let client = tokio::time::timeout(OPEN, connecting)
            .await
            .map_err(|_| driver_error(format!("no browser opened within {} s", OPEN.as_secs())))?
            .map_err(session_failure)?;
        let browser = Self {
            client,
            process,
            origin: settings.base.origin().ascii_serialization(),
            page_load: settings.page_load,
            script: settings.script,
            pages: 0,
        };
        // Chromium opens its new-tab page by itself. A page that is asked for while that one still loads, and does not
        // come, makes ChromeDriver wait for ever.
        let blank = "opening the blank page";
        let opened = browser.limited(blank, OPEN, browser.client.goto(BLANK)).await?;
        opened.map_err(|e| command_failure(blank, e))?;
        let limits = TimeoutConfiguration::new(Some(settings.script), Some(settings.page_load), Some(Duration::ZERO));
        let set = browser.limited("setting limits", CLOSE, browser.client.update_timeouts(limits)).await?;
        set.map_err(|e| command_failure("setting limits", e))?;
        // A worker that a page has registered would answer the requests of the next one, before the site does.
        browser.devtools("Network.setBypassServiceWorker", json!({"bypass": true})).await?;
        Ok(browser)
    }

    /// How many pages it has opened.
    pub(super) fn pages(&self) -> u32 {
        self.pages
    }

    /// Whether the driver and the browser still answer.
    pub(super) async fn answers(&mut self) -> bool {
        let running = self.process.as_mut().is_none_or(DriverProcess::is_running);
        running && matches!(self.limited("asking the browser", CLOSE, self.client.current_url()).await, Ok(Ok(_)))
    }

    /// Leaves the page that is open, so that nothing of it goes on: neither itself nor a worker that it has registered.
    pub(super) async fn leave_page(&self) -> Result<(), SourceError> {
        self.blank_page().await?;
        // Of all that the site has stored, this alone could come between it and the next page. Where a driver cannot remove
        // it, the next collection has a new browser.
        let asked = json!({"origin": self.origin, "storageTypes": "service_workers"});
        self.devtools("Storage.clearDataForOrigin", asked)
            .await?
            .map(drop)
            .ok_or_else(|| driver_error("the driver cannot remove a page's service workers".to_owned()))
    }

    async fn blank_page(&self) -> Result<(), SourceError> {
        let what = "leaving the page";
        match self.limited(what, CLOSE, self.client.goto(BLANK)).await? {
            Err(error) if error.is_unexpected_alert_open() => {
                let again = self.limited(what, CLOSE, self.client.goto(BLANK)).await?;
                again.map_err(|e| command_failure(what, e))
            }
            done => done.map_err(|e| command_failure(what, e)),
        }
    }

    /// Opens a page and waits until its document is there.
    pub(super) async fn goto(&mut self, url: &Url) -> Result<(), SourceError> {
        self.pages = self.pages.saturating_add(1);
        let what = format!("opening {}", url.path());
        match self.limited(&what, self.page_load + SLACK, self.client.goto(url.as_str())).await? {
            // The browser has dismissed the page's dialog, and the document is there.
            Err(error) if error.is_unexpected_alert_open() => Ok(()),
            done => done.map_err(|e| command_failure(&what, e)),
        }
    }

    /// Runs a script in the page and reads what it returns.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        what: &str,
        script: &str,
        arguments: Vec<Value>,
    ) -> Result<T, SourceError> {
        let limit = self.script + SLACK;
        let mut answer = self.limited(what, limit, self.client.execute(script, arguments.clone())).await?;
        if answer.as_ref().is_err_and(CmdError::is_unexpected_alert_open) {
            // The dialog is dismissed by the failure, so the second time the page answers.
            answer = self.limited(what, limit, self.client.execute(script, arguments)).await?;
        }
        let answer = answer.map_err(|e| command_failure(what, e))?;
        serde_json::from_value(answer).map_err(|e| driver_failure(format!("{what}: the page's answer"), e))
    }

    /// Sends a command that only ChromeDriver knows; `None` if the driver refuses it.
    pub(super) async fn vendor(&self, path: &'static str, body: Value) -> Result<Option<Value>, SourceError> {
        match self.limited(path, self.script + SLACK, self.client.issue_cmd(VendorCommand { path, body })).await? {
            Ok(answer) => Ok(Some(answer)),
            Err(CmdError::Standard(refusal)) => {
                tracing::debug!(path, %refusal, "the driver refuses a command");
                Ok(None)
            }
            Err(error) => Err(command_failure(path, error)),
        }
    }

    /// Sends a command of Chromium's own protocol; `None` if the driver or the browser refuses it.
    pub(super) async fn devtools(&self, command: &str, parameters: Value) -> Result<Option<Value>, SourceError> {
        self.vendor("goog/cdp/execute", json!({"cmd": command, "params": parameters})).await
    }

    /// Ends the session, and the processes if they are ours.
    pub(super) async fn close(self) {
        // The processes end anyway, and a driver of somebody else's ends a session that is left alone.
        if tokio::time::timeout(CLOSE, self.client.close()).await.is_err() {
            tracing::debug!("the browser did not close in time");
        }
        if let Some(process) = self.process {
            process.end().await;
        }
    }

    /// Ends the processes without asking the browser, which is lost or stuck.
    pub(super) async fn discard(self) {
        drop(self.client);
        if let Some(process) = self.process {
            process.end().await;
        }
    }

    /// Waits for a command, but not for ever: the driver itself keeps no limit.
    async fn limited<T>(
        &self,
        what: &str,
        limit: Duration,
        command: impl Future<Output = Result<T, CmdError>>,
    ) -> Result<Result<T, CmdError>, SourceError> {
        tokio::time::timeout(limit, command)
            .await
            .map_err(|_| driver_error(format!("{what}: the browser did not answer within {} s", limit.as_secs())))
    }
}

impl fmt::Debug for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Browser").field("process", &self.process).field("pages", &self.pages).finish_non_exhaustive()
    }
}

/// A `POST` to a path below the session.
#[derive(Debug)]
struct VendorCommand {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for VendorCommand {
    fn endpoint(&self, base_url: &Url, session_id: Option<&str>) -> Result<Url, url::ParseError> {
        base_url.join(&format!("session/{}/{}", session_id.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _request_url: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}
