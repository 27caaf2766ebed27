//! `/onboarding`: which account, and which audience it wants.

mod check;
mod export;
mod form;

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use compass_core::{app, samples::World};
use compass_http::{CurrentUser, Form, Problem};

use super::{
    dashboard,
    frame::{Frame, Tab, show},
};
use crate::AppState;
use form::{Mistakes, Typed};

pub(super) use check::check;
pub(super) use export::bring;

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
    /// What is wrong with the file that was brought.
    export_mistake: Option<String>,
    /// Handles to try, each with a word on it.
    samples: Vec<(String, String)>,
}

impl OnboardingPage {
    fn new(state: &AppState, who: &CurrentUser, typed: Typed, mistakes: Mistakes) -> Self {
        let sample_creators = World::standard();
        let creators = if state.site.stand_in { sample_creators.creators() } else { &[] };
        let samples = creators.iter().map(|c| (c.handle().to_string(), c.profile().nickname.to_string())).collect();
        let title = if who.user.preferences.handle.is_some() { "Your account and audience" } else { "Get started" };
        Self {
            frame: Frame::new(title, Some(Tab::Account), state, Some(&who.user)),
            typed,
            mistakes,
            export_mistake: None,
            samples,
        }
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
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let typed = Typed::over(&who.user.preferences, fields);
    let preferences = match typed.read() {
        Ok(preferences) => preferences,
        Err(mistakes) => {
            let page = OnboardingPage::new(&state, &who, typed, *mistakes);
            return show(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let ports = &state.ports;
    let (clock, random) = (&*ports.clock, &*ports.random);
    let (accounts, creators, jobs) = (&*ports.accounts, &*ports.creators, &*ports.jobs);
    let change = preferences.into();
    if app::named_unseen(creators, &change).await?.is_some() {
        who.may_ask_for_a_look()?;
    }
    let (_, job) = app::track(accounts, creators, jobs, clock, random, who.user.id, &change).await?;
    Ok(Redirect::to(&dashboard::address(job.map(|job| job.id))).into_response())
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use crate::pages::testing::Pages;

    #[tokio::test]
    async fn a_visitor_is_sent_to_sign_in_and_back() {
        let page = Pages::new().get("/onboarding").await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
        assert_eq!(page.header("location"), "/auth/google/login?return_to=/onboarding");
    }

    #[tokio::test]
    async fn the_form_offers_the_samples_only_where_there_are_samples() {
        let form = Pages::new().signed_in(None).await.get("/onboarding").await;
        form.says(&["Which account is it about?", "@sample.steady", "<option value=\"Europe/Berlin\">"]);
        let form = Pages::live().signed_in(None).await.get("/onboarding").await;
        form.does_not_say(&["@sample", "Or look at"]);
    }

    #[tokio::test]
    async fn a_new_account_is_tracked_and_its_first_look_is_shown() {
        let pages = Pages::new().signed_in(None).await;
        let form = "handle=%40Ada.Lovelace&countries=de%2C+at&languages=de&interests=engines&zone=Europe%2FLondon";
        let answer = pages.post("/onboarding", form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert!(answer.header("location").starts_with("/dashboard?job="), "{}", answer.header("location"));
        let preferences = pages.user().await.preferences;
        assert_eq!(preferences.handle.unwrap().as_str(), "ada.lovelace");
        assert_eq!(preferences.zone.unwrap().name(), "Europe/London");
        assert_eq!(preferences.target.interests.as_slice(), ["engines"]);
    }

    #[tokio::test]
    async fn a_known_account_leads_straight_to_its_figures() {
        let pages = Pages::new().signed_in(None).await.with_history("sample.steady").await;
        let answer = pages.post("/onboarding", "handle=sample.steady").await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/dashboard"));
    }

    #[tokio::test]
    async fn a_sample_that_is_chosen_leaves_the_wanted_audience_as_it_was() {
        let pages = Pages::new().signed_in(None).await.with_history("sample.steady").await;
        let form =
            "handle=sample.quiet&countries=DE&genders=female+60%2C+male+40&active_hours=18-21&zone=Europe%2FLondon";
        assert_eq!(pages.post("/onboarding", form).await.status, StatusCode::SEE_OTHER);
        let wanted = pages.user().await.preferences;
        assert_eq!(wanted.target.active_hours.iter().count(), 4);
        assert_eq!(pages.post("/onboarding", "handle=sample.steady").await.status, StatusCode::SEE_OTHER);
        let preferences = pages.user().await.preferences;
        assert_eq!(preferences.handle.unwrap().as_str(), "sample.steady");
        assert_eq!((preferences.target, preferences.zone), (wanted.target, wanted.zone));
    }

    #[tokio::test]
    async fn a_mistake_is_told_beside_what_was_typed() {
        let pages = Pages::new().signed_in(None).await;
        let form = "handle=a%2Fb&interests=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E&countries=Germany";
        let answer = pages.post("/onboarding", form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        answer.says(&[
            "2 fields need mending",
            "value=\"a/b\"",
            "id=\"handle-error\">a handle has only letters",
            "value=\"Germany\"",
            "&#34;&#62;&#60;script&#62;",
        ]);
        answer.does_not_say(&["<script>alert", "zone-error"]);
        assert_eq!(pages.user().await.preferences.handle, None);
    }

    #[tokio::test]
    async fn another_sites_form_changes_nothing() {
        let pages = Pages::new().signed_in(None).await;
        let answer = pages.post_from_elsewhere("/onboarding", "handle=sample.steady").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        answer.says(&["For your safety nothing was done"]);
        assert_eq!(pages.user().await.preferences.handle, None);
    }

    #[tokio::test]
    async fn a_body_that_is_no_such_form_gets_a_page() {
        let pages = Pages::new().signed_in(None).await;
        let large = pages.post("/onboarding", &format!("handle={}", "a".repeat(70_000))).await;
        assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
        let json = pages.post_json("/onboarding", r#"{"handle": "ada"}"#).await;
        assert_eq!(json.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        for answer in [large, json] {
            answer.says(&["To the dashboard"]);
        }
        assert_eq!(pages.user().await.preferences.handle, None);
    }

    #[tokio::test]
    async fn what_was_saved_is_in_the_form_again() {
        let form = Pages::new().signed_in(Some("sample.quiet")).await.get("/onboarding").await;
        form.says(&["Your account and audience", "value=\"sample.quiet\"", "Back without saving"]);
    }
}
