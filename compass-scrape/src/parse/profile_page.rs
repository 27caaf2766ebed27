//! A whole profile page, saved or rendered.

use compass_core::{Handle, Snapshot, SourceKind, ports::SourceError};
use jiff::Timestamp;

/// Reads a profile page: its embedded JSON, its embedded posts where it has them, and its rendered grid.
///
/// `asked` is the handle in the page's address. Without `observed_at` the page's own evidence of its time is used.
///
/// # Errors
/// What the page is instead of a profile, by its structure and status codes; [`SourceError::GridUnavailable`] if the
/// header counts posts and the page shows none.
pub fn profile_page(
    html: &str,
    asked: Option<&Handle>,
    observed_at: Option<Timestamp>,
    source: SourceKind,
) -> Result<Snapshot, SourceError> {
    let _ = (html, asked, observed_at, source);
    Err(SourceError::EmptyResponse)
}
