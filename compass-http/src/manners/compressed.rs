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
    if !mentions_gzip(request.headers()) {
        let mut response = next.run(request).await;
        vary(response.headers_mut());
        return response;
    }
    let had_compressed = plain_tags(request.headers_mut());
    let compression = CompressionLayer::new().no_br().no_deflate().no_zstd();
    let Ok(response) = compression.layer(next).oneshot(request).await;
    let mut response = response.map(Body::new);
    let is_compressed = response.headers().contains_key(header::CONTENT_ENCODING);
    let is_known = response.status() == StatusCode::NOT_MODIFIED && had_compressed;
    if (is_compressed || is_known)
        && let Some(tag) = response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok())
        && let Some(plain) = tag.strip_suffix('"').filter(|tag| tag.starts_with('"'))
        && let Ok(tag) = HeaderValue::try_from(format!("{plain}{COMPRESSED}"))
    {
        response.headers_mut().insert(header::ETAG, tag);
    }
    vary(response.headers_mut());
    response
}

/// Whether the client says anything of gzip; if not, there is nothing to weigh.
fn mentions_gzip(headers: &HeaderMap) -> bool {
    let said = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    said.into_iter().any(|line| line.contains('*') || line.to_ascii_lowercase().contains("gzip"))
}

/// Tells caches that there are two forms.
fn vary(headers: &mut HeaderMap) {
    let by_form = |line: &HeaderValue| line.to_str().is_ok_and(|line| line.contains("accept-encoding"));
    if !headers.get_all(header::VARY).iter().any(by_form) {
        headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
}

/// Makes tags of compressed forms those of the plain ones, and says whether there was one.
fn plain_tags(headers: &mut HeaderMap) -> bool {
    let tags: Vec<&str> = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok()).collect();
    let tags = tags.join(", ");
    let had_compressed = tags.contains(COMPRESSED);
    if had_compressed && let Ok(plain) = HeaderValue::try_from(tags.replace(COMPRESSED, "\"")) {
        headers.insert(header::IF_NONE_MATCH, plain);
    }
    had_compressed
}
