//! Rows as they stand in the tables, and their way into domain values: a value that does not fit names its place.

mod accounts;
mod batches;
mod creators;
mod hosts;
mod jobs;
mod told;

pub(crate) use accounts::{AuditRow, SessionRow, SignInRow, TokenRow, UserRow};
pub(crate) use batches::{BatchRows, DescriptionRow, LookRow};
#[cfg(feature = "postgres")]
pub(crate) use creators::{NewestRow, RecentOrKept};
pub(crate) use creators::{ProfileRow, RecentRow, RecentlyAsked, VideoRow, bounds, kind_name, recent_looks};
pub(crate) use hosts::HostRow;
pub(crate) use jobs::{JobEventRow, JobRow};
pub(crate) use told::{AdviceRow, HeldShareRow, ImportRow, ReportRow, ShareRow, audiences, audiences_by_handle};

use compass_core::ports::StoreError;
use serde::Serialize;
use serde_json::Value;
use sqlx::types::Json;

/// Reads every row, or names the first that cannot be understood.
pub(crate) fn all<R, T: TryFrom<R, Error = StoreError>>(rows: Vec<R>) -> Result<Vec<T>, StoreError> {
    rows.into_iter().map(T::try_from).collect()
}

/// Reads every row that can be understood: what is damaged must not keep the others from being read. It is told in the log.
pub(crate) fn readable<R, T: TryFrom<R, Error = StoreError>>(what: &str, rows: Vec<R>) -> Vec<T> {
    let told = |why: &StoreError| tracing::warn!(error = why as &dyn std::error::Error, "{what} is left out");
    rows.into_iter().filter_map(|row| T::try_from(row).inspect_err(told).ok()).collect()
}

/// A value as a JSON column keeps it.
pub(crate) fn json(what: &str, value: &impl Serialize) -> Result<Json<Value>, StoreError> {
    let json = serde_json::to_value(value).map_err(|why| StoreError::Invalid(format!("{what}: {why}")))?;
    if has_nul(&json) { Err(nul(what)) } else { Ok(Json(json)) }
}

/// The text, unless it has a NUL: PostgreSQL cannot hold one, and both databases are to accept the same.
pub(crate) fn storable<'t>(what: &str, text: &'t str) -> Result<&'t str, StoreError> {
    if text.contains('\0') { Err(nul(what)) } else { Ok(text) }
}

/// As [`storable`], for text that may be missing.
pub(crate) fn storable_option<'t>(what: &str, text: Option<&'t String>) -> Result<Option<&'t str>, StoreError> {
    text.map(|text| storable(what, text)).transpose()
}

/// A number as the databases keep it; they have no unsigned ones.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).expect("ids and counts are parsed to at most i64::MAX")
}

/// The 32 bytes of a SHA-256, or why they are none.
fn hash(bytes: &[u8]) -> Result<[u8; 32], String> {
    bytes.try_into().map_err(|_| format!("32 bytes were expected, not {}", bytes.len()))
}

fn has_nul(json: &Value) -> bool {
    match json {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn nul(what: &str) -> StoreError {
    StoreError::Invalid(format!("{what} contains a NUL character"))
}
