//! The parts of the API, each with its routes and their description, and how they become one router.

use std::{any::Any, sync::Arc};

use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, OriginalUri, Request},
    http::{HeaderName, HeaderValue, Method, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::get,
};
use compass_core::ports::{Clock as _, SystemClock, SystemRandom, new_uuid};
use tower::{Layer as _, ServiceBuilder, ServiceExt as _};
use tower_http::{
    catch_panic::CatchPanicLayer,
    csrf::CsrfLayer,
    request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer},
    set_header::SetResponseHeaderLayer,
};
use tracing::Instrument as _;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    copied_late::CopiedLate,
    current_user::has_authorization,
    document,
    extract::{Json, Mount},
    problem::{Problem, ProblemKind},
    provides::HostState,
    shared::Shared,
    this_machine::KnownHost,
};

/// Every body that the API reads is a few lines of JSON.
const LARGEST_BODY: usize = 64 * 1024;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Where programs get fresh tokens.
const REFRESH: &str = "/auth/refresh";

/// A proxy names a request with a UUID or the like.
const LONGEST_NAME: usize = 128;

/// A part of the API that a host may take or leave; [`router_of`] makes a router of several.
#[must_use]
pub struct Section<S>(pub(crate) OpenApiRouter<S>);

impl<S> std::fmt::Debug for Section<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Section").finish_non_exhaustive()
    }
}

/// Makes one router of sections, with `/openapi.json` for exactly these.
///
/// Where the [`Site`](crate::Site) is on this machine, it answers only to requests that name this machine as their host.
///
/// Reports have strong `ETag`s, which name their bytes: a host that compresses answers does so by [`Manners`](crate::Manners), or
/// makes them weak.
///
/// It nests under any path. It has a fallback for unknown paths; to `merge` it into a router that has its own, call
/// [`Router::reset_fallback`] first.
pub fn router_of<S: HostState>(sections: impl IntoIterator<Item = Section<S>>) -> Router<S> {
    let (routes, document) = document::joined(sections).split_for_parts();
    let document = Arc::new(document);
    let describe =
        move |_here: KnownHost, mount: Mount| async move { Json(document::under(&document, &mount)).into_response() };
    routes
        .route("/openapi.json", get(describe))
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        // From the outermost to the innermost, as one layer: each by itself would copy all that is under it for every request.
        .layer(
            ServiceBuilder::new()
                .map_request(without_useless_name)
                .layer(SetRequestIdLayer::new(REQUEST_ID, NewRequestId))
                .layer(PropagateRequestIdLayer::new(REQUEST_ID))
                .layer(from_fn(in_span))
                .layer(header(header::CACHE_CONTROL, "no-store"))
                .layer(header(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"))
                .layer(header(header::REFERRER_POLICY, "no-referrer"))
                .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
                .layer(CatchPanicLayer::custom(after_panic))
                .layer(from_fn(refuse_cross_site))
                .layer(DefaultBodyLimit::max(LARGEST_BODY))
                .layer(Extension(Shared::default()))
                .layer(CopiedLate),
        )
}

/// The description of several sections without a router, as `/openapi.json` gives it at the root.
pub(crate) fn describe<S>(sections: impl IntoIterator<Item = Section<S>>) -> OpenApi
where
    S: Clone + Send + Sync + 'static,
{
    document::joined(sections).into_openapi()
}

/// Sets a header that the route has not set itself.
fn header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

async fn nothing_here(_here: KnownHost) -> Problem {
    Problem::new(ProblemKind::NotFound)
}

async fn wrong_method(_here: KnownHost) -> Problem {
    Problem::new(ProblemKind::MethodNotAllowed)
}

/// Lets a browser's cookie work only for this site's own pages. A request with its own credentials is exempt.
async fn refuse_cross_site(request: Request, next: Next) -> Response {
    // The layer below lets reading pass, too, but is made anew for each request.
    let only_reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if only_reads || has_authorization(request.headers()) || brings_refresh_token(&request) {
        return next.run(request).await;
    }
    let refuse = |_| Problem::new(ProblemKind::CrossSite).into_response();
    match CsrfLayer::new().with_rejection_response(refuse).layer(next).oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Whether the request can only show who asks by what is in its body. No form can send JSON, and a browser asks first whether
/// another site's script may.
fn brings_refresh_token(request: &Request) -> bool {
    let headers = request.headers();
    let is_json = |kind: &HeaderValue| kind.as_bytes().starts_with(b"application/json");
    request.method() == Method::POST
        && request.uri().path() == REFRESH
        && !headers.contains_key(header::COOKIE)
        && headers.get(header::CONTENT_TYPE).is_some_and(is_json)
}

/// Takes away a name that nobody could tell from the log around it: it gets another.
pub(crate) fn without_useless_name(mut request: Request) -> Request {
    let is_name = |name: &HeaderValue| {
        (1..=LONGEST_NAME).contains(&name.len()) && name.as_bytes().iter().all(|byte| byte.is_ascii_graphic())
    };
    if request.headers().get(REQUEST_ID).is_some_and(|name| !is_name(name)) {
        request.headers_mut().remove(REQUEST_ID);
    }
    request
}

/// Puts the request's name, method and path on every line of the log that is written for it.
async fn in_span(request: Request, next: Next) -> Response {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    let whole = request.extensions().get::<OriginalUri>().map_or(request.uri(), |OriginalUri(uri)| uri);
    // Of the highest level, so that it is there whatever the log's level. Queries may hold secrets and stay out.
    let span = tracing::error_span!("request", id, method = %request.method(), path = whole.path());
    next.run(request).instrument(span).await
}

pub(crate) fn after_panic(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a text");
    Problem::new(ProblemKind::Internal).with_cause(format!("a handler panicked: {text}")).into_response()
}

/// Names a request for the log ([`in_span`]), unless a proxy in front has named it. Nothing else depends on the name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewRequestId;

impl MakeRequestId for NewRequestId {
    fn make_request_id<B>(&mut self, _request: &axum::http::Request<B>) -> Option<RequestId> {
        let id = new_uuid(&SystemRandom, SystemClock.now()).to_string();
        HeaderValue::from_str(&id).ok().map(RequestId::new)
    }
}
