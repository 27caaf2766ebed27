//! Creators to measure with, as everything in this package needs them.

pub mod observations;

use compass_core::{
    analytics::Subject,
    testing::planted::{Feature, FollowerPlan, Growth, Plan, Usage, What},
};

/// Followers that a weekday brings more, or less.
const WEEKLY: [f64; 7] = [0.0, -10.0, -10.0, 0.0, 10.0, 30.0, 20.0];

/// A plan like many creators': posts in the evening, growing views, three dozen hashtags of which some are rare.
#[must_use]
pub fn usual(posts: usize) -> Plan {
    let tag =
        |i: u32| Feature { what: What::Hashtag(format!("tag{i}")), lift: 0.0, usage: Usage::Share(0.5 / f64::from(i)) };
    Plan {
        posts,
        posts_per_week: 5.0,
        growth: Some(Growth::USUAL),
        looks: vec![0.0, 7.0, 14.0, 28.0],
        features: (1..=36).map(tag).collect(),
        followers: FollowerPlan { days: 365, gain: 60.0, spread: 90.0, weekly: WEEKLY, ..FollowerPlan::default() },
        ..Plan::default()
    }
}

/// The creator of that seed, as it was observed.
#[must_use]
pub fn subject(plan: &Plan, seed: u64) -> Subject {
    let creator = plan.creator(seed);
    Subject::new(creator.profile(), creator.looks(), creator.videos())
}
