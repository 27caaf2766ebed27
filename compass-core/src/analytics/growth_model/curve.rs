//! The expected growth of log views with age: a broken line in the logarithm of age.

use super::GrowthPair;

/// Ages where the line may bend, days.
const KNOTS: [f64; SEGMENTS + 1] =
    [1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 14.0, 21.0, 30.0, 45.0, 60.0, 90.0, 180.0, 365.0, 730.0, 3_650.0];
const SEGMENTS: usize = 15;

/// Growth of log views per unit of log age in each segment, of 10,000 videos in June 2025: from day 1-2 views double
/// within a fortnight, from day 3-5 they grow 1.32 times, from day 7-10 1.17 times, from day 30-60 1.08 times. Past 60
/// days nothing was measured: growth is taken to halve from segment to segment.
const PRIOR: [f64; SEGMENTS] =
    [0.48, 0.48, 0.30, 0.17, 0.19, 0.16, 0.16, 0.17, 0.22, 0.28, 0.14, 0.07, 0.035, 0.017_5, 0.008_75];

/// The built-in figure of a segment weighs as much as so many pairs that span the segment.
const PRIOR_PAIRS: f64 = 5.0;

/// Residuals of log views below this size weigh alike: a counter of three digits ("33.4M") does not tell them apart.
const RESOLUTION: f64 = 0.005;

/// An increasing function of age; only differences of it mean something.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Curve {
    log_knots: [f64; SEGMENTS + 1],
    at_knots: [f64; SEGMENTS + 1],
    slopes: [f64; SEGMENTS],
}

impl Curve {
    pub(super) fn prior() -> Self {
        Self::of_slopes(PRIOR)
    }

    /// Least absolute deviations with slopes that are not negative, by reweighted least squares (Schlossmacher, "An
    /// iterative technique for absolute deviations curve fitting", JASA 68, 1973), each solved by coordinate descent.
    pub(super) fn fit<'a>(pairs: impl Iterator<Item = &'a GrowthPair>) -> Self {
        const ROUNDS: usize = 40;
        let prior = Self::prior();
        let rows: Vec<Row> = pairs
            .map(|pair| prior.row(pair.from_age, pair.to_age, pair.log_growth(), 1.0))
            .chain(
                KNOTS
                    .windows(2)
                    .zip(PRIOR)
                    .map(|(ends, slope)| prior.row(ends[0], ends[1], slope * (ends[1] / ends[0]).ln(), PRIOR_PAIRS)),
            )
            .collect();
        let mut slopes = PRIOR;
        for _ in 0..ROUNDS {
            let before = slopes;
            improve(&mut slopes, &rows);
            if slopes.iter().zip(before).all(|(now, before)| (now - before).abs() < 1e-9) {
                break;
            }
        }
        Self::of_slopes(slopes)
    }

    /// Its value at an age from [`KNOTS`]' first to its last, days.
    pub(super) fn at(&self, age: f64) -> f64 {
        let k = segment(age);
        self.at_knots[k] + self.slopes[k] * (age.ln() - self.log_knots[k])
    }

    /// The earliest age at which it reaches a value; `None` if that is outside the first and the last knot.
    pub(super) fn reaches(&self, value: f64) -> Option<f64> {
        let k = self.at_knots.partition_point(|&at| at < value);
        if k == 0 {
            return (value == self.at_knots[0]).then_some(KNOTS[0]);
        }
        let (from, slope) = (*self.at_knots.get(k - 1)?, *self.slopes.get(k - 1)?);
        // The next knot is not below the value and this one is, so the slope between them is positive.
        Some((self.log_knots[k - 1] + (value - from) / slope).exp().min(KNOTS[k]))
    }

    fn of_slopes(slopes: [f64; SEGMENTS]) -> Self {
        let log_knots = KNOTS.map(f64::ln);
        let mut at_knots = [0.0; SEGMENTS + 1];
        for k in 0..SEGMENTS {
            at_knots[k + 1] = at_knots[k] + slopes[k] * (log_knots[k + 1] - log_knots[k]);
        }
        Self { log_knots, at_knots, slopes }
    }

    fn row(&self, from_age: f64, to_age: f64, growth: f64, weight: f64) -> Row {
        let (from, to) = (from_age.ln(), to_age.ln());
        let (first, last) = (segment(from_age), segment(to_age));
        let mut spans = [0.0; SEGMENTS];
        for (k, span) in spans.iter_mut().enumerate().take(last + 1).skip(first) {
            *span = (to.min(self.log_knots[k + 1]) - from.max(self.log_knots[k])).max(0.0);
        }
        Row { spans, first, last, growth, weight }
    }
}

/// A pair as the fit sees it: how much of each segment it spans, and how much it grew.
struct Row {
    spans: [f64; SEGMENTS],
    first: usize,
    last: usize,
    growth: f64,
    weight: f64,
}

/// One round of reweighted least squares.
fn improve(slopes: &mut [f64; SEGMENTS], rows: &[Row]) {
    const SWEEPS: usize = 20;
    let mut squares = [[0.0; SEGMENTS]; SEGMENTS];
    let mut products = [0.0; SEGMENTS];
    for row in rows {
        let touched = row.first..=row.last;
        let expected: f64 = touched.clone().map(|k| row.spans[k] * slopes[k]).sum();
        let weight = row.weight / (row.growth - expected).abs().max(RESOLUTION);
        for j in touched.clone() {
            let weighted = weight * row.spans[j];
            products[j] += weighted * row.growth;
            for k in touched.clone() {
                squares[j][k] += weighted * row.spans[k];
            }
        }
    }
    for _ in 0..SWEEPS {
        for k in 0..SEGMENTS {
            let others: f64 = (0..SEGMENTS).filter(|&j| j != k).map(|j| squares[k][j] * slopes[j]).sum();
            // Positive: the built-in figure of the segment spans it.
            slopes[k] = ((products[k] - others) / squares[k][k]).max(0.0);
        }
    }
}

/// The segment that an age lies in.
fn segment(age: f64) -> usize {
    KNOTS[1..SEGMENTS].partition_point(|&knot| knot <= age)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The four factors of June 2025, from the middle of each range of ages over the next 14 days.
    #[test]
    fn prior_grows_by_the_measured_factors() {
        let prior = Curve::prior();
        for (from, factor) in [(1.5, 2.0), (4.0, 1.32), (8.5, 1.17), (45.0, 1.08)] {
            let got = (prior.at(from + 14.0) - prior.at(from)).exp();
            assert!((got / factor - 1.0_f64).abs() < 0.025, "{got} is not {factor}");
        }
    }

    #[test]
    fn age_that_reaches_a_value_is_the_age_of_the_value() {
        let prior = Curve::prior();
        for age in [1.0, 1.3, 2.0, 29.0, 90.0, 3_000.0, 3_650.0] {
            let back = prior.reaches(prior.at(age)).unwrap();
            assert!((back / age - 1.0).abs() < 1e-9, "{back} is not {age}");
        }
        assert_eq!(prior.reaches(-0.1), None);
        assert_eq!(prior.reaches(1e9), None);
    }

    /// Pairs without noise give the line back, wherever they span it.
    #[test]
    fn exact_pairs_give_their_slopes_back() {
        let planted = |age: f64| 2.0 * (1.0 - (-age / 20.0).exp());
        let pairs: Vec<GrowthPair> = (0..2_000)
            .map(|i| {
                let from_age = 1.0 + f64::from(i % 97);
                let to_age = from_age + 1.0 + f64::from(i % 13) * 2.0;
                let to_views = 1e6 * (planted(to_age) - planted(from_age)).exp();
                GrowthPair { from_age, to_age, from_views: 1e6, to_views }
            })
            .collect();
        let curve = Curve::fit(pairs.iter());
        for (from, to) in [(1.0, 7.0), (3.0, 30.0), (10.0, 60.0), (2.0, 90.0)] {
            let (got, expected) = (curve.at(to) - curve.at(from), planted(to) - planted(from));
            assert!((got - expected).abs() < 0.04, "{from} to {to}: {got} is not {expected}");
        }
    }

    #[test]
    fn one_wild_video_does_not_bend_the_line() {
        let pair = |to_views| GrowthPair { from_age: 7.0, to_age: 10.0, from_views: 1e5, to_views };
        let calm = vec![pair(1.1e5); 200];
        let mut wild = calm.clone();
        wild.extend([pair(1e12); 20]);
        let (calm, wild) = (Curve::fit(calm.iter()), Curve::fit(wild.iter()));
        assert!(((calm.at(10.0) - calm.at(7.0)) - 1.1_f64.ln()).abs() < 1e-3);
        assert!(((wild.at(10.0) - wild.at(7.0)) - 1.1_f64.ln()).abs() < 5e-3);
    }
}
