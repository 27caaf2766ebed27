//! Whether values look as if drawn from a normal distribution.

use statrs::distribution::{ContinuousCDF as _, Normal};

use super::mean;

/// Anderson and Darling's A² for a normal distribution of which mean and variance are taken from the values.
///
/// `None` for fewer than three values, one that is not finite, or no spread.
#[must_use]
pub fn anderson_darling(values: &[f64]) -> Option<f64> {
    let n = values.len();
    let centre = mean(values).filter(|_| n >= 3)?;
    let deviation = (values.iter().map(|v| (v - centre).powi(2)).sum::<f64>() / (n as f64 - 1.0)).sqrt();
    if !(deviation > 0.0 && deviation.is_finite()) {
        return None;
    }
    let mut sorted: Vec<f64> = values.iter().map(|v| (v - centre) / deviation).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let normal = Normal::standard();
    let sum: f64 = (0..n)
        .map(|i| {
            let (below, above) = (normal.cdf(sorted[i]), normal.sf(sorted[n - 1 - i]));
            (2.0 * i as f64 + 1.0) * (below.ln() + above.ln())
        })
        .sum();
    let statistic = -(n as f64) - sum / n as f64;
    statistic.is_finite().then_some(statistic)
}

/// Whether the values look normal: their A², with Stephens' factor for the size of the sample, is below what 15 % of
/// normal samples exceed (D'Agostino and Stephens, "Goodness-of-fit techniques", 1986, table 4.7).
///
/// The usual 1 % would let a quarter of exponential samples of 30 pass.
///
/// Fewer than 8 values can hardly contradict, so they are not trusted.
#[must_use]
pub fn looks_normal(values: &[f64]) -> bool {
    let n = values.len() as f64;
    n >= 8.0 && anderson_darling(values).is_some_and(|a| a * (1.0 + 0.75 / n + 2.25 / (n * n)) < 0.561)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `scipy.stats.anderson(x, "norm").statistic`, scipy 1.17.1
    #[test]
    fn statistic_is_scipys() {
        let views = [120., 340., 95., 810., 260., 1500., 75., 430., 620., 180., 290., 2100_f64];
        let logs = views.map(f64::ln);
        assert!((anderson_darling(&logs).unwrap() - 0.147_678_536_326_987_24).abs() < 1e-9);
        assert!(looks_normal(&logs));
        let skewed: Vec<f64> = (0..12).map(|i| (f64::from(i) / 3.0).exp()).collect();
        assert!((anderson_darling(&skewed).unwrap() - 0.829_434_742_823_719_9).abs() < 1e-9);
    }

    #[test]
    fn two_heaps_are_not_normal() {
        let heaps: Vec<f64> = (0..20).map(|i| f64::from(i / 10) * 9.0 + f64::from(i % 10) / 10.0).collect();
        assert!(!looks_normal(&heaps));
        assert!(!looks_normal(&[1.0, 2.0, 3.0]));
        assert_eq!(anderson_darling(&[2.0; 9]), None);
        assert_eq!(anderson_darling(&[]), None);
        assert_eq!(anderson_darling(&[1.0, 2.0, f64::NAN]), None);
        assert_eq!(anderson_darling(&[f64::MAX, -f64::MAX, 0.0]), None);
    }
}
