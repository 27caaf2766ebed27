//! One post: the item struct, the same in lists, on video pages and in search.

use compass_core::{Video, VideoCounts};
use jiff::Timestamp;

use super::Account;

/// A post as an item struct describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What the post is.
    pub video: Video,
    /// Whether it is pinned to the top of the profile.
    pub pinned: bool,
    /// Its counters.
    pub counts: VideoCounts,
    /// Who posted it, where the struct says so; its counters are often withheld.
    pub author: Option<Account>,
    /// When it was recorded (`collectTime`), where whoever saved it wrote that down.
    pub collected_at: Option<Timestamp>,
    /// Where two parts of the struct said different things.
    pub disagreements: Vec<String>,
}
