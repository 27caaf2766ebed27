//! What errors of forecasts are worth whose days overlap.

/// The variance of what so many days in a row add up to, where neighbouring days go together.
#[derive(Debug)]
pub(super) struct Overlap {
    /// By number of days, in variances of one day.
    sums: Vec<f64>,
}

/// Errors that correlate by less count as independent.
const FAINT: f64 = 0.01;

impl Overlap {
    /// Of days that do not depend on each other.
    pub(super) fn of_independent(most: usize) -> Self {
        Self { sums: (0..=most).map(|days| days as f64).collect() }
    }

    /// Of days that depend on each other as the errors of the day ahead do, of origins a stride apart: as a first-order
    /// autoregression. Errors that take turns depend on each other no less than independent ones, as far as this goes.
    pub(super) fn of(errors: &[f64], stride: usize, most: usize) -> Self {
        let pairs = errors.windows(2).filter(|two| !two[0].is_nan() && !two[1].is_nan());
        let (square, product) =
            pairs.fold((0.0, 0.0), |(square, product), two| (square + two[0] * two[0], product + two[0] * two[1]));
        let stepwise = if square > 0.0 { (product / square).clamp(0.0, 0.9) } else { 0.0 };
        let daily = stepwise.powf(1.0 / stride as f64);
        let (mut sum, mut covered, mut power) = (0.0, 0.0, 1.0);
        let mut sums = vec![0.0];
        for _ in 0..most {
            // One more day adds its own variance, and twice what it shares with those before.
            sum += 1.0 + 2.0 * covered;
            power *= daily;
            covered += power;
            sums.push(sum);
        }
        Self { sums }
    }

    /// What `n` errors of `ahead` days are worth in independent ones, of origins a stride apart: for a variance estimated
    /// from n normal values with correlations r it is n² / sum of r².
    ///
    /// Of independent days, two errors `k` days apart correlate by 1 - k / ahead. `grown` is the variance of these errors
    /// in that of errors one day ahead: where it grew less than the days' sum does, the errors are in part those of single
    /// looks, which they do not share.
    pub(super) fn worth(&self, n: usize, stride: usize, ahead: usize, grown: f64) -> f64 {
        let of = |days: usize| self.sums[days.min(self.sums.len() - 1)];
        let variance = of(ahead);
        let shared = if ahead > 1 { ((1.0 - 1.0 / grown) / (1.0 - 1.0 / variance)).clamp(0.0, 1.0) } else { 1.0 };
        let mut sum = n as f64;
        for apart in 1..n {
            let days = apart * stride;
            // Of sums over [0, ahead) and [days, days + ahead), by the variances of the differences of their ends.
            let covariance = f64::midpoint(of(days + ahead), of(days.abs_diff(ahead))) - of(days);
            let correlation = shared * covariance / variance;
            if correlation <= FAINT {
                break;
            }
            sum += 2.0 * (n - apart) as f64 * correlation * correlation;
        }
        if n == 0 { 0.0 } else { (n * n) as f64 / sum }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten errors two days ahead: neighbours correlate by a half, so that they are worth 100 / (10 + 2 x 9 / 4).
    #[test]
    fn overlapping_errors_of_independent_days_are_worth_less() {
        let independent = Overlap::of_independent(100);
        assert!((independent.worth(10, 1, 2, 2.0) - 100.0 / 14.5).abs() < 1e-12);
        assert_eq!(independent.worth(10, 2, 2, 2.0), 10.0, "no day is shared");
        assert_eq!(independent.worth(10, 1, 1, 1.0), 10.0);
        assert_eq!(independent.worth(0, 1, 3, 3.0), 0.0);
    }

    /// Days with autocorrelation r: errors one day ahead correlate by r^k, and the variance of two days is 2 + 2 r.
    #[test]
    fn dependent_days_make_errors_worth_less_still() {
        let mut state = 7_u64;
        let mut before = 0.0;
        let errors: Vec<f64> = (0..20_000)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                before = 0.5 * before + (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
                before
            })
            .collect();
        let overlap = Overlap::of(&errors, 1, 100);
        assert!((overlap.sums[2] - 3.0).abs() < 0.05, "{}", overlap.sums[2]);
        // 1 / (1 + 2 x (1/4 + 1/16 + ...)) = 3/5 of many.
        assert!((overlap.worth(1_000, 1, 1, 1.0) / 1_000.0 - 0.6).abs() < 0.03);
    }

    /// The errors of a line through noisy looks do not grow with the days, and share none of them.
    #[test]
    fn errors_that_do_not_grow_are_independent() {
        let independent = Overlap::of_independent(100);
        assert_eq!(independent.worth(50, 1, 7, 1.0), 50.0);
        assert!(independent.worth(50, 1, 7, 3.0) > independent.worth(50, 1, 7, 7.0));
    }
}
