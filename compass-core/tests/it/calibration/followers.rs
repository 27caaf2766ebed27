//! Follower growth against planted gains.

use std::{collections::BTreeMap, ops::RangeInclusive};

use compass_core::{
    analytics::{MetricId, ReportOptions},
    testing::planted::{FollowerPlan, Plan, Shape},
};

use super::{coverage, over_creators};

const CREATORS: u64 = 1_500;

/// Three months of looks at an account that gains 60 followers a day.
fn three_months() -> FollowerPlan {
    FollowerPlan { days: 91, gain: 60.0, spread: 40.0, ..FollowerPlan::default() }
}

fn assert_slope_is_calibrated(name: &str, followers: FollowerPlan) {
    assert_slope_is_covered(name, followers, 0.93..=0.97);
}

fn assert_slope_is_covered(name: &str, followers: FollowerPlan, allowed: RangeInclusive<f64>) {
    let weekly = followers.weekly.iter().sum::<f64>() / 7.0;
    let truths = BTreeMap::from([(MetricId::FOLLOWER_GROWTH.0, followers.gain + weekly)]);
    let plan = Plan { posts: 0, followers, ..Plan::default() };
    let table = coverage(&plan, &ReportOptions::default(), CREATORS, &truths);
    let slope = &table[MetricId::FOLLOWER_GROWTH.0];
    println!("{name}\n  {slope}");
    assert!(allowed.contains(&slope.share()), "{name}: {slope}");
}

#[test]
fn of_gains_that_vary_from_day_to_day() {
    assert_slope_is_calibrated("independent gains", three_months());
}

#[test]
fn of_gains_with_heavy_tails() {
    assert_slope_is_calibrated("heavy-tailed gains", FollowerPlan { shape: Shape::HeavyTails, ..three_months() });
}

#[test]
fn of_gains_with_a_weekly_pattern_and_missing_days() {
    let weekly = [-10.0, -20.0, -20.0, 0.0, 10.0, 30.0, 10.0];
    assert_slope_is_calibrated("weekly, days missing", FollowerPlan { weekly, missing: 0.2, ..three_months() });
}

#[test]
fn of_gains_that_resemble_the_day_before() {
    assert_slope_is_calibrated("persistence 0.5", FollowerPlan { persistence: 0.5, ..three_months() });
}

/// Gains that take each other back say more of the slope than the interval assumes: it is wider than it need be.
#[test]
fn of_counts_that_are_a_little_off_a_line() {
    assert_slope_is_covered("off a line", FollowerPlan { spread: 0.0, wobble: 40.0, ..three_months() }, 0.93..=1.0);
}

/// A rounded counter's growth rate is a range in which the truth must lie.
#[test]
fn of_rounded_counters() {
    let plan = Plan { posts: 0, rounded: true, followers: three_months(), ..Plan::default() };
    let held = over_creators(&plan, &ReportOptions::default(), 400, |creator, report| {
        let interval = report.metrics[&MetricId::FOLLOWER_GROWTH_RATE].interval.unwrap();
        let truth = (creator.followers[90] / creator.followers[0]).ln() / 90.0;
        // The true count of a day is a fraction, of which a source shows the nearest whole number.
        let room = 1.0 / creator.followers[0] / 90.0;
        interval.level == 1.0 && interval.lo - room <= truth && truth <= interval.hi + room
    });
    assert!(held.iter().all(|&held| held));
}
