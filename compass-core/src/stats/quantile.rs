//! Order statistics.

/// The `q`-quantile by linear interpolation between order statistics (Hyndman and Fan's type 7, numpy's default).
///
/// The slice is reordered. `None` if it is empty, `q` is outside 0 to 1, or a value is not finite.
///
/// ```
/// assert_eq!(compass_core::stats::quantile(&mut [4.0, 1.0, 3.0, 2.0], 0.25), Some(1.75));
/// ```
pub fn quantile(values: &mut [f64], q: f64) -> Option<f64> {
    if values.is_empty() || !(0.0..=1.0).contains(&q) || values.iter().any(|v| !v.is_finite()) {
        return None;
    }
    let position = q * (values.len() - 1) as f64;
    let below = position.floor() as usize;
    let (_, &mut lower, above) = values.select_nth_unstable_by(below, f64::total_cmp);
    let fraction = position - below as f64;
    let upper = above.iter().copied().min_by(f64::total_cmp).unwrap_or(lower);
    Some(lower + fraction * (upper - lower))
}

/// The median: the mean of the two middle values if their number is even.
///
/// The slice is reordered. `None` if it is empty or a value is not finite.
pub fn median(values: &mut [f64]) -> Option<f64> {
    let n = values.len();
    if n == 0 || values.iter().any(|v| !v.is_finite()) {
        return None;
    }
    let (below, &mut upper, _) = values.select_nth_unstable_by(n / 2, f64::total_cmp);
    if n % 2 == 1 {
        return Some(upper);
    }
    let lower = below.iter().copied().max_by(f64::total_cmp).expect("an even number of values has one below");
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `numpy.quantile([15, 20, 35, 40, 50], [0, .05, .3, .4, .5, 1])`
    #[test]
    fn quantiles_are_numpys() {
        let known = [(0.0, 15.0), (0.05, 16.0), (0.3, 23.0), (0.4, 29.0), (0.5, 35.0), (1.0, 50.0)];
        for (q, expected) in known {
            let got = quantile(&mut [40.0, 15.0, 50.0, 20.0, 35.0], q).unwrap();
            assert!((got - expected).abs() < 1e-12, "q {q}: {got} is not {expected}");
        }
    }

    #[test]
    fn median_of_an_even_number_is_the_middle_mean() {
        assert_eq!(median(&mut [4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!(median(&mut [f64::MAX, f64::MAX]), Some(f64::MAX));
    }

    #[test]
    fn nothing_or_nonsense_has_no_quantile() {
        assert_eq!(quantile(&mut [], 0.5), None);
        assert_eq!(median(&mut [1.0, f64::NAN]), None);
        assert_eq!(quantile(&mut [1.0], 1.5), None);
    }
}
