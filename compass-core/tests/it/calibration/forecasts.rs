//! Forecasts of the follower count against what came.

use compass_core::{
    analytics::ReportOptions,
    testing::planted::{Change, FollowerPlan, Plan, Shape},
};
use jiff::SignedDuration;

use super::{Coverage, over_creators_as_of};

const DAYS_AHEAD: i64 = 28;

#[test]
fn followers_in_four_weeks_lie_in_their_interval() {
    let weekly = [-20.0, -20.0, -10.0, 0.0, 10.0, 30.0, 10.0];
    let usual = FollowerPlan { days: 365 + 28, gain: 60.0, spread: 40.0, ..FollowerPlan::default() };
    let mut off = Vec::new();
    for (name, followers) in [
        ("independent gains", usual.clone()),
        ("persistence 0.5", FollowerPlan { persistence: 0.5, ..usual.clone() }),
        ("heavy tails, a week's pattern", FollowerPlan { weekly, shape: Shape::HeavyTails, ..usual.clone() }),
        ("a change half a year ago", FollowerPlan { changes: vec![Change { days_ago: 200, gain: 150.0 }], ..usual }),
    ] {
        let plan = Plan { posts: 0, followers, ..Plan::default() };
        let then = plan.as_of - SignedDuration::from_hours(24 * DAYS_AHEAD);
        let told = over_creators_as_of(&plan, &ReportOptions::default(), then, 600, |creator, report| {
            (report.growth.forecast.end.clone(), *creator.followers.last().unwrap())
        });
        let mut coverage = Coverage::default();
        told.iter().for_each(|(end, truth)| coverage.count(end, *truth));
        println!("{name}: {coverage}");
        // Six hundred forecasts leave the coverage open by 1.6 points. Errors from before a change make it wider after.
        let highest = if plan.followers.changes.is_empty() { coverage.level + 0.036 } else { 0.9 };
        let right = coverage.total() > 300 && (coverage.level - 0.036..=highest).contains(&coverage.share());
        off.extend((!right).then(|| format!("{name}: {coverage}")));
    }
    assert!(off.is_empty(), "{off:#?}");
}
