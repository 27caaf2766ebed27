//! One creator's posts when a value is too large for the fast kernel, or negative: plain sorts in wide integers.

use super::{
    CreatorAggregate, Rows,
    deviation::{count_beyond, log, middle},
    slots::SLOTS,
    sum::sum,
};

/// Columns of one creator.
#[derive(Clone, Debug, Default)]
pub(super) struct Wide {
    ts: Vec<i64>,
    views: Vec<i64>,
    interactions: Vec<i128>,
}

impl Wide {
    pub(super) fn clear(&mut self) {
        self.ts.clear();
        self.views.clear();
        self.interactions.clear();
    }

    pub(super) fn push(&mut self, ts: i64, views: i64, interactions: i128) {
        self.ts.push(ts);
        self.views.push(views);
        self.interactions.push(interactions);
    }

    pub(super) fn push_row(&mut self, rows: &Rows<'_>, row: usize) {
        let interactions = [rows.likes[row], rows.comments[row], rows.shares[row]];
        self.push(rows.ts[row], rows.views[row], interactions.into_iter().map(i128::from).sum());
    }

    /// Summarises the posts, at least one.
    pub(super) fn aggregate(&mut self, creator_id: u32) -> CreatorAggregate {
        let best_slot = self.best_slot();
        let total: i128 = self.views.iter().map(|&v| i128::from(v)).sum();
        let interactions: i128 = self.interactions.iter().sum();
        let ratios: Vec<f64> = self
            .views
            .iter()
            .zip(&self.interactions)
            .filter(|&(&v, _)| v > 0)
            .map(|(&v, &e)| e as f64 / v as f64)
            .collect();
        self.views.sort_unstable();
        CreatorAggregate {
            creator_id,
            n: self.views.len() as u64,
            median_views: middle_of(&self.views, |&v| i128::from(v)),
            er_total: (total != 0).then(|| interactions as f64 / total as f64),
            er_mean: (!ratios.is_empty()).then(|| sum(&ratios) / ratios.len() as f64),
            p90_views: p90(&self.views),
            outliers: outliers(&self.views),
            gap_h: self.gap(),
            best_slot,
        }
    }

    fn gap(&mut self) -> Option<f64> {
        self.ts.sort_unstable();
        let mut gaps: Vec<u64> = self.ts.windows(2).map(|pair| pair[1].abs_diff(pair[0])).collect();
        gaps.sort_unstable();
        (!gaps.is_empty()).then(|| middle_of(&gaps, |&gap| i128::from(gap)) / 3600.0)
    }

    fn best_slot(&self) -> Option<u8> {
        let mut of = [(0_i128, 0_i128); SLOTS];
        for (&ts, &views) in self.ts.iter().zip(&self.views) {
            let slot = (ts.div_euclid(3600) + 72).rem_euclid(168) as usize;
            of[slot] = (of[slot].0 + i128::from(views), of[slot].1 + 1);
        }
        let slots = of.iter().enumerate().filter(|(_, (_, posts))| *posts >= 2);
        // Ends of i64 times the rows that fit in memory stay far below the ends of i128.
        let best = slots.reduce(|best, slot| if slot.1.0 * best.1.1 > best.1.0 * slot.1.1 { slot } else { best });
        best.map(|(slot, _)| slot as u8)
    }
}

fn middle_of<T>(sorted: &[T], wide: impl Fn(&T) -> i128) -> f64 {
    let n = sorted.len();
    (wide(&sorted[(n - 1) / 2]) + wide(&sorted[n / 2])) as f64 / 2.0
}

fn p90(sorted: &[i64]) -> f64 {
    let tenths = 9 * (sorted.len() - 1);
    let (lower, upper) = (i128::from(sorted[tenths / 10]), i128::from(sorted[tenths.div_ceil(10)]));
    (lower * 10 + (upper - lower) * (tenths % 10) as i128) as f64 / 10.0
}

fn outliers(sorted: &[i64]) -> u64 {
    let known = &sorted[sorted.partition_point(|&v| v < 0)..];
    if known.is_empty() {
        return 0;
    }
    let at = |index: usize| log(known[index] as f64);
    let center = middle(at((known.len() - 1) / 2), at(known.len() / 2));
    let mut distances: Vec<f64> = known.iter().map(|&v| (log(v as f64) - center).abs()).collect();
    count_beyond(&mut distances)
}
