//! A saved page of which nobody said what it is.

use compass_core::{Snapshot, SourceKind, ports::SourceError};
use jiff::Timestamp;

use super::{
    VideoPage,
    container::{Scope, universal_json},
    markup::Markup,
    profile_page, video_page,
};

/// What a page is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// A profile.
    Profile(Box<Snapshot>),
    /// One post.
    Video(Box<VideoPage>),
}

/// Reads a page of either kind.
///
/// # Errors
/// Those of [`profile_page`](super::profile_page()) and [`video_page`](super::video_page()).
pub fn page(html: &str, observed_at: Option<Timestamp>, source: SourceKind) -> Result<Page, SourceError> {
    let markup = Markup::of(html);
    let scope = universal_json(&markup).map(Scope::read).transpose()?.unwrap_or_default();
    if scope.user_detail.is_none() && scope.video_detail.is_some() {
        return video_page::from_markup(html, &markup).map(|page| Page::Video(Box::new(page)));
    }
    profile_page::from_markup(html, &markup, None, observed_at, source)
        .map(|snapshot| Page::Profile(Box::new(snapshot)))
}
