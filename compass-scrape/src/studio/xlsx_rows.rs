//! The rows of an XLSX workbook's first sheet: values as they are stored, never a formula.

use std::io::Cursor;

use calamine::{DataRef, Reader as _, Xlsx, XlsxError};
use jiff::civil::Date;

use super::{
    Bad,
    archive::{self, Room},
    cell::{Cell, LONGEST_CELL, MOST_COLUMNS, Row},
};

/// Reads a workbook that unpacks into the room that is left. Gives the sheet's name and its rows.
pub(super) fn rows(bytes: &[u8], room: &mut Room) -> Result<(String, Vec<Row>), Bad> {
    // Before a library that trusts its input sees it: how large the parts are, and what they say of their size.
    let inventory = archive::each_entry(Cursor::new(bytes), |name, part| {
        promises_no_more_than_it_has(name, &room.read(name, part)?)
    })?;
    if let Some((_, bad)) = inventory.refused.into_iter().next() {
        return Err(bad);
    }
    let unreadable = |e: XlsxError| Bad::new("malformed", format!("it is no workbook that can be read: {e}"));
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let Some(sheet) = workbook.sheet_names().into_iter().next() else {
        return Err(Bad::new("malformed", "the workbook has no sheet"));
    };
    let mut cells: Vec<(u32, u32, Cell)> = Vec::new();
    let mut reader = workbook.worksheet_cells_reader(&sheet).map_err(unreadable)?;
    while let Some(found) = reader.next_cell().map_err(unreadable)? {
        let (line, column) = found.get_position();
        // A text that is stored once may stand in every cell.
        let length = text(found.get_value()).map_or(0, str::len);
        if length > LONGEST_CELL {
            let detail = format!("line {} has a cell of more than {LONGEST_CELL} bytes", u64::from(line) + 1);
            return Err(Bad::new("malformed", detail));
        }
        room.take("the workbook", length)?;
        let value = cell(found.get_value());
        if value != Cell::Empty && (column as usize) < MOST_COLUMNS {
            cells.push((line, column, value));
        }
    }
    // Of two cells in one place the later one counts, as it does in a spreadsheet.
    cells.sort_by_key(|(line, column, _)| (*line, *column));
    let mut rows: Vec<Row> = Vec::new();
    for (line, column, value) in cells {
        let (line, column) = (line as usize + 1, column as usize);
        if rows.last().is_none_or(|row| row.line != line) {
            rows.push(Row { line, cells: Vec::new() });
        }
        let empty_before = column.saturating_sub(rows.last().map_or(0, |row| row.cells.len()));
        room.take("the workbook", empty_before * size_of::<Cell>())?;
        let row = &mut rows.last_mut().expect("one was pushed").cells;
        row.resize(column.max(row.len()), Cell::Empty);
        if column < row.len() {
            row[column] = value;
        } else {
            row.push(value);
        }
    }
    // Empty cells at the end are left out, and cells beyond the headings are no part of the table.
    let width = rows.first().map_or(0, |headings| headings.cells.len());
    room.take("the workbook", rows.len() * width * size_of::<Cell>())?;
    rows.iter_mut().for_each(|row| row.cells.resize(width, Cell::Empty));
    Ok((sheet, rows))
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
