//! The hashtags of a caption.
//!
//! TikTok marks them with offsets in UTF-16 code units, as JavaScript counts: an emoji is two of them.

use serde::Deserialize;

use super::lenient::{Figure, Words};

/// So many are read of a post: far more than TikTok lets anybody write, and few enough to compare each with each.
const MOST: usize = 100;

/// A marked part of a caption.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Mark<'a> {
    start: Figure,
    end: Figure,
    #[serde(borrow)]
    hashtag_name: Option<Words<'a>>,
}

/// A hashtag's page, linked from a post.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Challenge<'a> {
    #[serde(borrow)]
    title: Option<Words<'a>>,
}

/// A post's hashtags without `#`, lower case, in the caption's order, each once: by its marks, by the pages it links to,
/// or by what looks like one. At most 100.
pub(super) fn hashtags(caption: &str, marks: &[Mark<'_>], challenges: &[Challenge<'_>]) -> Vec<String> {
    let mut marked: Vec<(i64, String)> = marks
        .iter()
        .take(2 * MOST)
        .filter_map(|mark| Some((mark.start.number().unwrap_or(i64::MAX), marked_name(caption, mark)?)))
        .collect();
    if marked.is_empty() && !challenges.is_empty() {
        let lower = caption.to_lowercase();
        marked = challenges
            .iter()
            .take(MOST)
            .filter_map(|challenge| clean(&challenge.title.as_ref()?.0))
            .map(|name| (lower.find(&format!("#{name}")).map_or(i64::MAX, |at| at as i64), name))
            .collect();
    }
    if marked.is_empty() {
        return in_caption(caption);
    }
    marked.sort_by_key(|(start, _)| *start);
    once_each(marked.into_iter().map(|(_, name)| name))
}

/// What looks like a hashtag in a caption, each once, at most 100.
pub(crate) fn in_caption(caption: &str) -> Vec<String> {
    once_each(caption.split('#').skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !may_be_in_a_hashtag(c)).unwrap_or(rest.len());
        clean(&rest[..end])
    }))
}

fn marked_name(caption: &str, mark: &Mark<'_>) -> Option<String> {
    if let Some(name) = mark.hashtag_name.as_ref().and_then(|words| clean(&words.0)) {
        return Some(name);
    }
    // A mention is marked as well; it starts with another sign.
    clean(utf16_slice(caption, mark.start.number()?, mark.end.number()?)?.strip_prefix('#')?)
}

/// The part of the text between two offsets in UTF-16 code units; `None` if they are not inside it or split a character.
fn utf16_slice(text: &str, start: i64, end: i64) -> Option<&str> {
    let start = byte_offset(text, usize::try_from(start).ok()?)?;
    let end = byte_offset(text, usize::try_from(end).ok()?)?;
    text.get(start..end)
}

fn byte_offset(text: &str, units: usize) -> Option<usize> {
    let mut seen = 0;
    for (at, c) in text.char_indices() {
        if seen >= units {
            return (seen == units).then_some(at);
        }
        seen += c.len_utf16();
    }
    (seen == units).then_some(text.len())
}

fn clean(name: &str) -> Option<String> {
    const LONGEST: usize = 150;
    let name = name.trim().trim_start_matches('#');
    (!name.is_empty()).then(|| {
        let mut lower = name.to_lowercase();
        if lower.contains('\0') {
            lower = lower.replace('\0', "\u{FFFD}");
        }
        if lower.len() > LONGEST
            && let Some((end, _)) = lower.char_indices().nth(LONGEST)
        {
            lower.truncate(end);
        }
        lower
    })
}

fn once_each(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for name in names {
        if !kept.contains(&name) {
            kept.push(name);
        }
        if kept.len() == MOST {
            break;
        }
    }
    kept
}

/// Letters, digits, `_` and the marks that scripts such as Thai put on letters; no signs, spaces or emoji.
fn may_be_in_a_hashtag(c: char) -> bool {
    if c.is_ascii_alphanumeric() {
        return true;
    }
    let sign = c.is_whitespace()
        || c.is_control()
        || (c.is_ascii_punctuation() && c != '_')
        || matches!(c, '\u{A1}'..='\u{BF}' | '\u{2000}'..='\u{2BFF}' | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}'
            | '\u{FE00}'..='\u{FE6F}' | '\u{FF00}'..='\u{FF0F}' | '\u{FFFD}' | '\u{1F000}'..='\u{1FBFF}' | '\u{E0000}'..='\u{E01EF}');
    !sign
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(caption: &str, marks: &str, challenges: &str) -> Vec<String> {
        hashtags(
            caption,
            &serde_json::from_str::<Vec<_>>(marks).unwrap(),
            &serde_json::from_str::<Vec<_>>(challenges).unwrap(),
        )
    }

    #[test]
    fn offsets_count_an_emoji_as_two() {
        let marks = r#"[{"start":7,"end":11,"type":1},{"start":3,"end":6,"type":1},{"start":12,"end":16,"type":0}]"#;
        assert_eq!(read("😀 #Né #été @ada", marks, "[]"), ["né", "été"]);
    }

    #[test]
    fn marks_outside_the_caption_are_ignored() {
        let marks = r#"[{"start":-1,"end":2},{"start":1,"end":3},{"start":5,"end":99},{"start":3,"end":1},{}]"#;
        assert_eq!(read("😀 #a", marks, "[]"), ["a"]);
    }

    #[test]
    fn a_named_mark_needs_no_offsets_and_counts_once() {
        let marks =
            r##"[{"hashtagName":"FYP","start":9},{"hashtagName":"fyp","start":0},{"hashtagName":"","userId":"1"}]"##;
        assert_eq!(read("#fyp and #FYP", marks, "[]"), ["fyp"]);
    }

    #[test]
    fn linked_pages_come_in_the_captions_order() {
        assert_eq!(
            read("#Zebra #apple", "[]", r#"[{"title":"apple"},{"title":"hidden"},{"title":"Zebra"}]"#),
            ["zebra", "apple", "hidden"]
        );
    }

    #[test]
    fn of_very_many_hashtags_the_first_hundred_are_read() {
        // Compared each with each, a million would take days.
        let caption: String = (0..1_000_000).map(|n| format!("#t{n}")).collect();
        let first: Vec<String> = (0..100).map(|n| format!("t{n}")).collect();
        assert_eq!(in_caption(&caption), first);
        let challenges: Vec<String> = (0..1_000_000).map(|n| format!(r#"{{"title":"t{n}"}}"#)).collect();
        assert_eq!(read(&caption, "[]", &format!("[{}]", challenges.join(","))), first);
    }

    #[test]
    fn a_bare_caption_is_read_in_any_script() {
        let caption = "ดีมาก #ไม่เผ็ด🌶 #CafÉ!# #a_b-c ##twice #twice";
        assert_eq!(in_caption(caption), ["ไม่เผ็ด", "café", "a_b", "twice"]);
    }
}
