//! From a browser's session to an access token for API calls.

use std::sync::Arc;

use axum::extract::State;
use compass_core::ports::{AccessTokens, Clock};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    Credential, CurrentUser,
    extract::Json,
    problem::{Fails, Problem, ProblemKind},
};

/// A fresh access token.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenView {
    /// What to send as `Authorization: Bearer …`.
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// For how many seconds it works.
    expires_in: i64,
}

/// Gives a fresh access token for the browser's session.
#[utoipa::path(
    post, path = "/auth/refresh", tag = "accounts",
    responses((status = 200, description = "A token for ten minutes", body = TokenView), Fails<401>, Fails<403>),
    security(("session" = []))
)]
pub(super) async fn access_token(
    State(tokens): State<Arc<dyn AccessTokens>>,
    State(clock): State<Arc<dyn Clock>>,
    who: CurrentUser,
) -> Result<Json<TokenView>, Problem> {
    if who.credential != Credential::Cookie {
        let why = "an access token does not renew itself; send the session cookie instead";
        return Err(Problem::new(ProblemKind::NotSignedIn).with_detail(why));
    }
    let now = clock.now();
    let issued = tokens
        .issue(who.user.id, who.session.id, now)
        .map_err(|error| Problem::new(ProblemKind::Internal).with_cause(error))?;
    let expires_in = issued.expires_at.duration_since(now).as_secs();
    Ok(Json(TokenView { access_token: issued.token, token_type: "Bearer", expires_in }))
}
