//! Observations as files that other programs read: JSON Lines, CSV and Parquet, written and read one after the other.
//!
//! A writer takes [`Batch`]es, as a [`CorpusStore`](crate::ports::CorpusStore) gives them; a reader gives [`Row`]s, which
//! [`Batches`] puts together for a store. Both hold a bounded number of observations in memory, whatever the size of the file.
//! What is written and read again is the same, and written once more it has the same bytes.
//!
//! All three say [`SCHEMA`]. Moments are UTC, counters have both bounds, a missing counter is null or empty.
//!
//! | format | files | layout |
//! |---|---|---|
//! | JSON Lines | one | a header line, an object a line whose `type` is `profile` or `post`, and an end line with how many there were |
//! | CSV | profiles, posts | RFC 4180 with a header row; no text is a formula to a spreadsheet (see [`CsvWriter`]) |
//! | Parquet | profiles, posts | the columns of the CSV, typed, in row groups of at most 65,536 rows |
//!
//! A row that cannot be taken is a [`Row::Refused`] that names line, field and what was found, and the next ones are read;
//! what makes all the rest of a file doubtful is an [`ExchangeError`].
//!
//! ```
//! use compass_core::{Batch, exchange::{Batches, Exporter, JsonlReader, JsonlWriter}, samples::World};
//!
//! let at = "2026-05-01T12:00:00Z".parse()?;
//! let batch = Batch::from_iter(World::standard().creators()[0].history(at, 7));
//! let mut file = Vec::new();
//! let mut writer = JsonlWriter::new(&mut file)?;
//! writer.write(&batch)?;
//! writer.finish()?;
//! let mut parts = Batches::new(JsonlReader::new(file.as_slice())?, 10_000);
//! let part = parts.next().expect("there are observations")?;
//! assert_eq!(part.batch, batch);
//! assert!(part.refused.is_empty() && parts.next().is_none());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod batches;
mod csv;
mod jsonl;
#[cfg(feature = "parquet")]
mod parquet;
mod table;

use std::io;

use jiff::Timestamp;

use crate::{Batch, CreatorId, ProfileLook, Refusal, VideoObservation};

pub use batches::{Batches, Part};
pub use csv::{CsvReader, CsvWriter};
pub use jsonl::{JsonlReader, JsonlWriter};
#[cfg(feature = "parquet")]
pub use parquet::{ParquetReader, ParquetWriter};

/// What the files say that they are.
pub const SCHEMA: &str = "compass.observations/1";

/// A line of JSON, or a record of CSV, has at most so many bytes.
pub const MAX_LINE: usize = 1 << 20;

/// Writes observations in one format.
pub trait Exporter {
    /// Adds the observations of a batch, in its order.
    ///
    /// # Errors
    /// [`ExchangeError`] if they cannot be written; what was written before is of no use then.
    fn write(&mut self, batch: &Batch) -> Result<(), ExchangeError>;

    /// Writes what completes the file. Without it, readers take the file for one that was cut.
    ///
    /// # Errors
    /// [`ExchangeError`] if it cannot be written.
    fn finish(&mut self) -> Result<(), ExchangeError>;
}

/// What a reader finds: an observation, or what is none.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Row {
    /// An observation of a profile.
    Profile(Box<ProfileLook>),
    /// An observation of a post.
    Post(Box<PostLook>),
    /// Something that cannot be taken as one, and why.
    Refused(Refusal),
}

/// An observation of a post, whose the post is, and when it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostLook {
    /// Whose the post is.
    pub creator: CreatorId,
    /// What was observed.
    pub observation: VideoObservation,
    /// When a store first kept it; `None` if none has.
    pub recorded_at: Option<Timestamp>,
}

/// Why observations are not read or written further.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExchangeError {
    /// The file cannot be read or written.
    #[error("the file cannot be read or written")]
    Io(#[from] io::Error),
    /// The file is something else.
    #[error("this is no export of observations ({SCHEMA}): {0}")]
    Foreign(String),
    /// The file has other columns than an export has.
    #[error("the columns are not those of an export ({SCHEMA}): {0}")]
    Columns(String),
    /// The file is not whole.
    #[error("the file was cut or changed: {0}")]
    Cut(String),
    /// The format cannot hold what was to be written.
    #[error("an observation cannot be written: {0}")]
    Unfit(String),
    /// The file is no sound Parquet.
    #[cfg(feature = "parquet")]
    #[error("the file is no sound Parquet file, was cut, or is compressed in a way that is not supported")]
    Parquet(#[from] ::parquet::errors::ParquetError),
}
