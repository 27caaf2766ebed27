//! A trend line that outliers do not bend.

use statrs::distribution::{ContinuousCDF as _, Normal};

use super::{median, slopes::Slopes};
use crate::analytics::Interval;

/// A Theil-Sen line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TheilSen {
    /// The median slope over all pairs of points, in units of y per unit of x.
    pub slope: f64,
    /// `median(y) - slope * median(x)`.
    pub intercept: f64,
    /// The slope's interval (Sen 1968). It takes the points to scatter about the line independently of each other:
    /// it is far too narrow for a sum of changes, such as a follower count.
    pub interval: Interval,
}

/// Fits a Theil-Sen line: Sen, "Estimates of the regression coefficient based on Kendall's tau", JASA 63 (1968);
/// the same figures as scipy's `theilslopes` with `method="separate"`.
///
/// Time grows like n log² n and memory like n. Where thousands of pairs have a slope in common but for the rounding of
/// floats, the slope that is given is one of theirs.
///
/// `None` if the slices differ in length, hold a value that is not finite, have no two different x, or reach so far that
/// a difference of two is not finite.
#[must_use]
pub fn theil_sen(x: &[f64], y: &[f64], level: f64) -> Option<TheilSen> {
    if !(0.0..1.0).contains(&level) {
        return None;
    }
    let slopes = Slopes::new(x, y)?;
    let ties = |values: &[f64]| tie_sizes(values).map(|k| k * (k - 1.0) * (2.0 * k + 5.0)).sum::<f64>();
    let n = y.len() as f64;
    let variance = (n * (n - 1.0) * (2.0 * n + 5.0) - ties(y) - ties(x)) / 18.0;
    let z = Normal::standard().inverse_cdf((1.0 - level) / 2.0);
    let (count, sigma) = (slopes.count() as f64, variance.max(0.0).sqrt());
    // Both ranks are whole numbers from 0 to count - 1.
    let upper = ((count - z * sigma) / 2.0).round_ties_even().min(count - 1.0);
    let lower = (((count + z * sigma) / 2.0).round_ties_even() - 1.0).max(0.0);

    let [below, above] = slopes.middle();
    let ranked = slopes.ranked([lower as u64, below, above, upper as u64])?;
    let slope = f64::midpoint(ranked[1], ranked[2]);
    let intercept = median(&mut y.to_vec())? - slope * median(&mut x.to_vec())?;
    Some(TheilSen { slope, intercept, interval: Interval { lo: ranked[0], hi: ranked[3], level } })
}

/// The slope of a Theil-Sen line alone, for less than half of the time; `None` as of [`theil_sen`].
#[must_use]
pub fn sen_slope(x: &[f64], y: &[f64]) -> Option<f64> {
    let slopes = Slopes::new(x, y)?;
    let [below, above] = slopes.ranked(slopes.middle())?;
    Some(f64::midpoint(below, above))
}

/// Sizes of the groups of equal values.
pub(super) fn tie_sizes(values: &[f64]) -> impl Iterator<Item = f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let sizes: Vec<f64> = sorted.chunk_by(|a, b| a == b).map(|group| group.len() as f64).filter(|&k| k > 1.0).collect();
    sizes.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIED: [f64; 15] = [120., 125., 125., 130., 128., 140., 150., 149., 160., 160., 160., 175., 180., 178., 190.];

    fn days(n: usize) -> Vec<f64> {
        (0..n).map(|d| d as f64).collect()
    }

    /// `scipy.stats.theilslopes(TIED, range(15), method="separate")`, scipy 1.17.1
    #[test]
    fn line_and_interval_are_scipys() {
        let line = theil_sen(&days(15), &TIED, 0.95).unwrap();
        assert!((line.slope - 5.0).abs() < 1e-12);
        assert!((line.intercept - 115.0).abs() < 1e-9);
        assert!((line.interval.lo - 4.5).abs() < 1e-12);
        assert!((line.interval.hi - 5.555_555_555_555_555).abs() < 1e-12);
        assert_eq!(sen_slope(&days(15), &TIED), Some(line.slope));
    }

    #[test]
    fn one_wild_point_does_not_bend_the_line() {
        let mut y: Vec<f64> = days(30).iter().map(|d| 100.0 + 3.0 * d).collect();
        y[17] = 1e9;
        let line = theil_sen(&days(30), &y, 0.95).unwrap();
        assert!((line.slope - 3.0).abs() < 1e-12);
    }

    #[test]
    fn no_line_through_one_moment() {
        assert_eq!(theil_sen(&[1.0, 1.0], &[2.0, 3.0], 0.95), None);
        assert_eq!(theil_sen(&[], &[], 0.95), None);
        assert_eq!(theil_sen(&[0.0, 1.0], &[f64::INFINITY, 0.0], 0.95), None);
        assert_eq!(theil_sen(&[0.0, 1.0], &[-f64::MAX, f64::MAX], 0.95), None);
        assert_eq!(theil_sen(&[0.0, 1.0, 2.0], &[-f64::MAX, 0.0, f64::MAX], 0.95), None);
    }
}
