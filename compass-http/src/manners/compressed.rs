//! Answers in fewer bytes, each form under a strong tag of its own.

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use tower::{Layer as _, ServiceExt as _};
use tower_http::compression::CompressionLayer;

/// What a tag of the compressed form ends with.
const COMPRESSED: &str = ".gzip\"";

/// Answers a request, with gzip alone where the client takes it, whatever else the host's build of tower-http could.
///
/// A strong `ETag` names bytes, so the compressed form of an answer has another one than the plain form (RFC 9110, section
/// 8.8.3.3); what answers knows only that of the plain form.
pub(super) async fn compress(mut request: Request, next: Next) -> Response {
    if !accepts_gzip(request.headers()) {
        let mut response = next.run(request).await;
        vary(response.headers_mut());
        return response;
    }
    let had_compressed = plain_tags(request.headers_mut());
    let compression = CompressionLayer::new().no_br().no_deflate().no_zstd();
    let Ok(response) = compression.layer(next).oneshot(request).await;
    let mut response = response.map(Body::new);
    let is_compressed = response.headers().contains_key(header::CONTENT_ENCODING);
    let is_known =
        |tag: &str| response.status() == StatusCode::NOT_MODIFIED && had_compressed.iter().any(|had| had == tag);
    if let Some(tag) = response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok())
        && (is_compressed || is_known(tag))
        && let Some(plain) = tag.strip_suffix('"').filter(|tag| tag.starts_with('"'))
        && let Ok(tag) = HeaderValue::try_from(format!("{plain}{COMPRESSED}"))
    {
        response.headers_mut().insert(header::ETAG, tag);
    }
    vary(response.headers_mut());
    response
}

/// Whether a client takes gzip, by its `Accept-Encoding`. One that says nothing of it gets what it is sure to read.
#[must_use]
pub fn accepts_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let refused =
            |weight: &str| weight.to_ascii_lowercase().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0_f32));
        parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip")) && !parts.any(refused)
    })
}

/// Tells caches that there are two forms.
fn vary(headers: &mut HeaderMap) {
    let by_form = |line: &HeaderValue| line.to_str().is_ok_and(|line| line.contains("accept-encoding"));
    if !headers.get_all(header::VARY).iter().any(by_form) {
        headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
}

/// Makes tags of compressed forms those of the plain ones, and gives these.
fn plain_tags(headers: &mut HeaderMap) -> Vec<String> {
    let lines = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    let tags = lines.collect::<Vec<_>>().join(", ");
    if !tags.contains(COMPRESSED) {
        return Vec::new();
    }
    let plain = |tag: &str| Some(format!("{}\"", tag.trim().trim_start_matches("W/").strip_suffix(COMPRESSED)?));
    let had_compressed = tags.split(',').filter_map(plain).collect();
    if let Ok(plain) = HeaderValue::try_from(tags.replace(COMPRESSED, "\"")) {
        headers.insert(header::IF_NONE_MATCH, plain);
    }
    had_compressed
}
