//! JSON answers that name their bytes, so that a client asks again without loading again.

use std::fmt::Write as _;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// The bytes of an answer, and the strong `ETag` that names them.
#[derive(Clone, Debug)]
pub(crate) struct Tagged {
    json: Bytes,
    tag: HeaderValue,
}

impl Tagged {
    pub(crate) fn of(says: &impl Serialize) -> Self {
        let json = serde_json::to_vec(says).expect("figures have string keys and are finite");
        let mut tag = String::from("\"");
        for byte in &Sha256::digest(&json)[..16] {
            write!(tag, "{byte:02x}").expect("a String takes any text");
        }
        tag.push('"');
        Self { json: json.into(), tag: HeaderValue::try_from(tag).expect("digits and quotes are visible") }
    }

    /// How many bytes it takes.
    pub(crate) fn len(&self) -> usize {
        self.json.len() + self.tag.len()
    }

    /// The answer, or 304 without a body where the client has these bytes.
    pub(crate) fn answer(self, request: &HeaderMap) -> Response {
        let known = request.get_all(header::IF_NONE_MATCH).iter().any(|value| mentions(value, &self.tag));
        let mut response =
            if known { StatusCode::NOT_MODIFIED.into_response() } else { Response::new(Body::from(self.json)) };
        let headers = response.headers_mut();
        // Those that every answer has are added to these later.
        headers.reserve(16);
        headers.insert(header::ETAG, self.tag);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if !known {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        response
    }
}

/// Whether an `If-None-Match` has this tag; weak and strong ones compare alike (RFC 9110, section 13.1.2).
fn mentions(value: &HeaderValue, tag: &HeaderValue) -> bool {
    let (Ok(list), Ok(tag)) = (value.to_str(), tag.to_str()) else { return false };
    list.split(',').map(str::trim).any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}
