//! Figures as the pages show them: which lead, and an interval as a picture.

use compass_core::analytics::{CreatorReport, Metric};

use crate::words::{Figure, remark};

/// Where a figure and its interval lie between zero and a little beyond the interval, in percent of a line's length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Whisker {
    pub(super) lo: f64,
    pub(super) width: f64,
    pub(super) value: f64,
    pub(super) zero: f64,
}

/// The leading figures of a report.
pub(super) fn headlines(report: &CreatorReport) -> Vec<Figure> {
    Figure::all(report, Metric::headlines())
}

impl Figure {
    /// What else a reader should know.
    pub(super) fn remarks(&self) -> Vec<&'static str> {
        self.estimate.flags.iter().copied().map(remark).collect()
    }

    /// The interval as a picture; `None` if there is no interval.
    pub(super) fn whisker(&self) -> Option<Whisker> {
        let (value, interval) = (self.estimate.value?, self.estimate.interval?);
        let (left, right) = (interval.lo.min(0.0) * 1.15, interval.hi.max(0.0) * 1.15);
        let length = right - left;
        if length <= 0.0 {
            return None;
        }
        let place = |x: f64| ((x - left) / length * 1000.0).round() / 10.0;
        let (lo, hi) = (place(interval.lo), place(interval.hi));
        Some(Whisker { lo, width: (hi - lo).max(0.5), value: place(value), zero: place(0.0) })
    }
}

#[cfg(test)]
mod tests {
    use compass_core::analytics::{Estimate, Interval, MetricId, Quality};
    use jiff::Timestamp;

    use super::*;

    fn growth(estimate: impl FnOnce(MetricId, Timestamp) -> Estimate) -> Figure {
        let metric = Metric::find(MetricId::FOLLOWER_GROWTH).unwrap();
        Figure { metric, estimate: estimate(metric.id, Timestamp::UNIX_EPOCH), why_none: String::new() }
    }

    #[test]
    fn a_whisker_lies_on_its_line_and_shows_where_zero_is() {
        let losing = Interval { lo: -4.0, hi: 2.0, level: 0.95 };
        let whisker = growth(|id, at| Estimate::new(id, at, 90, -1.0, Some(losing))).whisker().unwrap();
        assert!(0.0 < whisker.lo && whisker.lo < whisker.value && whisker.value < whisker.zero);
        assert!(whisker.lo + whisker.width < 100.0);
    }

    #[test]
    fn a_missing_figure_has_no_whisker() {
        assert_eq!(growth(|id, at| Estimate::none(id, at, 1, Quality::NoHistory)).whisker(), None);
    }
}
