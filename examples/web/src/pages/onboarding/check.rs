//! `/onboarding/check`: what is known of a handle, for whoever is typing it.

use axum::extract::State;
use compass_core::Handle;
use compass_http::{CurrentUser, Problem, Query};
use serde::Deserialize;

use crate::{
    AppState,
    pages::known::zone_of,
    words::{CountWords, day},
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct Asked {
    handle: String,
}

/// `GET /onboarding/check?handle=ada`: a sentence, as plain text.
pub(in crate::pages) async fn check(
    State(state): State<AppState>,
    who: CurrentUser,
    Query(asked): Query<Asked>,
) -> Result<String, Problem> {
    let handle = match Handle::parse(&asked.handle) {
        Ok(handle) => handle,
        Err(error) => return Ok(format!("Not a handle yet: {error}.")),
    };
    let ports = &state.ports;
    let newest = match ports.creators.find(&handle).await? {
        Some(profile) => ports.creators.latest(profile.id, ports.clock.now()).await?,
        None => None,
    };
    Ok(match newest {
        Some(look) => format!(
            "@{handle} is {}, {} followers, last seen on {}.",
            look.profile.nickname,
            CountWords::new(look.counts.followers).approximately(),
            day(look.observed_at, &zone_of(&who.user))
        ),
        None => format!("@{handle} is new here: the first look takes about half a minute."),
    })
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use crate::pages::testing::Pages;

    #[tokio::test]
    async fn a_handle_is_told_as_known_as_new_or_as_none() {
        let pages = Pages::new().signed_in(None).await.with_history("sample.steady").await;
        pages
            .get("/onboarding/check?handle=%40Sample.Steady")
            .await
            .says(&["@sample.steady is Steady sample", "1 May 2026"]);
        pages.get("/onboarding/check?handle=ada").await.says(&["@ada is new here"]);
        pages.get("/onboarding/check?handle=a%2Fb").await.says(&["Not a handle yet: a handle has only letters"]);
        assert_eq!(Pages::new().get("/onboarding/check?handle=ada").await.status, StatusCode::UNAUTHORIZED);
    }

    #[tokio::test]
    async fn a_hostile_name_comes_as_plain_text() {
        let pages = Pages::new().signed_in(None).await.with_hostile_texts().await;
        let answer = pages.get("/onboarding/check?handle=sample.steady").await;
        assert!(answer.header("content-type").starts_with("text/plain"), "{}", answer.header("content-type"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        answer.says(&["<script>alert(1)</script>"]);
    }
}
