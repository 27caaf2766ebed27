//! What HTTP/1 asks of a server beyond what its parser sees to.

use axum::{
    extract::Request,
    http::{HeaderValue, Version, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::problem::{Problem, ProblemKind};

/// Refuses requests that do not say which host they mean, and ends connections whose bodies could be read in two ways.
pub(super) async fn check(request: Request, next: Next) -> Response {
    // RFC 9112, section 3.2. HTTP/2 names the host in the address.
    let hosts = request.headers().get_all(header::HOST).iter().count();
    if hosts > 1 || hosts == 0 && request.version() == Version::HTTP_11 && request.uri().authority().is_none() {
        return Problem::new(ProblemKind::BadRequest)
            .with_detail("the request has to have one Host header")
            .into_response();
    }
    // RFC 9112, section 6.1: beside a Transfer-Encoding a Content-Length is an error or an attempt to smuggle a request. The
    // parser has dropped it by now, so that nothing after such a body is taken for a request.
    let is_chunked = request.headers().contains_key(header::TRANSFER_ENCODING) && request.version() < Version::HTTP_2;
    let mut response = next.run(request).await;
    if is_chunked {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
