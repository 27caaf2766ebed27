//! The rows of the sheets of an XLSX workbook: values as they are stored, never a formula.

use std::{collections::BTreeMap, io::Cursor};

use calamine::{DataRef, Reader as _, Xlsx, XlsxError};
use jiff::civil::Date;

use super::{
    Bad,
    archive::{self, Room},
    cell::{Cell, LONGEST_CELL, MOST_COLUMNS, Row},
};

/// No export has more; many sheets may be one part of the file again and again.
const MOST_SHEETS: usize = 16;

/// A sheet of a workbook.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) rows: Result<Vec<Row>, Bad>,
    /// The lines with cells that stand under no heading, and the first column of such a cell, from 1.
    pub(super) beyond: Vec<(usize, usize)>,
}

/// Reads a workbook that unpacks into the room that is left. Gives its sheets in their order, without those that have no
/// cells.
pub(super) fn sheets(bytes: &[u8], room: &mut Room) -> Result<Vec<Sheet>, Bad> {
    // Before a library that trusts its input sees it: how large the parts are, and what they say of their size.
    let inventory = archive::each_entry(Cursor::new(bytes), |name, part| {
        promises_no_more_than_it_has(name, &room.read(name, part)?)
    })?;
    if let Some((_, bad)) = inventory.refused.into_iter().next() {
        return Err(bad);
    }
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let names = workbook.sheet_names();
    if names.is_empty() || names.len() > MOST_SHEETS {
        let detail =
            format!("the workbook has {} sheets; an export has one, and at most {MOST_SHEETS} are read", names.len());
        return Err(Bad::new("malformed", detail));
    }
    let mut sheets = Vec::new();
    for name in names {
        match cells(&mut workbook, &name, room).and_then(|cells| table(&name, cells, room)) {
            Ok(sheet) if sheet.beyond.is_empty() && sheet.rows.as_ref().is_ok_and(Vec::is_empty) => {}
            Ok(sheet) => sheets.push(sheet),
            Err(bad) => sheets.push(Sheet { name, rows: Err(bad), beyond: Vec::new() }),
        }
    }
    Ok(sheets)
}

/// The filled cells of a sheet with their lines and columns, from 0 and in this order.
fn cells(workbook: &mut Xlsx<Cursor<&[u8]>>, sheet: &str, room: &mut Room) -> Result<BTreeMap<(u32, u32), Cell>, Bad> {
    let mut cells = BTreeMap::new();
    let mut reader = workbook.worksheet_cells_reader(sheet).map_err(unreadable)?;
    while let Some(found) = reader.next_cell().map_err(unreadable)? {
        let (line, column) = found.get_position();
        // A text that is stored once may stand in every cell.
        let length = text(found.get_value()).map_or(0, str::len);
        if length > LONGEST_CELL {
            let detail = format!("line {} has a cell of more than {LONGEST_CELL} bytes", u64::from(line) + 1);
            return Err(Bad::new("malformed", detail));
        }
        let value = cell(found.get_value());
        if value != Cell::Empty && value != Cell::Text(String::new()) {
            room.take("the workbook", length + size_of::<((u32, u32), Cell)>())?;
            // Of two cells in one place the later one counts, as it does in a spreadsheet.
            cells.insert((line, column), value);
        }
    }
    Ok(cells)
}

/// The rows as wide as the headings, which are the first one, and where cells stand beside them.
fn table(name: &str, cells: BTreeMap<(u32, u32), Cell>, room: &mut Room) -> Result<Sheet, Bad> {
    let headings = cells.keys().next().map(|(line, _)| *line);
    let of_headings = cells.keys().take_while(|(line, _)| Some(*line) == headings);
    let width = of_headings.map(|(_, column)| *column as usize + 1).filter(|width| *width <= MOST_COLUMNS).max();
    let width = width.unwrap_or(0);
    let (mut rows, mut beyond): (Vec<Row>, Vec<(usize, usize)>) = (Vec::new(), Vec::new());
    for ((line, column), value) in cells {
        let (line, column) = (line as usize + 1, column as usize);
        if column >= width {
            if beyond.last().is_none_or(|(of, _)| *of != line) {
                beyond.push((line, column + 1));
            }
            continue;
        }
        if rows.last().is_none_or(|row| row.line != line) {
            room.take("the workbook", width * size_of::<Cell>())?;
            rows.push(Row { line, cells: vec![Cell::Empty; width] });
        }
        rows.last_mut().expect("one was pushed").cells[column] = value;
    }
    Ok(Sheet { name: name.to_owned(), rows: Ok(rows), beyond })
}

fn unreadable(e: XlsxError) -> Bad {
    Bad::new("malformed", format!("it is no workbook that can be read: {e}"))
}

fn text<'a>(value: &'a DataRef<'_>) -> Option<&'a str> {
    match value {
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Some(text),
        DataRef::SharedString(text) => Some(text),
        _ => None,
    }
}

fn cell(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::Text(text.clone()),
        DataRef::SharedString(text) => Cell::Text((*text).to_owned()),
        DataRef::Bool(truth) => Cell::Text(truth.to_string()),
        DataRef::DateTime(at) => {
            let (year, month, day, ..) = at.to_ymd_hms_milli();
            let date = Date::new(year.cast_signed(), month.cast_signed(), day.cast_signed());
            date.map_or_else(|_| Cell::Text(at.as_f64().to_string()), Cell::Day)
        }
        DataRef::Error(error) => Cell::Text(format!("{error:?}")),
        DataRef::Empty => Cell::Empty,
    }
}

/// A part may say how many texts it has, and the reader makes room for them at once: for more than there are bytes, nobody
/// has them.
fn promises_no_more_than_it_has(name: &str, bytes: &[u8]) -> Result<(), Bad> {
    const PROMISE: &[u8] = b"uniqueCount";
    let is_xml = [".xml", ".rels"].iter().any(|end| name.to_ascii_lowercase().ends_with(end));
    if is_xml && (bytes.contains(&0) || std::str::from_utf8(bytes).is_err()) {
        return Err(Bad::new("malformed", format!("{name} in the workbook is not UTF-8")));
    }
    for at in memchr::memmem::find_iter(bytes, PROMISE) {
        let promised = bytes[at + PROMISE.len()..].iter().skip_while(|b| !b.is_ascii_digit());
        let digits: Vec<u8> = promised.take_while(|b| b.is_ascii_digit()).copied().collect();
        let promised: Option<usize> = std::str::from_utf8(&digits).ok().and_then(|digits| digits.parse().ok());
        if promised.is_none_or(|promised| promised > bytes.len()) {
            return Err(Bad::new(
                "malformed",
                format!("{name} in the workbook says that it has more texts than bytes"),
            ));
        }
    }
    Ok(())
}
