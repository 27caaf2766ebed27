//! What creators' texts mean, as a model sees it: kept with the texts, so that none is embedded twice.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::nearest::{DamagedVectors, Near, VectorError, WideVectors, read_wide, wide};
use crate::CreatorId;

/// Dense vectors of creators by one model, each with the SHA-256 of the text that it is of.
///
/// They are made from texts that a store has, and can be made anew from it: [`to_bytes`](Self::to_bytes) is for a host that wants to spare
/// the model after a restart.
///
/// ```
/// use compass_core::{CreatorId, recommend::Meanings};
///
/// let ada = CreatorId::try_from(1).expect("ids are positive");
/// let mut meanings = Meanings::new("small-1", 2)?;
/// meanings.insert(ada, "Phở bò", &[3.0, 4.0])?;
/// let again = Meanings::from_bytes(&meanings.to_bytes(), "small-1", 2).expect("nothing is damaged");
/// assert_eq!(again.of_text(ada, "Phở bò"), Some(&[0.6, 0.8][..]));
/// assert_eq!(again.of_text(ada, "Bún chả"), None);
/// assert!(Meanings::from_bytes(&meanings.to_bytes(), "small-2", 2).is_err());
/// # Ok::<(), compass_core::recommend::VectorError>(())
/// ```
#[derive(Debug)]
pub struct Meanings {
    model: String,
    dimensions: usize,
    texts: BTreeMap<CreatorId, [u8; 32]>,
    vectors: Box<dyn WideVectors>,
}

impl Meanings {
    /// None yet, by a model of a name, with so many numbers each.
    ///
    /// # Errors
    /// [`VectorError::TooLong`] for more than 3,072 numbers.
    pub fn new(model: impl Into<String>, dimensions: usize) -> Result<Self, VectorError> {
        let vectors = wide(dimensions).ok_or(VectorError::TooLong(dimensions))?;
        Ok(Self { model: model.into(), dimensions, texts: BTreeMap::new(), vectors })
    }

    /// The model's name.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// How many numbers each vector has.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Of how many creators they are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Keeps what a creator's text means, instead of what was kept of that creator: the vector's direction, at length 1. Zeros stay zeros:
    /// the model finds nothing in such a text, and it is like no other.
    ///
    /// # Errors
    /// [`VectorError`], and nothing is changed, if the vector has not as many finite numbers as the model gives.
    pub fn insert(&mut self, id: CreatorId, text: &str, vector: &[f32]) -> Result<(), VectorError> {
        self.insert_of(id, digest(text), vector)
    }

    /// The same of a text of which the digest is known.
    pub(crate) fn insert_of(&mut self, id: CreatorId, text: [u8; 32], vector: &[f32]) -> Result<(), VectorError> {
        if vector.len() != self.dimensions {
            return Err(VectorError::Length { found: vector.len(), wanted: self.dimensions });
        }
        self.vectors.insert(id, &of_length_one(vector)?)?;
        self.texts.insert(id, text);
        Ok(())
    }

    /// Keeps a creator's vector as another has it, if it is the same model's of the same text; `false` if not.
    pub(crate) fn take_from(&mut self, other: &Self, id: CreatorId, text: [u8; 32]) -> bool {
        let is_same = (other.dimensions, &other.model) == (self.dimensions, &self.model);
        let Some(vector) = other.get(id).filter(|_| is_same && other.texts.get(&id) == Some(&text)) else {
            return false;
        };
        // It is of length 1 already, and stays as it is to the bit.
        let taken = self.vectors.insert(id, vector).is_ok();
        if taken {
            self.texts.insert(id, text);
        }
        taken
    }

    /// A creator's vector.
    #[must_use]
    pub fn get(&self, id: CreatorId) -> Option<&[f32]> {
        self.vectors.get(id).map(|vector| &vector[..self.dimensions])
    }

    /// A creator's vector, if it is that of this text.
    #[must_use]
    pub fn of_text(&self, id: CreatorId, text: &str) -> Option<&[f32]> {
        self.get(id).filter(|_| self.texts.get(&id) == Some(&digest(text)))
    }

    /// Up to `most` creators of those that are wanted, the nearest first, and the most that another's product can be; `None` if what is
    /// asked for has other numbers than the vectors.
    pub(super) fn nearest(
        &self,
        vector: &[f32],
        most: usize,
        wanted: &(dyn Fn(CreatorId) -> bool + Sync),
    ) -> Option<(Vec<Near>, f64)> {
        if vector.len() != self.dimensions {
            return None;
        }
        let near = self.vectors.search(vector, most, wanted).ok()?;
        let others = match near.last() {
            Some(last) if near.len() == most => f64::from(last.product) + self.vectors.missed_by(vector),
            // There are no others.
            _ => 0.0,
        };
        Some((near, others.max(0.0)))
    }

    /// The vectors as bytes: `meaning\0`, then little-endian version (u32), dimensions (u32), length of the model's name (u32), how many
    /// (u64), the name, an id (u64) and the SHA-256 of its text for each by id, the SHA-256 of all that, and
    /// [`Vectors::to_bytes`](super::Vectors::to_bytes), whose vectors end in zeros up to the length that they are searched with.
    ///
    /// Equal vectors have equal bytes. A host writes them to a new file and renames it.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&(self.dimensions as u32).to_le_bytes());
        bytes.extend_from_slice(&(self.model.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&(self.texts.len() as u64).to_le_bytes());
        bytes.extend_from_slice(self.model.as_bytes());
        for (id, text) in &self.texts {
            bytes.extend_from_slice(&id.get().to_le_bytes());
            bytes.extend_from_slice(text);
        }
        let checksum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&checksum);
        bytes.append(&mut self.vectors.to_bytes());
        bytes
    }

    /// Reads what [`Meanings::to_bytes`] wrote of a model's vectors.
    ///
    /// # Errors
    /// [`DamagedVectors`] for anything else, also for vectors of another model or length: nothing of it is used.
    pub fn from_bytes(bytes: &[u8], model: &str, dimensions: usize) -> Result<Self, DamagedVectors> {
        let (magic, rest) = bytes.split_first_chunk::<8>().ok_or(DamagedVectors::Foreign)?;
        if magic != MAGIC {
            return Err(DamagedVectors::Foreign);
        }
        let mut rest = Rest(rest);
        let version = rest.number()?;
        if version != VERSION {
            return Err(DamagedVectors::Version(version));
        }
        let (found, name) = (rest.number()?, rest.number()? as usize);
        let count = usize::try_from(u64::from_le_bytes(*rest.chunk()?)).map_err(|_| DamagedVectors::Damaged)?;
        let name = rest.bytes(name)?;
        let rows = rest.bytes(count.checked_mul(8 + 32).ok_or(DamagedVectors::Damaged)?)?;
        let head = &bytes[..bytes.len() - rest.0.len()];
        if Sha256::digest(head)[..] != rest.chunk::<32>()?[..] {
            return Err(DamagedVectors::Damaged);
        }
        if name != model.as_bytes() {
            return Err(DamagedVectors::Model { found: String::from_utf8_lossy(name).into_owned() });
        }
        if found as usize != dimensions {
            return Err(DamagedVectors::Dimensions { found, wanted: dimensions });
        }
        let vectors = read_wide(rest.0, dimensions).ok_or(DamagedVectors::Damaged)??;
        let mut texts = BTreeMap::new();
        let (rows, _) = rows.as_chunks::<40>();
        for row in rows {
            let mut row = Rest(row);
            let id = i64::from_le_bytes(*row.chunk()?);
            let id = CreatorId::try_from(id).map_err(|_| DamagedVectors::Damaged)?;
            vectors.get(id).ok_or(DamagedVectors::Damaged)?;
            texts.insert(id, *row.chunk()?);
        }
        if texts.len() != count || vectors.len() != count {
            return Err(DamagedVectors::Damaged);
        }
        Ok(Self { model: model.to_owned(), dimensions, texts, vectors })
    }
}

/// What a text is known by.
pub(crate) fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

/// The vector's direction; zeros stay zeros.
pub(super) fn of_length_one(vector: &[f32]) -> Result<Vec<f32>, VectorError> {
    if let Some(place) = vector.iter().position(|number| !number.is_finite()) {
        return Err(VectorError::Number(place));
    }
    // The squares of 32-bit numbers are neither nothing nor infinite as 64 bits.
    let length = vector.iter().map(|number| f64::from(*number).powi(2)).sum::<f64>().sqrt();
    let scale = if length > 0.0 { length.recip() } else { 0.0 };
    Ok(vector.iter().map(|number| (f64::from(*number) * scale) as f32).collect())
}

const MAGIC: &[u8; 8] = b"meaning\0";
/// From the second on, vectors have length 1.
const VERSION: u32 = 2;

/// Bytes that are still to be read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn chunk<const N: usize>(&mut self) -> Result<&'a [u8; N], DamagedVectors> {
        let (chunk, rest) = self.0.split_first_chunk().ok_or(DamagedVectors::Damaged)?;
        self.0 = rest;
        Ok(chunk)
    }

    fn number(&mut self) -> Result<u32, DamagedVectors> {
        self.chunk().map(|bytes| u32::from_le_bytes(*bytes))
    }

    fn bytes(&mut self, many: usize) -> Result<&'a [u8], DamagedVectors> {
        let (bytes, rest) = self.0.split_at_checked(many).ok_or(DamagedVectors::Damaged)?;
        self.0 = rest;
        Ok(bytes)
    }
}
