//! The one place where values become words: sentences with slots, and what fills them.

use std::{collections::BTreeMap, fmt};

use jiff::civil::Date;

/// A value as a sentence shows it. Its form is told, so that a page may write it in the way of its reader's country;
/// [`fmt::Display`] is the plain English one.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(tag = "form", content = "value", rename_all = "snake_case")
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Shown {
    /// A relative difference with its sign: 0.04 is `+4 %`.
    Change(f64),
    /// A part of a whole, or the size of a difference whose direction is in the words: 0.3 is `30 %`.
    Share(f64),
    /// A small part of a whole, to a tenth of a percent: 0.0731 is `7.3 %`.
    Rate(f64),
    /// A number of things: `12,345`, and `3.5` below ten.
    Count(f64),
    /// A figure of which three digits say enough: 347,557 is `348,000`.
    About(f64),
    /// A number gained or lost: `+12`, `-3`.
    Gain(f64),
    /// An hour of the day: `18:00`.
    Hour(u8),
    /// A day: `2026-05-01`.
    Day(Date),
    /// A name that is shown as it is, without control characters and of bounded length.
    Name(String),
}

/// A sentence with slots, such as `{{lift.value}}`, and what fills them. Each slot stands in it once.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Wording {
    /// The sentence; a slot is a name in double braces.
    pub template: String,
    /// What fills each slot.
    pub slots: BTreeMap<String, Shown>,
}

/// A part of a sentence with slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece<'a> {
    /// Words, as they are.
    Words(&'a str),
    /// The name of a slot.
    Slot(&'a str),
}

/// Names are cut after so many characters.
const LONGEST_NAME: usize = 60;

impl Shown {
    /// A name from outside: control and direction characters are left out, a long one is cut.
    #[must_use]
    pub fn name(name: &str) -> Self {
        let shown = |c: &char| {
            !c.is_control()
                && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        };
        let mut name: String = name.chars().filter(shown).collect();
        if let Some((end, _)) = name.char_indices().nth(LONGEST_NAME) {
            name.truncate(end);
            name.push('…');
        }
        Self::Name(name)
    }
}

impl Wording {
    pub(super) fn new<const N: usize>(template: impl Into<String>, slots: [(&str, Shown); N]) -> Self {
        let slots = slots.into_iter().map(|(name, shown)| (name.to_owned(), shown)).collect();
        Self { template: template.into(), slots }
    }

    /// The sentence in plain English.
    #[must_use]
    pub fn text(&self) -> String {
        self.text_with(Shown::to_string)
    }

    /// The sentence with values that are written in another way, such as that of the reader's country.
    pub fn text_with(&self, write: impl Fn(&Shown) -> String) -> String {
        self.filled(&self.template, write)
    }

    /// Another sentence with the same slots, filled; a slot that has no value stays as it is.
    pub(in crate::recommend) fn fill(&self, template: &str) -> String {
        self.filled(template, Shown::to_string)
    }

    fn filled(&self, template: &str, write: impl Fn(&Shown) -> String) -> String {
        let fill = |piece| match piece {
            Piece::Words(words) => words.to_owned(),
            Piece::Slot(name) => self.slots.get(name).map_or_else(|| format!("{{{{{name}}}}}"), &write),
        };
        pieces(template).into_iter().map(fill).collect()
    }
}

/// The parts of a sentence with slots. Braces that do not close, or hold what is no name, are words.
fn pieces(template: &str) -> Vec<Piece<'_>> {
    let is_name =
        |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'.' | b'_'));
    let (mut pieces, mut words, mut at) = (Vec::new(), 0, 0);
    while let Some(open) = template[at..].find("{{").map(|found| at + found) {
        let name = template[open + 2..].split_once("}}").map(|(name, _)| name).filter(|name| is_name(name));
        at = open + 2;
        if let Some(name) = name {
            pieces.extend((words < open).then_some(Piece::Words(&template[words..open])));
            pieces.push(Piece::Slot(name));
            at = open + name.len() + 4;
            words = at;
        }
    }
    pieces.extend((words < template.len()).then_some(Piece::Words(&template[words..])));
    pieces
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Change(change) | Self::Share(change) if change.abs() > BEYOND => {
                let sign = if matches!(self, Self::Change(_)) { sign(*change) } else { "" };
                write!(f, "over {sign}{} %", grouped(100.0 * BEYOND, 0))
            }
            Self::Change(change) => write!(f, "{}{} %", sign(percent(*change)), grouped(percent(*change).abs(), 0)),
            Self::Share(share) => write!(f, "{} %", grouped(percent(*share).abs(), 0)),
            Self::Rate(rate) => write!(f, "{} %", grouped((100.0 * rate).abs(), 1)),
            Self::Count(count) => {
                write!(f, "{}{}", if *count < 0.0 { "-" } else { "" }, grouped(count.abs(), places(*count)))
            }
            Self::About(value) => Self::Count(three_digits(*value)).fmt(f),
            Self::Gain(gain) => {
                let gain = if gain.abs() < 10.0 { (10.0 * gain).round() / 10.0 } else { gain.round() };
                write!(f, "{}{}", sign(gain), grouped(gain.abs(), places(gain)))
            }
            Self::Hour(hour) => write!(f, "{hour:02}:00"),
            Self::Day(day) => write!(f, "{day}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// Ten times as much again: beyond that nobody knows how much.
const BEYOND: f64 = 10.0;

fn three_digits(value: f64) -> f64 {
    if value.abs() < 1_000.0 {
        return value;
    }
    let step = 10.0_f64.powf(value.abs().log10().floor() - 2.0);
    (value / step).round() * step
}

/// In whole hundredths, so that what rounds to nothing has no sign.
fn percent(part: f64) -> f64 {
    (100.0 * part).round()
}

fn sign(value: f64) -> &'static str {
    if value > 0.0 {
        "+"
    } else if value < 0.0 {
        "-"
    } else {
        ""
    }
}

/// A tenth matters below ten, unless it is a whole number.
fn places(value: f64) -> usize {
    usize::from(value.abs() < 9.95 && (value - value.round()).abs() >= 0.05)
}

/// With a comma after every three digits.
fn grouped(value: f64, places: usize) -> String {
    let plain = format!("{value:.places$}");
    let (whole, fraction) = plain.split_once('.').map_or((plain.as_str(), None), |(whole, f)| (whole, Some(f)));
    let mut text = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text.extend(fraction.map(|fraction| format!(".{fraction}")));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_plainly() {
        for (shown, text) in [
            (Shown::Change(0.04), "+4 %"),
            (Shown::Change(-0.02), "-2 %"),
            (Shown::Change(-0.004), "0 %"),
            (Shown::Change(9.2), "+920 %"),
            (Shown::Change(14.2), "over +1,000 %"),
            (Shown::Share(68.12), "over 1,000 %"),
            (Shown::About(347_557.0), "348,000"),
            (Shown::About(20_514.4), "20,500"),
            (Shown::About(999.6), "1,000"),
            (Shown::About(4.26), "4.3"),
            (Shown::Share(-0.3), "30 %"),
            (Shown::Rate(0.0731), "7.3 %"),
            (Shown::Count(1_234_567.4), "1,234,567"),
            (Shown::Count(3.46), "3.5"),
            (Shown::Count(3.0), "3"),
            (Shown::Count(9.97), "10"),
            (Shown::Gain(-3.04), "-3"),
            (Shown::Gain(0.26), "+0.3"),
            (Shown::Gain(0.01), "0"),
            (Shown::Hour(9), "09:00"),
            (Shown::name("a\u{202e}b\u{7}\nc"), "abc"),
        ] {
            assert_eq!(shown.to_string(), text);
        }
        assert_eq!(Shown::name(&"é".repeat(100)).to_string().chars().count(), 61);
    }

    #[test]
    fn sentence_falls_into_words_and_slots() {
        use Piece::{Slot, Words};
        assert_eq!(pieces("a {{b.c}} d {{e}}"), [Words("a "), Slot("b.c"), Words(" d "), Slot("e")]);
        assert_eq!(pieces("{{{{a}}"), [Words("{{"), Slot("a")]);
        for words in ["{{", "{{A}}", "{{}}", "}} {{", "{{a b}}", "{a}"] {
            assert_eq!(pieces(words), [Words(words)]);
        }
        assert_eq!(pieces(""), []);
    }

    #[test]
    fn values_may_be_written_in_another_way() {
        let wording = Wording::new("{{a}} and {{b}}", [("a", Shown::Count(1_234.0)), ("b", Shown::name("1,5"))]);
        let write = |shown: &Shown| match shown {
            Shown::Count(_) => shown.to_string().replace(',', "."),
            other => other.to_string(),
        };
        assert_eq!(wording.text_with(write), "1.234 and 1,5");
    }

    #[test]
    fn value_is_not_read_as_a_slot() {
        let wording = Wording::new("{{a}}{{b}}", [("a", Shown::name("{{b}}")), ("b", Shown::Count(1.0))]);
        assert_eq!(wording.text(), "{{b}}1");
    }
}
