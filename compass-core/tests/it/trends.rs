//! What may be claimed of a daily series: a trend, a new pace, an interval of its growth.

use compass_core::{
    Count,
    analytics::{LevelTrend, Trend, level_trend},
    stats::{
        MannKendallVariant, Seed, correlated_seasonal_mann_kendall, drift_half_width, hamed_rao, mann_kendall,
        seasonal_mann_kendall, sen_slope, theil_sen,
    },
};
use jiff::Timestamp;
use proptest::prelude::*;

use crate::series::{growing, look, series, shown};

#[test]
fn the_test_names_its_variant() {
    let speeding: Vec<f64> = (0..80).map(|day| f64::from(10 * day) + 40.0 * f64::from(day * day).sin()).collect();
    let test = |changes: &[f64]| level_trend(&growing(changes)).unwrap().test.unwrap();
    let (long, short) = (test(&speeding), test(&speeding[..30]));
    assert_eq!(
        (long.test.variant, long.below, long.trend),
        (MannKendallVariant::SeasonalCorrelated, 0.05, Trend::Rising)
    );
    assert_eq!((short.below, short.trend), (0.01, Trend::Rising));
    assert_ne!(short.test.variant, MannKendallVariant::SeasonalCorrelated);
    let slowing: Vec<f64> = speeding.iter().map(|change| 3_000.0 - change).collect();
    assert_eq!(test(&slowing).trend, Trend::Falling);
    assert_eq!(test(&[5.0; 80]).trend, Trend::NotShown);
}

/// pymannkendall's own tests: no trend, a trend, and the 360 values that it calls arbitrary, on which the original test
/// sees nothing, that of Hamed and Rao a certain fall, and the seasonal one a likely fall.
#[test]
fn published_answers_of_pymannkendall_hold() {
    let values = arbitrary();
    let years: Vec<Option<f64>> =
        values.chunks(12).filter(|year| year.iter().all(Option::is_some)).flatten().copied().collect();
    let known = [
        (mann_kendall(&values), [-1_959.0, 4_889_800.333_333_333, -0.885_456_284_258_991_6, 0.375_910_587_405_068_33]),
        (
            hamed_rao(&values, 0.05),
            [-1_959.0, 259_723.813_167_161_25, -3.841_995_061_371_089_4, 0.000_122_038_292_412_751_66],
        ),
        (
            seasonal_mann_kendall(&values, 12),
            [-399.0, 34_702.333_333_333_336, -2.136_504_114_534_638, 0.032_638_345_961_777_39],
        ),
        (
            correlated_seasonal_mann_kendall(&years, 12),
            [-333.0, 31_427.666_666_666_664, -1.878_400_366_918_792, 0.060_326_415_374_238_44],
        ),
    ];
    for (test, expected) in known {
        let test = test.unwrap();
        for (got, expected) in [test.s, test.var_s, test.z, test.p].into_iter().zip(expected) {
            assert!((got - expected).abs() <= 1e-9 * expected.abs(), "{test:?} has not {expected}");
        }
    }
    assert_eq!(mann_kendall(&values).unwrap().slope, Some(-0.006_369_426_751_592_357));
    assert_eq!(seasonal_mann_kendall(&values, 12).unwrap().slope, Some(-0.086_956_521_739_130_43));
    let rising: Vec<Option<f64>> = (0..360).map(|month| Some(f64::from(month))).collect();
    let (original, seasonal) = (mann_kendall(&rising).unwrap(), seasonal_mann_kendall(&rising, 12).unwrap());
    assert_eq!((original.s, original.tau, original.slope), (64_620.0, 1.0, Some(1.0)));
    assert_eq!((seasonal.s, seasonal.tau, seasonal.slope), (5_220.0, 1.0, Some(12.0)));
}

/// The changes of one process, with a mean of 3.
#[derive(Clone, Copy, Debug)]
enum Process {
    Independent,
    Weekly,
    /// Autoregression of the first order.
    Dependent(f64),
}

impl Process {
    fn draw(self, days: usize, number: usize) -> Vec<f64> {
        let seed = Seed::new("process").with(number as u64).with(days as u64);
        // Box and Muller's normal deviates.
        let normal = |day: usize| {
            let (radius, angle) = (seed.with(2 * day as u64).unit(), seed.with(2 * day as u64 + 1).unit());
            (-2.0 * (1.0 - radius).ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
        };
        let weekday = [-1.0, 0.6, 1.0, -0.1, -1.9, 0.2, 1.2];
        let mut before = 0.0;
        (0..days + 50)
            .map(|day| match self {
                Self::Independent => normal(day),
                Self::Weekly => normal(day) + weekday[(day + number) % 7],
                Self::Dependent(phi) => {
                    before = phi * before + normal(day);
                    before
                }
            })
            .skip(50)
            .map(|change| 3.0 + change)
            .collect()
    }
}

const NULLS: [Process; 3] = [Process::Independent, Process::Weekly, Process::Dependent(0.3)];

/// How often the interval about the Theil-Sen slope holds the mean daily change, and Sen's own.
fn coverage(process: Process, days: usize, repetitions: usize) -> (f64, f64) {
    let numbers: Vec<i64> = (0..days as i64).collect();
    let times: Vec<f64> = (0..days).map(|day| day as f64).collect();
    let (mut inside, mut inside_sens) = (0, 0);
    for number in 0..repetitions {
        let mut level = 0.0;
        let changes = process.draw(days - 1, number);
        let levels: Vec<f64> = std::iter::once(0.0)
            .chain(changes.into_iter().map(|change| {
                level += change;
                level
            }))
            .collect();
        let half = drift_half_width(&numbers, &levels, 0.95).unwrap();
        inside += usize::from((sen_slope(&times, &levels).unwrap() - 3.0).abs() <= half);
        if number % 8 == 0 {
            let sens = theil_sen(&times, &levels, 0.95).unwrap().interval;
            inside_sens += usize::from(sens.lo <= 3.0 && 3.0 <= sens.hi);
        }
    }
    (inside as f64 / repetitions as f64, inside_sens as f64 / repetitions.div_ceil(8) as f64)
}

/// A counter adds its changes up. Sen's interval, made for points about a line, holds the truth far too rarely.
#[test]
fn interval_of_growth_covers_what_it_says() {
    for (days, repetitions) in [(10, 6_000), (14, 6_000), (30, 3_000), (60, 2_000), (90, 2_000), (365, 1_500)] {
        // What the week brings cannot be told in less than two.
        for process in NULLS.into_iter().filter(|process| days >= 14 || !matches!(process, Process::Weekly)) {
            let (ours, sens) = coverage(process, days, repetitions);
            println!("{days} days, {process:?}: {ours:.3}, Sen's {sens:.3}");
            assert!((0.93..=0.97).contains(&ours), "{process:?} over {days} days: {ours}");
            assert!(sens < 0.65, "{process:?} over {days} days: Sen's own covers {sens}");
        }
    }
}

/// A trend or a change-point is claimed on at most one null series in twenty: if it is one in twenty, on at most 119 of
/// 2,000 (97.5 %).
#[test]
fn nothing_is_claimed_where_there_is_nothing() {
    for days in [14, 30, 60, 90] {
        for process in NULLS {
            let (mut trends, mut change_points) = (0, 0);
            for number in 0..2_000 {
                let changes: Vec<f64> = process.draw(days - 1, number).iter().map(|c| 1_000.0 * c).collect();
                let found = level_trend(&growing(&changes)).unwrap();
                trends += usize::from(found.test.unwrap().trend != Trend::NotShown);
                change_points += usize::from(!found.change_points.is_empty());
            }
            println!("{days} days, {process:?}: a trend in {trends}, a change-point in {change_points} of 2,000");
            assert!(trends <= 119, "{process:?} over {days} days: a trend in {trends} of 2,000");
            assert!(change_points <= 119, "{process:?} over {days} days: a change-point in {change_points} of 2,000");
        }
    }
}

/// Steps of 100 leave 99 open, so days that differ by 400 are the first that anything is told of: these differ by 450.
#[test]
fn nothing_is_claimed_where_rounding_is_just_small_enough() {
    for process in NULLS {
        let (mut tested, mut trends, mut change_points) = (0, 0, 0);
        for number in 0..2_000 {
            let mut level = 500_000.0;
            let looks = process.draw(89, number).into_iter().zip(0..).map(|(change, day)| {
                level += 450.0 * (change - 3.0);
                let mut look = look(day, 0);
                look.counts.followers = Some(shown(level as u64));
                look
            });
            let found = level_trend(&series(&looks.collect::<Vec<_>>())).unwrap();
            tested += usize::from(found.test.is_some());
            trends += usize::from(found.test.is_some_and(|test| test.trend != Trend::NotShown));
            change_points += usize::from(!found.change_points.is_empty());
        }
        println!("{process:?}: of {tested} a trend in {trends}, a change-point in {change_points}");
        assert!(tested >= 1_000, "{process:?}: only {tested} of 2,000 tested");
        assert!(
            20 * trends.max(change_points) <= tested + 20 * 22,
            "{process:?}: {trends} and {change_points} of {tested}"
        );
    }
}

/// Growth that doubles, and growth that steps up by twice the spread of a day, are seen.
#[test]
fn what_there_is_is_mostly_seen() {
    let (mut trends, mut change_points) = (0, 0);
    for number in 0..200 {
        let noise = Process::Dependent(0.3).draw(89, number);
        let rising: Vec<f64> = noise.iter().zip(0..).map(|(c, day)| 1_000.0 * (c + f64::from(day) / 30.0)).collect();
        let trend = level_trend(&growing(&rising)).unwrap().test.unwrap().trend;
        trends += usize::from(trend == Trend::Rising);
        let step = |day: i32| if day < 45 { 0.0 } else { 3.0 };
        let stepping: Vec<f64> = noise.iter().zip(0..).map(|(c, day)| 1_000.0 * (c + step(day))).collect();
        change_points += usize::from(!level_trend(&growing(&stepping)).unwrap().change_points.is_empty());
    }
    println!("of 200: a trend in {trends}, a change-point in {change_points}");
    assert!(trends >= 160 && change_points >= 160, "{trends} and {change_points} of 200");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_history_has_a_finite_trend(
        looks in proptest::collection::vec((0..200_i64, prop_oneof![Just(0), Just(Count::MAX), 0..100_000_u64]), 0..120),
        far in any::<bool>(),
    ) {
        let mut history: Vec<_> = looks.into_iter().map(|(day, count)| look(day, count)).collect();
        if let Some(first) = history.first_mut().filter(|_| far) {
            first.observed_at = Timestamp::MIN;
        }
        if let Some(last) = history.last_mut().filter(|_| far) {
            last.observed_at = Timestamp::MAX;
        }
        let trend = level_trend(&series(&history));
        prop_assert_eq!(trend.is_none(), history.is_empty());
        let json = serde_json::to_string(&trend).unwrap();
        // A float that is not finite is null in JSON, and no number when it is read again.
        let back: Option<LevelTrend> = serde_json::from_str(&json).unwrap();
        let of = |trend: Option<LevelTrend>| trend.map(|t| (t.days, t.missing_days, t.changes, t.change_points.len()));
        prop_assert_eq!(of(back), of(trend));
    }
}

/// `arbitrary_1d_data` of pymannkendall's tests: thirty years of months, some missing.
fn arbitrary() -> Vec<Option<f64>> {
    const MISSING: i32 = -1;
    let values: [i32; 360] = [
        32, 20, 25, 189, 240, 193, 379, 278, 301, 0, 0, 82, 0, 4, -1, -1, 121, 234, 360, 262, 120, 30, 11, 1, 7, 3, 31,
        31, 355, 102, 248, 274, 308, -1, 5, 26, 11, 16, 6, 48, 388, 539, 431, 272, 404, 186, 0, 2, 0, 4, 1, 54, 272,
        459, 235, 164, 365, 135, 2, -1, -1, 4, 0, 128, 210, 163, 446, 225, 462, 467, 19, 13, 0, 3, 17, 132, 178, 338,
        525, 623, 145, 31, 19, 3, 0, 29, 25, 87, 259, 756, 486, 180, 292, 43, 92, 1, 0, 16, 2, 0, 130, 253, 594, 111,
        273, 30, 0, 4, 0, 27, 24, 41, 292, 378, 499, 265, 320, 227, 4, 0, 4, 14, 8, 48, 416, 240, 404, 207, 733, 105,
        0, 112, 0, 14, 0, 30, 140, 202, 289, 159, 424, 106, 3, 0, 65, 3, 14, 58, 268, 466, 432, 266, 240, 95, 1, 0, 10,
        26, 4, 114, 94, 289, 173, 208, 263, 156, 5, 0, 16, 16, 14, 0, 111, 475, 534, 432, 471, 117, 70, 1, 3, 28, 7,
        401, 184, 283, 338, 171, 335, 176, 0, 0, 10, 11, 9, 140, 102, 208, 298, 245, 220, 29, 2, 27, 10, 13, 26, 84,
        143, 367, 749, 563, 283, 353, 10, 0, 0, 0, 0, 9, 246, 265, 343, 429, 168, 133, 17, 0, 18, 35, 76, 158, 272,
        250, 190, 289, 466, 84, 0, 0, 0, 0, 0, 22, 217, 299, 185, 115, 344, 203, 8, -1, -1, 0, 5, 284, 123, 254, 476,
        496, 326, 27, 20, 0, 4, 53, 72, 113, 214, 364, 219, 220, 156, 264, 0, 13, 0, 0, 45, 90, 137, 638, 529, 261,
        206, 251, 0, 0, 5, 9, 58, 72, 138, 130, 471, 328, 356, 523, 0, 1, 0, 0, 12, 143, 193, 184, 192, 138, 174, 69,
        1, 0, 0, 18, 25, 28, 92, 732, 320, 256, 302, 131, 15, 0, 27, 0, 22, 20, 213, 393, 474, 374, 109, 159, 0, 0, 0,
        3, 3, 49, 205, 128, 194, 570, 169, 89, 0, 0, 0, 0, 0, 26, 185, 286, 92, 225, 244, 190, 3, 20,
    ];
    values.into_iter().map(|value| (value != MISSING).then(|| f64::from(value))).collect()
}
