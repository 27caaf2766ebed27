//! How views grow with a video's age: learnt from snapshots of the same videos, so that videos compare at equal age.

mod at_age;
mod curve;
mod folds;
mod spread;
mod video;

pub use at_age::{AtAge, WhyNotAtAge, views_at_age};
pub(super) use video::METRICS;
pub use video::{VideoGrowth, ViewsAtAge, video_growth};

use curve::Curve;
use spread::Spread;

/// Two snapshots of one video.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GrowthPair {
    /// Age at the earlier snapshot, days.
    pub from_age: f64,
    /// Age at the later snapshot, days.
    pub to_age: f64,
    /// Views at the earlier snapshot.
    pub from_views: f64,
    /// Views at the later snapshot.
    pub to_views: f64,
}

/// What a model was learnt from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum GrowthSource {
    /// The corpus has next to no pairs: the built-in figures alone.
    Prior {
        /// The month in which the built-in figures were measured, such as `2025-06`.
        dated: String,
    },
    /// Some pairs say how views grow, with the built-in figures to the rest; how growth scatters is built in.
    Blend {
        /// How many pairs of snapshots.
        pairs: u64,
        /// The month in which the built-in figures were measured.
        dated: String,
    },
    /// The corpus' own pairs.
    Corpus {
        /// How many pairs of snapshots.
        pairs: u64,
    },
}

/// Growth of the logarithm of views between two ages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogGrowth {
    /// What half of the videos exceed: m(a, A).
    pub median: f64,
    /// Lower end of the interval.
    pub lo: f64,
    /// Upper end of the interval.
    pub hi: f64,
    /// How many of the videos of that age the interval is to hold: 0.8.
    pub level: f64,
}

/// The growth of views with age: log V(A) = log V(a) + m(a, A) + e.
///
/// m is additive over age, m(a, A) + m(A, B) = m(a, B), and never negative. The spread of e depends on m: it is read off
/// the pairs whose expected growth was about the same.
///
/// ```
/// use compass_core::analytics::GrowthModel;
/// let model = GrowthModel::prior();
/// let growth = model.project(1.5, 15.5).expect("a day and a half is enough");
/// assert!((growth.median.exp() - 2.0).abs() < 0.05, "views double from the second day to the sixteenth");
/// assert_eq!(model.project(0.5, 30.0), None);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct GrowthModel {
    curve: Curve,
    spread: Spread,
    source: GrowthSource,
}

impl GrowthPair {
    /// Every pair of a video's snapshots, given as age in days and views.
    ///
    /// A video that is watched closely would outweigh all others: of more than eight snapshots only those count that are
    /// half as old again as the last one that counted.
    #[must_use]
    pub fn of_video(observations: &[(f64, f64)]) -> Vec<Self> {
        const FEW: usize = 8;
        let mut kept = at_age::in_order(observations).into_owned();
        if kept.len() > FEW {
            let mut next = GrowthModel::MIN_AGE;
            kept.retain(|&(age, _)| {
                let keep = age >= next;
                next = if keep { age * 1.5 } else { next };
                keep
            });
        }
        let pairs = kept.iter().enumerate().flat_map(|(i, &(from_age, from_views))| {
            kept[i + 1..].iter().map(move |&(to_age, to_views)| Self { from_age, to_age, from_views, to_views })
        });
        pairs.filter(Self::is_usable).collect()
    }

    /// Whether a model can learn from it: the first snapshot at least a day old, views in both.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        GrowthModel::takes(self.from_age)
            && GrowthModel::takes(self.to_age)
            && self.from_age < self.to_age
            && self.log_growth().is_finite()
            && self.from_views >= 1.0
            && self.to_views >= 1.0
    }

    /// ln(later views / earlier views).
    #[must_use]
    pub fn log_growth(&self) -> f64 {
        (self.to_views / self.from_views).ln()
    }
}

impl GrowthModel {
    /// The age at which views are called final, days.
    ///
    /// Growth does not end; but past the third month it is a few per cent a month, and few corpora watch a video longer.
    pub const FINAL_AGE: f64 = 90.0;
    /// The age at which views of different videos are compared, days.
    pub const COMPARED_AT: f64 = 30.0;
    /// From this age views are projected, days.
    pub const MIN_AGE: f64 = 1.0;
    /// Up to this age views are projected, days.
    pub const MAX_AGE: f64 = 3_650.0;
    /// Nominal coverage of its intervals.
    pub const LEVEL: f64 = 0.8;
    /// With fewer pairs the built-in figures are used alone.
    pub const BLEND_FROM: usize = 30;
    /// From so many pairs the spread is the corpus' own.
    pub const CORPUS_FROM: usize = 300;
    /// The month in which the built-in figures were measured.
    pub const PRIOR_DATED: &str = "2025-06";

    /// The built-in figures: growth over a fortnight, and how it scatters, as measured in June 2025 on 10,000 videos.
    #[must_use]
    pub fn prior() -> Self {
        Self { curve: Curve::prior(), spread: Spread::prior(), source: GrowthSource::Prior { dated: dated() } }
    }

    /// Learns from pairs of snapshots of the same videos, in any order. Pairs that cannot be used are passed over.
    ///
    /// The curve is fitted by least absolute deviations, so that single videos do not bend it, with the built-in figures
    /// as a few more pairs. Time grows linearly with the pairs.
    #[must_use]
    pub fn fit(pairs: &[GrowthPair]) -> Self {
        let mut pairs: Vec<GrowthPair> = pairs.iter().copied().filter(GrowthPair::is_usable).collect();
        if pairs.len() < Self::BLEND_FROM {
            return Self::prior();
        }
        // One order for any order of the input.
        pairs.sort_unstable_by(|a, b| {
            let key = |p: &GrowthPair| [p.from_age, p.to_age, p.from_views, p.to_views];
            key(a)
                .iter()
                .zip(key(b))
                .map(|(a, b)| a.total_cmp(&b))
                .find(|o| o.is_ne())
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        let curve = Curve::fit(pairs.iter());
        let n = pairs.len() as u64;
        if pairs.len() < Self::CORPUS_FROM {
            return Self { curve, spread: Spread::prior(), source: GrowthSource::Blend { pairs: n, dated: dated() } };
        }
        Self { curve, spread: Spread::fit(&pairs), source: GrowthSource::Corpus { pairs: n } }
    }

    /// What it was learnt from.
    #[must_use]
    pub fn source(&self) -> &GrowthSource {
        &self.source
    }

    /// How much the logarithm of views grows from an age to a later one, both in days.
    ///
    /// `None` below 24 hours of age, past ten years, for an earlier target, and for ages that are no numbers.
    #[must_use]
    pub fn project(&self, age: f64, target_age: f64) -> Option<LogGrowth> {
        if !Self::takes(age) || !Self::takes(target_age) || target_age < age {
            return None;
        }
        if target_age == age {
            return Some(LogGrowth { median: 0.0, lo: 0.0, hi: 0.0, level: Self::LEVEL });
        }
        let median = self.curve.at(target_age) - self.curve.at(age);
        let (lo, hi) = self.spread.around(median, age, target_age - age);
        Some(LogGrowth { median, lo: lo.min(median), hi: hi.max(median), level: Self::LEVEL })
    }

    /// ln(1 + views at 30 days of age), the scale on which views of different videos compare.
    ///
    /// `None` below 24 hours of age, past ten years, and for views that are negative or no number.
    #[must_use]
    pub fn adjusted_log_views(&self, age: f64, views: f64) -> Option<f64> {
        if !Self::takes(age) || !views.is_finite() || views < 0.0 {
            return None;
        }
        let growth = self.curve.at(Self::COMPARED_AT) - self.curve.at(age);
        Some((views * growth.exp()).ln_1p()).filter(|v| v.is_finite())
    }

    fn takes(age: f64) -> bool {
        (Self::MIN_AGE..=Self::MAX_AGE).contains(&age)
    }
}

fn dated() -> String {
    GrowthModel::PRIOR_DATED.to_owned()
}
