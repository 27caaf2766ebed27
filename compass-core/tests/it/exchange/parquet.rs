//! Parquet: what is said of files that are none of ours, or not whole.

use std::sync::Arc;

use compass_core::{
    exchange::{ExchangeError, Exporter as _, ParquetWriter},
    ports::Random as _,
    testing::SeededRandom,
};
use jiff::ToSpan as _;
use parquet::{
    data_type::Int64Type,
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::parser::parse_message_type,
};

use super::{Format, observations, refused};

fn posts() -> Vec<u8> {
    Format::Parquet.export(&[observations::hard()]).remove(1)
}

#[test]
fn a_file_that_is_not_whole_says_so() {
    let whole = posts();
    for length in [0, 3, 4, 100, whole.len() / 2, whole.len() - 9, whole.len() - 1] {
        let (_, failed) = refused(Format::Parquet, &whole[..length]);
        let failed = failed.expect("it was cut");
        assert!(failed.contains("the file is no sound Parquet file, was cut, or is compressed"), "{failed}");
    }
    let (_, failed) = refused(Format::Parquet, b"PAR1 no, it only begins so PAR1");
    assert!(failed.is_some());
}

#[test]
fn a_file_of_something_else_says_so() {
    // One column more than it could be, and none of ours.
    let names = ["day", "followers", "likes"];
    let (_, failed) = refused(Format::Parquet, &file_of(&names.map(|name| (name, "INT64"))));
    assert!(failed.unwrap().contains(r#"it has the columns "day", "followers", "likes""#));
}

#[test]
fn a_column_of_another_type_is_named() {
    let columns =
        ["handle", "nickname", "bio", "verified", "private", "language", "created_at", "observed_at", "source"];
    let counters =
        ["followers", "following", "likes", "videos"].map(|name| [format!("{name}_lo"), format!("{name}_hi")]);
    let others = counters.iter().flatten().map(String::as_str).chain(columns).chain(["recorded_at"]);
    let all: Vec<(&str, &str)> =
        [("creator", "DOUBLE")].into_iter().chain(others.map(|name| (name, "INT64"))).collect();
    let (_, failed) = refused(Format::Parquet, &file_of(&all));
    assert!(failed.unwrap().contains(r#""creator" has to be INT64, not DOUBLE"#));
    let all: Vec<(&str, &str)> = all.into_iter().map(|(name, _)| (name, "INT64")).collect();
    let (_, failed) = refused(Format::Parquet, &file_of(&all));
    assert!(failed.unwrap().contains(r#""handle" has to be BYTE_ARRAY with STRING, not INT64"#));
}

/// An empty file with these columns.
fn file_of(columns: &[(&str, &str)]) -> Vec<u8> {
    let columns: String = columns.iter().map(|(name, kind)| format!("required {kind} {name}; ")).collect();
    let schema = Arc::new(parse_message_type(&format!("message other {{ {columns} }}")).unwrap());
    let mut file = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut file, schema, Arc::new(WriterProperties::default())).unwrap();
    writer.finish().unwrap();
    drop(writer);
    file
}

#[test]
fn a_cell_that_cannot_be_is_refused_with_its_row() {
    // Two accounts, of which the second has a negative number of followers, written without our writer.
    let whole = Format::Parquet.export(&[observations::hard()]).remove(0);
    let changed = rewritten(&whole, "followers_lo", 1, -5);
    let (found, failed) = refused(Format::Parquet, &changed);
    assert_eq!(failed, None);
    let [refusal] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(refusal.item.as_deref(), Some("row 2"));
    assert!(refusal.detail.contains("followers_lo: -5 is negative"), "{}", refusal.detail);
}

/// The file with another value in one column of whole numbers.
fn rewritten(file: &[u8], column: &str, row: usize, value: i64) -> Vec<u8> {
    use parquet::{
        column::{reader::get_typed_column_reader, writer::get_typed_column_writer_mut},
        file::reader::{FileReader as _, SerializedFileReader},
    };
    let bytes = bytes::Bytes::copy_from_slice(file);
    let reader = SerializedFileReader::new(bytes.clone()).unwrap();
    let schema = reader.metadata().file_metadata().schema_descr().root_schema_ptr();
    let group = reader.metadata().row_group(0);
    let mut out = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut out, schema, Arc::new(WriterProperties::default())).unwrap();
    let mut rows = writer.next_row_group().unwrap();
    for index in 0..group.num_columns() {
        let chunk = group.column(index);
        if chunk.column_path().string() == column {
            let read = reader.get_row_group(0).unwrap().get_column_reader(index).unwrap();
            let (mut levels, mut values) = (Vec::new(), Vec::new());
            get_typed_column_reader::<Int64Type>(read)
                .read_records(1_000, Some(&mut levels), None, &mut values)
                .unwrap();
            values[row] = value;
            let mut out = rows.next_column().unwrap().unwrap();
            get_typed_column_writer_mut::<Int64Type>(out.untyped()).write_batch(&values, Some(&levels), None).unwrap();
            out.close().unwrap();
        } else {
            let close = parquet::column::writer::ColumnCloseResult {
                bytes_written: u64::try_from(chunk.compressed_size()).unwrap(),
                rows_written: u64::try_from(group.num_rows()).unwrap(),
                metadata: chunk.clone(),
                bloom_filter: None,
                column_index: None,
                offset_index: None,
            };
            rows.append_column(&bytes, close).unwrap();
        }
    }
    rows.close().unwrap();
    writer.finish().unwrap();
    drop(writer);
    out
}

#[test]
fn moments_finer_than_the_format_are_not_rounded() {
    let mut batch = observations::hard();
    batch.looks[3].observed_at += 1.nanoseconds();
    let failed = ParquetWriter::new(Vec::new(), Vec::new()).unwrap().write(&batch);
    assert!(
        matches!(&failed, Err(ExchangeError::Unfit(why)) if why.contains("finer than a microsecond")),
        "{failed:?}"
    );
}

#[test]
fn changed_bytes_end_in_errors() {
    let random = SeededRandom::new(3);
    let whole = posts();
    let mut failures = 0;
    let mut places = [0; 8];
    for _ in 0..2_000 {
        let mut changed = whole.clone();
        random.fill(&mut places);
        let at = usize::from(u16::from_be_bytes([places[0], places[1]])) % changed.len();
        changed[at] = places[2];
        failures += usize::from(refused(Format::Parquet, &changed).1.is_some());
    }
    assert!(failures > 200, "{failures}");
}
