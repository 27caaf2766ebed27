//! Some creators' posts in columns of 32 bits, and the kernel over them.

use std::ops::Range;

use multiversion::multiversion;

use super::{
    CreatorAggregate, Rows,
    deviation::{Counts, outliers},
    order::{LANES, Lanes, PAD, middle_pair, pad, pair_at, range},
    slots::Slots,
    sum::sum,
};

/// Monday 1970-01-05 00:00 UTC.
const MONDAY: i64 = 4 * 86_400;
const WEEK: i64 = 7 * 86_400;

/// Times of posting are counted in 31 bits from a Monday 00:00 UTC.
#[derive(Clone, Copy, Debug)]
pub(super) struct Epoch(i64);

impl Epoch {
    /// An epoch that suits most of some times, at least one, if most are within 34 years of each other.
    pub(super) fn of(ts: &[i64]) -> Self {
        let mut sample: [i64; 9] = std::array::from_fn(|i| ts[i * (ts.len() - 1) / 8]);
        sample.sort_unstable();
        // Far from our time there is nothing to count, but nothing may overflow either.
        let before = sample[4].clamp(-(1 << 60), 1 << 60) - (1 << 30);
        Self((before - MONDAY).div_euclid(WEEK) * WEEK + MONDAY)
    }

    /// Seconds from the epoch; they may be negative or more than 31 bits.
    #[inline(always)]
    pub(super) fn seconds(self, ts: i64) -> i64 {
        // Across all of i64, what wraps is as far off as to be one of these.
        ts.wrapping_sub(self.0)
    }

    pub(super) fn ts(self, seconds: i32) -> i64 {
        self.0 + i64::from(seconds)
    }
}

/// Posts of some creators, each creator's together.
///
/// The columns have 31 bits: vectors of the plain x86-64 compare signed integers only.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    /// Each creator with the end of its rows.
    pub(super) creators: Vec<(u32, usize)>,
    /// Negative where the row's values do not fit and the other columns are no counts.
    pub(super) seconds: Vec<i32>,
    pub(super) views: Vec<i32>,
    pub(super) interactions: Vec<i32>,
    /// Derived of the columns above.
    ratios: Vec<f64>,
    slots: Vec<u8>,
    /// Of one creator.
    sorted: Vec<i32>,
    gaps: Vec<Lanes>,
    lanes: Vec<Lanes>,
    distances: Vec<f64>,
}

impl Block {
    pub(super) fn resize(&mut self, rows: usize) {
        for column in [&mut self.seconds, &mut self.views, &mut self.interactions] {
            column.resize(rows, 0);
        }
        self.ratios.resize(rows, 0.0);
        self.slots.resize(rows, 0);
    }

    /// Takes rows over; `false` if a value does not fit, and the columns are of no use.
    pub(super) fn fill(&mut self, rows: &Rows<'_>, range: Range<usize>) -> bool {
        self.resize(range.len());
        let ts = &rows.ts[range.clone()];
        let interactions = [&rows.likes[range.clone()], &rows.comments[range.clone()], &rows.shares[range.clone()]];
        narrow(&rows.views[range], &mut self.views)
            && narrow_sum(interactions, &mut self.interactions)
            && narrow_seconds(ts, Epoch::of(ts), &mut self.seconds)
    }

    /// Writes a row whose columns are the last three.
    #[inline(always)]
    pub(super) fn put(&mut self, row: usize, &[_, seconds, views, interactions]: &[u32; 4]) {
        self.seconds[row] = seconds.cast_signed();
        self.views[row] = views.cast_signed();
        self.interactions[row] = interactions.cast_signed();
    }

    /// Gives each creator with its rows and its summary; none if a row of it does not fit.
    pub(super) fn aggregate(&mut self, mut give: impl FnMut(&Self, u32, Range<usize>, Option<CreatorAggregate>)) {
        derive(&self.seconds, &self.views, &self.interactions, &mut self.ratios, &mut self.slots);
        let mut from = 0;
        for index in 0..self.creators.len() {
            let (creator_id, to) = self.creators[index];
            let answer = creator(self, creator_id, from, to);
            give(self, creator_id, from..to, answer);
            from = to;
        }
    }
}

#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl+bmi1+bmi2+fma+lzcnt+popcnt",
    "x86_64+avx2+bmi1+bmi2+fma+lzcnt+popcnt"
))]
fn narrow(from: &[i64], to: &mut [i32]) -> bool {
    let mut bits = 0;
    for (&value, to) in from.iter().zip(to) {
        bits |= value;
        *to = value as i32;
    }
    bits.cast_unsigned() <= i32::MAX as u64
}

#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl+bmi1+bmi2+fma+lzcnt+popcnt",
    "x86_64+avx2+bmi1+bmi2+fma+lzcnt+popcnt"
))]
fn narrow_sum([a, b, c]: [&[i64]; 3], to: &mut [i32]) -> bool {
    let mut bits = 0;
    for (((&a, &b), &c), to) in a.iter().zip(b).zip(c).zip(to) {
        let sum = a.wrapping_add(b).wrapping_add(c);
        bits |= a | b | c | sum;
        *to = sum as i32;
    }
    bits.cast_unsigned() <= i32::MAX as u64
}

#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl+bmi1+bmi2+fma+lzcnt+popcnt",
    "x86_64+avx2+bmi1+bmi2+fma+lzcnt+popcnt"
))]
fn narrow_seconds(from: &[i64], epoch: Epoch, to: &mut [i32]) -> bool {
    let mut bits = 0;
    for (&ts, to) in from.iter().zip(to) {
        let seconds = epoch.seconds(ts);
        bits |= seconds;
        *to = seconds as i32;
    }
    bits.cast_unsigned() <= i32::MAX as u64
}

/// Ratios of interactions to views, 0 without views, and hours of the week.
#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl+bmi1+bmi2+fma+lzcnt+popcnt",
    "x86_64+avx2+bmi1+bmi2+fma+lzcnt+popcnt"
))]
fn derive(seconds: &[i32], views: &[i32], interactions: &[i32], ratios: &mut [f64], slots: &mut [u8]) {
    for ((&views, &interactions), ratio) in views.iter().zip(interactions).zip(ratios) {
        let quotient = f64::from(interactions) / f64::from(views);
        *ratio = if views > 0 { quotient } else { 0.0 };
    }
    for (&seconds, slot) in seconds.iter().zip(slots) {
        *slot = (seconds.cast_unsigned() / 3600 % 168) as u8;
    }
}

/// The kernel: one creator's rows of a block, at least one.
#[multiversion(targets(
    "x86_64+avx512f+avx512bw+avx512cd+avx512dq+avx512vl+bmi1+bmi2+fma+lzcnt+popcnt",
    "x86_64+avx2+bmi1+bmi2+fma+lzcnt+popcnt"
))]
fn creator(block: &mut Block, creator_id: u32, from: usize, to: usize) -> Option<CreatorAggregate> {
    let (seconds, views) = (&block.seconds[from..to], &block.views[from..to]);
    if seconds.iter().fold(0, |bits, &s| bits | s) < 0 {
        return None;
    }
    let total: i64 = views.iter().map(|&v| i64::from(v)).sum();
    let interactions: i64 = block.interactions[from..to].iter().map(|&e| i64::from(e)).sum();
    let seen: u32 = views.iter().map(|&v| u32::from(v > 0)).sum();
    pad(views, &mut block.lanes);
    let (lanes, range) = (&block.lanes[..], range(views));
    let middle = middle_pair(lanes, range, views.len());
    let counts = Counts { values: views, lanes, range, middle };
    Some(CreatorAggregate {
        creator_id,
        n: views.len() as u64,
        median_views: mean(middle),
        er_total: (total != 0).then(|| interactions as f64 / total as f64),
        er_mean: (seen > 0).then(|| sum(&block.ratios[from..to]) / f64::from(seen)),
        p90_views: p90(&counts),
        outliers: outliers(&counts, &mut block.distances),
        gap_h: (seconds.len() > 1).then(|| median_gap(seconds, &mut block.gaps, &mut block.sorted) / 3600.0),
        best_slot: Slots::of(&block.slots[from..to], views).best(),
    })
}

/// The mean of two values in the middle.
fn mean((lower, upper): (i32, i32)) -> f64 {
    (f64::from(lower) + f64::from(upper)) / 2.0
}

#[inline(always)]
fn p90(counts: &Counts<'_>) -> f64 {
    let tenths = 9 * (counts.values.len() - 1);
    // It is not below the median, so half of the range needs no search.
    let (lower, upper) = pair_at(counts.lanes, (counts.middle.0, counts.range.1), tenths / 10);
    // Without a fraction the upper value has no weight, be there one or not.
    (i64::from(lower) * 10 + i64::from(upper - lower) * (tenths % 10) as i64) as f64 / 10.0
}

/// The median gap in seconds, of two rows at least.
#[inline(always)]
fn median_gap(seconds: &[i32], lanes: &mut Vec<Lanes>, sorted: &mut Vec<i32>) -> f64 {
    let n = seconds.len() - 1;
    lanes.clear();
    lanes.resize(n.div_ceil(LANES), [PAD; LANES]);
    let gaps = &mut lanes.as_flattened_mut()[..n];
    if !take_gaps(seconds, gaps) {
        sorted.clear();
        sorted.extend_from_slice(seconds);
        sorted.sort_unstable();
        take_gaps(sorted, gaps);
    }
    let range = range(gaps);
    mean(middle_pair(lanes, range, n))
}

/// Writes the gaps between neighbours; says whether none is negative.
#[inline(always)]
fn take_gaps(seconds: &[i32], gaps: &mut [i32]) -> bool {
    let mut signs = 0;
    for ((&one, &next), gap) in seconds.iter().zip(&seconds[1..]).zip(gaps) {
        *gap = next - one;
        signs |= *gap;
    }
    signs >= 0
}
