//! A person's sessions: which there are, one more for a program, and their end.

use std::{net::IpAddr, sync::Arc};

use axum::{
    http::{Extensions, HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use axum_extra::extract::CookieJar;
use compass_core::{Session, SessionId, ports::AccessTokens};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Accounts,
    tokens::{TokenView, only_by_cookie},
};
use crate::{
    CurrentUser, Site,
    device::Device,
    extract::{Json, Mount, Path},
    manners::Limiters,
    once::{IdempotencyKey, Once},
    problem::{Fails, Problem, ProblemKind},
    provides::Provided,
};

/// Where somebody is signed in.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionView {
    id: Uuid,
    /// Whether it is the one that asks.
    current: bool,
    /// What the browser or program says that it is; `null` if it did not say, or it is forgotten.
    device: Option<String>,
    /// From where it was last in use; `null` if it is not known, or forgotten.
    #[schema(value_type = Option<String>)]
    address: Option<IpAddr>,
    /// When it began.
    opened_at: Timestamp,
    /// When it was in use last, give or take five minutes.
    last_seen_at: Timestamp,
    /// When it ends at the latest.
    expires_at: Timestamp,
}

impl SessionView {
    fn new(session: Session, current: SessionId) -> Self {
        Self {
            id: session.id.0,
            current: session.id == current,
            device: session.client.user_agent.map(|name| name.to_string()),
            address: session.client.ip,
            opened_at: session.opened_at,
            last_seen_at: session.last_seen_at,
            expires_at: session.expires_at,
        }
    }
}

/// The open sessions of a person.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionsView {
    /// The one that was in use last first.
    sessions: Vec<SessionView>,
}

/// Lists where the person is signed in.
#[utoipa::path(
    get, path = "/auth/sessions", tag = "accounts",
    responses((status = 200, description = "The open sessions", body = SessionsView), Fails<401>),
    security(("session" = []), ("bearer" = []))
)]
pub(super) async fn sessions(Accounts(accounts): Accounts, who: CurrentUser) -> Result<Json<SessionsView>, Problem> {
    let sessions = accounts.sessions(who.user.id).await?;
    let sessions = sessions.into_iter().map(|session| SessionView::new(session, who.session.id)).collect();
    Ok(Json(SessionsView { sessions }))
}

/// Opens a session for a program of the person, and gives its first refresh token.
///
/// It takes the browser's cookie: an access token alone cannot make itself last. The program then sends its refresh token to
/// `auth/refresh`. The session ends after 30 days, or when the person ends it. Of more than a hundred the one that was in use the
/// longest ago ends.
///
/// With an `Idempotency-Key` the same request, sent again within a day, opens no other session. The tokens are told once: it is
/// answered with 409, which names the session.
#[utoipa::path(
    post, path = "/auth/sessions", tag = "accounts",
    params(IdempotencyKey),
    responses(
        (status = 201, description = "Tokens for the program", body = TokenView,
            headers(("location" = String, description = "The session"))),
        Fails<400>, Fails<401>, Fails<403>, Fails<409>, Fails<422>, Fails<429>
    ),
    security(("session" = []))
)]
pub(super) async fn open_session(
    Provided(tokens): Provided<Arc<dyn AccessTokens>>,
    Accounts(accounts): Accounts,
    Mount(mount): Mount,
    Device(client): Device,
    extensions: Extensions,
    who: CurrentUser,
    once: Once,
) -> Result<Response, Problem> {
    // Else a loop fills the store with sessions and their records.
    Limiters::sign_in(&extensions)?;
    only_by_cookie(&who, "an access token opens no session; send the session cookie instead")?;
    let user = who.user.id;
    let open = async move {
        let renewal = accounts.open_for_program(user, &client).await?;
        let location = [(header::LOCATION, format!("{mount}/auth/sessions/{}", renewal.session.id))];
        let tokens = TokenView::of_program(&*tokens, &*accounts.clock, renewal)?;
        Ok((StatusCode::CREATED, location, Json(tokens)).into_response())
    };
    once.tell_once(user, open, told_before).await
}

/// What is said of a session whose tokens were told.
fn told_before(headers: &HeaderMap) -> Problem {
    let session = headers.get(header::LOCATION).and_then(|place| place.to_str().ok()).unwrap_or("auth/sessions");
    Problem::new(ProblemKind::Conflict).with_detail(format!(
        "Idempotency-Key: a session was opened with this key, and its tokens are told once; if they are lost, DELETE {session} and send a \
         fresh key"
    ))
}

/// Ends one of the person's sessions at once.
#[utoipa::path(
    delete, path = "/auth/sessions/{id}", tag = "accounts",
    params(("id" = Uuid, Path, description = "The session's id")),
    responses((status = 204, description = "It has ended"), Fails<401>, Fails<403>, Fails<404>, Fails<422>),
    security(("session" = []), ("bearer" = []))
)]
pub(super) async fn end_session(
    Provided(site): Provided<Site>,
    Accounts(accounts): Accounts,
    Device(client): Device,
    who: CurrentUser,
    Path(id): Path<SessionId>,
    jar: CookieJar,
) -> Result<(StatusCode, CookieJar), Problem> {
    if !accounts.end_session(who.user.id, id, &client).await? {
        let unknown = format!("you have no open session {id}");
        return Err(Problem::new(ProblemKind::NotFound).with_detail(unknown));
    }
    let jar = if id == who.session.id { jar.add(site.forget(site.session_cookie())) } else { jar };
    Ok((StatusCode::NO_CONTENT, jar))
}

/// Ends all of the person's sessions at once, this one, too.
#[utoipa::path(
    delete, path = "/auth/sessions", tag = "accounts",
    responses((status = 204, description = "All have ended"), Fails<401>, Fails<403>),
    security(("session" = []), ("bearer" = []))
)]
pub(super) async fn end_sessions(
    Provided(site): Provided<Site>,
    Accounts(accounts): Accounts,
    Device(client): Device,
    who: CurrentUser,
    jar: CookieJar,
) -> Result<(StatusCode, CookieJar), Problem> {
    accounts.end_sessions(who.user.id, &client).await?;
    Ok((StatusCode::NO_CONTENT, jar.add(site.forget(site.session_cookie()))))
}
