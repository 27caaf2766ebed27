//! The header of a profile over plain HTTP, without a browser.
//!
//! One request gives who an account is and its counters: followers, following, likes and posts. It never gives the posts:
//! the site's pages do not hold them, a script fetches them afterwards. So a snapshot of this source has no posts and says
//! so ([`NOT_GIVEN`](crate::NOT_GIVEN)), and an account with posts is not taken for one that withholds them. Where posts matter, the browser
//! or the official API comes first among a host's sources.
//!
//! What robots.txt disallows is not loaded, and one page is loaded at a time ([`manners`](crate::manners)).
//!
//! | the site's answer | outcome |
//! |---|---|
//! | 200 with the page's data | the header |
//! | 200 with a captcha, a firewall page, a shell, a sign-in, a status code | what [`parse`](crate::parse) says of it |
//! | 204, or no body | `EmptyResponse` |
//! | another content type, or more bytes than the limit | `LayoutChanged` |
//! | a redirect within the site | followed, at most three times |
//! | a redirect to `/login`, to `…/notfound` or to another site | `LoginRequired`, `RegionBlocked`, `LayoutChanged` |
//! | 401, 403, 451, with a page that says nothing else | `LoginRequired`, `Forbidden`, `RegionBlocked` |
//! | 429, or 503 with `Retry-After` | `RateLimited` with the wait that was asked for, at most a day |
//! | 404, 410, with a page that says nothing else | `Network`: that there is no such account the page's data says, with 200 |
//! | other 4xx | `LayoutChanged` |
//! | 5xx, no connection, no TLS, too slow, broken off | `Network` |

mod answer;
mod builder;

use std::path::PathBuf;

use async_trait::async_trait;
use compass_core::{
    Progress, Snapshot, SourceKind,
    ports::{CollectRequest, ProfileSource, ProgressSink, SourceError},
};
use reqwest::{
    Client, Response,
    header::{ACCEPT, ACCEPT_LANGUAGE, LOCATION},
};
use url::Url;

pub use builder::{BuildError, PageBuilder};

use crate::{
    fetch::{self, Limits},
    manners::Manners,
    replay::{Part, Recorder},
    telemetry, visit,
};

/// After this many redirects the page is given up.
const MOST_REDIRECTS: usize = 3;

/// Reads the header of profiles over plain HTTP.
///
/// It sends no cookies, says who it is, and asks once: neither a captcha nor a block is worked around.
///
/// ```
/// use compass_scrape::page::PageSource;
///
/// let source = PageSource::builder().user_agent(compass_scrape::user_agent("ops@example.com")).build()?;
/// # Ok::<(), compass_scrape::page::BuildError>(())
/// ```
#[derive(Debug)]
pub struct PageSource {
    base: Url,
    limits: Limits,
    client: Client,
    manners: Manners,
    record: Option<PathBuf>,
}

/// What one address gave.
enum Answer {
    /// The markup of a page.
    Page(String),
    /// Another address of the site.
    Moved(Url),
}

impl PageSource {
    /// Starts with the defaults: tiktok.com, our own name as the user agent.
    pub fn builder() -> PageBuilder {
        PageBuilder::default()
    }

    /// The markup of the account's page.
    async fn open(&self, request: &CollectRequest, progress: &dyn ProgressSink) -> Result<String, SourceError> {
        let mut address = self.base.clone();
        address.set_path(&format!("/@{}", request.handle));
        address.set_query(Some("lang=en"));
        for _ in 0..=MOST_REDIRECTS {
            let _turn = self.manners.turn(&address, progress).await?;
            match telemetry::page(self.kind(), "profile", self.load(&address, request)).await? {
                Answer::Page(html) => return Ok(html),
                Answer::Moved(next) => address = next,
            }
        }
        Err(SourceError::LayoutChanged {
            path: "address".to_owned(),
            detail: format!("the page was moved more than {MOST_REDIRECTS} times"),
        })
    }

    async fn load(&self, address: &Url, request: &CollectRequest) -> Result<Answer, SourceError> {
        let asked = self
            .client
            .get(address.clone())
            .header(ACCEPT, "text/html,application/xhtml+xml")
            .header(ACCEPT_LANGUAGE, "en");
        let response = asked.send().await.map_err(fetch::failure)?;
        if response.status().is_redirection() {
            return self.next_address(address, &response).map(Answer::Moved);
        }
        answer::html(response, &self.limits, request).await.map(Answer::Page)
    }

    fn next_address(&self, address: &Url, response: &Response) -> Result<Url, SourceError> {
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let next = location.and_then(|location| address.join(location).ok()).ok_or_else(|| {
            let detail = format!("status {} without an address to go to", response.status().as_u16());
            SourceError::LayoutChanged { path: "address".to_owned(), detail }
        })?;
        fetch::leads_away(&next, &self.base).map_or(Ok(next), Err)
    }
}

#[async_trait]
impl ProfileSource for PageSource {
    fn kind(&self) -> SourceKind {
        SourceKind::Page
    }

    fn host(&self) -> Option<String> {
        crate::host::host(&self.base)
    }

    async fn collect(&self, request: &CollectRequest, progress: &dyn ProgressSink) -> Result<Snapshot, SourceError> {
        telemetry::collection(self.kind(), request, self.read(request, progress)).await
    }
}

impl PageSource {
    async fn read(&self, request: &CollectRequest, progress: &dyn ProgressSink) -> Result<Snapshot, SourceError> {
        progress.report(Progress::Opening { source: self.kind() }).await;
        let html = self.open(request, progress).await?;
        let mut recorder =
            self.record.as_ref().map(|folder| Recorder::new(folder, &request.handle, request.observed_at));
        if let Some(recorder) = &mut recorder {
            recorder.keep(Part::Header, &html).await;
        }
        let most = Some(u64::from(request.max_videos));
        let mut snapshot = visit::header(&html, &request.handle, most, (request.observed_at, self.kind()))?;
        snapshot.refused.extend(recorder.as_mut().and_then(Recorder::take_failure));
        let videos = snapshot.profile.counts.videos.map(|count| count.midpoint());
        progress.report(Progress::ProfileRead { videos }).await;
        Ok(snapshot)
    }
}
