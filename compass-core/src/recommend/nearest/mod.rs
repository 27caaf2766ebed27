//! The nearest of millions of vectors, exactly: a scan of 8-bit codes whose best are ranked again by the vectors themselves.

mod best;
mod file;
mod kernel;
mod wide;

use std::collections::HashMap;

use rayon::prelude::*;

pub use file::DamagedVectors;
pub(super) use wide::{WideVectors, read_wide, wide};

use self::{
    best::Best,
    kernel::{Asked, Block, blocks},
};
use crate::CreatorId;

/// Vectors of creators, each of `D` numbers, searched whole by inner product.
///
/// There is nothing to build: a vector that was put in is found at once, and one that was taken away is gone. Beside each
/// vector stands a code of one byte a number. A search reads the codes, keeps the best forty (or four times what is wanted,
/// if that is more), and ranks those by the vectors. The same vectors give the same answer, in whatever order they came
/// and on however many threads.
///
/// ```
/// use compass_core::{CreatorId, recommend::Vectors};
///
/// let [ada, ben] = [1, 2].map(|id| CreatorId::try_from(id).expect("ids are positive"));
/// let mut vectors = Vectors::<3>::new();
/// vectors.insert(ada, &[1.0, 0.0, 0.0])?;
/// vectors.insert(ben, &[0.6, 0.8, 0.0])?;
/// assert_eq!(vectors.search(&[0.0, 1.0, 0.0], 1)?[0].id, ben);
/// vectors.remove(ben);
/// assert_eq!(vectors.search(&[0.0, 1.0, 0.0], 1)?[0].id, ada);
/// # Ok::<(), compass_core::recommend::VectorError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Vectors<const D: usize> {
    ids: Vec<CreatorId>,
    places: HashMap<CreatorId, u32>,
    vectors: Vec<[f32; D]>,
    codes: Vec<[i8; D]>,
    /// What one step of a code is worth, vector by vector.
    steps: Vec<f32>,
}

/// A creator near what was asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    /// Who it is.
    pub id: CreatorId,
    /// The inner product: of vectors of length 1, the cosine.
    pub product: f32,
}

/// Why a vector is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VectorError {
    /// It has too many or too few numbers.
    #[error("a vector here has {wanted} numbers, not {found}; ask the model for that many dimensions")]
    Length {
        /// How many it has.
        found: usize,
        /// How many it needs.
        wanted: usize,
    },
    /// Vectors of so many numbers are not searched.
    #[error("vectors of {0} numbers are too long: they may have 3,072; ask the model for fewer dimensions")]
    TooLong(usize),
    /// A number of it is no number, or too large to be squared.
    #[error("number {0} of the vector is not finite or beyond 1e15; check the model")]
    Number(usize),
    /// There is no room for more.
    #[error("there are {} vectors, and no more can be kept", u32::MAX)]
    Full,
}

/// So many are ranked again, at least.
const RANKED_AGAIN: usize = 40;
/// Beyond this, products of 32 bits may become infinite.
const LARGEST: f32 = 1e15;
/// Rows that a thread takes at a time, in blocks.
const BLOCKS_AT_A_TIME: usize = 32;
/// Questions that a thread takes at a time.
const QUESTIONS: usize = 64;

impl<const D: usize> Vectors<D> {
    /// No vectors.
    #[must_use]
    pub fn new() -> Self {
        Self { ids: Vec::new(), places: HashMap::new(), vectors: Vec::new(), codes: Vec::new(), steps: Vec::new() }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// A creator's vector.
    #[must_use]
    pub fn get(&self, id: CreatorId) -> Option<&[f32; D]> {
        self.places.get(&id).map(|&place| &self.vectors[place as usize])
    }

    /// Keeps a creator's vector instead of the one it had, if any.
    ///
    /// # Errors
    /// [`VectorError`], and nothing is changed, if it has not `D` usable numbers or there is no room.
    pub fn insert(&mut self, id: CreatorId, vector: &[f32]) -> Result<(), VectorError> {
        let vector = checked(vector)?;
        let (code, step) = encode(&vector);
        if let Some(&place) = self.places.get(&id) {
            let place = place as usize;
            (self.vectors[place], self.codes[place], self.steps[place]) = (vector, code, step);
            return Ok(());
        }
        let place = u32::try_from(self.ids.len()).ok().filter(|&place| place < u32::MAX).ok_or(VectorError::Full)?;
        self.places.insert(id, place);
        self.ids.push(id);
        self.vectors.push(vector);
        self.codes.push(code);
        self.steps.push(step);
        Ok(())
    }

    /// Takes a creator's vector away; `false` if there was none.
    pub fn remove(&mut self, id: CreatorId) -> bool {
        let Some(place) = self.places.remove(&id) else { return false };
        let at = place as usize;
        self.ids.swap_remove(at);
        self.vectors.swap_remove(at);
        self.codes.swap_remove(at);
        self.steps.swap_remove(at);
        if let Some(moved) = self.ids.get(at) {
            self.places.insert(*moved, place);
        }
        true
    }

    /// Up to `most` creators with the largest inner products, the largest first, of equals the smallest id.
    ///
    /// # Errors
    /// [`VectorError`] if the vector has not `D` usable numbers.
    pub fn search(&self, vector: &[f32], most: usize) -> Result<Vec<Near>, VectorError> {
        self.search_where(vector, most, |_| true)
    }

    /// The same, of creators that are wanted only. Who is wanted is asked of those alone that may be among the nearest.
    ///
    /// # Errors
    /// [`VectorError`] if the vector has not `D` usable numbers.
    pub fn search_where(
        &self,
        vector: &[f32],
        most: usize,
        wanted: impl Fn(CreatorId) -> bool + Sync,
    ) -> Result<Vec<Near>, VectorError> {
        Ok(self.scan(&checked(vector)?, most, |place| wanted(self.ids[place as usize])))
    }

    /// The same, of creators with some ids only; ids without a vector are passed over. It costs as much as there are ids.
    ///
    /// # Errors
    /// [`VectorError`] if the vector has not `D` usable numbers.
    pub fn search_among(&self, vector: &[f32], most: usize, ids: &[CreatorId]) -> Result<Vec<Near>, VectorError> {
        let vector = checked(vector)?;
        let mut places: Vec<u32> = ids.iter().filter_map(|id| self.places.get(id).copied()).collect();
        places.sort_unstable();
        places.dedup();
        Ok(self.ranked(&vector, most, places.into_iter()))
    }

    /// Many searches of all creators at once, which take less time than one after the other.
    ///
    /// # Errors
    /// [`VectorError`] if a vector has not `D` usable numbers.
    pub fn search_many(&self, vectors: &[Vec<f32>], most: usize) -> Result<Vec<Vec<Near>>, VectorError> {
        let vectors: Vec<[f32; D]> = vectors.iter().map(|vector| checked(vector)).collect::<Result<_, _>>()?;
        let answers = vectors.par_chunks(QUESTIONS).flat_map_iter(|vectors| {
            let asked: Vec<[i16; D]> = vectors.iter().map(ask).collect();
            let mut best: Vec<Best<'_>> = vectors.iter().map(|_| self.best(most)).collect();
            for block in blocks(&self.codes, &self.steps) {
                block.products_many(&asked, &mut best);
            }
            let ranked = vectors.iter().zip(best).map(|(vector, best)| {
                self.ranked(vector, most, best.finish().into_iter().map(|candidate| candidate.place))
            });
            ranked.collect::<Vec<_>>()
        });
        Ok(answers.collect())
    }

    fn scan(&self, vector: &[f32; D], most: usize, wanted: impl Fn(u32) -> bool + Sync) -> Vec<Near> {
        let asked = ask(vector);
        let blocks: Vec<Block<'_, D>> = blocks(&self.codes, &self.steps).collect();
        let parts = blocks.par_chunks(BLOCKS_AT_A_TIME).flat_map_iter(|blocks| {
            let mut best = self.best(most);
            blocks.iter().for_each(|block| block.products(&asked, &mut best, &wanted));
            best.finish()
        });
        let mut best = self.best(most);
        parts.collect::<Vec<_>>().into_iter().for_each(|candidate| best.push(candidate));
        self.ranked(vector, most, best.finish().into_iter().map(|candidate| candidate.place))
    }

    /// Who will be ranked again.
    fn best(&self, most: usize) -> Best<'_> {
        Best::of(most.saturating_mul(4).max(RANKED_AGAIN), &self.ids)
    }

    fn ranked(&self, vector: &[f32; D], most: usize, places: impl Iterator<Item = u32>) -> Vec<Near> {
        let near =
            |place: u32| Near { id: self.ids[place as usize], product: product(vector, &self.vectors[place as usize]) };
        let mut ranked: Vec<Near> = places.map(near).collect();
        ranked.sort_unstable_by(|a, b| b.product.total_cmp(&a.product).then(a.id.cmp(&b.id)));
        ranked.truncate(most);
        ranked
    }
}

fn checked<const D: usize>(vector: &[f32]) -> Result<[f32; D], VectorError> {
    let whole = vector.try_into().map_err(|_| VectorError::Length { found: vector.len(), wanted: D })?;
    match vector.iter().position(|number| number.is_nan() || number.abs() > LARGEST) {
        Some(place) => Err(VectorError::Number(place)),
        None => Ok(whole),
    }
}

/// The vector in steps of a 127th of its largest number.
fn encode<const D: usize>(vector: &[f32; D]) -> ([i8; D], f32) {
    let (step, scale) = step(vector, 127.0);
    let mut code = [0; D];
    code.iter_mut().zip(vector).for_each(|(code, number)| *code = (number * scale).round() as i8);
    (code, step)
}

/// A vector that is asked for: finer, since it is read once.
fn ask<const D: usize>(vector: &[f32; D]) -> Asked<D> {
    let (_, scale) = step(vector, f32::from(finest::<D>()));
    let mut asked = [0; D];
    asked.iter_mut().zip(vector).for_each(|(asked, number)| *asked = (number * scale).round() as i16);
    asked
}

/// How many steps the largest number of what is asked for has: sums of `D` products stay within 32 bits.
fn finest<const D: usize>() -> i16 {
    i16::try_from(i32::MAX / 127 / D.max(1) as i32).unwrap_or(i16::MAX)
}

/// What a step is worth if the largest number has so many, and how many steps 1 has; zeros stay zeros.
fn step<const D: usize>(vector: &[f32; D], steps: f32) -> (f32, f32) {
    let largest = vector.iter().fold(0.0_f32, |largest, number| largest.max(number.abs()));
    // A largest number so small that its steps are nothing is nothing.
    if largest < f32::MIN_POSITIVE * 1e6 { (0.0, 0.0) } else { (largest / steps, steps / largest) }
}

/// The inner product, summed in eight lanes whatever the machine.
fn product<const D: usize>(a: &[f32; D], b: &[f32; D]) -> f32 {
    let mut lanes = [0.0_f32; 8];
    for (a, b) in a.chunks(8).zip(b.chunks(8)) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    lanes.iter().sum()
}
