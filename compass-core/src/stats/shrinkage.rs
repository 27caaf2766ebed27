//! Hierarchical shrinkage: noisy estimates of several effects, each pulled towards no effect as far as chance explains it.

use rand_core::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::Seed;

/// The posterior of several effects under a normal-normal model about zero, the spread between effects integrated over
/// a grid (Rubin 1981; Gelman 2006 for the half-Cauchy prior of the spread).
///
/// With few effects the spread is hardly known; a plugged-in estimate of it is often zero and pretends to know.
#[derive(Clone, Debug)]
pub struct Shrinkage {
    effects: Vec<Effect>,
    /// Log weight of each spread of the grid, given all effects.
    log_weights: [f64; SPREADS],
    /// Spreads are measured in it.
    scale: f64,
}

#[derive(Clone, Copy, Debug)]
struct Effect {
    estimate: f64,
    variance: f64,
}

/// Spreads on the grid.
const SPREADS: usize = 16;

impl Shrinkage {
    /// Shrinks estimates with these standard errors; `scale` is a spread that would surprise nobody.
    ///
    /// An estimate that is not finite, or whose error is not a positive number, says nothing. `None` if the scale is
    /// not a positive number.
    #[must_use]
    pub fn of(estimates: &[f64], errors: &[f64], scale: f64) -> Option<Self> {
        if !(scale.is_finite() && scale > 0.0) {
            return None;
        }
        let effects: Vec<Effect> = estimates
            .iter()
            .zip(errors)
            .map(|(&estimate, &error)| {
                let variance = error * error;
                if estimate.is_finite() && variance.is_finite() && variance > 0.0 && (estimate / error).abs() < 1e100 {
                    Effect { estimate, variance }
                } else {
                    Effect { estimate: 0.0, variance: f64::INFINITY }
                }
            })
            .collect();
        let mut log_weights = std::array::from_fn(|i| -(1.0 + unit_spread(i).powi(2)).ln());
        for effect in &effects {
            for (i, weight) in log_weights.iter_mut().enumerate() {
                *weight += effect.log_likelihood(scale * unit_spread(i));
            }
        }
        Some(Self { effects, log_weights, scale })
    }

    /// The posterior mean of each effect.
    #[must_use]
    pub fn means(&self) -> Vec<f64> {
        let weights = normalised(self.log_weights);
        let mean = |e: &Effect| (0..SPREADS).map(|i| weights[i] * e.estimate * e.kept(self.spread(i))).sum();
        self.effects.iter().map(mean).collect()
    }

    /// What the other effects say of the spread: its posterior root mean square without the effect.
    #[must_use]
    pub fn spread_without(&self, effect: usize) -> f64 {
        let mut log_weights = self.log_weights;
        if let Some(effect) = self.effects.get(effect) {
            for (i, weight) in log_weights.iter_mut().enumerate() {
                *weight -= effect.log_likelihood(self.spread(i));
            }
        }
        let weights = normalised(log_weights);
        (0..SPREADS).map(|i| weights[i] * self.spread(i).powi(2)).sum::<f64>().sqrt()
    }

    /// The probability of each effect to be the largest, by so many draws from the posterior.
    #[must_use]
    pub fn probabilities_of_being_best(&self, draws: usize, seed: Seed) -> Vec<f64> {
        let weights = normalised(self.log_weights);
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed.get());
        let mut wins = vec![0_usize; self.effects.len()];
        let (mut spread, mut used) = (0, 0.0);
        for draw in 0..draws {
            // The spreads take turns in proportion to their weights.
            let level = (draw as f64 + 0.5) / draws as f64;
            while spread + 1 < SPREADS && used + weights[spread] < level {
                used += weights[spread];
                spread += 1;
            }
            let tau = self.spread(spread);
            let mut best: Option<(f64, usize)> = None;
            for (i, effect) in self.effects.iter().enumerate() {
                let kept = effect.kept(tau);
                // What is kept of an estimate is the share of the prior's spread that the posterior has lost.
                let drawn = effect.estimate * kept + tau * (1.0 - kept).sqrt() * normal(&mut random);
                if best.is_none_or(|(most, _)| drawn > most) {
                    best = Some((drawn, i));
                }
            }
            if let Some((_, i)) = best {
                wins[i] += 1;
            }
        }
        wins.into_iter().map(|w| w as f64 / draws.max(1) as f64).collect()
    }

    fn spread(&self, i: usize) -> f64 {
        self.scale * unit_spread(i)
    }
}

impl Effect {
    fn log_likelihood(self, spread: f64) -> f64 {
        if self.variance.is_infinite() {
            return 0.0;
        }
        let variance = self.variance + spread * spread;
        -0.5 * ((variance / self.variance).ln() + self.estimate * self.estimate / variance)
    }

    /// Which part of the estimate the posterior mean keeps.
    fn kept(self, spread: f64) -> f64 {
        spread * spread / (spread * spread + self.variance)
    }
}

/// The grid: equal steps from nearly 0 to 4 scales.
fn unit_spread(i: usize) -> f64 {
    4.0 * ((i as f64 + 0.5) / SPREADS as f64).powf(1.5)
}

fn normalised(log_weights: [f64; SPREADS]) -> [f64; SPREADS] {
    let most = log_weights.into_iter().fold(f64::NEG_INFINITY, f64::max);
    // A step of the grid is as wide as its spread's slope: 1.5 x^0.5.
    let weights: [f64; SPREADS] =
        std::array::from_fn(|i| (log_weights[i] - most).exp() * ((i as f64 + 0.5) / SPREADS as f64).sqrt());
    let total: f64 = weights.iter().sum();
    weights.map(|w| w / total)
}

/// Marsaglia's polar method, one of its two numbers.
fn normal(random: &mut Xoshiro256PlusPlus) -> f64 {
    let mut side = || (random.next_u64() >> 11) as f64 / (1_u64 << 52) as f64 - 1.0;
    loop {
        let (x, y) = (side(), side());
        let square = x * x + y * y;
        if square > 0.0 && square < 1.0 {
            return x * (-2.0 * square.ln() / square).sqrt();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With equal errors the posterior is one integral over the spread: here by 20,000 steps of the midpoint rule.
    #[test]
    fn means_are_those_of_the_integral_over_the_spread() {
        let estimates = [0.9, -0.3, 0.1, 0.5, -0.6];
        let (error, scale) = (0.4, 0.3);
        let (mut kept, mut total) = (0.0, 0.0);
        for step in 0..20_000 {
            let spread = 4.0 * scale * (f64::from(step) + 0.5) / 20_000.0;
            let variance: f64 = spread * spread + error * error;
            let likelihood: f64 = estimates.iter().map(|x| (-0.5 * x * x / variance).exp() / variance.sqrt()).product();
            let weight = likelihood / (1.0 + (spread / scale).powi(2));
            kept += weight * spread * spread / variance;
            total += weight;
        }
        let means = Shrinkage::of(&estimates, &[error; 5], scale).unwrap().means();
        for (mean, estimate) in means.iter().zip(estimates) {
            // Sixteen spreads stand for all.
            assert!((mean / estimate - kept / total).abs() < 0.01, "{mean} of {estimate}, not {}", kept / total);
        }
    }

    #[test]
    fn precise_effects_are_kept_and_vague_ones_are_pulled_in() {
        let shrinkage = Shrinkage::of(&[1.0, 1.0, -1.0], &[0.01, 2.0, 0.3], 0.5).unwrap();
        let means = shrinkage.means();
        assert!((means[0] - 1.0).abs() < 0.001 && means[1].abs() < 0.4 && means[2] > -1.0 && means[2] < -0.5);
        let best = shrinkage.probabilities_of_being_best(4_000, Seed::new("best"));
        assert!(best[0] > 0.6 && best[2] < 0.001 && (best.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{best:?}");
    }

    /// Four effects of one posterior.
    #[test]
    fn alike_effects_are_alike_likely_the_best() {
        let best =
            Shrinkage::of(&[0.2; 4], &[0.1; 4], 0.3).unwrap().probabilities_of_being_best(20_000, Seed::new("x"));
        // Four standard errors of a share of a quarter in 20,000 draws.
        assert!(best.iter().all(|share| (share - 0.25).abs() < 0.013), "{best:?}");
    }

    #[test]
    fn spread_is_what_the_others_say() {
        let shrinkage = Shrinkage::of(&[3.0, 0.01, -0.01, 0.02, 0.0, -0.02], &[0.05; 6], 0.3).unwrap();
        assert!(shrinkage.spread_without(0) < 0.1 && shrinkage.spread_without(1) > 0.3);
    }

    #[test]
    fn senseless_estimates_say_nothing() {
        let shrinkage = Shrinkage::of(&[f64::NAN, 1.0, 1.0, 1e300], &[1.0, 0.0, f64::INFINITY, 1e-300], 0.3).unwrap();
        assert_eq!(shrinkage.means(), [0.0; 4]);
        assert!(Shrinkage::of(&[1.0], &[1.0], 0.0).is_none());
        assert_eq!(Shrinkage::of(&[], &[], 1.0).unwrap().means(), [0.0; 0]);
        assert_eq!(Shrinkage::of(&[], &[], 1.0).unwrap().probabilities_of_being_best(9, Seed::new("")), [0.0; 0]);
    }
}
