//! One column: values gathered for a row group, with the levels that tell which rows have one.

use jiff::Timestamp;

use ::parquet::{
    data_type::{BoolType, ByteArray, ByteArrayType, DataType, Int64Type},
    file::writer::SerializedColumnWriter,
};

use super::super::{
    ExchangeError,
    table::{Field, Kind, Value},
};

/// The rows of a row group in one column.
#[derive(Debug)]
pub(super) enum Column {
    Flags(Levelled<BoolType>),
    Numbers(Levelled<Int64Type>),
    Texts(Levelled<ByteArrayType>),
}

/// Values, and for each row how much of it is there.
pub(super) struct Levelled<T: DataType> {
    values: Vec<T::T>,
    /// Whether the row, or the entry of a list, has a value; not asked for where each has one.
    definitions: Vec<i16>,
    /// Whether a value belongs to the same row as the one before it; asked for in lists alone.
    repetitions: Vec<i16>,
}

impl<T: DataType> std::fmt::Debug for Levelled<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Levelled").field("values", &self.values.len()).finish_non_exhaustive()
    }
}

impl Column {
    pub(super) fn new(field: &Field) -> Self {
        match field.kind {
            Kind::Flag => Self::Flags(Levelled::default()),
            Kind::Number | Kind::Moment => Self::Numbers(Levelled::default()),
            Kind::Text | Kind::Texts => Self::Texts(Levelled::default()),
        }
    }

    /// Adds a row's cell; gives about how many bytes it takes.
    pub(super) fn push(&mut self, cell: Option<Value<'_>>) -> Result<usize, ExchangeError> {
        match (self, cell) {
            (Self::Flags(column), Some(Value::Flag(flag))) => column.push(Some(flag)),
            (Self::Flags(column), _) => column.push(None),
            (Self::Numbers(column), Some(Value::Number(number))) => column.push(Some(number)),
            (Self::Numbers(column), Some(Value::Moment(moment))) => column.push(Some(micros(moment)?)),
            (Self::Numbers(column), _) => column.push(None),
            (Self::Texts(column), Some(Value::Text(text))) => {
                column.push(Some(ByteArray::from(text.as_bytes().to_vec())));
                return Ok(text.len());
            }
            (Self::Texts(column), Some(Value::Texts(texts))) => {
                column.push_list(texts.iter().map(|text| ByteArray::from(text.as_bytes().to_vec())));
                return Ok(texts.iter().map(String::len).sum());
            }
            (Self::Texts(column), _) => column.push(None),
        }
        Ok(size_of::<i64>())
    }

    /// Writes the rows and forgets them.
    pub(super) fn write(&mut self, chunk: &mut SerializedColumnWriter<'_>) -> Result<(), ExchangeError> {
        match self {
            Self::Flags(column) => column.write(chunk),
            Self::Numbers(column) => column.write(chunk),
            Self::Texts(column) => column.write(chunk),
        }
    }
}

impl<T: DataType> Default for Levelled<T> {
    fn default() -> Self {
        Self { values: Vec::new(), definitions: Vec::new(), repetitions: Vec::new() }
    }
}

impl<T: DataType> Levelled<T> {
    fn push(&mut self, value: Option<T::T>) {
        self.definitions.push(i16::from(value.is_some()));
        self.repetitions.push(0);
        self.values.extend(value);
    }

    fn push_list(&mut self, values: impl ExactSizeIterator<Item = T::T>) {
        if values.len() == 0 {
            return self.push(None);
        }
        for (at, value) in values.enumerate() {
            self.definitions.push(1);
            self.repetitions.push(i16::from(at > 0));
            self.values.push(value);
        }
    }

    fn write(&mut self, chunk: &mut SerializedColumnWriter<'_>) -> Result<(), ExchangeError> {
        let column = chunk.typed::<T>();
        column.write_batch(&self.values, Some(&self.definitions), Some(&self.repetitions))?;
        self.values.clear();
        self.definitions.clear();
        self.repetitions.clear();
        Ok(())
    }
}

fn micros(moment: Timestamp) -> Result<i64, ExchangeError> {
    let micros = moment.as_microsecond();
    match Timestamp::from_microsecond(micros) {
        Ok(same) if same == moment => Ok(micros),
        _ => Err(ExchangeError::Unfit(format!("{moment} is finer than a microsecond"))),
    }
}
