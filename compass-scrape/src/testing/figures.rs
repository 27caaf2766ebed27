//! Numbers as TikTok shows them: rounded half up, and abbreviated.

use compass_core::Count;

/// A counter as it stands in `stats`.
pub(super) fn rounded(n: u64) -> u64 {
    let step = match n {
        0..10_000 => return n,
        10_000..1_000_000 => 100,
        1_000_000..1_000_000_000 => 100_000,
        _ => 100_000_000,
    };
    (n + step / 2) / step * step
}

/// The one number that a counter is shown as.
pub(super) fn value(count: Count) -> u64 {
    count.midpoint()
}

/// A counter that is so many times what it was.
pub(super) fn scaled(count: Option<Count>, factor: f64) -> Option<Count> {
    count.and_then(|count| Count::exact((value(count) as f64 * factor).floor().max(0.0) as u64).ok())
}

/// The sum of likes as a signed number of 32 bits holds it.
pub(super) fn overflowed(n: u64) -> i64 {
    let low = u32::try_from(n & u64::from(u32::MAX)).expect("32 bits are left");
    i64::from(low.cast_signed())
}

/// A counter as the page shows it: `7570`, `13.6K`, `4M`; `13,6K` where the decimal sign is a comma.
pub(super) fn abbreviated(n: u64, decimal: char) -> String {
    let n = rounded(n);
    let (unit, suffix) = match n {
        0..10_000 => return n.to_string(),
        10_000..1_000_000 => (1_000, "K"),
        1_000_000..1_000_000_000 => (1_000_000, "M"),
        _ => (1_000_000_000, "B"),
    };
    match (n / unit, n % unit * 10 / unit) {
        (whole, 0) => format!("{whole}{suffix}"),
        (whole, tenth) => format!("{whole}{decimal}{tenth}{suffix}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_rounded_half_up_from_ten_thousand() {
        for (n, shown, text) in [
            (7_570, 7_570, "7570"),
            (9_999, 9_999, "9999"),
            (13_049, 13_000, "13K"),
            (15_955, 16_000, "16K"),
            (38_490, 38_500, "38.5K"),
            (593_024, 593_000, "593K"),
            (999_960, 1_000_000, "1M"),
            (1_776_621, 1_800_000, "1.8M"),
            (1_150_000_000, 1_200_000_000, "1.2B"),
        ] {
            assert_eq!((rounded(n), abbreviated(n, '.').as_str()), (shown, text), "{n}");
        }
    }

    #[test]
    fn sum_of_likes_beyond_32_bits_is_what_a_captured_account_showed() {
        assert_eq!(overflowed(11_907_467_940), -977_433_948);
        assert_eq!(overflowed(2_147_483_647), 2_147_483_647);
    }
}
