//! Randomness that is the same in every run. Not for secrets.

use std::sync::Mutex;

use rand_core::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::ports::Random;

/// A seeded random number generator.
#[derive(Debug)]
pub struct SeededRandom(Mutex<Xoshiro256PlusPlus>);

impl SeededRandom {
    /// The generator of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(Xoshiro256PlusPlus::seed_from_u64(seed)))
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).fill_bytes(bytes);
    }
}
