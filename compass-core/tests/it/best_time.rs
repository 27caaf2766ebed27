//! The best time to post: claims that hold, and none where there is nothing to find.

use compass_core::{
    Zone,
    analytics::{BestTime, TimeComparison, best_time, best_time_holdout, experiment, posts_per_arm},
    stats::Seed,
    testing::planted::{Habit, Plan, PlantedCreator, Shape},
};
use jiff::Timestamp;
use proptest::prelude::*;

const SHAPES: [Shape; 3] = [Shape::Normal, Shape::HeavyTails, Shape::Skewed];

fn now() -> Timestamp {
    Plan::default().as_of
}

fn utc() -> Zone {
    Zone::parse("UTC").unwrap()
}

/// Numbers of a standard normal distribution that depend on the seed alone.
fn normal(seed: Seed) -> f64 {
    (-2.0 * (1.0 - seed.with(1).unit()).ln()).sqrt() * (std::f64::consts::TAU * seed.with(2).unit()).cos()
}

/// A creator with a habit of its own, and effects of its blocks drawn with this deviation.
fn creator(seed: u64, posts: usize, effects: f64, shape: Shape) -> PlantedCreator {
    let draw = Seed::new("best time").with(seed);
    let mut hours = [0.0; 24];
    for (block, three) in hours.chunks_mut(3).enumerate() {
        // Blocks are used very unequally, some hardly at all.
        three.fill((-(1.0 - draw.with(10 + block as u64).unit()).ln()).powf(1.5));
    }
    let plan = Plan {
        posts,
        habit: Habit { hours, weekdays: [1.0; 7] },
        hour_lift: std::array::from_fn(|block| effects * normal(draw.with(30 + block as u64))),
        weekday_lift: std::array::from_fn(|day| 0.1 * normal(draw.with(50 + day as u64))),
        views_spread: 1.0,
        views_shape: shape,
        drift: normal(draw.with(70)),
        persistence: 0.2 * draw.with(71).unit(),
        ..Plan::default()
    };
    plan.creator(seed)
}

fn columns(creator: &PlantedCreator) -> (Vec<i64>, Vec<f64>) {
    creator.posts.iter().map(|post| (post.created_at.as_second(), post.views.ln_1p())).unzip()
}

fn ask(creator: &PlantedCreator) -> BestTime {
    let (created, log_views) = columns(creator);
    best_time(&created, &log_views, &utc(), now(), Seed::new("test").with(creator.seed))
}

fn comparison(found: BestTime) -> Option<TimeComparison> {
    match found {
        BestTime::NotEnoughVariety(_) => None,
        BestTime::NoEvidence(comparison) | BestTime::Evidence(comparison) => Some(comparison),
    }
}

/// What is true of a block: its effect less that of the creator's mix of blocks.
fn truth(creator: &PlantedCreator, first_hour: u8) -> f64 {
    let habit: f64 = creator.posts.iter().map(|post| creator.plan.hour_lift[post.block]).sum();
    creator.plan.hour_lift[usize::from(first_hour) / 3] - habit / creator.posts.len() as f64
}

#[test]
fn creators_without_a_best_time_get_no_claim() {
    let claims = (0..2_000_u64)
        .filter(|&seed| {
            let posts = 20 + (Seed::new("posts").with(seed).unit() * 280.0) as usize;
            matches!(ask(&creator(seed, posts, 0.0, SHAPES[seed as usize % 3])), BestTime::Evidence(_))
        })
        .count();
    let rate = claims as f64 / 2_000.0;
    let bound = rate + 1.96 * (rate * (1.0 - rate) / 2_000.0).sqrt();
    println!("false claims: {rate}, at most {bound}");
    assert!(bound <= 0.05 && rate > 0.02, "{rate}");
}

/// With effects drawn from a normal distribution of any spread, none included, and whatever the noise: the interval of
/// the block that was chosen as the best holds the truth 8 times in 10.
#[test]
fn interval_of_the_chosen_block_covers_what_it_says() {
    for effects in [0.0, 0.15, 0.4] {
        let (mut inside, mut total, mut bias) = (0_u32, 0_u32, 0.0);
        for seed in 0..2_400_u64 {
            let creator = creator(seed, [24, 40, 80, 200][seed as usize % 4], effects, SHAPES[seed as usize % 3]);
            let Some(found) = comparison(ask(&creator)) else { continue };
            let truth = truth(&creator, found.best_first_hour).exp_m1();
            let interval = found.lift.interval.unwrap();
            assert_eq!(interval.level, 0.8);
            inside += u32::from(interval.lo <= truth && truth <= interval.hi);
            bias += found.lift.value.unwrap().ln_1p() - truth.ln_1p();
            total += 1;
        }
        let coverage = f64::from(inside) / f64::from(total);
        println!(
            "effects {effects}: coverage {coverage:.3} of {total}, bias of the log lift {:.3}",
            bias / f64::from(total)
        );
        assert!((0.78..=0.82).contains(&coverage), "effects {effects}: {coverage}");
    }
}

#[test]
fn planted_best_time_is_found_the_more_posts_and_the_larger_it_is() {
    let found = |posts: usize, lift: f64| {
        let right = (0..200_u64).filter(|&seed| {
            let mut plan = creator(seed, posts, 0.0, SHAPES[seed as usize % 3]).plan;
            plan.habit = Habit::EVENINGS;
            plan.hour_lift[5] = lift.ln();
            matches!(ask(&plan.creator(seed)), BestTime::Evidence(found) if found.best_first_hour == 15)
        });
        let power = right.count() as f64 / 200.0;
        println!("{posts} posts, a lift of {lift}: found {power:.2}");
        power
    };
    let power = [30, 100, 300].map(|posts| [1.3, 1.5, 2.0].map(|lift| found(posts, lift)));
    assert!(power.iter().all(|by_lift| by_lift.is_sorted()), "{power:?}");
    assert!(power[2][2] > 0.9 && power[1][2] > 0.4 && power[0][2] > 0.1, "{power:?}");
}

#[test]
fn few_posts_or_posts_at_one_time_ask_for_an_experiment() {
    let day = 86_400;
    let spread: Vec<i64> = (0..19).map(|i| i * (day + 10_000)).collect();
    let noon: Vec<i64> = (0..60).map(|i| i * day + 12 * 3_600).collect();
    for created in [&spread[..], &noon, &[]] {
        let log_views: Vec<f64> = (0..created.len()).map(|i| 9.0 + (i as f64).sin()).collect();
        let answer = best_time(created, &log_views, &utc(), now(), Seed::new("test"));
        let BestTime::NotEnoughVariety(experiment) = answer else { panic!("{answer:?}") };
        assert_eq!(experiment.first_hours.len(), 3);
        assert!(experiment.posts_each > 2 && experiment.lift > 0.0);
    }
    // Two blocks are compared with the usual one. Of posts that differ by a factor of e, as is taken where none are known,
    // a doubling takes 2 ((z(0.8) + z(0.9875)) / ln 2)^2 + z(0.9875)^2 / 4 = 40.8 in each, z(0.9875) = 2.2414.
    let BestTime::NotEnoughVariety(unknown) = best_time(&[], &[], &utc(), now(), Seed::new("test")) else { panic!() };
    assert_eq!((unknown.posts_each, unknown.lift), (41, 1.0));
    let answer = best_time(&noon, &[9.0; 60], &utc(), now(), Seed::new("test"));
    assert!(matches!(answer, BestTime::NotEnoughVariety(e) if e.first_hours[0] == 12));
}

/// 1:30 UTC on the two Sundays around the change to summer time: 2:30 and 3:30 on the clock in Berlin.
#[test]
fn blocks_are_those_of_the_clock_on_the_wall() {
    let week = 7 * 86_400;
    let sunday: i64 = "2026-03-22T01:30:00Z".parse::<Timestamp>().unwrap().as_second();
    let created: Vec<i64> = (-15..15).map(|i| sunday + i * week).collect();
    let log_views: Vec<f64> = (0..30).map(|i| 9.0 + f64::from(i * 7 % 5)).collect();
    let ask =
        |zone: &str| comparison(best_time(&created, &log_views, &Zone::parse(zone).unwrap(), now(), Seed::new("test")));
    assert_eq!(ask("UTC"), None);
    let hours: Vec<_> = ask("Europe/Berlin").unwrap().blocks.iter().map(|block| block.at).collect();
    assert_eq!(hours, [0, 3]);
}

#[test]
fn held_out_lift_is_less_than_what_the_plainly_best_hour_claims() {
    let outs: Vec<_> = (0..200_u64)
        .filter_map(|seed| {
            let (created, log_views) = columns(&creator(seed, 60, 0.1, Shape::Normal));
            best_time_holdout(&created, &log_views, &utc(), Seed::new("test").with(seed))
        })
        .collect();
    let mean = |of: fn(&compass_core::analytics::HoldOut) -> f64| outs.iter().map(of).sum::<f64>() / outs.len() as f64;
    let (claimed, shrunken, realised, raw) =
        (mean(|o| o.claimed), mean(|o| o.shrunken), mean(|o| o.realised), mean(|o| o.realised_raw));
    println!("claimed {claimed:.3}, shrunken {shrunken:.3}, realised {realised:.3}, of the plain choice {raw:.3}");
    assert!(claimed > 0.5 && raw < 0.2 && (shrunken - realised).abs() < 0.15);
}

#[test]
fn two_groups_of_the_planned_size_show_the_lift_four_times_in_five() {
    let posts = posts_per_arm(0.9, 0.6).unwrap();
    let significant = (0..2_000_u64).filter(|&run| {
        let draw = Seed::new("arms").with(run);
        let arm = |which: u64, mean: f64| -> Vec<f64> {
            (0..posts).map(|i| mean + 0.9 * normal(draw.with(which).with(i))).collect()
        };
        let (a, b) = (arm(0, 0.0), arm(1, 1.6_f64.ln()));
        let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
        let squares = |x: &[f64]| x.iter().map(|v| (v - mean(x)).powi(2)).sum::<f64>();
        let variance = (squares(&a) + squares(&b)) / (2.0 * posts as f64 - 2.0);
        let t = (mean(&b) - mean(&a)) / (variance * 2.0 / posts as f64).sqrt();
        // The 97.5 % quantile of Student's t with 2 x 59 - 2 degrees of freedom.
        t.abs() > 1.9806
    });
    assert_eq!(posts, 59);
    let power = significant.count() as f64 / 2_000.0;
    assert!((power - 0.8).abs() < 0.03, "{power}");
}

#[test]
fn experiment_is_planned_from_the_creators_own_spread() {
    let (created, log_views) = columns(&creator(3, 200, 0.0, Shape::Normal));
    let plan = experiment(&created, &log_views, 0.5, now());
    let known = posts_per_arm(1.0, 0.5).unwrap() as f64;
    assert!((plan.value.unwrap() / known - 1.0).abs() < 0.3, "{plan:?} for {known}");
    assert_eq!(experiment(&created, &log_views, 0.0, now()).value, None);
    assert_eq!(experiment(&created[..5], &log_views[..5], 0.5, now()).value, None);
    assert_eq!(posts_per_arm(1.0, -1.0), None);
}

#[test]
fn answer_is_the_same_again_and_as_json() {
    let creator = creator(1, 200, 0.8, Shape::Normal);
    let answer = ask(&creator);
    assert_eq!(answer, ask(&creator));
    let json = serde_json::to_value(&answer).unwrap();
    let found = comparison(answer).unwrap();
    assert_eq!(json["evidence"]["best_first_hour"], found.best_first_hour);
    assert_eq!(json["evidence"]["lift"]["id"], "best_time.lift@1");
}

#[test]
fn answer_is_the_same_whatever_the_order_of_the_posts() {
    let creator = creator(1, 200, 0.8, Shape::Normal);
    let mut moved = creator.clone();
    moved.posts.reverse();
    moved.posts.swap(3, 90);
    assert_eq!(ask(&creator), ask(&moved));
    let held_out = |creator: &PlantedCreator| {
        let (created, log_views) = columns(creator);
        best_time_holdout(&created, &log_views, &utc(), Seed::new("test"))
    };
    assert_eq!(held_out(&creator), held_out(&moved));
}

#[test]
fn absurd_views_still_give_numbers_that_json_can_hold() {
    for size in [43.6, 300.0, 301.0, 2_000.0, 999_999.0] {
        for run in 0..300_u64 {
            let draw = Seed::new("absurd").with(run);
            let posts = 20 + run % 60;
            let (created, log_views): (Vec<i64>, Vec<f64>) = (0..posts)
                .map(|i| {
                    let (at, value) = (draw.with(1).with(i).unit(), draw.with(2).with(i).unit());
                    let block = (at * (2 + run % 7) as f64) as i64;
                    let high = match run % 3 {
                        0 => block == 1,
                        1 => i == 7,
                        _ => value < 0.5,
                    };
                    let sign = if high { 1.0 } else { -1.0 };
                    (i as i64 * 86_400 + block * 10_800, sign * size * if run % 2 == 0 { 1.0 } else { value })
                })
                .unzip();
            let answer = best_time(&created, &log_views, &utc(), now(), Seed::new("test"));
            let json = serde_json::to_string(&answer).unwrap();
            assert_eq!(serde_json::from_str::<BestTime>(&json).unwrap(), answer, "{size}, {run}");
        }
    }
}

fn second() -> impl Strategy<Value = i64> {
    prop_oneof![Just(i64::MIN), Just(i64::MAX), Just(0), Just(253_402_300_799), 1_700_000_000..1_760_000_000_i64]
}

fn log_view() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), Just(9.0), Just(43.6), Just(f64::NAN), Just(f64::INFINITY), Just(1e300), 0.0..20.0_f64]
}

proptest! {
    #[test]
    fn whatever_the_posts_no_figure_is_senseless(
        posts in proptest::collection::vec((second(), log_view()), 0..80), sane in any::<bool>(),
    ) {
        let sensible = |v: f64| if sane { v.clamp(0.0, 43.6) } else { v };
        let (created, log_views): (Vec<i64>, Vec<f64>) =
            posts.into_iter().map(|(at, v)| (at, if sane && v.is_nan() { 1.0 } else { sensible(v) })).unzip();
        let answer = best_time(&created, &log_views, &Zone::parse("America/New_York").unwrap(), now(), Seed::new("any"));
        if let Some(found) = comparison(answer) {
            let interval = found.lift.interval.unwrap();
            let lift = found.lift.value.unwrap();
            prop_assert!(interval.lo <= lift && lift <= interval.hi && interval.hi.is_finite());
            prop_assert!(found.blocks.iter().chain(&found.weekdays).all(|cell| cell.lift.is_finite()));
            let certain: f64 = found.blocks.iter().map(|cell| cell.probability_best).sum();
            prop_assert!((certain - 1.0).abs() < 1e-9);
        }
        if let Some(out) = best_time_holdout(&created, &log_views, &utc(), Seed::new("any")) {
            prop_assert!([out.claimed, out.shrunken, out.realised, out.realised_raw].iter().all(|v| v.is_finite()));
        }
    }
}
