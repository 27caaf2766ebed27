//! A browser's way through the sign-in and out again.

use std::time::Duration;

use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use compass_core::{
    User,
    app::SignInError,
    ports::{IdentityError, SignInAnswer},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::Accounts;
use crate::{
    CurrentUser, Site,
    current_user::by_cookie,
    device::Device,
    extract::{Mount, Query},
    problem::{Fails, Problem},
    provides::Provided,
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
    Provided(site): Provided<Site>,
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
/// A session that the browser had before ends, so that nobody can have planted it. An answer that comes a second time, as by a
/// double click, leads whoever is signed in already to the same page.
#[utoipa::path(
    get, path = "/auth/google/callback", tag = "accounts", params(Answer),
    responses((status = 303, description = "To the page that follows, with the session cookie"), Fails<400>, Fails<403>, Fails<503>)
)]
pub(super) async fn callback(
    MaySignIn(identity): MaySignIn,
    Accounts(accounts): Accounts,
    Provided(site): Provided<Site>,
    Device(client): Device,
    Query(answer): Query<Answer>,
    jar: CookieJar,
) -> Result<(CookieJar, Redirect), Problem> {
    let earlier = by_cookie(&*accounts.store, &*accounts.clock, &site, &jar).await?;
    let transaction = jar.get(site.transaction_cookie()).map(|cookie| cookie.value().to_owned());
    let outcome = match transaction {
        Some(transaction) => {
            let answer = SignInAnswer { code: answer.code, state: answer.state, transaction };
            accounts.sign_in(&*identity, &answer, &client).await
        }
        None => Err(IdentityError::TransactionMismatch.into()),
    };
    let page = jar.get(site.return_to_cookie()).and_then(|cookie| LocalPath::parse(cookie.value()));
    let to = |user: &User| {
        Redirect::to(page.as_ref().map_or_else(|| site.landing(user.preferences.handle.is_some()), LocalPath::as_str))
    };
    let signed_in = match (outcome, &earlier) {
        // The answer came twice, and the first one did it: nobody has to be told that it failed.
        (Err(SignInError::Identity(IdentityError::TransactionMismatch)), Some(who)) => {
            return Ok((jar, to(&who.user)));
        }
        (outcome, _) => outcome?,
    };
    if let Some(earlier) = earlier {
        accounts.sign_out(&earlier.session, &client).await?;
    }
    let to = to(&signed_in.user);
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
    Accounts(accounts): Accounts,
    Provided(site): Provided<Site>,
    Device(client): Device,
    who: Option<CurrentUser>,
    Query(return_to): Query<ReturnTo>,
    jar: CookieJar,
) -> Result<Response, Problem> {
    if let Some(who) = who {
        accounts.sign_out(&who.session, &client).await?;
    }
    let jar = jar.add(site.forget(site.session_cookie()));
    Ok(match return_to.page() {
        Some(page) => (jar, Redirect::to(page.as_str())).into_response(),
        None => (jar, StatusCode::NO_CONTENT).into_response(),
    })
}
