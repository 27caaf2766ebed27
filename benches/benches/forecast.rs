//! How long a forecast takes: four methods, fitted and rolled over the past, with intervals and their past coverage.

use std::hint::black_box;

use compass_core::stats::forecast::{Ets, Projection, Theta, project};
use criterion::{Criterion, criterion_group, criterion_main};

/// Followers that grow by less and less, with a weekly season and a little disorder.
fn followers(n: u32) -> Vec<Option<f64>> {
    let week = [0.0, 12.0, 20.0, 9.0, -5.0, -14.0, -22.0];
    let disorder = |d: u32| f64::from(d.wrapping_mul(2_654_435_761) >> 22) / 20.0;
    let mut level = 10_000.0;
    (0..n)
        .map(|d| {
            level += 15.0 + week[d as usize % 7] + disorder(d) - 25.0;
            Some(level)
        })
        .collect()
}

fn forecast(c: &mut Criterion) {
    let mut group = c.benchmark_group("forecast");
    for n in [60, 120, 365] {
        let days = followers(n);
        group.bench_function(format!("28 days ahead from {n}, complete"), |b| {
            b.iter(|| assert_right(&project(black_box(&days), 28, 0.8).expect("all days are observed"), &days));
        });
    }
    let days = followers(365);
    group.bench_function("smoothing model fitted to 365 days", |b| {
        b.iter(|| {
            let fit = Ets::fit(black_box(&days)).expect("all days are observed");
            assert!(fit.model.forecast(&days, 1)[0].is_finite() && fit.sse > 0.0);
        });
    });
    group.bench_function("theta method fitted to 365 days", |b| {
        b.iter(|| assert!(Theta::fit(black_box(&days)).expect("all days are observed").forecast(1).is_finite()));
    });
}

/// The season is plain: it must be seen, and four weeks of it add nothing but the drift.
fn assert_right(projection: &Projection, days: &[Option<f64>]) {
    let last = days.last().copied().flatten().expect("all days are observed");
    assert_eq!(projection.ahead.len(), 28);
    let gained = projection.ahead[27].value - last;
    assert!((-600.0..1_500.0).contains(&gained), "{gained} followers in four weeks");
}

criterion_group!(benches, forecast);
criterion_main!(benches);
