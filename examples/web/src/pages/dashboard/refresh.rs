//! A refresh as people follow it: where it is, how it ended, and what to do if it failed.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use compass_core::{
    Failure, Handle, Job, JobEvent, JobId, JobState, Progress, app,
    ports::{JobStore, StoreError},
};
use compass_http::{CurrentUser, Problem, ProblemKind};
use jiff::tz::TimeZone;

use super::{address, zone_of};
use crate::{
    AppState,
    pages::{
        frame::show,
        words::{moment, source, thousands},
    },
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
    /// The job with this id, if it is about the account; `None` if there is no such job.
    pub(super) async fn find(
        jobs: &dyn JobStore,
        id: JobId,
        handle: &Handle,
        zone: &TimeZone,
    ) -> Result<Option<Self>, StoreError> {
        let Some(job) = jobs.find(id).await?.filter(|job| job.handle == *handle) else {
            return Ok(None);
        };
        let events = jobs.events(id, 0).await?;
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
    Path(id): Path<JobId>,
) -> Result<Response, Problem> {
    let nothing = || Problem::new(ProblemKind::NotFound);
    let handle = who.user.preferences.handle.as_ref().ok_or_else(nothing)?;
    let panel = RefreshPanel::find(&*state.ports.jobs, id, handle, &zone_of(&who.user)).await?;
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
        "abandoned" => ("The refresh was interrupted three times.", "Try again."),
        _ => ("The refresh did not work.", "Try again later."),
    };
    Advice { what, next }
}
