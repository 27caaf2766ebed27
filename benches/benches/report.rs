//! How long a creator's report takes, from observations to figures.

use compass_core::{
    SourceKind,
    analytics::{CreatorReport, ReportOptions, creator_report},
    samples::World,
};
use criterion::{Criterion, criterion_group, criterion_main};

fn report(c: &mut Criterion) {
    let now = "2026-05-01T00:00:00Z".parse().expect("a constant");
    let world = World::standard();
    let creator = &world.creators()[0];
    let history: Vec<_> = creator.history(now, 90).into_iter().map(|look| look.profile).collect();
    let videos = creator.snapshot(now, 35, SourceKind::Sample).videos;
    let profile = creator.profile();
    c.bench_function("report of one creator: 35 posts, 90 days of followers", |b| {
        b.iter(|| assert_right(&creator_report(&profile, &history, &videos, now, &ReportOptions::default())));
    });
}

/// The sample's engagement rate is known: an interval around another one is no result.
fn assert_right(report: &CreatorReport) {
    let figure = report.metrics.values().find(|f| f.id.0 == "er.views.median@1").expect("the headline figure");
    let interval = figure.interval.expect("30 posts have an interval");
    let truth = World::standard().creators()[0].truth().engagement_rate;
    assert!(interval.lo < truth && truth < interval.hi, "{interval:?} does not hold {truth}");
}

criterion_group!(benches, report);
criterion_main!(benches);
