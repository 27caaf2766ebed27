//! The page of one post, for desktops and for telephones.

use compass_core::ports::SourceError;
use jiff::Timestamp;

use super::Item;

/// What the page of one post says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoPage {
    /// The post, with its author where the page names one.
    pub item: Item,
    /// When the page was made, by its own evidence.
    pub observed_at: Option<Timestamp>,
}

/// Reads the page of one post.
///
/// # Errors
/// What the page is instead: [`SourceError::VideoUnavailable`] with TikTok's status, or what blocks it;
/// [`SourceError::SuspectValue`] for figures that cannot be true.
pub fn video_page(html: &str) -> Result<VideoPage, SourceError> {
    let _ = html;
    Err(SourceError::EmptyResponse)
}
