//! The mean and its interval.

use super::interval::t_quantile;
use crate::analytics::Interval;

/// The arithmetic mean; `None` for no values.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Student's t interval of the mean of a normal sample; `None` for fewer than two values.
#[must_use]
pub fn mean_t_interval(values: &[f64], level: f64) -> Option<Interval> {
    let n = values.len() as f64;
    let centre = mean(values)?;
    let t = t_quantile(n - 1.0, level)?;
    let variance = values.iter().map(|v| (v - centre).powi(2)).sum::<f64>() / (n - 1.0);
    let half = t * (variance / n).sqrt();
    half.is_finite().then_some(Interval { lo: centre - half, hi: centre + half, level })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gosset's sleep data, second drug: R's `t.test(extra)` gives 0.8976775 to 3.7623225 about 2.33.
    #[test]
    fn interval_of_the_sleep_data_is_rs() {
        let extra = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
        let interval = mean_t_interval(&extra, 0.95).unwrap();
        assert!((mean(&extra).unwrap() - 2.33).abs() < 1e-12);
        assert!((interval.lo - 0.897_677_5).abs() < 1e-6, "{interval:?}");
        assert!((interval.hi - 3.762_322_5).abs() < 1e-6, "{interval:?}");
    }

    #[test]
    fn one_value_has_a_mean_without_interval() {
        assert_eq!(mean(&[7.0]), Some(7.0));
        assert_eq!(mean_t_interval(&[7.0], 0.95), None);
        assert_eq!(mean(&[]), None);
    }
}
