//! HTML as a run of tags and texts: enough of it to read pages that a browser or the site wrote, in one pass over the bytes.
//!
//! Nothing is put right as a browser would: an element ends at the end tag of its name, or with the text. Time grows with
//! the length of the page, whatever is in it.

use std::iter;

use memchr::{memchr, memmem};

use super::tag::{Tag, name_at};

/// A page, its scripts apart.
#[derive(Debug, Default)]
pub(super) struct Markup<'a> {
    tokens: Vec<Token<'a>>,
    scripts: Vec<Script<'a>>,
}

/// A script of the page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Script<'a> {
    /// Its tag, for its attributes.
    pub(super) tag: Tag<'a>,
    /// What is in it, as it is written.
    pub(super) text: &'a str,
}

/// A part of a page: all of it, or what is inside an element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'p, 'a>(&'p [Token<'a>]);

#[derive(Clone, Copy, Debug)]
enum Token<'a> {
    Start(Tag<'a>),
    End(&'a str),
    Text(&'a str),
}

impl<'a> Markup<'a> {
    pub(super) fn of(html: &'a str) -> Self {
        // About as many as the pages of the site have, which are mostly scripts.
        const BYTES_PER_TOKEN: usize = 128;
        let bytes = html.as_bytes();
        let mut markup = Self { tokens: Vec::with_capacity(html.len() / BYTES_PER_TOKEN), scripts: Vec::new() };
        let mut at = 0;
        loop {
            // Mostly one tag follows the other.
            let open = match bytes.get(at) {
                Some(b'<') => at,
                _ => match memchr(b'<', &bytes[at..]) {
                    Some(found) => at + found,
                    None => break,
                },
            };
            if open > at {
                markup.tokens.push(Token::Text(&html[at..open]));
            }
            at = match bytes.get(open + 1) {
                Some(b'!') if html[open..].starts_with("<!--") => {
                    memmem::find(&bytes[open + 4..], b"-->").map_or(html.len(), |length| open + 4 + length + 3)
                }
                Some(b'!' | b'?') => behind_tag(html, open),
                Some(b'/') => {
                    markup.tokens.push(Token::End(name_at(html, open + 2)));
                    behind_tag(html, open)
                }
                Some(letter) if letter.is_ascii_alphabetic() => markup.start_tag(html, open),
                _ => {
                    markup.tokens.push(Token::Text(&html[open..=open]));
                    open + 1
                }
            };
        }
        if at < html.len() {
            markup.tokens.push(Token::Text(&html[at..]));
        }
        markup
    }

    /// Takes a start tag in, and what follows it where that is no markup; gives the place behind.
    fn start_tag(&mut self, html: &'a str, open: usize) -> usize {
        const NO_MARKUP_INSIDE: [&str; 6] = ["script", "style", "noscript", "iframe", "title", "textarea"];
        let (tag, behind) = Tag::at(html, open);
        let Some(raw) = NO_MARKUP_INSIDE.into_iter().find(|raw| tag.is(raw)) else {
            self.tokens.push(Token::Start(tag));
            return behind;
        };
        let close = end_of_raw_text(html, behind, raw);
        let text = &html[behind..close];
        match raw {
            "script" => self.scripts.push(Script { tag, text }),
            "title" | "textarea" => self.tokens.extend([Token::Start(tag), Token::Text(text)]),
            _ => {}
        }
        close
    }

    pub(super) fn scripts(&self) -> &[Script<'a>] {
        &self.scripts
    }

    /// The whole page.
    pub(super) fn all(&self) -> Part<'_, 'a> {
        Part(&self.tokens)
    }
}

impl<'p, 'a> Part<'p, 'a> {
    /// Every start tag, in order.
    pub(super) fn tags(self) -> impl Iterator<Item = Tag<'a>> + use<'p, 'a> {
        self.0.iter().filter_map(|token| match token {
            Token::Start(tag) => Some(*tag),
            Token::End(_) | Token::Text(_) => None,
        })
    }

    /// Every start tag outside of elements that are not looked into, and every text there.
    pub(super) fn visible(self, mut look_into: impl FnMut(Tag<'a>) -> bool, mut each: impl FnMut(Seen<'a>)) {
        let mut at = 0;
        while let Some(token) = self.0.get(at) {
            at += 1;
            match *token {
                Token::Start(tag) if look_into(tag) => each(Seen::Tag(tag)),
                Token::Start(tag) => at += extent(tag.name, &self.0[at..]),
                Token::Text(text) => each(Seen::Text(text)),
                Token::End(_) => {}
            }
        }
    }

    /// The inside of the first element with this `data-e2e`.
    pub(super) fn marked(self, mark: &str) -> Option<Self> {
        let is_it = |token: &Token<'a>| matches!(token, Token::Start(tag) if tag.mark == Some(mark));
        let at = self.0.iter().position(is_it)?;
        Some(self.inside_of(at, self.0.len()))
    }

    /// The inside of every element with this `data-e2e`, one after the other: one ends where the next begins at the latest.
    pub(super) fn all_marked(self, mark: &str) -> impl Iterator<Item = Self> {
        let is_it = move |at: &usize| matches!(self.0[*at], Token::Start(tag) if tag.mark == Some(mark));
        let mut places = (0..self.0.len()).filter(is_it).peekable();
        iter::from_fn(move || {
            let at = places.next()?;
            Some(self.inside_of(at, places.peek().copied().unwrap_or(self.0.len())))
        })
    }

    /// What is inside the element that begins at a place.
    fn inside_of(self, at: usize, end: usize) -> Self {
        let inside = &self.0[at + 1..end];
        match self.0[at] {
            Token::Start(tag) => Self(&inside[..extent(tag.name, inside)]),
            Token::End(_) | Token::Text(_) => unreachable!("an element begins with a start tag"),
        }
    }
}

/// What there is to see of a page.
#[derive(Clone, Copy, Debug)]
pub(super) enum Seen<'a> {
    Tag(Tag<'a>),
    /// As it is written, with its character references.
    Text(&'a str),
}

/// How many tokens an element goes on for, its end tag left out.
fn extent(name: &str, tokens: &[Token<'_>]) -> usize {
    /// Elements that have no end tag (HTML standard, section 13.1.2).
    const VOID: [&str; 13] =
        ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];
    if VOID.iter().any(|void| void.eq_ignore_ascii_case(name)) {
        return 0;
    }
    let mut depth = 0_usize;
    for (place, token) in tokens.iter().enumerate() {
        match token {
            Token::Start(tag) if tag.is(name) => depth += 1,
            Token::End(end) if end.eq_ignore_ascii_case(name) && depth == 0 => return place,
            Token::End(end) if end.eq_ignore_ascii_case(name) => depth -= 1,
            Token::Start(_) | Token::End(_) | Token::Text(_) => {}
        }
    }
    tokens.len()
}

/// The place behind the next `>`; the end of the page if there is none.
fn behind_tag(html: &str, from: usize) -> usize {
    html[from..].bytes().position(|byte| byte == b'>').map_or(html.len(), |length| from + length + 1)
}

/// Where the end tag of an element begins in which there is no markup.
fn end_of_raw_text(html: &str, from: usize, name: &str) -> usize {
    let bytes = html.as_bytes();
    memmem::find_iter(&bytes[from..], "</")
        .map(|found| from + found)
        .find(|at| {
            bytes.get(at + 2..at + 2 + name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
        })
        .unwrap_or(html.len())
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{super::tag::decoded, *};

    fn shown(html: &str) -> Vec<String> {
        let token = |token: &Token<'_>| match token {
            Token::Start(tag) => format!("<{}", tag.name),
            Token::End(name) => format!("/{name}"),
            Token::Text(text) => (*text).to_owned(),
        };
        Markup::of(html).tokens.iter().map(token).collect()
    }

    #[test]
    fn scripts_styles_and_comments_are_no_markup() {
        let html = "<!doctype html><b>1</b><!-- <i>2</i> --><script>if(a<b){'</b>'}</SCRIPT ><style><i></style>3<x";
        assert_eq!(shown(html), ["<b", "1", "/b", "/SCRIPT", "/style", "3", "<x"]);
        let markup = Markup::of(html);
        assert_eq!(markup.scripts().iter().map(|script| script.text).collect::<Vec<_>>(), ["if(a<b){'</b>'}"]);
    }

    #[test]
    fn attributes_are_read_however_they_are_written() {
        let html = r#"<a href="a>b&amp;c" data-e2e = 'x' hidden class=" k  l " title=plain/slash o"dd>t</a>"#;
        let markup = Markup::of(html);
        let tag = markup.all().tags().next().unwrap();
        let of = |name| tag.attribute(name).map(Cow::into_owned);
        assert_eq!(of("href").as_deref(), Some("a>b&c"));
        assert_eq!(of("HREF").as_deref(), Some("a>b&c"), "names are the same in any case");
        assert_eq!(of("data-e2e").as_deref(), Some("x"));
        assert_eq!(of("hidden").as_deref(), Some(""));
        assert_eq!(of("title").as_deref(), Some("plain/slash"));
        assert_eq!(of("id"), None);
        assert!(tag.has_class("l") && !tag.has_class("k  l"));
        assert_eq!(shown(html), ["<a", "t", "/a"]);
    }

    #[test]
    fn an_element_ends_at_the_end_tag_of_its_name() {
        let html = "<div data-e2e=a><p>1<div>2</div>3</div>4<img data-e2e=b>5<div data-e2e=c>6";
        let markup = Markup::of(html);
        let text = |mark| {
            let mut text = String::new();
            markup.all().marked(mark).unwrap().visible(
                |_| true,
                |seen| {
                    if let Seen::Text(part) = seen {
                        text.push_str(part);
                    }
                },
            );
            text
        };
        assert_eq!((text("a").as_str(), text("b").as_str(), text("c").as_str()), ("123", "", "6"));
    }

    #[test]
    fn broken_markup_is_read_to_its_end() {
        for html in
            ["", "<", "a < b", "<p", "<p a=\"", "</", "<!", "<!--", "<script>", "<script", "<é>", "</é", "<a é=\"ü\">"]
        {
            let markup = Markup::of(html);
            markup.all().visible(|tag| tag.attribute("a").is_none(), |_| {});
        }
    }

    /// Elements with an attribute that somebody here asks for, and every text, as a parser after the HTML standard has
    /// them (the scraper crate).
    fn by_the_standard(html: &str) -> (Vec<String>, String) {
        let page = scraper::Html::parse_document(html);
        let (mut tags, mut texts) = (Vec::new(), String::new());
        for node in page.root_element().descendants() {
            match node.value() {
                scraper::Node::Element(element) if !["script", "style", "noscript"].contains(&element.name()) => {
                    tags.extend(told(element.name(), |name| element.attr(name).map(str::to_owned)));
                }
                scraper::Node::Text(text) => {
                    let parent = node.parent().and_then(|parent| parent.value().as_element().map(|e| e.name()));
                    if !parent.is_some_and(|name| ["script", "style", "noscript"].contains(&name)) {
                        texts.push_str(text);
                    }
                }
                _ => {}
            }
        }
        (tags, texts)
    }

    fn by_us(html: &str) -> (Vec<String>, String) {
        let (mut tags, mut texts) = (Vec::new(), String::new());
        Markup::of(html).all().visible(
            |_| true,
            |seen| match seen {
                Seen::Tag(tag) => {
                    tags.extend(told(tag.name, |name| tag.attribute(name).map(Cow::into_owned)));
                }
                Seen::Text(text) => texts.push_str(&decoded(text)),
            },
        );
        (tags, texts)
    }

    /// Links alone are left out: where one stands in another, the standard writes it twice.
    fn told(name: &str, attribute: impl Fn(&str) -> Option<String>) -> Option<String> {
        if name == "a" {
            return None;
        }
        let asked = ["data-e2e", "id", "class", "href", "alt", "style", "hidden", "rel", "content", "data-source"];
        let told: Vec<String> = asked.iter().filter_map(|a| Some(format!("{a}={}", attribute(a)?))).collect();
        (!told.is_empty()).then(|| format!("{name} {}", told.join(" ")))
    }

    fn words(text: &str) -> Vec<&str> {
        text.split_whitespace().collect()
    }

    #[test]
    fn pages_are_read_as_the_standard_says() {
        let own = r#"<!DOCTYPE html><html lang=en><head><meta charset="utf-8"><meta property="og:url" content="https://a.example/?x=1&amp;y=2"><title>A &lt;b&gt; page</title>
            <link rel="canonical" href='/@ada'><style>p > a {}</style></head><body class="a  b"><!-- <p id="no"> --><div id="app" hidden>
            <a href="/@ada/video/1?x=1&copy=2" data-e2e="user-post-item"><img alt="&quot;tea&quot; &#127861; &amp;amp; 1 > 0 <3" src="x"><strong data-e2e="video-views">1.2K</strong></a>
            <svg viewBox="0 0 1 1"><path d="M0"/></svg>a &eacute; &nbsp; b<br/>c</div><script id="s">if (a < b) { "</div>" }</script><p style="display : none">x</p></body></html>"#;
        let mut pages = vec![own.to_owned()];
        match std::env::var_os("COMPASS_CAPTURES") {
            None => eprintln!("COMPASS_CAPTURES is not set: no real page was compared"),
            Some(folder) => {
                for entry in std::path::Path::new(&folder).join("pages").read_dir().unwrap() {
                    let file = std::fs::File::open(entry.unwrap().path()).unwrap();
                    let mut page = String::new();
                    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(file), &mut page).unwrap();
                    pages.push(page);
                }
            }
        }
        for page in pages {
            let ((tags, texts), (our_tags, our_texts)) = (by_the_standard(&page), by_us(&page));
            let differ = our_tags.iter().zip(&tags).find(|(ours, theirs)| ours != theirs);
            assert_eq!((differ, our_tags.len()), (None, tags.len()));
            let (ours, theirs) = (words(&our_texts), words(&texts));
            let differ = ours.iter().zip(&theirs).find(|(ours, theirs)| ours != theirs);
            assert_eq!((differ, ours.len()), (None, theirs.len()));
        }
    }
}
