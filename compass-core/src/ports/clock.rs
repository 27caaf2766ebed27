//! The time.

use std::fmt;

use jiff::Timestamp;

/// Tells the time.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The present moment, to the microsecond: the finest that every store keeps.
    fn now(&self) -> Timestamp;
}
