//! The interval of a share.

use statrs::distribution::{ContinuousCDF as _, Normal};

use crate::analytics::Interval;

/// The interval of a share of which `hits` of `n` independent draws were seen: Wilson, "Probable inference, the law of
/// succession, and statistical inference", JASA 22 (1927).
///
/// `hits` may be fractional, as where ties count half. Averaged over shares that are all equally likely, the coverage
/// is within 0.3 points of 95 % from 30 draws on. `None` unless `n` is above 0, `hits` is from 0 to `n`, and `level` is
/// from 0 to below 1.
#[must_use]
pub fn wilson(hits: f64, n: f64, level: f64) -> Option<Interval> {
    if !(n > 0.0 && n.is_finite() && (0.0..=n).contains(&hits) && (0.0..1.0).contains(&level)) {
        return None;
    }
    let z = Normal::standard().inverse_cdf(f64::midpoint(1.0, level));
    let share = hits / n;
    let narrowed = 1.0 + z * z / n;
    let centre = (share + z * z / (2.0 * n)) / narrowed;
    let half = z / narrowed * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    // At the ends the formula gives 0 and 1 exactly, but for rounding.
    let lo = if hits == 0.0 { 0.0 } else { (centre - half).max(0.0) };
    let hi = if hits == n { 1.0 } else { (centre + half).min(1.0) };
    Some(Interval { lo, hi, level })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use statrs::distribution::Beta;

    use super::*;

    /// `scipy.stats.binomtest(hits, n).proportion_ci(method="wilson")`, scipy 1.17.1
    #[test]
    fn intervals_are_scipys() {
        let known = [
            (0.0, 10.0, 0.0, 0.277_532_799_862_889_26),
            (1.0, 10.0, 0.017_876_213_095_072_896, 0.404_150_026_795_238_5),
            (45.0, 1000.0, 0.033_799_512_285_631_71, 0.059_682_837_936_223_455),
            (3.0, 50.0, 0.020_614_970_348_973_957, 0.162_170_916_888_381_7),
            (50.0, 50.0, 0.928_652_400_866_641_2, 1.0),
        ];
        for (hits, n, lo, hi) in known {
            let interval = wilson(hits, n, 0.95).unwrap();
            assert!((interval.lo - lo).abs() <= 1e-9 * lo && (interval.hi - hi).abs() <= 1e-9 * hi, "{interval:?}");
        }
    }

    #[test]
    fn senseless_counts_have_no_interval() {
        assert_eq!(wilson(0.0, 0.0, 0.95), None);
        assert_eq!(wilson(3.0, 2.0, 0.95), None);
        assert_eq!(wilson(-1.0, 2.0, 0.95), None);
        assert_eq!(wilson(f64::NAN, 2.0, 0.95), None);
        assert_eq!(wilson(1.0, 2.0, 1.0), None);
        assert_eq!(wilson(1.0, f64::INFINITY, 0.95), None);
    }

    /// Of a share about which nothing is known, `hits` in `n` leave the distribution Beta(hits + 1, n - hits + 1)
    /// (Bayes 1763): what the interval holds of it is the coverage, exactly.
    #[test]
    fn coverage_over_all_shares_is_the_nominal_one() {
        for n in [30, 100, 1000] {
            let cover = |hits: u32| {
                let interval = wilson(f64::from(hits), f64::from(n), 0.95).unwrap();
                let left = Beta::new(f64::from(hits + 1), f64::from(n - hits + 1)).unwrap();
                left.cdf(interval.hi) - left.cdf(interval.lo)
            };
            let mean = (0..=n).map(cover).sum::<f64>() / f64::from(n + 1);
            assert!((mean - 0.95).abs() < 0.003, "{n}: {mean}");
            for hits in 0..=n {
                // Where none or all hit, the interval holds 97.6 to 97.9 %.
                assert!((0.945..0.979).contains(&cover(hits)), "{hits} of {n}: {}", cover(hits));
            }
        }
    }

    proptest! {
        #[test]
        fn interval_holds_the_share(n in 1.0..1e6_f64, part in 0.0..=1.0_f64, level in 0.0..0.999_f64) {
            let interval = wilson(part * n, n, level).unwrap();
            // At level 0 the interval is the share itself, but for rounding.
            prop_assert!(interval.lo <= part + 1e-12 && part <= interval.hi + 1e-12);
            prop_assert!(0.0 <= interval.lo && interval.hi <= 1.0);
        }
    }
}
