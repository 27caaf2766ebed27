//! Whether the driver starts a browser.

use std::{path::Path, process::Stdio, time::Duration};

use compass_scrape::webdriver::{Driver, WebDriverSource};
use tokio::{process::Command, time::timeout};

use super::{Finding, told};
use crate::{Config, sources::chromedriver};

const INSTALL: &str =
    "install chromium and chromium-driver of the same version, or name a WebDriver with --webdriver URL";
/// A program that has not told its version by then is not going to.
const PATIENCE: Duration = Duration::from_secs(10);

/// The driver, and the browser that it starts.
pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let (driver, first) = match (&config.webdriver, chromedriver()) {
        (Some(url), _) => (Driver::Url(url.clone()), Finding::good("driver", url)),
        (None, Some(path)) => {
            let version = version(&path).await;
            let found = Finding::good("driver", format!("{}, {version}", path.display()));
            (Driver::Spawn { path: Some(path) }, found)
        }
        (None, None) if config.live => {
            return vec![Finding::broken("driver", "there is no chromedriver on the PATH", INSTALL)];
        }
        (None, None) => {
            let found = "there is no chromedriver on the PATH: sample creators are read without a browser";
            return vec![Finding::doubtful("driver", found, INSTALL)];
        }
    };
    vec![first, browser(driver).await]
}

async fn browser(driver: Driver) -> Finding {
    let source = match WebDriverSource::builder().driver(driver).build() {
        Ok(source) => source,
        Err(error) => return Finding::broken("browser", told(&error), "say --webdriver http://HOST:PORT"),
    };
    let tried = source.try_browser().await;
    source.close().await;
    match tried {
        Ok(()) => Finding::good("browser", "it opens a page and ends in good order"),
        Err(error) => Finding::broken("browser", told(&error), INSTALL),
    }
}

async fn version(program: &Path) -> String {
    let asked =
        Command::new(program).arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).output();
    let said = timeout(PATIENCE, asked).await.ok().and_then(Result::ok);
    let said = said.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    if said.is_empty() { "which does not tell its version".to_owned() } else { said }
}
