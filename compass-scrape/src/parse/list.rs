//! Many posts: the list's envelope, a bare array, or one item struct a line.

use compass_core::{Refusal, ports::SourceError};
use jiff::Timestamp;

use super::Item;

/// What a list of posts gave: each of its entries is among the items or among the refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemList {
    /// The posts, each once, in the list's order.
    pub items: Vec<Item>,
    /// Entries that were not accepted: `duplicate`, `suspect_value`, `live_card`, `withheld`, `malformed`.
    pub refused: Vec<Refusal>,
    /// Whether the source has more; `None` if it does not say.
    pub has_more: Option<bool>,
    /// What to send to get the next part.
    pub cursor: Option<String>,
    /// When the source says that it answered.
    pub observed_at: Option<Timestamp>,
}

/// Reads a list of posts: the envelope of `/api/post/item_list/`, an array of item structs, one item struct,
/// or one item struct a line (separated by `\n` only).
///
/// # Errors
/// What the answer is instead of a list, by its status codes; [`SourceError::EmptyResponse`] for no text;
/// [`SourceError::LayoutChanged`] for something else than a list.
pub fn item_list(json: &str) -> Result<ItemList, SourceError> {
    let _ = json;
    Err(SourceError::EmptyResponse)
}
