//! HTML as a tree, of which only so deep a part is built as a browser would build.

use memchr::memchr;
use scraper::Html;

/// Chromium builds no deeper trees than 512; the time to build one grows with the square of its depth.
const DEEPEST: usize = 1_000;

/// Elements that have no end tag (HTML standard, section 13.1.2).
const VOID: [&str; 13] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

/// Builds the tree. What comes after a place that lies deeper than any real page does is left out.
pub(super) fn tree(html: &str) -> Html {
    Html::parse_document(&html[..end_of_the_reasonable(html)])
}

/// Where the nesting of start tags gets out of hand; the end of the text if it does not.
fn end_of_the_reasonable(html: &str) -> usize {
    let bytes = html.as_bytes();
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(found) = memchr(b'<', &bytes[at..]) {
        let tag = at + found;
        at = tag + 1;
        match bytes.get(at) {
            Some(b'/') => depth = depth.saturating_sub(1),
            Some(letter) if letter.is_ascii_alphabetic() => {
                let name = bytes[at..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
                let name = &html[at..at + name];
                if !VOID.iter().any(|void| void.eq_ignore_ascii_case(name)) {
                    depth += 1;
                }
                if depth > DEEPEST {
                    return tag;
                }
                if let Some(raw) = ["script", "style"].into_iter().find(|raw| raw.eq_ignore_ascii_case(name)) {
                    at = end_of_raw_text(bytes, at, raw);
                }
            }
            _ => {}
        }
    }
    html.len()
}

/// Where the end tag of a script or a style sheet begins: what is inside is not markup.
fn end_of_raw_text(bytes: &[u8], from: usize, name: &str) -> usize {
    let mut at = from;
    while let Some(found) = memchr(b'<', &bytes[at..]) {
        at += found;
        let rest = &bytes[at + 1..];
        let ends = rest.first() == Some(&b'/')
            && rest.get(1..=name.len()).is_some_and(|tag| tag.eq_ignore_ascii_case(name.as_bytes()));
        if ends {
            return at;
        }
        at += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_pages_are_kept_whole() {
        let wide = "<p>a<br><img src=x></p>".repeat(5_000);
        let scripts =
            format!("<script>{}</script><style>{}</style><b>x</b>", "<div>".repeat(5_000), "<i>".repeat(5_000));
        for page in ["", "<", "a < b", "<p", "<script>", "<script><", wide.as_str(), scripts.as_str()] {
            assert_eq!(end_of_the_reasonable(page), page.len(), "{}", &page[..page.len().min(20)]);
        }
    }

    #[test]
    fn bottomless_page_is_cut() {
        let deep = "<div>".repeat(100_000);
        assert_eq!(end_of_the_reasonable(&deep), DEEPEST * 5);
        assert_eq!(tree(&deep).tree.root().descendants().count(), DEEPEST + 4, "html, head, body, the root itself");
    }
}
