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
    /// By how much a creator that was not found may be nearer than the last that was. What is asked for has length 1, and so have the
    /// vectors; zeros are near nobody.
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
        let (step, wide) = (f64::from(step), D as f64);
        // Two products are compared. By each number of a code, either is off by up to half a step; by each of the question, whose steps
        // are finer, by half of one of those for as much as the code says, and the numbers of a code add up to those of a vector of
        // length 1, at most the root of `D`, and half a step each.
        let by_codes = sum * step;
        let by_question = largest / f64::from(finest::<D>()) * (wide.sqrt() + wide * step / 2.0);
        // Sums of 32 bits are off, too, and so is the rounding to a step, by less than a hundredth of it.
        let by_sums = wide * f64::from(f32::EPSILON);
        1.01 * (by_codes + by_question) + by_sums
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A vector whose numbers lie halfway between two steps of its code, so that each is rounded up in size as far as it can be; but for the
    /// first, that sets the steps, and two that set the product.
    fn halfway<const D: usize>(steps: f64, sign: f64, set: [f64; 2]) -> [f32; D] {
        let mut vector = [sign * (steps + 0.501); D];
        vector[..3].copy_from_slice(&[127.0, set[0], set[1]]);
        of_length_one(vector)
    }

    /// A question of which all numbers but two are halfway to the first step.
    fn asked<const D: usize>() -> [f32; D] {
        let largest = f64::from(finest::<D>());
        let mut vector = [0.501; D];
        vector[..3].copy_from_slice(&[0.0, largest, 100.0]);
        of_length_one(vector)
    }

    fn of_length_one<const D: usize>(vector: [f64; D]) -> [f32; D] {
        let length = vector.iter().map(|number| number * number).sum::<f64>().sqrt();
        vector.map(|number| (number / length) as f32)
    }

    fn exact(a: &[f32], b: &[f32]) -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    }

    /// Whoever is not found because of how codes are rounded is not nearer than the last that was by more than the bound.
    #[test]
    fn what_rounding_hides_is_within_the_bound() {
        fn tried<const D: usize>() -> usize {
            let question = asked::<D>();
            let id = |number: i64| CreatorId::try_from(number).expect("it is positive");
            let mut hidden = 0;
            for steps in [0.0, 2.0, 6.0, 10.0, 14.0] {
                let mut vectors = Vectors::<D>::new();
                // As many as are ranked again, of which each seems nearer than it is.
                for number in 1..=40 {
                    vectors.insert(id(number), &halfway::<D>(steps, 1.0, [0.501, 0.0])).expect("it can be kept");
                }
                // And one that seems farther than it is.
                for (whole, part) in (0..20).flat_map(|whole| (0..56).map(move |part| (whole, part))) {
                    let far = halfway::<D>(steps, -1.0, [f64::from(whole) + 0.499, f64::from(part)]);
                    vectors.insert(id(41), &far).expect("it can be kept");
                    let near = WideVectors::search(&vectors, &question, 10, &|_| true).expect("it can be asked for");
                    if near.iter().any(|near| near.id == id(41)) {
                        continue;
                    }
                    let nearer = exact(&question, &far) - f64::from(near.last().expect("ten are found").product);
                    hidden += usize::from(nearer > 0.0);
                    let bound = vectors.missed_by(&question);
                    assert!(nearer <= bound, "{D} numbers, {steps} steps, {whole} {part}: {nearer} beyond {bound}");
                }
            }
            hidden
        }
        let hidden = [tried::<256>(), tried::<512>(), tried::<1_024>(), tried::<3_072>()];
        assert!(hidden.iter().any(|hidden| *hidden > 0), "codes hide some: {hidden:?}");
    }
}
