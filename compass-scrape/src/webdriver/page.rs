//! What is asked of an open page, by script: never more than a cap of it.

use compass_core::ports::SourceError;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::browser::Browser;
use crate::parse::GridErrorWords;

/// The most UTF-16 units of markup that are taken from a page; TikTok's pages have about 500,000.
const MOST_CHARACTERS: u64 = 12_000_000;
/// The most elements of a page that is taken; TikTok's pages have some thousands, and about 20 more for each post.
const MOST_ELEMENTS: u64 = 200_000;

/// A page as it is at one moment.
#[derive(Debug)]
pub(super) struct Look {
    /// Where the browser ended up.
    pub(super) url: Url,
    /// The markup, scripts included.
    pub(super) html: String,
}

/// Takes the whole page, if it is not too large.
pub(super) async fn look(browser: &Browser) -> Result<Look, SourceError> {
    #[derive(Deserialize)]
    struct Answer {
        url: String,
        elements: u64,
        characters: u64,
        html: Option<String>,
    }
    let caps = vec![json!(MOST_CHARACTERS), json!(MOST_ELEMENTS)];
    let answer: Answer = browser.ask("reading the page", include_str!("scripts/look.js"), caps).await?;
    let url = Url::parse(&answer.url).map_err(|e| super::error::driver_failure("the page's address", e))?;
    match answer.html {
        Some(html) if answer.elements <= MOST_ELEMENTS => Ok(Look { url, html }),
        _ if answer.elements > MOST_ELEMENTS => Err(too_large("document", MOST_ELEMENTS, "elements", answer.elements)),
        _ => Err(too_large("document", MOST_CHARACTERS, "characters", answer.characters)),
    }
}

/// Counts the posts that are shown.
pub(super) async fn cards(browser: &Browser) -> Result<u64, SourceError> {
    const SCRIPT: &str = r#"return document.querySelectorAll('[data-e2e="user-post-item"]').length"#;
    browser.ask("counting the posts", SCRIPT, Vec::new()).await
}

/// Scrolls to the last post.
pub(super) async fn scroll(browser: &Browser) -> Result<(), SourceError> {
    browser.ask("scrolling the page", include_str!("scripts/scroll.js"), Vec::new()).await
}

/// Takes the markup of the grid alone.
pub(super) async fn grid(browser: &Browser) -> Result<String, SourceError> {
    #[derive(Deserialize)]
    struct Answer {
        characters: u64,
        html: Option<String>,
    }
    let caps = vec![json!(MOST_CHARACTERS)];
    let answer: Answer = browser.ask("reading the grid", include_str!("scripts/grid.js"), caps).await?;
    let path = "[data-e2e=user-post-item-list]";
    answer.html.ok_or_else(|| too_large(path, MOST_CHARACTERS, "characters", answer.characters))
}

/// Presses the button beside the message that the grid failed; `false` if there is no such message.
pub(super) async fn press_refresh(browser: &Browser, words: &GridErrorWords) -> Result<bool, SourceError> {
    let arguments = vec![json!(words.title), json!(words.refresh)];
    browser.ask("pressing refresh", include_str!("scripts/refresh.js"), arguments).await
}

fn too_large(path: &str, most: u64, of: &str, found: u64) -> SourceError {
    SourceError::LayoutChanged {
        path: path.to_owned(),
        detail: format!("at most {most} {of} are read, the page has {found}"),
    }
}
