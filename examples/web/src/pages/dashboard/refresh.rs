//! A refresh as people follow it: where it is, how it ended, and what to do if it failed.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use compass_core::{
    Failure, Handle, Job, JobEvent, JobId, JobState, Progress, app,
    ports::{JobStore, StoreError},
};
use compass_http::{CurrentUser, Path, Problem, ProblemKind};
use jiff::tz::TimeZone;

use super::{address, zone_of};
use crate::{
    AppState,
    pages::frame::show,
    words::{moment, source, thousands},
};

/// What has happened to a job, in words. It is a part of the dashboard, and alone what the script fetches at each step.
#[derive(Clone, Debug, Template)]
#[template(path = "refresh.html")]
pub(super) struct RefreshPanel {
    job: Job,
    events: Vec<JobEvent>,
    zone: TimeZone,
}

/// What to do about a failure.
struct Advice {
    what: &'static str,
    next: &'static str,
}

impl RefreshPanel {
    /// The job with this id, if it is about the account. Without one, the account's last job unless it went well.
    pub(super) async fn find(
        jobs: &dyn JobStore,
        id: Option<JobId>,
        handle: &Handle,
        zone: &TimeZone,
    ) -> Result<Option<Self>, StoreError> {
        let job = match id {
            Some(id) => jobs.find(id).await?.filter(|job| job.handle == *handle),
            None => jobs.last_of(handle).await?.filter(|job| job.state != JobState::Succeeded),
        };
        let Some(job) = job else {
            return Ok(None);
        };
        let events = jobs.events(job.id, 0).await?;
        Ok(Some(Self { job, events, zone: zone.clone() }))
    }

    pub(super) fn id(&self) -> JobId {
        self.job.id
    }

    pub(super) fn is_under_way(&self) -> bool {
        !self.job.state.is_final()
    }

    pub(super) fn has_failed(&self) -> bool {
        self.job.state == JobState::Failed
    }

    /// The sentence that says it all, which a screen reader is told at each step.
    pub(super) fn headline(&self) -> String {
        match (self.job.state, &self.job.failure) {
            (JobState::Queued, Some(_)) => {
                format!("The next attempt is at {}", moment(self.job.available_at, &self.zone))
            }
            (JobState::Queued, None) => "Waiting for a free browser".to_owned(),
            (JobState::Running, _) => self.steps().pop().unwrap_or_else(|| "Starting".to_owned()),
            (JobState::Succeeded, _) => "The figures are fresh".to_owned(),
            (JobState::Failed, _) => "The last refresh did not work".to_owned(),
        }
    }

    /// What has been done so far, oldest first: of the steps that only count on, the last.
    pub(super) fn steps(&self) -> Vec<String> {
        let mut steps: Vec<String> = Vec::new();
        let mut counting = false;
        for event in &self.events {
            let counts = matches!(event.progress, Progress::VideosRead { .. });
            if counts && counting {
                steps.pop();
            }
            counting = counts;
            steps.push(self.step(&event.progress));
        }
        steps
    }

    /// Posts read and posts wanted, while they are being read.
    pub(super) fn reading(&self) -> Option<(u64, u64)> {
        match self.events.last()?.progress {
            Progress::VideosRead { got, wanted } if wanted > 0 => Some((got.min(wanted), wanted)),
            _ => None,
        }
    }

    /// What went wrong in the last attempt, in words.
    pub(super) fn what_failed(&self) -> Option<&'static str> {
        self.job.failure.as_ref().map(|failure| advice(failure).what)
    }

    /// What to do about it.
    pub(super) fn what_next(&self) -> Option<&'static str> {
        self.job.failure.as_ref().map(|failure| advice(failure).next)
    }

    /// What the source itself said of the failure.
    pub(super) fn failure_detail(&self) -> Option<&str> {
        self.job.failure.as_ref().map(|failure| failure.detail.as_str())
    }

    fn step(&self, progress: &Progress) -> String {
        match progress {
            Progress::Started { attempt: 1 } => "Started".to_owned(),
            Progress::Started { attempt } => format!("Started attempt {attempt}"),
            Progress::Opening { source: kind } => format!("Opening {}", source(*kind)),
            Progress::ProfileRead { videos: Some(videos) } => {
                format!("Read the profile: it has {} posts", thousands(*videos))
            }
            Progress::ProfileRead { videos: None } => "Read the profile".to_owned(),
            Progress::VideosRead { got, wanted } => {
                format!("Read {} of {} posts", thousands(*got), thousands(*wanted))
            }
            Progress::Recorded { videos } => format!("Stored the profile and {} posts", thousands(*videos)),
            Progress::Retrying { at, .. } => format!("Did not work; again at {}", moment(*at, &self.zone)),
            Progress::Succeeded => "Done".to_owned(),
            Progress::Failed { .. } => "Did not work".to_owned(),
            _ => "Working".to_owned(),
        }
    }
}

/// `POST /dashboard/refresh`
pub(in crate::pages) async fn start(State(state): State<AppState>, who: CurrentUser) -> Result<Response, Problem> {
    let Some(handle) = &who.user.preferences.handle else {
        return Ok(Redirect::to("/onboarding").into_response());
    };
    let ports = &state.ports;
    let job = app::request_refresh(&*ports.jobs, &*ports.clock, &*ports.random, handle, Some(who.user.id)).await?;
    Ok(Redirect::to(&address(Some(job.id))).into_response())
}

/// `GET /dashboard/refresh/{id}`: the panel alone.
pub(in crate::pages) async fn panel(
    State(state): State<AppState>,
    who: CurrentUser,
    id: Result<Path<JobId>, Problem>,
) -> Result<Response, Problem> {
    let nothing = || Problem::new(ProblemKind::NotFound);
    let Path(id) = id.map_err(|_| nothing())?;
    let handle = who.user.preferences.handle.as_ref().ok_or_else(nothing)?;
    let panel = RefreshPanel::find(&*state.ports.jobs, Some(id), handle, &zone_of(&who.user)).await?;
    show(StatusCode::OK, &panel.ok_or_else(nothing)?)
}

/// The words for each outcome that a source can have.
fn advice(failure: &Failure) -> Advice {
    let (what, next) = match failure.code.as_str() {
        "not_found" => (
            "TikTok has no account of this name.",
            "Check the spelling. If the account was renamed, enter its new name.",
        ),
        "private" => ("The account is private.", "Only public accounts can be read. Make it public, then refresh."),
        "login_required" => (
            "TikTok asked for a sign-in before it showed the page.",
            "The service never signs in to TikTok. Try again later.",
        ),
        "audience_controlled" => (
            "The account hides itself from visitors who are not signed in.",
            "Its audience controls have to allow signed-out visitors.",
        ),
        "region_blocked" => (
            "TikTok does not show this page in the region where the service runs.",
            "Whoever runs the service can use a browser in another region.",
        ),
        "captcha_required" => (
            "TikTok asked for a captcha.",
            "The service does not solve captchas. It waits; try again in a quarter of an hour.",
        ),
        "waf_challenge" | "shell_page" | "empty_response" => {
            ("TikTok sent a page without content.", "This usually passes. Try again in a quarter of an hour.")
        }
        "grid_unavailable" | "pagination_loop" => (
            "TikTok showed the profile but not its posts.",
            "The profile's figures were kept. Try again in a quarter of an hour for the posts.",
        ),
        "video_unavailable" => ("A post is not available.", "It may have been removed. Try again later."),
        "rate_limited" => ("TikTok limits how often it is asked.", "Try again later; nothing is lost."),
        "layout_changed" => (
            "TikTok's page has a form that this version does not know.",
            "Tell whoever runs the service: it needs an update.",
        ),
        "suspect_value" => (
            "TikTok showed figures that cannot be true, so they were not kept.",
            "The account may have been removed. Look at it on TikTok.",
        ),
        "network" => ("TikTok could not be reached.", "Check the network connection, then try again."),
        "driver" => (
            "The browser that reads the page did not work.",
            "Whoever runs the service should check that Chromium and ChromeDriver are installed.",
        ),
        "interrupted" => ("The service was stopped during the refresh.", "It goes on by itself."),
        "abandoned" => ("The refresh was interrupted three times.", "Try again."),
        _ => ("The refresh did not work.", "Try again later."),
    };
    Advice { what, next }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, time::Duration};

    use compass_core::{
        SourceKind,
        ports::{Clock as _, JobEnd, JobStore as _, Lease, SourceError},
    };

    use super::*;
    use crate::pages::testing::{Page, Pages};

    const HANDLE: &str = "sample.steady";

    /// Asks for a refresh through the page's own button; where that leads.
    async fn asked(pages: &Pages) -> String {
        let answer = pages.post("/dashboard/refresh", "").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        answer.header("location").to_owned()
    }

    /// Lets a worker take the job, report steps and leave it.
    async fn work(pages: &Pages, steps: &[Progress], end: Option<JobEnd>) {
        let now = pages.clock.now();
        let until = now + Duration::from_secs(60);
        let claim = pages.store.claim(Lease { now, until }).await.unwrap().expect("a job waits");
        for step in steps {
            pages.store.progress(&claim, step, now, until).await.unwrap();
        }
        if let Some(end) = end {
            pages.store.finish(&claim, &end, now).await.unwrap();
        }
    }

    fn without_account() -> SourceError {
        SourceError::NotFound(Handle::parse(HANDLE).unwrap())
    }

    async fn pages() -> Pages {
        Pages::new().signed_in(Some(HANDLE)).await
    }

    fn keeps_itself_fresh(page: &Page) -> bool {
        page.html.contains("<noscript><meta http-equiv=\"refresh\"") && page.html.contains("data-under-way")
    }

    #[tokio::test]
    async fn a_refresh_is_followed_step_by_step() {
        let pages = pages().await.with_history(HANDLE).await;
        let to = asked(&pages).await;
        let waiting = pages.get(&to).await;
        waiting.says(&["Waiting for a free browser", "disabled>Refreshing…"]);
        assert!(keeps_itself_fresh(&waiting));
        let steps = [
            Progress::Started { attempt: 1 },
            Progress::Opening { source: SourceKind::WebDriver },
            Progress::ProfileRead { videos: Some(659) },
            Progress::VideosRead { got: 12, wanted: 100 },
            Progress::VideosRead { got: 24, wanted: 100 },
        ];
        work(&pages, &steps, None).await;
        let reading = pages.get(&to).await;
        reading.says(&["it has 659 posts", "Read 24 of 100 posts", "<progress max=\"100\" value=\"24\""]);
        reading.does_not_say(&["Read 12 of"]);
        let panel = pages.get(&to.replace("/dashboard?job=", "/dashboard/refresh/")).await;
        panel.says(&["Read 24 of 100 posts"]);
        panel.does_not_say(&["<html"]);
    }

    #[tokio::test]
    async fn two_wishes_are_one_refresh() {
        let pages = pages().await;
        assert_eq!(asked(&pages).await, asked(&pages).await);
    }

    #[tokio::test]
    async fn a_finished_refresh_is_quiet() {
        let pages = pages().await.with_history(HANDLE).await;
        let to = asked(&pages).await;
        work(&pages, &[], Some(JobEnd::Succeeded)).await;
        let page = pages.get(&to).await;
        page.says(&["The figures are fresh", ">Refresh</button>"]);
        assert!(!keeps_itself_fresh(&page));
    }

    #[tokio::test]
    async fn a_failure_says_what_happened_and_what_to_do() {
        let pages = pages().await;
        let to = asked(&pages).await;
        work(&pages, &[], Some(JobEnd::Failed { failure: without_account().failure() })).await;
        let page = pages.get(&to).await;
        page.says(&["The last refresh did not work", "TikTok has no account of this name", "Check the spelling"]);
        assert!(!keeps_itself_fresh(&page));
    }

    #[tokio::test]
    async fn a_retry_says_when() {
        let pages = pages().await;
        let to = asked(&pages).await;
        let at = pages.clock.now() + Duration::from_secs(900);
        work(&pages, &[], Some(JobEnd::Retry { failure: SourceError::CaptchaRequired.failure(), at })).await;
        let page = pages.get(&to).await;
        page.says(&["The next attempt is at 1 May 2026, 12:15", "TikTok asked for a captcha"]);
        assert!(keeps_itself_fresh(&page));
    }

    #[tokio::test]
    async fn the_refresh_of_another_account_is_not_shown() {
        let pages = pages().await;
        let to = asked(&pages).await;
        pages.post("/onboarding", "handle=sample.quiet").await;
        pages.get(&to).await.does_not_say(&["data-job"]);
        let panel = pages.get(&to.replace("/dashboard?job=", "/dashboard/refresh/")).await;
        assert_eq!(panel.status, StatusCode::NOT_FOUND);
        pages.get("/dashboard?job=nonsense").await.says(&["@sample.quiet"]);
    }

    #[tokio::test]
    async fn another_sites_button_asks_for_nothing() {
        let pages = pages().await;
        assert_eq!(pages.post_from_elsewhere("/dashboard/refresh", "").await.status, StatusCode::FORBIDDEN);
    }

    #[test]
    fn every_outcome_of_a_source_has_words_of_its_own() {
        let text = || "x".to_owned();
        let outcomes = [
            without_account(),
            SourceError::Private,
            SourceError::LoginRequired,
            SourceError::AudienceControlled,
            SourceError::RegionBlocked,
            SourceError::CaptchaRequired,
            SourceError::WafChallenge,
            SourceError::ShellPage { detail: text() },
            SourceError::EmptyResponse,
            SourceError::GridUnavailable { expected: 9, got: 0, header: None },
            SourceError::PaginationLoop { got: 9 },
            SourceError::VideoUnavailable { status: 10_204, message: text() },
            SourceError::RateLimited { retry_after: None },
            SourceError::LayoutChanged { path: text(), detail: text() },
            SourceError::SuspectValue { field: text(), why: text() },
            SourceError::Network { detail: text(), source: None },
            SourceError::Driver { detail: text(), source: None },
        ];
        let unknown = Failure { code: "of tomorrow".to_owned(), detail: text() };
        let words: BTreeSet<&str> = outcomes.iter().map(|outcome| advice(&outcome.failure()).what).collect();
        assert!(!words.contains(advice(&unknown).what), "{words:?}");
        assert!(words.len() >= 14);
    }
}
