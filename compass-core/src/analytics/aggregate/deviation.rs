//! Which counts stand out: distances of ln(1 + x) from its median beside the median of these distances.
//!
//! Distance of logarithms ranks like the ratio, so counts are compared with the ends of a window around the median;
//! logarithms are taken of a few values only.

use super::order::{Lanes, count};

/// A count is an outlier if it is further from the median than this many medians of the distances.
const LIMIT: f64 = 3.5 * 1.4826;

/// How many outliers there are among distances from the median, given all of them.
pub(super) fn count_beyond(distances: &mut [f64]) -> u64 {
    if distances.is_empty() {
        return 0;
    }
    distances.sort_unstable_by(f64::total_cmp);
    let limit = LIMIT * middle(distances[(distances.len() - 1) / 2], distances[distances.len() / 2]);
    (distances.len() - distances.partition_point(|&d| d <= limit)) as u64
}

/// ln(1 + x).
pub(super) fn log(x: f64) -> f64 {
    (x + 1.0).ln()
}

/// The middle of two values, as their mean.
pub(super) fn middle(lower: f64, upper: f64) -> f64 {
    (lower + upper) / 2.0
}

/// Counts of one creator, none negative.
pub(super) struct Counts<'a> {
    pub(super) values: &'a [i32],
    pub(super) lanes: &'a [Lanes],
    /// The least and the greatest.
    pub(super) range: (i32, i32),
    /// The two in the middle, one and the same if their number is odd.
    pub(super) middle: (i32, i32),
}

/// How many of the counts are outliers.
#[inline(always)]
pub(super) fn outliers(counts: &Counts<'_>, scratch: &mut Vec<f64>) -> u64 {
    let center = Center::of(counts.middle);
    let Some(spread) = center.median_distance(counts) else {
        scratch.clear();
        scratch.extend(counts.values.iter().map(|&v| center.distance(v)));
        return count_beyond(scratch);
    };
    let (from, to) = center.within(LIMIT * spread, counts.range);
    (counts.values.len() - count(counts.lanes, |v| from <= v && v <= to)) as u64
}

/// The median of ln(1 + x).
struct Center {
    log: f64,
    /// 1 + x at the median.
    ratio: f64,
}

impl Center {
    #[inline(always)]
    fn of((lower, upper): (i32, i32)) -> Self {
        let (below, above) = (f64::from(lower) + 1.0, f64::from(upper) + 1.0);
        if lower == upper {
            return Self { log: below.ln(), ratio: below };
        }
        Self { log: middle(below.ln(), above.ln()), ratio: (below * above).sqrt() }
    }

    fn distance(&self, value: i32) -> f64 {
        (log(f64::from(value)) - self.log).abs()
    }

    /// The counts from and to which 1 + x is within a factor of the median, as far as they occur.
    #[inline(always)]
    fn window(&self, factor: f64, (least, greatest): (i32, i32)) -> (i32, i32) {
        let from = (self.ratio / factor).ceil() - 1.0;
        let to = (self.ratio * factor).floor() - 1.0;
        ((from as i32).max(least), (to as i32).min(greatest))
    }

    /// The median of the distances, as sorting all of them would give it; `None` if rounding may have a say in it.
    #[inline(always)]
    fn median_distance(&self, counts: &Counts<'_>) -> Option<f64> {
        let (values, range, k) = (counts.lanes, counts.range, (counts.values.len() - 1) / 2);
        let (least, greatest) = range;
        if greatest == i32::MAX {
            // A window up to there would hold the pads.
            return None;
        }
        if least == greatest {
            return Some(0.0);
        }
        // The factor of rank k is between these two; the wider window holds all values at first.
        let mut narrow = 1.0;
        let mut wide =
            (self.ratio / (f64::from(least) + 1.0)).max((f64::from(greatest) + 1.0) / self.ratio) * (1.0 + 1e-9);
        let mut inner = self.window(narrow, range);
        let at_center = count(values, |v| inner.0 <= v && v <= inner.1);
        if at_center > k {
            return if at_center == k + 1 { self.between(counts, inner) } else { Some(0.0) };
        }
        let mut outer = self.window(wide, range);
        // Until no integer is between the windows but one on each side.
        while inner.0 > outer.0 + 1 || outer.1 > inner.1 + 1 {
            let factor = (narrow * wide).sqrt();
            let window = self.window(factor, range);
            let within = count(values, |v| window.0 <= v && v <= window.1);
            if within == k + 1 {
                return self.between(counts, window);
            }
            if factor <= narrow || factor >= wide {
                return None;
            }
            if within > k {
                (wide, outer) = (factor, window);
            } else {
                (narrow, inner) = (factor, window);
            }
        }
        self.at_ends(counts, inner, outer)
    }

    /// The median distance when the window holds just the lower half of them, up to the median.
    #[inline(always)]
    fn between(&self, counts: &Counts<'_>, window: (i32, i32)) -> Option<f64> {
        let (mut least, mut greatest, mut below, mut above) = (i32::MAX, 0, 0, i32::MAX);
        for &v in counts.lanes.as_flattened() {
            let within = window.0 <= v && v <= window.1;
            least = least.min(if within { v } else { i32::MAX });
            greatest = greatest.max(if within { v } else { 0 });
            below = below.max(if v < window.0 { v } else { 0 });
            above = above.min(if v > window.1 { v } else { i32::MAX });
        }
        let (lowest, highest) = counts.range;
        let inside = self.distance(least).max(self.distance(greatest));
        let mut outside = f64::INFINITY;
        if lowest < window.0 {
            outside = self.distance(below);
        }
        if highest > window.1 {
            outside = outside.min(self.distance(above));
        }
        if inside > outside {
            return None;
        }
        Some(if counts.values.len() % 2 == 1 { inside } else { middle(inside, outside) })
    }

    /// The median distance when it is that of the values just outside the inner window.
    #[inline(always)]
    fn at_ends(&self, counts: &Counts<'_>, inner: (i32, i32), outer: (i32, i32)) -> Option<f64> {
        let (values, n) = (counts.lanes, counts.values.len());
        let k = (n - 1) / 2;
        let within = count(values, |v| inner.0 <= v && v <= inner.1);
        let mut ends = [(f64::INFINITY, 0), (f64::INFINITY, 0)];
        if outer.0 < inner.0 {
            ends[0] = (self.distance(outer.0), count(values, |v| v == outer.0));
        }
        if outer.1 > inner.1 {
            ends[1] = (self.distance(outer.1), count(values, |v| v == outer.1));
        }
        if ends[1].0 < ends[0].0 {
            ends.swap(0, 1);
        }
        let at = |rank: usize| {
            if rank < within {
                None
            } else if rank < within + ends[0].1 {
                Some(ends[0].0)
            } else if rank < within + ends[0].1 + ends[1].1 {
                Some(ends[1].0)
            } else {
                None
            }
        };
        let inside = if within == 0 { 0.0 } else { self.distance(inner.0).max(self.distance(inner.1)) };
        if inside > ends[0].0 {
            return None;
        }
        if n % 2 == 1 { at(k) } else { Some(middle(at(k)?, at(k + 1)?)) }
    }

    /// The least and the greatest count within the limit, as far as they occur.
    #[inline(always)]
    fn within(&self, limit: f64, (least, greatest): (i32, i32)) -> (i32, i32) {
        // Exponentials say about where; the logarithms decide.
        let mut to = greatest;
        let about = (self.log + limit).exp() - 1.0;
        if about < f64::from(greatest) + 1.0 {
            to = (about as i32).min(greatest);
            while to < greatest && self.distance(to + 1) <= limit {
                to += 1;
            }
            while f64::from(to) >= self.ratio && self.distance(to) > limit {
                to -= 1;
            }
        }
        let mut from = least;
        let about = (self.log - limit).exp() - 1.0;
        if about > f64::from(least) - 1.0 {
            from = (about.ceil() as i32).max(least);
            while from > least && self.distance(from - 1) <= limit {
                from -= 1;
            }
            while f64::from(from) + 1.0 < self.ratio && self.distance(from) > limit {
                from += 1;
            }
        }
        (from, to)
    }
}
