//! Which host a browser may think it talks to.

use axum::{
    extract::Request,
    http::{header, uri::Authority},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use compass_http::{Problem, ProblemKind};

/// Lets a request through only if it names this machine.
///
/// A page of another site can point its own name at 127.0.0.1 and would then be the same origin as the service, for the
/// browser; here it is still seen by its name.
pub(crate) async fn this_machine_only(request: Request, next: Next) -> Response {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let named = match (request.uri().authority(), hosts.next(), hosts.next()) {
        (_, None, _) | (_, Some(_), Some(_)) => None,
        (Some(authority), Some(_), None) => Some(authority.clone()),
        (None, Some(host), None) => Authority::try_from(host.as_bytes()).ok(),
    };
    if named.is_some_and(|authority| is_this_machine(authority.host())) {
        return next.run(request).await;
    }
    Problem::new(ProblemKind::BadRequest)
        .with_detail("this service answers to localhost and 127.0.0.1 only, and the request has to name one of them")
        .into_response()
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address.parse().is_ok_and(|ip: std::net::IpAddr| ip.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_this_machine;

    #[test]
    fn only_names_of_this_machine_pass() {
        for name in ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.1", "[::1]", "[::ffff:127.0.0.1]"] {
            assert!(is_this_machine(name), "{name}");
        }
        for name in ["", "compass.example", "localhost.evil.example", "127.0.0.1.evil.example", "192.168.1.7", "[::2]"]
        {
            assert!(!is_this_machine(name), "{name}");
        }
    }
}
