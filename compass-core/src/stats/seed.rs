//! Seeds taken from the data, so that the same input is resampled in the same way.

/// A seed that values are folded into, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(u64);

impl Seed {
    /// A seed for a purpose, so that two figures from the same posts are resampled apart.
    #[must_use]
    pub fn new(purpose: &str) -> Self {
        purpose.bytes().fold(Self(0), |seed, byte| seed.with(u64::from(byte)))
    }

    /// The seed with one more value folded in.
    #[must_use]
    pub fn with(self, value: u64) -> Self {
        // The finaliser of SplitMix64 (Steele, Lea and Flood 2014): every input bit changes half of the output bits.
        let mut z = (self.0 ^ value).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self(z ^ (z >> 31))
    }

    /// The seed with a column of numbers folded in.
    #[must_use]
    pub fn with_all(self, values: &[f64]) -> Self {
        values.iter().fold(self, |seed, value| seed.with(value.to_bits()))
    }

    /// The seed as a number.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }

    /// The seed as a number from 0 to below 1.
    #[must_use]
    pub fn unit(self) -> f64 {
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}
