//! Creators with planted truth: observations drawn from a plan whose every effect is known, including none.
//!
//! The samples of [`crate::samples`] are five stories that never change; a plan is a distribution to draw hundreds of
//! creators from. All draws are a function of the plan and its seed.

mod draw;
mod followers;
mod growth;
mod observe;
mod plan;
mod population;
mod posts;

pub use draw::Shape;
pub use followers::{Change, FollowerPlan, Jump};
pub use growth::{Curve, Growth};
pub use plan::{Breakout, Deleted, Feature, Habit, Plan, Usage, What};
pub use population::Population;
pub use posts::PlantedPost;

#[cfg(test)]
mod tests;

use crate::{Profile, ProfileObservation, VideoObservation};

/// A creator drawn from a [`Plan`]: what is true of it, and what a source would have shown of it.
///
/// ```
/// use compass_core::{analytics::{MetricId, ReportOptions, creator_report}, testing::planted::Plan};
/// let plan = Plan { hour_lift: [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.4, 0.0], ..Plan::default() };
/// let creator = plan.creator(1);
/// let (looks, videos) = (creator.looks(), creator.videos());
/// let report = creator_report(&creator.profile(), &looks, &videos, plan.as_of, &ReportOptions::default());
/// let interval = report.metrics[&MetricId::TYPICAL_VIEWS].interval.expect("thirty posts have an interval");
/// let truth = plan.population().typical_views;
/// assert!(interval.lo <= truth && truth <= interval.hi);
/// ```
#[derive(Clone, Debug)]
pub struct PlantedCreator {
    /// What it was drawn from.
    pub plan: Plan,
    /// Which of the plan's creators it is.
    pub seed: u64,
    /// Every post with all that is true of it, newest first; deleted ones included.
    pub posts: Vec<PlantedPost>,
    /// True followers a day, oldest first; the last is the count at the plan's moment.
    pub followers: Vec<f64>,
}

impl Plan {
    /// One of the creators that this plan describes.
    #[must_use]
    pub fn creator(&self, seed: u64) -> PlantedCreator {
        PlantedCreator {
            posts: posts::draw(self, seed, self.posts),
            followers: self.followers.draw(self.as_of, seed),
            plan: self.clone(),
            seed,
        }
    }

    /// What is true of a post drawn from this plan, apart from the trend and the chosen breakouts.
    ///
    /// Stated by a simulation of [`Population::POSTS`] posts: the error of a mean or median is about 1 % of the error
    /// that the same figure has from 30 posts.
    #[must_use]
    pub fn population(&self) -> Population {
        Population::of(self)
    }
}

impl PlantedCreator {
    /// What its profile says.
    #[must_use]
    pub fn profile(&self) -> Profile {
        observe::profile(self)
    }

    /// Every look at the profile, oldest first.
    #[must_use]
    pub fn looks(&self) -> Vec<ProfileObservation> {
        observe::looks(self)
    }

    /// Every observation of every post, oldest look first and newest post first.
    #[must_use]
    pub fn videos(&self) -> Vec<VideoObservation> {
        observe::videos(self)
    }
}
