//! Which day a text names, in the language of the interface; most name no year.

use jiff::civil::{Date, date};

use super::{
    Bad,
    cell::{Cell, plain},
    months::{is_english_month, month},
};

/// A day as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) year: Option<i16>,
    pub(super) month: i8,
    pub(super) day: i8,
}

/// Reads the day that a cell names: `February 27`, `8 de marzo`, `3월 8일`, `2026-02-27`.
pub(super) fn written(cell: &Cell) -> Result<Written, Bad> {
    let read = match cell {
        Cell::Day(day) => Some(Written { year: Some(day.year()), month: day.month(), day: day.day() }),
        Cell::Text(text) => in_text(text),
        Cell::Number(_) | Cell::Empty => None,
    };
    read.ok_or_else(|| {
        let detail = format!("{} is not a day: a month's name with a day, or a date such as 2026-02-27", cell.told());
        Bad::new("not_a_day", detail)
    })
}

/// Whether a cell names its month in a language other than English.
pub(super) fn is_translated(cell: &Cell) -> bool {
    let text = plain(cell.text());
    // A single letter may part a date from a time.
    let words: Vec<&str> = text.split(|c: char| !c.is_alphabetic()).filter(|word| word.len() > 1).collect();
    written(cell).is_ok() && !words.is_empty() && !words.into_iter().any(is_english_month)
}

/// Whether a cell names its month with a word that is another month in Croatian than in Polish.
pub(super) fn is_of_two_months(cell: &Cell) -> bool {
    const OF_TWO_MONTHS: [&str; 4] = ["listopada", "listopad", "lis", "lip"];
    let text = plain(cell.text());
    text.split(|c: char| !c.is_alphabetic()).any(|word| OF_TWO_MONTHS.contains(&word))
}

/// No day is written longer than this.
const LONGEST: usize = 80;

/// Words that stand in dates and say nothing.
const PARTICLES: &[&str] = &[
    "de",
    "del",
    "di",
    "do",
    "da",
    "of",
    "the",
    "le",
    "er",
    "st",
    "nd",
    "rd",
    "th",
    "º",
    "ª",
    "η",
    "г",
    "года",
    "р",
    "ngày",
    "mồng",
    "năm",
    "วันที่",
    "ที่",
    "ปี",
    "พ.ศ",
    "ค.ศ",
    "日",
    "일",
    "年",
    "년",
    "號",
    "号",
];

fn in_text(text: &str) -> Option<Written> {
    if text.len() > LONGEST {
        return None;
    }
    // A Turkish capital İ is an i with a dot of its own.
    let text = plain(text).replace('\u{307}', "");
    let parts = parts(text.trim());
    numeric(text.trim()).or_else(|| named(&parts))
}

/// `2026-02-27`, perhaps with a time, and `27.02.2026`. With other separators nobody knows which number is the month.
fn numeric(text: &str) -> Option<Written> {
    let text = text.split(['t', ' ']).next()?;
    let separator = text.chars().find(|c| !c.is_ascii_digit()).filter(|c| matches!(c, '-' | '/' | '.'))?;
    let mut numbers = text.split(separator);
    let (first, second, third) = (numbers.next()?, numbers.next()?, numbers.next()?);
    let all_digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if numbers.next().is_some() || ![first, second, third].into_iter().all(all_digits) {
        return None;
    }
    match (first.len(), third.len(), separator) {
        (4, 1 | 2, _) => valid(Some(first.parse().ok()?), second.parse().ok()?, third.parse().ok()?),
        (1 | 2, 4, '.') => valid(Some(third.parse().ok()?), second.parse().ok()?, first.parse().ok()?),
        _ => None,
    }
}

/// A part of a text: digits, or what is between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part<'a> {
    Number(&'a str),
    Words(&'a str),
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_number = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != is_number).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        parts.push(if is_number { Part::Number(part) } else { Part::Words(part) });
        rest = after;
    }
    parts
}

/// A day with a month's name, or with the word for month beside its number.
fn named(parts: &[Part<'_>]) -> Option<Written> {
    let (mut year, mut number_of_month, mut day) = (None, None, None);
    let mut words: Vec<&str> = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        let neighbour = |at: Option<usize>| match at.and_then(|at| parts.get(at)) {
            Some(Part::Words(words)) => *words,
            _ => "",
        };
        let (before, after) = (neighbour(place.checked_sub(1)), neighbour(place.checked_add(1)));
        match part {
            Part::Number(number) if number.len() == 4 => {
                if year.replace(number.parse().ok()?).is_some() {
                    return None;
                }
            }
            Part::Number(number) if number.len() <= 2 => {
                let is_month = after.trim_start().starts_with(['月', '월'])
                    || before.trim_end().ends_with("tháng")
                    || before.trim_end().trim_end_matches('.').ends_with("thg");
                let place = if is_month { &mut number_of_month } else { &mut day };
                if place.replace(number.parse().ok()?).is_some() {
                    return None;
                }
            }
            Part::Number(_) => return None,
            Part::Words(several) => {
                words.extend(several.split(|c: char| c.is_whitespace() || matches!(c, ',' | '،' | '、')))
            }
        }
    }
    let told =
        words.iter().map(|word| word.trim_matches('.')).filter(|word| !word.is_empty() && !PARTICLES.contains(word));
    let name = told.collect::<Vec<_>>().join(" ");
    let month = match number_of_month {
        Some(month) => matches!(name.as_str(), "月" | "월" | "tháng" | "thg").then_some(month)?,
        None => month(&name)?,
    };
    valid(year.map(gregorian), month, day?)
}

/// Thai years count from the Buddha's passing, 543 years before ours.
fn gregorian(year: i16) -> i16 {
    if (2400..2800).contains(&year) { year - 543 } else { year }
}

fn valid(year: Option<i16>, month: i8, day: i8) -> Option<Written> {
    const LEAP: i16 = 2000;
    let in_calendar = Date::new(year.unwrap_or(LEAP), month, day).ok()?;
    let of_tiktok = date(2014, 1, 1)..date(2200, 1, 1);
    (year.is_none() || of_tiktok.contains(&in_calendar)).then_some(Written { year, month, day })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(Option<i16>, i8, i8)> {
        in_text(text).map(|written| (written.year, written.month, written.day))
    }

    #[test]
    fn days_without_a_year_are_read_in_many_languages() {
        for (text, month, day) in [
            ("February 28", 2, 28),
            ("8 de marzo", 3, 8),
            ("1.º de maio", 5, 1),
            ("1er janvier", 1, 1),
            ("8. März", 3, 8),
            ("15 Ιανουαρίου", 1, 15),
            ("15 ΙΑΝΟΥΑΡΊΟΥ", 1, 15),
            ("8 tháng 3", 3, 8),
            ("ngày 8 tháng 12", 12, 8),
            ("8 thg 3", 3, 8),
            ("3월 8일", 3, 8),
            ("12月31日", 12, 31),
            ("十二月31日", 12, 31),
            ("٨ مارس", 3, 8),
            ("\u{200f}8 مارس", 3, 8),
            ("٨ كانون الثاني", 1, 8),
            ("๘ มีนาคม", 3, 8),
            ("8 มี.ค.", 3, 8),
            ("8 KASIM", 11, 8),
            ("8 EKİM", 10, 8),
            ("Feb. 9", 2, 9),
            ("29 février", 2, 29),
        ] {
            assert_eq!(read(text), Some((None, month, day)), "{text}");
        }
    }

    #[test]
    fn days_with_a_year_keep_it() {
        for text in [
            "2026-02-27",
            "2026/2/27",
            "2026-02-27T10:00:00",
            "2026-02-27 10:00:00",
            "27.02.2026",
            "February 27, 2026",
            "27 de febrero de 2026",
            "2026年2月27日",
            "2026년 2월 27일",
            "27 กุมภาพันธ์ 2569",
            "27 tháng 2, 2026",
        ] {
            assert_eq!(read(text), Some((Some(2026), 2, 27)), "{text}");
        }
    }

    #[test]
    fn what_names_no_day_is_refused() {
        for text in [
            "",
            "February",
            "28",
            "February 30",
            "February 0",
            "0 мая",
            "Smarch 3",
            "02/03/2026",
            "2026-02-30",
            "2026-02-27-01",
            "February 2 3",
            "1 2 3",
            "3월",
            "undefined",
            "=DATE(2026,1,1)",
            "1999-01-01",
            "月月",
            "May May 3",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read(&"1".repeat(1_000)), None);
    }
}
