//! Erasing everything that is kept of a person, after a question.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use compass_http::{CurrentUser, Device, Form, Problem};
use serde::Deserialize;

use super::{accounts, only_in_a_browser};
use crate::{
    AppState,
    pages::{
        dashboard::sign_in_first,
        frame::{Frame, Tab, show},
    },
};

/// What has to be typed.
const WORD: &str = "erase";

#[derive(Debug, Template)]
#[template(path = "erase.html")]
struct ErasePage {
    frame: Frame,
    mistake: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct Typed {
    word: String,
}

/// `GET /account/erase`
pub(in crate::pages) async fn ask(
    State(state): State<AppState>,
    who: Option<CurrentUser>,
) -> Result<Response, Problem> {
    match who {
        Some(who) => page(&state, &who, StatusCode::OK),
        None => Ok(sign_in_first("/account/erase")),
    }
}

/// `POST /account/erase`
pub(in crate::pages) async fn erase(
    State(state): State<AppState>,
    who: CurrentUser,
    Device(client): Device,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    only_in_a_browser(&who)?;
    if !typed.word.trim().eq_ignore_ascii_case(WORD) {
        return page(&state, &who, StatusCode::UNPROCESSABLE_ENTITY);
    }
    accounts(&state).erase(who.user.id, &client).await?;
    Ok(Redirect::to("/").into_response())
}

fn page(state: &AppState, who: &CurrentUser, status: StatusCode) -> Result<Response, Problem> {
    let frame = Frame::new("Erase everything", Some(Tab::Account), state, Some(&who.user));
    show(status, &ErasePage { frame, mistake: status != StatusCode::OK })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::testing::Pages;

    #[tokio::test]
    async fn everything_goes_after_the_word_was_typed() {
        let pages = Pages::new().signed_in(Some("sample.steady")).await;
        pages.get("/account/erase").await.says(&["cannot be undone", "name=\"word\""]);
        let answer = pages.post("/account/erase", "word=yes").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        answer.says(&["aria-invalid=\"true\""]);
        assert_eq!(pages.get("/account").await.status, StatusCode::OK);
        assert_eq!(pages.post_from_elsewhere("/account/erase", "word=erase").await.status, StatusCode::FORBIDDEN);
        let answer = pages.post("/account/erase", "word=+Erase").await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/"));
        assert_eq!(pages.get("/account").await.status, StatusCode::SEE_OTHER);
    }
}
