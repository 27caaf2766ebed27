//! How long the smaller questions take for one creator: 300 posts, 365 days, 3,000 peers.

use std::{collections::BTreeMap, hint::black_box};

use compass_core::{
    CreatorId, VideoId,
    analytics::{
        AudienceShares, AudienceSource, AudienceTarget, ContentSignals, Cpm, DayGain, Dimension, Estimate, Mark,
        MetricId, Peer, Peers, PostOfDay, RosettaPosts, Shares, Wanted, audience_fit, definitions, follower_jumps,
        post_value, signals, standouts,
    },
    stats::Seed,
};
use criterion::{Criterion, criterion_group, criterion_main};
use jiff::{Timestamp, civil::date};

const POSTS: usize = 300;

fn questions(c: &mut Criterion) {
    let world = World::new();
    let mut group = c.benchmark_group("questions of one creator");
    group.bench_function("standouts of 300 posts", |b| b.iter(|| world.standouts()));
    group.bench_function("follower jumps of 365 days", |b| b.iter(|| world.jumps()));
    group.bench_function("standings among 3,000 peers", |b| b.iter(|| world.standings()));
    group.bench_function("value of a post from 300", |b| b.iter(|| world.value()));
    group.bench_function("audience fit", |b| b.iter(|| world.fit()));
    group.bench_function("six engagement rates", |b| b.iter(|| world.rates()));
    group.bench_function("all of them", |b| {
        b.iter(|| {
            world.standouts();
            world.jumps();
            world.standings();
            world.value();
            world.fit();
            world.rates();
        });
    });
    group.finish();
}

/// A creator with one breakout and one day of bought followers. Each answer is checked where it is made.
struct World {
    logs: Vec<f64>,
    changes: Vec<DayGain>,
    posts: Vec<PostOfDay>,
    figures: BTreeMap<MetricId, Estimate>,
    peers: Peers,
    cpm: Cpm,
    audience: AudienceShares,
    target: AudienceTarget,
    counters: [Vec<i64>; 4],
    followers: Vec<Option<f64>>,
}

impl World {
    fn new() -> Self {
        let seed = Seed::new("questions");
        let unit = |i: usize| seed.with(i as u64).unit();
        // The sum of 12 uniform numbers is close to normal.
        let normal = |i: usize| (0..12).map(|k| seed.with(i as u64).with(k).unit()).sum::<f64>() - 6.0;
        let mut logs: Vec<f64> = (0..POSTS).map(|i| 9.0 + normal(i)).collect();
        logs[7] = 15.0;
        let mut changes: Vec<DayGain> =
            (0..365).map(|day| DayGain { day, change: (20.0 * unit(day as usize)).round() }).collect();
        changes[200].change = 5_000.0;
        let known: Vec<Option<f64>> = logs.iter().copied().map(Some).collect();
        let posts = standouts(&known)
            .into_iter()
            .enumerate()
            .map(|(i, standout)| {
                let id = VideoId::parse(&(i + 1).to_string()).expect("a number from 1 on");
                PostOfDay { id, day: 364 - i as i64, standout }
            })
            .collect();
        let figures = |value: f64| -> BTreeMap<MetricId, Estimate> {
            let estimate = |id: &MetricId| (*id, Estimate::new(*id, Timestamp::UNIX_EPOCH, 30, value, None));
            Peers::compared().iter().map(estimate).collect()
        };
        let corpus: Vec<_> = (0..3_000).map(|i| figures(f64::from(i))).collect();
        let id = |i: usize| CreatorId::parse(&(i + 1).to_string()).expect("a number from 1 on");
        let peers = Peers::new(corpus.iter().enumerate().map(|(i, metrics)| Peer {
            id: id(i),
            followers: 500,
            language: None,
            metrics,
        }));
        let shares = |rows: &[(&'static str, f64)]| {
            Shares::parse(Dimension::Territory, rows.iter().copied()).expect("shares are a whole")
        };
        let target = AudienceTarget::default()
            .with(Dimension::Territory, Wanted::Distribution(shares(&[("US", 0.5), ("CA", 0.3), ("GB", 0.2)])), 1.0)
            .expect("a wish");
        let told = shares(&[("US", 0.46), ("EG", 0.22), ("TR", 0.07), ("GB", 0.01), ("Others", 0.24)]);
        Self {
            counters: [1_000, 80, 5, 9].map(|count| vec![count; POSTS]),
            followers: vec![Some(9_400.0); POSTS],
            cpm: Cpm::new(2.0, 8.0, "EUR", date(2026, 4, 1)).expect("a price range"),
            audience: AudienceShares {
                source: AudienceSource::StudioExport,
                dimensions: [(Dimension::Territory, told)].into(),
            },
            figures: figures(1_200.5),
            logs,
            changes,
            posts,
            peers,
            target,
        }
    }

    fn standouts(&self) {
        let known: Vec<Option<f64>> = black_box(&self.logs).iter().copied().map(Some).collect();
        let found = standouts(&known);
        assert_eq!(found[7].mark, Some(Mark::Breakout));
    }

    fn jumps(&self) {
        let found = follower_jumps(black_box(&self.changes), &self.posts, 0);
        assert_eq!(found.iter().map(|jump| jump.gained).collect::<Vec<_>>(), [5_000.0]);
    }

    fn standings(&self) {
        let id = CreatorId::parse("9999").expect("a number");
        let own = Peer { id, followers: 500, language: None, metrics: &self.figures };
        let standings = self.peers.standings(black_box(&own), Timestamp::UNIX_EPOCH);
        let percentile = 1_201.0 / 3_000.0;
        assert!(standings.iter().all(|standing| standing.percentile.value == Some(percentile)));
        assert!(!signals(&self.figures, &standings, []).is_empty());
    }

    fn value(&self) {
        let found = post_value(black_box(&self.logs), &self.cpm, Timestamp::UNIX_EPOCH);
        let interval = found.single.interval.expect("thirty posts tell what the next may bring");
        // exp(9) views at a middle price of 4.
        assert!(interval.lo < 32.4 && 32.4 < interval.hi, "{interval:?}");
    }

    fn fit(&self) {
        let found = audience_fit(
            Some(black_box(&self.audience)),
            &ContentSignals::default(),
            &self.target,
            Timestamp::UNIX_EPOCH,
        );
        assert!(found.overall.value.is_some_and(|fit| (0.4..0.8).contains(&fit)), "{found:?}");
    }

    fn rates(&self) {
        let [views, likes, comments, shares] = &self.counters;
        let posts = RosettaPosts { views, likes, comments, shares, followers: &self.followers };
        let found = definitions(black_box(&posts), Some(9_400.0));
        assert!((found[0].1.expect("every counter is shown") - 0.094).abs() < 1e-12);
        assert!((found[4].1.expect("every counter is shown") - 0.01).abs() < 1e-12);
    }
}

criterion_group!(benches, questions);
criterion_main!(benches);
