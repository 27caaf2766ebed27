//! Access for a program of the person: its tokens, shown once.

use std::fmt;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use compass_http::{CurrentUser, Device, Problem, ProblemKind};

use super::{accounts, only_in_a_browser};
use crate::{
    AppState,
    pages::{
        frame::{Frame, Tab, show},
        known::zone_of,
    },
    words::{moment, zone_name},
};

#[derive(Template)]
#[template(path = "token.html")]
struct TokenPage {
    frame: Frame,
    url: String,
    access_token: String,
    minutes: i64,
    refresh_token: String,
    expires_at: String,
}

impl fmt::Debug for TokenPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenPage").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// `POST /account/token`
pub(in crate::pages) async fn open(
    State(state): State<AppState>,
    who: CurrentUser,
    Device(client): Device,
) -> Result<Response, Problem> {
    only_in_a_browser(&who)?;
    let renewal = accounts(&state).open_for_program(who.user.id, &client).await?;
    let now = state.ports.clock.now();
    let failed = |error| Problem::new(ProblemKind::Internal).with_cause(error);
    let access = state.ports.tokens.issue(who.user.id, renewal.session.id, now).map_err(failed)?;
    let zone = zone_of(&who.user);
    let page = TokenPage {
        frame: Frame::new("Access for a program", Some(Tab::Account), &state, Some(&who.user)),
        url: state.site.public_url.clone(),
        minutes: access.expires_at.duration_since(now).as_secs() / 60,
        access_token: access.token,
        refresh_token: renewal.token,
        expires_at: format!("{} ({})", moment(renewal.token_expires_at, &zone), zone_name(&zone)),
    };
    show(StatusCode::OK, &page)
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use crate::pages::testing::Pages;

    #[tokio::test]
    async fn a_program_gets_its_tokens_once_and_a_session_of_its_own() {
        let pages = Pages::new().signed_in(Some("sample.steady")).await;
        let page = pages.post("/account/token", "").await;
        assert_eq!((page.status, page.header("cache-control")), (StatusCode::OK, "no-store"));
        page.says(&["shown only now", "Authorization: Bearer access-token-of-the-tests", "/auth/refresh"]);
        let sessions = pages.get("/account").await;
        assert_eq!(sessions.html.matches("Last used").count(), 2);
        sessions.does_not_say(&["access-token-of-the-tests"]);
        assert_eq!(pages.post_from_elsewhere("/account/token", "").await.status, StatusCode::FORBIDDEN);
    }
}
