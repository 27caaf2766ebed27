//! Where values lie and how far they spread, in a way that a few wild ones do not change.

use super::{median, quantile};

/// The standard deviation of a normal distribution over its median absolute deviation: 1 / Φ⁻¹(3/4), "1.4826".
const DEVIATION_PER_MAD: f64 = 1.482_602_218_505_602;

/// The interquartile range of the standard normal distribution: 2 Φ⁻¹(3/4).
const IQR_OF_NORMAL: f64 = 1.348_979_500_392_163_5;

/// A robust centre and spread, on the scale of a normal distribution's mean and standard deviation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Robust {
    /// The median.
    pub centre: f64,
    /// 1.4826 times the median absolute deviation or, where more than half of the values are equal, the interquartile
    /// range over 1.349. Above 0.
    pub spread: f64,
}

impl Robust {
    /// Centre and spread of values: Iglewicz and Hoaglin, "How to detect and handle outliers" (1993).
    ///
    /// `None` if there are no values, one is not finite, or neither measure of spread is above 0.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut scratch = values.to_vec();
        let centre = median(&mut scratch)?;
        let of_deviations = spread_around(centre, &mut scratch)?;
        let spread = if of_deviations > 0.0 {
            of_deviations
        } else {
            scratch.copy_from_slice(values);
            (quantile(&mut scratch, 0.75)? - quantile(&mut scratch, 0.25)?) / IQR_OF_NORMAL
        };
        (spread > 0.0 && spread.is_finite()).then_some(Self { centre, spread })
    }

    /// How many spreads a value lies above the centre.
    #[must_use]
    pub fn z(self, value: f64) -> f64 {
        (value - self.centre) / self.spread
    }
}

/// The median absolute deviation from the median, times 1.4826; 0 if more than half of the values are equal.
///
/// `None` if there are no values or one is not finite.
#[must_use]
pub fn mad(values: &[f64]) -> Option<f64> {
    let mut scratch = values.to_vec();
    let centre = median(&mut scratch)?;
    spread_around(centre, &mut scratch)
}

fn spread_around(centre: f64, values: &mut [f64]) -> Option<f64> {
    for value in &mut *values {
        *value = (*value - centre).abs();
    }
    Some(median(values)? * DEVIATION_PER_MAD).filter(|spread| spread.is_finite())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VIEWS: [f64; 10] = [1200., 1500., 980., 1100., 1300., 250_000., 1400., 1250., 0., 1350.];

    /// scipy 1.17.1: `x = log10(1 + VIEWS)`, `median_abs_deviation(x, scale="normal")`, `(x - median(x)) / mad`
    #[test]
    fn z_of_log_views_are_scipys() {
        let logs = VIEWS.map(|v| (1.0 + v).log10());
        let robust = Robust::of(&logs).unwrap();
        let known = [
            -0.338_038_809_353_878_2,
            0.910_227_150_876_233_5,
            -1.470_760_261_738_253_6,
            -0.824_720_629_054_083,
            0.109_696_293_783_346_3,
            29.546_796_130_785_89,
            0.524_258_871_338_079_9,
            -0.109_696_293_783_346_3,
            -40.034_245_049_131_79,
            0.320_814_159_877_597_6,
        ];
        assert!((robust.centre - 3.105_767_303_127_503_3).abs() < 1e-12);
        assert!((robust.spread - 0.077_577_766_217_796_01).abs() < 1e-12);
        assert_eq!(mad(&logs), Some(robust.spread));
        for (log, expected) in logs.into_iter().zip(known) {
            // Logarithms near 3 cancel to about 0.01: an ulp of theirs is 4e-14 of the difference.
            assert!((robust.z(log) - expected).abs() <= 1e-9 * expected.abs(), "{log}");
        }
    }

    /// Six of ten values are 5, so their deviations' median is 0; numpy's quartiles are 5 and 6.5.
    #[test]
    fn spread_of_mostly_equal_values_is_that_of_the_quartiles() {
        let values = [5., 5., 5., 5., 5., 5., 7., 8., 9., 1.];
        assert_eq!(mad(&values), Some(0.0));
        let robust = Robust::of(&values).unwrap();
        assert!((robust.spread - 1.5 / 1.348_979_500_392_163_5).abs() < 1e-12, "{robust:?}");
    }

    #[test]
    fn equal_values_have_no_spread() {
        assert_eq!(Robust::of(&[5.0; 9]), None);
        assert_eq!(Robust::of(&[5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 9.0]), None);
        assert_eq!(Robust::of(&[]), None);
        assert_eq!(Robust::of(&[1.0, f64::NAN]), None);
        assert_eq!(Robust::of(&[f64::MAX, -f64::MAX, 0.0, f64::MAX]), None);
        assert_eq!(mad(&[7.0]), Some(0.0));
    }

    proptest! {
        /// z does not depend on the unit: natural logarithms give what decimal ones do.
        #[test]
        fn z_is_the_same_in_any_unit(
            values in proptest::collection::vec(-1e3..1e3_f64, 8..40), factor in 0.01..100_f64, shift in -1e3..1e3_f64,
        ) {
            let moved: Vec<f64> = values.iter().map(|v| v * factor + shift).collect();
            let (Some(a), Some(b)) = (Robust::of(&values), Robust::of(&moved)) else { return Ok(()) };
            prop_assume!(a.spread > 1e-3);
            for (value, moved) in values.iter().zip(&moved) {
                // Shifting by 1,000 costs 1e-13 of a value, which a spread of 1e-3 * 0.01 turns into 1e-8.
                prop_assert!((a.z(*value) - b.z(*moved)).abs() < 1e-6 * (1.0 + a.z(*value).abs()));
            }
        }
    }
}
