//! The tables of one export with the years of their days, ready to be told.

use std::collections::HashSet;

use compass_core::{
    ActiveHour, DatedBy, OwnData, OwnExport, Refusal, SourceKind, VideoId, VideoObservation, analytics::Dimension,
};
use jiff::{
    Timestamp,
    civil::{Date, date},
};

use super::{
    ends,
    export::{Export, Table},
};
use crate::studio::{
    Bad,
    cell::Row,
    daily,
    day::{self, Written},
    few_refusals::FewRefusals,
    followers,
    layout::Kind,
    year::{self, day_after, days_between},
};

/// When TikTok began: nothing was exported before.
const EARLIEST: Date = date(2016, 9, 1);

/// The day of an export, as something besides its rows tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Anchor {
    day: Date,
    by: DatedBy,
}

impl Anchor {
    /// The best evidence of when the tables of an export were made. `end_of_others` is the end of the range that the names
    /// of the same creator's other exports tell, if they agree: a download has several files.
    pub(super) fn of(export: &Export, given: Option<Date>, end_of_others: Option<Date>) -> Option<Self> {
        let file_day = export.tables.iter().filter_map(|table| table.file_day).max();
        Self::of_days(given, export.named.end, end_of_others, export.archive_day, file_day)
    }

    /// The best of such days.
    pub(super) fn of_days(
        given: Option<Date>,
        named: Option<Date>,
        end_of_others: Option<Date>,
        archive_day: Option<Date>,
        file_day: Option<Date>,
    ) -> Option<Self> {
        // What a file was changed on is the latest day on which it can have been made; zones may be a day apart.
        let made_by = |day: Option<Date>| day.filter(|day| *day >= EARLIEST).map(day_after);
        let latest = [made_by(archive_day), made_by(file_day)].into_iter().flatten().min();
        let end_of_others = end_of_others.filter(|end| latest.is_none_or(|latest| *end <= latest));
        let evidence = [
            (given, DatedBy::Given),
            (named, DatedBy::FileName),
            (end_of_others, DatedBy::FileName),
            (archive_day, DatedBy::ArchiveTime),
            (file_day, DatedBy::FileTime),
        ];
        let possible = evidence.into_iter().filter_map(|(day, by)| Some(Self { day: day?, by }));
        // A file without a time of its own is of 1970 or 1980.
        possible.into_iter().find(|anchor| anchor.day >= EARLIEST)
    }

    pub(super) fn day(self) -> Date {
        self.day
    }

    pub(super) fn by(self) -> DatedBy {
        self.by
    }

    /// The day on which the tables of an export were made at the latest, by what themselves or a person says.
    pub(super) fn bound(export: &Export, given: Option<Date>) -> Option<Date> {
        Self::of(export, given, None).map(|anchor| anchor.day)
    }

    /// Whether it is the latest possible day alone.
    fn is_bound(&self) -> bool {
        matches!(self.by, DatedBy::ArchiveTime | DatedBy::FileTime)
    }

    /// The day of the export. `newest` is the day after the last one that its rows tell, or that of the export as they tell
    /// it.
    fn exported_on(self, newest: Option<Date>) -> Date {
        match self.by {
            DatedBy::Given => self.day,
            DatedBy::FileName | DatedBy::Rows => newest.map_or(self.day, |newest| newest.max(self.day)),
            // The file may be far younger than the export.
            DatedBy::ArchiveTime | DatedBy::FileTime => newest.unwrap_or(self.day),
        }
    }
}

/// The tables of an export, whose days have years.
#[derive(Debug)]
pub(super) struct Dated {
    export: Export,
    exported_on: Date,
    by: DatedBy,
    /// For each table, its rows with their days; none where a table has no days.
    days: Vec<Vec<(Row, Date)>>,
    notes: Vec<String>,
}

impl Dated {
    /// Finds the years, and with them the day of the export. `None` if nothing tells when the export was made.
    ///
    /// `bound` is the day on which it was made at the latest, by what itself or a person says.
    pub(super) fn new(mut export: Export, anchor: Option<Anchor>, bound: Option<Date>) -> (Option<Self>, Vec<Refusal>) {
        let (mut refused, mut days) = (Vec::new(), Vec::new());
        // The last day of a table is the day before the export.
        let latest = anchor.map(|anchor| anchor.day);
        let mut yearless = false;
        let bound = bound.map(day_after);
        let mut notes = Vec::new();
        let mut tables = std::mem::take(&mut export.tables);
        // Of files that were changed on different days each is no younger than its own.
        let latest_of = |table: &Table| match anchor {
            Some(Anchor { by: DatedBy::FileTime, .. }) => table.file_day.filter(|day| *day >= EARLIEST).or(latest),
            _ => latest,
        };
        let ends: Vec<Date> = match anchor.filter(Anchor::is_bound) {
            Some(_) => tables.iter().filter_map(|table| ends::end(table, latest_of(table))).collect(),
            None => Vec::new(),
        };
        let agreed = ends::agreed(&ends);
        tables.retain_mut(|table| {
            let is_without_year = has_days_without_year(table);
            yearless |= is_without_year;
            let mut latest = latest_of(table);
            if let (true, Some(agreed), Some(changed)) = (is_without_year, agreed, latest)
                && let Some(end) = ends::end(table, latest)
                && ends::may_be_of_another_year(end, changed, agreed, &ends)
                && let Some(before) = ends::end(table, Some(day_after(agreed)))
            {
                latest = Some(day_after(agreed));
                notes.push(format!(
                    "{}: {} would end on {end}, though its tables are of one export and most of them end on {agreed}; it is \
                     taken to end on {before}",
                    export.input, table.file
                ));
            }
            match dated_rows(&export, table, latest, bound, &mut refused) {
                Ok(of_table) => days.push(of_table),
                Err(bad) => {
                    refused.push(bad.of(export.item(&table.file, None)));
                    return false;
                }
            }
            true
        });
        export.tables = tables;

        // The creator's clock may be a day ahead of that of the evidence.
        let told_by = latest.map(day_after);
        let posts = export.tables.iter().flat_map(|table| &table.posts).filter_map(|post| post.exported);
        let told = posts.filter_map(|written| exact_or_newest(written, told_by));
        let told = told.filter(|day| bound.is_none_or(|bound| *day <= bound));
        let newest = days.iter().flatten().map(|(_, day)| day_after(*day)).chain(told).max();
        let by_rows = newest.filter(|_| !yearless).map(|day| (day, DatedBy::Rows));
        let by_anchor = anchor.map(|anchor| (anchor.exported_on(newest), anchor.by));
        let found = match anchor {
            Some(anchor) if anchor.by == DatedBy::Given || yearless || newest.is_none() => by_anchor,
            _ => by_rows,
        };
        let Some((exported_on, by)) = found else {
            for table in &export.tables {
                let detail =
                    "nothing says when it was exported; give the day of the export, or the ZIP as it was downloaded";
                refused.push(Bad::new("missing_day", detail).of(export.item(&table.file, None)));
            }
            return (None, refused);
        };
        ends::sort(&mut export.tables, &mut days);
        if let (Some(anchor), DatedBy::FileTime | DatedBy::ArchiveTime) = (anchor, by) {
            let what = if yearless { "its days have no year" } else { "it has no day of its own" };
            notes.push(format!(
                "{}: {what}; it is taken to be of {exported_on}, because the file is of {}; give the day of the export if that \
                 is not so",
                export.input, anchor.day
            ));
        }
        notes.extend(ends::told_apart(&export.input, &days));
        notes.extend(ends::told_twice(&export.input, &export.tables, &days));
        (Some(Self { export, exported_on, by, days, notes }), refused)
    }

    pub(super) fn exported_on(&self) -> Date {
        self.exported_on
    }

    /// What was assumed.
    pub(super) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Tells what it holds; gives back its name and what was refused.
    pub(super) fn fill(self, own: &mut OwnData) -> (String, Vec<Refusal>) {
        let Self { mut export, exported_on, by, days, .. } = self;
        let told = own.exports.entry(exported_on).or_insert_with(|| OwnExport::new(by));
        told.dated_by = told.dated_by.max(by);
        let mut known_posts: HashSet<_> = own.posts.iter().map(look).collect();
        let mut refused = Vec::new();
        let mut active: Vec<ActiveHour> = Vec::new();
        for (table, rows) in std::mem::take(&mut export.tables).into_iter().zip(days) {
            let file = table.file.clone();
            let mut of_lines = FewRefusals::default();
            let mut refuse = |line: usize, bad: Bad| {
                of_lines.push(|| export.item(&file, Some(&format!("line {line}"))), bad);
            };
            match table.layout.kind {
                Kind::Overview | Kind::FollowerHistory | Kind::Viewers => {
                    let mut known = HashSet::new();
                    for (row, day) in rows {
                        let added = if known.insert(day) {
                            daily::add(&mut own.days, &table.layout, &row, day)
                        } else {
                            Err(Bad::new("duplicate", format!("the table has {day} twice")))
                        };
                        if let Err(bad) = added {
                            refuse(row.line, bad);
                        }
                    }
                }
                Kind::FollowerActivity => {
                    let mut known = HashSet::new();
                    for (row, day) in rows {
                        match followers::active_hour(&table.layout, &row, day) {
                            Ok(hour) if known.insert((day, hour.hour)) => active.push(hour),
                            Ok(hour) => {
                                let detail = format!("the table has hour {} of {day} twice", hour.hour);
                                refuse(row.line, Bad::new("duplicate", detail));
                            }
                            Err(bad) => refuse(row.line, bad),
                        }
                    }
                }
                Kind::FollowerGender | Kind::FollowerTopTerritories => {
                    let dimension = match table.layout.kind {
                        Kind::FollowerGender => Dimension::Gender,
                        _ => Dimension::Territory,
                    };
                    match followers::shares(dimension, &table.layout, &table.rows, &mut refuse) {
                        Ok(shares) => told.followers.dimensions.extend(shares.map(|shares| (dimension, shares))),
                        Err(bad) => refused.push(bad.of(export.item(&file, None))),
                    }
                }
                Kind::Content => {
                    let latest = Some(day_after(exported_on));
                    for post in table.posts {
                        let line = post.line;
                        let on = post.exported.and_then(|written| exact_or_newest(written, latest));
                        let of_its_day = match on.zip(latest) {
                            Some((on, latest)) if on > latest => {
                                let detail = format!("it tells of {on}, and it was exported on {exported_on}");
                                Err(Bad::new("wrong_year", detail))
                            }
                            _ => post.observation(on.unwrap_or(exported_on)),
                        };
                        match of_its_day {
                            Ok(post) if known_posts.insert(look(&post)) => own.posts.push(post),
                            Ok(post) => {
                                let detail = format!("post {} is told twice as of {}", post.video.id, post.observed_at);
                                refuse(line, Bad::new("duplicate", detail));
                            }
                            Err(bad) => refuse(line, bad),
                        }
                    }
                }
            }
            refused.extend(of_lines.of_file(export.item(&file, None)));
        }
        if !active.is_empty() {
            active.sort_by_key(|hour| (hour.day, hour.hour));
            followers::without_uncounted(&mut active);
            let of_active: HashSet<_> = active.iter().map(|hour| (hour.day, hour.hour)).collect();
            told.active_hours.retain(|known| !of_active.contains(&(known.day, known.hour)));
            told.active_hours.extend(active);
            told.active_hours.sort_by_key(|hour| (hour.day, hour.hour));
            let shares = followers::shares_of_hours(&told.active_hours);
            told.followers.dimensions.extend(shares.map(|shares| (Dimension::ActiveHours, shares)));
        }
        (export.input, refused)
    }
}

fn has_days_without_year(table: &Table) -> bool {
    let of_posts = table.posts.iter().filter_map(|post| post.exported);
    let mut of_rows = of_posts.chain(table.days());
    of_rows.any(|written| written.year.is_none())
}

/// The rows of a table of days with their days; rows that name no day are refused.
fn dated_rows(
    export: &Export,
    table: &mut Table,
    latest: Option<Date>,
    bound: Option<Date>,
    refused: &mut Vec<Refusal>,
) -> Result<Vec<(Row, Date)>, Bad> {
    if table.layout.kind == Kind::Content && latest.is_none() && has_days_without_year(table) {
        return Err(year::missing());
    }
    if !table.layout.kind.has_days() {
        return Ok(Vec::new());
    }
    let (mut rows, mut written) = (Vec::new(), Vec::new());
    let mut of_lines = FewRefusals::default();
    for row in std::mem::take(&mut table.rows) {
        match day::written(table.layout.cell(&row, 0)) {
            Ok(day) => {
                written.push(day);
                rows.push(row);
            }
            Err(bad) => of_lines.push(|| export.item(&table.file, Some(&format!("line {}", row.line))), bad),
        }
    }
    refused.extend(of_lines.of_file(export.item(&table.file, None)));
    if !rows.is_empty() && rows.iter().all(|row| day::is_of_two_months(table.layout.cell(row, 0))) {
        let detail = "its months are of one name, which is one in Polish and another in Croatian; export it with the interface \
                      in English";
        return Err(Bad::new("ambiguous_month", detail));
    }
    let days = year::days(&written, latest)?;
    if let (Some(bound), Some(last)) = (bound, days.iter().max())
        && *last > bound
    {
        let detail = format!("it tells of {last}, and it was exported by {bound}; give the day of the export");
        return Err(Bad::new("wrong_year", detail));
    }
    if let (Kind::Overview, Some(named), Some(first)) = (table.layout.kind, export.named.first, days.iter().min())
        && days_between(named, *first).abs() > 1
    {
        let detail = format!("its name says that it begins on {named}, and its first day would be {first}");
        return Err(Bad::new("wrong_year", detail));
    }
    Ok(rows.into_iter().zip(days).collect())
}

fn exact_or_newest(written: Written, latest: Option<Date>) -> Option<Date> {
    match written.year {
        Some(year) => Date::new(year, written.month, written.day).ok(),
        None => year::newest(written, latest?),
    }
}

/// What tells one look at a post from another.
fn look(post: &VideoObservation) -> (VideoId, Timestamp, SourceKind) {
    (post.video.id, post.observed_at, post.source)
}
