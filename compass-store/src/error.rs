//! What a database driver says, in the words of the port.

use std::fmt;

use compass_core::ports::StoreError;
use sqlx::{
    error::{DatabaseError, ErrorKind},
    migrate::MigrateError,
};

/// The port's error for a driver's error.
pub(crate) fn store_error(error: sqlx::Error) -> StoreError {
    match &error {
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed
        | sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_) => StoreError::Unavailable(error.into()),
        sqlx::Error::Configuration(why) => StoreError::Invalid(format!("the database's address: {why}")),
        sqlx::Error::Encode(why) => StoreError::Invalid(why.to_string()),
        sqlx::Error::ColumnDecode { index, source } => StoreError::Corrupt(format!("column {index}: {source}")),
        sqlx::Error::Database(reported) => match reported.kind() {
            ErrorKind::UniqueViolation => StoreError::Conflict(reported.message().to_owned()),
            ErrorKind::ForeignKeyViolation => StoreError::NotFound,
            ErrorKind::CheckViolation if is_of_no_partition(&**reported) => StoreError::Invalid(format!(
                "{DETACHED} ({}): attach the table again, or drop it, and a new one is made",
                reported.message()
            )),
            ErrorKind::CheckViolation | ErrorKind::NotNullViolation => {
                StoreError::Invalid(reported.message().to_owned())
            }
            _ => match reported.code().as_deref().map_or(Class::Other, classify) {
                Class::Invalid => StoreError::Invalid(reported.message().to_owned()),
                Class::Unavailable => StoreError::Unavailable(error.into()),
                Class::Corrupt => StoreError::Corrupt(reported.message().to_owned()),
                Class::Damaged => StoreError::Corrupt(format!(
                    "{}: take the file from a backup, or save what can be read with sqlite3's command .recover",
                    reported.message()
                )),
                Class::ReadOnly => StoreError::Invalid(format!(
                    "{}: let this program write to the file and its folder",
                    reported.message()
                )),
                Class::Other => StoreError::Backend(error.into()),
            },
        },
        _ => StoreError::Backend(error.into()),
    }
}

const DETACHED: &str = "the partition of its month was detached";

/// Whether a row was refused because there is no partition for its month.
#[cfg(feature = "postgres")]
pub(crate) fn is_of_detached_month(error: &StoreError) -> bool {
    matches!(error, StoreError::Invalid(why) if why.starts_with(DETACHED))
}

/// Whether a row belongs to a part of a table that is not there.
fn is_of_no_partition(reported: &dyn DatabaseError) -> bool {
    reported.constraint().is_none() && reported.message().starts_with("no partition of relation")
}

/// Whether the database ended a transaction because it was in the way of another: begun again, it may succeed.
pub(crate) fn begin_again(error: &StoreError) -> bool {
    let StoreError::Unavailable(cause) = error else { return false };
    let Some(sqlx::Error::Database(reported)) = cause.downcast_ref() else { return false };
    // Serialization failure, deadlock; a reading transaction of SQLite that wants to write after another has.
    matches!(reported.code().as_deref(), Some("40001" | "40P01" | "517"))
}

/// The port's error for a migration that could not be done.
pub(crate) fn migration_error(error: MigrateError, newest_known: i64) -> StoreError {
    match error {
        MigrateError::VersionMissing(found) => StoreError::Conflict(format!(
            "the database has schema {found}, but this program knows schemas up to {newest_known}: use a newer program, \
             or another database"
        )),
        MigrateError::VersionMismatch(version) => StoreError::Conflict(format!(
            "schema {version} of the database was made by other instructions than this program's: use the program that \
             made it, or another database"
        )),
        MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _) => store_error(cause),
        other => StoreError::Backend(other.into()),
    }
}

/// A value in the database that no program of ours can have written.
pub(crate) fn corrupt(table: &str, row: impl fmt::Display, column: &str, why: impl fmt::Display) -> StoreError {
    StoreError::Corrupt(format!("table {table}, row {row}, column {column}: {why}"))
}

enum Class {
    Invalid,
    Unavailable,
    Corrupt,
    Damaged,
    ReadOnly,
    Other,
}

/// Sorts PostgreSQL's five-character SQLSTATEs and SQLite's decimal result codes, which never look alike.
fn classify(code: &str) -> Class {
    const SQLITE_BUSY: i32 = 5;
    const SQLITE_LOCKED: i32 = 6;
    const SQLITE_READONLY: i32 = 8;
    const SQLITE_IOERR: i32 = 10;
    const SQLITE_CORRUPT: i32 = 11;
    const SQLITE_FULL: i32 = 13;
    const SQLITE_CANTOPEN: i32 = 14;
    const SQLITE_NOTADB: i32 = 26;
    match code {
        // Characters that are not in the repertoire, untranslatable characters, out of range; wrong user, password, or
        // name of the database.
        "22021" | "22P05" | "22003" | "22008" | "28000" | "28P01" | "3D000" => Class::Invalid,
        // Serialization failure, deadlock, lock not available, statement cancelled by a time-out, idle time-out.
        "40001" | "40P01" | "55P03" | "57014" | "25P03" => Class::Unavailable,
        "XX001" | "XX002" => Class::Corrupt,
        // Connection exceptions, insufficient resources, operator intervention.
        _ if code.len() == 5 && ["08", "53", "57"].iter().any(|class| code.starts_with(class)) => Class::Unavailable,
        _ => match code.parse::<i32>().map(|extended| extended & 0xff) {
            Ok(SQLITE_BUSY | SQLITE_LOCKED | SQLITE_IOERR | SQLITE_FULL | SQLITE_CANTOPEN) => Class::Unavailable,
            Ok(SQLITE_CORRUPT) => Class::Damaged,
            Ok(SQLITE_NOTADB) => Class::Corrupt,
            Ok(SQLITE_READONLY) => Class::ReadOnly,
            _ => Class::Other,
        },
    }
}
