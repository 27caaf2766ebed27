//! One collection: the profile page opened, scrolled and read, layer by layer.

use std::time::{Duration, Instant};

use compass_core::{
    Progress, Refusal, Snapshot, SourceKind, VideoId, VideoKind,
    ports::{CollectRequest, ProgressSink, SourceError},
};
use tokio::sync::Mutex;
use url::Url;

use super::{
    Settings,
    browser::Browser,
    pace::Pace,
    page::{self, Look},
    responses::{ItemListAnswer, Responses, refusal},
};
use crate::{
    parse::{self, Account, Grid, Layers},
    posts::{Posts, explains_an_empty_grid},
};

/// From one look at a page that changes to the next.
const STEP: Duration = Duration::from_millis(100);

/// Collects one account with an open browser.
pub(super) async fn collect(
    browser: &mut Browser,
    pace: &Mutex<Pace>,
    settings: &Settings,
    request: &CollectRequest,
    progress: &dyn ProgressSink,
) -> Result<Snapshot, SourceError> {
    Visit { browser, pace, settings, request, progress, responses: Responses::default(), posts: Posts::default() }
        .run()
        .await
}

struct Visit<'a> {
    browser: &'a mut Browser,
    pace: &'a Mutex<Pace>,
    settings: &'a Settings,
    request: &'a CollectRequest,
    progress: &'a dyn ProgressSink,
    responses: Responses,
    posts: Posts,
}

impl Visit<'_> {
    async fn run(mut self) -> Result<Snapshot, SourceError> {
        self.progress.report(Progress::Opening { source: SourceKind::WebDriver }).await;
        let account = self.profile().await?;
        let stated = account.counts.videos.map(|count| count.midpoint());
        self.progress.report(Progress::ProfileRead { videos: stated }).await;

        // One at least, so that an account of which no posts are wanted is not taken for one that withholds them.
        let wanted = u64::from(self.request.max_videos.max(1)).min(stated.unwrap_or(u64::MAX));
        if wanted > 0 && !account.profile.private {
            self.scroll(wanted).await?;
            self.posts.note_if_partial(wanted);
        }
        let grid = parse::grid(&page::grid(self.browser).await?, Some(&self.request.handle));
        if grid.cards.is_empty() && self.posts.list().items.is_empty() {
            // What came up while scrolling explains why there is nothing.
            if let Some(obstacle) = parse::obstacle(&page::look(self.browser).await?.html) {
                return Err(obstacle);
            }
            if let Some(error) = self.posts.take_failure().filter(explains_an_empty_grid) {
                return Err(error);
            }
        }
        self.open_posts(&grid, wanted).await?;

        let layers = Layers { account, items: self.posts.into_list(), grid };
        let mut snapshot = parse::reconcile(layers, self.request.observed_at, SourceKind::WebDriver)?;
        snapshot.videos.truncate(usize::try_from(self.request.max_videos).unwrap_or(usize::MAX));
        Ok(snapshot)
    }

    /// Opens the profile page and reads the account in its embedded JSON.
    async fn profile(&mut self) -> Result<Account, SourceError> {
        let mut address = self.address(&[&format!("@{}", self.request.handle)])?;
        address.set_query(Some("lang=en"));
        let look = self.open(&address).await?;
        match &look.data {
            Some(json) => parse::user_detail(json, Some(&self.request.handle)),
            None => Err(SourceError::ShellPage { detail: "no embedded JSON".to_owned() }),
        }
    }

    /// Opens a page, waits while its own script may still bring the content, and checks that it is content.
    async fn open(&mut self, address: &Url) -> Result<Look, SourceError> {
        self.pace.lock().await.next_page().await;
        if self.settings.network_log {
            self.responses.start_over(self.browser).await?;
        }
        self.browser.goto(address).await?;
        let opened = Instant::now();
        loop {
            let look = page::look(self.browser).await?;
            self.read_responses().await?;
            if let Some(error) = self.responses.refusal() {
                return Err(error);
            }
            self.check_address(&look.url)?;
            match parse::obstacle(&look.html) {
                None => return Ok(look),
                // The firewall's page and the shells let a browser pass by themselves, or do not.
                Some(SourceError::WafChallenge | SourceError::ShellPage { .. })
                    if opened.elapsed() < self.settings.patience =>
                {
                    tokio::time::sleep(STEP).await;
                }
                Some(obstacle) => return Err(obstacle),
            }
        }
    }

    /// Whether the browser is still where it was sent.
    fn check_address(&self, url: &Url) -> Result<(), SourceError> {
        if url.scheme() == "chrome-error" {
            let detail = "the browser shows an error page of its own".to_owned();
            return Err(SourceError::Network { detail, source: None });
        }
        if url.origin() != self.settings.base.origin() {
            let host = url.host_str().unwrap_or(url.scheme());
            return Err(SourceError::LayoutChanged {
                path: "address".to_owned(),
                detail: format!("the page led away to {host}"),
            });
        }
        match url.path() {
            "/login" => Err(SourceError::LoginRequired),
            path if path.starts_with("/login/") => Err(SourceError::LoginRequired),
            path if path.ends_with("/notfound") => Err(SourceError::RegionBlocked),
            _ => Ok(()),
        }
    }

    /// Goes down the grid until the wanted posts have been read or nothing more comes.
    async fn scroll(&mut self, wanted: u64) -> Result<(), SourceError> {
        let mut seen = 0;
        let mut last_growth = Instant::now();
        loop {
            let cards = page::scroll(self.browser).await?;
            self.read_responses().await?;
            let listed = u64::try_from(self.posts.list().items.len()).unwrap_or(u64::MAX);
            let got = cards.max(listed);
            if got > seen {
                seen = got;
                last_growth = Instant::now();
                self.progress.report(Progress::VideosRead { got: got.min(wanted), wanted }).await;
            }
            let read = if self.settings.network_log { listed } else { cards };
            let complete = self.posts.list().has_more == Some(false) && !self.responses.pending();
            if read >= wanted || complete || last_growth.elapsed() >= self.settings.patience {
                return Ok(());
            }
            tokio::time::sleep(STEP).await;
        }
    }

    async fn read_responses(&mut self) -> Result<(), SourceError> {
        if self.settings.network_log {
            for answer in self.responses.take(self.browser, &self.settings.base).await? {
                match answer {
                    ItemListAnswer::Body(body) => self.posts.absorb(&body)?,
                    ItemListAnswer::Refused { status, retry_after } => {
                        if let Some(error) = refusal(status, retry_after) {
                            self.posts.fail(error);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Opens the newest posts that no list described, one after the other.
    async fn open_posts(&mut self, grid: &Grid, wanted: u64) -> Result<(), SourceError> {
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        let pages = usize::try_from(self.settings.video_pages).unwrap_or(usize::MAX);
        let bare = grid.cards.iter().take(wanted).filter(|card| !self.posts.has(card.video.id));
        let bare: Vec<(VideoId, VideoKind)> = bare.take(pages).map(|card| (card.video.id, card.video.kind)).collect();
        let opening = bare.len() as u64;
        for (opened, (id, kind)) in (1..).zip(bare) {
            let outcome = self.post(id, kind).await;
            // Each page may take long; the news also tells that somebody is still at it.
            self.progress.report(Progress::VideosRead { got: opened, wanted: opening }).await;
            match outcome {
                Ok(item) => self.posts.add(item),
                Err(error @ SourceError::Driver { .. }) => return Err(error),
                Err(error) => {
                    let going_on =
                        matches!(error, SourceError::VideoUnavailable { .. } | SourceError::SuspectValue { .. });
                    self.posts.refuse(Refusal {
                        item: Some(id.to_string()),
                        reason: error.code().to_owned(),
                        detail: error.to_string(),
                    });
                    if !going_on {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    async fn post(&mut self, id: VideoId, kind: VideoKind) -> Result<parse::Item, SourceError> {
        let kind = match kind {
            VideoKind::Video => "video",
            VideoKind::Photo => "photo",
        };
        let address = self.address(&[&format!("@{}", self.request.handle), kind, &id.to_string()])?;
        let look = self.open(&address).await?;
        let item = parse::video_page(&look.html)?.item;
        if item.video.id != id {
            let detail = format!("the page of post {id} describes {}", item.video.id);
            return Err(SourceError::LayoutChanged { path: "itemStruct.id".to_owned(), detail });
        }
        Ok(item)
    }

    fn address(&self, segments: &[&str]) -> Result<Url, SourceError> {
        let mut url = self.settings.base.clone();
        match url.path_segments_mut() {
            Ok(mut path) => path.clear().extend(segments),
            Err(()) => return Err(super::error::driver_error("the site's address has no path".to_owned())),
        };
        Ok(url)
    }
}
