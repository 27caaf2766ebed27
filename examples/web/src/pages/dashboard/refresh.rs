//! A refresh as people follow it: where it is, how it ended, and what to do if it failed.

use std::mem;

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use compass_core::{
    Handle, Job, JobEvent, JobId, JobState, Progress, app,
    ports::{JobStore, StoreError},
};
use compass_http::{CurrentUser, Path, Problem, ProblemKind};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::{address, advice::Advice};
use crate::{
    AppState,
    pages::{frame::show, known::zone_of},
    words::{moment, source, thousands, zone_name},
};

/// So long a refresh that went well is news.
const NEWS: SignedDuration = SignedDuration::from_mins(2);
/// Without scripts the page comes again after so many seconds while something happens,
const SOON: u32 = 3;
/// and after so many while it waits for an attempt that is further away than that.
const LATER: u32 = 60;

/// What has happened to a job, in words. It is a part of the dashboard, and alone what the script fetches at each step.
#[derive(Clone, Debug, Template)]
#[template(path = "refresh.html")]
pub(in crate::pages) struct RefreshPanel {
    job: Job,
    events: Vec<JobEvent>,
    zone: TimeZone,
    now: Timestamp,
}

impl RefreshPanel {
    /// The job with this id, if it is about the account. Without one, the account's last job unless it went well a while
    /// ago.
    pub(in crate::pages) async fn find(
        jobs: &dyn JobStore,
        id: Option<JobId>,
        handle: &Handle,
        zone: &TimeZone,
        now: Timestamp,
    ) -> Result<Option<Self>, StoreError> {
        let job = match id {
            Some(id) => jobs.find(id).await?.filter(|job| job.handle == *handle),
            None => jobs.last_of(handle).await?.filter(|job| {
                job.state != JobState::Succeeded || job.finished_at.is_some_and(|at| now.duration_since(at) < NEWS)
            }),
        };
        let Some(job) = job else {
            return Ok(None);
        };
        let events = jobs.events(job.id, 0).await?;
        Ok(Some(Self { job, events, zone: zone.clone(), now }))
    }

    pub(in crate::pages) fn id(&self) -> JobId {
        self.job.id
    }

    pub(in crate::pages) fn is_under_way(&self) -> bool {
        !self.job.state.is_final()
    }

    /// After how many seconds there may be news, for browsers without scripts; `None` if there will be none.
    pub(in crate::pages) fn comes_again(&self) -> Option<u32> {
        let wait = self.job.available_at.duration_since(self.now).as_secs();
        let far = self.job.state == JobState::Queued && wait > i64::from(LATER);
        self.is_under_way().then_some(if far { LATER } else { SOON })
    }

    pub(super) fn has_failed(&self) -> bool {
        self.job.state == JobState::Failed
    }

    /// The sentence that says it all, which a screen reader is told at each step.
    pub(super) fn headline(&self) -> String {
        match (self.job.state, &self.job.failure) {
            (JobState::Queued, Some(_)) => {
                format!("The next attempt is at {}", self.when(self.job.available_at))
            }
            (JobState::Queued, None) => "Waiting for a free browser".to_owned(),
            (JobState::Running, _) => self.steps().pop().unwrap_or_else(|| "Starting".to_owned()),
            (JobState::Succeeded, _) => {
                format!("Refreshed at {}", self.when(self.job.finished_at.unwrap_or(self.job.enqueued_at)))
            }
            (JobState::Failed, _) => "The last refresh did not work".to_owned(),
            (JobState::Cancelled, _) => "The last refresh was cancelled".to_owned(),
        }
    }

    /// What has been done so far, oldest first: of steps that only go on, the last.
    pub(super) fn steps(&self) -> Vec<String> {
        let mut steps: Vec<String> = Vec::new();
        let mut before = None;
        for event in &self.events {
            let goes_on = matches!(event.progress, Progress::VideosRead { .. } | Progress::Waiting);
            let kind = Some(mem::discriminant(&event.progress));
            if goes_on && before == kind {
                steps.pop();
            }
            before = kind;
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

    /// What went wrong in the last attempt, and what to do about it.
    fn advice(&self) -> Option<Advice> {
        self.job.failure.as_ref().map(Advice::on)
    }

    /// What the source itself said of the failure.
    pub(super) fn failure_detail(&self) -> Option<&str> {
        self.job.failure.as_ref().map(|failure| failure.detail.as_str())
    }

    /// A moment with its zone: it is told to somebody who waits for it.
    fn when(&self, at: Timestamp) -> String {
        format!("{} ({})", moment(at, &self.zone), zone_name(&self.zone))
    }

    fn step(&self, progress: &Progress) -> String {
        match progress {
            Progress::Started { attempt: 1 } => "Started".to_owned(),
            Progress::Started { attempt } => format!("Started attempt {attempt}"),
            Progress::Waiting => "Waiting until others have been read".to_owned(),
            Progress::Opening { source: kind } => format!("Opening {}", source(*kind)),
            Progress::ProfileRead { videos: Some(videos) } => {
                format!("Read the profile: it has {} posts", thousands(*videos))
            }
            Progress::ProfileRead { videos: None } => "Read the profile".to_owned(),
            Progress::VideosRead { got, wanted } => {
                format!("Read {} of {} posts", thousands(*got), thousands(*wanted))
            }
            Progress::Recorded { videos } => format!("Stored the profile and {} posts", thousands(*videos)),
            Progress::Retrying { at, .. } => format!("Did not work; again at {}", self.when(*at)),
            Progress::Succeeded => "Done".to_owned(),
            Progress::Failed { .. } => "Did not work".to_owned(),
            Progress::Cancelled => "Cancelled".to_owned(),
            Progress::Revived => "Taken up again".to_owned(),
            _ => "Working".to_owned(),
        }
    }
}

/// `POST /dashboard/refresh`
pub(in crate::pages) async fn start(State(state): State<AppState>, who: CurrentUser) -> Result<Response, Problem> {
    let Some(handle) = &who.user.preferences.handle else {
        return Ok(Redirect::to("/onboarding").into_response());
    };
    let job = request(&state, &who, handle).await?;
    Ok(Redirect::to(&address(Some(job.id))).into_response())
}

/// `POST /creators/{handle}/refresh`
pub(in crate::pages) async fn start_of(
    State(state): State<AppState>,
    who: CurrentUser,
    Path(handle): Path<Handle>,
) -> Result<Response, Problem> {
    request(&state, &who, &handle).await?;
    Ok(Redirect::to(&format!("/creators/{handle}")).into_response())
}

async fn request(state: &AppState, who: &CurrentUser, handle: &Handle) -> Result<Job, Problem> {
    who.may_ask_for_a_look()?;
    let ports = &state.ports;
    Ok(app::request_refresh(&*ports.jobs, &*ports.clock, &*ports.random, handle, Some(who.user.id)).await?)
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
    let ports = &state.ports;
    let panel = RefreshPanel::find(&*ports.jobs, Some(id), handle, &zone_of(&who.user), ports.clock.now()).await?;
    show(StatusCode::OK, &panel.ok_or_else(nothing)?)
}

/// `GET /creators/{handle}/refresh/{id}`: the same of any account, as its page shows it.
pub(in crate::pages) async fn panel_of(
    State(state): State<AppState>,
    who: CurrentUser,
    asked: Result<Path<(Handle, JobId)>, Problem>,
) -> Result<Response, Problem> {
    let nothing = || Problem::new(ProblemKind::NotFound);
    let Path((handle, id)) = asked.map_err(|_| nothing())?;
    let ports = &state.ports;
    let panel = RefreshPanel::find(&*ports.jobs, Some(id), &handle, &zone_of(&who.user), ports.clock.now()).await?;
    show(StatusCode::OK, &panel.ok_or_else(nothing)?)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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

    /// After how many seconds the page comes again without a script; where there is one it follows the job.
    fn comes_again(page: &Page) -> Option<u32> {
        let (_, rest) = page.html.split_once("<noscript><meta http-equiv=\"refresh\" content=\"")?;
        assert!(page.html.contains("data-under-way"), "{}", page.html);
        rest.split('"').next()?.parse().ok()
    }

    #[tokio::test]
    async fn a_refresh_is_followed_step_by_step() {
        let pages = pages().await.with_history(HANDLE).await;
        let to = asked(&pages).await;
        let waiting = pages.get(&to).await;
        waiting.says(&["Waiting for a free browser", "disabled>Refreshing…"]);
        assert_eq!(comes_again(&waiting), Some(SOON));
        let steps = [
            Progress::Started { attempt: 1 },
            Progress::Waiting,
            Progress::Waiting,
            Progress::Opening { source: SourceKind::WebDriver },
            Progress::ProfileRead { videos: Some(659) },
            Progress::VideosRead { got: 12, wanted: 100 },
            Progress::VideosRead { got: 24, wanted: 100 },
        ];
        work(&pages, &steps, None).await;
        let reading = pages.get(&to).await;
        reading.says(&["it has 659 posts", "Read 24 of 100 posts", "<progress max=\"100\" value=\"24\""]);
        reading.does_not_say(&["Read 12 of"]);
        assert_eq!(reading.html.matches("Waiting until others have been read").count(), 1);
        reading.says(&["<span role=\"status\" data-headline>Read 24 of 100 posts</span>"]);
        assert_eq!(reading.html.matches("role=\"status\"").count(), 1, "the steps are not read out again and again");
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
        page.says(&["Refreshed at 1 May 2026, 12:00 (UTC)", ">Refresh</button>"]);
        assert_eq!(comes_again(&page), None);
        pages.get("/dashboard").await.says(&["Refreshed at 1 May 2026, 12:00 (UTC)"]);
        pages.clock.advance(Duration::from_secs(120));
        pages.get("/dashboard").await.does_not_say(&["Refreshed at"]);
        pages.get(&to).await.says(&["Refreshed at 1 May 2026, 12:00 (UTC)"]);
    }

    #[tokio::test]
    async fn a_failure_says_what_happened_and_what_to_do() {
        let pages = pages().await;
        let to = asked(&pages).await;
        work(&pages, &[], Some(JobEnd::Failed { failure: without_account().failure() })).await;
        let page = pages.get(&to).await;
        page.says(&["The last refresh did not work", "TikTok has no account of this name", "Check the spelling"]);
        assert_eq!(comes_again(&page), None);
    }

    #[tokio::test]
    async fn a_retry_says_when_and_is_asked_for_less_often_while_it_is_far_away() {
        let pages = pages().await;
        let to = asked(&pages).await;
        let at = pages.clock.now() + Duration::from_secs(900);
        work(&pages, &[], Some(JobEnd::Retry { failure: SourceError::CaptchaRequired.failure(), at })).await;
        let page = pages.get(&to).await;
        page.says(&["The next attempt is at 1 May 2026, 12:15 (UTC)", "TikTok asked for a captcha"]);
        assert_eq!(comes_again(&page), Some(LATER));
        pages.clock.advance(Duration::from_secs(14 * 60));
        assert_eq!(comes_again(&pages.get(&to).await), Some(SOON));
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
}
