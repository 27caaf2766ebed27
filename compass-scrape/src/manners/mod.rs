//! How a site is treated whose pages are read: its robots.txt is obeyed, and one page is loaded at a time, with pauses.
//!
//! It holds for [`page`](crate::page) and [`webdriver`](crate::webdriver); the official API has rate limits of its own, and
//! recordings are nobody's site. In a browser it holds for the pages that are opened; what such a page loads by itself is
//! the page's affair.
//!
//! Before the first page of a site, and again when the copy is 24 hours old, its robots.txt is asked for over plain HTTP
//! and read as [RFC 9309](https://www.rfc-editor.org/rfc/rfc9309) says, with `CreatorCompass` as our name:
//!
//! | the site's answer | what it means |
//! |---|---|
//! | 2xx | the first 500 KiB are the rules |
//! | a redirect within the site | followed, at most five times; more are as if there were no file |
//! | 429 | `RateLimited`: nothing is loaded, nor asked for again, for as long as `Retry-After` says, else for 5 minutes |
//! | other 4xx | there is no file: everything may be loaded |
//! | 5xx, a redirect to another host | the copy of at most 30 days ago, or `Network` and nothing is loaded; asked again after 5 minutes |
//! | no answer within 30 s, no connection, broken off | the copy of at most 30 days ago, or `Network`: nothing is loaded |
//!
//! What a rule disallows is [`SourceError::RobotsDisallowed`] and is not loaded.

mod builder;
mod pace;
mod robots;
mod robots_txt;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use compass_core::ports::{Clock, ProgressSink, Random, SourceError};
use url::{Origin, Url};

pub use builder::{BuildError, MannersBuilder};

use crate::waiting::waiting;
use pace::Pace;
pub(crate) use pace::Turn;
use robots::Robots;

/// The pace and the robots.txt of each site, shared by the sources that it is given to.
///
/// A source that is given none has its own. Where several sources read one site, build one and give each a clone:
///
/// ```
/// use compass_scrape::{manners::Manners, page::PageSource, webdriver::WebDriverSource};
///
/// let contact = compass_scrape::user_agent("https://example.com/contact");
/// let manners = Manners::builder().user_agent(contact).pause(std::time::Duration::from_secs(5)).build()?;
/// let browser = WebDriverSource::builder().manners(manners.clone()).build()?;
/// let plain = PageSource::builder().manners(manners).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Manners(Arc<Kept>);

#[derive(Debug)]
struct Kept {
    pause: Duration,
    random: Arc<dyn Random>,
    clock: Arc<dyn Clock>,
    user_agent: String,
    own_sites: HashSet<Origin>,
    sites: Mutex<HashMap<Origin, Arc<Site>>>,
}

#[derive(Debug)]
struct Site {
    pace: Pace,
    /// `None` for a site of one's own.
    robots: Option<Robots>,
}

impl Manners {
    /// Starts with the defaults: a pause of a second, our own name, every robots.txt obeyed.
    pub fn builder() -> MannersBuilder {
        MannersBuilder::default()
    }

    /// Who asks.
    pub(crate) fn user_agent(&self) -> &str {
        &self.0.user_agent
    }

    /// Waits until this page may be loaded. It is being loaded as long as the turn is held.
    ///
    /// # Errors
    /// [`SourceError`] if it may not be loaded, or if that cannot be told.
    pub(crate) async fn turn(&self, page: &Url, progress: &dyn ProgressSink) -> Result<Turn, SourceError> {
        let site = self.site(page);
        waiting(progress, async {
            if let Some(robots) = &site.robots {
                robots.allow(page, &*self.0.clock, progress).await?;
            }
            let turn = site.pace.turn().await;
            // While it waited, the site may have told somebody else to stop.
            progress.may_open().await.map(|()| turn)
        })
        .await
    }

    fn site(&self, page: &Url) -> Arc<Site> {
        let mut sites = self.0.sites.lock().unwrap_or_else(PoisonError::into_inner);
        let site = sites.entry(page.origin()).or_insert_with_key(|origin| {
            let own = self.0.own_sites.contains(origin);
            let robots = (!own).then(|| Robots::new(page.clone(), self.0.user_agent.clone()));
            Arc::new(Site { pace: Pace::new(self.0.pause, Arc::clone(&self.0.random)), robots })
        });
        Arc::clone(site)
    }
}

impl Default for Manners {
    fn default() -> Self {
        Self::builder().build().expect("the defaults are good")
    }
}
