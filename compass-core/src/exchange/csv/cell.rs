//! One cell: a value as text that no spreadsheet takes for a formula, and back.

use std::borrow::Cow;

use super::super::table::{Field, Kind, Value};

/// What guards a text. A spreadsheet shows the rest as it is.
const GUARD: char = '\'';

/// A value as the text of its cell.
pub(super) fn written<'a>(value: Option<&'a Value<'_>>, field: &Field) -> Cow<'a, str> {
    match value {
        None => Cow::Borrowed(""),
        Some(Value::Flag(flag)) => Cow::Borrowed(if *flag { "true" } else { "false" }),
        Some(Value::Number(number)) => Cow::Owned(number.to_string()),
        Some(Value::Moment(moment)) => Cow::Owned(moment.to_string()),
        // Without the guard an empty text could not be told from a missing one.
        Some(Value::Text(text)) if !field.required && text.is_empty() => Cow::Borrowed("'"),
        Some(Value::Text(text)) => guarded(text),
        Some(Value::Texts(texts)) if texts.is_empty() => Cow::Borrowed(""),
        Some(Value::Texts(texts)) => Cow::Owned(serde_json::to_string(texts).expect("texts are JSON")),
    }
}

/// The value of a cell; what is wrong with it otherwise.
pub(super) fn read(text: &str, field: &Field) -> Result<Option<Value<'static>>, String> {
    let wrong = |what: &str| format!("{}: {text:.40?} is no {what}", field.name);
    if text.is_empty() {
        return Ok(match field.kind {
            Kind::Text if field.required => Some(Value::Text(Cow::Borrowed(""))),
            Kind::Texts => Some(Value::Texts(Cow::Borrowed(&[]))),
            _ => None,
        });
    }
    Ok(Some(match field.kind {
        // Spreadsheets write capitals.
        Kind::Flag if text.eq_ignore_ascii_case("true") => Value::Flag(true),
        Kind::Flag if text.eq_ignore_ascii_case("false") => Value::Flag(false),
        Kind::Flag => return Err(wrong("flag: true or false")),
        Kind::Number => match text.parse() {
            Ok(number) if text.bytes().all(|byte| byte.is_ascii_digit()) => Value::Number(number),
            _ => {
                return Err(wrong(
                    "whole number of digits alone; a spreadsheet keeps long ones only in columns of text",
                ));
            }
        },
        Kind::Moment => match text.parse() {
            Ok(moment) => Value::Moment(moment),
            Err(_) => return Err(wrong("moment such as 2026-05-01T12:00:00Z")),
        },
        Kind::Text => Value::Text(Cow::Owned(text.strip_prefix(GUARD).unwrap_or(text).to_owned())),
        Kind::Texts => match serde_json::from_str(text) {
            Ok(texts) => Value::Texts(Cow::Owned(texts)),
            Err(_) => return Err(wrong(r#"list of texts such as ["tea","cats"]"#)),
        },
    }))
}

/// Puts the guard before a text that a spreadsheet may take for a formula, and before the guard itself.
///
/// Which texts: <https://owasp.org/www-community/attacks/CSV_Injection>, also after white space and a byte order mark, as some
/// programs trim what they read.
fn guarded(text: &str) -> Cow<'_, str> {
    let is_blank = |c: char| c.is_whitespace() || c == '\u{FEFF}';
    let is_guarded = text.starts_with([GUARD, '\t', '\r', '\n'])
        || text.trim_start_matches(is_blank).starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    if is_guarded { Cow::Owned(format!("{GUARD}{text}")) } else { Cow::Borrowed(text) }
}
