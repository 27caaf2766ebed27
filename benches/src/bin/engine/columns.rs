//! Posts from a Parquet file, and summaries into one.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

use compass_core::analytics::{CreatorAggregate, Rows};
use parquet::{
    basic::{ConvertedType, LogicalType, Type},
    column::{reader::ColumnReaderImpl, reader::get_typed_column_reader},
    data_type::{DataType, DoubleType, Int32Type, Int64Type},
    errors::ParquetError,
    file::{
        reader::{FileReader, SerializedFileReader},
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::{parser::parse_message_type, types::ColumnDescriptor},
};

/// Why a file of posts is not read, or one of summaries not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: std::io::Error },
    #[error("{}: {error}", path.display())]
    Parquet { path: PathBuf, error: ParquetError },
    #[error("{}: there is no column {column}", path.display())]
    NoColumn { path: PathBuf, column: &'static str },
    #[error("{}: column {column} is {found}, not {expected}", path.display())]
    WrongType { path: PathBuf, column: &'static str, found: String, expected: &'static str },
    #[error("{}: column {column} holds nulls", path.display())]
    Null { path: PathBuf, column: &'static str },
    #[error("{}: there are no rows", path.display())]
    Empty { path: PathBuf },
}

/// The columns of a file.
#[derive(Debug)]
pub(crate) struct Columns {
    creator_id: Vec<u32>,
    /// ts, views, likes, comments, shares.
    others: [Vec<i64>; 5],
}

impl Columns {
    /// Reads a file one row group after the other into columns of just the size.
    pub(crate) fn read(path: &Path) -> Result<Self, FileError> {
        let source = Source::open(path)?;
        let mut creator_id = Vec::with_capacity(source.rows);
        source.read::<Int32Type>("creator_id", |batch| creator_id.extend(batch.iter().map(|id| id.cast_unsigned())))?;
        let mut others: [Vec<i64>; 5] = Default::default();
        for (name, column) in ["ts", "views", "likes", "comments", "shares"].into_iter().zip(&mut others) {
            column.reserve_exact(source.rows);
            source.read::<Int64Type>(name, |batch| column.extend_from_slice(batch))?;
        }
        Ok(Self { creator_id, others })
    }

    pub(crate) fn rows(&self) -> Rows<'_> {
        let [ts, views, likes, comments, shares] = &self.others;
        Rows::new(&self.creator_id, ts, views, likes, comments, shares).expect("each column has the rows of the file")
    }

    pub(crate) fn bytes(&self) -> usize {
        self.creator_id.len() * (size_of::<u32>() + self.others.len() * size_of::<i64>())
    }
}

/// An open file.
struct Source<'a> {
    path: &'a Path,
    file: SerializedFileReader<File>,
    rows: usize,
}

impl<'a> Source<'a> {
    fn open(path: &'a Path) -> Result<Self, FileError> {
        let file = File::open(path).map_err(|error| FileError::Io { path: path.into(), error })?;
        let file = SerializedFileReader::new(file).map_err(|error| FileError::Parquet { path: path.into(), error })?;
        let rows = usize::try_from(file.metadata().file_metadata().num_rows()).unwrap_or(0);
        if rows == 0 {
            return Err(FileError::Empty { path: path.into() });
        }
        Ok(Self { path, file, rows })
    }

    /// Hands over a column's values, batch after batch.
    fn read<T: Integer>(&self, column: &'static str, mut take: impl FnMut(&[T::T])) -> Result<(), FileError> {
        /// Small enough to stay in the cache between decoding and copying.
        const BATCH: usize = 16 * 1024;
        let failed = |error| FileError::Parquet { path: self.path.into(), error };
        let index = self.index::<T>(column)?;
        let (mut values, mut levels) = (Vec::with_capacity(BATCH), Vec::new());
        for group in 0..self.file.num_row_groups() {
            let group = self.file.get_row_group(group).map_err(failed)?;
            let reader = group.get_column_reader(index).map_err(failed)?;
            let mut reader: ColumnReaderImpl<T> = get_typed_column_reader(reader);
            loop {
                values.clear();
                levels.clear();
                let (rows, read, _) =
                    reader.read_records(BATCH, Some(&mut levels), None, &mut values).map_err(failed)?;
                if read < rows {
                    return Err(FileError::Null { path: self.path.into(), column });
                }
                if rows == 0 {
                    break;
                }
                take(&values);
            }
        }
        Ok(())
    }

    fn index<T: Integer>(&self, column: &'static str) -> Result<usize, FileError> {
        let schema = self.file.metadata().file_metadata().schema_descr();
        let found = schema.columns().iter().position(|c| c.path().parts() == [column]);
        let index = found.ok_or_else(|| FileError::NoColumn { path: self.path.into(), column })?;
        let descriptor = schema.column(index);
        if T::is(&descriptor) {
            return Ok(index);
        }
        let found = match descriptor.logical_type_ref() {
            Some(logical) => format!("{} ({logical:?})", descriptor.physical_type()),
            None => descriptor.physical_type().to_string(),
        };
        Err(FileError::WrongType { path: self.path.into(), column, found, expected: T::NAME })
    }
}

/// A type of column that is asked for.
trait Integer: DataType {
    const NAME: &'static str;

    fn is(descriptor: &ColumnDescriptor) -> bool;
}

impl Integer for Int32Type {
    const NAME: &'static str = "an unsigned integer of 32 bits";

    fn is(descriptor: &ColumnDescriptor) -> bool {
        let unsigned = match descriptor.logical_type_ref() {
            Some(logical) => *logical == LogicalType::integer(32, false),
            None => descriptor.converted_type() == ConvertedType::UINT_32,
        };
        descriptor.physical_type() == Type::INT32 && unsigned && descriptor.max_rep_level() == 0
    }
}

impl Integer for Int64Type {
    const NAME: &'static str = "a signed integer of 64 bits";

    fn is(descriptor: &ColumnDescriptor) -> bool {
        let signed = match descriptor.logical_type_ref() {
            Some(logical) => *logical == LogicalType::integer(64, true),
            None => matches!(descriptor.converted_type(), ConvertedType::NONE | ConvertedType::INT_64),
        };
        descriptor.physical_type() == Type::INT64 && signed && descriptor.max_rep_level() == 0
    }
}

/// Writes summaries; a figure without a meaning is null.
pub(crate) fn write(path: &Path, answer: &[CreatorAggregate]) -> Result<(), FileError> {
    let file = File::create(path).map_err(|error| FileError::Io { path: path.into(), error })?;
    write_to(file, answer).map_err(|error| FileError::Parquet { path: path.into(), error })
}

fn write_to(file: File, answer: &[CreatorAggregate]) -> Result<(), ParquetError> {
    let schema = parse_message_type(
        "message aggregate {
            required int32 creator_id (INTEGER(32, false));
            required int64 n;
            required double median_views;
            optional double er_total;
            optional double er_mean;
            required double p90_views;
            required int64 outliers;
            optional double gap_h;
            optional int32 best_slot (INTEGER(16, true));
        }",
    )?;
    let mut writer = SerializedFileWriter::new(file, Arc::new(schema), Arc::default())?;
    let mut group = writer.next_row_group()?;
    put::<Int32Type>(&mut group, answer, |a| Some(a.creator_id.cast_signed()))?;
    put::<Int64Type>(&mut group, answer, |a| Some(a.n.cast_signed()))?;
    put::<DoubleType>(&mut group, answer, |a| Some(a.median_views))?;
    put::<DoubleType>(&mut group, answer, |a| a.er_total)?;
    put::<DoubleType>(&mut group, answer, |a| a.er_mean)?;
    put::<DoubleType>(&mut group, answer, |a| Some(a.p90_views))?;
    put::<Int64Type>(&mut group, answer, |a| Some(a.outliers.cast_signed()))?;
    put::<DoubleType>(&mut group, answer, |a| a.gap_h)?;
    put::<Int32Type>(&mut group, answer, |a| a.best_slot.map(i32::from))?;
    group.close()?;
    writer.close()?;
    Ok(())
}

fn put<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, File>,
    answer: &[CreatorAggregate],
    of: impl Fn(&CreatorAggregate) -> Option<T::T>,
) -> Result<(), ParquetError> {
    let values: Vec<T::T> = answer.iter().filter_map(&of).collect();
    let levels: Vec<i16> = answer.iter().map(|a| i16::from(of(a).is_some())).collect();
    let mut column = group.next_column()?.expect("as many columns as the schema has");
    column.typed::<T>().write_batch(&values, Some(&levels), None)?;
    column.close()
}
