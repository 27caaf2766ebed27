//! What the site's answer is: a page, or which other thing.

use compass_core::ports::{CollectRequest, SourceError};
use reqwest::{Response, StatusCode, header::CONTENT_TYPE};

use crate::{
    fetch::{self, Limits},
    parse,
};

/// The markup of an answer that is a page.
pub(super) async fn html(response: Response, limits: &Limits, request: &CollectRequest) -> Result<String, SourceError> {
    let status = response.status();
    if status == StatusCode::FORBIDDEN {
        return Err(forbidden(response, limits).await);
    }
    if let Some(error) = refusal(&response, request) {
        return Err(error);
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

/// What a status means that is no content.
fn refusal(response: &Response, request: &CollectRequest) -> Option<SourceError> {
    let wait = fetch::retry_after(response.headers(), request.observed_at);
    let code = response.status().as_u16();
    Some(match code {
        200..=299 => return None,
        401 => SourceError::LoginRequired,
        404 | 410 => SourceError::NotFound(request.handle.clone()),
        408 | 425 => network(code),
        429 => SourceError::RateLimited { retry_after: wait },
        451 => SourceError::RegionBlocked,
        503 if wait.is_some() => SourceError::RateLimited { retry_after: wait },
        500.. => network(code),
        _ => SourceError::LayoutChanged { path: "status".to_owned(), detail: format!("status {code} is not expected") },
    })
}

/// A site that forbids may say why in the page that comes with it; if not, it is its firewall.
async fn forbidden(response: Response, limits: &Limits) -> SourceError {
    let text = fetch::text(response, limits).await.unwrap_or_default();
    match parse::obstacle(&text) {
        Some(said @ (SourceError::CaptchaRequired | SourceError::LoginRequired | SourceError::RegionBlocked)) => said,
        _ => SourceError::WafChallenge,
    }
}

fn network(code: u16) -> SourceError {
    SourceError::Network { detail: format!("it answered with status {code}"), source: None }
}

fn is_html(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    ["text/html", "application/xhtml+xml"].iter().any(|html| essence.eq_ignore_ascii_case(html))
}
