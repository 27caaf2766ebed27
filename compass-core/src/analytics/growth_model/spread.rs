//! How far growth is from what is expected: the interval that holds 80 % of the videos.

use super::{GrowthModel, GrowthPair, curve::Curve, folds};

/// The interval's ends as multiples of the expected growth, by age and by days ahead.
///
/// A video that outgrows the others does so over a week as over a month, so that what scatters is a factor; how much it
/// scatters depends on both.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spread {
    /// For each of [`AGES`], at each of [`AHEAD`].
    nodes: [[Ends; AHEAD.len()]; AGES.len()],
    log_ages: [f64; AGES.len()],
    log_ahead: [f64; AHEAD.len()],
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Ends {
    lo: f64,
    hi: f64,
}

/// Days of age where the ends are kept; between them they change linearly with the logarithm, outside not at all.
const AGES: [f64; 14] = [1.0, 1.5, 2.0, 3.0, 4.5, 7.0, 10.0, 15.0, 22.0, 30.0, 45.0, 65.0, 90.0, 180.0];
/// Days ahead, likewise.
const AHEAD: [f64; 11] = [0.5, 1.0, 2.0, 4.0, 7.0, 11.0, 16.0, 23.0, 32.0, 60.0, 90.0];

/// Added to the expected growth before a factor is applied: where none is expected, some is seen.
const FLOOR: f64 = 0.001;

/// Built in, at each of [`AGES`]: what held four fifths of 8,000 videos in June 2025, however many days ahead. Past 90
/// days nothing was measured: the ends stay what they were.
const PRIOR: [Ends; AGES.len()] = [
    Ends { lo: 0.54, hi: 1.58 },
    Ends { lo: 0.51, hi: 1.71 },
    Ends { lo: 0.40, hi: 1.85 },
    Ends { lo: 0.28, hi: 1.90 },
    Ends { lo: 0.20, hi: 2.33 },
    Ends { lo: 0.08, hi: 2.35 },
    Ends { lo: 0.0, hi: 2.20 },
    Ends { lo: 0.0, hi: 1.90 },
    Ends { lo: 0.0, hi: 1.95 },
    Ends { lo: 0.0, hi: 1.95 },
    Ends { lo: 0.0, hi: 1.95 },
    Ends { lo: 0.0, hi: 1.95 },
    Ends { lo: 0.0, hi: 1.95 },
    Ends { lo: 0.0, hi: 1.95 },
];

/// The level that the ends at each node are read off at.
type Levels = [[f64; AHEAD.len()]; AGES.len()];

impl Spread {
    pub(super) fn prior() -> Self {
        Self { nodes: PRIOR.map(|ends| [ends; _]), log_ages: AGES.map(f64::ln), log_ahead: AHEAD.map(f64::ln) }
    }

    /// Reads the ends off neighbouring pairs: conformal prediction (Lei et al., "Distribution-free predictive inference
    /// for regression", JASA 113, 2018) among the pairs nearest in age and in days ahead.
    ///
    /// The factor of a pair is its growth over what a curve expects that has not seen the video. Ends between two nodes
    /// hold a little less or more than the ends at the nodes do, neighbours are none of a kind, and those that are pairs
    /// of one video tell less than as many videos would: what each node is to hold is found out on videos that it has
    /// not seen.
    pub(super) fn fit(pairs: &[GrowthPair]) -> Self {
        const FOLDS: usize = 5;
        let fold_of = folds::by_video(pairs, FOLDS);
        let within = |fold: usize, inside: bool| {
            pairs.iter().zip(&fold_of).filter(move |&(_, &of)| (of == fold) == inside).map(|(pair, _)| pair)
        };
        let folds: Vec<Vec<Factor>> = (0..FOLDS)
            .map(|fold| {
                let unseen = Curve::fit(within(fold, false));
                within(fold, true).map(|pair| Factor::of(pair, &unseen)).collect()
            })
            .collect();
        let others =
            |fold| folds.iter().enumerate().filter(move |&(other, _)| other != fold).flat_map(|(_, f)| f).copied();
        let unseen: Vec<Neighbours> = (0..FOLDS).map(|fold| Neighbours::of(others(fold).collect())).collect();
        Neighbours::of(folds.concat()).spread(&levels(&folds, &unseen))
    }

    /// The ends of the interval at an age and some days ahead, where this much growth is expected.
    pub(super) fn around(&self, growth: f64, age: f64, ahead: f64) -> (f64, f64) {
        let ends = self.ends(age.ln(), ahead.ln());
        let scale = growth + FLOOR;
        (scale * ends.lo, scale * ends.hi)
    }

    /// Counts a factor at the four nodes about it, at each by how near it is.
    fn count(&self, factor: &Factor, tallies: &mut [[Tally; AHEAD.len()]; AGES.len()]) {
        let (i, along) = place(&self.log_ages, factor.log_age);
        let (j, across) = place(&self.log_ahead, factor.log_ahead);
        let held = self.ends(factor.log_age, factor.log_ahead).hold(factor.factor);
        for (tallies, along) in tallies[i..].iter_mut().zip([1.0 - along, along]) {
            for (tally, across) in tallies[j..].iter_mut().zip([1.0 - across, across]) {
                tally.seen += along * across;
                tally.held += if held { along * across } else { 0.0 };
            }
        }
    }

    fn ends(&self, log_age: f64, log_ahead: f64) -> Ends {
        let (i, along) = place(&self.log_ages, log_age);
        let (j, across) = place(&self.log_ahead, log_ahead);
        let younger = self.nodes[i][j].towards(self.nodes[i][j + 1], across);
        let older = self.nodes[i + 1][j].towards(self.nodes[i + 1][j + 1], across);
        younger.towards(older, along)
    }
}

/// The levels at which ends have to be read off for them to hold [`GrowthModel::LEVEL`] of the factors of each fold, by
/// the neighbours in the other folds.
///
/// Each node is held to what it does for the pairs about it, the fewer they are the more to what its age does, and that
/// to what all do.
fn levels(folds: &[Vec<Factor>], unseen: &[Neighbours]) -> Levels {
    /// What all pairs together say of an age weighs as much as so many of its own.
    const OF_AN_AGE: f64 = 30.0;
    /// What its age says of a node, likewise.
    const OF_A_NODE: f64 = 100.0;
    /// One point of level moves coverage by about one, so that what is missing is soon found.
    const ROUNDS: usize = 12;
    let mut levels = [[GrowthModel::LEVEL; _]; _];
    for _ in 0..ROUNDS {
        let mut tallies = [[Tally::default(); AHEAD.len()]; AGES.len()];
        for (fold, near) in folds.iter().zip(unseen) {
            let spread = near.spread(&levels);
            fold.iter().for_each(|factor| spread.count(factor, &mut tallies));
        }
        let all = Tally::of(tallies.as_flattened());
        let pooled = all.held / all.seen;
        for (levels, tallies) in levels.iter_mut().zip(&tallies) {
            let of_age = Tally::of(tallies).share(pooled, OF_AN_AGE);
            for (level, tally) in levels.iter_mut().zip(tallies) {
                *level = (*level + GrowthModel::LEVEL - tally.share(of_age, OF_A_NODE)).clamp(0.6, 0.95);
            }
        }
    }
    levels
}

/// How many factors there were about a node, and how many of them its ends held.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    seen: f64,
    held: f64,
}

impl Tally {
    fn of(parts: &[Self]) -> Self {
        let sum = |sum: Self, part: &Self| Self { seen: sum.seen + part.seen, held: sum.held + part.held };
        parts.iter().fold(Self::default(), sum)
    }

    /// The share that was held, drawn towards another as if by so many factors more.
    fn share(self, towards: f64, weight: f64) -> f64 {
        (self.held + weight * towards) / (self.seen + weight)
    }
}

/// Growth of a pair over expected growth.
#[derive(Clone, Copy, Debug)]
struct Factor {
    log_age: f64,
    log_ahead: f64,
    factor: f64,
}

impl Factor {
    fn of(pair: &GrowthPair, curve: &Curve) -> Self {
        let expected = curve.at(pair.to_age) - curve.at(pair.from_age);
        Self {
            log_age: pair.from_age.ln(),
            log_ahead: (pair.to_age - pair.from_age).ln(),
            factor: pair.log_growth() / (expected + FLOOR),
        }
    }
}

/// The factors near each node, ascending, with weights.
struct Neighbours(Vec<Vec<(f64, f64)>>);

impl Neighbours {
    fn of(mut factors: Vec<Factor>) -> Self {
        const FEWEST: usize = 60;
        /// The factor changes more with age than with the days ahead.
        const AGE_WEIGHS: f64 = 1.5;
        // As many as let both their number and their nearness grow with the corpus.
        let near = FEWEST.max((factors.len() as f64).powf(0.6) as usize).min(factors.len());
        let mut found = Vec::with_capacity(AGES.len() * AHEAD.len());
        let mut distances: Vec<(f64, f64)> = Vec::with_capacity(factors.len());
        factors.sort_unstable_by(|a, b| a.factor.total_cmp(&b.factor));
        for (log_age, log_ahead) in AGES.iter().flat_map(|age| AHEAD.iter().map(|ahead| (age.ln(), ahead.ln()))) {
            distances.clear();
            distances.extend(factors.iter().map(|f| {
                let (along, across) = (AGE_WEIGHS * (f.log_age - log_age), f.log_ahead - log_ahead);
                (along * along + across * across, f.factor)
            }));
            let by_distance = |a: &(f64, f64), b: &(f64, f64)| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1));
            distances.select_nth_unstable_by(near - 1, by_distance);
            let reach = distances[near - 1].0.max(f64::MIN_POSITIVE);
            // A pair right at the node weighs 1, the farthest next to nothing.
            let weighted = distances[..near].iter().map(|&(squared, factor)| (factor, 1.01 - (squared / reach).sqrt()));
            let mut weighted: Vec<(f64, f64)> = weighted.collect();
            weighted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
            found.push(weighted);
        }
        Self(found)
    }

    fn spread(&self, levels: &Levels) -> Spread {
        let mut spread = Spread::prior();
        for ((node, weighted), level) in
            spread.nodes.as_flattened_mut().iter_mut().zip(&self.0).zip(levels.as_flattened())
        {
            *node = ends(weighted, *level);
        }
        spread
    }
}

impl Ends {
    fn hold(self, factor: f64) -> bool {
        (self.lo..=self.hi).contains(&factor)
    }

    fn towards(self, other: Self, part: f64) -> Self {
        Self { lo: self.lo + part * (other.lo - self.lo), hi: self.hi + part * (other.hi - self.hi) }
    }
}

/// The node below a value, and how far the value is from there to the next.
fn place(nodes: &[f64], value: f64) -> (usize, f64) {
    let below = nodes[1..nodes.len() - 1].partition_point(|&node| node <= value);
    (below, ((value - nodes[below]) / (nodes[below + 1] - nodes[below])).clamp(0.0, 1.0))
}

/// The ends that hold a share of values with weights, in ascending order.
///
/// Often a tenth and more of the counters have not moved at all between two looks. The values at the lower end are then
/// inside, all of them, and the upper end is to cut off more than a tenth.
fn ends(weighted: &[(f64, f64)], level: f64) -> Ends {
    // One more, of weight 1: the growth that is to be inside.
    let total = 1.0 + weighted.iter().map(|&(_, weight)| weight).sum::<f64>();
    // Ten times a tenth is less than one by a few bits.
    let slack = 1e-9 * total;
    let mut lo = weighted[0].0;
    let mut up_to = 0.0;
    for &(value, weight) in weighted {
        up_to += weight;
        if up_to > (1.0 - level) / 2.0 * total + slack {
            break;
        }
        lo = value;
    }
    let mut inside = 0.0;
    let mut hi = lo;
    for &(value, weight) in weighted.iter().filter(|&&(value, _)| value >= lo) {
        hi = value;
        inside += weight;
        if inside >= level * total - slack {
            break;
        }
    }
    Ends { lo, hi }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends_of(values: impl IntoIterator<Item = f64>) -> (f64, f64) {
        let weighted: Vec<_> = values.into_iter().map(|value| (value, 1.0)).collect();
        let Ends { lo, hi } = ends(&weighted, 0.8);
        (lo, hi)
    }

    #[test]
    fn ends_cut_a_tenth_off_each_side() {
        assert_eq!(ends_of((1..=99).map(f64::from)), (10.0, 89.0));
    }

    #[test]
    fn ends_hold_four_fifths_when_many_have_not_moved() {
        let values = [0.0; 40].into_iter().chain((1..=59).map(f64::from));
        assert_eq!(ends_of(values), (0.0, 40.0), "40 at the lower end, 40 above");
    }

    #[test]
    fn ends_of_equal_values_are_the_value() {
        assert_eq!(ends_of([1.5; 70]), (1.5, 1.5));
        assert_eq!(ends_of([2.0]), (2.0, 2.0));
    }

    #[test]
    fn value_of_no_weight_moves_no_end() {
        let mut weighted: Vec<_> = (1..=99).map(|value| (f64::from(value), 1.0)).collect();
        weighted.insert(0, (-7.0, 0.0));
        weighted.push((500.0, 0.0));
        assert_eq!(ends(&weighted, 0.8), Ends { lo: 10.0, hi: 89.0 });
    }
}
