//! Numbers with twice the digits of a float.

use std::cmp::Ordering;

/// The sum of two floats, the second at most half of the first's last digit: a number with twice the digits.
///
/// Dekker, "A floating-point technique for extending the available precision", Numerische Mathematik 18 (1971).
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub(super) struct Twofold {
    first: f64,
    rest: f64,
}

impl Twofold {
    /// `a - b`, exactly.
    pub(super) fn difference(a: f64, b: f64) -> Self {
        let first = a - b;
        let taken = first - a;
        Self { first, rest: (a - (first - taken)) - (b + taken) }
    }

    /// The product with a float.
    pub(super) fn times(self, factor: f64) -> Self {
        let first = self.first * factor;
        let [(a, a_rest), (b, b_rest)] = [self.first, factor].map(halves);
        let lost = ((a * b - first) + a * b_rest + a_rest * b) + a_rest * b_rest;
        Self { first, rest: lost + self.rest * factor }
    }

    /// The number less another.
    pub(super) fn less(self, other: Self) -> Self {
        let Self { first, rest } = Self::difference(self.first, other.first);
        let rest = rest + (self.rest - other.rest);
        let sum = first + rest;
        // Adding zero takes the sign off a negative one: both are the same height.
        Self { first: sum + 0.0, rest: (first - sum) + rest + 0.0 }
    }

    /// The order of the numbers, for all floats.
    pub(super) fn total_cmp(self, other: Self) -> Ordering {
        self.first.total_cmp(&other.first).then(self.rest.total_cmp(&other.rest))
    }
}

/// The leading half of a float's digits, and the others.
fn halves(value: f64) -> (f64, f64) {
    let scaled = value * ((1_u64 << 27) + 1) as f64;
    let leading = scaled - (scaled - value);
    (leading, value - leading)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_float_loses_is_in_the_rest() {
        assert_eq!(Twofold::difference(1.0, 1e-20), Twofold { first: 1.0, rest: -1e-20 });
        // (1 + 2^-30)^2 = 1 + 2^-29 + 2^-60
        let near_one = 1.0 + 0.5_f64.powi(30);
        let square = Twofold::difference(near_one, 0.0).times(near_one);
        assert_eq!(square, Twofold { first: 1.0 + 0.5_f64.powi(29), rest: 0.5_f64.powi(60) });
        let left = square.less(Twofold::difference(1.0 + 0.5_f64.powi(29), 0.0));
        assert_eq!(left, Twofold { first: 0.5_f64.powi(60), rest: 0.0 });
        assert_eq!(left.total_cmp(square), Ordering::Less);
        assert_eq!(left.less(left).total_cmp(Twofold::default()), Ordering::Equal);
    }
}
