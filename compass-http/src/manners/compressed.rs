//! Answers in fewer bytes, each form under a strong tag of its own.

use axum::{
    Router,
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn},
    response::Response,
};
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;

use crate::copied_late::CopiedLate;

/// What a tag of the compressed form ends with.
const COMPRESSED: &str = ".gzip\"";

/// Compresses what the router answers, with gzip alone, whatever else the host's build of tower-http could.
///
/// A strong `ETag` names bytes, so the compressed form of an answer has another one than the plain form (RFC 9110, section
/// 8.8.3.3); the router itself knows only that of the plain form.
pub(super) fn compressed(router: Router) -> Router {
    let compression = CompressionLayer::new().no_br().no_deflate().no_zstd();
    router.layer(ServiceBuilder::new().layer(from_fn(tell_forms_apart)).layer(compression).layer(CopiedLate))
}

async fn tell_forms_apart(mut request: Request, next: Next) -> Response {
    let had_compressed = plain_tags(request.headers_mut());
    let mut response = next.run(request).await;
    let is_compressed = response.headers().contains_key(header::CONTENT_ENCODING);
    let is_known = response.status() == StatusCode::NOT_MODIFIED && had_compressed;
    if (is_compressed || is_known)
        && let Some(tag) = response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok())
        && let Some(plain) = tag.strip_suffix('"').filter(|tag| tag.starts_with('"'))
        && let Ok(tag) = HeaderValue::try_from(format!("{plain}{COMPRESSED}"))
    {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
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
