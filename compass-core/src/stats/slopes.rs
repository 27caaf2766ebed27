//! Order statistics of the slopes of all pairs of points, without looking at all pairs.

use rand_core::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{inversions::pairs_not_rising, twofold::Twofold};

/// Up to so many points every pair is looked at.
const FEW: usize = 100;

/// A bracket that holds at most so many slopes a point is looked through.
const CANDIDATES: u64 = 8;

/// The slopes of all pairs of points whose x differ.
///
/// The number of slopes up to a given one is that of the pairs that fall when the slope is taken off the line (Cole,
/// Salowe, Steiger and Szemerédi, "An optimal-time algorithm for slope selection", SIAM J. Comput. 18 (1989)), so a
/// rank is bracketed by a random sample (Matoušek, "Randomized optimal algorithm for slope selection", 1991) and a few
/// counts, and the slopes that are left are looked at.
///
/// What is left of a height when a slope is taken off it has twice the digits of a float. Those of one would not do: two
/// points that nearly stand above each other beside a long line, or small steps beside a huge one, lose their order to
/// rounding, and with it the rank.
#[derive(Debug)]
pub(super) struct Slopes {
    /// By x, then y.
    points: Vec<(f64, f64)>,
    /// Where the points lie as seen from the middle one.
    seen: Vec<(Twofold, Twofold)>,
    count: u64,
    /// Every slope is between these.
    below: f64,
    above: f64,
}

/// Slopes above `above` and up to `to`; so many are at most each end.
#[derive(Clone, Copy, Debug)]
struct Bracket {
    above: (f64, u64),
    to: (f64, u64),
}

impl Slopes {
    /// `None` if the slices differ in length, hold a value that is not finite, or have no two different x, and if a
    /// slope is too steep to be told.
    pub(super) fn new(x: &[f64], y: &[f64]) -> Option<Self> {
        if x.len() != y.len() || x.iter().chain(y).any(|v| !v.is_finite()) {
            return None;
        }
        // Adding zero takes the sign off a negative one, which stands at the same place.
        let mut points: Vec<(f64, f64)> = x.iter().zip(y).map(|(x, y)| (x + 0.0, y + 0.0)).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let pairs = |n: usize| n as u64 * n.saturating_sub(1) as u64 / 2;
        let moments: Vec<&[(f64, f64)]> = points.chunk_by(|a, b| a.0 == b.0).collect();
        let count = pairs(points.len()) - moments.iter().map(|moment| pairs(moment.len())).sum::<u64>();
        // The steepest slopes of all are between neighbours.
        let (mut lowest, mut highest) = (f64::INFINITY, f64::NEG_INFINITY);
        for neighbours in moments.windows(2) {
            let (before, after) = (neighbours[0], neighbours[1]);
            lowest = lowest.min(slope(before[before.len() - 1], after[0]));
            highest = highest.max(slope(before[0], after[after.len() - 1]));
        }
        let (below, above) = (lowest.next_down(), highest.next_up());
        let origin = *points.get(points.len() / 2)?;
        let spans = |values: &[f64]| {
            let ends = values.iter().fold((f64::MAX, f64::MIN), |(lo, hi), v| (v.min(lo), v.max(hi)));
            (ends.1 - ends.0).is_finite()
        };
        let seen = |&(x, y): &(f64, f64)| (Twofold::difference(x, origin.0), Twofold::difference(y, origin.1));
        let seen = points.iter().map(seen).collect();
        // Without a slope both ends are still infinite, and the next number of an infinite one is finite.
        let told = count > 0 && below.is_finite() && above.is_finite() && spans(x) && spans(y);
        told.then_some(Self { points, seen, count, below, above })
    }

    /// How many slopes there are; at least one.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// The ranks of the two middle slopes, which are one if their number is odd.
    pub(super) fn middle(&self) -> [u64; 2] {
        [(self.count - 1) / 2, self.count / 2]
    }

    /// The slopes of ascending ranks, from 0.
    pub(super) fn ranked<const K: usize>(&self, ranks: [u64; K]) -> Option<[f64; K]> {
        if self.points.len() <= FEW {
            return Some(self.ranked_among_all(ranks));
        }
        let sample = self.sample();
        let mut counter = Counter::new(self);
        let mut found: Vec<f64> = Vec::with_capacity(K);
        while found.len() < K {
            let wanted = &ranks[found.len()..];
            let bracket = self.bracket(wanted[0], &sample, &mut counter);
            let mut candidates = self.candidates(bracket);
            let Some(last) = candidates.len().checked_sub(1) else {
                found.push(f64::midpoint(bracket.above.0, bracket.to.0));
                continue;
            };
            // Ranks close by are often in the same bracket.
            for rank in wanted.iter().take_while(|&&rank| rank < bracket.to.1) {
                let place = rank.saturating_sub(bracket.above.1).min(last as u64) as usize;
                found.push(*candidates.select_nth_unstable_by(place, f64::total_cmp).1);
            }
        }
        found.try_into().ok()
    }

    fn ranked_among_all<const K: usize>(&self, ranks: [u64; K]) -> [f64; K] {
        let mut all = Vec::with_capacity(self.count as usize);
        for (i, &from) in self.points.iter().enumerate() {
            all.extend(self.points[i + 1..].iter().filter(|to| to.0 > from.0).map(|&to| slope(from, to)));
        }
        ranks.map(|rank| *all.select_nth_unstable_by(rank as usize, f64::total_cmp).1)
    }

    /// A bracket around a rank that holds few slopes, or as few as floats can tell apart.
    fn bracket(&self, rank: u64, sample: &[f64], counter: &mut Counter<'_>) -> Bracket {
        let few = CANDIDATES * self.points.len() as u64;
        let mut bracket = Bracket { above: (self.below, 0), to: (self.above, self.count) };
        let place = |rank: u64| sample.len() as f64 * (rank as f64 / self.count as f64);
        // Three standard deviations of a sample's quantile.
        let margin = 1.5 * (sample.len() as f64).sqrt();
        let nth = |place: f64| sample[(place.max(0.0) as usize).min(sample.len() - 1)];
        let (low, high) = (nth(place(rank) - margin), nth(place(rank) + margin));
        // Where many slopes are the same, the bracket is what rounding may make of it.
        let slack = 1e-13 * low.abs().max(high.abs());
        let mut probes = [(low - slack).next_down(), high + slack];
        let mut halve = false;
        loop {
            for probe in probes {
                if bracket.above.0 < probe && probe < bracket.to.0 {
                    let upto = (probe, counter.slopes_up_to(probe));
                    // One end moves, whatever the count: a probe between two ranks would move none.
                    if upto.1 <= rank {
                        bracket.above = upto;
                    } else {
                        bracket.to = upto;
                    }
                }
            }
            let (above, to) = (bracket.above, bracket.to);
            let (middle, width) = (halfway(above.0, to.0), to.0 - above.0);
            let indistinct = width <= 1e-12 * above.0.abs().max(to.0.abs()) || middle <= above.0 || middle >= to.0;
            if to.1 - above.1 <= few || indistinct {
                return bracket;
            }
            // Inside a bracket the slopes lie about evenly; where they do not, halving it leads on.
            let at = |rank: f64| above.0 + width * ((rank - above.1 as f64) / (to.1 - above.1) as f64);
            let aside = few as f64 / 4.0;
            probes = if halve { [middle, middle] } else { [at(rank as f64 - aside), at(rank as f64 + aside)] };
            halve = !halve;
        }
    }

    /// Where a point stands among all when a slope at an end of a bracket is taken off.
    ///
    /// Before the first slope and after the last the order is that of x. There it is not left to heights: the rounding
    /// of those far from the middle may turn a pair that nearly stand above each other before their slope is reached.
    fn standing(&self, point: usize, end: f64) -> Twofold {
        if end <= self.below {
            Twofold::difference(point as f64, 0.0)
        } else if end >= self.above {
            Twofold::difference(0.0, point as f64)
        } else {
            self.taken_off(point, end)
        }
    }

    /// The height of a point over a line of that slope through the middle one.
    fn taken_off(&self, point: usize, slope: f64) -> Twofold {
        let (x, y) = self.seen[point];
        y.less(x.times(slope))
    }

    /// Slopes of random pairs, ascending.
    fn sample(&self) -> Vec<f64> {
        let n = self.points.len() as u64;
        let mut random = Xoshiro256PlusPlus::seed_from_u64(n);
        let mut below = |n: u64| ((u128::from(random.next_u64()) * u128::from(n)) >> 64) as usize;
        let mut sample: Vec<f64> = (0..CANDIDATES * n)
            .filter_map(|_| {
                let (i, j) = (below(n), below(n));
                let (from, to) = (self.points[i.min(j)], self.points[i.max(j)]);
                (to.0 > from.0).then(|| slope(from, to))
            })
            .collect();
        if sample.is_empty() {
            sample.push(f64::midpoint(self.below, self.above));
        }
        sample.sort_unstable_by(f64::total_cmp);
        sample
    }

    /// The slopes in a bracket; of very many, the first that are met.
    fn candidates(&self, bracket: Bracket) -> Vec<f64> {
        let most = 2 * CANDIDATES as usize * self.points.len();
        let mut order: Vec<(Twofold, usize)> =
            (0..self.points.len()).map(|i| (self.standing(i, bracket.above.0), i)).collect();
        let x = |i: usize| self.points[i].0;
        // What is level at the lower end is not above it: the later point comes first.
        order.sort_unstable_by(|a, b| a.0.total_cmp(b.0).then(x(b.1).total_cmp(&x(a.1))).then(a.1.cmp(&b.1)));
        let mut found = Vec::with_capacity((bracket.to.1 - bracket.above.1).min(most as u64) as usize);
        let mut sorted: Vec<(Twofold, usize)> = Vec::with_capacity(order.len());
        // Each shift of an insertion sort by the upper end's order is a pair whose slope is in between; points of one
        // moment keep their places, but for the last bit of a height.
        for (_, i) in order {
            let value = self.standing(i, bracket.to.0);
            let mut at = sorted.len();
            sorted.push((value, i));
            while at > 0 && (sorted[at - 1].0 > value || sorted[at - 1].0 == value && x(sorted[at - 1].1) < x(i)) {
                let before = sorted[at - 1];
                if x(before.1) != x(i) {
                    found.push(slope(self.points[before.1], self.points[i]));
                    if found.len() == most {
                        return found;
                    }
                }
                sorted[at] = before;
                at -= 1;
            }
            sorted[at] = (value, i);
        }
        found
    }
}

/// Counts slopes up to a given one.
struct Counter<'a> {
    slopes: &'a Slopes,
    level: Vec<Twofold>,
    buffer: Vec<Twofold>,
}

impl<'a> Counter<'a> {
    fn new(slopes: &'a Slopes) -> Self {
        Self { slopes, level: Vec::with_capacity(slopes.points.len()), buffer: Vec::new() }
    }

    fn slopes_up_to(&mut self, limit: f64) -> u64 {
        self.level.clear();
        let points = &self.slopes.points;
        self.level.extend((0..points.len()).map(|i| self.slopes.taken_off(i, limit)));
        // Points of one x are by y, so only those that are level count as not rising, and they have no slope.
        let mut level_at_once = 0;
        let mut run = 0;
        for i in 1..points.len() {
            let same = points[i].0 == points[i - 1].0 && self.level[i] == self.level[i - 1];
            run = if same { run + 1 } else { 0 };
            level_at_once += run;
        }
        pairs_not_rising(&mut self.level, &mut self.buffer) - level_at_once
    }
}

/// The float with as many floats down to the one as up to the other: 64 steps lead anywhere, to zero too, which halving
/// the distance takes a thousand to reach.
fn halfway(low: f64, high: f64) -> f64 {
    // The order of floats is that of these numbers, as in `f64::total_cmp`.
    let flip = |bits: i64| bits ^ (((bits >> 63) as u64) >> 1) as i64;
    let (low, high) = (flip(low.to_bits() as i64), flip(high.to_bits() as i64));
    f64::from_bits(flip((low & high) + ((low ^ high) >> 1)) as u64)
}

fn slope(from: (f64, f64), to: (f64, f64)) -> f64 {
    (to.1 - from.1) / (to.0 - from.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all_pairs(x: &[f64], y: &[f64]) -> Vec<f64> {
        let pairs = (0..x.len()).flat_map(|i| (0..x.len()).map(move |j| (i, j))).filter(|&(i, j)| x[j] > x[i]);
        let mut slopes: Vec<f64> = pairs.map(|(i, j)| (y[j] - y[i]) / (x[j] - x[i])).collect();
        slopes.sort_unstable_by(f64::total_cmp);
        slopes
    }

    fn assert_ranks_are_those_of_all_pairs(x: &[f64], y: &[f64]) -> Result<(), TestCaseError> {
        let expected = all_pairs(x, y);
        let Some(slopes) = Slopes::new(x, y) else {
            prop_assert_eq!(expected.len(), 0);
            return Ok(());
        };
        prop_assert_eq!(slopes.count(), expected.len() as u64);
        let n = slopes.count();
        let [below, above] = slopes.middle();
        let ranks = [0, n / 50, n * 2 / 5, below, above, n * 3 / 5, n - 1];
        let got = slopes.ranked(ranks).expect("there are slopes");
        for (rank, got) in ranks.into_iter().zip(got) {
            let wanted = expected[rank as usize];
            // Slopes that only rounding tells apart count as one.
            prop_assert!((got - wanted).abs() <= 1e-11 * wanted.abs(), "rank {rank} of {n} is {wanted}, not {got}");
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn ranks_are_those_of_all_pairs(points in proptest::collection::vec((-1e3..1e3_f64, -1e6..1e6_f64), 2..400)) {
            let (x, y): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
            assert_ranks_are_those_of_all_pairs(&x, &y)?;
        }

        #[test]
        fn ranks_among_many_ties_are_those_of_all_pairs(
            points in proptest::collection::vec((0..300_i32, 0..4_i32), 101..500),
            step in prop_oneof![Just(1.0), Just(0.1), Just(1e9)],
        ) {
            let (x, y): (Vec<f64>, Vec<f64>) =
                points.into_iter().map(|(x, y)| (f64::from(x), f64::from(y) * step)).unzip();
            assert_ranks_are_those_of_all_pairs(&x, &y)?;
        }

        #[test]
        fn ranks_of_a_growing_counter_are_those_of_all_pairs(
            gains in proptest::collection::vec(-3..40_i32, 101..500),
            rounded in any::<bool>(),
        ) {
            let x: Vec<f64> = (0..gains.len()).map(|day| day as f64).collect();
            let mut followers = 40_000;
            let y: Vec<f64> = gains
                .iter()
                .map(|gain| {
                    followers += gain;
                    f64::from(if rounded { followers / 100 * 100 } else { followers })
                })
                .collect();
            assert_ranks_are_those_of_all_pairs(&x, &y)?;
        }
    }

    #[test]
    fn a_straight_line_has_one_slope() {
        for slope in [0.0, 3.0, 0.1, -1e-9] {
            let x: Vec<f64> = (0..2_000).map(f64::from).collect();
            let y: Vec<f64> = x.iter().map(|x| 7.0 + slope * x).collect();
            let [low, high] = Slopes::new(&x, &y).unwrap().ranked([1_000, 1_500_000]).unwrap();
            // The height of 7 leaves the smallest slope with eight digits less than a float has.
            assert!((low - slope).abs() < 1e-12 && (high - slope).abs() < 1e-12, "{low} and {high} are not {slope}");
        }
    }

    /// The steepest slope is that of two points a millionth of a billionth apart, seen from a billion away.
    #[test]
    fn a_pair_that_nearly_stand_above_each_other_far_from_all_others_is_not_lost() {
        let near = (0..100).map(|i| (f64::from(i) * 1e-8, f64::from(i % 7)));
        let far = (0..110).map(|i| (1e9 + f64::from(i), f64::from(i % 5)));
        for drop in (-50..50).map(|i| 0.001 * (f64::from(i) + 0.5)) {
            let steep = [(9.25e-7, 0.5), (9.25e-7 + 1e-15, 0.5 + drop)];
            let (x, y): (Vec<f64>, Vec<f64>) = near.clone().chain(far.clone()).chain(steep).unzip();
            assert_ranks_are_those_of_all_pairs(&x, &y).unwrap();
        }
    }

    /// A point from three random numbers up to one.
    type Draw = fn(f64, f64, f64) -> (f64, f64);

    /// Points that rounding or a careless search loses.
    const NASTY: [Draw; 7] = [
        // Two clusters far apart.
        |a, b, c| ((a * 2.0).floor() * 1e9 + b * 1e-6, c),
        // Two steps of the largest counts that there are.
        |a, _, c| ((a * 1e3).floor(), if c < 0.5 { i64::MIN as f64 } else { i64::MAX as f64 }),
        // Pairs that nearly stand above each other.
        |a, b, c| ((a * 300.0).floor() + (b * 2.0).floor() * 1e-9, (c * 100.0).floor()),
        // One far to the right, beside small steps and huge ones.
        |a, b, c| (if a < 0.01 { 1e15 } else { b * 1e3 }, (c * 2.0).floor() * 1e18 + (a * 3.0).floor()),
        // Few places, one of them zero and negative zero.
        |a, b, c| (if a < 0.2 { 0.0_f64.copysign(b - 0.5) } else { (a * 9.0).floor() - 4.0 }, (c * 3.0).floor() - 1.0),
        // Heights without a largest one.
        |a, _, c| ((a * 1e4).floor(), (1.0 - c).powi(-9)),
        // As far from zero as the seconds of a date, in steps that a float hardly shows.
        |a, b, c| (1.7e9 + (a * 1e3).floor() * 86_400.0 + b, 9e18 + (c * 100.0).floor() * 2_048.0),
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn ranks_of_nasty_points_are_those_of_all_pairs(
            numbers in proptest::collection::vec((0.0..1.0_f64, 0.0..1.0_f64, 0.0..1.0_f64), 101..700),
            kind in 0..NASTY.len(),
        ) {
            let (x, y): (Vec<f64>, Vec<f64>) = numbers.into_iter().map(|(a, b, c)| NASTY[kind](a, b, c)).unzip();
            assert_ranks_are_those_of_all_pairs(&x, &y)?;
        }

        #[test]
        fn sixty_four_halvings_find_any_float(wanted in any::<f64>().prop_filter("a number", |v| v.is_finite())) {
            let (mut low, mut high) = (-f64::MAX, f64::MAX);
            for _ in 0..64 {
                let middle = halfway(low, high);
                prop_assert!(low <= middle && middle <= high);
                if middle < wanted { low = middle } else { high = middle }
            }
            prop_assert!(low <= wanted && wanted <= high && high <= low.next_up().next_up(), "{low:e} {high:e}");
        }
    }

    /// More than 3,000 points, so that a slope among millions is the one of that rank only if none is lost.
    #[test]
    fn ranks_of_many_points_with_long_ties_are_those_of_all_pairs() {
        let x: Vec<f64> = (0..4_000).map(|i| f64::from(if i < 1_500 { 0 } else { i })).collect();
        for height in [|i: i32| i % 4, |i| i / 50 * 100_000, |i| if i % 97 == 0 { 0 } else { i / 10 }] {
            let y: Vec<f64> = (0..4_000).map(|i| f64::from(if i < 1_500 { 5 } else { height(i) })).collect();
            assert_ranks_are_those_of_all_pairs(&x, &y).unwrap();
        }
    }
}
