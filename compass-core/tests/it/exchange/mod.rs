//! What is exported is imported again as it was, and read by programs that know nothing of us.

mod csv;
mod jsonl;
mod observations;
mod other_programs;
mod parquet;
mod round_trips;
mod sound;

use compass_core::{
    Batch, BatchId, Refusal,
    exchange::{
        Batches, CsvReader, CsvWriter, ExchangeError, Exporter, JsonlReader, JsonlWriter, ParquetReader, ParquetWriter,
        Row,
    },
    ports::CorpusStore,
    testing::MemoryStore,
};

/// What a store gives and takes at a time in these tests.
const MOST: u32 = 7;

/// The files of an export, by format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Jsonl,
    Csv,
    Parquet,
}

type Rows<'a> = Box<dyn Iterator<Item = Result<Row, ExchangeError>> + Send + 'a>;

impl Format {
    pub(crate) const ALL: [Self; 3] = [Self::Jsonl, Self::Csv, Self::Parquet];

    /// The files with these batches in them: one, or profiles and posts.
    pub(crate) fn export(self, batches: &[Batch]) -> Vec<Vec<u8>> {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        {
            let mut writer: Box<dyn Exporter + '_> = match self {
                Self::Jsonl => Box::new(JsonlWriter::new(&mut first).unwrap()),
                Self::Csv => Box::new(CsvWriter::new(&mut first, &mut second).unwrap()),
                Self::Parquet => Box::new(ParquetWriter::new(&mut first, &mut second).unwrap()),
            };
            batches.iter().for_each(|batch| writer.write(batch).unwrap());
            writer.finish().unwrap();
        }
        if self == Self::Jsonl { vec![first] } else { vec![first, second] }
    }

    pub(crate) fn rows(self, file: &[u8]) -> Result<Rows<'_>, ExchangeError> {
        Ok(match self {
            Self::Jsonl => Box::new(JsonlReader::new(file)?),
            Self::Csv => Box::new(CsvReader::new(file)?),
            Self::Parquet => Box::new(ParquetReader::new(bytes::Bytes::copy_from_slice(file))?),
        })
    }
}

/// All that a store has, as it is given.
async fn all(store: &MemoryStore) -> Vec<Batch> {
    let (mut batches, mut place) = (Vec::new(), None);
    while let Some((batch, next)) = store.next_batch(place, MOST).await.unwrap() {
        batches.push(batch);
        place = Some(next);
    }
    batches
}

/// A store with the observations of the files.
async fn imported(format: Format, files: &[Vec<u8>]) -> MemoryStore {
    let store = MemoryStore::default();
    for file in files {
        for part in Batches::new(format.rows(file).unwrap(), MOST as usize + 2) {
            let part = part.unwrap();
            assert_eq!(part.refused, Vec::new());
            store.record_batch(BatchId::of(&part.batch, &[]).unwrap(), &part.batch).await.unwrap();
        }
    }
    store
}

/// What is refused of a file, and what ends it.
fn refused(format: Format, file: &[u8]) -> (Vec<Refusal>, Option<String>) {
    let rows = match format.rows(file) {
        Ok(rows) => rows,
        Err(error) => return (Vec::new(), Some(told(&error))),
    };
    let (mut refused, mut failed) = (Vec::new(), None);
    for row in rows {
        match row {
            Ok(Row::Refused(refusal)) => refused.push(refusal),
            Ok(_) => {}
            Err(error) => failed = Some(told(&error)),
        }
    }
    (refused, failed)
}

/// An error with its causes.
fn told(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", told(cause)),
        None => error.to_string(),
    }
}
