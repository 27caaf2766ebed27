//! Permutation tests: what would chance have done with the same values?

use rand_core::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;
use statrs::function::erf::erfc;

use super::{Seed, mean};

/// A subset of the values whose sum looks unusual.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UnusualSum {
    /// How many of the values are in the subset.
    pub size: usize,
    /// How far the subset's sum lies from its expectation, either way.
    pub deviation: f64,
}

/// How long to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draws {
    /// A test ends after so many draws that are as extreme as what was seen.
    pub extreme: usize,
    /// No test draws more often.
    pub most: usize,
}

impl Draws {
    /// Enough that each of `tests` p values can be small enough to survive Benjamini and Hochberg's procedure at a
    /// false discovery rate of 5 % even if it alone does: the least p value is half of `0.05 / tests`. Of more than 2,000
    /// tests none can, by draws alone.
    #[must_use]
    pub fn for_tests(tests: usize) -> Self {
        Self { extreme: 10, most: (40 * tests).clamp(999, 40_000) }
    }
}

/// The permutation p value of each subset: how often a random subset of the same size, drawn without replacement, has a
/// sum that is as far from its expectation, either way.
///
/// Each test stops by Besag and Clifford's (1991) sequential rule, which keeps the p value valid and makes unremarkable
/// subsets cheap. All tests look at the same shuffled values, a subset of size k at the first k of them. Where both the
/// subset and the rest have 200 values or more, and none of the values dominate, the sum is normal for all purposes (the
/// limit of Hájek 1960): its p value is not drawn, so it can be as small as the evidence is strong. A subset that is
/// empty, has all values, or whose deviation is not a number has p = 1.
#[must_use]
pub fn subset_sums_p(values: &[f64], tests: &[UnusualSum], draws: Draws, seed: Seed) -> Vec<f64> {
    let n = values.len();
    let mut p = vec![1.0; tests.len()];
    let centre = mean(values).unwrap_or_default();
    let mut shuffled: Vec<f64> = values.iter().map(|v| v - centre).collect();
    // The sum of the others deviates as far, so the smaller side is drawn.
    let side = |test: &UnusualSum| test.size.min(n.saturating_sub(test.size));
    let (moments, tolerance) = (Moments::of(&shuffled), tolerance(values));
    for (p, test) in p.iter_mut().zip(tests) {
        if moments.make_normal(side(test)) && test.deviation.is_finite() {
            *p = moments.normal_p(test, tolerance);
        }
    }
    let mut running: Vec<Running> = tests
        .iter()
        .enumerate()
        .filter(|(_, test)| side(test) > 0 && test.deviation.is_finite() && !moments.make_normal(side(test)))
        .map(|(of, test)| Running { of, size: side(test), deviation: test.deviation.abs() - tolerance, extreme: 0 })
        .collect();
    running.sort_unstable_by_key(|test| test.size);
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed.get());
    for drawn in 1..=draws.most {
        let Some(longest) = running.last().map(|test| test.size) else { break };
        let (mut sum, mut taken, mut ended) = (0.0, 0, false);
        let mut due = running.iter_mut().peekable();
        while taken < longest {
            swap_in_random(&mut shuffled, taken, &mut random);
            sum += shuffled[taken];
            taken += 1;
            while let Some(test) = due.next_if(|test| test.size == taken) {
                if f64::abs(sum) >= test.deviation {
                    test.extreme += 1;
                    ended |= test.extreme == draws.extreme;
                }
            }
        }
        if ended {
            running.retain(|test| {
                let goes_on = test.extreme < draws.extreme;
                if !goes_on {
                    p[test.of] = draws.extreme as f64 / drawn as f64;
                }
                goes_on
            });
        }
    }
    for test in running {
        p[test.of] = (test.extreme + 1) as f64 / (draws.most + 1) as f64;
    }
    p
}

/// A cell of a partition of the values, and how its sum is scored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoredCell {
    /// How many of the values are in the cell.
    pub size: usize,
    /// Its score is its sum less the expectation of the sum, times this.
    pub weight: f64,
}

/// The permutation p value of the highest score among the cells of a partition: how often the highest score is at
/// least `highest` if the values are dealt to the cells at random.
///
/// Stops by Besag and Clifford's (1991) rule. Values beyond the cells' sizes belong to no cell. `1` if the cells need
/// more values than there are.
#[must_use]
pub fn highest_score_p(values: &[f64], cells: &[ScoredCell], highest: f64, draws: Draws, seed: Seed) -> f64 {
    let dealt: usize = cells.iter().map(|cell| cell.size).sum();
    if dealt > values.len() || cells.is_empty() || !highest.is_finite() {
        return 1.0;
    }
    let centre = mean(values).unwrap_or_default();
    let mut shuffled: Vec<f64> = values.iter().map(|v| v - centre).collect();
    let tolerance = tolerance(values) * cells.iter().map(|cell| cell.weight.abs()).fold(0.0, f64::max);
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed.get());
    let mut extreme = 0;
    for drawn in 1..=draws.most {
        let (mut taken, mut best) = (0, f64::NEG_INFINITY);
        for cell in cells {
            let mut sum = 0.0;
            for _ in 0..cell.size {
                swap_in_random(&mut shuffled, taken, &mut random);
                sum += shuffled[taken];
                taken += 1;
            }
            best = best.max(sum * cell.weight);
        }
        if best >= highest - tolerance {
            extreme += 1;
            if extreme == draws.extreme {
                return extreme as f64 / drawn as f64;
            }
        }
    }
    (extreme + 1) as f64 / (draws.most + 1) as f64
}

/// Moments of values about their mean, which say how a sum of some of them is distributed.
struct Moments {
    count: f64,
    variance: f64,
    skewness: f64,
    kurtosis: f64,
}

/// Sums of fewer values are drawn.
const FEWEST_FOR_NORMAL: f64 = 200.0;

/// So skewed a sum is beyond 4 deviations, either way, at most one and a half times as often as a normal one.
const MOST_SKEWNESS: f64 = 0.1;

/// Sums of so heavy tails are beyond 4 deviations at most twice as often as normal ones.
const MOST_KURTOSIS: f64 = 0.05;

impl Moments {
    fn of(centred: &[f64]) -> Self {
        let count = centred.len() as f64;
        let moment = |power: i32| centred.iter().map(|v| v.powi(power)).sum::<f64>() / count;
        let variance = moment(2);
        Self { count, variance, skewness: moment(3) / variance.powf(1.5), kurtosis: moment(4) / (variance * variance) }
    }

    /// Whether sums of so many values, drawn without replacement, are as good as normal; not if a moment is not finite.
    fn make_normal(&self, size: usize) -> bool {
        let smaller = (size as f64).min(self.count - size as f64);
        smaller >= FEWEST_FOR_NORMAL
            && self.skewness_of_sum(size).abs() <= MOST_SKEWNESS
            && self.kurtosis / smaller <= MOST_KURTOSIS
    }

    /// Exact: of values 0 and 1 it is the skewness of the hypergeometric distribution.
    fn skewness_of_sum(&self, size: usize) -> f64 {
        let drawn = size as f64;
        let rest = self.count - drawn;
        self.skewness * (rest - drawn) / (self.count - 2.0) * ((self.count - 1.0) / (drawn * rest)).sqrt()
    }

    /// Twice the normal tail, with the exact variance of the sum (Cochran 1977, theorem 2.2). Never 0.
    fn normal_p(&self, test: &UnusualSum, tolerance: f64) -> f64 {
        let drawn = test.size as f64;
        let variance = self.variance * drawn * (self.count - drawn) / (self.count - 1.0);
        erfc((test.deviation.abs() - tolerance).max(0.0) / (2.0 * variance).sqrt()).max(f64::MIN_POSITIVE)
    }
}

struct Running {
    of: usize,
    size: usize,
    deviation: f64,
    extreme: usize,
}

/// Sums of the same values in another order differ by rounding alone, and must count as equal.
fn tolerance(values: &[f64]) -> f64 {
    values.iter().map(|v| v.abs()).sum::<f64>() * 1e-12
}

/// A step of Fisher and Yates's shuffle.
fn swap_in_random(values: &mut [f64], at: usize, random: &mut Xoshiro256PlusPlus) {
    let left = values.len() - at;
    // Lemire's multiply-shift: the bias is below n / 2^64.
    values.swap(at, at + ((u128::from(random.next_u64()) * left as u128) >> 64) as usize);
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANY: Draws = Draws { extreme: usize::MAX, most: 20_000 };

    /// Of the ten pairs out of five values, two have a sum at least as far from its expectation of 6 as 1 + 2 and 4 + 5.
    #[test]
    fn p_of_a_pair_is_the_share_of_pairs_as_extreme() {
        let seed = Seed::new("pairs");
        let pair = UnusualSum { size: 2, deviation: 3.0 };
        let rest = UnusualSum { size: 3, deviation: -3.0 };
        let p = subset_sums_p(&[1.0, 2.0, 3.0, 4.0, 5.0], &[pair, rest], MANY, seed);
        // Four standard errors of a share of 0.2 in 20,000 draws.
        assert!(p.iter().all(|p| (p - 0.2).abs() < 0.0115), "{p:?}");
    }

    /// One of three cells of one value gets the 9 in one deal of each three, and any does in all.
    #[test]
    fn highest_of_cells_is_compared_with_the_highest() {
        let values = [0.0, 0.0, 0.0, 0.0, 0.0, 9.0];
        let cell = ScoredCell { size: 1, weight: 1.0 };
        let p = highest_score_p(&values, &[cell; 3], 7.5, MANY, Seed::new("cells"));
        assert!((p - 0.5).abs() < 0.0142, "{p}");
    }

    /// Under the null a p value is at most x with probability at most x, whatever the stopping.
    #[test]
    fn stopped_p_values_are_valid() {
        let values: Vec<f64> = (0..40).map(|i| (f64::from(i) * 0.7).sin().exp()).collect();
        let centre = mean(&values).unwrap();
        let draws = Draws { extreme: 10, most: 999 };
        let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
        let mut p = Vec::new();
        for repetition in 0..2_000 {
            let mut shuffled = values.clone();
            let sum: f64 = (0..6)
                .map(|i| {
                    swap_in_random(&mut shuffled, i, &mut random);
                    shuffled[i]
                })
                .sum();
            let test = UnusualSum { size: 6, deviation: sum - 6.0 * centre };
            p.extend(subset_sums_p(&values, &[test], draws, Seed::new("valid").with(repetition)));
        }
        for level in [0.01, 0.05, 0.2] {
            let rejected = p.iter().filter(|&&p| p <= level).count() as f64 / 2_000.0;
            let error = (level * (1.0 - level) / 2_000.0_f64).sqrt();
            assert!((rejected - level).abs() < 4.0 * error, "{rejected} at {level}");
        }
    }

    /// Skewed values as they come from logarithms that are cut off; 4 standard errors of a share in 20,000 draws, and a
    /// tenth for what the limit leaves out.
    #[test]
    fn p_of_large_subsets_is_the_one_that_draws_give() {
        let values: Vec<f64> = (0..1_000).map(|i| (f64::from(i) * 0.7).sin().exp()).collect();
        let centred: Vec<f64> = values.iter().map(|v| v - mean(&values).unwrap()).collect();
        let moments = Moments::of(&centred);
        for size in [200, 430, 700] {
            let drawn: Vec<f64> = {
                let mut shuffled = centred.clone();
                let mut random = Xoshiro256PlusPlus::seed_from_u64(size as u64);
                let mut sum_of = || {
                    (0..size).for_each(|i| swap_in_random(&mut shuffled, i, &mut random));
                    shuffled[..size].iter().sum::<f64>()
                };
                (0..20_000).map(|_| sum_of()).collect()
            };
            assert!(moments.make_normal(size));
            for deviation in [2.0, 12.0, 25.0, -30.0] {
                let share = drawn.iter().filter(|sum| sum.abs() >= f64::abs(deviation)).count() as f64 / 20_000.0;
                let p = subset_sums_p(&values, &[UnusualSum { size, deviation }], MANY, Seed::new("large"))[0];
                let error = (p * (1.0 - p) / 20_000.0).sqrt();
                assert!((p - share).abs() < 4.0 * error + 0.1 * p, "{p} for {share} at {deviation} of {size}");
            }
        }
        // scipy 1.17.1, hypergeom(1000, 120, 230).stats("s"): of 1,000 values 120 are 1, and 230 are drawn.
        let ones: Vec<f64> = (0..1_000).map(|i| f64::from(u8::from(i < 120)) - 0.12).collect();
        assert!((Moments::of(&ones).skewness_of_sum(230) - 0.095_042_601_490_128_9).abs() < 1e-9);
        let strong = UnusualSum { size: 500, deviation: 300.0 };
        let p = subset_sums_p(&values, &[strong], MANY, Seed::new("large"))[0];
        assert!(p > 0.0 && p < 1e-60, "{p}");
    }

    /// One value of a thousand is all that differs: a fifth of the subsets of a fifth has it, at two normal deviations.
    #[test]
    fn large_subsets_of_values_that_one_dominates_are_drawn() {
        let mut values = vec![0.0; 1_000];
        values[7] = 1.0;
        let with = UnusualSum { size: 200, deviation: 0.8 };
        let p = subset_sums_p(&values, &[with], MANY, Seed::new("one"))[0];
        assert!((p - 0.2).abs() < 0.0115, "{p}");
        let half = UnusualSum { size: 500, deviation: 0.5 };
        assert!(subset_sums_p(&values, &[half], MANY, Seed::new("one"))[0] > 0.99);
        assert!(subset_sums_p(&[1.0; 1_000], &[half], MANY, Seed::new("one"))[0] < 0.01);
    }

    #[test]
    fn enough_draws_for_a_lonely_finding_among_many() {
        for tests in [1, 20, 214, 900] {
            assert!(1.0 / (Draws::for_tests(tests).most + 1) as f64 * tests as f64 <= 0.05);
        }
    }

    #[test]
    fn degenerate_subsets_have_no_evidence() {
        let odd = [
            UnusualSum { size: 0, deviation: 1.0 },
            UnusualSum { size: 3, deviation: 1.0 },
            UnusualSum { size: 9, deviation: 1.0 },
            UnusualSum { size: 1, deviation: f64::NAN },
        ];
        assert_eq!(subset_sums_p(&[1.0, 2.0, 3.0], &odd, MANY, Seed::new("")), [1.0; 4]);
        assert_eq!(subset_sums_p(&[], &odd[..1], MANY, Seed::new("")), [1.0]);
        let equal = UnusualSum { size: 2, deviation: 0.0 };
        assert!(subset_sums_p(&[0.1; 7], &[equal], Draws::for_tests(1), Seed::new(""))[0] > 0.99);
        let cell = ScoredCell { size: 5, weight: 1.0 };
        assert_eq!(highest_score_p(&[1.0], &[cell], 1.0, MANY, Seed::new("")), 1.0);
    }
}
