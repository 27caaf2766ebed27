//! Claims about the follower count: that its growth speeds up or slows down, that it changed on a day, that it jumped.

use compass_core::{
    analytics::{CreatorReport, LevelTrend, Mark, ReportOptions, SignalKind, Trend, creator_report},
    testing::planted::{Breakout, Change, FollowerPlan, Jump, Plan, PlantedCreator, Shape},
};

use super::{
    claims::{assert_few_claims, assert_power},
    over_creators,
};

fn steady(days: usize) -> FollowerPlan {
    // Large beside its gains, so that a steady gain is a steady growth rate, too.
    FollowerPlan { now: 500_000.0, days, gain: 60.0, spread: 40.0, ..FollowerPlan::default() }
}

fn plan(followers: FollowerPlan) -> Plan {
    Plan { posts: 0, followers, ..Plan::default() }
}

fn followers(report: &CreatorReport) -> &LevelTrend {
    report.growth.followers.as_ref().unwrap()
}

fn tends(_: &PlantedCreator, report: &CreatorReport) -> bool {
    followers(report).test.is_some_and(|test| test.trend != Trend::NotShown)
}

fn changed(_: &PlantedCreator, report: &CreatorReport) -> bool {
    !followers(report).change_points.is_empty()
}

fn nulls() -> Vec<(String, FollowerPlan)> {
    let weekly = [-20.0, -20.0, -10.0, 0.0, 10.0, 30.0, 10.0];
    [40, 91, 365]
        .into_iter()
        .flat_map(|days| {
            [
                (format!("{days} days"), steady(days)),
                (format!("{days} days, heavy tails"), FollowerPlan { shape: Shape::HeavyTails, ..steady(days) }),
                (format!("{days} days, a week's pattern"), FollowerPlan { weekly, ..steady(days) }),
                (format!("{days} days, persistence 0.3"), FollowerPlan { persistence: 0.3, ..steady(days) }),
                (format!("{days} days, a tenth missing"), FollowerPlan { missing: 0.1, ..steady(days) }),
            ]
        })
        .collect()
}

#[test]
fn steady_gains_seldom_tend_or_change() {
    for (name, followers) in nulls() {
        let claims = over_creators(&plan(followers), &ReportOptions::default(), 400, |creator, report| {
            (tends(creator, report), changed(creator, report))
        });
        let (tending, changing): (Vec<bool>, Vec<bool>) = claims.into_iter().unzip();
        assert_few_claims(&format!("trend, {name}"), &tending);
        assert_few_claims(&format!("change, {name}"), &changing);
    }
}

#[test]
fn planted_changes_are_found_near_their_day() {
    let changes = vec![Change { days_ago: 60, gain: 180.0 }];
    let plan = plan(FollowerPlan { changes, ..steady(200) });
    let found = over_creators(&plan, &ReportOptions::default(), 200, |creator, report| {
        let planted = creator.plan.as_of - jiff::SignedDuration::from_hours(60 * 24);
        let day = planted.to_zoned(jiff::tz::TimeZone::UTC).date();
        followers(report).change_points.iter().any(|change| (change.day - day).get_days().abs() <= 3)
    });
    assert_power("a change from 60 to 180 a day within 3 days", &found, 0.9);
    let changes = vec![Change { days_ago: 100, gain: 120.0 }];
    let tending = Plan { followers: FollowerPlan { changes, ..steady(200) }, ..plan };
    assert_power("a trend test on a step up", &over_creators(&tending, &ReportOptions::default(), 200, tends), 0.9);
}

fn jumped(_: &PlantedCreator, report: &CreatorReport) -> bool {
    report.authenticity.iter().any(|signal| signal.kind == SignalKind::FollowerJump)
}

/// Some posts, so that a jump could be explained.
fn with_posts(followers: FollowerPlan) -> Plan {
    Plan { followers, posts: 150, ..Plan::default() }
}

#[test]
fn accounts_without_bought_followers_seldom_seem_to_have_some() {
    for (name, followers) in nulls().into_iter().filter(|(_, followers)| followers.days == 91) {
        let name = format!("jumps, {name}");
        assert_few_claims(&name, &over_creators(&with_posts(followers), &ReportOptions::default(), 400, jumped));
    }
}

#[test]
fn bought_followers_are_found_unless_a_breakout_explains_them() {
    let jumps = vec![Jump { days_ago: 50, followers: 5_000.0 }];
    let plan = with_posts(FollowerPlan { jumps, ..steady(200) });
    let found = over_creators(&plan, &ReportOptions::default(), 200, |creator, report| {
        let day = (creator.plan.as_of - jiff::SignedDuration::from_hours(50 * 24)).to_zoned(jiff::tz::TimeZone::UTC);
        let jumps = report.authenticity.iter().filter_map(|signal| signal.jump.as_ref());
        jumps.clone().any(|jump| (jump.day - day.date()).get_days().abs() <= 1)
    });
    assert_power("5,000 bought followers, by their day", &found, 0.9);
    let explained = over_creators(&plan, &ReportOptions::default(), 200, |creator, _| {
        let shortly_before = |age: f64| (51.0..52.5).contains(&age);
        let post = creator.posts.iter().position(|post| shortly_before(post.age(creator.plan.as_of)))?;
        let breakouts = vec![Breakout { post, times: 1_000.0 }];
        let creator = Plan { breakouts, ..creator.plan.clone() }.creator(creator.seed);
        let (looks, videos) = (creator.looks(), creator.videos());
        let options = ReportOptions::default();
        Some(jumped(&creator, &creator_report(&creator.profile(), &looks, &videos, creator.plan.as_of, &options)))
    });
    assert_few_claims("jumps that a breakout explains", &explained.into_iter().flatten().collect::<Vec<_>>());
}

#[test]
fn planted_breakouts_stand_out() {
    let breakouts = vec![Breakout { post: 12, times: 100.0 }, Breakout { post: 30, times: 0.01 }];
    let plan = Plan { breakouts, ..Plan::default() };
    let marks = over_creators(&plan, &ReportOptions::default(), 400, |creator, report| {
        let mark = |place: usize| {
            let video = report.videos.iter().find(|video| video.created_at == creator.posts[place].created_at);
            video.unwrap().standout.mark
        };
        let others = report.videos.iter().filter(|video| video.standout.mark.is_some()).count();
        (mark(12) == Some(Mark::Breakout), mark(30) == Some(Mark::Flop), others)
    });
    assert_power("a hundredfold breakout", &marks.iter().map(|m| m.0).collect::<Vec<_>>(), 0.85);
    assert_power("a hundredth of the views", &marks.iter().map(|m| m.1).collect::<Vec<_>>(), 0.85);
    let plain = over_creators(&Plan::default(), &ReportOptions::default(), 400, |_, report| {
        report.videos.iter().filter(|video| video.standout.mark.is_some()).count()
    });
    println!("of {} ordinary posts {} stand out", 400 * 60, plain.iter().sum::<usize>());
    assert!(plain.iter().sum::<usize>() < 400 * 60 / 100);
}
