//! Sums of doubles whose bits depend on neither the order of the terms nor the width of the lanes.

const LANES: usize = 16;

/// Adds finite values.
///
/// Each is split on two grids of powers of two, coarse enough that the parts on a grid add without rounding, so any
/// order gives the same bits; what is below the second grid is less than 2^-64 of the greatest value for a million of
/// them. (Demmel and Nguyen, "Fast Reproducible Floating-Point Summation", 2013.)
#[inline(always)]
pub(super) fn sum(values: &[f64]) -> f64 {
    let largest = largest(values);
    if largest == 0.0 {
        return 0.0;
    }
    // 2^log_n >= n, and 2^(first - 1) >= the sum of the absolute values.
    let log_n = values.len().next_power_of_two().ilog2() as i32;
    let first = exponent(largest) + 2 + log_n;
    // A part that is left after rounding to the first grid is at most half of its step, 2^(first - 53).
    let second = first - 52 + log_n;
    let (coarse_pin, fine_pin) = (1.5 * power_of_two(first), 1.5 * power_of_two(second));
    let (mut coarse, mut fine) = ([0.0; LANES], [0.0; LANES]);
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            let on_coarse = (chunk[lane] + coarse_pin) - coarse_pin;
            coarse[lane] += on_coarse;
            fine[lane] += ((chunk[lane] - on_coarse) + fine_pin) - fine_pin;
        }
    }
    for (lane, &value) in rest.iter().enumerate() {
        let on_coarse = (value + coarse_pin) - coarse_pin;
        coarse[lane] += on_coarse;
        fine[lane] += ((value - on_coarse) + fine_pin) - fine_pin;
    }
    coarse.iter().sum::<f64>() + fine.iter().sum::<f64>()
}

#[inline(always)]
fn largest(values: &[f64]) -> f64 {
    let greater = |a: f64, b: f64| if a > b { a } else { b };
    let mut lanes = [0.0; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            lanes[lane] = greater(chunk[lane].abs(), lanes[lane]);
        }
    }
    rest.iter().chain(&lanes).fold(0.0, |largest, v| greater(v.abs(), largest))
}

/// The exponent of a normal number.
fn exponent(value: f64) -> i32 {
    (value.to_bits() >> 52 & 0x7FF) as i32 - 1023
}

fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((exponent + 1023) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn small_terms_are_not_lost_beside_large_ones() {
        // 1 + 2^-60 - 1, which plain addition takes for nothing.
        let tiny = 2.0_f64.powi(-60);
        assert_eq!(sum(&[1.0, tiny, -1.0]), tiny);
    }

    proptest! {
        #[test]
        fn order_changes_no_bit(mut values in proptest::collection::vec(-1e12..1e12_f64, 0..300)) {
            let expected = sum(&values);
            values.sort_by(f64::total_cmp);
            prop_assert_eq!(sum(&values).to_bits(), expected.to_bits());
        }
    }
}
