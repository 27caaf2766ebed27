//! `/`: what this is, and a report to look at before signing in.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use compass_core::{
    analytics::ReportOptions,
    app,
    ports::{Clock, CreatorStore, StoreError},
    samples::World,
};
use compass_http::{CurrentUser, Problem};

use super::{
    figures::headlines,
    frame::{Frame, show},
};
use crate::{
    AppState,
    seed::is_sample,
    words::{CountWords, Figure},
};

#[derive(Debug, Template)]
#[template(path = "landing.html")]
struct LandingPage {
    frame: Frame,
    sample: Option<SampleReport>,
}

/// The headline figures of a sample creator.
#[derive(Debug)]
struct SampleReport {
    nickname: String,
    handle: String,
    followers: CountWords,
    figures: Vec<Figure>,
}

/// `/`
pub(super) async fn landing(State(state): State<AppState>, who: Option<CurrentUser>) -> Result<Response, Problem> {
    let sample =
        if state.site.stand_in { sample_report(&state.ports.creators, &*state.ports.clock).await? } else { None };
    let frame = Frame::new("Analytics for TikTok creators", None, &state, who.as_ref().map(|who| &who.user));
    show(StatusCode::OK, &LandingPage { frame, sample })
}

/// The report of the first sample creator that the store has; never one of an account that somebody follows.
async fn sample_report(
    creators: &Arc<dyn CreatorStore>,
    clock: &dyn Clock,
) -> Result<Option<SampleReport>, StoreError> {
    for creator in World::standard().creators() {
        let report = app::report(&**creators, creator.handle(), clock.now(), &ReportOptions::default()).await?;
        if let Some(report) = report.filter(|report| report.id.is_some_and(is_sample)) {
            return Ok(Some(SampleReport {
                nickname: report.name().to_owned(),
                handle: report.handle.to_string(),
                followers: CountWords::new(report.counts.followers),
                figures: headlines(&report),
            }));
        }
    }
    Ok(None)
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
            "sample data",
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
    async fn nobodys_followed_account_is_shown_to_visitors() {
        let page = Pages::live().with_history("sample.steady").await.get("/").await;
        page.does_not_say(&["Steady sample", "Typical views"]);
    }

    #[tokio::test]
    async fn a_signed_in_visitor_gets_a_link_to_the_dashboard() {
        let page = Pages::new().signed_in(Some("sample.steady")).await.get("/").await;
        page.says(&["Open your dashboard", "Sign out", "Ada &#60;b&#62;"]);
        page.does_not_say(&["/auth/google/login"]);
    }
}
