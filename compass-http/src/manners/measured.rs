//! How many requests there are, of what kind, and how long their answers take.

use axum::{
    extract::{MatchedPath, Request},
    http::Method,
    middleware::Next,
    response::Response,
};
use metrics::{Label, counter, gauge, histogram};
use tokio::time::Instant;

/// Counts and times a request, under its route's pattern: an address that no route has is `none`.
///
/// The time ends with the head of the answer; streams go on after it.
pub(super) async fn measure(request: Request, next: Next) -> Response {
    let route =
        request.extensions().get::<MatchedPath>().map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let method = known(request.method());
    let _under_way = UnderWay::begin();
    let begun = Instant::now();
    let response = next.run(request).await;
    let took = begun.elapsed();
    let of = vec![Label::new("method", method), Label::new("route", route)];
    let status = Label::new("status", response.status().as_str().to_owned());
    counter!("compass_http_requests_total", of.iter().cloned().chain([status]).collect::<Vec<_>>()).increment(1);
    histogram!("compass_http_request_seconds", of).record(took);
    response
}

/// Clients may make up methods; each would be a new series.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// A request for which the answer has not begun; also when the client goes away.
struct UnderWay;

impl UnderWay {
    fn begin() -> Self {
        gauge!("compass_http_requests_under_way").increment(1.0);
        Self
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        gauge!("compass_http_requests_under_way").decrement(1.0);
    }
}
