//! How many of many findings are false: the false discovery rate.

/// The Benjamini-Hochberg q value of each p value (Benjamini and Hochberg 1995, the step-up procedure): the smallest
/// false discovery rate at which the finding would survive.
///
/// A p value that is not a probability counts as 1.
///
/// ```
/// assert_eq!(compass_core::stats::benjamini_hochberg(&[0.01, 0.5]), [0.02, 0.5]);
/// ```
#[must_use]
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let tested = p.len() as f64;
    let p_of = |i: usize| if (0.0..=1.0).contains(&p[i]) { p[i] } else { 1.0 };
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_unstable_by(|&a, &b| p_of(a).total_cmp(&p_of(b)));
    let mut q = vec![1.0; p.len()];
    let mut least = 1.0_f64;
    for (below, &i) in order.iter().enumerate().rev() {
        least = least.min(p_of(i) * (tested / (below + 1) as f64));
        q[i] = least;
    }
    q
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `scipy.stats.false_discovery_control(p, method="bh")`, scipy 1.17.1.
    #[test]
    fn q_values_are_scipys() {
        let p = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216];
        let known = [0.01, 0.04, 0.084, 0.084, 0.084, 0.1, 0.105_714_285_714_285_7, 0.216, 0.216, 0.216];
        for (got, expected) in benjamini_hochberg(&p).into_iter().zip(known) {
            assert!((got - expected).abs() <= 1e-12, "{got} is not {expected}");
        }
    }

    #[test]
    fn nonsense_is_no_finding() {
        assert_eq!(benjamini_hochberg(&[]), [0.0; 0]);
        assert_eq!(benjamini_hochberg(&[f64::NAN, 0.01, -1.0]), [1.0, 0.03, 1.0]);
    }

    proptest! {
        #[test]
        fn q_keeps_the_order_and_never_undercuts_p(p in proptest::collection::vec(0.0..=1.0_f64, 0..40)) {
            let q = benjamini_hochberg(&p);
            for i in 0..p.len() {
                prop_assert!(p[i] <= q[i] && q[i] <= 1.0);
                for j in 0..p.len() {
                    prop_assert!(p[i] > p[j] || q[i] <= q[j]);
                }
            }
        }
    }
}
