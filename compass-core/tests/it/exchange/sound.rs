//! Whatever bytes are read, the reader ends, and what it took is written and read again as the same.

use compass_core::exchange::{CsvReader, CsvWriter, ExchangeError, Exporter, JsonlReader, JsonlWriter, Row};
use compass_core::{Batch, exchange::Batches};

const JSONL_HEADER: &[u8] = b"{\"type\":\"header\",\"schema\":\"compass.observations/1\"}\n";

/// Reads bytes as JSON Lines and as CSV, as they are and after a sound header.
pub(crate) fn assert_bytes_are_sound(bytes: &[u8]) {
    let (mut profiles, mut posts) = (Vec::new(), Vec::new());
    CsvWriter::new(&mut profiles, &mut posts).and_then(|mut writer| writer.finish()).expect("memory takes headers");
    for header in [b"".as_slice(), JSONL_HEADER] {
        let file = [header, bytes].concat();
        if let Ok(rows) = JsonlReader::new(file.as_slice()) {
            assert_same_again(rows, |batch| {
                let mut file = Vec::new();
                let mut writer = JsonlWriter::new(&mut file)?;
                writer.write(batch)?;
                writer.finish()?;
                Ok(JsonlReader::new(file.as_slice())?.collect())
            });
        }
    }
    for header in [b"".as_slice(), &profiles, &posts] {
        let file = [header, bytes].concat();
        if let Ok(rows) = CsvReader::new(file.as_slice()) {
            assert_same_again(rows, |batch| {
                let (mut profiles, mut posts) = (Vec::new(), Vec::new());
                let mut writer = CsvWriter::new(&mut profiles, &mut posts)?;
                writer.write(batch)?;
                writer.finish()?;
                drop(writer);
                Ok(CsvReader::new(profiles.as_slice())?.chain(CsvReader::new(posts.as_slice())?).collect())
            });
        }
    }
}

type Read = Vec<Result<Row, ExchangeError>>;

fn assert_same_again(
    rows: impl Iterator<Item = Result<Row, ExchangeError>>,
    again: impl Fn(&Batch) -> Result<Read, ExchangeError>,
) {
    for part in Batches::new(rows, 100) {
        // After an error there is nothing more.
        let Ok(part) = part else { break };
        let read = again(&part.batch).expect("what was read can be written");
        let copy = Batches::new(read.into_iter(), usize::MAX).next().map(|part| part.expect("it was written by us"));
        assert_eq!(copy.map(|part| part.batch).unwrap_or_default(), part.batch);
    }
}
