//! The intervals of the figures hold the truth as often as they say.

use std::collections::BTreeMap;

use compass_core::{
    analytics::{ReportOptions, Window},
    testing::planted::{Habit, Plan, Shape},
};

use super::coverage;

/// With so many creators a coverage of 95 % is known to half a point.
const CREATORS: u64 = 1_500;

/// What each figure of a plan's creators estimates.
fn truths(plan: &Plan) -> BTreeMap<&'static str, f64> {
    let population = plan.population();
    let followers = plan.followers.now;
    let known = [
        ("views.typical@1", Some(population.typical_views)),
        ("views.typical.geometric@1", Some(population.geometric_views)),
        ("view_rate.median@1", Some(population.typical_views / followers)),
        ("er.views.median@1", Some(population.rate_median)),
        ("er.views.mean@1", population.rate_mean),
        ("er.views.pooled@1", population.rate_pooled),
        ("er.followers.mean@1", population.mean_reactions.map(|mean| mean / followers)),
        ("rate.like@1", population.pooled.map(|p| p[0])),
        ("rate.comment@1", population.pooled.map(|p| p[1])),
        ("rate.share@1", population.pooled.map(|p| p[2])),
        ("rate.save@1", population.pooled.map(|p| p[3])),
        ("posting.per_week@1", Some(population.posts_per_week)),
        ("posting.gap_median@1", Some(population.median_gap)),
    ];
    known.into_iter().filter_map(|(id, truth)| truth.map(|t| (id, t))).collect()
}

/// The coverage of each figure is within two points of what its interval says.
fn assert_calibrated(name: &str, plan: &Plan) {
    assert_calibrated_but(name, plan, 30, &[]);
}

/// The same with another window, but for figures that are known to fall short under these conditions, and how far.
fn assert_calibrated_but(name: &str, plan: &Plan, posts: usize, short: &[(&str, f64)]) {
    let options = ReportOptions { window: Window { posts, ..Window::default() }, ..ReportOptions::default() };
    let truths = truths(plan);
    let table = coverage(plan, &options, CREATORS, &truths);
    println!("{name}");
    table.iter().for_each(|(id, coverage)| println!("  {id:28} {coverage}"));
    for id in truths.keys() {
        assert!(table.contains_key(id), "{name}: {id} has no interval");
    }
    let lowest =
        |id: &str, level: f64| short.iter().find(|(known, _)| *known == id).map_or(level - 0.02, |(_, floor)| *floor);
    let off = table
        .iter()
        .filter(|(_, c)| c.total() > 0)
        .filter(|(id, c)| !(lowest(id, c.level)..=c.level + 0.02).contains(&c.share()));
    let off: Vec<_> = off.map(|(id, c)| format!("{id} {:.3}", c.share())).collect();
    assert!(off.is_empty(), "{name}: {off:?}");
}

#[test]
fn of_the_newest_thirty_of_many_posts() {
    assert_calibrated("30 posts", &Plan::default());
}

/// A few gaps say little of the pace, which has no interval then.
#[test]
fn of_few_posts() {
    for posts in [8, 12] {
        assert_calibrated_but(&format!("{posts} posts"), &Plan::default(), posts, &[]);
    }
}

#[test]
fn of_heavy_tails() {
    let plan = Plan { views_shape: Shape::HeavyTails, rate_shape: Shape::HeavyTails, ..Plan::default() };
    assert_calibrated("heavy tails", &plan);
}

/// Rates of a Pareto with index 2.9: thirty posts seldom hold one of the few that make the mean.
#[test]
fn of_skewed_rates() {
    let means =
        ["er.views.mean@1", "er.views.pooled@1", "rate.like@1", "rate.comment@1", "rate.share@1", "rate.save@1"];
    let plan = Plan { rate_shape: Shape::Skewed, ..Plan::default() };
    assert_calibrated_but("skewed rates", &plan, 30, &means.map(|id| (id, 0.86)));
}

#[test]
fn of_rates_that_fall_with_views() {
    assert_calibrated("rates fall with views", &Plan { rate_with_views: -0.5, ..Plan::default() });
}

#[test]
fn of_posts_at_any_time_at_random() {
    let plan = Plan { habit: Habit::ANY_TIME, evenness: 1, ..Plan::default() };
    let short = [("rate.comment@1", 0.92), ("rate.share@1", 0.92)];
    assert_calibrated_but("Poisson", &plan, 30, &short);
}

#[test]
fn of_rounded_counters_and_mixed_posts() {
    let hour_lift = [0.0, 0.0, 0.2, 0.3, 0.0, -0.2, 0.4, 0.0];
    assert_calibrated("rounded, with hours", &Plan { rounded: true, hour_lift, ..Plan::default() });
}

/// The intervals take posts as independent: where one resembles the next, they say that they know more than they do.
#[test]
fn of_posts_that_resemble_the_one_before() {
    let levels = ["views.typical@1", "views.typical.geometric@1", "view_rate.median@1", "er.followers.mean@1"];
    let plan = Plan { persistence: 0.3, ..Plan::default() };
    assert_calibrated_but("persistence 0.3", &plan, 30, &levels.map(|id| (id, 0.83)));
}
