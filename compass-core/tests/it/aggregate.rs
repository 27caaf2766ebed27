//! The aggregate beside a plain one that sorts everything and adds in wide numbers.

use std::collections::BTreeMap;

use compass_core::analytics::{CreatorAggregate, Rows, UnequalColumns, aggregate};
use proptest::prelude::*;

/// creator, ts, views, likes, comments, shares
type Row = (u32, i64, i64, i64, i64, i64);

fn of(rows: &[Row]) -> Vec<CreatorAggregate> {
    let ids: Vec<u32> = rows.iter().map(|row| row.0).collect();
    let column = |of: fn(&Row) -> i64| rows.iter().map(of).collect::<Vec<i64>>();
    let [ts, views, likes] = [column(|r| r.1), column(|r| r.2), column(|r| r.3)];
    let [comments, shares] = [column(|r| r.4), column(|r| r.5)];
    aggregate(&Rows::new(&ids, &ts, &views, &likes, &comments, &shares).unwrap())
}

/// The definition of each figure, word by word.
fn plainly(rows: &[Row]) -> Vec<CreatorAggregate> {
    let mut creators: BTreeMap<u32, Vec<&Row>> = BTreeMap::new();
    rows.iter().for_each(|row| creators.entry(row.0).or_default().push(row));
    creators.into_iter().map(|(creator_id, rows)| of_one(creator_id, &rows)).collect()
}

fn of_one(creator_id: u32, rows: &[&Row]) -> CreatorAggregate {
    let interactions = |row: &Row| i128::from(row.3) + i128::from(row.4) + i128::from(row.5);
    let mut views: Vec<i128> = rows.iter().map(|row| row.2.into()).collect();
    views.sort_unstable();
    let tenths = 9 * (views.len() - 1);
    let (below, above) = (views[tenths / 10], views[tenths.div_ceil(10)]);
    let p90_views = (below * 10 + (above - below) * (tenths % 10) as i128) as f64 / 10.0;
    let (e, total) = (rows.iter().map(|r| interactions(r)).sum::<i128>(), views.iter().sum::<i128>());
    let ratios: Vec<f64> =
        rows.iter().filter(|row| row.2 > 0).map(|row| interactions(row) as f64 / row.2 as f64).collect();

    let logs: Vec<f64> = views.iter().filter(|&&v| v >= 0).map(|&v| (v as f64 + 1.0).ln()).collect();
    let center = median(&logs);
    let distances: Vec<f64> = logs.iter().map(|log| (log - center).abs()).collect();
    let limit = 3.5 * 1.4826 * median(&distances);
    let outliers = distances.iter().filter(|&&d| d > limit).count() as u64;

    let mut ts: Vec<i128> = rows.iter().map(|row| row.1.into()).collect();
    ts.sort_unstable();
    let mut gaps: Vec<i128> = ts.windows(2).map(|pair| pair[1] - pair[0]).collect();
    gaps.sort_unstable();

    let mut slots: BTreeMap<i128, (i128, i128)> = BTreeMap::new();
    for row in rows {
        let (ts, views) = (i128::from(row.1), i128::from(row.2));
        let slot = (ts.div_euclid(86_400) + 3).rem_euclid(7) * 24 + ts.rem_euclid(86_400) / 3600;
        let (sum, posts) = slots.entry(slot).or_default();
        (*sum, *posts) = (*sum + views, *posts + 1);
    }
    let twice = slots.into_iter().filter(|(_, (_, posts))| *posts >= 2);
    let best = twice.reduce(|best, slot| if slot.1.0 * best.1.1 > best.1.0 * slot.1.1 { slot } else { best });

    CreatorAggregate {
        creator_id,
        n: rows.len() as u64,
        median_views: middle(&views),
        er_total: (total != 0).then(|| e as f64 / total as f64),
        er_mean: (!ratios.is_empty()).then(|| sum(&ratios) / ratios.len() as f64),
        p90_views,
        outliers,
        gap_h: (!gaps.is_empty()).then(|| middle(&gaps) / 3600.0),
        best_slot: best.map(|(slot, _)| slot as u8),
    }
}

/// Neumaier's sum, which keeps what plain addition rounds away.
fn sum(values: &[f64]) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0);
    for &value in values {
        let next = sum + value;
        lost += if sum.abs() >= value.abs() { (sum - next) + value } else { (value - next) + sum };
        sum = next;
    }
    sum + lost
}

fn middle(sorted: &[i128]) -> f64 {
    (sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2]) as f64 / 2.0
}

fn median(values: &[f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    (sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2]) / 2.0
}

/// A mean of quotients and an interpolation are rounded more than once; every other figure is the same double.
#[track_caller]
fn assert_same(got: &[CreatorAggregate], expected: &[CreatorAggregate]) {
    assert_eq!(got.len(), expected.len());
    for (got, expected) in got.iter().zip(expected) {
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-12 * b.abs();
        assert!(near(got.p90_views, expected.p90_views), "{got:?} is not {expected:?}");
        assert!(near(got.er_mean.unwrap_or(-1.0), expected.er_mean.unwrap_or(-1.0)), "{got:?} is not {expected:?}");
        assert_eq!(CreatorAggregate { p90_views: expected.p90_views, er_mean: expected.er_mean, ..*got }, *expected);
    }
}

/// Every figure's bits.
fn bits(answers: &[CreatorAggregate]) -> Vec<String> {
    answers.iter().map(|answer| format!("{answer:?}")).collect()
}

fn shuffled(rows: &[Row]) -> Vec<Row> {
    let mut rows = rows.to_vec();
    let mut state = 1_u64;
    for i in (1..rows.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        rows.swap(i, (state >> 33) as usize % (i + 1));
    }
    rows
}

/// Posts as they are in the field: a wide range of sizes, some outliers, some without a view.
fn field(creators: u32, most: usize) -> Vec<Row> {
    let mut state = 42_u64;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut rows = Vec::new();
    for creator in 0..creators {
        let size = 10_u64.pow(1 + next(6) as u32);
        let mut ts = 1_600_000_000;
        for _ in 0..=next(most as u64) {
            ts += next(200_000) as i64;
            let views = if next(100) == 0 { 0 } else { next(size) * (1 + 30 * u64::from(next(50) == 0)) };
            let part = |of: u64| (views / of) as i64;
            rows.push((creator * 3, ts, views as i64, part(10 + next(9)), part(100), part(90 + next(40))));
        }
    }
    rows
}

fn any_i64() -> BoxedStrategy<i64> {
    let bound = |at: i64| (-3..=3_i64).prop_map(move |by| at.saturating_add(by));
    prop_oneof![
        0..100_i64,
        0..10_000_000_i64,
        bound(0),
        bound(1 << 31),
        bound(1 << 32),
        bound(1 << 53),
        bound(i64::MAX),
        bound(i64::MIN),
        any::<i64>(),
    ]
    .boxed()
}

fn row(
    id: impl Strategy<Value = u32>,
    count: impl Strategy<Value = i64> + Clone + 'static,
) -> impl Strategy<Value = Row> {
    let ts = prop_oneof![8 => 1_700_000_000..1_760_000_000_i64, 1 => -90_000_000..90_000_000_i64, 1 => any_i64()];
    (id, ts, count.clone(), count.clone(), count.clone(), count)
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let few = || prop_oneof![0..3_u32, Just(7)];
    let sparse = || prop_oneof![Just(0), Just(u32::MAX), Just(u32::MAX - 1), Just(1 << 31), any::<u32>()];
    let tied = prop_oneof![0..3_i64, Just(1000)];
    let usual = prop_oneof![0..2000_i64, 0..5_000_000_i64];
    prop_oneof![
        proptest::collection::vec(row(few(), usual.clone()), 0..300),
        proptest::collection::vec(row(few(), tied), 0..120),
        proptest::collection::vec(row(few(), any_i64()), 0..60),
        proptest::collection::vec(row(sparse(), usual), 0..200),
        proptest::collection::vec(row(sparse(), any_i64()), 0..60),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn any_rows_in_any_order_give_the_definitions(mut rows in rows()) {
        assert_same(&of(&rows), &plainly(&rows));
        let scattered = bits(&of(&rows));
        rows.sort_by_key(|row| row.0);
        assert_eq!(scattered, bits(&of(&rows)));
    }
}

#[test]
fn many_creators_give_the_definitions() {
    let rows = field(3000, 150);
    let expected = plainly(&rows);
    assert_same(&of(&rows), &expected);
    assert_same(&of(&shuffled(&rows)), &expected);
}

#[test]
fn neither_threads_nor_the_order_of_rows_change_a_bit() {
    let rows = field(2000, 120);
    let mixed = shuffled(&rows);
    let mut backwards = rows.clone();
    backwards.reverse();
    let expected = bits(&of(&rows));
    for threads in [1, 2, 8] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        for rows in [&rows, &mixed, &backwards] {
            assert!(pool.install(|| bits(&of(rows))) == expected, "with {threads} threads");
        }
    }
}

#[test]
fn a_creator_is_the_same_alone_and_among_others() {
    let rows = field(300, 150);
    let all = of(&rows);
    for answer in all.iter().step_by(7) {
        let alone: Vec<Row> = rows.iter().copied().filter(|row| row.0 == answer.creator_id).collect();
        assert_eq!(bits(&of(&alone)), bits(&[*answer]));
    }
}

#[test]
fn one_creator_may_have_100_000_posts() {
    let rows: Vec<Row> =
        field(2000, 150).into_iter().take(100_000).map(|row| (5, row.1, row.2, row.3, row.4, row.5)).collect();
    assert_eq!(rows.len(), 100_000);
    let expected = plainly(&rows);
    assert_same(&of(&rows), &expected);
    let mut among = shuffled(&rows);
    among.insert(500, (4, 0, 1, 1, 1, 1));
    assert_same(&of(&among)[1..], &expected);
}

#[test]
fn some_wide_values_among_many_rows_change_no_other_creator() {
    let mut rows = field(1000, 100);
    let before = bits(&of(&rows));
    let (one, other) = (rows[5000].0, rows[40_000].0);
    rows[5000].2 = 9_000_000_000;
    rows[40_000].1 = -5;
    for rows in [rows.clone(), shuffled(&rows)] {
        let after = of(&rows);
        assert_same(&after, &plainly(&rows));
        let differs = |(at, text): (usize, &String)| (*text != before[at]).then(|| after[at].creator_id);
        let changed: Vec<u32> = bits(&after).iter().enumerate().filter_map(differs).collect();
        assert_eq!(changed, [one, other]);
    }
}

#[test]
fn figures_without_a_meaning_are_absent() {
    let answers = of(&[(1, 0, 0, 5, 0, 0), (2, 10, -4, 1, 1, 1), (2, 10, 4, 2, 0, 0)]);
    let single = answers[0];
    assert_eq!((single.er_total, single.er_mean, single.gap_h, single.best_slot), (None, None, None, None));
    assert_eq!((single.n, single.median_views, single.p90_views, single.outliers), (1, 0.0, 0.0, 0));
    let negative = answers[1];
    assert_eq!((negative.er_total, negative.er_mean, negative.gap_h), (None, Some(0.5), Some(0.0)));
    assert_eq!(negative.best_slot, Some(3 * 24));
}

#[test]
fn before_1970_hours_of_the_week_go_on() {
    // Wednesday 1969-12-31 23:00 UTC, and the Monday before.
    assert_eq!(of(&[(1, -1, 5, 0, 0, 0), (1, -3600, 5, 0, 0, 0)])[0].best_slot, Some(2 * 24 + 23));
    assert_eq!(of(&[(1, -3 * 86_400, 5, 0, 0, 0), (1, -3 * 86_400 + 1, 5, 0, 0, 0)])[0].best_slot, Some(0));
}

#[test]
fn sums_past_64_bits_are_right() {
    let answer = of(&[(1, 0, i64::MAX, i64::MAX, i64::MAX, i64::MAX), (1, 0, i64::MAX, 0, 0, 0)])[0];
    assert_eq!((answer.er_total, answer.er_mean), (Some(1.5), Some(1.5)));
    assert_eq!(answer.median_views, i64::MAX as f64);
}

#[test]
fn views_of_the_largest_narrow_number_are_no_outliers_of_themselves() {
    for n in [1, 2, 70] {
        let rows: Vec<_> = (0..n).map(|i| (1, i, i64::from(i32::MAX), 0, 0, 0)).collect();
        let answer = of(&rows)[0];
        assert_eq!((answer.outliers, answer.median_views), (0, f64::from(i32::MAX)), "{n} rows");
    }
}

#[test]
fn nothing_comes_of_nothing() {
    assert_eq!(of(&[]), []);
}

#[test]
fn columns_of_unequal_length_are_refused() {
    let refused = Rows::new(&[1, 2], &[0, 0], &[1, 1], &[1], &[0, 0], &[0, 0]).unwrap_err();
    assert_eq!(refused, UnequalColumns { column: "likes", rows: 1, expected: 2 });
    assert_eq!(refused.to_string(), "column likes has 1 rows, creator_id has 2");
}
