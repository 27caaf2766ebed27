//! What HTTP/1 asks of a server beyond what its parser sees to.

use axum::{
    extract::Request,
    http::{Version, header},
};

use crate::problem::{Problem, ProblemKind};

/// Refuses requests that do not say which host they mean.
pub(super) fn check(request: &Request) -> Result<(), Problem> {
    // RFC 9112, section 3.2. HTTP/2 names the host in the address.
    let hosts = request.headers().get_all(header::HOST).iter().count();
    if hosts > 1 || hosts == 0 && request.version() == Version::HTTP_11 && request.uri().authority().is_none() {
        return Err(Problem::new(ProblemKind::BadRequest).with_detail("the request has to have one Host header"));
    }
    Ok(())
}

/// Whether the request's body could be read in two ways, so that nothing may come after it on its connection.
///
/// Beside a Transfer-Encoding a Content-Length is an error or an attempt to smuggle a request (RFC 9112, section 6.1). The
/// parser has dropped it by now, so that nothing after such a body is taken for a request.
pub(super) fn ends_after(request: &Request) -> bool {
    request.headers().contains_key(header::TRANSFER_ENCODING) && request.version() < Version::HTTP_2
}
