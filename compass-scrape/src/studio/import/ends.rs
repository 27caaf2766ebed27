//! Whether the tables of one export end together, as they do when it was made at once, and tell the same.

use std::collections::BTreeMap;

use compass_core::OwnDay;
use jiff::civil::Date;

use super::export::Table;
use crate::studio::{
    cell::Row,
    daily,
    layout::Kind,
    year::{self, days_between},
};

/// The last day of a table, if none of its days is after `latest`; `None` without days.
pub(super) fn end(table: &Table, latest: Option<Date>) -> Option<Date> {
    let days: Vec<_> = table.days().collect();
    year::days(&days, latest).ok()?.into_iter().max()
}

/// The last day of most tables, or of the day before; `None` if they do not agree.
pub(super) fn agreed(ends: &[Date]) -> Option<Date> {
    let agree = |end: Date| ends.iter().filter(|other| (0..=1).contains(&days_between(**other, end))).count();
    let (agree, end) = ends.iter().map(|end| (agree(*end), *end)).max()?;
    (agree > 1 && agree * 2 > ends.len()).then_some(end)
}

/// Whether the table of that end may be of the year before, as the others are that agree on `agreed`. It is not where the
/// day on which its file was changed bears the end out, where the end is so near to the others that the table may be of a
/// later download, or where another table ends with it.
pub(super) fn may_be_of_another_year(end: Date, changed: Date, agreed: Date, ends: &[Date]) -> bool {
    /// A file that was changed so many days after its end was copied then, and its time tells no year.
    const COPIED_AFTER: i32 = 60;
    /// Downloads that are put into one folder are made within so many days.
    const MONTH: i32 = 31;
    let is_alone = ends.iter().filter(|other| days_between(**other, end).abs() <= 1).count() == 1;
    days_between(end, changed) > COPIED_AFTER && days_between(agreed, end) > MONTH && is_alone
}

/// Says so if tables end on days that are not those of one download.
pub(super) fn told_apart(input: &str, days: &[Vec<(Row, Date)>]) -> Option<String> {
    let ends = || days.iter().filter_map(|rows| last(rows));
    let (first, last) = (ends().min()?, ends().max()?);
    (days_between(first, last) > 1)
        .then(|| format!("{input}: its tables end on days from {first} to {last}, as if they were of several exports"))
}

/// Says which tables of one kind tell different figures of one day. They are in the order in which they end.
pub(super) fn told_twice(input: &str, tables: &[Table], days: &[Vec<(Row, Date)>]) -> Vec<String> {
    let mut notes = Vec::new();
    let mut before: BTreeMap<Kind, (&str, BTreeMap<Date, OwnDay>)> = BTreeMap::new();
    for (table, rows) in tables.iter().zip(days) {
        let mut told = BTreeMap::new();
        for (row, day) in rows {
            // What is refused is told when the table is read.
            _ = daily::add(&mut told, &table.layout, row, *day);
        }
        if let Some((file, known)) = before.get_mut(&table.layout.kind) {
            let differ =
                told.iter().filter(|(day, figures)| known.get(day).is_some_and(|known| contradict(known, figures)));
            let differ = differ.count();
            if differ > 0 {
                notes.push(format!(
                    "{input}: {file} and {} tell different figures of {differ} days, as if they were of several accounts; those \
                     of {} count, which ends later",
                    table.file, table.file
                ));
            }
            known.extend(told);
            *file = &table.file;
        } else {
            before.insert(table.layout.kind, (&table.file, told));
        }
    }
    notes
}

/// Whether one figure of a day differs that both tell.
fn contradict(a: &OwnDay, b: &OwnDay) -> bool {
    fn differ<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
        a.zip(b).is_some_and(|(a, b)| a != b)
    }
    differ(a.views, b.views)
        || differ(a.profile_views, b.profile_views)
        || differ(a.likes, b.likes)
        || differ(a.comments, b.comments)
        || differ(a.shares, b.shares)
        || differ(a.followers, b.followers)
        || differ(a.followers_gained, b.followers_gained)
        || differ(a.viewers, b.viewers)
        || differ(a.new_viewers, b.new_viewers)
        || differ(a.returning_viewers, b.returning_viewers)
}

/// Puts the tables in the order in which they end.
pub(super) fn sort(tables: &mut Vec<Table>, days: &mut Vec<Vec<(Row, Date)>>) {
    let mut both: Vec<_> = std::mem::take(tables).into_iter().zip(std::mem::take(days)).collect();
    both.sort_by_key(|(_, rows)| last(rows));
    (*tables, *days) = both.into_iter().unzip();
}

fn last(rows: &[(Row, Date)]) -> Option<Date> {
    rows.iter().map(|(_, day)| *day).max()
}
