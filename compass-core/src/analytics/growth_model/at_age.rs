//! Views of a video at a given age: observed where snapshots bracket the age, else projected.

use std::{borrow::Cow, ops::RangeInclusive};

use super::GrowthModel;
use crate::analytics::Interval;

/// Views of a video at an age.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AtAge {
    /// Snapshots bracket the age: interpolated between them, log views over log age.
    Observed {
        /// Views.
        value: f64,
        /// From the one snapshot to the other, level 1.
        interval: Interval,
    },
    /// Projected from the nearest snapshot, forwards or backwards.
    Projected {
        /// Views: half of such videos have more.
        value: f64,
        /// Where 80 % of such videos are.
        interval: Interval,
    },
    /// There is no saying.
    Unknown(WhyNotAtAge),
}

/// Why the views at an age are not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyNotAtAge {
    /// No snapshot shows the views, at an age above zero.
    NoSnapshot,
    /// The newest snapshot is less than a day after posting: too early to project.
    TooYoung,
    /// Nobody had seen it at the snapshot: nothing to multiply.
    NoViews,
    /// The age asked for is below a day or above ten years, and no snapshots bracket it.
    OutOfRange,
}

impl AtAge {
    /// Views; `None` if there is no saying.
    #[must_use]
    pub fn value(self) -> Option<f64> {
        match self {
            Self::Observed { value, .. } | Self::Projected { value, .. } => Some(value),
            Self::Unknown(_) => None,
        }
    }

    /// The interval of the views; `None` if there is no saying.
    #[must_use]
    pub fn interval(self) -> Option<Interval> {
        match self {
            Self::Observed { interval, .. } | Self::Projected { interval, .. } => Some(interval),
            Self::Unknown(_) => None,
        }
    }
}

/// Views of a video at an age in days, from snapshots of it: its age in days and its views at each, in any order.
///
/// Snapshots before the posting (a clock was wrong) and those that are no numbers count for nothing; of several at one
/// moment the largest counts, since a source that lags shows less. Views that fall are interpolated as they are.
///
/// ```
/// use compass_core::analytics::{AtAge, GrowthModel, views_at_age};
/// let snapshots = [(1.0, 1_000.0), (4.0, 4_000.0)];
/// let AtAge::Observed { value, .. } = views_at_age(&GrowthModel::prior(), &snapshots, 2.0) else { panic!() };
/// assert!((value - 2_000.0).abs() < 1.0);
/// assert!(matches!(views_at_age(&GrowthModel::prior(), &snapshots, 30.0), AtAge::Projected { .. }));
/// ```
#[must_use]
pub fn views_at_age(model: &GrowthModel, observations: &[(f64, f64)], target_age: f64) -> AtAge {
    at_age(model, &in_order(observations), target_age)
}

/// [`views_at_age`] of snapshots that are in order.
pub(super) fn at_age(model: &GrowthModel, snapshots: &[(f64, f64)], target: f64) -> AtAge {
    let after = snapshots.partition_point(|&(age, _)| age < target);
    match (after.checked_sub(1).map(|i| snapshots[i]), snapshots.get(after).copied()) {
        (_, Some((age, views))) if age == target => {
            AtAge::Observed { value: views, interval: Interval { lo: views, hi: views, level: 1.0 } }
        }
        (Some(before), Some(after)) => between(before, after, target),
        (Some((age, views)), None) if age >= GrowthModel::MIN_AGE => project(model, age, views, target),
        (Some(_), None) => AtAge::Unknown(WhyNotAtAge::TooYoung),
        (None, Some((age, views))) => project_back(model, age, views, target),
        (None, None) => AtAge::Unknown(WhyNotAtAge::NoSnapshot),
    }
}

/// The snapshots that count, by age, one for each age.
pub(super) fn in_order(observations: &[(f64, f64)]) -> Cow<'_, [(f64, f64)]> {
    /// From a second to a few centuries: days at other ages come from a clock that was wrong.
    const AGES: RangeInclusive<f64> = 1e-5..=1e5;
    let counts = |(age, views): &(f64, f64)| AGES.contains(age) && views.is_finite() && *views >= 0.0;
    if observations.iter().all(counts) && observations.is_sorted_by(|a, b| a.0 < b.0) {
        return Cow::Borrowed(observations);
    }
    let mut snapshots: Vec<(f64, f64)> = observations.iter().copied().filter(counts).collect();
    snapshots.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)));
    snapshots.dedup_by_key(|snapshot| snapshot.0);
    Cow::Owned(snapshots)
}

fn between(before: (f64, f64), after: (f64, f64), target: f64) -> AtAge {
    let part = (target / before.0).ln() / (after.0 / before.0).ln();
    // 1 + views, so that a video that nobody had seen has a logarithm.
    let (from, to) = (before.1.ln_1p(), after.1.ln_1p());
    let (lo, hi) = (before.1.min(after.1), before.1.max(after.1));
    let value = (from + part * (to - from)).exp_m1().clamp(lo, hi);
    AtAge::Observed { value, interval: Interval { lo, hi, level: 1.0 } }
}

fn project(model: &GrowthModel, age: f64, views: f64, target: f64) -> AtAge {
    projected(model.project(age, target).map(|growth| [growth.median, growth.lo, growth.hi]), views)
}

fn project_back(model: &GrowthModel, age: f64, views: f64, target: f64) -> AtAge {
    projected(model.project(target, age).map(|growth| [-growth.median, -growth.hi, -growth.lo]), views)
}

/// `growth` of log views: expected, least, most.
fn projected(growth: Option<[f64; 3]>, views: f64) -> AtAge {
    let Some(growth) = growth else { return AtAge::Unknown(WhyNotAtAge::OutOfRange) };
    if views < 1.0 {
        return AtAge::Unknown(WhyNotAtAge::NoViews);
    }
    let [value, lo, hi] = growth.map(|growth| views * growth.exp());
    if !hi.is_finite() {
        return AtAge::Unknown(WhyNotAtAge::OutOfRange);
    }
    AtAge::Projected { value, interval: Interval { lo, hi, level: GrowthModel::LEVEL } }
}
