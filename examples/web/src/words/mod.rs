//! Numbers, counters, figures, moments and sources as people read them, on a page and in a terminal.

mod figure;
mod findings;
mod locale;

use compass_core::{Count, SourceKind, recommend::Shown};
use jiff::{Timestamp, tz::TimeZone};

use locale::Locale;

pub(crate) use figure::{Figure, amount, remark};
pub(crate) use findings::{
    Finding, best_time, block, capital, feature, findings, forecast, lifts, pace, percent, standouts,
};
pub(crate) use locale::for_reader;

/// A whole number with thousands separators: `48,912`.
pub(crate) fn thousands(n: u64) -> String {
    let (digits, group) = (n.to_string(), Locale::of_reader().group);
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(group);
        }
        text.push(digit);
    }
    text
}

/// A number where there is little room: `950`, `48,000`, `1.2M`.
pub(crate) fn short(x: f64) -> String {
    let (size, sign) = (x.abs(), if x < 0.0 { "\u{2212}" } else { "" });
    let with = |part: f64, unit: &str| {
        let text = format!("{part:.2}");
        format!("{sign}{}{unit}", decimal(text.trim_end_matches('0').trim_end_matches('.')))
    };
    match size {
        0.0..100_000.0 => format!("{sign}{}", thousands(size.round() as u64)),
        100_000.0..1e6 => with(size / 1e3, "K"),
        1e6..1e9 => with(size / 1e6, "M"),
        _ => with(size / 1e9, "B"),
    }
}

/// A number with the decimal sign of the reader's country in place of the point.
pub(crate) fn decimal(number: &str) -> String {
    number.replace('.', Locale::of_reader().point.encode_utf8(&mut [0; 4]))
}

/// A false discovery rate: `below 0.001`, `0.012`, `1`.
pub(crate) fn false_discovery_rate(q: f64) -> String {
    match q {
        ..0.001 => format!("below {}", decimal("0.001")),
        // "1.000" would be a thousand to some readers.
        0.9995.. => "1".to_owned(),
        q => decimal(&format!("{q:.3}")),
    }
}

/// A fixed sentence with its numbers written as the reader does: `for 1,000 likes`, `0.3 is a factor of 2`.
pub(crate) fn localised(text: &str) -> String {
    let Locale { group, point } = Locale::of_reader();
    let letters: Vec<char> = text.chars().collect();
    let is_digit = |place: Option<usize>| place.and_then(|it| letters.get(it)).is_some_and(char::is_ascii_digit);
    let in_number = |place: usize| is_digit(place.checked_sub(1)) && is_digit(Some(place + 1));
    let written = letters.iter().enumerate().map(|(place, &letter)| match letter {
        '.' if in_number(place) => point,
        ',' if in_number(place) => group,
        letter => letter,
    });
    written.collect()
}

/// A value of a sentence that the core makes, written as the page writes its own.
pub(crate) fn shown(value: &Shown) -> String {
    match value {
        Shown::Day(day) => day.strftime("%-d %b %Y").to_string(),
        Shown::Hour(_) | Shown::Name(_) => value.to_string(),
        _ => {
            let Locale { group, point } = Locale::of_reader();
            let sign = |c| match c {
                ',' => group,
                '.' => point,
                '-' => '\u{2212}',
                c => c,
            };
            value.to_string().replace(" %", "%").chars().map(sign).collect()
        }
    }
}

/// The decimal sign and the thousands separator of the reader, as plotly takes them.
pub(crate) fn separators() -> String {
    let Locale { group, point } = Locale::of_reader();
    String::from_iter([point, group])
}

/// A counter: the number to show, and how exactly it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CountWords {
    /// `48,912`, or `98,400` for a rounded one, or `not shown`.
    pub(crate) shown: String,
    /// `exact`, or `between 98,350 and 98,449`, or why there is none.
    pub(crate) exactness: String,
    /// Whether the number stands for a range.
    pub(crate) rounded: bool,
}

impl CountWords {
    pub(crate) fn new(count: Option<Count>) -> Self {
        match count {
            None => {
                Self { shown: "not shown".to_owned(), exactness: "the source withholds it".to_owned(), rounded: false }
            }
            Some(count) if count.is_exact() => {
                Self { shown: thousands(count.lo()), exactness: "exact".to_owned(), rounded: false }
            }
            Some(count) => Self {
                shown: thousands(count.midpoint()),
                exactness: format!("between {} and {}", thousands(count.lo()), thousands(count.hi())),
                rounded: true,
            },
        }
    }
}

impl CountWords {
    /// The number where there is no room for its range: `48,912`, or `≈ 98,400`.
    pub(crate) fn approximately(&self) -> String {
        if self.rounded { format!("≈ {}", self.shown) } else { self.shown.clone() }
    }

    /// What is known of the number, and no more: `48,912`, or `between 98,350 and 98,449`.
    pub(crate) fn precisely(&self) -> &str {
        if self.rounded { &self.exactness } else { &self.shown }
    }
}

/// The name of a zone; an unnamed one is UTC.
pub(crate) fn zone_name(zone: &TimeZone) -> &str {
    zone.iana_name().unwrap_or("UTC")
}

/// A moment in a zone, to the minute: `22 Nov 2026, 10:23`.
pub(crate) fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%-d %b %Y, %H:%M").to_string()
}

/// The day of a moment in a zone: `22 Nov 2026`.
pub(crate) fn day(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%-d %b %Y").to_string()
}

/// Who showed a figure, as the end of "shown by".
pub(crate) fn source(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::WebDriver => "the public page, opened in a browser",
        SourceKind::Page => "the public page",
        SourceKind::DisplayApi => "TikTok's official API",
        SourceKind::DataDownload => "TikTok's \"Download your data\"",
        SourceKind::StudioExport => "a TikTok Studio export",
        SourceKind::Replay => "saved pages and answers",
        SourceKind::Sample => "generated sample data",
        _ => "a source of another kind",
    }
}

/// Names as one says them: `likes, comments and shares`.
pub(crate) fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        for (n, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (48_912, "48,912"), (1_234_567, "1,234,567")] {
            assert_eq!(thousands(n), text);
        }
    }

    #[test]
    fn short_numbers_are_short() {
        let cases = [
            (0.0, "0"),
            (48_000.0, "48,000"),
            (250_000.0, "250K"),
            (1.25e6, "1.25M"),
            (1e10, "10B"),
            (-50.0, "\u{2212}50"),
        ];
        for (x, text) in cases {
            assert_eq!(short(x), text);
        }
    }

    #[test]
    fn a_counter_says_how_exactly_it_is_known() {
        let rounded = CountWords::new(Count::parse_abbreviated("98.4K").ok());
        assert_eq!((rounded.shown.as_str(), rounded.exactness.as_str()), ("98,400", "between 98,350 and 98,449"));
        let exact = CountWords::new(Count::exact(48_912).ok());
        assert_eq!((exact.shown.as_str(), exact.exactness.as_str()), ("48,912", "exact"));
        assert_eq!((rounded.approximately().as_str(), rounded.precisely()), ("≈ 98,400", "between 98,350 and 98,449"));
        assert_eq!((exact.approximately().as_str(), exact.precisely()), ("48,912", "48,912"));
        assert_eq!(CountWords::new(None).shown, "not shown");
    }

    #[test]
    fn names_are_listed_as_one_says_them() {
        assert_eq!(listed(&[]), "");
        assert_eq!(listed(&["likes"]), "likes");
        assert_eq!(listed(&["likes", "comments", "shares"]), "likes, comments and shares");
    }

    #[test]
    fn moments_are_told_in_the_persons_zone() {
        let at: Timestamp = "2026-11-22T23:30:00Z".parse().unwrap();
        assert_eq!(moment(at, &TimeZone::get("Europe/Berlin").unwrap()), "23 Nov 2026, 00:30");
        assert_eq!(day(at, &TimeZone::UTC), "22 Nov 2026");
    }
}
