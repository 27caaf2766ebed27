//! Signals of what does not come by itself, on creators who bought nothing and on creators who did.

use std::{collections::BTreeMap, f64::consts::TAU};

use compass_core::{
    VideoId,
    analytics::{
        DayGain, Estimate, FollowerJump, Mark, MetricId, PostOfDay, Quality, SignalKind, Standing, Standout, Tier,
        follower_jumps, signals,
    },
    stats::Seed,
};
use jiff::{Timestamp, civil::date};
use proptest::prelude::*;
use statrs::distribution::{Beta, ContinuousCDF as _};

fn post(day: i64, z: Option<f64>) -> PostOfDay {
    let mark = z.filter(|z| *z > Mark::FROM).map(|_| Mark::Breakout);
    PostOfDay { id: VideoId::parse(&(day + 1).to_string()).unwrap(), day, standout: Standout { z, mark } }
}

fn changes(of: impl IntoIterator<Item = f64>) -> Vec<DayGain> {
    (0..).zip(of).map(|(day, change)| DayGain { day, change }).collect()
}

/// 60 days of 8 to 12 followers, with a change of its own on some.
fn calm_but(days: &[(i64, f64)]) -> Vec<DayGain> {
    let mut calm = changes((0..60).map(|day| 10.0 + f64::from(day * 7 % 5 - 2)));
    for &(day, change) in days {
        calm[day as usize].change = change;
    }
    calm
}

#[test]
fn a_jump_without_a_post_is_found_with_its_evidence() {
    let posts = [post(37, Some(0.4)), post(39, Some(-1.0)), post(40, Some(1.2)), post(41, Some(6.0))];
    let found = follower_jumps(&calm_but(&[(40, 900.0)]), &posts, -100);
    assert_eq!(found.len(), 1);
    let FollowerJump { day, gained, usual, days, posts: near, .. } = &found[0];
    // Days 41 to 44 are those of the later breakout, and on day 45 fewer came than on day 44.
    assert_eq!((*day, *gained, *usual, *days), (date(1970, 2, 10), 900.0, 10.0, 55));
    assert_eq!(near, &posts[..3].iter().map(|post| post.id).collect::<Vec<_>>());
}

#[test]
fn two_days_of_one_delivery_are_both_found() {
    let found = follower_jumps(&calm_but(&[(40, 900.0), (41, 700.0)]), &[], -100);
    assert_eq!(found.iter().map(|jump| jump.gained).collect::<Vec<_>>(), [900.0, 700.0]);
}

#[test]
fn a_breakout_explains_a_jump_and_what_ebbs_away_after_it() {
    let surge = [(40, 900.0), (41, 800.0), (42, 700.0), (43, 600.0), (44, 500.0), (45, 300.0), (46, 200.0)];
    assert!(!follower_jumps(&calm_but(&surge[..1]), &[], -100).is_empty());
    assert!(follower_jumps(&calm_but(&surge[..1]), &[post(37, Some(5.0))], -100).is_empty());
    assert!(!follower_jumps(&calm_but(&surge[..1]), &[post(36, Some(5.0))], -100).is_empty());
    assert!(follower_jumps(&calm_but(&surge), &[post(40, Some(5.0))], -100).is_empty());
}

#[test]
fn a_day_near_posts_that_cannot_be_judged_is_not_judged() {
    let jump = calm_but(&[(40, 900.0)]);
    assert!(follower_jumps(&jump, &[post(40, None)], -100).is_empty(), "the post is too young");
    assert!(follower_jumps(&jump, &[], 38).is_empty(), "earlier posts are not known");
    assert!(follower_jumps(&jump[25..], &[], -100).len() == 1);
    assert!(follower_jumps(&jump[35..], &[], -100).is_empty(), "25 days are too few");
    assert!(follower_jumps(&[], &[], 0).is_empty());
}

#[test]
fn ordinary_lively_days_are_no_jump() {
    assert!(follower_jumps(&calm_but(&[(10, 60.0), (20, 90.0), (30, 40.0)]), &[], -100).is_empty());
    assert!(follower_jumps(&changes([10.0; 60]), &[], -100).is_empty(), "equal days have no spread");
    assert!(follower_jumps(&calm_but(&[(40, -900.0)]), &[], -100).is_empty(), "a loss is no jump");
}

/// How a creator's days without a breakout spread around the usual one.
#[derive(Clone, Copy, Debug)]
enum Tail {
    /// Student's t with 2 degrees of freedom: infinite variance.
    T2,
    /// Student's t with 3 degrees of freedom.
    T3,
    /// The logarithm is normal with standard deviation 1.
    Lognormal,
    /// The logarithm is normal with standard deviation 1 and the next day's takes after it with 0.6.
    Lingering,
}

const NULLS: [Tail; 4] = [Tail::T2, Tail::T3, Tail::Lognormal, Tail::Lingering];

const DAYS: usize = 90;

/// 90 days and a post every second day; one in 15 breaks out and brings followers that ebb away by a half each day.
fn creator(tail: Tail, seed: Seed) -> (Vec<DayGain>, Vec<PostOfDay>) {
    let unit = |purpose: u64, i: usize| seed.with(purpose).with(i as u64).unit();
    let normal =
        |purpose: u64, i: usize| (-2.0 * (1.0 - unit(purpose, i)).ln()).sqrt() * (TAU * unit(purpose + 100, i)).cos();
    let scale = (3.0 + normal(1, 0)).exp();
    let mut lingering = normal(2, 0);
    let mut gained: Vec<f64> = (0..DAYS)
        .map(|day| {
            lingering = 0.6 * lingering + 0.8 * normal(3, day);
            let squares =
                |degrees: u64| (0..degrees).map(|k| normal(10 + k, day).powi(2)).sum::<f64>() / degrees as f64;
            match tail {
                Tail::T2 => scale * (1.0 + normal(4, day) / squares(2).sqrt()),
                Tail::T3 => scale * (1.0 + normal(4, day) / squares(3).sqrt()),
                Tail::Lognormal => scale * normal(4, day).exp(),
                Tail::Lingering => scale * lingering.exp(),
            }
        })
        .collect();
    let mut posts = Vec::new();
    for day in (0..DAYS).step_by(2) {
        let breaks_out = unit(5, day) < 1.0 / 15.0;
        posts.push(post(day as i64, Some(if breaks_out { 5.0 } else { 0.0 })));
        let surge = scale * 5.0 * 10_f64.powf(unit(6, day)) * f64::from(u8::from(breaks_out));
        for (later, gain) in gained[day..].iter_mut().enumerate().take(20) {
            *gain += surge * 0.5_f64.powi(later as i32);
        }
    }
    (changes(gained.into_iter().map(f64::round)), posts)
}

/// Of 2,000 creators of each kind who bought nothing at most 5 % have a jump: the upper 97.5 % bound of Clopper and
/// Pearson.
#[test]
fn creators_who_bought_nothing_hardly_ever_have_a_jump() {
    for tail in NULLS {
        let creators = 2_000;
        let found = (0..creators).filter(|i| {
            let (changes, posts) = creator(tail, Seed::new("bought nothing").with(*i));
            !follower_jumps(&changes, &posts, -100).is_empty()
        });
        let found = found.count() as f64;
        let bound = Beta::new(found + 1.0, creators as f64 - found).unwrap().inverse_cdf(0.975);
        println!("{tail:?}: {found} of {creators} have a jump, at most {:.1} %", bound * 100.0);
        assert!(bound <= 0.05, "{tail:?}: {found} of {creators}");
    }
}

/// How often bought followers are found, by their number in spreads of the creator's usual days.
#[test]
fn bought_followers_are_found_where_they_stand_out() {
    let share_found = |tail: Tail, spreads: f64| {
        let creators = 400;
        let found = (0..creators).filter(|i| {
            let seed = Seed::new("bought").with(*i);
            let (mut changes, posts) = creator(tail, seed);
            let usual: Vec<f64> = changes.iter().map(|c| c.change).collect();
            let bought = 20 + (seed.with(7).unit() * 60.0) as usize;
            changes[bought].change += spreads * compass_core::stats::Robust::of(&usual).unwrap().spread;
            follower_jumps(&changes, &posts, -100).iter().any(|jump| jump.gained == changes[bought].change)
        });
        found.count() as f64 / creators as f64
    };
    for tail in NULLS {
        let power = [10.0, 30.0, 100.0, 300.0].map(|spreads| share_found(tail, spreads));
        println!("{tail:?}: 10, 30, 100 and 300 spreads are found in {power:?}");
        assert!(power.is_sorted(), "{power:?}");
        // A fifth of the days stand near a breakout and are not judged.
        assert!(power[3] > 0.6, "{tail:?} {power:?}");
    }
}

fn figure(id: MetricId, value: f64) -> (MetricId, Estimate) {
    (id, Estimate::new(id, Timestamp::UNIX_EPOCH, 30, value, None))
}

#[test]
fn signals_tell_their_figures_and_their_place_among_peers() {
    let metrics: BTreeMap<MetricId, Estimate> =
        [figure(MetricId::VIEWS_PER_FOLLOWER, 0.01), figure(MetricId::TYPICAL_VIEWS, 100.0)].into();
    let percentile =
        |value| Standing { metric: MetricId::VIEWS_PER_FOLLOWER, tier: Tier::Nano, language: None, percentile: value };
    let low = percentile(figure(MetricId::PERCENTILE, 0.02).1);
    let jump = follower_jumps(&calm_but(&[(40, 900.0)]), &[], -100);
    let found = signals(&metrics, std::slice::from_ref(&low), jump.clone());
    let kinds: Vec<SignalKind> = found.iter().map(|signal| signal.kind).collect();
    assert_eq!(kinds, [SignalKind::ViewsPerFollower, SignalKind::FollowerJump]);
    assert_eq!((found[0].value, found[0].figures.len()), (0.01, 2));
    assert_eq!(found[0].standing.as_ref(), Some(&low));
    assert_eq!((found[1].value, found[1].jump.as_ref()), (900.0, jump.first()));

    let why = Quality::TooFew { needed: 30 };
    let few = percentile(Estimate::none(MetricId::PERCENTILE, Timestamp::UNIX_EPOCH, 3, why));
    assert_eq!(signals(&metrics, &[few], [])[0].standing, None);
    assert_eq!(signals(&BTreeMap::new(), &[], []), []);
}

proptest! {
    #[test]
    fn no_series_makes_it_panic(
        days in proptest::collection::vec((any::<i64>(), any::<f64>()), 0..120),
        posted in proptest::collection::vec((0..i64::MAX, proptest::option::of(any::<f64>())), 0..40),
        since in any::<i64>(),
    ) {
        let days: Vec<DayGain> = days.into_iter().map(|(day, change)| DayGain { day, change }).collect();
        let posted: Vec<PostOfDay> = posted.into_iter().map(|(day, z)| PostOfDay {
            id: VideoId::parse("7").unwrap(), day, standout: Standout { z, mark: None },
        }).collect();
        let found = follower_jumps(&days, &posted, since);
        prop_assert!(found.len() <= 2 && found.iter().all(|jump| jump.z > 3.5 && !jump.z.is_nan()));
    }
}
