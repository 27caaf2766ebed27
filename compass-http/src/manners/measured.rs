//! How many requests there are, of what kind, and how long their answers take.

use axum::{
    extract::{MatchedPath, Request},
    http::{Method, StatusCode},
};
use metrics::{Label, counter, gauge, histogram};
use tokio::time::Instant;

/// A request that is counted and timed, under its route's pattern: an address that no route has is `none`.
///
/// The time ends with the head of the answer; streams go on after it.
pub(super) struct Measured {
    method: &'static str,
    route: String,
    begun: Instant,
    _under_way: UnderWay,
}

impl Measured {
    pub(super) fn begin(request: &Request) -> Self {
        let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
        let method = known(request.method());
        Self { method, route, begun: Instant::now(), _under_way: UnderWay::begin() }
    }

    pub(super) fn end(self, status: StatusCode) {
        let of = vec![Label::new("method", self.method), Label::new("route", self.route)];
        histogram!("compass_http_request_seconds", of.clone()).record(self.begun.elapsed());
        let status = Label::new("status", status.as_str().to_owned());
        let of: Vec<Label> = of.into_iter().chain([status]).collect();
        counter!("compass_http_requests_total", of).increment(1);
    }
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
