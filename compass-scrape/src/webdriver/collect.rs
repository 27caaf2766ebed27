//! One collection: the profile page opened, scrolled and read, layer by layer.

use std::time::{Duration, Instant};

use compass_core::{
    Progress, Snapshot, SourceKind, VideoId, VideoKind,
    ports::{CollectRequest, ProgressSink, SourceError},
};
use url::Url;

use super::{
    Settings,
    browser::Browser,
    limit::Limit,
    page,
    responses::{ItemListAnswer, Responses},
};
use crate::{
    fetch,
    manners::Manners,
    parse::{self, Grid, GridErrorWords, ProfileParts},
    posts::{Posts, Wanted, ends_visit, says_stop},
    replay::{Part, Recorder},
    telemetry, visit,
};

/// From one look at a page that changes to the next.
const STEP: Duration = Duration::from_millis(100);
/// How long a grid may stand still before its message that it failed is looked for.
const STILL: Duration = Duration::from_millis(300);

/// Collects one account with an open browser.
pub(super) async fn collect(
    browser: &mut Browser,
    manners: &Manners,
    settings: &Settings,
    limit: &Limit,
    request: &CollectRequest,
    progress: &dyn ProgressSink,
) -> Result<Snapshot, SourceError> {
    let recorder = settings.record.as_ref().map(|folder| Recorder::new(folder, &request.handle, request.observed_at));
    let responses = Responses::new(request.observed_at);
    let (answers, posts) = (Vec::new(), Posts::default());
    Visit { browser, manners, settings, limit, request, progress, responses, answers, posts, recorder }.run().await
}

struct Visit<'a> {
    browser: &'a mut Browser,
    manners: &'a Manners,
    settings: &'a Settings,
    limit: &'a Limit,
    request: &'a CollectRequest,
    progress: &'a dyn ProgressSink,
    responses: Responses,
    /// Answers that have come and were not read yet.
    answers: Vec<ItemListAnswer>,
    posts: Posts,
    recorder: Option<Recorder>,
}

impl Visit<'_> {
    async fn run(mut self) -> Result<Snapshot, SourceError> {
        let handle = &self.request.handle;
        self.progress.report(Progress::Opening { source: SourceKind::WebDriver }).await;
        let mut profile = self.profile().await?;
        let stated = profile.account.counts.videos.map(|count| count.midpoint());
        self.progress.report(Progress::ProfileRead { videos: stated }).await;

        let wanted = Wanted { most: u64::from(self.request.max_videos), since: self.request.since, stated };
        // Before any answer, which goes on where these end.
        self.posts.extend(std::mem::take(&mut profile.embedded))?;
        if wanted.count() > 0 && !profile.account.profile.private {
            self.scroll(&wanted, &profile.grid_error).await?;
            let look = page::look(self.browser).await?;
            self.check_address(&look.url)?;
            self.record(Part::Profile, &look.html).await;
            profile = ProfileParts { embedded: profile.embedded, ..parse::profile_parts(&look.html, Some(handle))? };
        }
        if !profile.captcha && !self.posts.failure().is_some_and(ends_visit) {
            self.open_posts(&profile.grid, &wanted).await?;
        }
        if let Some(refusal) = self.recorder.as_mut().and_then(Recorder::take_failure) {
            self.posts.refuse(refusal);
        }
        visit::look(profile, self.posts, Some(&wanted), (self.request.observed_at, SourceKind::WebDriver))
    }

    /// Opens the profile page and reads what is in it before anything is scrolled.
    async fn profile(&mut self) -> Result<ProfileParts, SourceError> {
        let mut address = self.address(&[&format!("@{}", self.request.handle)])?;
        address.set_query(Some("lang=en"));
        let handle = self.request.handle.clone();
        self.open(&address, Part::Profile, |html| parse::profile_parts(html, Some(&handle))).await
    }

    /// Opens a page, waits while its own script may still bring the content, and reads it.
    async fn open<T>(
        &mut self,
        address: &Url,
        part: Part,
        read: impl Fn(&str) -> Result<T, SourceError>,
    ) -> Result<T, SourceError> {
        let manners = self.manners;
        let _turn = self.limit.without(manners.turn(address, self.progress)).await?;
        let what = match part {
            Part::Post(_) => "post",
            Part::Profile | Part::Header | Part::List => "profile",
        };
        telemetry::page(SourceKind::WebDriver, what, self.load(address, part, read)).await
    }

    async fn load<T>(
        &mut self,
        address: &Url,
        part: Part,
        read: impl Fn(&str) -> Result<T, SourceError>,
    ) -> Result<T, SourceError> {
        self.answers.clear();
        if self.settings.network_log {
            self.responses.start_over(self.browser).await?;
        }
        self.browser.goto(address).await?;
        let opened = Instant::now();
        loop {
            let look = page::look(self.browser).await?;
            self.hear_responses().await?;
            if let Some(error) = self.responses.refusal() {
                return Err(error);
            }
            self.check_address(&look.url)?;
            let outcome = parse::obstacle(&look.html).map_or_else(|| read(&look.html), Err);
            // The firewall's page and the shells let a browser pass by themselves, or do not; and half a page says little.
            let may_pass = match &outcome {
                Err(SourceError::WafChallenge | SourceError::ShellPage { .. }) => true,
                Err(SourceError::LayoutChanged { .. } | SourceError::EmptyResponse) => {
                    self.responses.document_pending()
                }
                _ => false,
            };
            if may_pass && opened.elapsed() < self.settings.patience {
                tokio::time::sleep(STEP).await;
                continue;
            }
            self.record(part, &look.html).await;
            return outcome.map_err(|error| match error {
                SourceError::LayoutChanged { .. } | SourceError::EmptyResponse => {
                    self.responses.refusal_without_data().unwrap_or(error)
                }
                error => error,
            });
        }
    }

    /// Whether the browser is still where it was sent.
    fn check_address(&self, url: &Url) -> Result<(), SourceError> {
        if url.scheme() == "about" {
            let detail = "the site sent something else than a page, such as a file to be saved".to_owned();
            return Err(SourceError::Network { detail, source: None });
        }
        if url.scheme() == "chrome-error" {
            let detail = "the browser shows an error page of its own".to_owned();
            return Err(SourceError::Network { detail, source: None });
        }
        fetch::leads_away(url, &self.settings.base).map_or(Ok(()), Err)
    }

    /// Goes down the grid until the wanted posts have been read or nothing more comes. A grid that failed is asked once
    /// more, as a visitor would.
    async fn scroll(&mut self, wanted: &Wanted, grid_error: &GridErrorWords) -> Result<(), SourceError> {
        let (mut seen, mut pressed) = (0, false);
        let mut last_growth = Instant::now();
        let mut last_scroll: Option<Instant> = None;
        loop {
            let cards = page::cards(self.browser).await?;
            self.read_responses().await?;
            let listed = u64::try_from(self.posts.list().items.len()).unwrap_or(u64::MAX);
            let got = cards.max(listed);
            if got > seen {
                seen = got;
                last_growth = Instant::now();
                last_scroll = None;
                let got = got.min(wanted.count());
                self.progress.report(Progress::VideosRead { got, wanted: wanted.count() }).await;
                if self.posts.reach_back_to(wanted.since) || self.grid_reaches_back(wanted).await? {
                    return Ok(());
                }
            }
            let read = if self.settings.network_log { listed } else { cards };
            let complete = self.posts.list().has_more == Some(false) && !self.responses.pending();
            let blocked = self.posts.failure().is_some_and(says_stop);
            if read >= wanted.count() || complete || blocked || last_growth.elapsed() >= self.settings.patience {
                return Ok(());
            }
            if last_growth.elapsed() >= STILL {
                let failed_again = pressed && self.posts.failure().is_some();
                if failed_again {
                    return Ok(());
                }
                if !pressed && page::press_refresh(self.browser, grid_error).await? {
                    tracing::debug!("the grid failed, and is asked once more");
                    pressed = true;
                    last_growth = Instant::now();
                    self.posts.take_failure();
                }
            }
            // The log may tell of posts a little later than the grid shows them.
            let unread = self.settings.network_log && listed < cards && last_growth.elapsed() < STILL;
            // Only now: a reader who has seen enough does not ask for more, nor while the last wish may still come true.
            if !unread && !self.responses.pending() && last_scroll.is_none_or(|last| last.elapsed() >= STILL) {
                page::scroll(self.browser).await?;
                last_scroll = Some(Instant::now());
            }
            tokio::time::sleep(STEP).await;
        }
    }

    /// Whether the grid has come to posts that are too old to be wanted, where no list says so.
    async fn grid_reaches_back(&self, wanted: &Wanted) -> Result<bool, SourceError> {
        let Some(since) = wanted.since.filter(|_| !self.settings.network_log) else { return Ok(false) };
        let grid = parse::grid(&page::grid(self.browser).await?, Some(&self.request.handle));
        Ok(grid.cards.iter().any(|card| !card.pinned && card.video.created_at < since))
    }

    async fn hear_responses(&mut self) -> Result<(), SourceError> {
        if self.settings.network_log {
            self.answers.extend(self.responses.take(self.browser, &self.settings.base).await?);
        }
        Ok(())
    }

    async fn read_responses(&mut self) -> Result<(), SourceError> {
        self.hear_responses().await?;
        for answer in std::mem::take(&mut self.answers) {
            match answer {
                ItemListAnswer::Body(body) => {
                    self.record(Part::List, &body).await;
                    self.posts.absorb(&body)?;
                }
                ItemListAnswer::Refused(error) => self.posts.fail(error),
            }
        }
        Ok(())
    }

    /// Opens the newest posts that no list described, or all of the newest, one after the other.
    async fn open_posts(&mut self, grid: &Grid, wanted: &Wanted) -> Result<(), SourceError> {
        let most = usize::try_from(wanted.count()).unwrap_or(usize::MAX);
        let pages = usize::try_from(self.settings.video_pages).unwrap_or(usize::MAX);
        let new_enough =
            |card: &&parse::Card| card.pinned || wanted.since.is_none_or(|since| card.video.created_at >= since);
        let bare = |card: &&parse::Card| self.settings.open_listed_posts || !self.posts.has(card.video.id);
        let cards = grid.cards.iter().take(most).filter(new_enough).filter(bare);
        let opened: Vec<(VideoId, VideoKind)> =
            cards.take(pages).map(|card| (card.video.id, card.video.kind)).collect();
        let opening = opened.len() as u64;
        for (count, (id, kind)) in (1..).zip(opened) {
            let outcome = self.post(id, kind).await;
            // Each page may take long; the news also tells that somebody is still at it.
            self.progress.report(Progress::VideosRead { got: count, wanted: opening }).await;
            match outcome {
                Ok(item) => self.posts.add_page(item),
                Err(error @ SourceError::Driver { .. }) => return Err(error),
                Err(error) => {
                    self.posts.miss(Some(id), &error);
                    if !matches!(error, SourceError::VideoUnavailable { .. } | SourceError::SuspectValue { .. }) {
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
        self.open(&address, Part::Post(id), |html| visit::post_page(html, id)).await
    }

    /// Keeps what was read, where that is wanted.
    async fn record(&mut self, part: Part, text: &str) {
        if let Some(recorder) = &mut self.recorder {
            recorder.keep(part, text).await;
        }
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
