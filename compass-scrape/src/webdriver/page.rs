//! What is asked of an open page, by script: never more than a cap of it.

use compass_core::ports::SourceError;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::browser::Browser;

/// The most UTF-16 units of markup that are taken from a page; TikTok's pages have about 500,000.
const LARGEST_PAGE: u64 = 8_000_000;

/// A page as it is at one moment.
#[derive(Debug)]
pub(super) struct Look {
    /// Where the browser ended up.
    pub(super) url: Url,
    /// The markup, scripts included.
    pub(super) html: String,
    /// The embedded JSON.
    pub(super) data: Option<String>,
}

/// Takes the whole page, if it is not too large.
pub(super) async fn look(browser: &Browser) -> Result<Look, SourceError> {
    #[derive(Deserialize)]
    struct Answer {
        url: String,
        length: u64,
        html: Option<String>,
        data: Option<String>,
    }
    let answer: Answer =
        browser.ask("reading the page", include_str!("scripts/look.js"), vec![json!(LARGEST_PAGE)]).await?;
    let url = Url::parse(&answer.url).map_err(|e| super::error::driver_failure("the page's address", e))?;
    match answer.html {
        Some(html) => Ok(Look { url, html, data: answer.data }),
        None => Err(too_large("document", answer.length)),
    }
}

/// Scrolls to the last post and counts the posts that are shown.
pub(super) async fn scroll(browser: &Browser) -> Result<u64, SourceError> {
    browser.ask("scrolling the page", include_str!("scripts/scroll.js"), Vec::new()).await
}

/// Takes the markup of the header and the grid.
pub(super) async fn grid(browser: &Browser) -> Result<String, SourceError> {
    #[derive(Deserialize)]
    struct Answer {
        length: u64,
        html: Option<String>,
    }
    let answer: Answer =
        browser.ask("reading the grid", include_str!("scripts/grid.js"), vec![json!(LARGEST_PAGE)]).await?;
    answer.html.ok_or_else(|| too_large("[data-e2e=user-page]", answer.length))
}

fn too_large(path: &str, length: u64) -> SourceError {
    SourceError::LayoutChanged {
        path: path.to_owned(),
        detail: format!("at most {LARGEST_PAGE} characters are read, the page has {length}"),
    }
}
