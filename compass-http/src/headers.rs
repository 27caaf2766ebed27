//! What browsers may do with an answer, where the answer itself does not say.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

const CAREFUL: [(HeaderName, HeaderValue); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// Next to nothing, but for what the route has allowed.
pub(crate) fn add_missing(headers: &mut HeaderMap) {
    for (name, value) in CAREFUL {
        headers.entry(name).or_insert(value);
    }
}
