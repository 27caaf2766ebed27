//! Vectors of a length that is known only when the model is.

use std::fmt;

use super::{DamagedVectors, Near, VectorError, Vectors, finest};
use crate::CreatorId;

/// [`Vectors`] of the next length that the loops are compiled for: what is missing is zeros, which change no product.
pub(in crate::recommend) trait WideVectors: fmt::Debug + Send + Sync {
    fn insert(&mut self, id: CreatorId, vector: &[f32]) -> Result<(), VectorError>;
    /// With the zeros at its end.
    fn get(&self, id: CreatorId) -> Option<&[f32]>;
    fn len(&self) -> usize;
    fn search(
        &self,
        vector: &[f32],
        most: usize,
        wanted: &(dyn Fn(CreatorId) -> bool + Sync),
    ) -> Result<Vec<Near>, VectorError>;
    /// By how much a creator that was not found may be nearer than the last that was.
    fn missed_by(&self, vector: &[f32]) -> f64;
    fn to_bytes(&self) -> Vec<u8>;
}

/// Makes something of the least width that the loops are compiled for and that has room; `None` if there is none.
macro_rules! of_width {
    ($dimensions:expr, $width:ident => $made:expr) => {
        of_width!($dimensions, $width => $made; 256 512 1_024 3_072)
    };
    ($dimensions:expr, $width:ident => $made:expr; $($compiled:literal)+) => {
        match $dimensions {
            $(..=$compiled => {
                const $width: usize = $compiled;
                Some($made)
            })+
            _ => None,
        }
    };
}

/// No vectors, with room for so many numbers each; `None` if those are too many.
pub(in crate::recommend) fn wide(dimensions: usize) -> Option<Box<dyn WideVectors>> {
    of_width!(dimensions, D => Box::new(Vectors::<D>::new()))
}

/// Reads what [`WideVectors::to_bytes`] wrote of vectors of so many numbers.
pub(in crate::recommend) fn read_wide(
    bytes: &[u8],
    dimensions: usize,
) -> Option<Result<Box<dyn WideVectors>, DamagedVectors>> {
    fn boxed<const D: usize>(vectors: Vectors<D>) -> Box<dyn WideVectors> {
        Box::new(vectors)
    }
    of_width!(dimensions, D => Vectors::<D>::from_bytes(bytes).map(boxed))
}

impl<const D: usize> WideVectors for Vectors<D> {
    fn insert(&mut self, id: CreatorId, vector: &[f32]) -> Result<(), VectorError> {
        Self::insert(self, id, &filled::<D>(vector)?)
    }

    fn get(&self, id: CreatorId) -> Option<&[f32]> {
        Self::get(self, id).map(<[f32; D]>::as_slice)
    }

    fn len(&self) -> usize {
        Self::len(self)
    }

    fn search(
        &self,
        vector: &[f32],
        most: usize,
        wanted: &(dyn Fn(CreatorId) -> bool + Sync),
    ) -> Result<Vec<Near>, VectorError> {
        self.search_where(&filled::<D>(vector)?, most, wanted)
    }

    fn missed_by(&self, vector: &[f32]) -> f64 {
        let step = self.steps.iter().fold(0.0_f32, |largest, step| largest.max(*step));
        let (sum, largest) = vector.iter().fold((0.0, 0.0_f64), |(sum, largest), number| {
            let number = f64::from(number.abs());
            (sum + number, largest.max(number))
        });
        // Two products are compared. By each number of a code, either is off by up to half a step; by each of the question, whose steps
        // are finer, by as much of a number of a vector of length 1, whose numbers add up to the root of `D` at most.
        let by_codes = sum * f64::from(step);
        let by_question = largest / f64::from(finest::<D>()) * (D as f64).sqrt();
        const BY_SUMS: f64 = 1e-5;
        by_codes + by_question + BY_SUMS
    }

    fn to_bytes(&self) -> Vec<u8> {
        Self::to_bytes(self)
    }
}

fn filled<const D: usize>(vector: &[f32]) -> Result<[f32; D], VectorError> {
    let mut filled = [0.0; D];
    let place = filled.get_mut(..vector.len()).ok_or(VectorError::Length { found: vector.len(), wanted: D })?;
    place.copy_from_slice(vector);
    Ok(filled)
}
