//! Vectors as bytes that a host keeps beside its store, and what can be wrong with them.

use sha2::{Digest as _, Sha256};

use super::Vectors;
use crate::CreatorId;

/// Why bytes are not vectors that can be used: they are damaged, or another program's, and are made anew from the store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DamagedVectors {
    /// They do not begin as vectors do.
    #[error("these bytes are no vectors; make them anew from the store")]
    Foreign,
    /// They are of another version of the format.
    #[error("the vectors are kept in version {0} of the format, not {VERSION}; make them anew from the store")]
    Version(u32),
    /// The vectors have another length.
    #[error("the vectors have {found} numbers each, not {wanted}; make them anew from the store")]
    Dimensions {
        /// How many they have.
        found: u32,
        /// How many they need.
        wanted: usize,
    },
    /// They are another model's, whose vectors cannot be compared.
    #[error("the vectors are those of the model {found:?}; make them anew from the store")]
    Model {
        /// Whose they are.
        found: String,
    },
    /// Bytes are missing, too many, or not those that were written.
    #[error("the vectors are damaged: their length or checksum is wrong; make them anew from the store")]
    Damaged,
}

const MAGIC: &[u8; 8] = b"compass\0";
const VERSION: u32 = 1;
/// Magic, version, dimensions, and how many.
const HEADER: usize = 8 + 4 + 4 + 8;
const CHECKSUM: usize = 32;

impl<const D: usize> Vectors<D> {
    /// The vectors as bytes: `compass\0`, then little-endian version (u32), dimensions (u32), count (u64), the ids (u64),
    /// the vectors (f32), and the SHA-256 of all that.
    ///
    /// Equal vectors have equal bytes, in whatever order they came. A host writes them to a new file and renames it.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER + self.len() * (8 + 4 * D) + CHECKSUM);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&(D as u32).to_le_bytes());
        bytes.extend_from_slice(&(self.len() as u64).to_le_bytes());
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_unstable_by_key(|&place| self.ids[place]);
        order.iter().for_each(|&place| bytes.extend_from_slice(&self.ids[place].get().to_le_bytes()));
        for number in order.iter().flat_map(|&place| &self.vectors[place]) {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        let checksum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&checksum);
        bytes
    }

    /// Reads what [`Vectors::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`DamagedVectors`] for anything else: nothing of it is used.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DamagedVectors> {
        let (magic, rest) = bytes.split_first_chunk::<8>().ok_or(DamagedVectors::Foreign)?;
        if magic != MAGIC {
            return Err(DamagedVectors::Foreign);
        }
        let (version, rest) = rest.split_first_chunk::<4>().ok_or(DamagedVectors::Damaged)?;
        let version = u32::from_le_bytes(*version);
        if version != VERSION {
            return Err(DamagedVectors::Version(version));
        }
        let (body, checksum) = bytes.split_last_chunk::<CHECKSUM>().ok_or(DamagedVectors::Damaged)?;
        if Sha256::digest(body)[..] != checksum[..] {
            return Err(DamagedVectors::Damaged);
        }
        let (found, rest) = rest.split_first_chunk::<4>().ok_or(DamagedVectors::Damaged)?;
        let found = u32::from_le_bytes(*found);
        if found as usize != D {
            return Err(DamagedVectors::Dimensions { found, wanted: D });
        }
        let (count, rest) = rest.split_first_chunk::<8>().ok_or(DamagedVectors::Damaged)?;
        let count = usize::try_from(u64::from_le_bytes(*count)).map_err(|_| DamagedVectors::Damaged)?;
        let rest = rest.strip_suffix(checksum).ok_or(DamagedVectors::Damaged)?;
        let length = count.checked_mul(8 + 4 * D).ok_or(DamagedVectors::Damaged)?;
        if rest.len() != length {
            return Err(DamagedVectors::Damaged);
        }
        let (ids, numbers) = rest.split_at(8 * count);
        read(ids, numbers).ok_or(DamagedVectors::Damaged)
    }
}

/// `None` for an id that is none or comes twice, and for numbers that no vector has.
fn read<const D: usize>(ids: &[u8], numbers: &[u8]) -> Option<Vectors<D>> {
    let (ids, _) = ids.as_chunks::<8>();
    let (numbers, _) = numbers.as_chunks::<4>();
    let mut vectors = Vectors::new();
    for (place, id) in ids.iter().enumerate() {
        let id = CreatorId::try_from(i64::from_le_bytes(*id)).ok()?;
        let vector: Vec<f32> = numbers[place * D..][..D].iter().map(|&number| f32::from_le_bytes(number)).collect();
        vectors.insert(id, &vector).ok()?;
        if vectors.len() == place {
            return None;
        }
    }
    Some(vectors)
}
