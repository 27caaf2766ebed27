//! Taking away a file that was brought.

use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use compass_core::ImportId;
use compass_http::{CurrentUser, Path, Problem, ProblemKind};

use super::only_in_a_browser;
use crate::AppState;

/// `POST /account/imports/{id}/delete`
pub(in crate::pages) async fn delete(
    State(state): State<AppState>,
    who: CurrentUser,
    id: Result<Path<ImportId>, Problem>,
) -> Result<Response, Problem> {
    only_in_a_browser(&who)?;
    let Path(id) = id.map_err(|_| Problem::new(ProblemKind::NotFound))?;
    if !state.ports.imports.delete(Some(who.user.id), id).await? {
        let why = "you have brought no such file; perhaps it was taken away already";
        return Err(Problem::new(ProblemKind::NotFound).with_detail(why));
    }
    Ok(Redirect::to("/account#imports").into_response())
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use crate::pages::testing::Pages;

    const CSV: &str = "Date,Video Views,Profile Views,Likes,Comments,Shares\nMay 1,10,2,3,1,0\nApril 30,12,2,3,1,0\n";

    #[tokio::test]
    async fn a_file_is_taken_away_once_and_not_for_another_site() {
        let pages = Pages::new().with_exports().signed_in(Some("ada")).await;
        let brought = pages.post_file("/onboarding/export", "Overview_2026-05-01_1777600000_ada.csv", CSV).await;
        assert_eq!(brought.header("location"), "/account#imports", "{}", brought.html);
        let html = pages.get("/account").await.html;
        let (_, rest) = html.split_once("action=\"/account/imports/").unwrap();
        let path = format!("/account/imports/{}", rest.split_once('"').unwrap().0);
        assert_eq!(pages.post_from_elsewhere(&path, "").await.status, StatusCode::FORBIDDEN);
        pages.get("/account").await.says(&[&path]);
        let answer = pages.post(&path, "").await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/account#imports"));
        pages.get("/account").await.says(&["No file was brought yet"]);
        let unknown = pages.post(&path, "").await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND);
        unknown.says(&["You have brought no such file"]);
        assert_eq!(pages.post("/account/imports/x/delete", "").await.status, StatusCode::NOT_FOUND);
    }
}
