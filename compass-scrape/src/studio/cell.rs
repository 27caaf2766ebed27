//! What a cell says: a whole number, a share, a text, or nothing.

use jiff::civil::Date;

use super::{Bad, told};

/// A title has at most some thousand characters.
pub(super) const LONGEST_CELL: usize = 64 * 1024;

/// The widest table of an export has nine columns.
pub(super) const MOST_COLUMNS: usize = 64;

/// A cell as its file has it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Text(String),
    Number(f64),
    Day(Date),
    Empty,
}

/// A row and the line that it stands in, from 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) line: usize,
    pub(super) cells: Vec<Cell>,
}

impl Cell {
    /// The text without white space around it; what is no text is none.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Text(text) => text.trim(),
            Self::Number(_) | Self::Day(_) | Self::Empty => "",
        }
    }

    /// Whether the cell says that there is no figure. A missing figure is not zero.
    pub(super) fn is_missing(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => {
                matches!(
                    text.trim().to_lowercase().as_str(),
                    "" | "undefined" | "null" | "nan" | "n/a" | "-" | "--" | "–" | "—"
                )
            }
            Self::Number(_) | Self::Day(_) => false,
        }
    }

    /// A whole number, which may be negative; `None` if it is missing.
    pub(super) fn whole(&self) -> Result<Option<i64>, Bad> {
        if self.is_missing() {
            return Ok(None);
        }
        let not_whole = || Bad::new("not_a_number", format!("{} is not a whole number", self.told()));
        match self {
            Self::Number(number) => {
                // Above this a float no longer tells one whole number from the next.
                const LARGEST: f64 = 9_007_199_254_740_992.0;
                if number.fract() != 0.0 || number.abs() > LARGEST {
                    return Err(not_whole());
                }
                Ok(Some(*number as i64))
            }
            Self::Text(text) => whole(&plain(text)).map(Some).ok_or_else(not_whole),
            Self::Day(_) | Self::Empty => Err(not_whole()),
        }
    }

    /// A number of something, which is not negative; `None` if it is missing.
    pub(super) fn total(&self) -> Result<Option<u64>, Bad> {
        let Some(whole) = self.whole()? else { return Ok(None) };
        u64::try_from(whole)
            .map(Some)
            .map_err(|_| Bad::new("suspect_value", format!("{whole} is negative, which a total cannot be")))
    }

    /// A part of a whole, from 0 to 1, written as a fraction or in percent; `None` if it is missing.
    pub(super) fn share(&self) -> Result<Option<f64>, Bad> {
        if self.is_missing() {
            return Ok(None);
        }
        let not_a_share =
            || Bad::new("not_a_share", format!("{} is neither a fraction from 0 to 1 nor a percentage", self.told()));
        let share = match self {
            Self::Number(number) => *number,
            Self::Text(text) => share(&plain(text)).ok_or_else(not_a_share)?,
            Self::Day(_) | Self::Empty => return Err(not_a_share()),
        };
        if (0.0..=1.0).contains(&share) { Ok(Some(share)) } else { Err(not_a_share()) }
    }

    /// The cell as a message quotes it.
    pub(super) fn told(&self) -> String {
        match self {
            Self::Text(text) => told(text.trim()),
            Self::Number(number) => number.to_string(),
            Self::Day(day) => day.to_string(),
            Self::Empty => "an empty cell".to_owned(),
        }
    }
}

/// The text with the digits and signs of any script as those of ASCII, in lower case, without marks of direction.
pub(super) fn plain(text: &str) -> String {
    let marks = |c: &char| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{61c}' | '\u{feff}');
    let ascii = |c: char| match c {
        '٠'..='٩' => digit(c, '٠'),
        '۰'..='۹' => digit(c, '۰'),
        '๐'..='๙' => digit(c, '๐'),
        '０'..='９' => digit(c, '０'),
        '٪' | '％' => '%',
        '٫' => '.',
        '٬' => ',',
        '−' | '﹣' | '－' => '-',
        c if c.is_whitespace() => ' ',
        c => c,
    };
    text.trim().chars().filter(marks).map(ascii).collect::<String>().to_lowercase()
}

fn digit(c: char, zero: char) -> char {
    let value = (u32::from(c) - u32::from(zero)).to_le_bytes()[0];
    char::from(b'0' + value)
}

/// A whole number whose thousands may be separated by one kind of sign.
fn whole(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest.trim_start()),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let separator = digits.chars().find(|c| matches!(c, ',' | '.' | ' ' | '\'' | '’'));
    let digits = match separator {
        None => digits.to_owned(),
        Some(separator) => {
            let mut groups = digits.split(separator);
            let first = groups.next()?;
            if !(1..=3).contains(&first.len()) || !groups.all(|group| group.len() == 3) {
                return None;
            }
            digits.replace(separator, "")
        }
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse::<i64>().ok().map(|number| sign * number)
}

fn share(text: &str) -> Option<f64> {
    let percent = text.contains('%');
    let number = text.replacen('%', "", 1).trim().replacen(',', ".", 1);
    // A float is also read from "inf" and "1e-3", which no share is written as.
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    let number: f64 = number.parse().ok()?;
    Some(if percent { number / 100.0 } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    #[test]
    fn whole_numbers_are_read_with_and_without_separators() {
        for (cell, number) in [
            ("0", 0),
            (" 191265 ", 191_265),
            ("191,265", 191_265),
            ("191.265", 191_265),
            ("1 234 567", 1_234_567),
            ("1\u{202f}234", 1_234),
            ("1’234", 1_234),
            ("-4", -4),
            ("−1,004", -1_004),
            ("\u{200e}-4", -4),
            ("+3", 3),
            ("١٬٢٣٤", 1_234),
            ("๑๒", 12),
        ] {
            assert_eq!(text(cell).whole(), Ok(Some(number)), "{cell}");
        }
        assert_eq!(Cell::Number(12.0).whole(), Ok(Some(12)));
    }

    #[test]
    fn what_is_no_whole_number_is_refused() {
        for cell in
            ["1.5", "1,23", "12,34,567", "1.2K", "=1+1", "@SUM(A1)", "1e9", "99999999999999999999", "1,234.567", "--1"]
        {
            assert!(text(cell).whole().is_err(), "{cell}");
        }
        for number in [0.5, f64::NAN, f64::INFINITY, 1e300] {
            assert!(Cell::Number(number).whole().is_err(), "{number}");
        }
        assert!(Cell::Day(Date::MIN).whole().is_err());
    }

    #[test]
    fn what_is_not_known_is_missing_and_not_zero() {
        for cell in ["undefined", "", "-", "—", "N/A", "null", "NaN"] {
            assert_eq!((text(cell).whole(), text(cell).share()), (Ok(None), Ok(None)), "{cell}");
        }
    }

    #[test]
    fn a_total_is_never_negative() {
        assert_eq!(text("-1").total().unwrap_err().reason, "suspect_value");
        assert_eq!(text("7").total(), Ok(Some(7)));
    }

    #[test]
    fn shares_are_fractions_or_percentages() {
        for (cell, share) in [
            ("0.59", 0.59),
            ("0,59", 0.59),
            ("59%", 0.59),
            ("59,0 %", 0.59),
            ("%59", 0.59),
            ("٥٩٪", 0.59),
            ("59.0\u{a0}%", 0.59),
            ("0", 0.0),
            ("1", 1.0),
            ("100%", 1.0),
        ] {
            // 59 / 100 is the float nearest to 0.59, so that the two are equal.
            assert_eq!(text(cell).share(), Ok(Some(share)), "{cell}");
        }
        for cell in ["59", "101%", "-1%", "half", "1e-2", "inf", "=0.5", "0.5%%", "."] {
            assert!(text(cell).share().is_err(), "{cell}");
        }
        assert_eq!(Cell::Number(0.41).share(), Ok(Some(0.41)));
    }
}
