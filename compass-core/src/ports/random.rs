//! Randomness for ids and secrets.

use std::fmt::{self, Write as _};

use jiff::Timestamp;
use uuid::Uuid;

/// Gives unpredictable bytes.
pub trait Random: fmt::Debug + Send + Sync {
    /// Fills the whole slice.
    fn fill(&self, bytes: &mut [u8]);
}

/// A version 7 UUID: sortable by the given time.
#[must_use]
pub fn new_uuid(random: &dyn Random, at: Timestamp) -> Uuid {
    let mut bytes = [0; 10];
    random.fill(&mut bytes);
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}

/// A secret of 256 random bits, as 64 hexadecimal digits.
#[must_use]
pub fn new_secret(random: &dyn Random) -> String {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes everything");
        text
    })
}
