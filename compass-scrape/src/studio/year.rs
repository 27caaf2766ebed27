//! Of which years the days of a table are: no row has a year, but the rows follow each other and the last one is not
//! younger than the export.

use jiff::{ToSpan as _, civil::Date};

use super::{Bad, day::Written};

/// A range of days has at most so many; the site keeps no more.
const LONGEST: i32 = 366;

/// The days of rows that follow each other, none of them later than `latest`.
///
/// Rows may run forwards or backwards and cross New Year once. Equal days may follow each other.
///
/// # Errors
/// If a row needs a year and there is no `latest`, if the rows are in no order, or if their days cannot be in one year's
/// range before `latest`.
pub(super) fn days(rows: &[Written], latest: Option<Date>) -> Result<Vec<Date>, Bad> {
    if let Some(days) = rows.iter().map(|row| Some(exact(row.year?, *row))).collect::<Option<Vec<_>>>() {
        let days: Vec<Date> = days.into_iter().collect::<Result<_, _>>()?;
        if !days.is_sorted() && !days.iter().rev().is_sorted() {
            return Err(Bad::new(
                "unordered_days",
                "its rows are not in the order of their dates, as if a spreadsheet had given all of them the same year; give \
                 the export as it was downloaded",
            ));
        }
        return Ok(days);
    }
    let Some(latest) = latest else {
        return Err(missing());
    };
    let forwards = backwards_from(rows.iter().rev(), latest).map(|mut days| {
        days.reverse();
        days
    });
    let backwards = backwards_from(rows.iter(), latest);
    match (forwards, backwards) {
        // Of two rows both orders can be meant: the one with less time between them is.
        (Ok(a), Ok(b)) => Ok(if span(&b) < span(&a) { b } else { a }),
        (Ok(days), Err(_)) | (Err(_), Ok(days)) => Ok(days),
        (Err(why), Err(_)) => Err(why),
    }
}

/// Why days without a year are refused if nothing else tells it.
pub(super) fn missing() -> Bad {
    Bad::new(
        "missing_year",
        "its days have no year and nothing says when it was exported; give the day of the export, or the ZIP as it was \
         downloaded",
    )
}

/// The days of rows each of which is not later than the one before.
fn backwards_from<'a>(rows: impl Iterator<Item = &'a Written>, latest: Date) -> Result<Vec<Date>, Bad> {
    let mut days: Vec<Date> = Vec::new();
    let mut new_years = 0;
    for row in rows {
        let next = days.last().copied();
        let day = match row.year {
            Some(year) => exact(year, *row)?,
            None => newest(*row, next.unwrap_or(latest)).ok_or_else(|| no_such_day(*row, latest))?,
        };
        if next.is_some_and(|next| day > next) {
            return Err(unordered());
        }
        if next.is_some_and(|next| days_between(day, next) > LONGEST) {
            return Err(no_such_day(*row, latest));
        }
        new_years += i32::from(next.is_some_and(|next| day.year() < next.year()));
        days.push(day);
    }
    // In no order, the days would seem to go back a year at every other row.
    if new_years > 1 || span(&days) > LONGEST {
        return Err(unordered());
    }
    if days.first().is_some_and(|day| days_between(*day, latest) > LONGEST) {
        return Err(rows_too_old(latest));
    }
    Ok(days)
}

/// The newest day of that month and number that is not after `latest`; 29 February may be years before it.
pub(super) fn newest(row: Written, latest: Date) -> Option<Date> {
    const LEAP_YEARS_APART: i16 = 8;
    let years = (0..=LEAP_YEARS_APART).filter_map(|back| latest.year().checked_sub(back));
    years.filter_map(|year| Date::new(year, row.month, row.day).ok()).find(|day| *day <= latest)
}

/// The day of that month and number that is nearest to another.
pub(super) fn nearest(row: Written, to: Date) -> Option<Date> {
    if let Some(year) = row.year {
        return exact(year, row).ok();
    }
    let years = [-1, 0, 1].into_iter().filter_map(|step| to.year().checked_add(step));
    let days = years.filter_map(|year| Date::new(year, row.month, row.day).ok());
    days.min_by_key(|day| days_between(*day, to).abs())
}

/// How many days lie between two, negative if the second is earlier.
pub(super) fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(i32::MAX, |span| span.get_days())
}

/// The day after; the last day of the calendar has none.
pub(super) fn day_after(day: Date) -> Date {
    day.checked_add(1.day()).unwrap_or(Date::MAX)
}

fn exact(year: i16, row: Written) -> Result<Date, Bad> {
    Date::new(year, row.month, row.day)
        .map_err(|_| Bad::new("not_a_day", format!("there is no day {}-{} in {year}", row.month, row.day)))
}

fn span(days: &[Date]) -> i32 {
    match (days.first(), days.last()) {
        (Some(first), Some(last)) => days_between(*first, *last).abs(),
        _ => 0,
    }
}

fn unordered() -> Bad {
    Bad::new(
        "unordered_days",
        "its days have no year, and its rows are not in the order of days, so the years cannot be told; give the export as \
         it was downloaded",
    )
}

fn rows_too_old(latest: Date) -> Bad {
    Bad::new(
        "wrong_year",
        format!("its newest day would be more than a year before {latest}; give the day of the export"),
    )
}

fn no_such_day(row: Written, latest: Date) -> Bad {
    let Written { month, day, .. } = row;
    let detail = format!(
        "the year before {latest} has no day {month}-{day}, which is among its days; give the day of the export"
    );
    Bad::new("wrong_year", detail)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn row(month: i8, day: i8) -> Written {
        Written { year: None, month, day }
    }

    fn consecutive(first: Date, n: i64) -> Vec<Date> {
        (0..n).map(|i| first + i.days()).collect()
    }

    fn without_years(days: &[Date]) -> Vec<Written> {
        days.iter().map(|day| row(day.month(), day.day())).collect()
    }

    #[test]
    fn a_year_of_days_crosses_new_year_once() {
        let real = consecutive(date(2025, 2, 28), 365);
        assert_eq!(real.last(), Some(&date(2026, 2, 27)));
        let rows = without_years(&real);
        for exported in [date(2026, 2, 27), date(2026, 2, 28), date(2026, 11, 22)] {
            assert_eq!(days(&rows, Some(exported)), Ok(real.clone()), "{exported}");
        }
    }

    #[test]
    fn rows_may_run_backwards() {
        let mut real = consecutive(date(2025, 12, 20), 28);
        real.reverse();
        assert_eq!(days(&without_years(&real), Some(date(2026, 1, 17))), Ok(real));
        let two = [date(2026, 1, 2), date(2026, 1, 1)];
        assert_eq!(days(&without_years(&two), Some(date(2026, 1, 5))), Ok(two.to_vec()));
        let over_new_year = [date(2025, 12, 31), date(2026, 1, 1)];
        assert_eq!(days(&without_years(&over_new_year), Some(date(2026, 1, 5))), Ok(over_new_year.to_vec()));
    }

    #[test]
    fn a_leap_day_is_only_in_a_leap_year() {
        let real = consecutive(date(2024, 2, 20), 28);
        assert!(real.contains(&date(2024, 2, 29)));
        assert_eq!(days(&without_years(&real), Some(date(2024, 3, 20))), Ok(real.clone()));
        assert_eq!(days(&without_years(&real), Some(date(2025, 2, 1))), Ok(real.clone()));
        // Exported in March 2026 it would be of 2026, which has no such day.
        let why = days(&without_years(&real), Some(date(2026, 3, 20))).unwrap_err();
        assert_eq!(why.reason, "wrong_year");
        assert_eq!(days(&[row(2, 29)], Some(date(2026, 3, 20))).unwrap_err().reason, "wrong_year");
    }

    #[test]
    fn without_the_day_of_the_export_only_years_help() {
        assert_eq!(days(&[row(1, 1)], None).unwrap_err().reason, "missing_year");
        let with_year = Written { year: Some(2026), month: 2, day: 27 };
        assert_eq!(days(&[with_year], None), Ok(vec![date(2026, 2, 27)]));
        assert_eq!(days(&[], None), Ok(Vec::new()));
    }

    #[test]
    fn rows_in_no_order_are_refused() {
        let shuffled = [row(4, 1), row(8, 2), row(2, 3), row(12, 4), row(1, 5)];
        assert_eq!(days(&shuffled, Some(date(2026, 2, 28))).unwrap_err().reason, "unordered_days");
    }

    #[test]
    fn years_that_a_spreadsheet_made_up_are_refused() {
        let all_of_one_year = [(12, 30), (12, 31), (1, 1), (1, 2)];
        let rows = all_of_one_year.map(|(month, day)| Written { year: Some(2026), month, day });
        assert_eq!(days(&rows, None).unwrap_err().reason, "unordered_days");
    }

    #[test]
    fn equal_days_may_follow_each_other() {
        let rows = [row(12, 31), row(12, 31), row(1, 1)];
        let expected = vec![date(2025, 12, 31), date(2025, 12, 31), date(2026, 1, 1)];
        assert_eq!(days(&rows, Some(date(2026, 1, 2))), Ok(expected));
    }

    #[test]
    fn the_nearest_year_is_taken_for_a_single_day() {
        assert_eq!(nearest(row(12, 31), date(2026, 1, 1)), Some(date(2025, 12, 31)));
        assert_eq!(nearest(row(1, 1), date(2025, 12, 31)), Some(date(2026, 1, 1)));
        assert_eq!(nearest(row(2, 29), date(2024, 3, 1)), Some(date(2024, 2, 29)));
    }
}
