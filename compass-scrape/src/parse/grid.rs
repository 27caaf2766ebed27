//! The rendered profile: its header and the cards of its grid.

use std::collections::HashSet;

use compass_core::{Count, Handle, ProfileCounts, Refusal};

use super::{
    card::{Card, CardStyle, card},
    markup::Markup,
    translations::{Translations, text, text_of},
};

/// How the site marks a card.
const CARD: &str = "user-post-item";

/// What a rendered profile shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    /// The header; each part is empty where the page lacks it.
    pub header: Header,
    /// The cards, each post once, in the page's order.
    pub cards: Vec<Card>,
    /// Cards that were not accepted, and counters of others that could not be read.
    pub refused: Vec<Refusal>,
}

/// A rendered profile's header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The handle, whichever of the two titles it is in.
    pub handle: Option<Handle>,
    /// The display name.
    pub nickname: Option<String>,
    /// The counters that it shows, rounded as they are; it never shows the number of posts.
    pub counts: ProfileCounts,
}

/// Reads the header and the grid of a rendered profile page, or the markup of the grid alone.
///
/// `known` is the account's handle; with it the two titles are told apart for certain.
///
/// ```
/// let page = r#"<h1 data-e2e="user-title">Ada</h1><h2 data-e2e="user-subtitle">ada.l</h2>
///     <div data-e2e="user-post-item"><a href="https://www.tiktok.com/@ada.l/video/7470546959699348744">
///     <img alt="tea #tea created by Ada with Ada’s sound"><strong data-e2e="video-views">98.4K</strong></a></div>"#;
/// let grid = compass_scrape::parse::grid(page, None);
/// assert_eq!(grid.header.nickname.as_deref(), Some("Ada"));
/// assert_eq!(grid.cards[0].video.caption.as_str(), "tea #tea");
/// ```
#[must_use]
pub fn grid(html: &str, known: Option<&Handle>) -> Grid {
    from_page(&Markup::of(html), known, None, Translations::default())
}

/// Reads a page whose other data is known already.
pub(super) fn from_page(
    page: &Markup<'_>,
    known: Option<&Handle>,
    nickname: Option<&str>,
    translations: Translations<'_>,
) -> Grid {
    const ENGLISH_COVER: &str = "{videoText} created by {videoAuthor} with {musicAuthor}’s {musicName}";

    let mut grid = Grid::default();
    read_counts(page, &mut grid);
    let linked = if known.is_none() { linked_handle(page) } else { None };
    (grid.header.handle, grid.header.nickname) = tell_titles_apart(page, known.or(linked.as_ref()));
    let (cover, pinned) = (translations.get(text::COVER), translations.get(text::PINNED));
    let style = CardStyle {
        nickname: nickname.map(str::trim).or(grid.header.nickname.as_deref()),
        cover: cover.as_deref().unwrap_or(ENGLISH_COVER),
        pinned: pinned.as_deref().map_or("Pinned", str::trim),
    };
    let mut seen = HashSet::new();
    for (index, element) in page.all().all_marked(CARD).enumerate() {
        match card(element, &style, &format!("card {}", index + 1)) {
            Ok((card, _)) if !seen.insert(card.video.id) => grid.refused.push(Refusal {
                item: Some(card.video.id.to_string()),
                reason: "duplicate".to_owned(),
                detail: format!("card {} shows a post that is in the grid already", index + 1),
            }),
            Ok((card, unreadable)) => {
                grid.cards.push(card);
                grid.refused.extend(unreadable);
            }
            Err(refusal) => grid.refused.push(refusal),
        }
    }
    grid
}

fn read_counts(page: &Markup<'_>, grid: &mut Grid) {
    let mut read = |name: &str| {
        let text = text_marked(page, name)?;
        Count::parse_abbreviated(&text)
            .map_err(|e| {
                grid.refused.push(Refusal {
                    item: None,
                    reason: "unreadable_count".to_owned(),
                    detail: format!("[data-e2e={name}]: {e}"),
                });
            })
            .ok()
    };
    let counts = ProfileCounts {
        followers: read("followers-count"),
        following: read("following-count"),
        likes: read("likes-count"),
        videos: None,
    };
    grid.header.counts = counts;
}

/// The handle and the display name: the site once put the handle into `user-title` and now puts it into `user-subtitle`.
fn tell_titles_apart(page: &Markup<'_>, known: Option<&Handle>) -> (Option<Handle>, Option<String>) {
    let [title, subtitle] = ["user-title", "user-subtitle"].map(|mark| text_marked(page, mark));
    let as_handle = |text: &Option<String>| text.as_deref().and_then(|text| Handle::parse(text).ok());
    let (a, b) = (as_handle(&title), as_handle(&subtitle));
    // Without anything to compare with, only one of them can be a handle, or only one is written as handles are.
    let canonical = |text: &Option<String>, handle: &Option<Handle>| {
        handle.is_some()
            && text.as_deref().map(|text| text.trim_start_matches('@')) == handle.as_ref().map(Handle::as_str)
    };
    let title_is_handle = match known {
        Some(known) if a.as_ref() == Some(known) => true,
        Some(known) if b.as_ref() == Some(known) => false,
        _ => match (canonical(&title, &a), canonical(&subtitle, &b)) {
            (true, false) => true,
            (false, true) => false,
            _ => return (None, None),
        },
    };
    if title_is_handle { (a, subtitle.or(title)) } else { (b, title.or(subtitle)) }
}

/// The handle in the links of the cards.
fn linked_handle(page: &Markup<'_>) -> Option<Handle> {
    let links = page.all().all_marked(CARD).flat_map(|card| card.tags().filter(|tag| tag.is("a")));
    links.filter_map(|link| link.attribute("href")).find_map(|href| {
        let (_, rest) = href.split_once("/@")?;
        Handle::parse(rest.split(['/', '?', '#']).next()?).ok()
    })
}

fn text_marked(page: &Markup<'_>, mark: &str) -> Option<String> {
    page.all().marked(mark).map(text_of).filter(|text| !text.is_empty())
}
