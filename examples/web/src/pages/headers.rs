//! What browsers may do with a page, said in its headers.

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::Response,
};

/// Only what comes from this service is run, shown or sent to, and nobody else may frame a page.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                                       connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const FOR_PAGES: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=()"),
];

/// Adds the headers of a page; one that may be kept has said so itself.
pub(super) async fn secure(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in FOR_PAGES {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::testing::Pages;

    #[tokio::test]
    async fn every_page_says_what_may_be_done_with_it() {
        let pages = Pages::new().signed_in(Some("sample.steady")).await;
        for path in ["/", "/onboarding", "/dashboard", "/dashboard/refresh/x", "/no/such/page"] {
            let page = pages.get(path).await;
            for (name, value) in FOR_PAGES {
                assert_eq!(page.header(name.as_str()), value, "{path}");
            }
            assert_eq!(page.header("cache-control"), "no-store", "{path}");
        }
    }

    #[test]
    fn nothing_inline_is_run() {
        assert!(!CONTENT_SECURITY_POLICY.contains("unsafe"));
    }
}
