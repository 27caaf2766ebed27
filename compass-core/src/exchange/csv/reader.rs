//! Observations from a file of CSV.

use std::{
    fmt,
    io::{self, Read},
    str,
};

use ::csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder};

use super::{
    super::{
        ExchangeError, MAX_LINE, Row,
        table::{Cells, Table},
    },
    cell,
};
use crate::Refusal;

/// Reads CSV: one of the two files, which its header tells.
///
/// Lines may end in CR LF or LF, the file may begin with a byte order mark, and the columns may be in any order.
pub struct CsvReader<R> {
    csv: Reader<Bounded<R>>,
    record: ByteRecord,
    table: Table,
    /// Where each field of the table is in a record.
    places: Vec<usize>,
    /// Of CR LF the LF is counted with the line after it.
    ends_in_cr: bool,
    is_over: bool,
}

impl<R: Read> CsvReader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// [`ExchangeError::Foreign`] or [`ExchangeError::Columns`] if it is none of an export; [`ExchangeError::Io`].
    pub fn new(input: R) -> Result<Self, ExchangeError> {
        let input = Bounded { input, left: MAX_LINE };
        // Rows of another length are refused one by one.
        let mut csv = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(input);
        let mut record = ByteRecord::new();
        if !csv.read_byte_record(&mut record).map_err(failed)? {
            return Err(ExchangeError::Foreign("it is empty".to_owned()));
        }
        let names: Vec<_> = record.iter().map(String::from_utf8_lossy).collect();
        let names: Vec<&str> = names.iter().map(|name| name.trim_start_matches('\u{FEFF}').trim()).collect();
        let (table, places) = Table::of_columns(&names)?;
        let ends_in_cr = csv.position().line() == 1;
        Ok(Self { csv, record, table, places, ends_in_cr, is_over: false })
    }

    /// Whether it is the file of profiles, which a store has to know before their posts.
    #[must_use]
    pub fn has_profiles(&self) -> bool {
        self.table == Table::Profiles
    }

    fn row(&mut self) -> Result<Option<Row>, ExchangeError> {
        self.csv.get_mut().left = MAX_LINE;
        if !self.csv.read_byte_record(&mut self.record).map_err(failed)? {
            return Ok(None);
        }
        Ok(Some(self.cells().and_then(|cells| self.table.row(cells)).unwrap_or_else(|why| self.refuse(why))))
    }

    fn cells(&self) -> Result<Cells<'static>, String> {
        if self.record.len() != self.places.len() {
            return Err(format!(
                "it has {} cells, and the header {}; a text with a comma, a quote or a line break stands in quotes",
                self.record.len(),
                self.places.len()
            ));
        }
        let fields = self.table.fields().iter().zip(&self.places);
        let read = fields.map(|(field, place)| {
            let text = str::from_utf8(&self.record[*place])
                .map_err(|_| format!("{}: it is not UTF-8; save the file as UTF-8", field.name))?;
            cell::read(text, field)
        });
        read.collect()
    }

    fn refuse(&self, detail: String) -> Row {
        let line = self.record.position().map_or(0, ::csv::Position::line) + u64::from(self.ends_in_cr);
        Row::Refused(Refusal { item: Some(format!("line {line}")), reason: "bad_value".to_owned(), detail })
    }
}

impl<R: Read> Iterator for CsvReader<R> {
    type Item = Result<Row, ExchangeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let row = self.row().transpose();
        self.is_over = !matches!(row, Some(Ok(_)));
        row
    }
}

impl<R> fmt::Debug for CsvReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CsvReader").field("table", &self.table).finish_non_exhaustive()
    }
}

/// Gives a record so many bytes: a quote that nobody closes would gather the rest of the file.
struct Bounded<R> {
    input: R,
    left: usize,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(self.left);
        let read = self.input.read(&mut buffer[..length])?;
        if length == 0 && !buffer.is_empty() {
            let why = format!("a record has more than {MAX_LINE} bytes; is there a quote that is not closed?");
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        self.left -= read;
        Ok(read)
    }
}

fn failed(error: ::csv::Error) -> ExchangeError {
    match error.into_kind() {
        ErrorKind::Io(error) if error.kind() == io::ErrorKind::InvalidData => ExchangeError::Cut(error.to_string()),
        ErrorKind::Io(error) => ExchangeError::Io(error),
        other => ExchangeError::Cut(format!("{other:?}")),
    }
}
