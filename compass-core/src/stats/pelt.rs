//! Where the mean of a series changes.

/// The change-points of a piecewise constant mean: where each segment after the first begins.
///
/// Among all ways to cut the series into segments of at least `min_size` values, it is the one with the least sum of
/// squared distances from the segments' means plus `penalty` for each segment: Killick, Fearnhead and Eckley, "Optimal
/// detection of changepoints with a linear computational cost", JASA 107 (2012); ruptures' `Pelt(model="l2", jump=1)`
/// gives the same ends, and that of the series after them. A start that cannot win is dropped only `min_size` values
/// later than ruptures drops it: until then, the rival that beats it cannot end a segment yet.
///
/// Of equally good cuts, the one whose last segment is longest. `None` if a value is not finite or their squares are
/// not, or if the penalty is not positive.
#[must_use]
pub fn pelt(values: &[f64], min_size: usize, penalty: f64) -> Option<Vec<usize>> {
    let (n, min_size) = (values.len(), min_size.max(1));
    let costs = Costs::new(values)?;
    if !(penalty > 0.0 && penalty.is_finite()) {
        return None;
    }
    // The least cost of the first so many values, and where their last segment begins.
    let mut least = vec![0.0; n + 1];
    let mut begins = vec![0; n + 1];
    let mut starts: Vec<Start> = Vec::with_capacity(n);
    for end in min_size..=n {
        let newest = end - min_size;
        if newest == 0 || newest >= min_size {
            let base = least[newest] - costs.squares[newest];
            starts.push(Start { at: newest, base, sum: costs.sums[newest], cost: 0.0, until: usize::MAX });
        }
        let mut best = (f64::INFINITY, 0);
        let (sum, squares) = (costs.sums[end], costs.squares[end]);
        for start in &mut starts {
            let of_segment = sum - start.sum;
            start.cost = start.base + squares - of_segment * of_segment * costs.inverse[end - start.at];
            if start.cost < best.0 {
                best = (start.cost, start.at);
            }
        }
        (least[end], begins[end]) = (best.0 + penalty, best.1);
        let beaten_by = least[end] + costs.rounding;
        let mut lapsed = false;
        for start in &mut starts {
            if start.until == usize::MAX && start.cost > beaten_by {
                start.until = end + min_size;
            }
            lapsed |= start.until <= end + 1;
        }
        if lapsed {
            starts.retain(|start| start.until > end + 1);
        }
    }
    let mut cuts = Vec::new();
    let mut end = n;
    while begins[end] > 0 {
        end = begins[end];
        cuts.push(end);
    }
    cuts.reverse();
    Some(cuts)
}

/// Where a segment may begin.
struct Start {
    at: usize,
    /// The least cost of what is before, less the squares before.
    base: f64,
    /// The sum of what is before.
    sum: f64,
    /// The least cost of what is before and of the segment from here to the end at hand.
    cost: f64,
    /// From this end on it cannot win.
    until: usize,
}

/// Sums over the first so many values, which are taken from their mean: otherwise their squares would drown the costs.
struct Costs {
    sums: Vec<f64>,
    squares: Vec<f64>,
    /// One over each length: a product is faster than a quotient.
    inverse: Vec<f64>,
    /// Costs closer than this are equal.
    rounding: f64,
}

impl Costs {
    fn new(values: &[f64]) -> Option<Self> {
        let n = values.len() as f64;
        let centre = values.iter().map(|v| v / n).sum::<f64>();
        let (mut sum, mut square) = (0.0, 0.0);
        let (mut sums, mut squares) = (vec![0.0], vec![0.0]);
        for value in values {
            let value = value - centre;
            sum += value;
            square += value * value;
            sums.push(sum);
            squares.push(square);
        }
        let inverse = (0..=values.len()).map(|length| 1.0 / length as f64).collect();
        let rounding = 1e-13 * square;
        (sum * sum + square).is_finite().then_some(Self { sums, squares, inverse, rounding })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Twenty values about 10, fifteen about 14 and twenty-five about 8.5.
    const STEPS: [f64; 60] = [
        9.72, 11.49, 9.13, 10.97, 8.32, 9.67, 10.16, 10.59, 10.71, 10.79, 9.65, 9.54, 10.86, 9.81, 8.72, 8.87, 9.08,
        10.5, 10.14, 10.69, 13.57, 14.16, 14.63, 13.69, 14.46, 13.34, 13.64, 13.62, 12.8, 14.49, 13.53, 14.01, 14.48,
        14.45, 14.67, 8.9, 8.58, 8.92, 7.31, 7.55, 7.68, 8.0, 9.4, 8.09, 8.62, 10.3, 8.64, 9.74, 8.07, 8.79, 8.05,
        8.66, 9.84, 7.27, 9.43, 9.24, 8.41, 7.55, 9.07, 8.47,
    ];

    /// `ruptures.Pelt("l2", min_size=3, jump=1)` and `ruptures.Dynp` for two changes, ruptures 1.1.10.
    #[test]
    fn change_points_are_those_of_ruptures() {
        for penalty in [8.188_689, 5.0, 20.0] {
            assert_eq!(pelt(&STEPS, 3, penalty), Some(vec![20, 35]), "penalty {penalty}");
        }
    }

    #[test]
    fn a_large_level_does_not_hide_changes() {
        let high: Vec<f64> = STEPS.iter().map(|v| v + 1e9).collect();
        assert_eq!(pelt(&high, 3, 5.0), Some(vec![20, 35]));
    }

    #[test]
    fn short_constant_or_senseless_series_have_defined_answers() {
        assert_eq!(pelt(&[], 3, 1.0), Some(vec![]));
        assert_eq!(pelt(&[1.0, 9.0], 3, 1.0), Some(vec![]));
        assert_eq!(pelt(&[1.0, 1.0, 1.0, 9.0, 9.0], 3, 1.0), Some(vec![]));
        assert_eq!(pelt(&[4.2; 100], 3, 1e-9), Some(vec![]));
        assert_eq!(pelt(&[1.0, f64::NAN, 1.0], 1, 1.0), None);
        assert_eq!(pelt(&[f64::MAX, -f64::MAX], 1, 1.0), None);
        assert_eq!(pelt(&STEPS, 3, 0.0), None);
    }

    fn cost(values: &[f64], cuts: &[usize], penalty: f64) -> f64 {
        let ends: Vec<usize> = cuts.iter().copied().chain([values.len()]).collect();
        let starts = std::iter::once(0).chain(cuts.iter().copied());
        starts
            .zip(ends)
            .map(|(from, to)| {
                let segment = &values[from..to];
                let mean = segment.iter().sum::<f64>() / segment.len() as f64;
                segment.iter().map(|v| (v - mean).powi(2)).sum::<f64>() + penalty
            })
            .sum()
    }

    /// The least cost over all cuts: every end after every start (Jackson and others, 2005), nothing left out.
    fn least_cost(values: &[f64], min_size: usize, penalty: f64) -> f64 {
        let mut least = vec![f64::INFINITY; values.len() + 1];
        least[0] = 0.0;
        for end in min_size..=values.len() {
            for start in 0..=end - min_size {
                least[end] = least[end].min(least[start] + cost(&values[start..end], &[], penalty));
            }
        }
        least[values.len()]
    }

    fn values() -> impl Strategy<Value = Vec<f64>> {
        let noisy = proptest::collection::vec(-10.0..10.0_f64, 3..70);
        let tied = proptest::collection::vec((0..3_i32).prop_map(f64::from), 3..70);
        let steps = proptest::collection::vec((1..12_usize, -5..5_i32, 0.0..1.0_f64), 1..8).prop_map(|segments| {
            let flat = |(length, level, noise): (usize, i32, f64)| {
                (0..length).map(move |i| f64::from(level) + noise * (i as f64 * 1.7).sin())
            };
            [0.0; 3].into_iter().chain(segments.into_iter().flat_map(flat)).collect()
        });
        prop_oneof![noisy, tied, steps]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn no_cut_costs_less(
            values in values(),
            min_size in 1..4_usize,
            penalty in prop_oneof![0.01..0.5_f64, 0.5..60.0_f64],
        ) {
            let cuts = pelt(&values, min_size, penalty).unwrap();
            let bounds: Vec<usize> = [0].into_iter().chain(cuts.clone()).chain([values.len()]).collect();
            prop_assert!(bounds.windows(2).all(|w| w[1] - w[0] >= min_size), "{:?}", cuts);
            let (ours, least) = (cost(&values, &cuts, penalty), least_cost(&values, min_size, penalty));
            // Costs are sums of up to seventy squares of up to a hundred.
            prop_assert!((ours - least).abs() <= 1e-9 * least.max(1.0), "{ours} is not {least}: {cuts:?}");
        }
    }
}
