//! How often there is something to do: seldom where nothing matters, mostly where something does.

use std::thread;

use compass_core::{
    recommend::{Call, Insight, InsightKind},
    testing::planted::{Change, Feature, FollowerPlan, Habit, Plan, Shape, Usage, What},
};

use super::{report, told};

fn tag(name: &str, lift: f64, share: f64) -> Feature {
    Feature { what: What::Hashtag(name.to_owned()), lift, usage: Usage::Share(share) }
}

/// A creator with habits of all kinds, none of which does anything but the first hashtag, by so much.
fn plan(posts: usize, lift: f64) -> Plan {
    let sound = Feature { what: What::Sound("7001".to_owned()), lift: 0.0, usage: Usage::Share(0.2) };
    let photo = Feature { what: What::Photo, lift: 0.0, usage: Usage::Share(0.25) };
    let season = Feature { usage: Usage::Run(0.3..0.6), ..tag("season", 0.0, 0.0) };
    let features =
        vec![tag("often", lift, 0.3), tag("usual", 0.0, 0.5), tag("seldom", 0.0, 0.12), season, sound, photo];
    Plan { posts, features, ..Plan::default() }
}

/// Whether each creator of a plan is told what is looked for.
fn creators_told(plan: &Plan, seeds: std::ops::Range<u64>, look: fn(&Insight) -> bool) -> Vec<bool> {
    let seeds: Vec<u64> = seeds.collect();
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let of_seeds = |seeds: &[u64]| -> Vec<bool> {
        seeds.iter().map(|&seed| told(&report(plan, seed)).insights.iter().any(look)).collect()
    };
    thread::scope(|scope| {
        let parts: Vec<_> =
            seeds.chunks(seeds.len().div_ceil(threads)).map(|part| scope.spawn(move || of_seeds(part))).collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    })
}

#[test]
fn creators_without_any_effect_are_seldom_told_to_do_something() {
    // Followers whose growth truly speeds up: a real finding must not carry along what chance made of the posts.
    let speeding = FollowerPlan {
        days: 120,
        gain: 20.0,
        spread: 15.0,
        changes: (0..120).map(|days_ago| Change { days_ago, gain: 200.0 - days_ago as f64 }).collect(),
        ..FollowerPlan::default()
    };
    let plans = [
        ("normal", plan(100, 0.0)),
        ("heavy tails", Plan { views_shape: Shape::HeavyTails, ..plan(100, 0.0) }),
        ("skewed", Plan { views_shape: Shape::Skewed, ..plan(60, 0.0) }),
        ("falling, each post like the one before", Plan { drift: -2.0, persistence: 0.15, ..plan(80, 0.0) }),
        ("growth that speeds up", Plan { followers: speeding, habit: Habit::ANY_TIME, ..plan(40, 0.0) }),
    ];
    let mut advised = 0;
    for (part, (name, plan)) in plans.iter().enumerate() {
        let seeds = 100 * part as u64..100 * (part as u64 + 1);
        let told = creators_told(plan, seeds, |insight| insight.call == Call::Do);
        let here = told.iter().filter(|&&told| told).count();
        println!("{name}: {here} of {} creators without any effect are told to do something", told.len());
        advised += here;
    }
    let trends = creators_told(&plans[4].1, 400..500, |insight| insight.kind == InsightKind::Trend);
    assert!(trends.iter().filter(|&&told| told).count() > 90, "the growth speeds up, and that is found");
    println!("altogether: {advised} of 500");
    assert!(advised <= 25, "{advised} of 500");
}

#[test]
fn most_creators_with_an_effect_are_told_of_it() {
    let evening = Plan { hour_lift: [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0], ..plan(200, 0.0) };
    let of_time: fn(&Insight) -> bool = |insight| insight.call == Call::Do && insight.id == "best_time";
    let of_tag: fn(&Insight) -> bool = |insight| {
        insight.call == Call::Do && insight.kind == InsightKind::Feature && insight.id == "feature:hashtag:often"
    };
    for (name, plan, look) in [("evenings", evening, of_time), ("a hashtag", plan(120, 1.0), of_tag)] {
        let told = creators_told(&plan, 0..40, look);
        let found = told.iter().filter(|&&told| told).count();
        println!("{name}: told to {found} of {} creators", told.len());
        assert!(2 * found > told.len(), "{name}: {found} of {}", told.len());
    }
}
