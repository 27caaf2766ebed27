//! The parts of the API, each with its routes and their description, and how they become one router.

use std::{any::Any, sync::Arc};

use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, OriginalUri, Request},
    http::{HeaderValue, Method, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::get,
};
use tower::{Layer as _, ServiceBuilder, ServiceExt as _};
use tower_http::{catch_panic::CatchPanicLayer, csrf::CsrfLayer};
use tracing::Instrument as _;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    copied_late::CopiedLate,
    current_user::bearer,
    document,
    extract::{Json, Mount},
    headers,
    problem::{Problem, ProblemKind},
    provides::HostState,
    request_id,
    shared::Shared,
    this_machine::KnownHost,
};

/// Every body that the API reads is a few lines of JSON.
const LARGEST_BODY: usize = 64 * 1024;

/// Where programs get fresh tokens.
const REFRESH: &str = "/auth/refresh";

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
        // As one layer: each by itself would copy all that is under it for every request.
        .layer(
            ServiceBuilder::new()
                .layer(from_fn(house_rules))
                .layer(CatchPanicLayer::custom(after_panic))
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

async fn nothing_here(_here: KnownHost) -> Problem {
    Problem::new(ProblemKind::NotFound)
}

async fn wrong_method(_here: KnownHost) -> Problem {
    Problem::new(ProblemKind::MethodNotAllowed)
}

/// Refuses a body that somebody has compressed: it could be of any size.
fn body_as_it_is(request: &Request) -> Result<(), Problem> {
    let mut codings = request.headers().get_all(header::CONTENT_ENCODING).iter();
    if codings.all(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Ok(());
    }
    let why = "the body is compressed; send it as it is, without Content-Encoding";
    Err(Problem::new(ProblemKind::UnsupportedMediaType).with_detail(why))
}

/// Lets a browser's cookie work only for this site's own pages. A request with a token is exempt: a browser adds none by itself, as
/// it does a password that it knows.
async fn refuse_cross_site(request: Request, next: Next) -> Response {
    // The layer below lets reading pass, too, but is made anew for each request.
    let only_reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if only_reads || bearer(request.headers()).is_some() || brings_refresh_token(&request) {
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

/// What holds for every request of the API: each line of the log for it has its name, method and path, no other site's page sends it,
/// and browsers do with the answer what its route says, or next to nothing.
async fn house_rules(mut request: Request, next: Next) -> Response {
    let id = request_id::of(&mut request);
    let whole = request.extensions().get::<OriginalUri>().map_or(request.uri(), |OriginalUri(uri)| uri);
    let name = id.to_str().unwrap_or_default();
    // Of the highest level, so that it is there whatever the log's level. Queries may hold secrets and stay out.
    let span = tracing::error_span!("request", id = name, method = %request.method(), path = whole.path());
    let answer = async {
        match body_as_it_is(&request) {
            Ok(()) => refuse_cross_site(request, next).await,
            Err(refused) => ([(header::ACCEPT_ENCODING, "identity")], refused).into_response(),
        }
    };
    let mut response = answer.instrument(span).await;
    request_id::add(&mut response, id);
    headers::add_missing(response.headers_mut());
    response
}

pub(crate) fn after_panic(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without a text");
    Problem::new(ProblemKind::Internal).with_cause(format!("a handler panicked: {text}")).into_response()
}
