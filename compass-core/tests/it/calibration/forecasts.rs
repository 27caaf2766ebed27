//! Forecasts of the follower count against what came.

use compass_core::{
    analytics::{Estimate, Forecast, ReportOptions},
    testing::planted::{Change, FollowerPlan, Plan, Shape},
};
use jiff::SignedDuration;

use super::{Coverage, over_seeds};

const DAYS_AHEAD: usize = 28;

/// Read on each weekday: of the day after, a weekly pattern tells more on some than on others.
const CREATORS_A_WEEKDAY: u64 = 150;

const USUAL: FollowerPlan = FollowerPlan {
    now: 1e6,
    days: 1,
    gain: 60.0,
    weekly: [0.0; 7],
    spread: 40.0,
    shape: Shape::Normal,
    persistence: 0.0,
    wobble: 0.0,
    changes: Vec::new(),
    jumps: Vec::new(),
    missing: 0.0,
};

/// The pace is the same from the first day on.
fn steady() -> [(&'static str, FollowerPlan); 4] {
    let weekly = [-20.0, -20.0, -10.0, 0.0, 10.0, 30.0, 10.0];
    [
        ("independent gains", USUAL),
        ("persistence 0.5", FollowerPlan { persistence: 0.5, ..USUAL }),
        ("heavy tails, a week's pattern", FollowerPlan { weekly, shape: Shape::HeavyTails, ..USUAL }),
        ("looks that are off", FollowerPlan { wobble: 60.0, spread: 20.0, ..USUAL }),
    ]
}

/// Gains more than twice as large from 200 days before the forecast on.
fn changed() -> FollowerPlan {
    FollowerPlan { changes: vec![Change { days_ago: 200 + DAYS_AHEAD, gain: 150.0 }], ..USUAL }
}

/// Growth that dies down from a first day on, so many days before the forecast.
fn damped(known: usize) -> FollowerPlan {
    let all = known + DAYS_AHEAD;
    let gain = |day: usize| 5_000.0 / 45.0 * (-(day as f64) / 45.0).exp();
    let changes = (0..all).map(|day| Change { days_ago: all - day, gain: gain(day) }).collect();
    FollowerPlan { spread: 0.0, wobble: 20.0, changes, ..USUAL }
}

/// The forecasts after so many days, each with what was to come.
fn forecasts(followers: &FollowerPlan, known: usize) -> Vec<(Forecast, Vec<f64>)> {
    let of_weekday = |weekday: u64| {
        let as_of = Plan::default().as_of + SignedDuration::from_hours(24 * weekday as i64);
        let followers = FollowerPlan { days: known + DAYS_AHEAD, ..followers.clone() };
        let plan = Plan { posts: 0, as_of, followers, ..Plan::default() };
        let then = as_of - SignedDuration::from_hours(24 * DAYS_AHEAD as i64);
        let seeds = weekday * CREATORS_A_WEEKDAY..(weekday + 1) * CREATORS_A_WEEKDAY;
        over_seeds(&plan, &ReportOptions::default(), then, seeds, |creator, report| {
            let to_come = creator.looks().split_off(known);
            let truth = to_come.iter().map(|look| look.counts.followers.unwrap().midpoint() as f64);
            (report.growth.forecast.clone(), truth.collect())
        })
    };
    (0..7).flat_map(of_weekday).collect()
}

/// The coverage of the intervals so many days ahead.
fn coverage(forecasts: &[(Forecast, Vec<f64>)], ahead: usize) -> Coverage {
    let mut coverage = Coverage::default();
    for (forecast, to_come) in forecasts {
        let interval = forecast.days[ahead - 1].interval;
        coverage.count(&Estimate { interval, ..forecast.end.clone() }, to_come[ahead - 1]);
    }
    coverage
}

#[test]
fn followers_to_come_lie_in_their_intervals() {
    let mut off = Vec::new();
    for known in [14, 30, 60, 90, 180, 365] {
        let others = [("a change 200 days ago", changed()), ("growth that dies down", damped(known))];
        for (name, followers) in steady().into_iter().chain(others) {
            let told = forecasts(&followers, known);
            for ahead in [1, 3, 7, 14, 28] {
                let coverage = coverage(&told, ahead);
                if coverage.total() == 0 {
                    continue;
                }
                println!("{name}, {known} days known, {ahead} ahead: {coverage}");
                off.extend((!coverage.is_right()).then(|| format!("{name}, {known} known, {ahead} ahead: {coverage}")));
            }
        }
    }
    assert!(off.is_empty(), "{off:#?}");
}

/// The rule is not kept by saying nothing.
#[test]
fn nearly_every_steady_history_has_the_intervals_that_its_length_allows() {
    for (name, followers) in steady() {
        for (known, furthest) in [(14, 0), (30, 0), (60, 3), (180, 14), (365, 28)] {
            let told = forecasts(&followers, known);
            let given = |ahead| f64::from(coverage(&told, ahead).total()) / told.len() as f64;
            assert!(furthest == 0 || given(furthest) > 0.9, "{name}, {known} days: {}", given(furthest));
            assert!(furthest == DAYS_AHEAD || given(furthest + 1 + furthest / 3) == 0.0, "{name}, {known} days");
        }
    }
}

#[test]
fn a_pace_that_is_new_has_no_interval() {
    let told = forecasts(&changed(), 365);
    assert_eq!(coverage(&told, 28).total(), 0, "200 days do not tell of 28");
    let early = |known: usize| coverage(&forecasts(&damped(known), known), 1).total();
    assert!(early(60) < 60, "of 1,050: growth that dies down is no pace to go on at, {}", early(60));
}
