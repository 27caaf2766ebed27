//! Whether an answer is going to be shown to the person who asks.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, header, request::Parts},
};

use crate::current_user::bearer;

/// Whether the person who asks is going to be shown the answer, as far as a request tells. What counts as told to somebody is kept
/// for such a request alone.
///
/// It is `false` for a request that wants no body (`HEAD`, or `If-None-Match: *`), that a browser makes in advance (`Sec-Purpose`),
/// and that another site's page caused, unless it has an access token, which no other site's page can add.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown(pub bool);

impl<S: Sync> FromRequestParts<S> for Shown {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let headers = &parts.headers;
        let is_in_advance = says(headers, "sec-purpose", "prefetch") || says(headers, "purpose", "prefetch");
        let has_any = says(headers, header::IF_NONE_MATCH.as_str(), "*");
        let is_elsewhere = headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none");
        let by_another_site = is_elsewhere && bearer(headers).is_none();
        Ok(Self(parts.method == Method::GET && !is_in_advance && !has_any && !by_another_site))
    }
}

/// Whether a header begins with a value.
fn says(headers: &HeaderMap, name: &str, value: &str) -> bool {
    headers.get_all(name).iter().any(|said| said.as_bytes().trim_ascii_start().starts_with(value.as_bytes()))
}
