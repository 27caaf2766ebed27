//! One input file: its text, decompressed within a limit, and what kind of text it is.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use compass_core::analytics::Refused;
use flate2::read::MultiGzDecoder;

/// What an input holds.
#[derive(Debug)]
pub(super) enum Content {
    Html(String),
    Json(String),
}

/// Reads an input.
///
/// # Errors
/// Why it is not read: `unreadable`, `too_large`, `empty_response` or `unknown_format`.
pub(super) fn content(path: &Path, max_bytes: u64) -> Result<Content, Refused> {
    let refused = |reason: &str, detail: String| Refused {
        input: path.display().to_string(),
        item: None,
        reason: reason.to_owned(),
        detail,
    };
    let bytes = match bytes(path, max_bytes) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Err(refused("too_large", format!("it has more than {max_bytes} bytes when decompressed"))),
        Err(e) => return Err(refused("unreadable", format!("it cannot be read: {e}"))),
    };
    let text = into_text(bytes);
    match text.trim_start_matches('\u{FEFF}').trim_start().chars().next() {
        None => Err(refused("empty_response", "it is empty".to_owned())),
        Some('<') => Ok(Content::Html(text)),
        Some('{' | '[') => Ok(Content::Json(text)),
        // Lines of JSON of which the first is broken.
        Some(_) if text.lines().any(|line| line.starts_with('{')) => Ok(Content::Json(text)),
        Some(_) => Err(refused("unknown_format", "it is neither a page (HTML) nor JSON".to_owned())),
    }
}

/// The file's bytes, decompressed if they are gzip; `None` if they are more than allowed.
pub(super) fn bytes(path: &Path, max_bytes: u64) -> io::Result<Option<Vec<u8>>> {
    const GZIP: [u8; 2] = [0x1F, 0x8B];
    let mut file = File::open(path)?;
    let mut start = Vec::new();
    file.by_ref().take(2).read_to_end(&mut start)?;
    let whole = start.as_slice().chain(file);
    // One byte more than is allowed tells that there is more.
    let limit = max_bytes.saturating_add(1);
    let mut bytes = Vec::new();
    if start == GZIP {
        MultiGzDecoder::new(whole).take(limit).read_to_end(&mut bytes)?;
    } else {
        whole.take(limit).read_to_end(&mut bytes)?;
    }
    Ok((u64::try_from(bytes.len()).unwrap_or(u64::MAX) <= max_bytes).then_some(bytes))
}

/// Bytes as text; what is not UTF-8 becomes U+FFFD.
pub(super) fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}
