//! Access tokens for API calls: from a browser's session, or from a program's refresh token.

use std::sync::Arc;

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::{Extensions, header},
};
use compass_core::{
    Session,
    app::{Renewal, RenewalError},
    ports::{AccessTokens, Clock},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Accounts;
use crate::{
    Credential, CurrentUser,
    device::Device,
    extract::{Json, JsonOrNull},
    manners::Limiters,
    problem::{Fails, Problem, ProblemKind},
    provides::{KnowsPeople, Provided},
    this_machine::KnownHost,
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
    /// What a program sends here the next time. It works once.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// When that stops working if it is not sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token_expires_at: Option<Timestamp>,
}

impl TokenView {
    pub(super) fn new(tokens: &dyn AccessTokens, clock: &dyn Clock, session: &Session) -> Result<Self, Problem> {
        let now = clock.now();
        let issued = tokens
            .issue(session.user, session.id, now)
            .map_err(|error| Problem::new(ProblemKind::Internal).with_cause(error))?;
        Ok(Self {
            access_token: issued.token,
            token_type: "Bearer",
            expires_in: issued.expires_at.duration_since(now).as_secs(),
            refresh_token: None,
            refresh_token_expires_at: None,
        })
    }

    pub(super) fn of_program(tokens: &dyn AccessTokens, clock: &dyn Clock, renewal: Renewal) -> Result<Self, Problem> {
        Ok(Self {
            refresh_token: Some(renewal.token),
            refresh_token_expires_at: Some(renewal.token_expires_at),
            ..Self::new(tokens, clock, &renewal.session)?
        })
    }
}

/// A program's way to stay signed in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RefreshWith {
    /// The refresh token of the last answer.
    refresh_token: String,
}

/// Gives a fresh access token: for the browser's session, or for a program's refresh token in the body, and then the next
/// refresh token with it.
///
/// A refresh token works once. Whoever sends one that was replaced earlier ends the session, and both have to sign in again; for
/// ten seconds after its use it is only refused (409), and after that again good for as long as its successor was not used. A person's
/// programs together renew so often an hour only (429): a refresh token that is refused for that stays good.
#[utoipa::path(
    post, path = "/auth/refresh", tag = "accounts", request_body = Option<RefreshWith>,
    responses(
        (status = 200, description = "A token for ten minutes", body = TokenView),
        Fails<400>, Fails<401>, Fails<403>, Fails<409>, Fails<413>, Fails<415>, Fails<422>, Fails<429>
    ),
    security((), ("session" = []))
)]
pub(super) async fn access_token(
    _here: KnownHost,
    Provided(tokens): Provided<Arc<dyn AccessTokens>>,
    Accounts(accounts): Accounts,
    Device(client): Device,
    extensions: Extensions,
    shown: Shown,
) -> Result<Json<TokenView>, Problem> {
    let view = match shown {
        Shown::RefreshToken(token) => {
            // Before it is taken, so that a program that is told to wait has not lost it.
            if let Some(session) = accounts.session_to_renew(&token).await? {
                Limiters::renewal(&extensions, session.user)?;
            }
            let renewal = accounts.renew(&token, &client).await?;
            TokenView::of_program(&*tokens, &*accounts.clock, renewal)?
        }
        Shown::Session(session) => TokenView::new(&*tokens, &*accounts.clock, &session)?,
    };
    Ok(Json(view))
}

/// What is shown to get an access token: a program's refresh token in the body, or else a browser's session.
pub(super) enum Shown {
    RefreshToken(String),
    Session(Box<Session>),
}

impl<S: KnowsPeople> FromRequest<S> for Shown {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        if parts.headers.contains_key(header::CONTENT_TYPE) {
            let request = Request::from_parts(parts.clone(), body);
            let JsonOrNull(sent) = JsonOrNull::from_request(request, state).await.map_err(without_values)?;
            if let Some(RefreshWith { refresh_token }) = sent {
                return Ok(Self::RefreshToken(refresh_token));
            }
        }
        let who = <CurrentUser as FromRequestParts<S>>::from_request_parts(&mut parts, state).await?;
        only_by_cookie(
            &who,
            "an access token does not renew itself; send the session cookie or a refresh token instead",
        )?;
        Ok(Self::Session(Box::new(who.session)))
    }
}

/// What serde says of a body repeats parts of it, and here these may be secrets.
fn without_values(problem: Problem) -> Problem {
    match problem.kind() {
        ProblemKind::InvalidValue => problem.with_detail(r#"the body has to be {"refresh_token": "..."}, or null"#),
        _ => problem,
    }
}

/// Refuses an access token where it could be made to last longer than its ten minutes.
pub(super) fn only_by_cookie(who: &CurrentUser, instead: &str) -> Result<(), Problem> {
    match who.credential {
        Credential::Cookie => Ok(()),
        Credential::Bearer => Err(Problem::new(ProblemKind::NotSignedIn).with_detail(instead)),
    }
}

impl From<RenewalError> for Problem {
    fn from(error: RenewalError) -> Self {
        let refused = |why: &str| Self::new(ProblemKind::NotSignedIn).with_detail(why);
        match error {
            RenewalError::Void => refused("the refresh token does not work, or its session has ended; sign in again"),
            RenewalError::Reused => {
                refused("the refresh token was used before, so its session has been ended; sign in again")
            }
            RenewalError::AtOnce(wait) => Self::new(ProblemKind::Conflict).with_retry_after(wait).with_detail(
                "the refresh token was used a moment ago; take the token of that answer, or try again later if it was lost",
            ),
            RenewalError::Store(error) => error.into(),
            other => Self::new(ProblemKind::Internal).with_cause(other),
        }
    }
}
