//! Rank tests: do groups differ, whatever the shape of their distributions?

use statrs::{
    distribution::{ChiSquared, ContinuousCDF as _},
    function::erf::erfc,
};

/// What a rank test says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankTest {
    /// The statistic: H of Kruskal and Wallis, or U of the first group.
    pub statistic: f64,
    /// The p value; two-sided where sides make sense.
    pub p: f64,
}

/// Whether several groups have one distribution (Kruskal and Wallis 1952), corrected for ties, by the chi-square limit.
///
/// `None` for fewer than two groups, an empty group, a value that is not finite, or values that are all equal.
#[must_use]
pub fn kruskal_wallis(groups: &[&[f64]]) -> Option<RankTest> {
    if groups.len() < 2 || groups.iter().any(|group| group.is_empty()) {
        return None;
    }
    let ranks = Ranks::of(groups)?;
    let n = ranks.n as f64;
    let between: f64 = ranks.sums.iter().zip(groups).map(|(sum, group)| sum * sum / group.len() as f64).sum();
    let tie_correction = 1.0 - ranks.ties / (n * n * n - n);
    let statistic = (12.0 / (n * (n + 1.0)) * between - 3.0 * (n + 1.0)) / tie_correction;
    let p = ChiSquared::new((groups.len() - 1) as f64).ok()?.sf(statistic.max(0.0));
    (statistic.is_finite() && p.is_finite()).then_some(RankTest { statistic, p })
}

/// Whether one group tends to larger values than another (Mann and Whitney 1947), two-sided.
///
/// Exact where there are no ties and a group has at most 8 values, as in scipy; otherwise by the normal limit with
/// ties and continuity corrected. `None` for an empty group, a value that is not finite, or values that are all equal.
#[must_use]
pub fn mann_whitney(first: &[f64], second: &[f64]) -> Option<RankTest> {
    let (a, b) = (first.len(), second.len());
    if a == 0 || b == 0 {
        return None;
    }
    let ranks = Ranks::of(&[first, second])?;
    let (a_f, b_f, n) = (a as f64, b as f64, (a + b) as f64);
    let statistic = ranks.sums[0] - a_f * (a_f + 1.0) / 2.0;
    let extreme = statistic.max(a_f * b_f - statistic);
    if a.min(b) <= LARGEST_EXACT && a.max(b) <= LARGEST_PARTNER && ranks.ties == 0.0 {
        return Some(RankTest { statistic, p: (2.0 * exact_tail(a, b, extreme as usize)).min(1.0) });
    }
    let variance = a_f * b_f / 12.0 * (n + 1.0 - ranks.ties / (n * (n - 1.0)));
    let z = (extreme - a_f * b_f / 2.0 - 0.5).max(0.0) / variance.sqrt();
    z.is_finite().then(|| RankTest { statistic, p: erfc(z / std::f64::consts::SQRT_2).min(1.0) })
}

/// Above this size of the smaller group the normal limit is near enough.
const LARGEST_EXACT: usize = 8;

/// The exact distribution takes memory in proportion to the product of the sizes.
const LARGEST_PARTNER: usize = 2_000;

struct Ranks {
    n: usize,
    /// Sum of mid-ranks of each group.
    sums: Vec<f64>,
    /// Sum of t³ - t over the ties.
    ties: f64,
}

impl Ranks {
    /// `None` if a value is not finite or all are equal.
    fn of(groups: &[&[f64]]) -> Option<Self> {
        let mut values: Vec<(f64, usize)> =
            groups.iter().enumerate().flat_map(|(g, group)| group.iter().map(move |&v| (v, g))).collect();
        if values.iter().any(|(v, _)| !v.is_finite()) {
            return None;
        }
        values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut ranks = Self { n: values.len(), sums: vec![0.0; groups.len()], ties: 0.0 };
        let mut below = 0.0;
        for tied in values.chunk_by(|a, b| a.0 == b.0) {
            let t = tied.len() as f64;
            for &(_, group) in tied {
                ranks.sums[group] += below + f64::midpoint(t, 1.0);
            }
            ranks.ties += t * t * t - t;
            below += t;
            if tied.len() == ranks.n {
                return None;
            }
        }
        Some(ranks)
    }
}

/// P(U >= u) under the null, by counting the arrangements: those with the largest value in the first group, and those
/// with it in the second (Mann and Whitney's recurrence), as a product of Gaussian binomials.
fn exact_tail(a: usize, b: usize, u: usize) -> f64 {
    let (small, large) = (a.min(b), a.max(b));
    let size = a * b + 1;
    // Coefficients of the product over i of (1 - x^(large + i)) / (1 - x^i), scaled to probabilities on the way.
    let mut ways = vec![0.0; size];
    ways[0] = 1.0;
    for i in 1..=small {
        for k in (large + i..size).rev() {
            ways[k] -= ways[k - large - i];
        }
        for k in i..size {
            ways[k] += ways[k - i];
        }
        let scale = i as f64 / (large + i) as f64;
        ways.iter_mut().for_each(|way| *way *= scale);
    }
    // By symmetry P(U >= u) = P(U <= ab - u), a sum of few terms.
    ways[..=(a * b).saturating_sub(u)].iter().sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn assert_near(got: f64, expected: f64) {
        assert!((got - expected).abs() <= 1e-9 * expected.abs(), "{got} is not {expected}");
    }

    /// `scipy.stats.kruskal`, scipy 1.17.1.
    #[test]
    fn kruskal_wallis_is_scipys() {
        let known = kruskal_wallis(&[&[5.1, 4.9, 5.6, 5.8], &[4.1, 4.4, 3.9], &[5.0, 5.2]]).unwrap();
        assert_near(known.statistic, 5.5);
        assert_near(known.p, 0.063_927_861_206_707_57);
        let tied = kruskal_wallis(&[&[1.0, 2.0, 2.0, 3.0], &[2.0, 3.0, 4.0]]).unwrap();
        assert_near(tied.statistic, 1.681_372_549_019_603_9);
        assert_near(tied.p, 0.194_742_172_839_588_56);
    }

    /// `scipy.stats.mannwhitneyu(x, y)`, scipy 1.17.1: exact, then with ties, then without ties but large.
    #[test]
    fn mann_whitney_is_scipys() {
        let exact = mann_whitney(&[5.1, 4.9, 5.6, 5.8], &[4.1, 4.4, 3.9]).unwrap();
        assert_eq!(exact.statistic, 12.0);
        assert_near(exact.p, 0.057_142_857_142_857_14);
        let tied = mann_whitney(&[1.0, 2.0, 2.0, 3.0, 7.0], &[2.0, 3.0, 4.0, 4.0]).unwrap();
        assert_eq!(tied.statistic, 6.5);
        assert_near(tied.p, 0.450_887_031_025_170_36);
        let x: Vec<f64> = (0..10).map(|i| f64::from(i) * 1.5).collect();
        let y: Vec<f64> = (0..12).map(|i| f64::from(i) * 1.1 + 2.25).collect();
        let large = mann_whitney(&x, &y).unwrap();
        assert_eq!(large.statistic, 48.0);
        assert_near(large.p, 0.448_278_862_208_19);
        let uneven = mann_whitney(&x[..6], &y).unwrap();
        assert_eq!(uneven.statistic, 13.0);
        assert_near(uneven.p, 0.031_997_414_350_355_53);
    }

    #[test]
    fn nothing_to_rank_has_no_answer() {
        assert_eq!(kruskal_wallis(&[&[1.0, 2.0]]), None);
        assert_eq!(kruskal_wallis(&[&[1.0], &[]]), None);
        assert_eq!(kruskal_wallis(&[&[1.0], &[1.0]]), None);
        assert_eq!(mann_whitney(&[], &[1.0]), None);
        assert_eq!(mann_whitney(&[1.0], &[f64::NAN]), None);
        assert_eq!(mann_whitney(&[2.0; 4], &[2.0; 9]), None);
    }

    proptest! {
        #[test]
        fn answers_are_probabilities_and_sides_do_not_matter(
            x in proptest::collection::vec(0..30_i32, 1..14), y in proptest::collection::vec(0..30_i32, 1..14)
        ) {
            let float = |v: Vec<i32>| v.into_iter().map(f64::from).collect::<Vec<_>>();
            let (x, y) = (float(x), float(y));
            if let (Some(one), Some(other)) = (mann_whitney(&x, &y), mann_whitney(&y, &x)) {
                prop_assert!((0.0..=1.0).contains(&one.p));
                prop_assert!((one.p - other.p).abs() < 1e-12);
                prop_assert_eq!(one.statistic + other.statistic, (x.len() * y.len()) as f64);
            }
        }
    }
}
