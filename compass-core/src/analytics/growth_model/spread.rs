//! How far growth is from what is expected: the interval that holds 80 % of the videos.

use super::{GrowthPair, curve::Curve};

/// The interval's ends as multiples of the expected growth, by expected growth.
///
/// A video that outgrows the others does so over a week as over a month, so that what scatters is a factor; and this
/// factor scatters more where little growth is expected.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spread {
    /// In order of the growth.
    nodes: Vec<Node>,
}

/// The ends among the pairs of about one expected growth.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Node {
    growth: f64,
    lo: f64,
    hi: f64,
}

/// Added to the expected growth before a factor is applied: where none is expected, some is seen.
const FLOOR: f64 = 0.001;

/// Built in: between no growth and three times the expected one, wider than any corpus seen had it on the whole.
const PRIOR: Node = Node { growth: 0.0, lo: 0.0, hi: 3.0 };

impl Spread {
    pub(super) fn prior() -> Self {
        Self { nodes: vec![PRIOR] }
    }

    /// Reads the ends off neighbouring pairs: split conformal prediction (Lei et al., "Distribution-free predictive
    /// inference for regression", JASA 113, 2018) within neighbourhoods of the expected growth.
    ///
    /// The factor of a pair is its growth over what a curve expects that has not seen the pair (five folds).
    pub(super) fn fit(pairs: &[GrowthPair]) -> Self {
        const FOLDS: usize = 5;
        const NODES: usize = 48;
        let mut factors: Vec<(f64, f64)> = Vec::with_capacity(pairs.len());
        for fold in 0..FOLDS {
            let unseen = Curve::fit(pairs.iter().enumerate().filter(|(i, _)| i % FOLDS != fold).map(|(_, pair)| pair));
            factors.extend(pairs.iter().skip(fold).step_by(FOLDS).map(|pair| {
                let expected = unseen.at(pair.to_age) - unseen.at(pair.from_age);
                (expected, pair.log_growth() / (expected + FLOOR))
            }));
        }
        factors.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let neighbours = (4.0 * (pairs.len() as f64).sqrt()).max(60.0).round() as usize;
        let neighbours = neighbours.min(factors.len());
        let mut nodes: Vec<Node> = Vec::with_capacity(NODES);
        for i in 0..NODES {
            let first = (factors.len() - neighbours) * i / (NODES - 1);
            let near = &factors[first..first + neighbours];
            let growth = near[near.len() / 2].0;
            if nodes.last().is_none_or(|last| last.growth < growth) {
                let (lo, hi) = ends(near.iter().map(|&(_, factor)| factor).collect());
                nodes.push(Node { growth, lo, hi });
            }
        }
        Self { nodes }
    }

    /// The same with the built-in ends mixed in; `weight` of 1 leaves it as it is.
    pub(super) fn blended_with_prior(mut self, weight: f64) -> Self {
        for node in &mut self.nodes {
            node.lo = weight * node.lo + (1.0 - weight) * PRIOR.lo;
            node.hi = weight * node.hi + (1.0 - weight) * PRIOR.hi;
        }
        self
    }

    /// The ends of the interval where this much growth is expected.
    pub(super) fn around(&self, growth: f64) -> (f64, f64) {
        let above = self.nodes.partition_point(|node| node.growth <= growth);
        let (lo, hi) = match (above.checked_sub(1).map(|i| self.nodes[i]), self.nodes.get(above)) {
            (Some(a), Some(b)) => {
                let part = (growth - a.growth) / (b.growth - a.growth);
                (a.lo + part * (b.lo - a.lo), a.hi + part * (b.hi - a.hi))
            }
            (Some(a), None) => (a.lo, a.hi),
            (None, Some(b)) => (b.lo, b.hi),
            (None, None) => (PRIOR.lo, PRIOR.hi),
        };
        let scale = growth + FLOOR;
        (scale * lo, scale * hi)
    }
}

/// The ends that hold 80 % of the values.
///
/// Often a tenth and more of the counters have not moved at all between two looks. The values at the lower end are then
/// inside, all of them, and the upper end is to cut off more than a tenth.
fn ends(mut values: Vec<f64>) -> (f64, f64) {
    values.sort_unstable_by(f64::total_cmp);
    // Whole numbers: in floats a tenth of a hundred is less than ten.
    let one_more = values.len() + 1;
    let lo = values[(one_more / 10).saturating_sub(1)];
    let below = values.partition_point(|&v| v < lo);
    let hi = below + (one_more * 8).div_ceil(10);
    (lo, values[hi.min(values.len()) - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_cut_a_tenth_off_each_side() {
        assert_eq!(ends((1..=99).map(f64::from).collect()), (10.0, 89.0));
    }

    #[test]
    fn ends_hold_four_fifths_when_many_have_not_moved() {
        let mut values = vec![0.0; 40];
        values.extend((1..=59).map(f64::from));
        let (lo, hi) = ends(values.clone());
        let inside = values.iter().filter(|v| (lo..=hi).contains(v)).count();
        assert_eq!((lo, hi, inside), (0.0, 40.0, 80));
    }

    #[test]
    fn ends_of_equal_values_are_the_value() {
        assert_eq!(ends(vec![1.5; 70]), (1.5, 1.5));
        assert_eq!(ends(vec![2.0]), (2.0, 2.0));
    }
}
