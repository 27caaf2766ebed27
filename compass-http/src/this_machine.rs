//! Who may talk to a service that is for its own machine alone, and who may use the development sign-in.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{FromRequestParts, Request},
    http::{HeaderMap, HeaderName, HeaderValue, Uri, Version, header, request::Parts, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use compass_core::ports::IdentityProvider;

use crate::{
    Site,
    manners::Limiters,
    problem::{Problem, ProblemKind},
    provides::{HostState, Provides},
};

/// Lets a request through only if it names this machine: `localhost` or a loopback address. A middleware for a host's own
/// pages; the routes of [`router_of`](crate::router_of) do the same whenever the [`Site`] is on this machine.
///
/// A page of another site can point its own name at 127.0.0.1 and would then be the same origin as the service, for the
/// browser; here it is still seen by its name.
///
/// ```
/// use axum::{Router, middleware::from_fn, routing::get};
///
/// let pages: Router = Router::new().route("/", get(|| async { "mine" }));
/// let pages = pages.layer(from_fn(compass_http::only_this_machine));
/// # let _ = pages;
/// ```
pub async fn only_this_machine(request: Request, next: Next) -> Response {
    if names_this_machine(request.uri(), request.headers()) {
        return next.run(request).await;
    }
    another_name().into_response()
}

/// Lets a request reach a handler only under a name to which the site answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KnownHost;

impl<S: HostState> FromRequestParts<S> for KnownHost {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let known =
            !Provides::<Site>::provide(state).is_on_this_machine() || names_this_machine(&parts.uri, &parts.headers);
        known.then_some(Self).ok_or_else(another_name)
    }
}

/// The identity provider, for whoever may sign in with it: the development one lets everybody in, so it is only for people
/// at this machine.
#[derive(Clone, Debug)]
pub(crate) struct MaySignIn(pub(crate) Arc<dyn IdentityProvider>);

impl<S> FromRequestParts<S> for MaySignIn
where
    S: HostState + Provides<Arc<dyn IdentityProvider>>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        KnownHost::from_request_parts(parts, state).await?;
        Limiters::sign_in(&parts.extensions)?;
        let identity = Provides::<Arc<dyn IdentityProvider>>::provide(state);
        if identity.is_development() && !is_direct(parts) {
            return Err(Problem::new(ProblemKind::NotThisMachine).with_detail(
                "the development sign-in lets anybody in who reaches it: open the service on its own machine, with no \
                 proxy in front of it, or configure an identity provider",
            ));
        }
        Ok(Self(identity))
    }
}

/// Whether a host in a URL or a `Host` header, without its port, is the machine itself.
pub(crate) fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || address.parse().is_ok_and(|ip: IpAddr| ip.to_canonical().is_loopback())
}

fn another_name() -> Problem {
    Problem::new(ProblemKind::NotThisMachine)
        .with_detail("the request has to name localhost or a loopback address such as 127.0.0.1 as its host")
}

/// Whether each host that the request names is this machine, and it names one: HTTP/2 does so in the address.
fn names_this_machine(uri: &Uri, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let named = hosts.next().map(|host| Authority::try_from(host.as_bytes()).is_ok_and(|host| is_local(&host)));
    let addressed = uri.authority().map(is_local);
    hosts.next().is_none() && named.or(addressed).is_some() && named != Some(false) && addressed != Some(false)
}

/// Whether the browser that asks runs on this machine, as far as the request can tell.
fn is_direct(parts: &Parts) -> bool {
    let headers = &parts.headers;
    let pages = [header::ORIGIN, header::REFERER];
    let mut from = pages.iter().flat_map(|name| headers.get_all(name));
    // No browser speaks HTTP/1.0; some proxies do, and leave no other trace.
    parts.version >= Version::HTTP_11
        && names_this_machine(&parts.uri, headers)
        && !headers.keys().any(is_added_by_proxies)
        && from.all(is_page_of_this_machine)
}

fn is_added_by_proxies(name: &HeaderName) -> bool {
    matches!(name.as_str(), "forwarded" | "via" | "x-real-ip") || name.as_str().starts_with("x-forwarded-")
}

fn is_page_of_this_machine(url: &HeaderValue) -> bool {
    Uri::try_from(url.as_bytes()).is_ok_and(|url| url.authority().is_some_and(is_local))
}

fn is_local(authority: &Authority) -> bool {
    is_this_machine(authority.host())
}

#[cfg(test)]
mod tests {
    use super::is_this_machine;

    #[test]
    fn only_names_of_this_machine_are_its_own() {
        for name in ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.1", "[::1]", "[::ffff:127.0.0.1]"] {
            assert!(is_this_machine(name), "{name}");
        }
        for name in ["", "compass.example", "localhost.evil.example", "127.0.0.1.evil.example", "192.168.1.7", "[::2]"]
        {
            assert!(!is_this_machine(name), "{name}");
        }
    }
}
