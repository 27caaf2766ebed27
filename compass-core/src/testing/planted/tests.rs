//! The generator plants what it says.

use jiff::tz::TimeZone;

use super::*;
use crate::{Count, analytics::Counter};

/// ln of final views of many posts that meet a condition, on average.
fn mean_log(plan: &Plan, condition: impl Fn(&PlantedPost) -> bool) -> f64 {
    let posts = Plan { posts: 60_000, ..plan.clone() }.creator(5).posts;
    let logs: Vec<f64> = posts.iter().filter(|post| condition(post)).map(|post| post.views.ln()).collect();
    logs.iter().sum::<f64>() / logs.len() as f64
}

fn feature(name: &str, lift: f64, usage: Usage) -> Feature {
    Feature { what: What::Hashtag(name.to_owned()), lift, usage }
}

#[test]
fn same_seed_gives_the_same_creator_and_another_seed_another() {
    let plan = Plan { growth: Some(Growth::USUAL), looks: vec![0.0, 7.5], rounded: true, ..Plan::default() };
    let [a, b, c] = [1, 1, 2].map(|seed| plan.creator(seed));
    assert_eq!((a.videos(), a.looks()), (b.videos(), b.looks()));
    assert_ne!(a.videos(), c.videos());
    assert_ne!(a.profile().id, c.profile().id);
}

#[test]
fn population_is_the_closed_form_of_lognormal_views_and_rates() {
    let plan = Plan { views_spread: 0.6, rate_with_views: 0.5, ..Plan::default() };
    let (v, r, rho) = (0.6, 0.35, 0.5);
    let population = plan.population();
    // E[exp(sX)] = exp(s²/2), and E[VR] has the covariance rho v r in it. A sample of 200,000 has 0.15 % to 0.3 % of error.
    let close = |value: f64, truth: f64| assert!((value / truth - 1.0).abs() < 0.01, "{value} is not {truth}");
    close(population.typical_views, 20_000.0);
    close(population.geometric_views, 20_000.0);
    close(population.mean_views.unwrap(), 20_000.0 * (v * v / 2.0_f64).exp());
    close(population.rate_median, 0.07);
    close(population.rate_mean.unwrap(), 0.07 * (r * r / 2.0_f64).exp());
    close(population.rate_pooled.unwrap(), 0.07 * (r * r / 2.0 + rho * v * r).exp());
    close(population.pooled.unwrap()[..3].iter().sum(), population.rate_pooled.unwrap());
    let heavy = Plan { views_shape: Shape::HeavyTails, ..plan }.population();
    assert_eq!((heavy.mean_views, heavy.rate_pooled, heavy.rate_mean), (None, None, None));
    close(heavy.typical_views, 20_000.0);
}

#[test]
fn lifts_are_as_large_as_planned() {
    let plan = Plan {
        hour_lift: [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.0],
        weekday_lift: [0.0, 0.0, 0.0, 0.0, 0.0, -0.3, 0.0],
        features: vec![
            feature("planted", 0.4, Usage::Share(0.3)),
            feature("nothing", 0.0, Usage::Share(0.3)),
            Feature { what: What::Photo, lift: -0.2, usage: Usage::Share(0.2) },
        ],
        ..Plan::default()
    };
    // Each mean is over thousands of posts of spread 0.9 and a little more: four standard errors are below 0.06.
    let differs = |has: &dyn Fn(&PlantedPost) -> bool| mean_log(&plan, has) - mean_log(&plan, |post| !has(post));
    assert!((differs(&|post| post.block == 6) - 0.5).abs() < 0.06);
    assert!((differs(&|post| post.weekday == 5) + 0.3).abs() < 0.06);
    assert!((differs(&|post| post.features.contains(&0)) - 0.4).abs() < 0.06);
    assert!(differs(&|post| post.features.contains(&1)).abs() < 0.06);
    assert!((differs(&|post| post.duration.is_none()) + 0.2).abs() < 0.06);
}

#[test]
fn drift_persistence_and_breakouts_are_as_planned() {
    let plan = Plan { drift: -0.5, views_spread: 0.0, ..Plan::default() };
    let oldest = plan.creator(3).posts.pop().unwrap();
    let years = oldest.age(plan.as_of) / 365.25;
    assert!((oldest.views.ln() - (20_000.0_f64.ln() + 0.5 * years)).abs() < 1e-9);

    let plan = Plan { persistence: 0.6, posts: 40_000, ..Plan::default() };
    let logs: Vec<f64> = plan.creator(3).posts.iter().map(|post| post.views.ln() - 20_000.0_f64.ln()).collect();
    let (products, squares) =
        logs.windows(2).fold((0.0, 0.0), |(p, s), pair| (p + pair[0] * pair[1], s + pair[0] * pair[0]));
    assert!((products / squares - 0.6).abs() < 0.02);

    let plain = Plan::default();
    let with = Plan { breakouts: vec![Breakout { post: 4, times: 20.0 }], ..Plan::default() };
    let ratio = with.creator(9).posts[4].views / plain.creator(9).posts[4].views;
    assert!((ratio - 20.0).abs() < 1e-9);
}

#[test]
fn posts_come_as_often_as_planned_and_when_the_habit_says() {
    let zone = TimeZone::get("America/New_York").unwrap();
    let plan = Plan { zone: zone.clone(), posts: 20_000, ..Plan::default() };
    let posts = plan.creator(2).posts;
    let weeks = (posts[0].created_at - posts[19_999].created_at).total(jiff::Unit::Second).unwrap() / 604_800.0;
    // Erlang gaps of shape 2 have a deviation of 0.7 of their mean: four standard errors of 20,000 are 2 %.
    assert!((19_999.0 / weeks / 4.0 - 1.0).abs() < 0.02);
    assert!(posts.windows(2).all(|pair| pair[0].created_at >= pair[1].created_at));
    let share = |hour: i8| {
        posts.iter().filter(|p| p.created_at.to_zoned(zone.clone()).hour() == hour).count() as f64 / 20_000.0
    };
    let hours = Habit::EVENINGS.hours;
    let planned = |hour: usize| hours[hour] / hours.iter().sum::<f64>();
    assert!((share(19) - planned(19)).abs() < 0.01, "{} {}", share(19), planned(19));
    assert_eq!(share(4), 0.0);
    assert!((plan.population().posts_per_week - 4.0).abs() < 1e-12);
}

#[test]
fn usage_patterns_are_as_planned() {
    let features = vec![
        feature("half", 0.0, Usage::Share(0.5)),
        feature("companion", 0.0, Usage::With(0, 0.8)),
        feature("summer", 0.0, Usage::Run(0.25..0.5)),
        Feature { what: What::Sound("700".to_owned()), lift: 0.0, usage: Usage::Share(0.5) },
        Feature { what: What::Sound("701".to_owned()), lift: 0.0, usage: Usage::Share(0.5) },
    ];
    let posts = Plan { features, posts: 20_000, ..Plan::default() }.creator(8).posts;
    let share = |has: &dyn Fn(&[usize]) -> bool| posts.iter().filter(|p| has(&p.features)).count() as f64 / 20_000.0;
    // Four standard errors of a share of 20,000 are at most 0.015.
    assert!((share(&|f| f.contains(&0)) - 0.5).abs() < 0.015);
    assert!((share(&|f| f.contains(&1)) - 0.4).abs() < 0.015);
    assert_eq!(share(&|f| f.contains(&1) && !f.contains(&0)), 0.0);
    assert_eq!(share(&|f| f.contains(&3) && f.contains(&4)), 0.0);
    assert!((share(&|f| f.contains(&4)) - 0.25).abs() < 0.015);
    let run: Vec<usize> = (0..20_000).filter(|&i| posts[i].features.contains(&2)).collect();
    assert_eq!((run[0], run.len(), run[run.len() - 1]), (10_000, 5_000, 14_999));
}

#[test]
fn views_grow_along_the_curve_and_deleted_posts_vanish() {
    let plan = Plan {
        growth: Some(Growth::USUAL),
        looks: vec![20.0, 10.0, 0.0],
        deleted: vec![Deleted { post: 30, days_ago: 5.0 }],
        pinned: vec![40],
        ..Plan::default()
    };
    let creator = plan.creator(4);
    let videos = creator.videos();
    let of = |place: usize| -> Vec<&VideoObservation> {
        videos.iter().filter(|v| v.video.created_at == creator.posts[place].created_at).collect()
    };
    assert_eq!((of(30).len(), of(31).len()), (2, 3));
    for look in of(31) {
        let post = &creator.posts[31];
        let truth = post.views * Growth::USUAL.share(post.age(look.observed_at), 1.0);
        assert!((look.counts.views.unwrap().midpoint() as f64 - truth).abs() <= 0.5);
    }
    assert!(of(40).iter().all(|v| v.pinned) && of(41).iter().all(|v| !v.pinned));
    let looks = creator.looks();
    assert_eq!(looks.len(), 3);
    let likes = |index: usize| looks[index].counts.likes.unwrap().midpoint();
    let shown = videos.iter().filter(|v| v.observed_at == plan.as_of).map(|v| v.counts.likes.unwrap().midpoint());
    assert_eq!(likes(2), shown.sum::<u64>());
    assert_eq!(looks[2].counts.videos, Count::exact(59).ok());
}

#[test]
fn hidden_and_rounded_counters_are_as_planned() {
    let hidden = vec![(Counter::Saves, 0.25), (Counter::Shares, 1.0)];
    let plan = Plan { hidden, rounded: true, posts: 4_000, ..Plan::default() };
    let creator = plan.creator(1);
    let videos = creator.videos();
    let without_saves = videos.iter().filter(|v| v.counts.saves.is_none()).count();
    // Four standard errors of a quarter of 4,000 are 110.
    assert!(without_saves.abs_diff(1_000) < 110, "{without_saves}");
    assert!(videos.iter().all(|v| v.counts.shares.is_none() && v.counts.likes.is_some()));
    for (video, post) in videos.iter().zip(&creator.posts) {
        let views = video.counts.views.unwrap();
        assert!((views.lo()..=views.hi()).contains(&(post.views.round() as u64)));
        assert_eq!(views.is_exact(), post.views.round() < 10_000.0);
    }
}

#[test]
fn followers_drift_change_jump_and_go_missing_as_planned() {
    let followers = FollowerPlan {
        days: 20_001,
        gain: 30.0,
        spread: 50.0,
        persistence: 0.5,
        weekly: [0.0, 0.0, 0.0, 0.0, 0.0, 70.0, 0.0],
        changes: vec![Change { days_ago: 9_999, gain: -60.0 }],
        jumps: vec![Jump { days_ago: 100, followers: 5_000.0 }],
        missing: 0.2,
        now: 1e7,
        ..FollowerPlan::default()
    };
    let creator = Plan { followers, ..Plan::default() }.creator(6);
    let gains: Vec<f64> = creator.followers.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    // The weekly pattern adds 10 a day. AR(1) of 0.5 and spread 50: four standard errors over 10,000 days are 3.5.
    assert!((mean(&gains[..10_000]) - 40.0).abs() < 3.5);
    assert!((mean(&gains[10_000..]) - 5_000.0 / 10_000.0 + 50.0).abs() < 3.5);
    assert!(gains[19_899] > 4_500.0 && gains[19_898] < 1_000.0);
    // The plan's moment is a Friday: the gain of six days before is a Saturday's.
    let saturdays: Vec<f64> = (0..1_000).map(|week| gains[19_999 - 6 - 7 * week]).collect();
    let sundays: Vec<f64> = (0..1_000).map(|week| gains[19_999 - 5 - 7 * week]).collect();
    assert!((mean(&saturdays) - mean(&sundays) - 70.0).abs() < 10.0);
    let looks = creator.looks();
    assert!(looks.len().abs_diff(16_000) < 250, "{}", looks.len());
    let newest = looks.last().unwrap();
    assert_eq!((newest.observed_at, newest.counts.followers), (creator.plan.as_of, Count::exact(10_000_000).ok()));
}
