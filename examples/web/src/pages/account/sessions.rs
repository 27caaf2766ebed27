//! Ending sessions: one, or all of them.

use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use compass_core::SessionId;
use compass_http::{CurrentUser, Device, Path, Problem, ProblemKind};

use super::{accounts, only_in_a_browser};
use crate::AppState;

/// `POST /account/sessions/{id}/end`
pub(in crate::pages) async fn end(
    State(state): State<AppState>,
    who: CurrentUser,
    Device(client): Device,
    id: Result<Path<SessionId>, Problem>,
) -> Result<Response, Problem> {
    only_in_a_browser(&who)?;
    let Path(id) = id.map_err(|_| Problem::new(ProblemKind::NotFound))?;
    if !accounts(&state).end_session(who.user.id, id, &client).await? {
        let why = "you have no such open session; perhaps it has ended already";
        return Err(Problem::new(ProblemKind::NotFound).with_detail(why));
    }
    let to = if id == who.session.id { "/" } else { "/account#sessions" };
    Ok(Redirect::to(to).into_response())
}

/// `POST /account/sessions/end`
pub(in crate::pages) async fn end_all(
    State(state): State<AppState>,
    who: CurrentUser,
    Device(client): Device,
) -> Result<Response, Problem> {
    only_in_a_browser(&who)?;
    accounts(&state).end_sessions(who.user.id, &client).await?;
    Ok(Redirect::to("/").into_response())
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use crate::pages::testing::Pages;

    #[tokio::test]
    async fn a_session_ends_at_once_and_only_ones_own() {
        let pages = Pages::new().signed_in(Some("sample.steady")).await;
        let unknown = pages.post("/account/sessions/01890000-0000-7000-8000-000000000000/end", "").await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND);
        assert_eq!(pages.post("/account/sessions/x/end", "").await.status, StatusCode::NOT_FOUND);
        let html = pages.get("/account").await.html;
        let action = html.split("action=\"/account/sessions/").find_map(|rest| rest.split_once("/end\"")).unwrap().0;
        let id = action.rsplit('"').next().unwrap().to_owned();
        let answer = pages.post(&format!("/account/sessions/{id}/end"), "").await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/"));
        assert_eq!(pages.get("/account").await.status, StatusCode::SEE_OTHER, "nobody is signed in any more");
    }

    #[tokio::test]
    async fn all_sessions_end_together_and_not_for_another_site() {
        let pages = Pages::new().signed_in(Some("sample.steady")).await;
        assert_eq!(pages.post_from_elsewhere("/account/sessions/end", "").await.status, StatusCode::FORBIDDEN);
        assert_eq!(pages.get("/account").await.status, StatusCode::OK);
        assert_eq!(pages.post("/account/sessions/end", "").await.status, StatusCode::SEE_OTHER);
        assert_eq!(pages.get("/account").await.status, StatusCode::SEE_OTHER);
    }
}
