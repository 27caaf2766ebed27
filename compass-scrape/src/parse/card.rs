//! One card of the grid: what its link, its picture and its labels say.

use std::sync::LazyLock;

use compass_core::{Count, Refusal, Text, Video, VideoCounts, VideoId, VideoKind};
use memchr::memmem::Finder;

use super::{hashtags::in_caption, markup::Part, translations::text_of};

/// One card of the grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The post; its time is taken from the id.
    pub video: Video,
    /// Whether it wears the "Pinned" badge.
    pub pinned: bool,
    /// Only views, and only where the card shows them.
    pub counts: VideoCounts,
}

/// What the cards of one page have in common.
#[derive(Debug)]
pub(super) struct CardStyle<'a> {
    /// The account's display name.
    pub(super) nickname: Option<&'a str>,
    /// What the pictures' descriptions are made with.
    pub(super) cover: &'a str,
    /// What the badge of a pinned post says.
    pub(super) pinned: &'a str,
}

/// Reads a card.
///
/// # Errors
/// Why the card is not a post; `place` names it.
pub(super) fn card(card: Part<'_, '_>, style: &CardStyle<'_>, place: &str) -> Result<(Card, Option<Refusal>), Refusal> {
    let links = || card.tags().filter(|tag| tag.is("a")).filter_map(|link| link.attribute("href"));
    let (id, kind) = links().find_map(|link| post_of(&link)).ok_or_else(|| {
        let (reason, what) = match links().any(|link| is_live(&link)) {
            true => ("live_card", "is the card of a live broadcast, not a post"),
            false => ("malformed", "has no link to a post"),
        };
        Refusal { item: Some(place.to_owned()), reason: reason.to_owned(), detail: format!("{place} {what}") }
    })?;
    let mut unreadable = None;
    let views = card.marked("video-views").map(text_of).filter(|text| !text.is_empty()).and_then(|text| {
        Count::parse_abbreviated(&text)
            .map_err(|e| {
                unreadable = Some(Refusal {
                    item: Some(id.to_string()),
                    reason: "unreadable_count".to_owned(),
                    detail: format!("{place}: views: {e}; the post is kept without them"),
                });
            })
            .ok()
    });
    let pictures = card.tags().filter(|tag| tag.is("img"));
    let alt = pictures.filter_map(|picture| picture.attribute("alt")).find(|alt| !alt.is_empty()).unwrap_or_default();
    let caption = caption_in(&alt, style);
    let card = Card {
        video: Video { caption: Text::lossy(caption), hashtags: in_caption(caption), ..Video::from_id(id, kind) },
        pinned: card.all_marked("video-card-badge").any(|badge| text_of(badge).eq_ignore_ascii_case(style.pinned)),
        counts: VideoCounts { views, ..VideoCounts::default() },
    };
    Ok((card, unreadable))
}

/// The post that an address leads to: `…/@handle/video/ID` or `…/@handle/photo/ID`.
fn post_of(address: &str) -> Option<(VideoId, VideoKind)> {
    static VIDEO: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("/video/"));
    static PHOTO: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("/photo/"));
    [(&VIDEO, VideoKind::Video), (&PHOTO, VideoKind::Photo)].into_iter().find_map(|(part, kind)| {
        let rest = &address[part.find(address.as_bytes())? + part.needle().len()..];
        let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
        Some((VideoId::parse(digits).ok()?, kind))
    })
}

/// Whether an address leads to a live broadcast: `…/@handle/live`.
fn is_live(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    path.trim_end_matches('/').ends_with("/live")
}

/// The caption in a picture's description, which goes on with "created by …" in the page's language.
fn caption_in<'t>(alt: &'t str, style: &CardStyle<'_>) -> &'t str {
    let whole = alt.trim();
    let (Some(nickname), Some((before, rest))) = (style.nickname, style.cover.split_once("{videoText}")) else {
        return whole;
    };
    let Some((between, after)) = rest.split_once("{videoAuthor}") else { return whole };
    let after = after.split('{').next().unwrap_or_default();
    let tail = format!("{between}{nickname}{after}");
    let text = alt.strip_prefix(before).unwrap_or(alt);
    match text.rfind(&tail) {
        Some(end) => text[..end].trim(),
        // Without a caption the description begins with its tail.
        None if text.trim_start().starts_with(tail.trim_start()) => "",
        None => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: CardStyle<'_> = CardStyle {
        nickname: Some("Ada 🎀"),
        cover: "{videoText} created by {videoAuthor} with {musicAuthor}’s {musicName}",
        pinned: "Pinned",
    };

    #[test]
    fn the_caption_ends_where_the_pages_own_words_begin() {
        for (alt, caption) in [
            ("tea #tea  created by Ada 🎀 with Ada 🎀’s sound", "tea #tea"),
            ("a song created by Bob with care created by Ada 🎀 with Bob's song", "a song created by Bob with care"),
            (" created by Ada 🎀 with Bob’s song", ""),
            ("created by Ada 🎀 with Bob’s song", ""),
            ("created by somebody else with Bob’s song", "created by somebody else with Bob’s song"),
        ] {
            assert_eq!(caption_in(alt, &ENGLISH), caption, "{alt}");
        }
    }

    #[test]
    fn another_language_is_read_by_its_own_template() {
        let french = CardStyle { cover: "{videoText} créée par {videoAuthor} avec {musicName}", ..ENGLISH };
        assert_eq!(caption_in("thé créée par Ada 🎀 avec son", &french), "thé");
    }

    #[test]
    fn without_the_nickname_the_description_stays_whole() {
        let unknown = CardStyle { nickname: None, ..ENGLISH };
        assert_eq!(caption_in("tea created by Ada 🎀 with x", &unknown), "tea created by Ada 🎀 with x");
    }

    #[test]
    fn addresses_name_posts_in_both_forms() {
        let id = VideoId::parse("7470546959699348744").unwrap();
        assert_eq!(
            post_of("https://www.tiktok.com/@ada/video/7470546959699348744?lang=en"),
            Some((id, VideoKind::Video))
        );
        assert_eq!(post_of("/@ada/photo/7470546959699348744"), Some((id, VideoKind::Photo)));
        for other in ["/@ada", "/@ada/video/", "/@ada/video/x", "/video/99999999999999999999999"] {
            assert_eq!(post_of(other), None, "{other}");
        }
    }
}
