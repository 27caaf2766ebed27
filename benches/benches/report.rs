//! How long the whole report takes, from observations to figures: one creator, and many side by side.

use compass_benches::{subject, usual};
use compass_core::{
    analytics::{CreatorReport, MetricId, ReportOptions, Subject, creator_reports},
    testing::planted::Plan,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn one(c: &mut Criterion) {
    let plan = usual(300);
    let one = subject(&plan, 1);
    let options = ReportOptions::default();
    c.bench_function("report of one creator: 300 posts, 365 days of followers", |b| {
        b.iter(|| assert_right(&one.report(plan.as_of, &options), &plan));
    });
}

fn many(c: &mut Criterion) {
    const CREATORS: usize = 512;
    let plan = usual(100);
    let subjects: Vec<Subject> = (0..CREATORS as u64).map(|seed| subject(&plan, seed)).collect();
    let options = ReportOptions::default();
    let mut group = c.benchmark_group("reports of many creators");
    group.throughput(Throughput::Elements(CREATORS as u64)).sample_size(10);
    group.bench_function("100 posts, 365 days of followers", |b| {
        b.iter(|| {
            let mut made = 0;
            creator_reports(&subjects, plan.as_of, &options, |report| {
                assert_eq!(report.videos.len(), plan.posts);
                made += 1;
            });
            assert_eq!(made, CREATORS);
        });
    });
}

/// The plan's engagement rate is known: half of the posts have a rate below it, so that of thirty is near.
fn assert_right(report: &CreatorReport, plan: &Plan) {
    let rate = report.metrics[&MetricId::ENGAGEMENT].value.expect("30 posts have a rate");
    // The median of 30 rates with a spread of 0.35 is within a quarter of the truth but once in a thousand creators.
    assert!((rate / plan.rate).ln().abs() < 0.25, "{rate} is far from {}", plan.rate);
    assert_eq!(report.videos.len(), plan.posts);
    assert_eq!(report.growth.forecast.days.len(), 28);
}

criterion_group!(benches, one, many);
criterion_main!(benches);
