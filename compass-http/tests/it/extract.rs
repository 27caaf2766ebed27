//! The extractors that a host may use for pages of its own: every refusal of theirs is a problem.

use std::{io, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::DefaultBodyLimit,
    http::Request,
    routing::{get, post},
};
use compass_core::Handle;
use compass_http::{Form, Json, Path, Query};
use futures_util::stream;
use serde::Deserialize;
use tower::ServiceExt;
use tower_http::timeout::RequestBodyDeadlineLayer;

use crate::bench::{Answer, with_header};

#[derive(Debug, Deserialize)]
struct Named {
    handle: Handle,
}

/// A host with one page for each extractor; each says the handle that it got.
fn host() -> Router {
    Router::new()
        .route("/path/{handle}", get(async |Path(handle): Path<Handle>| handle.to_string()))
        .route("/query", get(async |Query(named): Query<Named>| named.handle.to_string()))
        .route("/json", post(async |Json(named): Json<Named>| named.handle.to_string()))
        .route("/form", post(async |Form(named): Form<Named>| named.handle.to_string()))
        .layer(DefaultBodyLimit::max(1_000))
}

async fn send(app: Router, request: Request<Body>) -> Answer {
    Answer::read(app.oneshot(request).await.unwrap()).await
}

fn body(path: &str, content_type: &str, body: impl Into<Body>) -> Request<Body> {
    with_header(Request::post(path).body(body.into()).unwrap(), "content-type", content_type)
}

fn form(text: Body) -> Request<Body> {
    body("/form", "application/x-www-form-urlencoded", text)
}

fn json(text: Body) -> Request<Body> {
    body("/json", "application/json", text)
}

#[tokio::test]
async fn what_is_right_comes_through() {
    for request in [
        Request::get("/path/@Ada").body(Body::empty()).unwrap(),
        Request::get("/query?handle=ada").body(Body::empty()).unwrap(),
        form("handle=%40ada".into()),
        json(r#"{"handle": "ada"}"#.into()),
    ] {
        let answer = send(host(), request).await;
        assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, &b"ada"[..]), "{answer:?}");
    }
}

#[tokio::test]
async fn each_refusal_is_a_problem_that_says_what_was_wrong() {
    let cases = [
        (Request::get("/path/a").body(Body::empty()).unwrap(), 422, "invalid-value", "handle"),
        (Request::get("/query?handle=a").body(Body::empty()).unwrap(), 400, "bad-request", "handle"),
        (form("handle=a".into()), 422, "invalid-value", "handle"),
        (form("name=ada".into()), 422, "invalid-value", "handle"),
        (form("a".repeat(1_001).into()), 413, "too-large", ""),
        (body("/form", "application/json", "{}"), 415, "unsupported-media-type", "x-www-form-urlencoded"),
        (json("{".into()), 400, "bad-request", "not JSON"),
        (json(r#"{"handle": "a"}"#.into()), 422, "invalid-value", "handle"),
        (json("a".repeat(1_001).into()), 413, "too-large", ""),
        (body("/json", "text/plain", "{}"), 415, "unsupported-media-type", "application/json"),
    ];
    for (request, status, kind, word) in cases {
        let what = format!("{request:?}");
        let detail = send(host(), request).await.problem(status, kind);
        assert!(detail.contains(word), "{what}: {detail}");
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_is_not_said_to_be_in_a_wrong_format() {
    for make in [form as fn(Body) -> Request<Body>, json] {
        let broken = stream::iter([Ok(Bytes::from_static(b"{")), Err(io::Error::from(io::ErrorKind::ConnectionReset))]);
        let detail = send(host(), make(Body::from_stream(broken))).await.problem(400, "bad-request");
        assert!(detail.contains("could not be read"), "{detail}");
    }
}

#[tokio::test]
async fn a_body_that_does_not_arrive_in_time_is_too_slow() {
    for make in [form as fn(Body) -> Request<Body>, json] {
        let host = host().layer(RequestBodyDeadlineLayer::new(Duration::from_millis(1)));
        let stalled = Body::from_stream(stream::pending::<io::Result<Bytes>>());
        let detail = send(host, make(stalled)).await.problem(408, "too-slow");
        assert!(detail.contains("in time"), "{detail}");
    }
}
