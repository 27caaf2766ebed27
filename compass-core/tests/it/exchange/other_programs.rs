//! DuckDB and pandas read the Parquet, and what they write is read again.

use std::{fs, path::Path, process::Command};

use compass_core::exchange::Row;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Format, observations};

/// What DuckDB and pandas find in a folder; `None` without a Python that has them, which `scripts/test` makes.
fn found(folder: &Path) -> Option<Value> {
    let Some(python) = std::env::var_os("COMPASS_PYTHON") else {
        println!("not tried: COMPASS_PYTHON names no Python with duckdb, pandas and pyarrow");
        return None;
    };
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/exchange/other_programs.py");
    let output = Command::new(&python).arg(program).arg(folder).output().expect("COMPASS_PYTHON can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn rows(file: &[u8]) -> Vec<Row> {
    Format::Parquet.rows(file).unwrap().map(Result::unwrap).collect()
}

/// Moments differ in how they are written, so they are read.
fn moment(value: &Value) -> Timestamp {
    let text = value.as_str().expect("a moment is a text").replace(' ', "T");
    let text = text.strip_suffix("+00").map_or(text.clone(), |bare| format!("{bare}Z"));
    text.parse().unwrap()
}

#[test]
fn duckdb_and_pandas_find_what_was_exported() {
    let folder = tempfile::tempdir().unwrap();
    let batch = observations::hard();
    let files = Format::Parquet.export(std::slice::from_ref(&batch));
    for (name, file) in ["profiles", "posts"].into_iter().zip(&files) {
        fs::write(folder.path().join(format!("{name}.parquet")), file).unwrap();
    }
    let Some(found) = found(folder.path()) else { return };
    for (program, types) in [
        (
            "duckdb",
            [
                ("creator", "BIGINT"),
                ("created_at", "TIMESTAMP WITH TIME ZONE"),
                ("duration", "BIGINT"),
                ("caption", "VARCHAR"),
                ("hashtags", "VARCHAR[]"),
                ("pinned", "BOOLEAN"),
                ("views_hi", "BIGINT"),
            ],
        ),
        (
            "pandas",
            [
                ("creator", "int64[pyarrow]"),
                ("created_at", "timestamp[us, tz=UTC][pyarrow]"),
                ("duration", "int64[pyarrow]"),
                ("caption", "string[pyarrow]"),
                ("hashtags", "list<element: string not null>[pyarrow]"),
                ("pinned", "bool[pyarrow]"),
                ("views_hi", "int64[pyarrow]"),
            ],
        ),
    ] {
        for (column, expected) in types {
            assert_eq!(found["posts"][program]["types"][column], expected, "{program}: {column}");
        }
        let profiles = found["profiles"][program]["rows"].as_array().unwrap();
        let posts = found["posts"][program]["rows"].as_array().unwrap();
        assert_eq!((profiles.len(), posts.len()), (batch.profiles.len(), batch.looks.len()), "{program}");
        for ((profile, post), (look, text)) in
            profiles.iter().zip(posts).zip(batch.looks.iter().zip(observations::HARD))
        {
            assert_eq!(
                (&profile["nickname"], &profile["bio"], &profile["language"]),
                (&json!(text), &json!(text), &json!(text))
            );
            assert_eq!((&post["caption"], &post["sound"]), (&json!(text), &json!(text)), "{program}");
            assert_eq!(post["hashtags"], json!([text, "tea"]), "{program}");
            assert_eq!(moment(&post["observed_at"]), look.observed_at, "{program}");
            let views = look.counts.views.unwrap();
            assert_eq!((&post["views_lo"], &post["views_hi"]), (&json!(views.lo()), &json!(views.hi())), "{program}");
            assert_eq!((&post["likes_lo"], &post["duration"]), (&Value::Null, &Value::Null), "{program}");
        }
        for (name, file) in ["profiles", "posts"].into_iter().zip(&files) {
            let rewritten = fs::read(folder.path().join(format!("{program}-{name}.parquet"))).unwrap();
            assert_eq!(rows(&rewritten), rows(file), "{program}: {name}");
        }
    }
}
