//! Who asks, where all that matters is which person: as the host says it, or by our own sessions and tokens.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::request::Parts,
};
use compass_core::{
    SessionId, UserId,
    ports::{AccountStore, Clock, StoreError},
};

use crate::{
    CurrentUser,
    current_user::nobody,
    manners::Limiters,
    problem::{Problem, ProblemKind},
    provides::KnowsPeople,
    this_machine::KnownHost,
};

/// A host's own way of knowing who asks, in place of our sessions and access tokens.
///
/// A host layers it over the router, and leaves our sign-in out:
///
/// ```
/// # use std::sync::Arc;
/// # use axum::{Extension, Router, http::request::Parts};
/// # use compass_core::UserId;
/// # use compass_http::{HostSignIn, Ports, Problem, analytics, operations, router_of, tiktok};
/// #[derive(Debug)]
/// struct Mine;
///
/// #[async_trait::async_trait]
/// impl HostSignIn for Mine {
///     async fn caller(&self, head: &Parts) -> Result<Option<UserId>, Problem> {
///         Ok(head.extensions.get::<UserId>().copied())
///     }
/// }
///
/// fn routes(ports: Ports) -> Router {
///     let host: Arc<dyn HostSignIn> = Arc::new(Mine);
///     router_of([tiktok(), analytics(), operations()]).with_state(ports).layer(Extension(host))
/// }
/// ```
#[async_trait]
pub trait HostSignIn: fmt::Debug + Send + Sync {
    /// The person on whose behalf a request is made; `None` for visitors. It is a person that the host's
    /// [`AccountStore`] knows: [`AccountStore::sign_in`] makes one.
    ///
    /// While a stream is open it is asked again, with the head of the request that opened it.
    async fn caller(&self, head: &Parts) -> Result<Option<UserId>, Problem>;
}

/// The person on whose behalf a request is made; as an extractor it answers 401 if there is none.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) user: UserId,
    shown: Shown,
    limiters: Option<Limiters>,
}

/// How it was shown who asks.
#[derive(Clone, Debug)]
enum Shown {
    Session(SessionId),
    Host(Arc<dyn HostSignIn>, Box<Parts>),
}

impl Caller {
    /// Counts a look at an account that the person asks for.
    pub(crate) fn may_ask_for_a_look(&self) -> Result<(), Problem> {
        self.limiters.as_ref().map_or(Ok(()), |limiters| limiters.look(self.user))
    }

    /// Whether the person is still signed in.
    pub(crate) async fn is_still_there(
        &self,
        accounts: &dyn AccountStore,
        clock: &dyn Clock,
    ) -> Result<bool, StoreError> {
        match &self.shown {
            Shown::Session(id) => Ok(accounts.session_by_id(*id, clock.now()).await?.is_some()),
            Shown::Host(host, head) => Ok(matches!(host.caller(head).await, Ok(Some(user)) if user == self.user)),
        }
    }
}

impl<S: KnowsPeople> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let by_host = parts.extensions.get::<Arc<dyn HostSignIn>>().is_some();
        let nobody =
            || if by_host { Problem::new(ProblemKind::NotSignedIn).with_detail("sign in first") } else { nobody() };
        <Self as OptionalFromRequestParts<S>>::from_request_parts(parts, state).await?.ok_or_else(nobody)
    }
}

/// `None` for visitors.
impl<S: KnowsPeople> OptionalFromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Problem> {
        let limiters = parts.extensions.get::<Limiters>().cloned();
        let Some(host) = parts.extensions.get::<Arc<dyn HostSignIn>>().cloned() else {
            let who = <CurrentUser as OptionalFromRequestParts<S>>::from_request_parts(parts, state).await?;
            return Ok(who.map(|who| Self { user: who.user.id, shown: Shown::Session(who.session.id), limiters }));
        };
        KnownHost::from_request_parts(parts, state).await?;
        let Some(user) = host.caller(parts).await? else { return Ok(None) };
        if let Some(limiters) = &limiters {
            limiters.user(user)?;
        }
        Ok(Some(Self { user, shown: Shown::Host(host, Box::new(parts.clone())), limiters }))
    }
}
