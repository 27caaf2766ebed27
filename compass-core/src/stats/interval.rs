//! Intervals of medians, ratios and means that keep what they promise on few and skewed data points.

use statrs::distribution::{Binomial, ContinuousCDF as _, DiscreteCDF as _, StudentsT};

use super::mean;
use crate::analytics::Interval;

/// The interval of the median between two order statistics, interpolated to the wanted level: Hettmansperger and
/// Sheather, "Confidence intervals based on interpolated order statistics", Statistics and Probability Letters 4 (1986).
///
/// It assumes nothing of the values' distribution. Below 6 values no interval at 95 % exists: the answer is then the whole
/// range, with the level that it has (1 - 2^(1 - n)). The slice is sorted. `None` for fewer than two values, a value that
/// is not finite, or a level outside 0 to 1.
///
/// ```
/// let range = compass_core::stats::median_interval(&mut [3.0, 1.0, 2.0], 0.95).expect("three values");
/// assert_eq!((range.lo, range.hi, range.level), (1.0, 3.0, 0.75));
/// ```
pub fn median_interval(values: &mut [f64], level: f64) -> Option<Interval> {
    let n = values.len();
    if n < 2 || !is_level(level) || values.iter().any(|v| !v.is_finite()) {
        return None;
    }
    values.sort_unstable_by(f64::total_cmp);
    let heads = Binomial::new(0.5, n as u64).ok()?;
    // The coverage of the k-th smallest to the k-th largest value, k from 1.
    let coverage = |k: usize| 1.0 - 2.0 * heads.cdf(k as u64 - 1);
    let of_the_range = 1.0 - 0.5_f64.powi(i32::try_from(n).unwrap_or(i32::MAX) - 1);
    if of_the_range < level {
        return Some(Interval { lo: values[0], hi: values[n - 1], level: of_the_range });
    }
    let narrowest = n.div_ceil(2);
    let k = (1..narrowest).take_while(|&k| coverage(k + 1) >= level).count() + 1;
    if k == narrowest {
        return Some(Interval { lo: values[k - 1], hi: values[n - k], level });
    }
    let (wide, narrow) = (coverage(k), coverage(k + 1));
    let part = (wide - level) / (wide - narrow);
    let weight = (n - k) as f64 * part / (k as f64 + (n as f64 - 2.0 * k as f64) * part);
    let between = |outer: f64, inner: f64| outer + weight * (inner - outer);
    Some(Interval { lo: between(values[k - 1], values[k]), hi: between(values[n - k], values[n - k - 1]), level })
}

/// The interval of sum(over) / sum(under): the delete-one jackknife of its logarithm (Efron and Stein 1981) with a t quantile.
///
/// The degrees of freedom count how many data points really speak: n_eff (n - 1) / n, n_eff the smaller of the two
/// effective sample sizes (sum x)^2 / sum x^2 (Kish 1965). With one post that outweighs the rest they are few, which is
/// what a percentile bootstrap does not know: it covers 85 to 92 % where this covers 95 %.
///
/// `None` if the slices differ in length, hold fewer than 3 points, something that is negative or not finite, or if the
/// ratio is zero or depends on a single point.
#[must_use]
pub fn ratio_interval(over: &[f64], under: &[f64], level: f64) -> Option<Interval> {
    let fine = |values: &[f64]| values.iter().all(|v| v.is_finite() && *v >= 0.0);
    if over.len() != under.len() || over.len() < 3 || !is_level(level) || !fine(over) || !fine(under) {
        return None;
    }
    let n = over.len() as f64;
    let (above, below) = (over.iter().sum::<f64>(), under.iter().sum::<f64>());
    let logs: Vec<f64> = over.iter().zip(under).map(|(o, u)| ((above - o) / (below - u)).ln()).collect();
    let centre = mean(&logs).filter(|c| c.is_finite())?;
    let error = ((n - 1.0) / n * logs.iter().map(|l| (l - centre).powi(2)).sum::<f64>()).sqrt();
    let speaking = effective(over).min(effective(under)) * (n - 1.0) / n;
    let half = t_quantile(speaking.max(1.0), level)? * error;
    let ratio = above / below;
    bounded(Interval { lo: ratio * (-half).exp(), hi: ratio * half.exp(), level })
}

/// The interval of the mean of values that are positive and skewed, such as rates by followers.
///
/// The hull of two: the jackknife of [`ratio_interval`] with equal weights, which assumes no distribution but falls short
/// on long tails, and Cox's interval for a lognormal mean with a t quantile (Olsson, "Confidence intervals for the mean of
/// a log-normal distribution", Journal of Statistics Education 13, 2005), where every value is above zero.
///
/// `None` as [`ratio_interval`].
#[must_use]
pub fn mean_interval(values: &[f64], level: f64) -> Option<Interval> {
    let jackknife = ratio_interval(values, &vec![1.0; values.len()], level)?;
    let cox = lognormal_mean_interval(values, level).unwrap_or(jackknife);
    Some(Interval { lo: jackknife.lo.min(cox.lo), hi: jackknife.hi.max(cox.hi), level })
}

fn lognormal_mean_interval(values: &[f64], level: f64) -> Option<Interval> {
    let n = values.len() as f64;
    let logs: Vec<f64> = values.iter().map(|v| v.ln()).collect();
    let centre = mean(&logs).filter(|c| c.is_finite())?;
    let variance = logs.iter().map(|l| (l - centre).powi(2)).sum::<f64>() / (n - 1.0);
    let half = t_quantile(n - 1.0, level)? * (variance / n + variance.powi(2) / (2.0 * (n - 1.0))).sqrt();
    let middle = centre + variance / 2.0;
    bounded(Interval { lo: (middle - half).exp(), hi: (middle + half).exp(), level })
}

/// Student's t quantile of a two-sided interval.
pub(super) fn t_quantile(degrees: f64, level: f64) -> Option<f64> {
    Some(StudentsT::new(0.0, 1.0, degrees).ok()?.inverse_cdf(f64::midpoint(1.0, level)))
}

/// How many equally heavy points would say as much (Kish 1965).
fn effective(weights: &[f64]) -> f64 {
    // Scaled, so that the squares of large counters stay finite.
    let largest = weights.iter().copied().fold(0.0, f64::max);
    let (sum, squares) = weights.iter().map(|w| w / largest).fold((0.0, 0.0), |(s, q), w| (s + w, q + w * w));
    sum * sum / squares
}

fn is_level(level: f64) -> bool {
    level > 0.0 && level < 1.0
}

fn bounded(interval: Interval) -> Option<Interval> {
    (interval.lo.is_finite() && interval.hi.is_finite()).then_some(interval)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand for 1..=10: the 2nd to the 9th value cover 1 - 2 * 11 / 1024, the 3rd to the 8th 1 - 2 * 56 / 1024.
    #[test]
    fn median_interval_lies_between_order_statistics() {
        let mut values: Vec<f64> = (1..=10).map(f64::from).collect();
        let interval = median_interval(&mut values, 0.95).unwrap();
        let part = (0.978_515_625 - 0.95) / (0.978_515_625 - 0.890_625);
        let weight = 8.0 * part / (2.0 + 6.0 * part);
        assert!((interval.lo - (2.0 + weight)).abs() < 1e-12, "{interval:?}");
        assert!((interval.hi - (9.0 - weight)).abs() < 1e-12, "{interval:?}");
    }

    #[test]
    fn few_values_have_their_range_at_its_true_level() {
        for (n, level) in [(2, 0.5), (3, 0.75), (4, 0.875), (5, 0.9375)] {
            let mut values: Vec<f64> = (0..n).map(f64::from).collect();
            let interval = median_interval(&mut values, 0.95).unwrap();
            assert_eq!((interval.lo, interval.hi), (0.0, f64::from(n - 1)));
            assert!((interval.level - level).abs() < 1e-12);
        }
    }

    #[test]
    fn equal_values_leave_no_room() {
        let interval = median_interval(&mut [4.0; 9], 0.95).unwrap();
        assert_eq!((interval.lo, interval.hi), (4.0, 4.0));
        let interval = ratio_interval(&[2.0; 9], &[8.0; 9], 0.95).unwrap();
        assert!((interval.lo - 0.25).abs() < 1e-12 && (interval.hi - 0.25).abs() < 1e-12);
    }

    /// By hand for over = 1, 2, 3 and under = 1, 1, 1: leave-one-out means 2.5, 2, 1.5, n_eff = 36 / 14.
    #[test]
    fn ratio_interval_is_the_jackknife_of_the_logarithm() {
        let interval = ratio_interval(&[1.0, 2.0, 3.0], &[1.0; 3], 0.95).unwrap();
        let logs = [2.5_f64, 2.0, 1.5].map(f64::ln);
        let centre = logs.iter().sum::<f64>() / 3.0;
        let error = (2.0 / 3.0 * logs.iter().map(|l| (l - centre).powi(2)).sum::<f64>()).sqrt();
        // scipy.stats.t.ppf(0.975, 36 / 14 * 2 / 3), scipy 1.17.1
        let half = 5.068_499_877_881_845 * error;
        assert!((interval.hi / (2.0 * half.exp()) - 1.0).abs() < 1e-9, "{interval:?}");
        assert!((interval.lo * half.exp() / 2.0 - 1.0).abs() < 1e-9, "{interval:?}");
    }

    #[test]
    fn nothing_to_say_is_no_interval() {
        assert_eq!(median_interval(&mut [1.0], 0.95), None);
        assert_eq!(median_interval(&mut [1.0, f64::NAN], 0.95), None);
        assert_eq!(median_interval(&mut [1.0, 2.0], 1.0), None);
        assert_eq!(ratio_interval(&[1.0, 2.0], &[1.0, 2.0], 0.95), None);
        assert_eq!(ratio_interval(&[0.0; 5], &[1.0; 5], 0.95), None, "a ratio of zero");
        assert_eq!(ratio_interval(&[0.0, 0.0, 7.0, 0.0], &[1.0; 4], 0.95), None, "one point has it all");
        assert_eq!(ratio_interval(&[1.0; 4], &[0.0; 4], 0.95), None);
        assert_eq!(mean_interval(&[1.0, f64::INFINITY, 2.0], 0.95), None);
    }

    #[test]
    fn huge_counters_stay_finite() {
        let interval = ratio_interval(&[1e300, 2e300, 3e300], &[4e300, 4e300, 4e300], 0.95).unwrap();
        assert!(interval.lo < 0.5 && 0.5 < interval.hi);
    }
}
