//! What a caption marks: hashtags and mentions, with their places in UTF-16 units.

use serde_json::{Value, json};

/// `textExtra`: every hashtag and every mention of a caption.
pub(super) fn text_extra(caption: &str) -> Vec<Value> {
    marks(caption)
        .map(|mark| {
            let (start, end) = (mark.start, mark.end);
            let mut extra = json!({
                "awemeId": "", "start": start, "end": end, "hashtagName": "", "isCommerce": false, "subType": 0, "type": 0,
            });
            match mark.kind {
                Kind::Hashtag => {
                    extra["hashtagName"] = mark.name.into();
                    extra["type"] = 1.into();
                }
                Kind::Mention => {
                    extra["userUniqueId"] = mark.name.as_str().into();
                    extra["userId"] = number_of(&mark.name).to_string().into();
                    extra["secUid"] = format!("MS4wLjABAAAA{:0>64}", number_of(&mark.name)).into();
                }
            }
            extra
        })
        .collect()
}

/// `challenges`: the hashtags of a caption.
pub(super) fn challenges(caption: &str) -> Vec<Value> {
    let hashtags = marks(caption).filter(|mark| mark.kind == Kind::Hashtag);
    hashtags.map(|mark| json!({"id": number_of(&mark.name).to_string(), "title": mark.name, "desc": ""})).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Hashtag,
    Mention,
}

#[derive(Debug)]
struct Mark {
    kind: Kind,
    /// In lower case, as TikTok gives it.
    name: String,
    start: usize,
    end: usize,
}

fn marks(caption: &str) -> impl Iterator<Item = Mark> {
    let utf16 = |text: &str| text.encode_utf16().count();
    caption.match_indices(['#', '@']).filter_map(move |(at, sign)| {
        let kind = if sign == "#" { Kind::Hashtag } else { Kind::Mention };
        let belongs = |c: char| c.is_alphanumeric() || c == '_' || (c == '.' && kind == Kind::Mention);
        let rest = &caption[at + 1..];
        let name = rest[..rest.find(|c| !belongs(c)).unwrap_or(rest.len())].trim_end_matches('.');
        let start = utf16(&caption[..at]);
        let mark = Mark { kind, name: name.to_lowercase(), start, end: start + 1 + utf16(name) };
        (!name.is_empty()).then_some(mark)
    })
}

/// An id that goes with a name.
fn number_of(name: &str) -> u64 {
    70_000_000_000 + name.bytes().fold(0, |sum, byte| (sum * 31 + u64::from(byte)) % 1_000_000_007)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_placed_in_utf16_units() {
        let places = |caption: &str| -> Vec<(String, usize, usize)> {
            marks(caption).map(|mark| (mark.name, mark.start, mark.end)).collect()
        };
        assert_eq!(
            places("First light 🌅 #morning #Light"),
            [("morning".to_owned(), 15, 23), ("light".to_owned(), 24, 30)]
        );
        assert_eq!(places("🌅 with @ada.l."), [("ada.l".to_owned(), 8, 14)]);
        assert_eq!(places("# @ !"), []);
    }
}
