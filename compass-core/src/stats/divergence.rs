//! How far two distributions are apart.

/// The Jensen-Shannon divergence in bits (Lin, "Divergence measures based on the Shannon entropy", IEEE Transactions on
/// Information Theory 37, 1991): 0 for the same distribution, 1 for two without a common part.
///
/// Both are divided by their sum first. Its square root is a metric. `None` unless both have the same length, no
/// negative or non-finite part, and a sum above 0.
#[must_use]
pub fn jensen_shannon(p: &[f64], q: &[f64]) -> Option<f64> {
    let total = |parts: &[f64]| {
        let sum: f64 = parts.iter().sum();
        (sum > 0.0 && sum.is_finite() && parts.iter().all(|part| *part >= 0.0)).then_some(sum)
    };
    let (p_total, q_total) = (total(p)?, total(q)?);
    (p.len() == q.len()).then(|| {
        let parts = p.iter().zip(q).map(|(p, q)| jensen_shannon_part(p / p_total, q / q_total));
        parts.sum::<f64>().clamp(0.0, 1.0)
    })
}

/// What one bucket with the shares `p` and `q` adds to the divergence, in bits; neither is negative.
pub(crate) fn jensen_shannon_part(p: f64, q: f64) -> f64 {
    let middle = f64::midpoint(p, q);
    let half = |share: f64| if share > 0.0 { 0.5 * share * (share / middle).log2() } else { 0.0 };
    half(p) + half(q)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `scipy.spatial.distance.jensenshannon(p, q, base=2)` is the square root, scipy 1.17.1.
    #[test]
    fn divergence_is_scipys() {
        let (p, q) = ([0.2, 0.5, 0.3], [0.1, 0.4, 0.5]);
        let value = jensen_shannon(&p, &q).unwrap();
        assert!((value - 0.034_497_796_794_640_566).abs() < 1e-12);
        assert!((value.sqrt() - 0.185_735_825_285_916_67).abs() < 1e-12);
        let counts = jensen_shannon(&[20.0, 50.0, 30.0], &[1.0, 4.0, 5.0]).unwrap();
        assert!((value - counts).abs() < 1e-12);
    }

    #[test]
    fn same_distributions_are_at_0_and_separate_ones_at_1() {
        assert_eq!(jensen_shannon(&[0.25, 0.75], &[1.0, 3.0]), Some(0.0));
        assert_eq!(jensen_shannon(&[1.0, 0.0], &[0.0, 1.0]), Some(1.0));
    }

    #[test]
    fn what_is_no_distribution_has_no_divergence() {
        assert_eq!(jensen_shannon(&[], &[]), None);
        assert_eq!(jensen_shannon(&[1.0], &[0.5, 0.5]), None);
        assert_eq!(jensen_shannon(&[0.0, 0.0], &[0.5, 0.5]), None);
        assert_eq!(jensen_shannon(&[1.5, -0.5], &[0.5, 0.5]), None);
        assert_eq!(jensen_shannon(&[f64::NAN, 0.5], &[0.5, 0.5]), None);
        assert_eq!(jensen_shannon(&[f64::MAX, f64::MAX], &[0.5, 0.5]), None);
    }

    proptest! {
        #[test]
        fn square_root_is_a_metric(shares in proptest::collection::vec([0.0..1.0_f64, 0.0..1.0, 0.0..1.0], 1..12)) {
            let column = |i: usize| shares.iter().map(|row| row[i]).collect::<Vec<f64>>();
            let [a, b, c] = [column(0), column(1), column(2)];
            let distance = |p: &[f64], q: &[f64]| jensen_shannon(p, q).map(f64::sqrt);
            let (Some(ab), Some(bc), Some(ac)) = (distance(&a, &b), distance(&b, &c), distance(&a, &c)) else {
                return Ok(());
            };
            prop_assert!((0.0..=1.0).contains(&ab));
            prop_assert_eq!(Some(ab), distance(&b, &a));
            prop_assert!(ac <= ab + bc + 1e-9);
        }
    }
}
