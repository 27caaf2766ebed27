//! Numbers, counters, moments and sources as people read them.

use compass_core::{Count, SourceKind};
use jiff::{Timestamp, tz::TimeZone};

/// A whole number with thousands separators: `48,912`.
pub(super) fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A counter: the number to show, and how exactly it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CountWords {
    /// `48,912`, or `98,400` for a rounded one, or `not shown`.
    pub(super) shown: String,
    /// `exact`, or `between 98,350 and 98,449`, or why there is none.
    pub(super) exactness: String,
    /// Whether the number stands for a range.
    pub(super) rounded: bool,
}

impl CountWords {
    pub(super) fn new(count: Option<Count>) -> Self {
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

/// What a figure counts, and so how it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Views: three digits are more than their spread deserves.
    Views,
    /// A part of a whole, as a percentage.
    Share,
    /// A gain or a loss a day.
    PerDay,
    /// A number of times in a week.
    PerWeek,
    /// Hours, or days if they are many.
    Hours,
    /// A ratio.
    Ratio,
    /// A relative gain or loss a day.
    GrowthPerDay,
}

impl Unit {
    /// The number with its unit.
    pub(super) fn write(self, x: f64) -> String {
        match self {
            Self::Views => thousands(three_digits(x)),
            Self::Share => percent(x * 100.0),
            Self::PerDay if x.abs() >= 100.0 => signed(x, 0),
            Self::PerDay if x.abs() >= 10.0 => signed(x, 1),
            Self::PerDay => signed(x, 2),
            Self::PerWeek if x.abs() < 2.0 => format!("{x:.2}"),
            Self::PerWeek => format!("{x:.1}"),
            Self::Hours if x < 48.0 => format!("{x:.0} h"),
            Self::Hours => format!("{:.1} days", x / 24.0),
            Self::Ratio => format!("{x:.2}"),
            Self::GrowthPerDay => format!("{}%", signed(x * 100.0, 2)),
        }
    }
}

/// A moment in a zone, to the minute: `22 Nov 2026, 10:23`.
pub(super) fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%-d %b %Y, %H:%M").to_string()
}

/// The day of a moment in a zone: `22 Nov 2026`.
pub(super) fn day(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%-d %b %Y").to_string()
}

/// Who showed a figure, as the end of "shown by".
pub(super) fn source(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::WebDriver => "the public page, opened in a browser",
        SourceKind::Page => "the public page",
        SourceKind::DisplayApi => "TikTok's official API",
        SourceKind::StudioExport => "your TikTok Studio export",
        SourceKind::Replay => "a recorded page",
        SourceKind::Sample => "generated sample data",
        _ => "a source of another kind",
    }
}

fn three_digits(x: f64) -> u64 {
    let x = x.max(0.0);
    let digits = if x < 1.0 { 1 } else { x.log10().floor() as i32 + 1 };
    let step = 10_f64.powi((digits - 3).max(0));
    ((x / step).round() * step) as u64
}

fn percent(x: f64) -> String {
    if x.abs() < 1.0 { format!("{x:.2}%") } else { format!("{x:.1}%") }
}

/// With its sign, and a minus that is as wide as the plus.
fn signed(x: f64, decimals: usize) -> String {
    let digits = format!("{:.decimals$}", x.abs());
    if digits.bytes().all(|b| matches!(b, b'0' | b'.')) {
        return digits;
    }
    format!("{}{digits}", if x < 0.0 { '\u{2212}' } else { '+' })
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
    fn a_counter_says_how_exactly_it_is_known() {
        let rounded = CountWords::new(Count::parse_abbreviated("98.4K").ok());
        assert_eq!((rounded.shown.as_str(), rounded.exactness.as_str()), ("98,400", "between 98,350 and 98,449"));
        let exact = CountWords::new(Count::exact(48_912).ok());
        assert_eq!((exact.shown.as_str(), exact.exactness.as_str()), ("48,912", "exact"));
        assert_eq!(CountWords::new(None).shown, "not shown");
    }

    #[test]
    fn figures_are_written_in_their_unit() {
        let cases = [
            (Unit::Views, 21_347.0, "21,300"),
            (Unit::Views, 999.6, "1,000"),
            (Unit::Views, 7.4, "7"),
            (Unit::Views, 0.0, "0"),
            (Unit::Share, 0.0716, "7.2%"),
            (Unit::Share, 0.0036, "0.36%"),
            (Unit::PerDay, 61.24, "+61.2"),
            (Unit::PerDay, 612.4, "+612"),
            (Unit::PerDay, -2.04, "\u{2212}2.04"),
            (Unit::PerDay, -0.001, "0.00"),
            (Unit::PerWeek, 4.52, "4.5"),
            (Unit::Hours, 37.4, "37 h"),
            (Unit::Hours, 60.0, "2.5 days"),
            (Unit::Ratio, 0.436, "0.44"),
            (Unit::GrowthPerDay, 0.00127, "+0.13%"),
        ];
        for (unit, x, text) in cases {
            assert_eq!(unit.write(x), text, "{unit:?} {x}");
        }
    }

    #[test]
    fn moments_are_told_in_the_persons_zone() {
        let at: Timestamp = "2026-11-22T23:30:00Z".parse().unwrap();
        assert_eq!(moment(at, &TimeZone::get("Europe/Berlin").unwrap()), "23 Nov 2026, 00:30");
        assert_eq!(day(at, &TimeZone::UTC), "22 Nov 2026");
    }
}
