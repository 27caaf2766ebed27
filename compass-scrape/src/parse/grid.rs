//! The rendered profile: its header and the cards of its grid.

use std::{collections::HashSet, sync::LazyLock};

use compass_core::{Count, Handle, ProfileCounts, Refusal};
use scraper::{Html, Selector};

use super::{
    card::{Card, CardStyle, card},
    obstacle::selector,
    translations::{Translations, text_of},
    tree::tree,
};

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
    from_page(&tree(html), known, None, &Translations::default())
}

/// Reads a page whose other data is known already.
pub(super) fn from_page(
    page: &Html,
    known: Option<&Handle>,
    nickname: Option<&str>,
    translations: &Translations<'_>,
) -> Grid {
    static CARD: LazyLock<Selector> = LazyLock::new(|| selector("[data-e2e='user-post-item']"));
    const ENGLISH_COVER: &str = "{videoText} created by {videoAuthor} with {musicAuthor}’s {musicName}";

    let mut grid = Grid::default();
    read_counts(page, &mut grid);
    let linked = linked_handle(page);
    (grid.header.handle, grid.header.nickname) = tell_titles_apart(page, known.or(linked.as_ref()));
    let style = CardStyle {
        nickname: nickname.map(str::trim).or(grid.header.nickname.as_deref()),
        cover: translations.cover.as_ref().map_or(ENGLISH_COVER, |words| &words.0),
        pinned: translations.pinned.as_ref().map_or("Pinned", |words| words.0.trim()),
    };
    let mut seen = HashSet::new();
    for (index, element) in page.select(&CARD).enumerate() {
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

fn read_counts(page: &Html, grid: &mut Grid) {
    static FOLLOWERS: LazyLock<Selector> = LazyLock::new(|| selector("[data-e2e='followers-count']"));
    static FOLLOWING: LazyLock<Selector> = LazyLock::new(|| selector("[data-e2e='following-count']"));
    static LIKES: LazyLock<Selector> = LazyLock::new(|| selector("[data-e2e='likes-count']"));

    let mut read = |name: &str, selector: &Selector| {
        let text = page.select(selector).next().map(text_of).filter(|text| !text.is_empty())?;
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
        followers: read("followers-count", &FOLLOWERS),
        following: read("following-count", &FOLLOWING),
        likes: read("likes-count", &LIKES),
        videos: None,
    };
    grid.header.counts = counts;
}

/// The handle and the display name: the site once put the handle into `user-title` and now puts it into `user-subtitle`.
fn tell_titles_apart(page: &Html, known: Option<&Handle>) -> (Option<Handle>, Option<String>) {
    static TITLE: LazyLock<Selector> = LazyLock::new(|| selector("[data-e2e='user-title']"));
    static SUBTITLE: LazyLock<Selector> = LazyLock::new(|| selector("[data-e2e='user-subtitle']"));

    let [title, subtitle] =
        [&*TITLE, &*SUBTITLE].map(|s| page.select(s).next().map(text_of).filter(|text| !text.is_empty()));
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
fn linked_handle(page: &Html) -> Option<Handle> {
    static LINK: LazyLock<Selector> = LazyLock::new(|| selector("[data-e2e='user-post-item'] a[href*='/@']"));
    page.select(&LINK).find_map(|link| {
        let (_, rest) = link.attr("href")?.split_once("/@")?;
        Handle::parse(rest.split(['/', '?', '#']).next()?).ok()
    })
}
