//! A start tag and its attributes.

use std::{borrow::Cow, sync::LazyLock};

use memchr::{memchr, memmem::Finder};

/// A start tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag<'a> {
    /// Its name, as it is written.
    pub(super) name: &'a str,
    /// Its `data-e2e`, the name that the site's own tests know the element by.
    pub(super) mark: Option<&'a str>,
    attributes: &'a str,
}

impl<'a> Tag<'a> {
    /// The start tag that begins there, and the place behind it.
    pub(super) fn at(html: &'a str, open: usize) -> (Self, usize) {
        static MARK: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("data-e2e"));
        let name = name_at(html, open + 1);
        let from = open + 1 + name.len();
        let (end, behind) = end_of_tag(html.as_bytes(), from);
        let mut tag = Self { name, mark: None, attributes: &html[from..end] };
        if tag.mentions(&MARK) {
            tag.mark = tag.raw("data-e2e");
        }
        (tag, behind)
    }

    pub(super) fn is(self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The value of an attribute, its character references resolved; empty for one without a value.
    pub(super) fn attribute(self, name: &str) -> Option<Cow<'a, str>> {
        self.raw(name).map(decoded)
    }

    pub(super) fn has_class(self, class: &str) -> bool {
        self.raw("class").is_some_and(|classes| classes.split_ascii_whitespace().any(|one| one == class))
    }

    pub(super) fn has_id(self, id: &str) -> bool {
        self.raw("id") == Some(id)
    }

    /// Whether something stands anywhere in the attributes: sooner known than what they are.
    pub(super) fn mentions(self, something: &Finder<'_>) -> bool {
        something.find(self.attributes.as_bytes()).is_some()
    }

    fn raw(self, name: &str) -> Option<&'a str> {
        let separates = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'/';
        let mut rest = self.attributes;
        loop {
            rest = &rest[rest.as_bytes().iter().position(|byte| !separates(byte))?..];
            let end = rest.as_bytes().iter().position(|byte| separates(byte) || *byte == b'=');
            let (key, behind) = rest.split_at(end.unwrap_or(rest.len()).max(1));
            let (value, behind) = value(behind);
            if key.eq_ignore_ascii_case(name) {
                return Some(value);
            }
            rest = behind;
        }
    }
}

/// Text with its character references resolved.
pub(super) fn decoded(text: &str) -> Cow<'_, str> {
    if memchr(b'&', text.as_bytes()).is_none() { Cow::Borrowed(text) } else { html_escape::decode_html_entities(text) }
}

/// The name that a tag has there.
pub(super) fn name_at(html: &str, at: usize) -> &str {
    let rest = &html[at..];
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
    &rest[..rest.as_bytes().iter().position(ends).unwrap_or(rest.len())]
}

/// The value that follows an attribute's name, and what comes behind.
fn value(text: &str) -> (&str, &str) {
    let Some(text) = text.trim_ascii_start().strip_prefix('=') else { return ("", text) };
    let text = text.trim_ascii_start();
    if let Some(quote @ (b'"' | b'\'')) = text.as_bytes().first() {
        let quoted = &text[1..];
        return memchr(*quote, quoted.as_bytes()).map_or((quoted, ""), |end| (&quoted[..end], &quoted[end + 1..]));
    }
    text.split_at(text.bytes().position(|byte| byte.is_ascii_whitespace()).unwrap_or(text.len()))
}

/// Where a start tag's attributes end, and where what follows it begins. A `>` in quotes does not end it.
fn end_of_tag(bytes: &[u8], from: usize) -> (usize, usize) {
    let mut at = from;
    // There are few bytes between two values, so a search for many at a time would begin more often than it would help.
    while let Some(found) = bytes[at..].iter().position(|byte| matches!(byte, b'>' | b'"' | b'\'')) {
        let here = at + found;
        if bytes[here] == b'>' {
            return (here, here + 1);
        }
        // A quote that no equals sign stands before is a character like others.
        let quotes = bytes[from..here].trim_ascii_end().last() == Some(&b'=');
        let length = if quotes { memchr(bytes[here], &bytes[here + 1..]).map(|length| length + 1) } else { Some(0) };
        let Some(length) = length else { break };
        at = here + 1 + length;
    }
    (bytes.len(), bytes.len())
}
