//! The posts of a window that a figure can use, and the figures that are made of them in the same ways.

use jiff::Timestamp;

use super::{Columns, Estimate, Flag, Interval, MetricId, Quality, VideoTable};
use crate::stats::{mean, mean_interval, median, median_interval, ratio_interval};

/// The level of the intervals of figures per post.
pub(super) const LEVEL: f64 = 0.95;

/// The posts of a window that a figure can use, and why others cannot be used.
pub(super) struct Posts<'a> {
    window: &'a Columns<'a>,
    /// Indices into the window.
    pub(super) rows: Vec<usize>,
    showing: usize,
}

impl<'a> Posts<'a> {
    /// The posts that show every one of these counters.
    pub(super) fn with(window: &'a Columns<'a>, counters: &[&[i64]]) -> Self {
        let rows: Vec<usize> =
            (0..window.len()).filter(|&i| counters.iter().all(|c| c[i] != VideoTable::MISSING)).collect();
        Self { window, showing: rows.len(), rows }
    }

    /// Those among them that also meet a condition on the counters.
    pub(super) fn only(&self, condition: impl Fn(usize) -> bool) -> Self {
        let rows = self.rows.iter().copied().filter(|&i| condition(i)).collect();
        Self { window: self.window, rows, showing: self.showing }
    }

    /// The median over the posts of what a row gives.
    pub(super) fn median(&self, id: MetricId, as_of: Timestamp, of: impl Fn(usize) -> f64) -> Estimate {
        let mut values = self.values(of);
        let value = median(&mut values);
        self.estimate(id, as_of, value, || median_interval(&mut values, LEVEL))
    }

    /// The mean over the posts of what a row gives.
    pub(super) fn mean(&self, id: MetricId, as_of: Timestamp, of: impl Fn(usize) -> f64) -> Estimate {
        let values = self.values(of);
        self.estimate(id, as_of, mean(&values), || mean_interval(&values, LEVEL))
    }

    /// The ratio of two sums over the posts.
    pub(super) fn ratio(
        &self,
        id: MetricId,
        as_of: Timestamp,
        over: impl Fn(usize) -> f64,
        under: impl Fn(usize) -> f64,
    ) -> Estimate {
        let (over, under) = (self.values(over), self.values(under));
        let below = under.iter().sum::<f64>();
        let value = (below > 0.0).then(|| over.iter().sum::<f64>() / below);
        self.estimate(id, as_of, value, || ratio_interval(&over, &under, LEVEL))
    }

    /// The figure with its flags, or why there is none.
    pub(super) fn estimate(
        &self,
        id: MetricId,
        as_of: Timestamp,
        value: Option<f64>,
        interval: impl FnOnce() -> Option<Interval>,
    ) -> Estimate {
        let Some(value) = value else {
            return Estimate::none(id, as_of, self.rows.len(), self.why_none());
        };
        Estimate::new(id, as_of, self.rows.len(), value, interval())
            .flagged(Flag::RoundedCounters, self.rows.iter().any(|&i| self.window.rounded[i]))
            .flagged(Flag::SomeHidden, self.showing < self.window.len())
    }

    /// What each row gives.
    pub(super) fn values(&self, of: impl Fn(usize) -> f64) -> Vec<f64> {
        self.rows.iter().map(|&i| of(i)).collect()
    }

    /// Why there is no figure when no post can be used.
    fn why_none(&self) -> Quality {
        if self.window.is_empty() {
            Quality::TooFew { needed: 1 }
        } else if self.showing == 0 {
            Quality::Hidden
        } else {
            Quality::NoViews
        }
    }
}
