//! Intervals that lean towards a guess, and still hold the truth as often as they say, wherever it is.

use statrs::function::erf::erfc;

use crate::analytics::Interval;

/// A noisy estimate of an effect, and a guess of the effect that was made without it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guessed {
    /// The estimate, normal about the truth.
    pub estimate: f64,
    /// Its standard error.
    pub error: f64,
    /// The centre of the guess.
    pub guess: f64,
    /// The spread of the guess.
    pub spread: f64,
}

impl Guessed {
    /// The interval of Yu and Hoff (2018): short where the guess is right, and of constant coverage whether or not it
    /// is. `None` for an error or spread that is not a positive number.
    #[must_use]
    pub fn interval(&self, level: f64) -> Option<Interval> {
        self.inverted(level, f64::NEG_INFINITY, 8.0)
    }

    /// The interval of an estimate that was looked at because it exceeded a limit: the same of the normal distribution
    /// cut off there (Lee, Sun, Sun and Taylor 2016).
    ///
    /// An estimate right at the limit says only that the truth is not far above it. The lower end is then no farther
    /// than `reach` errors below the estimate.
    #[must_use]
    pub fn interval_above(&self, limit: f64, level: f64, reach: f64) -> Option<Interval> {
        self.inverted(level, limit, reach)
    }

    fn inverted(&self, level: f64, limit: f64, reach: f64) -> Option<Interval> {
        let usable = |x: f64| x.is_finite() && x > 0.0;
        if !(usable(self.error) && usable(self.spread) && self.estimate.is_finite() && self.guess.is_finite()) {
            return None;
        }
        let miss = 1.0 - level;
        // Both conditions are monotone in the truth, so each end is the only root of one.
        let below = |truth: f64| self.distribution(truth, limit) - miss * (1.0 - self.lower_share(truth));
        let above = |truth: f64| 1.0 - miss * self.lower_share(truth) - self.distribution(truth, limit);
        let (lowest, highest) = (self.estimate - reach * self.error, self.estimate + 8.0 * self.error);
        let hi = bisect(lowest, highest, below);
        let lo = bisect(lowest, highest, |truth| -above(truth)).min(hi);
        (lo.is_finite() && hi.is_finite()).then_some(Interval { lo, hi, level })
    }

    /// The chance of an estimate up to the one seen, given the truth, among those above the limit.
    fn distribution(&self, truth: f64, limit: f64) -> f64 {
        let z = (self.estimate - truth) / self.error;
        if limit == f64::NEG_INFINITY {
            return 1.0 - upper_tail(z);
        }
        let cut = ((limit - truth) / self.error).min(z);
        if cut > 30.0 {
            // The tails are proportional to their densities over their places.
            return 1.0 - ((cut - z) * f64::midpoint(cut, z)).exp() * cut / z;
        }
        1.0 - upper_tail(z) / upper_tail(cut)
    }

    /// Which share of the missing probability goes below the interval's estimate: near 1 for truths below the guess.
    ///
    /// The best share solves z(miss w) - z(miss (1 - w)) = -c; this fit is within 0.02 of it at a level of 0.8. Any
    /// share that falls as the truth rises keeps the coverage exact.
    fn lower_share(&self, truth: f64) -> f64 {
        let c = (2.0 * self.error * (truth - self.guess) / (self.spread * self.spread)).clamp(-20.0, 20.0);
        1.0 / (1.0 + (c * (1.74 + 0.06 * c.abs() + 0.082 * c * c)).exp())
    }
}

/// By how much to stretch a standard error that is estimated with so many degrees of freedom, that normal quantiles at
/// the end of an interval of this level are Student's (Cornish and Fisher's expansion, two terms).
#[must_use]
pub fn student_stretch(freedom: f64, level: f64) -> f64 {
    use statrs::distribution::{ContinuousCDF as _, Normal};
    let z2 = Normal::standard().inverse_cdf(f64::midpoint(1.0, level)).powi(2);
    let freedom = freedom.max(1.0);
    1.0 + (z2 + 1.0) / (4.0 * freedom) + (5.0 * z2 * z2 + 16.0 * z2 + 3.0) / (96.0 * freedom * freedom)
}

fn upper_tail(z: f64) -> f64 {
    0.5 * erfc(z / std::f64::consts::SQRT_2)
}

/// Where a falling function changes its sign.
fn bisect(mut lo: f64, mut hi: f64, f: impl Fn(f64) -> f64) -> f64 {
    for _ in 0..STEPS {
        let middle = f64::midpoint(lo, hi);
        if f(middle) >= 0.0 { lo = middle } else { hi = middle }
    }
    f64::midpoint(lo, hi)
}

/// Halvings: the ends are exact to a millionth of an error.
const STEPS: usize = 24;

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF as _, Normal, StudentsT};

    use super::*;

    const EXACT: Guessed = Guessed { estimate: 0.0, error: 1.0, guess: 0.0, spread: 1e9 };

    /// Without a guess, or a limit, to speak of, it is the ordinary interval: 1.2815515655446004 errors either way.
    #[test]
    fn vague_guess_gives_the_ordinary_interval() {
        for interval in [EXACT.interval(0.8).unwrap(), EXACT.interval_above(-40.0, 0.8, 5.0).unwrap()] {
            assert!((interval.hi - 1.281_551_565_544_600_4).abs() < 2e-6, "{interval:?}");
            assert!((interval.lo + 1.281_551_565_544_600_4).abs() < 2e-6, "{interval:?}");
        }
    }

    /// The share of estimates, taken at equal steps of their distribution, whose interval holds the truth.
    fn coverage(truth: f64, guess: f64, spread: f64, limit: f64) -> f64 {
        let normal = Normal::standard();
        let cut = normal.sf(limit - truth);
        let held = (0..4_000).filter(|step| {
            let estimate = truth + normal.inverse_cdf(1.0 - cut * (f64::from(*step) + 0.5) / 4_000.0);
            let interval = Guessed { estimate, error: 1.0, guess, spread }.interval_above(limit, 0.8, 50.0).unwrap();
            interval.lo <= truth && truth <= interval.hi
        });
        held.count() as f64 / 4_000.0
    }

    #[test]
    fn coverage_is_the_same_wherever_the_truth_is_and_whatever_was_guessed() {
        for truth in [-2.0, -0.4, 0.0, 0.3, 1.0, 4.0] {
            for (guess, spread) in [(0.0, 0.1), (0.0, 0.7), (0.5, 1.0), (-3.0, 0.5)] {
                for limit in [f64::NEG_INFINITY, -1.0, 0.5, 2.0] {
                    let coverage = coverage(truth, guess, spread, limit);
                    assert!((coverage - 0.8).abs() < 0.002, "{coverage} at {truth}, {guess}, {spread}, {limit}");
                }
            }
        }
    }

    #[test]
    fn right_guess_shortens_the_interval_and_lies_in_it() {
        let near = Guessed { estimate: 0.8, spread: 0.3, ..EXACT }.interval(0.8).unwrap();
        assert!(near.lo < 0.0 && near.hi > 0.5 && near.hi - near.lo < 2.2, "{near:?}");
    }

    #[test]
    fn estimate_at_its_limit_may_be_nothing() {
        let interval = Guessed { estimate: 2.0, spread: 0.5, ..EXACT }.interval_above(1.99, 0.8, 3.0).unwrap();
        assert!((interval.lo + 1.0).abs() < 1e-5 && interval.hi < 2.0, "{interval:?}");
    }

    #[test]
    fn stretched_normal_quantiles_are_students() {
        for freedom in [4.0, 9.0, 30.0, 300.0] {
            let student = StudentsT::new(0.0, 1.0, freedom).unwrap().inverse_cdf(0.9);
            let stretched = 1.281_551_565_544_600_4 * student_stretch(freedom, 0.8);
            assert!((stretched / student - 1.0).abs() < 0.003, "{freedom}: {stretched} is not {student}");
        }
    }

    #[test]
    fn senseless_input_has_no_interval() {
        for odd in [f64::NAN, f64::INFINITY, 0.0, -1.0] {
            assert_eq!(Guessed { error: odd, ..EXACT }.interval(0.8), None);
            assert_eq!(Guessed { spread: odd, ..EXACT }.interval(0.8), None);
        }
        assert_eq!(Guessed { estimate: f64::NAN, ..EXACT }.interval_above(0.0, 0.8, 3.0), None);
    }
}
