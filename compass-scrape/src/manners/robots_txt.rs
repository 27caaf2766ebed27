//! What a robots.txt file lets our product load, as RFC 9309 says it.

/// The rules of a file that hold for one product.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RobotsTxt {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    allows: bool,
    /// As it is compared, always with a `*` at the end unless `$` is meant.
    pattern: Vec<u8>,
    /// As it was written.
    written: String,
}

/// A line that means something.
enum Line<'a> {
    Agent(&'a [u8]),
    Rule { allows: bool, pattern: &'a [u8] },
}

impl RobotsTxt {
    /// Reads the groups that name the product, or where none does, those for everybody (section 2.2.1).
    pub(super) fn parse(file: &[u8], product: &str) -> Self {
        let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
        let (mut own, mut everybodys) = (None::<Vec<Rule>>, Vec::new());
        let (mut is_own, mut is_everybodys, mut in_rules) = (false, false, false);
        for line in file.split(|byte| matches!(byte, b'\n' | b'\r')).filter_map(line) {
            match line {
                Line::Agent(agent) => {
                    if in_rules {
                        (is_own, is_everybodys, in_rules) = (false, false, false);
                    }
                    if names(agent, product) {
                        is_own = true;
                        own.get_or_insert_default();
                    }
                    is_everybodys |= agent == b"*";
                }
                Line::Rule { allows, pattern } => {
                    in_rules = true;
                    // An empty pattern matches nothing, which is how a group allows everything.
                    if let Some(rule) = Rule::new(allows, pattern) {
                        if is_own {
                            own.get_or_insert_default().push(rule.clone());
                        }
                        if is_everybodys {
                            everybodys.push(rule);
                        }
                    }
                }
            }
        }
        Self { rules: own.unwrap_or(everybodys) }
    }

    /// The rule against loading this, a path with its query; `None` if it may be loaded. The longest pattern decides, and
    /// of two that are as long the one that allows (section 2.2.2).
    pub(super) fn forbids(&self, path: &str) -> Option<&str> {
        let path = comparable(path.as_bytes(), false);
        let matching = self.rules.iter().filter(|rule| matches(&rule.pattern, &path));
        let deciding = matching.max_by_key(|rule| (rule.octets(), rule.allows))?;
        (!deciding.allows).then_some(&*deciding.written)
    }
}

impl Rule {
    fn new(allows: bool, written: &[u8]) -> Option<Self> {
        if written.is_empty() {
            return None;
        }
        let mut pattern = match written.strip_suffix(b"$") {
            Some(whole) => comparable(whole, true),
            None => {
                let mut begin = comparable(written, true);
                begin.push(b'*');
                begin
            }
        };
        // Two in a row mean no more than one.
        pattern.dedup_by(|next, one| (*next, *one) == (b'*', b'*'));
        let word = if allows { "Allow" } else { "Disallow" };
        let shown: String = String::from_utf8_lossy(written).chars().filter(|c| !c.is_control()).take(100).collect();
        Some(Self { allows, pattern, written: format!("{word}: {shown}") })
    }

    fn octets(&self) -> usize {
        self.pattern.strip_suffix(b"*").map_or(self.pattern.len() + 1, <[u8]>::len)
    }
}

/// The meaning of a line; `None` if it has none here.
fn line(bytes: &[u8]) -> Option<Line<'_>> {
    let bytes = bytes.split(|byte| *byte == b'#').next().unwrap_or_default();
    let colon = bytes.iter().position(|byte| *byte == b':')?;
    let (key, value) = (bytes[..colon].trim_ascii(), bytes[colon + 1..].trim_ascii());
    let is = |name: &str| key.eq_ignore_ascii_case(name.as_bytes());
    if is("user-agent") {
        Some(Line::Agent(value))
    } else if is("allow") || is("disallow") {
        Some(Line::Rule { allows: is("allow"), pattern: value })
    } else {
        None
    }
}

/// Whether a group's line names the product, in whatever case, and whatever follows, such as a version.
fn names(agent: &[u8], product: &str) -> bool {
    let end = agent.iter().position(|byte| !byte.is_ascii_alphabetic() && !matches!(byte, b'-' | b'_'));
    agent[..end.unwrap_or(agent.len())].eq_ignore_ascii_case(product.as_bytes())
}

/// A path or a pattern in the one form in which both are compared: printable ASCII as it is, everything else escaped, and
/// so the characters that mean something in a pattern, where they are meant themselves.
fn comparable(bytes: &[u8], is_pattern: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 1);
    let mut rest = bytes;
    while let Some((&first, after)) = rest.split_first() {
        let escaped = escaped(rest);
        let byte = escaped.unwrap_or(first);
        rest = if escaped.is_some() { &rest[3..] } else { after };
        let wildcard = is_pattern && escaped.is_none() && first == b'*';
        if wildcard || (byte.is_ascii_graphic() && !matches!(byte, b'*' | b'$' | b'%')) {
            out.push(byte);
        } else {
            const HEX: &[u8; 16] = b"0123456789ABCDEF";
            out.extend([b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
    }
    out
}

/// The octet that the begin of these bytes spells as `%XX`.
fn escaped(bytes: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = bytes else { return None };
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

/// Whether a path fits a pattern whose `*` stand for anything. Takes at most the product of both lengths.
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    let (mut p, mut at) = (0, 0);
    let mut last_star = None;
    while at < path.len() {
        match pattern.get(p) {
            Some(b'*') => {
                last_star = Some((p, at));
                p += 1;
            }
            Some(byte) if *byte == path[at] => (p, at) = (p + 1, at + 1),
            _ => {
                // The last star takes one more.
                let Some((star, taken)) = last_star else { return false };
                last_star = Some((star, taken + 1));
                (p, at) = (star + 1, taken + 1);
            }
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(file: &str, product: &str, path: &str) -> bool {
        RobotsTxt::parse(file.as_bytes(), product).forbids(path).is_none()
    }

    /// Whether a file with this one rule disallows the path.
    fn disallows(pattern: &str, path: &str) -> bool {
        !allowed(&format!("User-agent: *\nDisallow: {pattern}\n"), "CreatorCompass", path)
    }

    #[test]
    fn simple_example_of_the_standard_is_read_as_it_says() {
        // RFC 9309, section 5.1.
        let file = "\
User-Agent: *
Disallow: *.gif$
Disallow: /example/
Allow: /publications/

User-Agent: foobot
Disallow:/
Allow:/example/page.html
Allow:/example/allowed.gif

User-Agent: barbot
User-Agent: bazbot
Disallow: /example/page.html

User-Agent: quxbot

EOF
";
        for (product, path, expected) in [
            ("foobot", "/example/page.html", true),
            ("foobot", "/example/allowed.gif", true),
            ("foobot", "/publications/", false),
            ("barbot", "/example/page.html", false),
            ("bazbot", "/example/page.html", false),
            ("barbot", "/example/other.html", true),
            ("quxbot", "/example/page.html", true),
            ("quxbot", "/picture.gif", true),
            ("otherbot", "/picture.gif", false),
            ("otherbot", "/picture.gif?size=2", true),
            ("otherbot", "/example/page.html", false),
            ("otherbot", "/publications/", true),
        ] {
            assert_eq!(allowed(file, product, path), expected, "{product} {path}");
        }
    }

    #[test]
    fn longest_match_decides_as_in_the_standard() {
        // RFC 9309, section 5.2.
        let file = "User-Agent: foobot\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif\n";
        assert!(!allowed(file, "foobot", "/example/page/disallowed.gif"));
        assert!(allowed(file, "foobot", "/example/page/"));
        assert!(allowed("User-agent: *\nDisallow: /page\nAllow: /page\n", "foobot", "/page"), "a tie allows");
    }

    #[test]
    fn groups_of_one_product_are_one_group_as_in_the_standard() {
        // RFC 9309, section 2.2.1.
        let file = "\
user-agent: ExampleBot
disallow: /foo
disallow: /bar

user-agent: ExampleBot
disallow: /baz

user-agent: *
disallow: /
";
        for path in ["/foo", "/bar", "/baz"] {
            assert!(!allowed(file, "examplebot", path), "{path}");
        }
        assert!(allowed(file, "examplebot", "/other"));
        assert!(!allowed(file, "OtherBot", "/other"));
    }

    #[test]
    fn spellings_of_one_address_are_one() {
        // RFC 9309, the table of section 2.2.2.
        for (pattern, path) in [
            ("/foo/bar?baz=quz", "/foo/bar?baz=quz"),
            ("/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar"),
            ("/foo/bar/\u{30c4}", "/foo/bar/%E3%83%84"),
            ("/foo/bar/%E3%83%84", "/foo/bar/%e3%83%84"),
            ("/foo/bar/%62%61%7A", "/foo/bar/baz"),
            ("/%40ada", "/@ada"),
        ] {
            assert!(disallows(pattern, path) && disallows(path, pattern), "{pattern} {path}");
        }
    }

    #[test]
    fn special_characters_mean_what_the_standard_says() {
        // RFC 9309, sections 2.2.3.
        for (pattern, path, expected) in [
            ("/this/path/exactly$", "/this/path/exactly", true),
            ("/this/path/exactly$", "/this/path/exactly/not", false),
            ("/this/*/exactly", "/this/or/that/exactly", true),
            ("/this/*/exactly", "/this/exactly", false),
            ("/path/file-with-a-%2A.html", "/path/file-with-a-*.html", true),
            ("/path/file-with-a-%2A.html", "/path/file-with-a-b.html", false),
            ("/path/foo-%24", "/path/foo-$", true),
            ("/a$b", "/a$b", true),
            ("/*a*b*a$", "/xaxbxbxa", true),
            ("/*a*b*a$", "/xaxbxbx", false),
            ("/@", "/@ada?lang=en", true),
            ("/100%", "/100%", true),
            ("ada", "/ada", false),
            ("", "/ada", false),
        ] {
            assert_eq!(disallows(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn byte_order_mark_line_ends_comments_and_other_records_do_not_disturb() {
        for file in [
            "\u{feff}User-agent: *\nDisallow: /@",
            "User-agent: *\r\nDisallow: /@\r\n",
            "User-agent: *\rDisallow: /@\r",
            "  USER-AGENT :\t* # everybody\n\n  disallow :  /@ # nobody\n",
            "User-agent: CreatorCompass/1.0\nSitemap: https://h.example/map\nCrawl-delay: 5\nDisallow: /@\n",
            "User-agent: *\nAllow: /@\nUser-agent: creatorcompass\nDisallow: /@\n",
        ] {
            assert!(!allowed(file, "CreatorCompass", "/@ada"), "{file:?}");
        }
        for file in [
            "",
            "Disallow: /\nUser-agent: other\nDisallow: /\n",
            "User-agent: *\nDisallow: /\nUser-agent: CreatorCompass\nDisallow:\n",
            "User-agent: CreatorCompassion\nDisallow: /\n",
            "<!DOCTYPE html><p>Disallow: /",
        ] {
            assert!(allowed(file, "CreatorCompass", "/@ada"), "{file:?}");
        }
        let not_text = b"User-agent: *\nDisallow: /\xff\xfe%\nDisallow: /@\n\0";
        assert_eq!(RobotsTxt::parse(not_text, "CreatorCompass").forbids("/@ada"), Some("Disallow: /@"));
    }

    #[test]
    fn many_wildcards_do_not_take_for_ever() {
        let file = format!("User-agent: *\nDisallow: /{}b$\n", "a*".repeat(50_000));
        assert!(allowed(&file, "CreatorCompass", &format!("/{}", "a".repeat(2_000))));
    }
}
