//! How long the summaries of many creators take, rows in order and in none, and that cost is linear in rows.

use compass_core::analytics::{CreatorAggregate, Rows, aggregate};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// Posts of each creator.
const POSTS: usize = 100;

/// Posts of creators whose figures are known.
struct Posts {
    creator_id: Vec<u32>,
    /// ts, views, likes, comments, shares.
    others: [Vec<i64>; 5],
}

impl Posts {
    /// Creators with posts 6 hours apart, of 1 to 100 x 37 views, a tenth of them liked.
    fn ordered(rows: usize) -> Self {
        let of = |column: fn(usize) -> usize| (0..rows).map(|row| column(row) as i64).collect::<Vec<_>>();
        let views = |row: usize| ((row * 37) % POSTS + 1) * 370;
        Self {
            creator_id: (0..rows).map(|row| (row / POSTS) as u32).collect(),
            others: [
                of(|row| 1_700_000_000 + row % POSTS * 6 * 3600),
                (0..rows).map(|row| views(row) as i64).collect(),
                (0..rows).map(|row| views(row) as i64 / 10).collect(),
                of(|_| 0),
                of(|_| 0),
            ],
        }
    }

    fn shuffled(rows: usize) -> Self {
        let Self { creator_id, others } = Self::ordered(rows);
        // A step that has no factor in common with the number of rows visits each once.
        let order = |at: usize| (at * 7_368_787) % rows;
        Self {
            creator_id: (0..rows).map(|at| creator_id[order(at)]).collect(),
            others: others.map(|column| (0..rows).map(|at| column[order(at)]).collect()),
        }
    }

    fn rows(&self) -> Rows<'_> {
        let [ts, views, likes, comments, shares] = &self.others;
        Rows::new(&self.creator_id, ts, views, likes, comments, shares).expect("columns of one length")
    }
}

fn linear(c: &mut Criterion) {
    let mut group = c.benchmark_group("aggregate");
    group.sample_size(10);
    for rows in [100_000, 1_000_000, 10_000_000] {
        group.throughput(Throughput::Elements(rows as u64));
        for (name, posts) in [("ordered", Posts::ordered(rows)), ("shuffled", Posts::shuffled(rows))] {
            group.bench_function(BenchmarkId::new(name, rows), |b| {
                b.iter(|| assert_right(&aggregate(&posts.rows()), rows))
            });
        }
    }
    group.finish();
}

/// Every creator's posts are alike.
fn assert_right(answer: &[CreatorAggregate], rows: usize) {
    assert_eq!(answer.len(), rows / POSTS);
    let last = answer.last().expect("there are rows");
    assert_eq!((last.median_views, last.er_total, last.gap_h), (50.5 * 370.0, Some(0.1), Some(6.0)));
}

criterion_group!(benches, linear);
criterion_main!(benches);
