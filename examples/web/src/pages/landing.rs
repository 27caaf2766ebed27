//! `/`: what this is, and a report to look at before signing in.

use std::sync::{Arc, PoisonError};

use askama::Template;
use axum::{Extension, extract::State, http::StatusCode, response::Response};
use compass_core::{
    Count, Handle,
    analytics::{ReportOptions, creator_report},
    samples::World,
};
use compass_http::{CurrentUser, Problem};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use tokio::sync::Mutex;

use super::{
    figures::headlines,
    frame::{Frame, show},
};
use crate::{
    AppState, seed,
    words::{CountWords, Figure},
};

/// The sample report of the day, made for its first visitor: it is the same for all, and says nothing of anybody.
#[derive(Clone, Debug, Default)]
pub(super) struct DailySample {
    kept: Arc<std::sync::Mutex<Option<Arc<SampleReport>>>>,
    making: Arc<Mutex<()>>,
}

#[derive(Debug, Template)]
#[template(path = "landing.html")]
struct LandingPage {
    frame: Frame,
    sample: Arc<SampleReport>,
    /// Whether the sample creator's own page can be read without signing in.
    has_whole_sample: bool,
}

/// The headline figures of a sample creator.
#[derive(Debug)]
struct SampleReport {
    /// UTC.
    day: Date,
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
            day: day(now),
            nickname: report.name().to_owned(),
            followers: report.counts.followers,
            figures: headlines(&report),
            handle: report.handle,
        }
    }
}

impl DailySample {
    /// The report of today. Whoever comes while it is made gets an earlier day's, or waits where there is none; where it cannot be
    /// made, everybody gets the earlier one.
    async fn report(&self, state: &AppState) -> Result<Arc<SampleReport>, Problem> {
        let now = state.ports.clock.now();
        let is_of_today = |sample: &Arc<SampleReport>| sample.day == day(now);
        let earlier = match self.kept() {
            Some(sample) if is_of_today(&sample) => return Ok(sample),
            earlier => earlier,
        };
        let _making = match (self.making.try_lock(), &earlier) {
            (Ok(making), _) => making,
            (Err(_), Some(earlier)) => return Ok(Arc::clone(earlier)),
            (Err(_), None) => self.making.lock().await,
        };
        if let Some(made_meanwhile) = self.kept().filter(is_of_today) {
            return Ok(made_meanwhile);
        }
        match state.computations.run(async { Ok(()) }, move |()| Arc::new(SampleReport::as_of(now))).await {
            Ok(made) => {
                *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&made));
                Ok(made)
            }
            Err(problem) => earlier.ok_or(problem),
        }
    }

    fn kept(&self) -> Option<Arc<SampleReport>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// `/`
pub(super) async fn landing(
    State(state): State<AppState>,
    Extension(sample): Extension<DailySample>,
    who: Option<CurrentUser>,
) -> Result<Response, Problem> {
    let sample = sample.report(&state).await?;
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
    use compass_http::Computations;

    use super::*;
    use crate::pages::testing::{Page, Pages};

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
    async fn the_sample_is_that_of_the_day() {
        let pages = Pages::new();
        let followers = |page: &Page| {
            let before = page.html.split(" followers <span").next().unwrap_or_default();
            before.rsplit(' ').next().unwrap_or_default().replace(',', "").parse::<u64>().unwrap()
        };
        let today = followers(&pages.get("/").await);
        assert_eq!(followers(&pages.get("/").await), today);
        pages.clock.advance(std::time::Duration::from_secs(7 * 86_400));
        assert!(followers(&pages.get("/").await) > today);
    }

    #[tokio::test]
    async fn where_the_service_is_busy_visitors_see_the_sample_of_the_last_day() {
        let pages = Pages::new();
        let sample = DailySample::default();
        let state = pages.state();
        let first = sample.report(&state).await.unwrap();
        pages.clock.advance(std::time::Duration::from_secs(86_400));
        let never = Computations::at_once(std::num::NonZeroUsize::MIN).with_patience(std::time::Duration::ZERO);
        let busy = AppState { computations: never.clone(), ..state.clone() };
        let waiting = never.run(std::future::pending::<Result<(), Problem>>(), |()| ());
        tokio::select! {
            biased;
            _ = waiting => panic!("it never ends"),
            told = sample.report(&busy) => assert_eq!(told.unwrap().day, first.day),
        }
        assert_ne!(sample.report(&state).await.unwrap().day, first.day);
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
