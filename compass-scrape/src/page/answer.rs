//! What the site's answer is: a page, or which other thing.

use compass_core::ports::{CollectRequest, SourceError};
use reqwest::{Response, header::CONTENT_TYPE};

use crate::{
    fetch::{self, Limits},
    parse,
};

/// The markup of an answer that is a page.
pub(super) async fn html(response: Response, limits: &Limits, request: &CollectRequest) -> Result<String, SourceError> {
    let status = response.status().as_u16();
    let wait = fetch::retry_after(response.headers(), request.observed_at);
    let refusal = fetch::refusal(status, wait);
    if let Some(refusal) = refusal {
        return if fetch::says_enough(status) { Err(refusal) } else { refused(response, limits, refusal).await };
    }
    let kind = response.headers().get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let text = fetch::text(response, limits).await?;
    if text.trim().is_empty() {
        return Err(SourceError::EmptyResponse);
    }
    match kind {
        Some(kind) if !is_html(&kind) => Err(SourceError::LayoutChanged {
            path: "content-type".to_owned(),
            detail: format!("expected text/html, the answer is {:?}", kind.chars().take(64).collect::<String>()),
        }),
        _ => Ok(text),
    }
}

/// A site that refuses may say why in the page that comes with it; if not, its status is all there is.
async fn refused(response: Response, limits: &Limits, refusal: SourceError) -> Result<String, SourceError> {
    let text = fetch::text(response, limits).await.unwrap_or_default();
    match parse::obstacle(&text) {
        None => Ok(text),
        Some(SourceError::LayoutChanged { .. } | SourceError::EmptyResponse) => Err(refusal),
        Some(said) => Err(said),
    }
}

fn is_html(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    ["text/html", "application/xhtml+xml"].iter().any(|html| essence.eq_ignore_ascii_case(html))
}
