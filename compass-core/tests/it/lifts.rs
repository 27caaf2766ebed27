//! Lifts of hashtags, sounds, lengths and formats: what survives, and how large it is said to be.

use compass_core::{
    analytics::{Feature, FeatureKind, Lifts, lifts},
    stats::Seed,
    testing::planted::{self, Plan, PlantedCreator, Shape, Usage, What},
};
use jiff::Timestamp;
use proptest::prelude::*;

const SHAPES: [Shape; 3] = [Shape::Normal, Shape::HeavyTails, Shape::Skewed];

fn now() -> Timestamp {
    Plan::default().as_of
}

fn normal(seed: Seed) -> f64 {
    (-2.0 * (1.0 - seed.with(1).unit()).ln()).sqrt() * (std::f64::consts::TAU * seed.with(2).unit()).cos()
}

fn hashtag(name: &str) -> Feature {
    Feature { kind: FeatureKind::Hashtag, name: name.to_owned() }
}

/// A creator of hashtags used by chance, together, and in runs, with lifts drawn with this deviation.
fn creator(seed: u64, posts: usize, tags: usize, spread: f64) -> PlantedCreator {
    let draw = Seed::new("lifts").with(seed);
    let features = (0..tags).map(|tag| {
        let draw = draw.with(tag as u64);
        let from = draw.with(1).unit();
        let usage = match tag % 4 {
            1 => Usage::With(tag - 1, 0.8),
            3 => Usage::Run(from..from + 0.05 + 0.3 * draw.with(2).unit()),
            _ => Usage::Share(0.05 + 0.5 * draw.with(3).unit().powi(2)),
        };
        // A tag that goes with another shows the lift of both.
        let lift = if matches!(usage, Usage::With(..)) { 0.0 } else { spread * normal(draw.with(4)) };
        planted::Feature { what: What::Hashtag(tag.to_string()), lift, usage }
    });
    let plan = Plan {
        posts,
        views_spread: 1.0,
        views_shape: SHAPES[seed as usize % 3],
        drift: 1.5 * normal(draw.with(1_000)),
        persistence: 0.2 * draw.with(1_001).unit(),
        features: features.collect(),
        ..Plan::default()
    };
    plan.creator(seed)
}

fn ask(creator: &PlantedCreator) -> Lifts {
    let (created, log_views): (Vec<i64>, Vec<f64>) =
        creator.posts.iter().map(|post| (post.created_at.as_second(), post.views.ln_1p())).unzip();
    let features: Vec<(Feature, Vec<usize>)> = (0..creator.plan.features.len())
        .map(|tag| {
            let with = creator.posts.iter().enumerate().filter(|(_, post)| post.features.contains(&tag));
            (hashtag(&tag.to_string()), with.map(|(i, _)| i).collect())
        })
        .collect();
    lifts(&created, &log_views, &features, now(), Seed::new("test").with(creator.seed))
}

#[test]
fn creators_without_lifts_have_no_survivors() {
    let with_survivors = (0..2_000_u64)
        .filter(|&seed| {
            let size = Seed::new("size").with(seed);
            let posts = 30 + (size.with(1).unit() * 200.0) as usize;
            ask(&creator(seed, posts, 20 + (size.with(2).unit() * 180.0) as usize, 0.0)).survived > 0
        })
        .count();
    let rate = with_survivors as f64 / 2_000.0;
    let bound = rate + 1.96 * (rate * (1.0 - rate) / 2_000.0).sqrt();
    println!("creators with a false survivor: {rate}, at most {bound}");
    assert!(bound <= 0.05, "{rate}");
}

#[test]
fn intervals_of_planted_lifts_cover_what_they_say() {
    for spread in [0.0, 0.15, 0.4] {
        let (mut inside, mut total, mut bias) = (0_u32, 0_u32, 0.0);
        for seed in 0..1_500_u64 {
            let creator = creator(seed, [30, 60, 150][seed as usize % 3], 3 + seed as usize % 10, spread);
            for lift in ask(&creator).lifts {
                let planted = &creator.plan.features[lift.features[0].name.parse::<usize>().unwrap()];
                // The others show the lifts of what goes along with them, too.
                if lift.features.len() == 1 && matches!(planted.usage, Usage::Share(_)) {
                    let interval = lift.lift.interval.unwrap();
                    let truth = planted.lift.exp_m1();
                    inside += u32::from(interval.lo <= truth && truth <= interval.hi);
                    bias += (lift.lift.value.unwrap().ln_1p() - planted.lift) * planted.lift.signum();
                    total += 1;
                }
            }
        }
        let coverage = f64::from(inside) / f64::from(total);
        println!(
            "lifts of {spread}: coverage {coverage:.3} of {total}, bias away from none {:.3}",
            bias / f64::from(total)
        );
        assert!((0.78..=0.82).contains(&coverage), "lifts of {spread}: {coverage}");
    }
}

#[test]
fn planted_lift_survives_among_many_that_are_none() {
    for (lift, least) in [(1.3, 0.0), (2.0, 0.5), (3.0, 0.95)] {
        let (mut found, mut said) = (0, 0.0);
        for seed in 0..150_u64 {
            let mut plan = creator(seed, 150, 40, 0.0).plan;
            plan.features[0].lift = f64::ln(lift);
            plan.features[0].usage = Usage::Share(0.3);
            let answer = ask(&plan.creator(seed));
            let planted = answer.lifts.iter().find(|l| l.features.contains(&hashtag("0"))).unwrap();
            found += i32::from(planted.survives);
            said += planted.lift.value.unwrap().ln_1p() / 150.0;
        }
        let power = f64::from(found) / 150.0;
        println!(
            "a lift of {lift} in 30 % of 150 posts, 40 tags: survives {power:.2}, bias {:.3}",
            said - f64::ln(lift)
        );
        assert!(power >= least, "{lift}: {power}");
    }
}

fn thirty_posts() -> (Vec<i64>, Vec<f64>) {
    (0..30).map(|i| (i * 50_000, 9.0 + (i as f64 * 2.3).sin())).unzip()
}

#[test]
fn tags_of_the_very_same_posts_are_one_test() {
    let (created, log_views) = thirty_posts();
    let posts = vec![1, 4, 9, 12, 20, 25];
    let sound = Feature { kind: FeatureKind::Sound, name: "7".to_owned() };
    let shuffled = vec![25, 9, 4, 1, 12, 20, 20, 99];
    let features = [(sound.clone(), posts.clone()), (hashtag("b"), shuffled), (hashtag("a"), posts)];
    let found = lifts(&created, &log_views, &features, now(), Seed::new("test"));
    assert_eq!(found.tested, 1);
    assert_eq!(found.lifts[0].features, [hashtag("a"), hashtag("b"), sound]);
    assert_eq!(found.lifts[0].with, 6);
}

#[test]
fn too_few_posts_with_or_without_are_not_tested() {
    let (created, log_views) = thirty_posts();
    let features =
        [(hashtag("few"), vec![1, 2, 3, 4]), (hashtag("most"), (0..26).collect()), (hashtag("none"), Vec::new())];
    assert_eq!(lifts(&created, &log_views, &features, now(), Seed::new("test")), Lifts::default());
    assert_eq!(lifts(&[], &[], &features, now(), Seed::new("test")), Lifts::default());
    let even = [(hashtag("even"), (0..30).step_by(2).collect())];
    assert_eq!(lifts(&created, &[9.0; 30], &even, now(), Seed::new("test")), Lifts::default());
}

#[test]
fn strong_lift_survives_among_thousands_of_tags() {
    let draw = Seed::new("thousands");
    let (created, log_views): (Vec<i64>, Vec<f64>) = (0..20_000_u64)
        .map(|i| (i as i64 * 3_600, 9.0 + normal(draw.with(i)) + if i % 2 == 0 { f64::ln(1.5) } else { 0.0 }))
        .unzip();
    let tag = |k: usize| {
        let size = 5 + (draw.with(1).with(k as u64).unit().powi(3) * 2_000.0) as u64;
        let posts = (0..size).map(|i| (draw.with(2).with(k as u64).with(i).unit() * 20_000.0) as usize);
        (hashtag(&k.to_string()), posts.collect::<Vec<_>>())
    };
    let mut features: Vec<_> = (0..4_999).map(tag).collect();
    features.push((hashtag("even"), (0..20_000).step_by(2).collect()));
    let found = lifts(&created, &log_views, &features, now(), Seed::new("test"));
    let best = &found.lifts[0];
    assert_eq!((found.tested, &best.features[..]), (400, &[hashtag("even")][..]));
    assert!(best.survives && best.q < 1e-50, "{best:?}");
    assert!(found.survived <= 3, "{}", found.survived);
    assert!(best.lift.interval.is_some_and(|i| i.lo > 0.0 && i.lo <= 0.5 && 0.5 <= i.hi), "{:?}", best.lift);
    // The rarest of the 400 has at least as many posts as any that is left out.
    let fewest = found.lifts.iter().map(|lift| lift.with).min().unwrap();
    let mut sizes: Vec<u64> = features
        .iter()
        .map(|(_, posts)| posts.iter().collect::<std::collections::BTreeSet<_>>().len() as u64)
        .collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!(fewest, sizes[399]);
}

#[test]
fn two_lengths_that_share_out_all_posts_are_one_test() {
    let (created, log_views) = thirty_posts();
    let length = |name: &str| Feature { kind: FeatureKind::Length, name: name.to_owned() };
    let ask = |features: &[_]| lifts(&created, &log_views, features, now(), Seed::new("test"));
    let (some, rest): (Vec<usize>, Vec<usize>) = (0..30).partition(|post| post % 3 == 0);
    let found = ask(&[(length("short"), rest), (length("long"), some.clone())]);
    assert_eq!((found.tested, &found.lifts[0].features[..]), (1, &[length("long")][..]));
    assert_eq!(found, ask(&[(length("long"), some)]));
    let (even, odd): (Vec<usize>, Vec<usize>) = (0..30).partition(|post| post % 2 == 0);
    for features in
        [[(length("b"), even.clone()), (length("a"), odd.clone())], [(length("a"), odd), (length("b"), even)]]
    {
        assert_eq!(ask(&features).lifts.iter().map(|lift| &lift.features[..]).collect::<Vec<_>>(), [[length("a")]]);
    }
}

#[test]
fn answer_is_the_same_whatever_the_order_of_the_posts() {
    let (created, log_views) = thirty_posts();
    let features: Vec<_> = (0..8).map(|k| (hashtag(&k.to_string()), (k..30).step_by(k + 1).collect())).collect();
    let found = lifts(&created, &log_views, &features, now(), Seed::new("test"));
    // 7 and 30 have no common factor, so that each post has another place.
    let (moved_created, moved_views): (Vec<i64>, Vec<f64>) =
        (0..30).map(|i| (created[i * 7 % 30], log_views[i * 7 % 30])).unzip();
    let place = |post: &usize| (0..30).find(|i| i * 7 % 30 == *post).unwrap();
    let moved: Vec<(Feature, Vec<usize>)> = features
        .iter()
        .map(|(tag, posts): &(Feature, Vec<usize>)| (tag.clone(), posts.iter().map(place).collect()))
        .collect();
    assert_eq!(found, lifts(&moved_created, &moved_views, &moved, now(), Seed::new("test")));
}

#[test]
fn answer_is_the_same_again_whatever_the_order_of_the_tags() {
    let creator = creator(5, 80, 20, 0.4);
    assert_eq!(ask(&creator), ask(&creator));
    let (created, log_views) = thirty_posts();
    let mut features: Vec<_> = (0..8).map(|k| (hashtag(&k.to_string()), (k..30).step_by(k + 1).collect())).collect();
    let found = lifts(&created, &log_views, &features, now(), Seed::new("test"));
    features.reverse();
    assert_eq!(found, lifts(&created, &log_views, &features, now(), Seed::new("test")));
    assert!(found.tested > 3);
}

proptest! {
    #[test]
    fn whatever_the_posts_no_figure_is_senseless(
        posts in proptest::collection::vec(
            (any::<i64>(), prop_oneof![4 => 0.0..43.6_f64, 1 => Just(0.0), 1 => Just(f64::NAN), 1 => Just(1e300)]), 0..60
        ),
        features in proptest::collection::vec(proptest::collection::vec(0..80_usize, 0..40), 0..12),
        sane in proptest::bool::weighted(0.8),
    ) {
        let (created, log_views): (Vec<i64>, Vec<f64>) =
            posts.into_iter().map(|(at, v)| (at, if sane { v.clamp(0.0, 43.6).max(0.0) } else { v })).unzip();
        let features: Vec<_> = features.into_iter().enumerate().map(|(i, with)| (hashtag(&i.to_string()), with)).collect();
        for lift in lifts(&created, &log_views, &features, now(), Seed::new("any")).lifts {
            let (value, interval) = (lift.lift.value.unwrap(), lift.lift.interval.unwrap());
            prop_assert!(interval.lo <= value && value <= interval.hi);
            prop_assert!(0.0 < lift.p && lift.p <= lift.q && lift.q <= 1.0);
        }
    }
}
