//! `/`: what this is, and a report to look at before signing in.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use compass_core::{
    Count, Handle,
    analytics::{ReportOptions, creator_report},
    samples::World,
};
use compass_http::{CurrentUser, Problem};
use jiff::Timestamp;
use tokio::sync::OnceCell;

use super::{
    figures::headlines,
    frame::{Frame, show},
};
use crate::{
    AppState, seed,
    words::{CountWords, Figure},
};

/// The sample report, made for the first visitor: it is the same for all, and says nothing of anybody.
static SAMPLE: OnceCell<SampleReport> = OnceCell::const_new();

#[derive(Debug, Template)]
#[template(path = "landing.html")]
struct LandingPage {
    frame: Frame,
    sample: &'static SampleReport,
    /// Whether the sample creator's own page can be read without signing in.
    has_whole_sample: bool,
}

/// The headline figures of a sample creator.
#[derive(Debug)]
struct SampleReport {
    nickname: String,
    handle: Handle,
    followers: Option<Count>,
    figures: Vec<Figure>,
}

impl LandingPage {
    fn followers(&self) -> String {
        CountWords::new(self.sample.followers).approximately()
    }
}

impl SampleReport {
    /// The report of the first sample creator, from what it is made of rather than from a store.
    fn as_of(now: Timestamp) -> Self {
        let world = World::standard();
        let creator = world.creators().first().expect("there are sample creators");
        let (mut profiles, mut videos) = (Vec::new(), Vec::new());
        for look in creator.history(now, seed::DAYS) {
            profiles.push(look.profile);
            videos.extend(look.videos);
        }
        let report = creator_report(&creator.profile(), &profiles, &videos, now, &ReportOptions::default());
        Self {
            nickname: report.name().to_owned(),
            followers: report.counts.followers,
            figures: headlines(&report),
            handle: report.handle,
        }
    }
}

/// `/`
pub(super) async fn landing(State(state): State<AppState>, who: Option<CurrentUser>) -> Result<Response, Problem> {
    let now = state.ports.clock.now();
    let make = || state.computations.run(async { Ok(()) }, move |()| SampleReport::as_of(now));
    let sample = SAMPLE.get_or_try_init(make).await?;
    let kept = match state.site.stand_in {
        true => state.ports.creators.find(&sample.handle).await?,
        false => None,
    };
    let has_whole_sample = kept.is_some_and(|profile| seed::is_sample(profile.id));
    let frame = Frame::new("Analytics for TikTok creators", None, &state, who.as_ref().map(|who| &who.user));
    show(StatusCode::OK, &LandingPage { frame, sample, has_whole_sample })
}

#[cfg(test)]
mod tests {
    use crate::pages::testing::Pages;

    #[tokio::test]
    async fn a_visitor_reads_what_it_is_and_sees_a_report_before_signing_in() {
        let page = Pages::new().with_history("sample.steady").await.get("/").await;
        page.says(&[
            "each figure how sure it is",
            "href=\"/auth/google/login\">Development sign-in</a>",
            "Typical views",
            "95% interval",
            "30 posts",
            "A sample report",
            "sample data",
            "href=\"/creators/sample.steady\"",
        ]);
        page.does_not_say(&["Sign out"]);
    }

    #[tokio::test]
    async fn the_provider_is_named_where_there_is_one() {
        let page = Pages::live().get("/").await;
        page.says(&["Sign in with Elsewhere"]);
        page.does_not_say(&["Development sign-in", "Not TikTok"]);
    }

    #[tokio::test]
    async fn a_live_service_shows_the_sample_too_and_nothing_of_its_store() {
        let page = Pages::live().with_hostile_texts().await.get("/").await;
        page.says(&["A sample report", "Steady sample", "Typical views", "sample data"]);
        page.does_not_say(&["href=\"/creators/", "alert(1)"]);
    }

    #[tokio::test]
    async fn a_sample_that_the_store_does_not_have_is_not_linked() {
        let page = Pages::new().get("/").await;
        page.says(&["A sample report", "Steady sample"]);
        page.does_not_say(&["href=\"/creators/"]);
    }

    #[tokio::test]
    async fn a_signed_in_visitor_gets_a_link_to_the_dashboard() {
        let page = Pages::new().signed_in(Some("sample.steady")).await.get("/").await;
        page.says(&["Open your dashboard", "Sign out", "Ada &#60;b&#62;"]);
        page.does_not_say(&["/auth/google/login"]);
    }
}
