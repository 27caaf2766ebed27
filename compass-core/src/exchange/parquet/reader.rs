//! Observations from a file of Parquet.

use std::{
    borrow::Cow,
    collections::VecDeque,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    vec,
};

use jiff::Timestamp;

use ::parquet::{
    basic::{ConvertedType, LogicalType, TimeUnit, Type},
    column::reader::{ColumnReader, ColumnReaderImpl},
    data_type::{ByteArray, DataType},
    file::{
        metadata::FileMetaData,
        reader::{ChunkReader, FileReader, SerializedFileReader},
    },
    schema::types::ColumnDescriptor,
};

use super::{
    super::{
        ExchangeError, MAX_LINE, Row, SCHEMA,
        table::{Cells, Field, Kind, Table, Value},
    },
    SCHEMA_KEY,
};
use crate::Refusal;

/// So many rows are decoded at a time.
const ROWS: usize = 1_024;

/// Reads Parquet: one of the two files, which its columns tell.
///
/// The columns may be in any order, and moments in milliseconds, microseconds or nanoseconds, so that other programs may have
/// written the file, if they left the columns' types.
pub struct ParquetReader<R: ChunkReader> {
    file: SerializedFileReader<R>,
    table: Table,
    sources: Vec<Source>,
    /// The row group that is read next.
    group: usize,
    columns: Vec<ColumnReader>,
    decoded: VecDeque<Cells<'static>>,
    /// The row that was given last, from 1.
    row: u64,
    is_over: bool,
}

/// Where the values of a field come from.
#[derive(Clone, Copy, Debug)]
struct Source {
    column: usize,
    read_as: ReadAs,
    /// The definition level of a value that is there.
    there: i16,
}

#[derive(Clone, Copy, Debug)]
enum ReadAs {
    Flags,
    Numbers,
    Moments(TimeUnit),
    Texts,
    /// With the definition level from which on a list has an entry.
    Lists(i16),
}

impl<R: ChunkReader + 'static> ParquetReader<R> {
    /// Reads what the file tells of itself.
    ///
    /// # Errors
    /// [`ExchangeError::Foreign`] or [`ExchangeError::Columns`] if it has no observations, [`ExchangeError::Parquet`] if it is
    /// no whole Parquet file.
    pub fn new(file: R) -> Result<Self, ExchangeError> {
        sound(|| Self::open(file))
    }

    fn open(file: R) -> Result<Self, ExchangeError> {
        let file = SerializedFileReader::new(file)?;
        let told = file.metadata().file_metadata();
        // Programs that rewrite a file may leave the entry out; then the columns speak for it.
        let entries = told.key_value_metadata().into_iter().flatten();
        if let Some(schema) = entries.filter(|entry| entry.key == SCHEMA_KEY).find_map(|entry| entry.value.as_ref())
            && schema != SCHEMA
        {
            return Err(ExchangeError::Foreign(format!("it says {schema:.40?}")));
        }
        let (table, sources) = sources(told)?;
        let (columns, decoded) = (Vec::new(), VecDeque::new());
        Ok(Self { file, table, sources, group: 0, columns, decoded, row: 0, is_over: false })
    }

    /// Whether it is the file of profiles, which a store has to know before their posts.
    #[must_use]
    pub fn has_profiles(&self) -> bool {
        self.table == Table::Profiles
    }

    /// How many rows the file says that it has.
    #[must_use]
    pub fn rows(&self) -> u64 {
        u64::try_from(self.file.metadata().file_metadata().num_rows()).unwrap_or(0)
    }

    fn row(&mut self) -> Result<Option<Row>, ExchangeError> {
        while self.decoded.is_empty() {
            if !self.decode()? && !self.next_group()? {
                return if self.row == self.rows() {
                    Ok(None)
                } else {
                    Err(ExchangeError::Cut(format!("it says that it has {} rows, and has {}", self.rows(), self.row)))
                };
            }
        }
        self.row += 1;
        let cells = self.decoded.pop_front().expect("there is one");
        let row = self.table.row(cells).unwrap_or_else(|detail| {
            let item = Some(format!("row {}", self.row));
            Row::Refused(Refusal { item, reason: "bad_value".to_owned(), detail })
        });
        Ok(Some(row))
    }

    /// Opens the columns of the next row group; `false` if there is none.
    fn next_group(&mut self) -> Result<bool, ExchangeError> {
        if self.group == self.file.num_row_groups() {
            return Ok(false);
        }
        let group = self.file.get_row_group(self.group)?;
        let columns = self.sources.iter().map(|source| group.get_column_reader(source.column));
        self.columns = columns.collect::<Result<_, _>>()?;
        self.group += 1;
        Ok(true)
    }

    /// Decodes rows of the open row group; `false` if it has no more.
    fn decode(&mut self) -> Result<bool, ExchangeError> {
        let mut decoded: Vec<vec::IntoIter<Option<Value<'static>>>> = Vec::with_capacity(self.columns.len());
        let fields = self.table.fields();
        for ((field, source), column) in fields.iter().zip(&self.sources).zip(&mut self.columns) {
            let cells = source
                .read(column)
                .map_err(|why| ExchangeError::Cut(format!("column {:?}, after row {}: {why}", field.name, self.row)))?;
            if decoded.first().is_some_and(|first| first.len() != cells.len()) {
                return Err(ExchangeError::Cut(format!("column {:?} has another number of rows", field.name)));
            }
            decoded.push(cells.into_iter());
        }
        let rows = decoded.first().map_or(0, ExactSizeIterator::len);
        let row = |_| decoded.iter_mut().map(|column| column.next().flatten()).collect();
        self.decoded.extend((0..rows).map(row));
        Ok(rows > 0)
    }
}

impl<R: ChunkReader + 'static> Iterator for ParquetReader<R> {
    type Item = Result<Row, ExchangeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let row = sound(|| self.row()).transpose();
        self.is_over = !matches!(row, Some(Ok(_)));
        row
    }
}

impl<R: ChunkReader> fmt::Debug for ParquetReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParquetReader").field("table", &self.table).field("row", &self.row).finish_non_exhaustive()
    }
}

/// Takes a panic of the library, which a file with nonsense in its lengths and offsets brings about, for what it is.
///
/// What was under way is not gone on with: the reader is over.
fn sound<T>(read: impl FnOnce() -> Result<T, ExchangeError>) -> Result<T, ExchangeError> {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(ExchangeError::Cut("the file contradicts itself so that it cannot be read".to_owned())))
}

/// Which column each field is read from.
fn sources(told: &FileMetaData) -> Result<(Table, Vec<Source>), ExchangeError> {
    let schema = told.schema_descr();
    let names: Vec<&str> = schema.root_schema().get_fields().iter().map(|field| field.name()).collect();
    let (table, _) = Table::of_columns(&names)?;
    let source = |field: &Field| {
        let leaves = schema.columns().iter().enumerate();
        let mut leaves = leaves.filter(|(_, leaf)| leaf.path().parts().first().is_some_and(|root| root == field.name));
        let (column, leaf) = leaves.next().expect("a column has a leaf");
        let read_as = read_as(leaf, field).filter(|_| leaves.next().is_none());
        let read_as = read_as.ok_or_else(|| wrong_type(leaf, field))?;
        Ok(Source { column, read_as, there: leaf.max_def_level() })
    };
    Ok((table, table.fields().iter().map(source).collect::<Result<_, ExchangeError>>()?))
}

fn read_as(leaf: &ColumnDescriptor, field: &Field) -> Option<ReadAs> {
    let is_text = || {
        let by_name = matches!(leaf.logical_type_ref(), None | Some(LogicalType::String));
        by_name && matches!(leaf.converted_type(), ConvertedType::NONE | ConvertedType::UTF8)
    };
    match (field.kind, leaf.physical_type(), leaf.max_rep_level()) {
        (Kind::Flag, Type::BOOLEAN, 0) => Some(ReadAs::Flags),
        (Kind::Number, Type::INT64, 0) if is_whole(leaf) => Some(ReadAs::Numbers),
        (Kind::Text, Type::BYTE_ARRAY, 0) if is_text() => Some(ReadAs::Texts),
        // An entry that may be null has a level of its own.
        (Kind::Texts, Type::BYTE_ARRAY, 1) if is_text() => {
            Some(ReadAs::Lists(leaf.max_def_level() - i16::from(leaf.self_type().is_optional())))
        }
        (Kind::Moment, Type::INT64, 0) => match leaf.logical_type_ref()? {
            LogicalType::Timestamp(kind) if kind.is_adjusted_to_u_t_c => Some(ReadAs::Moments(kind.unit)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether it is a whole number, as signed integers of 64 bits are.
fn is_whole(leaf: &ColumnDescriptor) -> bool {
    match leaf.logical_type_ref() {
        None => matches!(leaf.converted_type(), ConvertedType::NONE | ConvertedType::INT_64),
        Some(LogicalType::Integer(kind)) => kind.is_signed,
        Some(_) => false,
    }
}

fn wrong_type(leaf: &ColumnDescriptor, field: &Field) -> ExchangeError {
    let expected = match field.kind {
        Kind::Flag => "BOOLEAN",
        Kind::Number => "INT64",
        Kind::Moment => "INT64 with TIMESTAMP in UTC",
        Kind::Text => "BYTE_ARRAY with STRING",
        Kind::Texts => "LIST of BYTE_ARRAY with STRING",
    };
    let found = match leaf.logical_type_ref() {
        Some(logical) => format!("{} with {logical:?}", leaf.physical_type()),
        None => leaf.physical_type().to_string(),
    };
    ExchangeError::Columns(format!("{:?} has to be {expected}, not {found}", field.name))
}

impl Source {
    /// The next rows of a column: up to [`ROWS`], fewer at the end of a row group.
    fn read(&self, column: &mut ColumnReader) -> Result<Vec<Option<Value<'static>>>, String> {
        match (self.read_as, column) {
            (ReadAs::Flags, ColumnReader::BoolColumnReader(column)) => {
                self.values(column, |flag| Ok(Value::Flag(flag)))
            }
            (ReadAs::Numbers, ColumnReader::Int64ColumnReader(column)) => {
                self.values(column, |number| Ok(Value::Number(number)))
            }
            (ReadAs::Moments(unit), ColumnReader::Int64ColumnReader(column)) => {
                self.values(column, |number| moment(number, unit).map(Value::Moment))
            }
            (ReadAs::Texts, ColumnReader::ByteArrayColumnReader(column)) => {
                self.values(column, |bytes| text(&bytes).map(|text| Value::Text(Cow::Owned(text))))
            }
            (ReadAs::Lists(entry), ColumnReader::ByteArrayColumnReader(column)) => self.lists(column, entry),
            _ => Err("it has another type in this row group".to_owned()),
        }
    }

    fn values<T: DataType>(
        &self,
        column: &mut ColumnReaderImpl<T>,
        mut read: impl FnMut(T::T) -> Result<Value<'static>, String>,
    ) -> Result<Vec<Option<Value<'static>>>, String> {
        let (mut levels, mut values) = (Vec::new(), Vec::with_capacity(ROWS));
        let (rows, ..) = column.read_records(ROWS, Some(&mut levels), None, &mut values).map_err(|e| e.to_string())?;
        let mut values = values.into_iter();
        // A column that cannot have nulls has no levels.
        let is_there = |row: usize| self.there == 0 || levels.get(row) == Some(&self.there);
        let cell = |row| match is_there(row).then(|| values.next()).flatten() {
            Some(value) => read(value).map(Some),
            None => Ok(None),
        };
        (0..rows).map(cell).collect()
    }

    /// Lists; one that is null has no entries.
    fn lists(
        &self,
        column: &mut ColumnReaderImpl<::parquet::data_type::ByteArrayType>,
        entry: i16,
    ) -> Result<Vec<Option<Value<'static>>>, String> {
        let (mut definitions, mut repetitions, mut values) = (Vec::new(), Vec::new(), Vec::new());
        let read = column.read_records(ROWS, Some(&mut definitions), Some(&mut repetitions), &mut values);
        read.map_err(|e| e.to_string())?;
        let mut values = values.into_iter();
        let mut lists: Vec<Vec<String>> = Vec::with_capacity(ROWS);
        for (definition, repetition) in definitions.into_iter().zip(repetitions) {
            if repetition == 0 {
                lists.push(Vec::new());
            }
            let list = lists.last_mut().ok_or("it begins in the middle of a list")?;
            if definition == self.there {
                list.push(text(&values.next().ok_or("it has too few values")?)?);
            } else if definition >= entry {
                return Err("a list has an entry that is null; take it out".to_owned());
            }
        }
        Ok(lists.into_iter().map(|list| Some(Value::Texts(Cow::Owned(list)))).collect())
    }
}

fn moment(number: i64, unit: TimeUnit) -> Result<Timestamp, String> {
    let moment = match unit {
        TimeUnit::MILLIS => Timestamp::from_millisecond(number),
        TimeUnit::MICROS => Timestamp::from_microsecond(number),
        TimeUnit::NANOS => Timestamp::from_nanosecond(number.into()),
    };
    moment.map_err(|_| format!("{number} is no moment of the years -9999 to 9999"))
}

fn text(bytes: &ByteArray) -> Result<String, String> {
    if bytes.len() > MAX_LINE {
        return Err(format!("a text has more than {MAX_LINE} bytes"));
    }
    bytes.as_utf8().map(str::to_owned).map_err(|_| "a text is not UTF-8".to_owned())
}
