//! A browser's way through the sign-in and out again.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use compass_core::{
    app,
    ports::{AccountStore, Clock, Random, SignInAnswer},
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    CurrentUser, Site,
    current_user::by_cookie,
    extract::{Mount, Query},
    problem::{Fails, Problem, ProblemKind},
    site::LocalPath,
    this_machine::MaySignIn,
};

const CALLBACK: &str = "/auth/google/callback";

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReturnTo {
    /// A path on this service to go to afterwards; anything else counts as `/`.
    return_to: Option<String>,
}

impl ReturnTo {
    fn page(&self) -> Option<LocalPath> {
        let root = || LocalPath::parse("/").expect("the root is a path");
        self.return_to.as_deref().map(|text| LocalPath::parse(text).unwrap_or_else(root))
    }
}

/// Sends the browser to the identity provider.
#[utoipa::path(
    get, path = "/auth/google/login", tag = "accounts", params(ReturnTo),
    responses((status = 303, description = "To the provider, with a cookie for the way back"), Fails<400>, Fails<503>)
)]
pub(super) async fn login(
    MaySignIn(identity): MaySignIn,
    State(site): State<Site>,
    Mount(mount): Mount,
    Query(return_to): Query<ReturnTo>,
    jar: CookieJar,
) -> Result<(CookieJar, Redirect), Problem> {
    let start = identity.start(&site.url_of(&format!("{mount}{CALLBACK}"))).await?;
    let remembered = match return_to.page() {
        Some(page) => site.return_to(&page),
        None => site.forget(site.return_to_cookie()),
    };
    Ok((jar.add(site.transaction(&start.transaction)).add(remembered), Redirect::to(&start.redirect)))
}

/// What a provider sends back; it may say more than we read.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Answer {
    /// The one-time code.
    code: Option<String>,
    /// The state that the sign-in began with.
    state: String,
}

/// Finishes a sign-in: the browser comes back from the provider.
///
/// A session that the browser had before ends, so that nobody can have planted it.
#[utoipa::path(
    get, path = "/auth/google/callback", tag = "accounts", params(Answer),
    responses((status = 303, description = "To the page that follows, with the session cookie"), Fails<400>, Fails<503>)
)]
pub(super) async fn callback(
    MaySignIn(identity): MaySignIn,
    State(accounts): State<Arc<dyn AccountStore>>,
    State(clock): State<Arc<dyn Clock>>,
    State(random): State<Arc<dyn Random>>,
    State(site): State<Site>,
    Query(answer): Query<Answer>,
    jar: CookieJar,
) -> Result<(CookieJar, Redirect), Problem> {
    let transaction = jar.get(site.transaction_cookie()).map(|cookie| cookie.value().to_owned());
    let transaction = transaction.ok_or_else(|| Problem::new(ProblemKind::SignInExpired))?;
    let answer = SignInAnswer { code: answer.code, state: answer.state, transaction };
    let signed_in = app::sign_in(&*identity, &*accounts, &*clock, &*random, &answer).await?;
    if let Some(earlier) = by_cookie(&*accounts, &*clock, &site, &jar).await? {
        app::sign_out(&*accounts, &*clock, earlier.session.id).await?;
    }
    let page = jar.get(site.return_to_cookie()).and_then(|cookie| LocalPath::parse(cookie.value()));
    let landing = site.landing(signed_in.user.preferences.handle.is_some());
    let to = Redirect::to(page.as_ref().map_or(landing, LocalPath::as_str));
    let session = &signed_in.session;
    let lasts = Duration::try_from(session.expires_at.duration_since(session.opened_at)).unwrap_or_default();
    let jar = jar
        .add(site.session(&signed_in.token, lasts))
        .add(site.forget(site.transaction_cookie()))
        .add(site.forget(site.return_to_cookie()));
    Ok((jar, to))
}

/// Signs out: the session ends at once, for the cookie and for the access tokens made from it.
#[utoipa::path(
    post, path = "/auth/logout", tag = "accounts", params(ReturnTo),
    responses(
        (status = 204, description = "Nobody is signed in any more"),
        (status = 303, description = "The same, and on to `return_to`"),
        Fails<400>, Fails<403>
    ),
    security((), ("session" = []), ("bearer" = []))
)]
pub(super) async fn logout(
    State(accounts): State<Arc<dyn AccountStore>>,
    State(clock): State<Arc<dyn Clock>>,
    State(site): State<Site>,
    who: Option<CurrentUser>,
    Query(return_to): Query<ReturnTo>,
    jar: CookieJar,
) -> Result<Response, Problem> {
    if let Some(who) = who {
        app::sign_out(&*accounts, &*clock, who.session.id).await?;
    }
    let jar = jar.add(site.forget(site.session_cookie()));
    Ok(match return_to.page() {
        Some(page) => (jar, Redirect::to(page.as_str())).into_response(),
        None => (jar, StatusCode::NO_CONTENT).into_response(),
    })
}
