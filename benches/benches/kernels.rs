//! How long the numeric building blocks take; each group asserts what it gets.

use std::hint::black_box;

use compass_core::{
    analytics::{DailySeries, Level, level_trend},
    samples::World,
    stats::{
        MannKendall, correlated_seasonal_mann_kendall, drift_half_width, hamed_rao, mann_kendall, pelt, sen_slope,
        theil_sen,
    },
};
use criterion::{Criterion, criterion_group, criterion_main};

/// A counter that gains about 60 a day, sometimes much more.
fn counter(days: usize) -> (Vec<f64>, Vec<f64>) {
    let mut level = 48_200.0;
    let levels = (0..days).map(|day| {
        level += 60.0 + 40.0 * ((day * day) as f64).sin() + if day % 31 == 0 { 900.0 } else { 0.0 };
        level
    });
    ((0..days).map(|day| day as f64).collect(), levels.collect())
}

fn theil_sen_lines(c: &mut Criterion) {
    let mut group = c.benchmark_group("theil_sen");
    for days in [365, 2_000, 10_000] {
        let (x, y) = counter(days);
        group.bench_function(format!("{days} points"), |b| {
            b.iter(|| {
                let line = theil_sen(black_box(&x), black_box(&y), 0.95).expect("there is a line");
                assert!((line.slope - 89.0).abs() < 2.0, "{line:?}");
            });
        });
    }
    group.finish();
}

fn mann_kendall_tests(c: &mut Criterion) {
    let (_, levels) = counter(366);
    let changes: Vec<Option<f64>> = levels.windows(2).map(|pair| Some(pair[1] - pair[0])).collect();
    let mut group = c.benchmark_group("mann_kendall, 365 points");
    type Test = fn(&[Option<f64>]) -> Option<MannKendall>;
    let tests: [(&str, Test); 3] = [
        ("original", mann_kendall),
        ("Hamed and Rao", |changes| hamed_rao(changes, 0.05)),
        ("correlated seasonal", |changes| correlated_seasonal_mann_kendall(changes, 7)),
    ];
    for (name, test) in tests {
        group.bench_function(name, |b| {
            b.iter(|| {
                let found = test(black_box(&changes)).expect("there is a test");
                assert!(found.p > 0.01, "changes that only wave have no trend: {found:?}");
            });
        });
    }
    group.finish();
}

fn change_points(c: &mut Criterion) {
    let wave = |day: usize| ((day * day) as f64).sin();
    let level: Vec<f64> = (0..365).map(wave).collect();
    let steps: Vec<f64> = (0..365).map(|day| wave(day) + if day < 200 { 0.0 } else { 5.0 }).collect();
    let mut group = c.benchmark_group("pelt, 365 points");
    for (name, values, cuts) in [("one level", level, vec![]), ("two levels", steps, vec![200])] {
        group.bench_function(name, |b| {
            b.iter(|| assert_eq!(pelt(black_box(&values), 3, 12.0).as_ref(), Some(&cuts)));
        });
    }
    group.finish();
}

fn trends(c: &mut Criterion) {
    let now = "2026-05-01T00:00:00Z".parse().expect("a constant");
    let history: Vec<_> = World::standard().creators()[0].history(now, 365).into_iter().map(|s| s.profile).collect();
    let levels = [Level::Followers, Level::Likes, Level::Videos];
    c.bench_function("trends of three counters over a year", |b| {
        b.iter(|| {
            for level in levels {
                let series = DailySeries::new(black_box(&history), level, now);
                let points = series.points();
                let (days, values): (Vec<i64>, Vec<f64>) = points.iter().map(|p| (p.day, p.value() as f64)).unzip();
                let times: Vec<f64> = days.iter().map(|&day| day as f64).collect();
                let slope = sen_slope(&times, &values).expect("a year has a slope");
                let half = drift_half_width(&days, &values, 0.95).expect("a year has an interval");
                let trend = level_trend(&series).expect("there is a history");
                assert!(trend.days == 365 && slope > 0.0 && half >= 0.0, "{slope} and {half}");
            }
        });
    });
}

criterion_group!(benches, theil_sen_lines, mann_kendall_tests, change_points, trends);
criterion_main!(benches);
