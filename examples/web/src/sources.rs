//! Where profiles are read from: the stand-in TikTok by default, tiktok.com when asked to.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use compass_core::{
    ports::{Clock, ProfileSource},
    samples::World,
};
use compass_scrape::{
    manners::Manners,
    testing::{DirectSource, StandIn},
    webdriver::{Driver, WebDriverBuilder, WebDriverSource},
};

use crate::{Config, StartError};

/// How long a browser may take to end in good order; dropped, it is ended without.
const CLOSING: Duration = Duration::from_secs(5);

/// The sources in the order in which they are asked, and what they need to run.
#[derive(Debug)]
pub(crate) struct Sources {
    pub(crate) list: Vec<Arc<dyn ProfileSource>>,
    /// What they are, for people.
    pub(crate) described: String,
    browser: Option<Arc<WebDriverSource>>,
    _stand_in: Option<StandIn>,
}

impl Sources {
    /// Starts what the configuration asks for; the browser itself starts when it is first needed. What it reads is kept in
    /// the folder `record`, if there is one: then nothing but the browser is asked.
    pub(crate) async fn start(
        config: &Config,
        clock: &Arc<dyn Clock>,
        record: Option<&Path>,
    ) -> Result<Self, StartError> {
        if let Some(folder) = record {
            std::fs::create_dir_all(folder)
                .map_err(|source| StartError::RecordFolder { folder: folder.to_owned(), source })?;
        }
        let recorded = |builder: WebDriverBuilder| match record {
            Some(folder) => builder.record(folder),
            None => builder,
        };
        let driver = match &config.webdriver {
            Some(url) => Some(Driver::Url(url.clone())),
            None => chromedriver().map(|path| Driver::Spawn { path: Some(path) }),
        };
        let manners = Manners::builder().clock(Arc::clone(clock));
        let manners = match &config.contact {
            Some(contact) => manners.user_agent(compass_scrape::user_agent(contact)),
            None => manners,
        };
        if config.live {
            return Self::live(driver.ok_or(StartError::NoDriver)?, manners.build()?, recorded);
        }
        let stand_in = StandIn::start(World::standard(), Arc::clone(clock)).await.map_err(StartError::StandIn)?;
        let direct: Arc<dyn ProfileSource> = Arc::new(DirectSource::new(World::standard(), Arc::clone(clock)));
        let at = stand_in.base_url().to_owned();
        let Some(driver) = driver else {
            if record.is_some() {
                return Err(StartError::NothingToRecord);
            }
            return Ok(Self {
                list: vec![direct],
                described: "the stand-in TikTok, read without a browser (there is no chromedriver on the PATH)"
                    .to_owned(),
                browser: None,
                _stand_in: Some(stand_in),
            });
        };
        let described = format!("the stand-in TikTok on {at}, read with a browser ({})", named(&driver));
        let assets = stand_in.asset_url().trim_start_matches("http://");
        let manners = manners.pause(Duration::ZERO).build()?;
        let browser = WebDriverSource::builder().base_url(at).asset_hosts([assets]).driver(driver).manners(manners);
        let browser = Arc::new(recorded(browser).build()?);
        let mut list: Vec<Arc<dyn ProfileSource>> = vec![Arc::<WebDriverSource>::clone(&browser)];
        if record.is_none() {
            list.push(direct);
        }
        Ok(Self { list, described, browser: Some(browser), _stand_in: Some(stand_in) })
    }

    fn live(
        driver: Driver,
        manners: Manners,
        recorded: impl FnOnce(WebDriverBuilder) -> WebDriverBuilder,
    ) -> Result<Self, StartError> {
        let described = format!("https://www.tiktok.com, read with a browser ({})", named(&driver));
        let browser = Arc::new(recorded(WebDriverSource::builder().driver(driver).manners(manners)).build()?);
        Ok(Self {
            list: vec![Arc::<WebDriverSource>::clone(&browser)],
            described,
            browser: Some(browser),
            _stand_in: None,
        })
    }

    /// Ends the browser, if one runs.
    pub(crate) async fn close(&self) {
        if let Some(browser) = &self.browser
            && tokio::time::timeout(CLOSING, browser.close()).await.is_err()
        {
            tracing::warn!("the browser did not close in time and is killed");
        }
    }
}

fn named(driver: &Driver) -> String {
    match driver {
        Driver::Spawn { path } => {
            path.as_ref().map_or_else(|| "chromedriver".to_owned(), |path| path.display().to_string())
        }
        Driver::Url(url) => url.clone(),
    }
}

/// The ChromeDriver of the search path.
pub(crate) fn chromedriver() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join("chromedriver")).find(|file| file.is_file())
}
