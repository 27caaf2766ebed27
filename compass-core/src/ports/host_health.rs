//! Which hosts are left alone, known to every worker.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;

use super::StoreError;
use crate::{Block, HostBlocks, Visit};

/// How long the visit that finds out whether a host answers again has it to itself.
///
/// It is longer than a visit takes that need not wait for others: whoever died on it is not waited for in vain, and whoever
/// works on it is seldom joined.
pub const PROBE: Duration = Duration::from_secs(6 * 60);

/// Whether a host may be asked now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// It may. What the visit met is told to [`HostHealth`] afterwards, if it says anything of the host.
    Go(Visit),
    /// It is left alone.
    Paused(HostBlocks),
}

/// Keeps the hosts that answered with a block, so that all workers leave them alone together.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait HostHealth: fmt::Debug + Send + Sync {
    /// Asks to be let in. A host without a block in its row lets everybody in. When a pause is over, exactly one of all
    /// who ask is let in; the others find the host paused for [`PROBE`] more, or until that one's news.
    async fn enter(&self, host: &str, now: Timestamp) -> Result<Entry, StoreError>;

    /// Adds a block to the row, as [`HostBlocks::after`] says, and gives the row: the host is paused until its end.
    /// Blocks that come at once are added one after the other. [`StoreError::Invalid`] for text with a NUL.
    async fn blocked(&self, visit: &Visit, block: &Block, now: Timestamp) -> Result<HostBlocks, StoreError>;

    /// Forgets the row, if the visit ends it ([`HostBlocks::ended_by`]); harmless if there is none.
    async fn passed(&self, visit: &Visit) -> Result<(), StoreError>;

    /// Gives back the right to find out whether the host answers again: this visit ended before it asked anybody, and the
    /// next that comes is let in. Harmless if the visit had no such right.
    async fn left(&self, visit: &Visit) -> Result<(), StoreError>;

    /// The host's row of blocks, its pause over or not; `None` if it is well.
    async fn find(&self, host: &str) -> Result<Option<HostBlocks>, StoreError>;
}
