//! `/recommendations`: what the figures say to do, with receipts and the record of earlier advice; creators alike; an experiment.

mod advice;
mod experiment;
mod matches;
mod reach;
mod similar;

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use compass_core::{Handle, app::PersonalInsights};
use compass_http::{ComparedCreators, CurrentUser, Problem, Shown};

use super::{
    dashboard::sign_in_first,
    frame::{Frame, Tab, show},
    known::zone_of,
};
use crate::{AppState, words::thousands};
use advice::PastRow;
use experiment::Experiment;
use matches::Matches;
use reach::Reach;
use similar::Similar;

pub(super) use advice::{InsightCard, advice};

#[derive(Debug, Template)]
#[template(path = "recommendations.html")]
struct RecommendationsPage {
    frame: Frame,
    handle: Handle,
    told: Option<Told>,
    reach: Reach,
    matches: Option<Matches>,
    similar: Similar,
}

/// What the report says to the person.
#[derive(Debug)]
struct Told {
    cards: Vec<InsightCard>,
    /// How many questions were asked of the report, and what came of that.
    tested: String,
    record: String,
    past: Vec<PastRow>,
    experiment: Experiment,
}

/// `GET /recommendations`
pub(super) async fn recommendations(
    State(state): State<AppState>,
    who: Option<CurrentUser>,
    compared: ComparedCreators,
    shown: Shown,
) -> Result<Response, Problem> {
    let Some(CurrentUser { user, .. }) = who else {
        return Ok(sign_in_first("/recommendations"));
    };
    let Some(handle) = user.preferences.handle.clone() else {
        return Ok(Redirect::to("/onboarding").into_response());
    };
    let zone = zone_of(&user);
    let insights = advice(&state, &user, &handle, shown).await?;
    let told = insights.map(|PersonalInsights { report, insights, record, told }| Told {
        cards: insights.insights.iter().map(InsightCard::new).collect(),
        tested: tested(insights.tested, insights.survived),
        record: record.to_string(),
        past: told.iter().map(|advice| PastRow::new(advice, &zone)).collect(),
        experiment: Experiment::new(&report, state.ports.clock.now()),
    });
    let reach = reach::reach(&state, &user, &handle).await?;
    let matches = matches::matches(&state, &compared, &user, &handle).await?;
    let similar = similar::similar(&state, &compared, &handle).await?;
    let frame = Frame::new("Recommendations", Some(Tab::Recommendations), &state, Some(&user));
    show(StatusCode::OK, &RecommendationsPage { frame, handle, told, reach, matches, similar })
}

fn tested(tested: u64, survived: u64) -> String {
    match (tested, survived) {
        (0, _) => "There are too few posts to ask which of them do better.".to_owned(),
        (tested, 0) => {
            format!("{} questions were asked of the posts, and no answer is more than chance.", thousands(tested))
        }
        (tested, survived) => format!(
            "{} questions were asked of the posts; {} {} more than chance.",
            thousands(tested),
            thousands(survived),
            if survived == 1 { "answer is" } else { "answers are" }
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::testing::{HOSTILE, Pages};

    #[tokio::test]
    async fn insights_creators_alike_and_an_experiment_are_on_one_page() {
        let pages = Pages::new().signed_in(Some("sample.steady")).await;
        let pages = pages.with_history("sample.steady").await.with_history("sample.quiet").await;
        let page = pages.get("/recommendations").await;
        assert_eq!(page.status, StatusCode::OK);
        page.says(&[
            "What the figures say",
            "Nothing that was told here could be scored yet.",
            "of 100 points",
            "@sample.quiet",
            "Find out by trying",
            "which audience",
            "href=\"/experiment?hours=",
        ]);
        page.does_not_say(&["NaN", "style="]);
        let plan = page.html.split("href=\"/experiment?").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let plan = plan.replace("&#38;", "&").replace("&amp;", "&");
        pages.get(&format!("/experiment?{plan}")).await.says(&["What came of it", "Not sure yet"]);
    }

    #[tokio::test]
    async fn made_up_creators_are_called_samples_and_are_nobody_where_accounts_are_real() {
        const SAMPLE: &str = "@sample.quiet</span> <span class=\"badge thin\">sample data</span>";
        for (pages, has_samples) in [(Pages::new(), true), (Pages::live(), false)] {
            let pages = pages.signed_in(Some("sample.steady")).await.with_look_at_ada().await;
            let pages = pages.with_history("sample.steady").await.with_history("sample.quiet").await;
            let page = pages.get("/recommendations").await;
            page.says(&["@ada</span></h3>"]);
            assert_eq!(page.html.contains(SAMPLE), has_samples, "{}", page.html);
            let api = pages.get("/recommendations/creators?limit=30").await;
            assert_eq!((api.status, api.html.contains("\"ada\"")), (StatusCode::OK, true), "{}", api.html);
            assert_eq!(api.html.contains("sample.quiet"), has_samples, "{}", api.html);
        }
    }

    #[tokio::test]
    async fn languages_and_interests_are_guessed_from_posts_and_said_to_be() {
        let pages = Pages::new().with_exports().signed_in(None).await;
        let pages = pages.with_history("sample.steady").await.with_history("sample.quiet").await;
        pages.post("/onboarding", "handle=sample.steady&languages=en&interests=quantum+chess").await;
        let page = pages.get("/recommendations").await;
        page.says(&[
            "It is a guess from what is public",
            "of the 30 newest posts are in a language that you want",
            "Interests: 0% to 30%, a guess: 0 of the 30 newest posts speak of what you want",
            "tells more",
            "A guess from what is public: take it as a hint.",
        ]);
        assert!(!page.html.contains("What would raise the match"), "{}", page.html);
    }

    #[tokio::test]
    async fn the_fit_of_the_audience_is_told_with_what_would_raise_it() {
        let pages = Pages::new().with_exports().signed_in(None).await.with_history("sample.steady").await;
        let form = "handle=sample.steady&countries=DE&genders=female+50%2C+male+50";
        pages.post("/onboarding", form).await;
        pages.get("/recommendations").await.says(&["Who watches is not known"]);
        pages.get("/recommendations").await.says(&["Creators who reach that audience", "No other creator is known"]);
        let csv = "Top territories,Distribution\nUS,0.6\nDE,0.2\n";
        let name = "FollowerTopTerritories_2026-05-01_1777600000_sample.steady.csv";
        let answer = pages.post_file("/onboarding/export", name, csv).await;
        assert_eq!(answer.header("location"), "/account#imports", "{}", answer.html);
        let page = pages.get("/recommendations").await;
        page.says(&[
            "It fits the audience that you want",
            "Places: exactly as wanted, the fit would be",
            "wanted 100%",
        ]);
    }

    #[tokio::test]
    async fn a_page_that_is_opened_again_keeps_no_advice_twice() {
        let pages = Pages::new().signed_in(Some("sample.steady")).await.with_history("sample.steady").await;
        let first = pages.get("/recommendations").await;
        let again = pages.get("/recommendations").await;
        let told = |page: &crate::pages::testing::Page| page.html.matches("open until").count();
        assert_eq!(told(&first), told(&again));
    }

    #[tokio::test]
    async fn an_account_that_nobody_looked_at_is_told_so() {
        let page = Pages::new().signed_in(Some("ada")).await.get("/recommendations").await;
        page.says(&["nobody has looked at the public page of this account", "Nobody has looked at this account yet"]);
        assert_eq!(Pages::new().get("/recommendations").await.status, StatusCode::SEE_OTHER);
        assert_eq!(Pages::new().signed_in(None).await.get("/recommendations").await.header("location"), "/onboarding");
    }

    #[tokio::test]
    async fn scraped_markup_is_shown_as_text() {
        let pages = Pages::new().signed_in(Some("sample.quiet")).await.with_history("sample.quiet").await;
        let page = pages.with_hostile_texts().await.get("/recommendations").await;
        page.does_not_say(&[HOSTILE, "<script>alert", "<img src=x"]);
    }
}
