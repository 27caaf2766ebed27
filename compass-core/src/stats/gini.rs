//! How unequal amounts are.

/// The Gini coefficient: 0 if all amounts are equal, towards 1 if one holds nearly everything.
///
/// Half of the relative mean absolute difference (Gini 1912), without the small-sample factor n / (n - 1). `None` if
/// there are no amounts, one is negative or not finite, or all are 0.
#[must_use]
pub fn gini(amounts: &[f64]) -> Option<f64> {
    let largest = amounts.iter().copied().fold(0.0, f64::max);
    if largest <= 0.0 || amounts.iter().any(|a| !a.is_finite() || *a < 0.0) {
        return None;
    }
    // Relative to the largest, no sum is too large for a float.
    let mut sorted: Vec<f64> = amounts.iter().map(|a| a / largest).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let weighted: f64 = sorted.iter().enumerate().map(|(i, a)| (2.0 * i as f64 + 1.0 - n) * a).sum();
    Some((weighted / (n * sorted.iter().sum::<f64>())).max(0.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// By hand: the 16 absolute differences add up to 56, and 56 / (2 · 4 · 14) = 1/2.
    #[test]
    fn coefficient_of_four_amounts_is_the_one_by_hand() {
        assert!((gini(&[1.0, 1.0, 2.0, 10.0]).unwrap() - 0.5).abs() < 1e-12);
        assert!((gini(&[0.0, 0.0, 0.0, 8.0]).unwrap() - 0.75).abs() < 1e-12);
        assert_eq!(gini(&[3.0; 7]), Some(0.0));
        assert_eq!(gini(&[f64::MAX; 7]), Some(0.0));
    }

    #[test]
    fn no_amount_to_share_has_no_coefficient() {
        assert_eq!(gini(&[]), None);
        assert_eq!(gini(&[0.0, 0.0]), None);
        assert_eq!(gini(&[1.0, -1.0]), None);
        assert_eq!(gini(&[1.0, f64::NAN]), None);
        assert_eq!(gini(&[1.0, f64::INFINITY]), None);
    }

    proptest! {
        #[test]
        fn coefficient_is_the_mean_difference(amounts in proptest::collection::vec(0.0..1e6_f64, 1..40)) {
            let Some(value) = gini(&amounts) else { return Ok(()) };
            let n = amounts.len() as f64;
            let differences: f64 = amounts.iter().flat_map(|a| amounts.iter().map(move |b| (a - b).abs())).sum();
            let expected = differences / (2.0 * n * amounts.iter().sum::<f64>());
            prop_assert!((value - expected).abs() < 1e-9);
            prop_assert!((0.0..1.0).contains(&value));
        }
    }
}
