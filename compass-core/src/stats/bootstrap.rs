//! Percentile bootstrap over data points.

use rand_core::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{Seed, quantile};
use crate::analytics::Interval;

/// How to resample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// How many resamples.
    pub resamples: usize,
    /// Nominal coverage.
    pub level: f64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self { resamples: 2_000, level: 0.95 }
    }
}

/// The percentile interval of a statistic (Efron 1979): resample the `n` data points with replacement, compute the
/// statistic on each resample, and take the quantiles of what it gives.
///
/// `statistic` gets the drawn indices, all below `n`, and answers `None` where it is not defined; such a resample does
/// not count. `None` for no data or if fewer than half of the resamples count.
pub fn percentile_interval(
    n: usize,
    seed: Seed,
    bootstrap: Bootstrap,
    mut statistic: impl FnMut(&[usize]) -> Option<f64>,
) -> Option<Interval> {
    if n == 0 {
        return None;
    }
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed.get());
    let mut drawn = vec![0; n];
    let mut values = Vec::with_capacity(bootstrap.resamples);
    for _ in 0..bootstrap.resamples {
        for index in &mut drawn {
            // Lemire's multiply-shift: the bias is below n / 2^64.
            *index = ((u128::from(random.next_u64()) * n as u128) >> 64) as usize;
        }
        values.extend(statistic(&drawn).filter(|v| v.is_finite()));
    }
    if values.len() * 2 < bootstrap.resamples {
        return None;
    }
    let tail = (1.0 - bootstrap.level) / 2.0;
    Some(Interval { lo: quantile(&mut values, tail)?, hi: quantile(&mut values, 1.0 - tail)?, level: bootstrap.level })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::mean;

    fn interval_of_the_mean(values: &[f64], purpose: &str) -> Interval {
        let seed = Seed::new(purpose).with_all(values);
        percentile_interval(values.len(), seed, Bootstrap::default(), |drawn| {
            mean(&drawn.iter().map(|&i| values[i]).collect::<Vec<_>>())
        })
        .unwrap()
    }

    /// The exact bootstrap distribution of the mean of {0, 1} drawn twice is 0, ½, 1 with weights ¼, ½, ¼.
    #[test]
    fn interval_of_a_coin_is_its_whole_range() {
        let interval = interval_of_the_mean(&[0.0, 1.0], "coin");
        assert_eq!((interval.lo, interval.hi), (0.0, 1.0));
    }

    #[test]
    fn same_values_give_the_same_bits() {
        let values: Vec<f64> = (0..30).map(|i| f64::from(i).sin()).collect();
        assert_eq!(interval_of_the_mean(&values, "a"), interval_of_the_mean(&values, "a"));
        assert_ne!(interval_of_the_mean(&values, "a"), interval_of_the_mean(&values, "b"));
    }

    /// For the mean of many values the percentile interval tends to the normal one.
    #[test]
    fn interval_of_a_large_sample_is_the_normal_one() {
        let values: Vec<f64> = (0..400).map(|i| f64::from(i % 20)).collect();
        let deviation = (values.iter().map(|v| (v - 9.5).powi(2)).sum::<f64>() / 400.0).sqrt();
        let half = 1.959_964 * deviation / 20.0;
        let interval = interval_of_the_mean(&values, "normal");
        // 2,000 resamples place the ends of the interval within about 5 % of its half width.
        assert!((interval.lo - (9.5 - half)).abs() < 0.1 * half, "{interval:?} against {half}");
        assert!((interval.hi - (9.5 + half)).abs() < 0.1 * half, "{interval:?} against {half}");
    }

    #[test]
    fn undefined_statistic_has_no_interval() {
        assert_eq!(percentile_interval(5, Seed::new("x"), Bootstrap::default(), |_| None), None);
        assert_eq!(percentile_interval(0, Seed::new("x"), Bootstrap::default(), |_| Some(1.0)), None);
    }
}
