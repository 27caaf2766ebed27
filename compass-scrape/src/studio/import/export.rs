//! One export: its files read into tables, before anything is known of years.

use std::{
    io::{Read, Seek},
    path::Path,
};

use compass_core::{Handle, Refusal};
use jiff::civil::Date;

use super::ImportOptions;
use crate::studio::{
    Bad,
    archive::{self, Room, base_name},
    cell::Row,
    content::Post,
    csv_rows,
    day::{self, Written},
    few_refusals::FewRefusals,
    layout::{Kind, Layout},
    name::Named,
    told,
    user_data::{self, UserData},
    xlsx_rows,
};

/// So many bytes tell what a file is.
const START: u64 = 512;

/// What an export holds.
#[derive(Debug)]
pub(super) struct Export {
    pub(super) input: String,
    pub(super) named: Named,
    /// The newest day on which a file in a ZIP was changed.
    pub(super) archive_day: Option<Date>,
    pub(super) tables: Vec<Table>,
    pub(super) user_data: Vec<UserFile>,
    pub(super) refused: Vec<Refusal>,
    /// What was assumed.
    pub(super) notes: Vec<String>,
    room: Room,
    most_user_data: u64,
    user_data_left: u64,
}

/// The data of a user.
#[derive(Debug)]
pub(super) struct UserFile {
    /// The name of its file.
    pub(super) file: String,
    pub(super) data: UserData,
    /// The newest day on which a file in the ZIP around it was changed.
    pub(super) archive_day: Option<Date>,
    /// The day on which that file, or the ZIP around it, was changed.
    pub(super) file_day: Option<Date>,
}

/// A table of an export.
#[derive(Debug)]
pub(super) struct Table {
    /// The name of its file.
    pub(super) file: String,
    /// The day on which that file, or the ZIP around it, was changed.
    pub(super) file_day: Option<Date>,
    pub(super) layout: Layout,
    /// The rows under the headings; none of [`Kind::Content`], whose posts are read already.
    pub(super) rows: Vec<Row>,
    pub(super) posts: Vec<Post>,
}

impl Table {
    /// The days of its rows, as far as they name one.
    pub(super) fn days(&self) -> impl Iterator<Item = Written> {
        let rows = self.rows.iter().filter(|_| self.layout.kind.has_days());
        rows.filter_map(|row| day::written(self.layout.cell(row, 0)).ok())
    }
}

impl Export {
    pub(super) fn new(input: &str, named: Named, options: &ImportOptions) -> Self {
        Self {
            input: input.to_owned(),
            named,
            archive_day: None,
            tables: Vec::new(),
            user_data: Vec::new(),
            refused: Vec::new(),
            notes: Vec::new(),
            room: Room::new(options.max_bytes),
            most_user_data: options.max_user_data_bytes,
            user_data_left: options.max_user_data_bytes,
        }
    }

    /// Adds a file, whatever it is.
    pub(super) fn add(&mut self, file: &str, modified: Option<Date>, mut content: impl Read + Seek) {
        let (tables_before, users_before) = (self.tables.len(), self.user_data.len());
        let archive_day = self.read(file, &mut content).unwrap_or_else(|bad| {
            self.refuse(file, bad);
            None
        });
        self.archive_day = self.archive_day.max(archive_day);
        for table in &mut self.tables[tables_before..] {
            table.file_day = modified;
        }
        for user in &mut self.user_data[users_before..] {
            (user.archive_day, user.file_day) = (archive_day, modified);
        }
    }

    /// Whose it is, by its name, its links and its profile: more than one if they disagree.
    pub(super) fn handles(&self) -> Vec<Handle> {
        let of_posts = self.tables.iter().flat_map(|table| &table.posts).filter_map(Post::handle);
        let of_users = self.user_data.iter().filter_map(|user| user.data.handle.as_ref());
        let mut handles: Vec<Handle> = self.named.handle.iter().chain(of_posts).chain(of_users).cloned().collect();
        handles.sort_unstable();
        handles.dedup();
        handles
    }

    /// Whether nothing of it was accepted.
    pub(super) fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.user_data.is_empty()
    }

    /// What a refusal calls a file of this export, or a place in it.
    pub(super) fn item(&self, file: &str, place: Option<&str>) -> Option<String> {
        // An input of one file has its name already.
        let is_input = base_name(&self.input) == file;
        match (is_input, place) {
            (true, None) => None,
            (true, Some(place)) => Some(place.to_owned()),
            (false, None) => Some(file.to_owned()),
            (false, Some(place)) => Some(format!("{file} {place}")),
        }
    }

    /// Reads a file; gives the newest day on which a file in it was changed, if it is a ZIP.
    fn read(&mut self, file: &str, content: &mut (impl Read + Seek)) -> Result<Option<Date>, Bad> {
        let unreadable = |e: std::io::Error| Bad::new("unreadable", format!("it cannot be read: {e}"));
        let start = start_of(content).map_err(unreadable)?;
        content.rewind().map_err(unreadable)?;
        if !is_zip(&start) || archive::is_workbook(&mut *content) {
            content.rewind().map_err(unreadable)?;
            return self.read_file(file, content).map(|()| None);
        }
        content.rewind().map_err(unreadable)?;
        let inventory = archive::each_entry(content, |name, entry| self.read_file(base_name(name), entry))?;
        for (name, bad) in inventory.refused {
            self.refuse(&name, bad);
        }
        Ok(inventory.day)
    }

    /// Reads a table, or the data of a user as it streams by.
    fn read_file(&mut self, file: &str, mut content: impl Read) -> Result<(), Bad> {
        let start = start_of(&mut content).map_err(|e| Bad::new("damaged", format!("it cannot be read: {e}")))?;
        let whole = start.as_slice().chain(content);
        if user_data::begins_user_data(&start) {
            let mut limited = whole.take(self.user_data_left);
            let read = user_data::read(&mut limited);
            self.user_data_left = limited.limit();
            if self.user_data_left == 0 {
                let detail = format!("the data of users in one export is more than {} bytes", self.most_user_data);
                return Err(Bad::new("too_large", detail));
            }
            let (data, refused) = read?;
            let refused = self.of_user_data(file, refused);
            // Where nothing is left, the refusals say why.
            if !data.is_empty() || refused.is_empty() {
                self.user_data.push(UserFile { file: file.to_owned(), data, archive_day: None, file_day: None });
            }
            self.refused.extend(refused);
            return Ok(());
        }
        let first = start.iter().copied().find(|b| !b.is_ascii_whitespace());
        if first.is_none() {
            return Err(Bad::new("empty_response", "it is empty"));
        }
        if matches!(first, Some(b'<' | b'{' | b'[')) || start.starts_with(b"%PDF") {
            return Err(Bad::new(
                "unknown_format",
                "it is no table of TikTok Studio (CSV or XLSX), nor user_data_tiktok.json",
            ));
        }
        let bytes = self.room.read(file, whole)?;
        if is_zip(&bytes) {
            if !archive::is_workbook(std::io::Cursor::new(&bytes)) {
                return Err(Bad::new("nested_archive", "it is a ZIP within the ZIP; unpack it first"));
            }
            return self.add_workbook(file, &bytes);
        }
        if has_xlsx_name(file) {
            return Err(Bad::new("malformed", "it is no workbook, whatever its name says; export it again"));
        }
        let rows = csv_rows::rows(&bytes, &mut self.room)?;
        self.add_table(file, &[file], rows)
    }

    /// What of the data of a user is not accepted.
    pub(super) fn of_user_data(&self, file: &str, refused: FewRefusals) -> Vec<Refusal> {
        let of_file = |refusal: Refusal| Refusal { item: self.item(file, refusal.item.as_deref()), ..refusal };
        refused.of_file(None).into_iter().map(of_file).collect()
    }

    fn add_workbook(&mut self, file: &str, bytes: &[u8]) -> Result<(), Bad> {
        let sheets = xlsx_rows::sheets(bytes, &mut self.room)?;
        if sheets.is_empty() {
            return Err(Bad::new("empty_table", "it has no rows"));
        }
        let is_only = sheets.len() == 1;
        for (number, sheet) in sheets.into_iter().enumerate() {
            let table = if is_only { file.to_owned() } else { format!("{file} sheet {}", told(&sheet.name)) };
            let mut beyond = FewRefusals::default();
            for (line, column) in sheet.beyond {
                let detail = format!("what stands from column {column} on is under no heading and was not read");
                beyond.push(|| self.item(&table, Some(&format!("line {line}"))), Bad::new("unknown_column", detail));
            }
            let beyond = beyond.of_file(self.item(&table, None));
            self.refused.extend(beyond);
            // The name of a file with several tables is that of one of them at most: of the first, to which others were added.
            let names: &[&str] = match number {
                0 if is_only => &[file, &sheet.name],
                0 => &[&sheet.name, file],
                _ => &[&sheet.name],
            };
            if let Err(bad) = sheet.rows.and_then(|rows| self.add_table(&table, names, rows)) {
                self.refuse(&table, bad);
            }
        }
        Ok(())
    }

    /// Adds a table; `names` are those that may tell which one it is.
    fn add_table(&mut self, file: &str, names: &[&str], rows: Vec<Row>) -> Result<(), Bad> {
        let mut rows = rows.into_iter();
        let headings = rows.next().ok_or_else(|| Bad::new("empty_table", "it has no rows"))?;
        let layout = Layout::of(names, &headings, rows.as_slice().first())?;
        if layout.is_by_place {
            self.notes.push(format!(
                "{}: the headings of {file} are translated, and its columns are taken to be in the usual order; export it with \
                 the interface in English to be sure",
                self.input
            ));
        }
        for heading in &layout.unknown {
            let detail = format!("the column {heading:?} is not known and was not read");
            self.refuse(file, Bad::new("unknown_column", detail));
        }
        let (mut kept, mut posts, mut any) = (Vec::new(), Vec::new(), false);
        let mut refused = FewRefusals::default();
        for row in rows {
            any = true;
            let read = layout.fits(&row, &headings).and_then(|()| match layout.kind {
                Kind::Content => Post::read(&layout, &row).map(|post| posts.push(post)),
                _ => Ok(()),
            });
            match read {
                Ok(()) if layout.kind == Kind::Content => {}
                Ok(()) => kept.push(row),
                Err(bad) => refused.push(|| self.item(file, Some(&format!("line {}", row.line))), bad),
            }
        }
        let refused = refused.of_file(self.item(file, None));
        self.refused.extend(refused);
        if !any {
            return Err(Bad::new("empty_table", "it has headings and no rows"));
        }
        self.tables.push(Table { file: file.to_owned(), file_day: None, layout, rows: kept, posts });
        Ok(())
    }

    fn refuse(&mut self, file: &str, bad: Bad) {
        let refusal = bad.of(self.item(file, None));
        self.refused.push(refusal);
    }
}

fn has_xlsx_name(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xlsx"))
}

fn start_of(content: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut start = Vec::new();
    content.take(START).read_to_end(&mut start)?;
    Ok(start)
}

fn is_zip(start: &[u8]) -> bool {
    // An archive without entries has only its end.
    start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06")
}
