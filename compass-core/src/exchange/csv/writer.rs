//! Observations as two files of CSV.

use std::{fmt, io::Write};

use ::csv::{QuoteStyle, Terminator, Writer, WriterBuilder};

use super::{
    super::{
        ExchangeError, Exporter,
        table::{Cells, Table, post_cells, profile_cells},
    },
    cell,
};
use crate::Batch;

/// Writes CSV (RFC 4180, UTF-8): profiles into one file, posts into another.
///
/// A text that a spreadsheet might take for a formula, or that begins with `'`, has a `'` before it, which a reader takes
/// away. A missing text is empty, and an empty one that could be missing is `'`. A counter has two columns, its bounds; hashtags
/// are a JSON list. CSV does not tell how many rows it has: a file that was cut between two rows is not told from a whole one.
pub struct CsvWriter<W: Write> {
    profiles: Writer<W>,
    posts: Writer<W>,
}

impl<W: Write> CsvWriter<W> {
    /// Begins both files.
    ///
    /// # Errors
    /// [`ExchangeError::Io`] if a header cannot be written.
    pub fn new(profiles: W, posts: W) -> Result<Self, ExchangeError> {
        Ok(Self { profiles: begun(profiles, Table::Profiles)?, posts: begun(posts, Table::Posts)? })
    }
}

impl<W: Write> Exporter for CsvWriter<W> {
    fn write(&mut self, batch: &Batch) -> Result<(), ExchangeError> {
        for look in &batch.profiles {
            write_row(&mut self.profiles, Table::Profiles, &profile_cells(look))?;
        }
        for look in &batch.looks {
            write_row(&mut self.posts, Table::Posts, &post_cells(batch, look)?)?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ExchangeError> {
        self.profiles.flush()?;
        self.posts.flush()?;
        Ok(())
    }
}

impl<W: Write> fmt::Debug for CsvWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CsvWriter").finish_non_exhaustive()
    }
}

fn begun<W: Write>(out: W, table: Table) -> Result<Writer<W>, ExchangeError> {
    let mut writer =
        WriterBuilder::new().terminator(Terminator::CRLF).quote_style(QuoteStyle::Necessary).from_writer(out);
    writer.write_record(table.fields().iter().map(|field| field.name)).map_err(io_error)?;
    Ok(writer)
}

fn write_row<W: Write>(writer: &mut Writer<W>, table: Table, cells: &Cells<'_>) -> Result<(), ExchangeError> {
    for (field, value) in table.fields().iter().zip(cells) {
        writer.write_field(cell::written(value.as_ref(), field).as_bytes()).map_err(io_error)?;
    }
    writer.write_record(None::<&[u8]>).map_err(io_error)?;
    Ok(())
}

fn io_error(error: ::csv::Error) -> ExchangeError {
    ExchangeError::Io(error.into())
}
