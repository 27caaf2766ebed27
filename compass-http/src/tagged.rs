//! JSON answers that name their bytes, so that a client asks again without loading again.

use std::fmt::Write as _;

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// The answer with a strong `ETag`, or 304 without a body where the client has these bytes.
pub(crate) fn tagged(says: &impl Serialize, request: &HeaderMap) -> Response {
    let bytes = serde_json::to_vec(says).expect("figures have string keys and are finite");
    let mut tag = String::from("\"");
    for byte in &Sha256::digest(&bytes)[..16] {
        write!(tag, "{byte:02x}").expect("a String takes any text");
    }
    tag.push('"');
    let known = request.get_all(header::IF_NONE_MATCH).iter().any(|value| mentions(value, &tag));
    let common = [(header::ETAG, tag), (header::CACHE_CONTROL, "no-cache".to_owned())];
    if known {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    (common, [(header::CONTENT_TYPE, "application/json")], bytes).into_response()
}

/// Whether an `If-None-Match` has this tag; weak and strong ones compare alike (RFC 9110, section 13.1.2).
fn mentions(value: &HeaderValue, tag: &str) -> bool {
    let Ok(list) = value.to_str() else { return false };
    list.split(',').map(str::trim).any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}
