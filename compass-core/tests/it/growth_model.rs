//! Growth of views: learnt from planted curves whose every later view is known.

use compass_core::{
    analytics::{AtAge, GrowthModel, GrowthPair, GrowthSource, WhyNotAtAge, video_growth, views_at_age},
    stats::{Seed, median},
};
use proptest::prelude::*;

/// A way in which views grow with age.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// Views come fast and stop: a share of the final ones that nears 1.
    Saturating,
    /// A power of age, another one for each video.
    Power,
    /// Nothing much at first, then a wave: logistic in log age.
    Wave,
    /// Saturating; but two of five videos have stopped, and counters are shown with three digits.
    StoppedAndRounded,
}

const SHAPES: [Shape; 4] = [Shape::Saturating, Shape::Power, Shape::Wave, Shape::StoppedAndRounded];

/// A video whose views at any age are known.
#[derive(Clone, Copy, Debug)]
struct Planted {
    shape: Shape,
    log_views: f64,
    speed: f64,
    bend: f64,
    stopped: bool,
}

impl Planted {
    fn draw(shape: Shape, seed: Seed) -> Self {
        let normal = |k| normal(seed.with(k));
        let stopped = matches!(shape, Shape::StoppedAndRounded) && seed.with(9).unit() < 0.4;
        Self { shape, log_views: 11.0 + 2.0 * normal(1), speed: normal(2), bend: normal(3), stopped }
    }

    fn views(&self, age: f64) -> f64 {
        let share = match self.shape {
            Shape::Saturating | Shape::StoppedAndRounded if self.stopped => 1.0,
            Shape::Saturating | Shape::StoppedAndRounded => {
                let days = 5.0 * (0.8 * self.speed).exp();
                1.0 - (-(age / days).powf(0.7 * (0.15 * self.bend).exp())).exp()
            }
            Shape::Power => (age / 90.0).powf(0.15 * (0.7 * self.speed).exp()),
            Shape::Wave => 1.0 / (1.0 + (-(age.ln() - 0.5 - 0.7 * self.speed)).exp()),
        };
        let views = (self.log_views.exp() * share).max(1.0);
        if matches!(self.shape, Shape::StoppedAndRounded) { shown(views) } else { views }
    }
}

/// A panel as one crawls it: each video is first seen at some age, and twice later.
fn panel(shape: Shape, videos: u64, seed: Seed) -> Vec<GrowthPair> {
    let mut pairs = Vec::new();
    for i in 0..videos {
        let seed = seed.with(i);
        let (video, first) = (Planted::draw(shape, seed), log_uniform(1.0, 60.0, seed.with(10)));
        let second = first + log_uniform(0.5, 60.0, seed.with(11));
        let third = second + log_uniform(0.5, 30.0, seed.with(12));
        pairs.extend(GrowthPair::of_video(&[first, second, third].map(|age| (age, video.views(age)))));
    }
    pairs
}

/// Models of corpora of one shape, each of 2,000 videos: so many that it hardly matters which videos they happen to have.
fn models(shape: Shape) -> Vec<GrowthModel> {
    const CORPORA: u64 = 24;
    let seed = Seed::new("planted growth").with(shape as u64);
    (0..CORPORA).map(|corpus| GrowthModel::fit(&panel(shape, 2_000, seed.with(corpus)))).collect()
}

/// Of 2,000 videos that each model has not seen: how often the interval held, and by how much half of them outgrew it.
fn held(models: &[GrowthModel], shape: Shape, ages: (f64, f64), target: impl Fn(f64, Seed) -> f64) -> (f64, f64) {
    const VIDEOS: u64 = 2_000;
    let (mut inside, mut excess) = (0_usize, Vec::new());
    for (corpus, model) in (1_000..).zip(models) {
        for i in 0..VIDEOS {
            let seed = Seed::new("planted growth").with(shape as u64).with(corpus).with(i);
            let (video, age) = (Planted::draw(shape, seed), log_uniform(ages.0, ages.1, seed.with(10)));
            let target = target(age, seed);
            let AtAge::Projected { value, interval } = views_at_age(model, &[(age, video.views(age))], target) else {
                panic!("{target} days are projected from {age}");
            };
            let truth = video.views(target);
            // A count that has not moved must not fall out by rounding.
            inside += usize::from((interval.lo / (1.0 + 1e-9)..=interval.hi * (1.0 + 1e-9)).contains(&truth));
            excess.push((truth / value).ln());
        }
    }
    (inside as f64 / excess.len() as f64, median(&mut excess).unwrap())
}

/// For each shape and in all: later views from an age of 1 to 60 days to 2 to 60 days on.
#[test]
fn four_of_five_later_views_are_in_the_interval() {
    for shape in SHAPES {
        let later = |age, seed: Seed| age + log_uniform(2.0, 60.0, seed.with(11));
        let (coverage, excess) = held(&models(shape), shape, (1.0, 60.0), later);
        println!("{shape:?}: coverage {coverage:.3}, median excess {excess:.3}");
        assert!((0.78..=0.82).contains(&coverage), "{shape:?}: {coverage}");
        assert!(excess.abs() < 0.03, "{shape:?}: {excess}");
    }
}

/// Each figure that a report has of a video, over all shapes. A single shape may be further off: the spread is smoothed
/// over age and days ahead, and at an age of one day there is nothing younger to smooth with.
#[test]
fn four_of_five_views_at_an_age_are_in_the_interval() {
    let models: Vec<_> = SHAPES.iter().map(|&shape| (shape, models(shape))).collect();
    let figures = [
        ("views at 90 days", (1.0, 60.0), 90.0),
        ("views at 30 days of younger videos", (1.0, 29.0), 30.0),
        ("views at 30 days of older videos", (31.0, 60.0), 30.0),
        ("views at 7 days of younger videos", (1.0, 6.0), 7.0),
        ("views at 7 days of older videos", (8.0, 60.0), 7.0),
        ("views at 3 days of older videos", (4.0, 60.0), 3.0),
        ("views at 1 day of older videos", (2.0, 60.0), 1.0),
    ];
    for (figure, ages, target) in figures {
        let each: Vec<_> = models.iter().map(|(shape, models)| held(models, *shape, ages, |_, _| target)).collect();
        let coverage = each.iter().map(|(coverage, _)| coverage).sum::<f64>() / each.len() as f64;
        println!("{figure}: coverage {coverage:.3}; by shape {each:.3?}");
        assert!((0.78..=0.82).contains(&coverage), "{figure}: {coverage}");
        assert!(each.iter().all(|(coverage, excess)| (coverage - 0.8).abs() < 0.03 && excess.abs() < 0.03), "{figure}");
    }
}

#[test]
fn thin_corpus_falls_back_on_the_built_in_figures_and_says_so() {
    let pairs = panel(Shape::Wave, 200, Seed::new("thin"));
    let dated = || GrowthModel::PRIOR_DATED.to_owned();
    assert_eq!(GrowthModel::fit(&[]), GrowthModel::prior());
    assert_eq!(GrowthModel::fit(&pairs[..29]), GrowthModel::prior());
    assert_eq!(GrowthModel::prior().source(), &GrowthSource::Prior { dated: dated() });
    assert_eq!(GrowthModel::fit(&pairs[..100]).source(), &GrowthSource::Blend { pairs: 100, dated: dated() });
    assert_eq!(GrowthModel::fit(&pairs[..400]).source(), &GrowthSource::Corpus { pairs: 400 });
}

#[test]
fn order_of_the_pairs_does_not_matter() {
    let mut pairs = panel(Shape::Power, 150, Seed::new("order"));
    let model = GrowthModel::fit(&pairs);
    pairs.reverse();
    assert_eq!(GrowthModel::fit(&pairs), model);
}

#[test]
fn corpus_in_which_nothing_grows_promises_nothing() {
    let still = |i| GrowthPair { from_age: 1.0 + f64::from(i % 60), to_age: 70.0, from_views: 5e6, to_views: 5e6 };
    let model = GrowthModel::fit(&(0..900).map(still).collect::<Vec<_>>());
    let growth = model.project(10.0, 70.0).unwrap();
    assert!(growth.median < 0.01 && growth.hi < 0.01 && growth.lo == 0.0, "{growth:?}");
}

#[test]
fn snapshots_that_bracket_an_age_are_interpolated() {
    // Twice the age, twice the views: at e^0.5 times the age, e^0.5 times the views.
    let at = views_at_age(&GrowthModel::prior(), &[(8.0, 2e6), (4.0, 1e6)], 4.0 * 0.5_f64.exp());
    let AtAge::Observed { value, interval } = at else { panic!("{at:?}") };
    assert!((value / (1e6 * 0.5_f64.exp()) - 1.0).abs() < 1e-6, "{value}");
    assert_eq!((interval.lo, interval.hi, interval.level), (1e6, 2e6, 1.0));
    assert_eq!(views_at_age(&GrowthModel::prior(), &[(4.0, 1e6), (8.0, 2e6)], 4.0).value(), Some(1e6));
}

#[test]
fn odd_snapshots_have_defined_answers() {
    let model = GrowthModel::prior();
    let at = |snapshots: &[(f64, f64)], age| views_at_age(&model, snapshots, age);
    let unknown = |why| AtAge::Unknown(why);
    assert_eq!(at(&[], 7.0), unknown(WhyNotAtAge::NoSnapshot));
    assert_eq!(at(&[(-2.0, 5.0), (f64::NAN, 5.0), (3.0, -1.0)], 7.0), unknown(WhyNotAtAge::NoSnapshot), "clock skew");
    assert_eq!(at(&[(0.5, 900.0)], 7.0), unknown(WhyNotAtAge::TooYoung));
    assert_eq!(at(&[(2.0, 0.0)], 7.0), unknown(WhyNotAtAge::NoViews));
    assert_eq!(at(&[(2.0, 900.0)], 0.5), unknown(WhyNotAtAge::OutOfRange));
    assert_eq!(at(&[(2.0, 900.0)], 4_000.0), unknown(WhyNotAtAge::OutOfRange));
    assert_eq!(at(&[(2.0, 900.0), (2.0, 1_000.0), (2.0, 950.0)], 2.0).value(), Some(1_000.0), "a source that lags");
    let falling = at(&[(2.0, 1_000.0), (8.0, 500.0)], 4.0);
    assert!((falling.value().unwrap() - 707.0).abs() < 1.0, "{falling:?}");
    assert_eq!(at(&[(2.0, 0.0), (8.0, 0.0)], 4.0).value(), Some(0.0));
}

#[test]
fn too_young_a_video_is_not_projected() {
    let model = GrowthModel::prior();
    for (age, target) in [(0.99, 7.0), (7.0, 6.9), (f64::NAN, 7.0), (7.0, f64::INFINITY), (-1.0, 7.0)] {
        assert_eq!(model.project(age, target), None, "{age} to {target}");
    }
    assert_eq!(model.adjusted_log_views(0.99, 1e5), None);
    assert_eq!(model.adjusted_log_views(9.0, -1.0), None);
    assert_eq!(model.adjusted_log_views(9.0, 0.0), Some(0.0));
}

#[test]
fn video_at_thirty_days_needs_no_adjustment() {
    let adjusted = GrowthModel::prior().adjusted_log_views(30.0, 12_345.0).unwrap();
    assert!((adjusted - 12_346.0_f64.ln()).abs() < 1e-12);
}

/// Views are 1,000 times the square root of age: the speed on day 16 is 1,000 / (2 x 4), and half of the views at
/// 90 days had come by a quarter of 90 days.
#[test]
fn speed_and_half_life_of_a_root_are_known() {
    let snapshots: Vec<_> = [4.0, 9.0, 16.0, 30.0, 100.0].map(|age: f64| (age, 1e6 * age.sqrt())).into();
    let as_of = jiff::Timestamp::UNIX_EPOCH;
    let figures = video_growth(&GrowthModel::prior(), &snapshots[..3], as_of);
    assert!((figures.velocity.value.unwrap() / 125_000.0 - 1.0).abs() < 1e-5, "{:?}", figures.velocity);
    let figures = video_growth(&GrowthModel::prior(), &snapshots, as_of);
    assert!((figures.half_life.value.unwrap() / (24.0 * 22.5) - 1.0).abs() < 1e-5, "{:?}", figures.half_life);
    let figures = video_growth(&GrowthModel::prior(), &snapshots[..2], as_of);
    assert_eq!((figures.velocity.value, figures.half_life.value), (None, None), "two snapshots make any line");
    assert!(figures.final_views.value.is_some());
}

proptest! {
    #[test]
    fn any_snapshots_give_numbers_or_nothing(
        snapshots in prop::collection::vec((any::<f64>(), any::<f64>()), 0..6),
        days in prop::collection::vec((0.0..4_000.0_f64, 0.0..1e19_f64), 0..6),
        target in prop_oneof![any::<f64>(), 0.0..4_000.0_f64],
    ) {
        let model = GrowthModel::prior();
        for snapshots in [&snapshots, &days] {
            let at = views_at_age(&model, snapshots, target);
            if let Some((value, interval)) = at.value().zip(at.interval()) {
                prop_assert!(value.is_finite() && interval.lo <= value && value <= interval.hi && interval.hi.is_finite());
            }
            let figures = video_growth(&model, snapshots, jiff::Timestamp::UNIX_EPOCH);
            for figure in [&figures.final_views, &figures.velocity, &figures.half_life] {
                prop_assert!(figure.value.is_none_or(f64::is_finite));
            }
            for &(age, views) in snapshots {
                prop_assert!(model.adjusted_log_views(age, views).is_none_or(f64::is_finite));
            }
        }
    }

    #[test]
    fn growth_adds_up_over_age(a in 1.0..3_650.0_f64, b in 1.0..3_650.0_f64, c in 1.0..3_650.0_f64) {
        let mut ages = [a, b, c];
        ages.sort_by(f64::total_cmp);
        let m = |from: usize, to: usize| GrowthModel::prior().project(ages[from], ages[to]).unwrap().median;
        prop_assert!((m(0, 1) + m(1, 2) - m(0, 2)).abs() < 1e-12);
        prop_assert!(m(0, 1) >= 0.0);
    }

    #[test]
    fn any_pairs_make_a_model(
        pairs in prop::collection::vec((any::<f64>(), any::<f64>(), any::<f64>(), any::<f64>()), 0..40),
        usable in prop::collection::vec((1.0..3_000.0_f64, 1.0..600.0_f64, 1.0..1e18_f64, 1.0..1e18_f64), 30..90),
    ) {
        let pair = |(from_age, to_age, from_views, to_views)| GrowthPair { from_age, to_age, from_views, to_views };
        let mut pairs: Vec<GrowthPair> = pairs.into_iter().map(pair).collect();
        pairs.extend(usable.iter().map(|&(from, days, a, b)| pair((from, from + days, a, b))));
        let growth = GrowthModel::fit(&pairs).project(2.0, 20.0).unwrap();
        prop_assert!(growth.lo <= growth.median && growth.median <= growth.hi && growth.hi.is_finite());
        prop_assert!(growth.lo.is_finite());
    }
}

/// TikTok's own rounding of large counters.
fn shown(views: f64) -> f64 {
    let step = match views {
        0.0..1e4 => 1.0,
        1e4..1e6 => 100.0,
        1e6..1e9 => 1e5,
        _ => 1e8,
    };
    (views / step + 0.5).floor() * step
}

fn log_uniform(lo: f64, hi: f64, seed: Seed) -> f64 {
    lo * (hi / lo).powf(seed.unit())
}

/// Box and Muller's (1958).
fn normal(seed: Seed) -> f64 {
    let radius = (-2.0 * (1.0 - seed.with(1).unit()).ln()).sqrt();
    radius * (std::f64::consts::TAU * seed.with(2).unit()).cos()
}
