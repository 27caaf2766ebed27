//! Observations as two files of Parquet.

use std::{fmt, io::Write, sync::Arc};

use ::parquet::{
    basic::Compression,
    file::{
        metadata::KeyValue,
        properties::{WriterProperties, WriterVersion},
        writer::SerializedFileWriter,
    },
    schema::parser::parse_message_type,
};

use super::{
    super::{
        ExchangeError, Exporter, SCHEMA,
        table::{Cells, Field, Kind, Table, post_cells, profile_cells},
    },
    SCHEMA_KEY,
    column::Column,
};
use crate::Batch;

/// A row group has at most so many rows,
const GROUP_ROWS: usize = 65_536;
/// and about so many bytes of text for each of them: it is gathered in memory.
const ROW_BYTES: usize = 512;

/// Writes Parquet with snappy: profiles into one file, posts into another.
///
/// Moments are microseconds, UTC; ids, counters and lengths are 64-bit integers; hashtags are a list of texts.
pub struct ParquetWriter<W: Write + Send> {
    profiles: TableWriter<W>,
    posts: TableWriter<W>,
}

impl<W: Write + Send> ParquetWriter<W> {
    /// Begins both files.
    ///
    /// # Errors
    /// [`ExchangeError`] if a file cannot be begun.
    pub fn new(profiles: W, posts: W) -> Result<Self, ExchangeError> {
        Ok(Self {
            profiles: TableWriter::new(profiles, Table::Profiles)?,
            posts: TableWriter::new(posts, Table::Posts)?,
        })
    }

    /// Gathers at most so many rows, and half a kibibyte of text for each, before they are written as a row group: 65,536 unless said
    /// otherwise. Of none it makes one.
    #[must_use]
    pub fn with_rows_of_a_group(mut self, rows: usize) -> Self {
        (self.profiles.most, self.posts.most) = (rows.max(1), rows.max(1));
        self
    }
}

impl<W: Write + Send> Exporter for ParquetWriter<W> {
    fn write(&mut self, batch: &Batch) -> Result<(), ExchangeError> {
        for look in &batch.profiles {
            self.profiles.row(profile_cells(look))?;
        }
        for look in &batch.looks {
            self.posts.row(post_cells(batch, look)?)?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ExchangeError> {
        self.profiles.finish()?;
        self.posts.finish()
    }
}

impl<W: Write + Send> fmt::Debug for ParquetWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParquetWriter").finish_non_exhaustive()
    }
}

struct TableWriter<W: Write + Send> {
    file: SerializedFileWriter<W>,
    columns: Vec<Column>,
    rows: usize,
    bytes: usize,
    /// Rows of a group.
    most: usize,
}

impl<W: Write + Send> TableWriter<W> {
    fn new(out: W, table: Table) -> Result<Self, ExchangeError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_writer_version(WriterVersion::PARQUET_1_0)
            .set_created_by("Creator Compass".to_owned())
            .set_key_value_metadata(Some(vec![KeyValue::new(SCHEMA_KEY.to_owned(), SCHEMA.to_owned())]))
            .build();
        let schema = Arc::new(parse_message_type(&message(table))?);
        Ok(Self {
            file: SerializedFileWriter::new(out, schema, Arc::new(properties))?,
            columns: table.fields().iter().map(Column::new).collect(),
            rows: 0,
            bytes: 0,
            most: GROUP_ROWS,
        })
    }

    fn row(&mut self, cells: Cells<'_>) -> Result<(), ExchangeError> {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            self.bytes += column.push(cell)?;
        }
        self.rows += 1;
        let is_full = self.rows >= self.most || self.bytes >= self.most.saturating_mul(ROW_BYTES);
        if is_full { self.write_group() } else { Ok(()) }
    }

    fn write_group(&mut self) -> Result<(), ExchangeError> {
        let mut group = self.file.next_row_group()?;
        for column in &mut self.columns {
            let mut chunk = group.next_column()?.expect("a column for each field");
            column.write(&mut chunk)?;
            chunk.close()?;
        }
        group.close()?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ExchangeError> {
        if self.rows > 0 {
            self.write_group()?;
        }
        self.file.finish()?;
        self.file.inner_mut().flush()?;
        Ok(())
    }
}

/// The table in Parquet's own words.
fn message(table: Table) -> String {
    let column = |Field { name, kind, required }: &Field| {
        let repetition = if *required { "required" } else { "optional" };
        match kind {
            Kind::Flag => format!("{repetition} BOOLEAN {name};"),
            Kind::Number => format!("{repetition} INT64 {name};"),
            Kind::Moment => format!("{repetition} INT64 {name} (TIMESTAMP(MICROS,true));"),
            Kind::Text => format!("{repetition} BYTE_ARRAY {name} (STRING);"),
            Kind::Texts => format!(
                "{repetition} group {name} (LIST) {{ repeated group list {{ required BYTE_ARRAY element (STRING); }} }}"
            ),
        }
    };
    let columns: Vec<String> = table.fields().iter().map(column).collect();
    format!("message observations {{ {} }}", columns.join(" "))
}
