//! How one video's views grow: at equal ages, in the end, now, and when half of them had come.

use jiff::Timestamp;

use super::{
    AtAge, GrowthModel, GrowthSource, WhyNotAtAge,
    at_age::{at_age, in_order},
};
use crate::analytics::{Counter, Estimate, Metric, MetricId, MetricUnit, Quality, SampleOf};

impl MetricId {
    /// Views of a video at an age.
    pub const VIEWS_AT_AGE: Self = Self("views.at_age@1");
    /// Views of a video at 90 days.
    pub const FINAL_VIEWS: Self = Self("views.final@1");
    /// Views that a video gains a day.
    pub const VIEWS_VELOCITY: Self = Self("views.velocity@1");
    /// Age at which a video had half of its views.
    pub const VIEWS_HALF_LIFE: Self = Self("views.half_life@1");
}

pub(in crate::analytics) static METRICS: &[Metric] = &[
    Metric {
        id: MetricId::VIEWS_AT_AGE,
        name: "Views at this age",
        unit: MetricUnit::Views,
        after: "",
        sample: SampleOf::Looks,
        counters: &[Counter::Views],
        meaning: "Videos compare at equal age: young ones have not got their views yet.",
        definition: "Between two looks: log views over log age, on a line; otherwise views x expected growth.",
    },
    Metric {
        id: MetricId::FINAL_VIEWS,
        name: "Views in the end",
        unit: MetricUnit::Views,
        after: "",
        sample: SampleOf::Looks,
        counters: &[Counter::Views],
        meaning: "What the video will have at 90 days; of ten such videos, eight end in the interval.",
        definition: "Views at an age of 90 days, observed or expected.",
    },
    Metric {
        id: MetricId::VIEWS_VELOCITY,
        name: "Views a day now",
        unit: MetricUnit::Views,
        after: "a day",
        sample: SampleOf::Looks,
        counters: &[Counter::Views],
        meaning: "How fast views come at the newest look; below zero where views were taken away.",
        definition: "Views / age x slope of log views over log age between the last two looks, 12 hours apart or more.",
    },
    Metric {
        id: MetricId::VIEWS_HALF_LIFE,
        name: "Half of the views came within",
        unit: MetricUnit::Hours,
        after: "",
        sample: SampleOf::Looks,
        counters: &[Counter::Views],
        meaning: "A short time: the video was shown at once and then no more. A long one: people keep finding it.",
        definition: "Age at which views reached half of those at 90 days.",
    },
];

/// How the views of one video grow.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VideoGrowth {
    /// Views at 1, 3, 7 and 30 days of age.
    pub at_ages: Vec<ViewsAtAge>,
    /// Views at 90 days of age.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Estimate))]
    pub final_views: Estimate,
    /// Views a day at the newest snapshot; needs three.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Estimate))]
    pub velocity: Estimate,
    /// Age in hours at which half of the final views had come; needs three snapshots.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Estimate))]
    pub half_life: Estimate,
}

/// Views at one age.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ViewsAtAge {
    /// The age, days.
    pub age_days: f64,
    /// Whether the figure is projected; observed otherwise.
    pub projected: bool,
    /// The views.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Estimate))]
    pub views: Estimate,
}

impl VideoGrowth {
    /// ln(1 + views at 30 days of age), the scale on which videos compare; `None` where that is not known.
    #[must_use]
    pub fn log_views_compared(&self) -> Option<f64> {
        let at = self.at_ages.iter().find(|at| at.age_days == GrowthModel::COMPARED_AT)?;
        // Nothing can be projected from zero views; but as views go, they are known to be none.
        let none = (at.views.quality == Quality::NoViews).then_some(0.0);
        at.views.value.map(f64::ln_1p).or(none)
    }
}

/// Says how a video's views grow, from snapshots of it: age in days and views at each, in any order.
///
/// The figures' `n` is the number of snapshots. A projected figure is thin unless the model is learnt from a corpus.
#[must_use]
pub fn video_growth(model: &GrowthModel, observations: &[(f64, f64)], as_of: Timestamp) -> VideoGrowth {
    const AGES: [f64; 4] = [1.0, 3.0, 7.0, 30.0];
    let snapshots = in_order(observations);
    let at_ages = AGES.map(|age_days| {
        let at = at_age(model, &snapshots, age_days);
        let views = estimate(MetricId::VIEWS_AT_AGE, at, model, snapshots.len(), as_of);
        ViewsAtAge { age_days, projected: matches!(at, AtAge::Projected { .. }), views }
    });
    let last = at_age(model, &snapshots, GrowthModel::FINAL_AGE);
    let over_snapshots = |id, value: Result<f64, Quality>| match value {
        Ok(value) => Estimate::new(id, as_of, snapshots.len(), value, None),
        Err(why) => Estimate::none(id, as_of, snapshots.len(), why),
    };
    VideoGrowth {
        at_ages: at_ages.into(),
        final_views: estimate(MetricId::FINAL_VIEWS, last, model, snapshots.len(), as_of),
        velocity: over_snapshots(MetricId::VIEWS_VELOCITY, velocity(&snapshots)),
        half_life: over_snapshots(MetricId::VIEWS_HALF_LIFE, half_life(model, &snapshots, last)),
    }
}

/// `velocity` and `half_life` need so many snapshots: two make a line that nothing contradicts.
const SNAPSHOTS: usize = 3;

fn estimate(id: MetricId, at: AtAge, model: &GrowthModel, n: usize, as_of: Timestamp) -> Estimate {
    let quality = match at {
        AtAge::Observed { .. } => Quality::Ok,
        AtAge::Projected { .. } if matches!(model.source(), GrowthSource::Corpus { .. }) => Quality::Ok,
        AtAge::Projected { .. } => Quality::Thin,
        AtAge::Unknown(WhyNotAtAge::NoViews) => Quality::NoViews,
        AtAge::Unknown(WhyNotAtAge::NoSnapshot) => Quality::Hidden,
        AtAge::Unknown(WhyNotAtAge::TooYoung | WhyNotAtAge::OutOfRange) => Quality::NoHistory,
    };
    Estimate { value: at.value(), interval: at.interval(), ..Estimate::none(id, as_of, n, quality) }
}

/// Views a day at the newest snapshot: the slope of a power law through it and the one before.
///
/// Views that come ever more slowly are nearly a power of age, so that its slope at the end says more of now than the
/// mean over the days between.
fn velocity(snapshots: &[(f64, f64)]) -> Result<f64, Quality> {
    const APART_DAYS: f64 = 0.5;
    let needed = Quality::TooFew { needed: SNAPSHOTS as u64 };
    let Some((&(age, views), earlier)) = snapshots.split_last().filter(|_| snapshots.len() >= SNAPSHOTS) else {
        return Err(needed);
    };
    let before = earlier.iter().rev().find(|&&(before, _)| age - before >= APART_DAYS);
    let &(before_age, before_views) = before.ok_or(Quality::NoHistory)?;
    Ok(views / age * (views.ln_1p() - before_views.ln_1p()) / (age / before_age).ln())
}

/// The age in hours at which half of the final views had come.
///
/// It has no interval: what the final views leave open covers 65 % where it would say 80 %, since the views that came
/// before the first look are not seen in it.
fn half_life(model: &GrowthModel, snapshots: &[(f64, f64)], last: AtAge) -> Result<f64, Quality> {
    const HOURS_A_DAY: f64 = 24.0;
    if snapshots.len() < SNAPSHOTS {
        return Err(Quality::TooFew { needed: SNAPSHOTS as u64 });
    }
    let final_views = last.value().ok_or(Quality::NoHistory)?;
    if final_views < 1.0 {
        return Err(Quality::NoViews);
    }
    let half = final_views / 2.0;
    let age = observed_age(snapshots, half).or_else(|| modelled_age(model, snapshots, half));
    Ok(age.ok_or(Quality::NoHistory)? * HOURS_A_DAY)
}

/// The age at which the views first reached a number, if that was between two snapshots.
fn observed_age(snapshots: &[(f64, f64)], views: f64) -> Option<f64> {
    let at = snapshots.iter().position(|&(_, seen)| seen >= views)?;
    let ((age, seen), (before_age, before)) = (snapshots[at], snapshots[at.checked_sub(1)?]);
    let part = (views.ln_1p() - before.ln_1p()) / (seen.ln_1p() - before.ln_1p());
    Some(before_age * (part * (age / before_age).ln()).exp())
}

/// The age at which the views are expected to reach a number, or to have reached it before the first snapshot.
fn modelled_age(model: &GrowthModel, snapshots: &[(f64, f64)], views: f64) -> Option<f64> {
    let (first, last) = (snapshots.first()?, snapshots.last()?);
    let (age, seen) = if first.1 >= views { *first } else { *last };
    if !GrowthModel::takes(age) || seen < 1.0 {
        return None;
    }
    model.curve.reaches(model.curve.at(age) + (views / seen).ln())
}
