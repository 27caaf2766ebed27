//! Random numbers of known shape.

use std::f64::consts::{LN_2, SQRT_2, TAU};

use rand_core::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::stats::Seed;

/// The shape of a random number with median 0 and standard deviation 1.
///
/// Methods are told the truth by [`Shape::Normal`]; the others are there so that they are not only checked on what they
/// assume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Normal.
    Normal,
    /// Student's t with 4 degrees of freedom, scaled. As a logarithm it has no mean on the original scale.
    HeavyTails,
    /// Exponential, moved to median 0: skewed to the right. As a logarithm of spread s it is a Pareto with index 1/s.
    Skewed,
    /// The mirror image of [`Shape::Skewed`]: now and then a post fails, as rates of real creators do.
    SkewedLeft,
}

impl Shape {
    /// The mean of exp(s X), if there is one: what a logarithm of this shape and spread s multiplies the mean by.
    #[must_use]
    pub fn mean_of_exp(self, s: f64) -> Option<f64> {
        match self {
            Self::Normal => Some((s * s / 2.0).exp()),
            Self::HeavyTails => (s == 0.0).then_some(1.0),
            Self::Skewed => (s < 1.0).then(|| (-s * LN_2).exp() / (1.0 - s)),
            Self::SkewedLeft => Some((s * LN_2).exp() / (1.0 + s)),
        }
    }
}

/// A source of random numbers for one purpose.
#[derive(Clone, Debug)]
pub(super) struct Draw(Xoshiro256PlusPlus);

impl Draw {
    pub(super) fn new(purpose: &str, seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(Seed::new(purpose).with(seed).get()))
    }

    pub(super) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// From 0 to below 1.
    pub(super) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn happens(&mut self, chance: f64) -> bool {
        self.unit() < chance
    }

    /// Exponential with mean 1.
    pub(super) fn exponential(&mut self) -> f64 {
        -(1.0 - self.unit()).ln()
    }

    /// Standard normal (Box and Muller 1958).
    pub(super) fn normal(&mut self) -> f64 {
        let radius = (2.0 * self.exponential()).sqrt();
        radius * (TAU * self.unit()).cos()
    }

    /// Median 0, standard deviation 1.
    pub(super) fn shaped(&mut self, shape: Shape) -> f64 {
        match shape {
            Shape::Normal => self.normal(),
            Shape::HeavyTails => {
                // Chi-squared with 4 degrees of freedom is twice the sum of two exponentials; t has variance 4 / (4 - 2).
                let chi_squared = 2.0 * (self.exponential() + self.exponential());
                self.normal() / (chi_squared / 4.0).sqrt() / SQRT_2
            }
            Shape::Skewed => self.exponential() - LN_2,
            Shape::SkewedLeft => LN_2 - self.exponential(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::median;

    #[test]
    fn every_shape_has_median_zero_and_deviation_one() {
        for shape in [Shape::Normal, Shape::HeavyTails, Shape::Skewed, Shape::SkewedLeft] {
            let mut draw = Draw::new("shape", 7);
            let mut values: Vec<f64> = (0..200_000).map(|_| draw.shaped(shape)).collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64;
            // Four standard errors: 4 x 1.25 / sqrt(200,000), and wider for the variance of heavy tails.
            assert!(median(&mut values).unwrap().abs() < 0.012, "{shape:?}");
            assert!(
                (variance - 1.0).abs() < if shape == Shape::HeavyTails { 0.1 } else { 0.03 },
                "{shape:?} {variance}"
            );
        }
    }

    #[test]
    fn the_mean_of_the_exponential_is_the_closed_form() {
        for (shape, s) in [(Shape::Normal, 0.7), (Shape::Skewed, 0.3), (Shape::SkewedLeft, 0.7)] {
            let mut draw = Draw::new("mean", 3);
            let mean = (0..400_000).map(|_| (s * draw.shaped(shape)).exp()).sum::<f64>() / 400_000.0;
            let closed = shape.mean_of_exp(s).unwrap();
            assert!((mean / closed - 1.0).abs() < 0.01, "{shape:?}: {mean} against {closed}");
        }
        assert_eq!(Shape::HeavyTails.mean_of_exp(0.5), None);
        assert_eq!(Shape::Skewed.mean_of_exp(1.0), None);
    }
}
