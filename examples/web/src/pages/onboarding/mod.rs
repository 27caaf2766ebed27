//! `/onboarding`: which account, and which audience it wants.

mod form;

use askama::Template;
use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use compass_core::{app, samples::World};
use compass_http::{CurrentUser, Problem, ProblemKind};

use super::{
    dashboard,
    frame::{Frame, show},
};
use crate::AppState;
use form::{Mistakes, Typed};

/// Zones that the field offers; any other of the IANA database may be typed.
const ZONES: [&str; 24] = [
    "UTC",
    "Africa/Cairo",
    "Africa/Lagos",
    "America/Bogota",
    "America/Chicago",
    "America/Los_Angeles",
    "America/Mexico_City",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Bangkok",
    "Asia/Dubai",
    "Asia/Jakarta",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Asia/Manila",
    "Asia/Seoul",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Europe/Berlin",
    "Europe/Istanbul",
    "Europe/London",
    "Europe/Madrid",
    "Europe/Paris",
    "Pacific/Auckland",
];

#[derive(Debug, Template)]
#[template(path = "onboarding.html")]
struct OnboardingPage {
    frame: Frame,
    typed: Typed,
    mistakes: Mistakes,
    /// Handles to try, each with a word on it.
    samples: Vec<(String, String)>,
}

impl OnboardingPage {
    fn new(state: &AppState, who: &CurrentUser, typed: Typed, mistakes: Mistakes) -> Self {
        let sample_creators = World::standard();
        let creators = if state.site.sample_data { sample_creators.creators() } else { &[] };
        let samples = creators.iter().map(|c| (c.handle().to_string(), c.profile().nickname.to_string())).collect();
        let title = if who.user.preferences.handle.is_some() { "Your account and audience" } else { "Get started" };
        Self { frame: Frame::new(title, state, Some(&who.user)), typed, mistakes, samples }
    }

    fn zones(&self) -> &'static [&'static str] {
        &ZONES
    }

    fn is_first_time(&self) -> bool {
        !self.frame.has_handle()
    }
}

/// `GET /onboarding`
pub(super) async fn ask(State(state): State<AppState>, who: Option<CurrentUser>) -> Result<Response, Problem> {
    let Some(who) = who else {
        return Ok(dashboard::sign_in_first("/onboarding"));
    };
    let typed = Typed::from_preferences(&who.user.preferences);
    show(StatusCode::OK, &OnboardingPage::new(&state, &who, typed, Mistakes::default()))
}

/// `POST /onboarding`
pub(super) async fn answer(
    State(state): State<AppState>,
    who: CurrentUser,
    form: Result<Form<Typed>, FormRejection>,
) -> Result<Response, Problem> {
    let Form(typed) = form.map_err(|refused| Problem::new(ProblemKind::BadRequest).with_detail(refused.body_text()))?;
    let preferences = match typed.read() {
        Ok(preferences) => preferences,
        Err(mistakes) => {
            let page = OnboardingPage::new(&state, &who, typed, mistakes);
            return show(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let ports = &state.ports;
    let (clock, random) = (&*ports.clock, &*ports.random);
    let (accounts, creators, jobs) = (&*ports.accounts, &*ports.creators, &*ports.jobs);
    let job = app::track(accounts, creators, jobs, clock, random, who.user.id, &preferences).await?;
    Ok(Redirect::to(&dashboard::address(job.map(|job| job.id))).into_response())
}
