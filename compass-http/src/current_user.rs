//! Who calls: a signed-in browser by its cookie, or a program by its bearer token.

use std::{error::Error, sync::Arc};

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{HeaderMap, header, request::Parts},
};
use axum_extra::extract::CookieJar;
use compass_core::{
    Session, User, app,
    ports::{AccessTokens, AccountStore, Clock, TokenError},
};

use crate::{
    Site,
    device::Device,
    manners::Limiters,
    problem::{Problem, ProblemKind},
    provides::{KnowsPeople, Provides},
    this_machine::KnownHost,
};

/// How a caller showed who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A browser's session cookie.
    Cookie,
    /// An access token in the `Authorization` header.
    Bearer,
}

/// The person on whose behalf a request is made; as an extractor it answers 401 if there is none.
///
/// `Option<CurrentUser>` is `None` for visitors and for sessions that have ended. Where there is an `Authorization`
/// header, it alone counts: a request with a token cannot come from another site's form, so it needs no protection from
/// that, and must not be able to use the cookie. On a [`Site`] of this machine a request under another name is refused,
/// as by [`only_this_machine`](crate::only_this_machine).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CurrentUser {
    /// The person.
    pub user: User,
    /// The session, which is live at this moment.
    pub session: Session,
    /// How the caller showed it.
    pub credential: Credential,
    limiters: Option<Limiters>,
}

impl CurrentUser {
    /// Counts a look at an account that the person asks for, where the host counts.
    ///
    /// # Errors
    /// A [`Problem`] (429) that says when to ask again.
    pub fn may_ask_for_a_look(&self) -> Result<(), Problem> {
        self.limiters.as_ref().map_or(Ok(()), |limiters| limiters.look(self.user.id))
    }
}

impl<S: KnowsPeople> FromRequestParts<S> for CurrentUser {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        <Self as OptionalFromRequestParts<S>>::from_request_parts(parts, state).await?.ok_or_else(nobody)
    }
}

impl<S: KnowsPeople> OptionalFromRequestParts<S> for CurrentUser {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Problem> {
        KnownHost::from_request_parts(parts, state).await?;
        let accounts = Provides::<Arc<dyn AccountStore>>::provide(state);
        let clock = Provides::<Arc<dyn Clock>>::provide(state);
        if parts.headers.contains_key(header::AUTHORIZATION) {
            let tokens = Provides::<Arc<dyn AccessTokens>>::provide(state);
            let who = by_token(&*accounts, &*tokens, &*clock, &parts.headers).await?;
            return counted(parts, noted(&*accounts, &*clock, parts, who).await);
        }
        let jar = CookieJar::from_headers(&parts.headers);
        match by_cookie(&*accounts, &*clock, &Provides::<Site>::provide(state), &jar).await? {
            Some(who) => counted(parts, noted(&*accounts, &*clock, parts, who).await),
            None => Ok(None),
        }
    }
}

/// Keeps that the session is in use. A store that cannot do so now keeps nobody from reading.
async fn noted(accounts: &dyn AccountStore, clock: &dyn Clock, parts: &Parts, who: CurrentUser) -> CurrentUser {
    if let Err(error) = app::session_seen(accounts, clock, &who.session, &Device::of(parts).0).await {
        tracing::warn!(error = &error as &dyn Error, "the last use of a session could not be kept");
    }
    who
}

/// Counts the request for the person.
fn counted(parts: &Parts, mut who: CurrentUser) -> Result<Option<CurrentUser>, Problem> {
    who.limiters = parts.extensions.get::<Limiters>().cloned();
    if let Some(limiters) = &who.limiters {
        limiters.user(who.user.id)?;
    }
    Ok(Some(who))
}

/// The token of an `Authorization` header, which a browser does not add by itself, other than a password (`Basic`).
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The problem of a request that nobody makes.
pub(crate) fn nobody() -> Problem {
    Problem::new(ProblemKind::NotSignedIn).with_detail("sign in at auth/google/login, or send an access token")
}

/// The person whose live session the cookie names.
pub(crate) async fn by_cookie(
    accounts: &dyn AccountStore,
    clock: &dyn Clock,
    site: &Site,
    jar: &CookieJar,
) -> Result<Option<CurrentUser>, Problem> {
    let Some(cookie) = jar.get(site.session_cookie()) else {
        return Ok(None);
    };
    let live = app::session_of(accounts, clock, cookie.value()).await?;
    Ok(live.map(|(user, session)| CurrentUser { user, session, credential: Credential::Cookie, limiters: None }))
}

async fn by_token(
    accounts: &dyn AccountStore,
    tokens: &dyn AccessTokens,
    clock: &dyn Clock,
    headers: &HeaderMap,
) -> Result<CurrentUser, Problem> {
    let refused = |why: &str| Problem::new(ProblemKind::NotSignedIn).with_detail(why);
    let no_token = || refused("the Authorization header has to be 'Bearer' and an access token");
    let token = bearer(headers).ok_or_else(no_token)?;
    let now = clock.now();
    let claims = tokens.verify(token, now).map_err(|error| match error {
        TokenError::Expired => refused("the access token has expired; get a fresh one at auth/refresh"),
        _ => refused("the access token is not valid"),
    })?;
    let ended = || refused("the session of this access token has ended; sign in again");
    let session = accounts.session_by_id(claims.session, now).await?.ok_or_else(ended)?;
    let user = accounts.find(claims.user).await?.filter(|user| user.id == session.user).ok_or_else(ended)?;
    Ok(CurrentUser { user, session, credential: Credential::Bearer, limiters: None })
}
