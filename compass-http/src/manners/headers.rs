//! What browsers may do with an answer, where the answer itself does not say.

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::Response,
};

const CAREFUL: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
];

/// Two years, as browsers' lists ask for at least one.
const ONLY_HTTPS: &str = "max-age=63072000";

pub(super) fn add_missing<B>(mut response: Response<B>, https: bool) -> Response<B> {
    let headers = response.headers_mut();
    let only_https = https.then_some((header::STRICT_TRANSPORT_SECURITY, ONLY_HTTPS));
    for (name, value) in CAREFUL.into_iter().chain(only_https) {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
