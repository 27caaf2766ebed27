//! Rows put together as batches for a store, each known by what it holds.

use std::io;

use sha2::{Digest as _, Sha256};
use uuid::Builder;

use super::{ExchangeError, Exporter as _, JsonlWriter, PostLook, Row};
use crate::{Batch, BatchId, Refusal, batch::BatchBuilder};

/// Puts rows together as batches of at most so many observations.
#[derive(Debug)]
pub struct Batches<R> {
    rows: R,
    most: usize,
    failed: Option<ExchangeError>,
}

/// Some rows of a file, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// What was read.
    pub batch: Batch,
    /// What was not taken.
    pub refused: Vec<Refusal>,
}

impl<R: Iterator<Item = Result<Row, ExchangeError>>> Batches<R> {
    /// Takes at least one row at a time.
    #[must_use]
    pub fn new(rows: R, most: usize) -> Self {
        Self { rows, most: most.max(1), failed: None }
    }
}

/// What was read before a failure is given first.
impl<R: Iterator<Item = Result<Row, ExchangeError>>> Iterator for Batches<R> {
    type Item = Result<Part, ExchangeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(failed) = self.failed.take() {
            return Some(Err(failed));
        }
        let mut builder = BatchBuilder::default();
        let mut refused = Vec::new();
        let mut taken = 0;
        while taken < self.most {
            match self.rows.next() {
                None => break,
                Some(Err(failed)) if taken == 0 => return Some(Err(failed)),
                Some(Err(failed)) => {
                    self.failed = Some(failed);
                    break;
                }
                Some(Ok(Row::Profile(look))) => builder.profile(*look),
                Some(Ok(Row::Post(look))) => {
                    let PostLook { creator, observation, recorded_at } = *look;
                    builder.look(creator, observation, recorded_at);
                }
                Some(Ok(Row::Refused(refusal))) => refused.push(refusal),
            }
            taken += 1;
        }
        (taken > 0).then(|| Ok(Part { batch: builder.finish(), refused }))
    }
}

impl BatchId {
    /// The id of a batch that is known by what it holds: the same observations have the same id, whatever file they were in.
    ///
    /// So an import that was broken off is run again, and a store passes over what it has. Who wants everything to be looked
    /// at once more gives another `salt`.
    ///
    /// # Errors
    /// [`ExchangeError::Unfit`] if an observation points to no post.
    pub fn of(batch: &Batch, salt: &[u8]) -> Result<Self, ExchangeError> {
        let mut digest = Digested(Sha256::new());
        digest.0.update(salt.len().to_be_bytes());
        digest.0.update(salt);
        let mut writer = JsonlWriter::new(&mut digest)?;
        writer.write(batch)?;
        writer.finish()?;
        let digest: [u8; 32] = digest.0.finalize().into();
        let first = digest.first_chunk().expect("a digest is longer than an id");
        Ok(Self(Builder::from_custom_bytes(*first).into_uuid()))
    }
}

/// Takes bytes for their digest alone.
struct Digested(Sha256);

impl io::Write for Digested {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
