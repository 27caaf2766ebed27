//! Daily series of the account's counters: what is known of them, and what may be claimed of them.

use compass_core::{
    Count, ProfileCounts, ProfileObservation, SourceKind,
    analytics::{
        ChangePoint, DailySeries, Level, LevelTrend, MetricId, Quality, ReportOptions, Trend, creator_report,
        level_trend,
    },
    samples::World,
    stats::{
        MannKendallVariant, Seed, correlated_seasonal_mann_kendall, drift_half_width, hamed_rao, mann_kendall,
        seasonal_mann_kendall, sen_slope, theil_sen,
    },
};
use jiff::{Timestamp, ToSpan as _, civil::date, tz::TimeZone};
use proptest::prelude::*;

fn noon() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

/// A look at the followers at noon of a day, counted from the first of May.
fn look(day: i64, followers: u64) -> ProfileObservation {
    ProfileObservation {
        profile: World::standard().creators()[0].profile(),
        observed_at: noon() + (24 * day).hours(),
        source: SourceKind::Replay,
        counts: ProfileCounts { followers: Some(Count::exact(followers).unwrap()), ..ProfileCounts::default() },
    }
}

fn series(history: &[ProfileObservation]) -> DailySeries {
    DailySeries::new(history, Level::Followers, Timestamp::MAX)
}

/// Daily looks at a counter that grows by these changes.
fn growing(changes: &[f64]) -> DailySeries {
    let mut level = 5e6;
    let counts = std::iter::once(&0.0).chain(changes).map(|change| {
        level += change;
        level.round() as u64
    });
    series(&counts.zip(0..).map(|(count, day)| look(day, count)).collect::<Vec<_>>())
}

#[test]
fn last_look_of_a_day_counts_and_missing_days_stay_missing() {
    let mut early = look(1, 90);
    early.observed_at -= 3.hours();
    let history = [look(4, 130), look(0, 100), early, look(1, 110), look(2, 105)];
    let series = series(&history);
    let points: Vec<_> = series.points().iter().map(|point| (point.date(), point.value())).collect();
    let expected = [(date(2026, 5, 1), 100), (date(2026, 5, 2), 110), (date(2026, 5, 3), 105), (date(2026, 5, 5), 130)];
    assert_eq!(points, expected);
    let changes: Vec<i64> = series.changes().map(|(_, change)| change).collect();
    assert_eq!(changes, [10, -5], "the gap gives no change, the fall does");
    let trend = level_trend(&series).unwrap();
    assert_eq!((trend.days, trend.missing_days), (4, 1));
    assert_eq!((trend.first_day, trend.last_day), (date(2026, 5, 1), date(2026, 5, 5)));
    assert_eq!(trend.changes.iter().map(|c| (c.day, c.change)).collect::<Vec<_>>()[1], (date(2026, 5, 3), -5));
    assert_eq!(trend.test, None);
}

#[test]
fn looks_after_the_moment_are_not_seen() {
    let history = [look(0, 100), look(1, 110), look(2, 120)];
    let seen = DailySeries::new(&history, Level::Followers, noon() + 24.hours());
    assert_eq!(seen.points().len(), 2);
    assert_eq!(seen.since((noon() + 1.hour()).as_second()).points().len(), 1);
    assert_eq!(level_trend(&DailySeries::new(&history, Level::Likes, Timestamp::MAX)), None);
}

#[test]
fn a_sudden_zero_is_data() {
    let mut counts: Vec<u64> = (0..40).map(|day| 1_000 + 10 * day).collect();
    counts[20] = 0;
    let series = series(&counts.iter().zip(0..).map(|(&count, day)| look(day, count)).collect::<Vec<_>>());
    let trend = level_trend(&series).unwrap();
    assert_eq!((trend.changes[19].change, trend.changes[20].change), (-1_190, 1_210));
    let logs = trend.change_points.iter().flat_map(|change| [change.before, change.after]);
    assert!(logs.into_iter().all(f64::is_finite), "zero has no logarithm: {:?}", trend.change_points);
}

#[test]
fn a_new_pace_is_a_change_point_with_its_day() {
    let noise = |day: i32| 60.0 * (f64::from(day) * 2.4).sin();
    let changes: Vec<f64> = (0..80).map(|day| if day < 50 { 500.0 } else { 2_500.0 } + noise(day)).collect();
    let trend = level_trend(&growing(&changes)).unwrap();
    let [change] = trend.change_points[..] else { panic!("{:?}", trend.change_points) };
    // The change after 50 is that of the 51st day after the first of May.
    assert_eq!(change.day, date(2026, 6, 21));
    assert!((change.before - 1e-4).abs() < 5e-6 && (change.after - 4.8e-4).abs() < 2e-5, "{change:?}");
}

#[test]
fn growth_without_noise_or_mostly_at_rest_has_no_change_points() {
    assert_eq!(level_trend(&growing(&[0.0; 60])).unwrap().change_points, []);
    // More than half of the differences are zero: their standard deviation stands in for their deviation.
    let bursts: Vec<f64> = (0..90).map(|day| if day % 9 == 0 { 300.0 } else { 0.0 }).collect();
    assert_eq!(level_trend(&growing(&bursts)).unwrap().change_points, []);
}

/// As TikTok shows it: in steps of 100 from 10,000 on, of 100,000 from a million on.
fn shown(count: u64) -> Count {
    let step = match count {
        0..10_000 => 1,
        10_000..1_000_000 => 100,
        _ => 100_000,
    };
    Count::maybe_rounded((count + step / 2) / step * step).unwrap()
}

/// 365 days with so many followers a day, more or less a fifth, from so many on, exact and as they are shown.
fn a_year(number: u64, start: f64, gains: impl Fn(i64) -> f64) -> [DailySeries; 2] {
    let seed = Seed::new("rounded").with(number);
    let mut level = start;
    let counts: Vec<u64> = (0..365)
        .map(|day| {
            level += gains(day) * (0.8 + 0.4 * seed.with(day.unsigned_abs()).unit());
            level.round() as u64
        })
        .collect();
    let looks = |count: &dyn Fn(u64) -> Count| {
        let looks = counts.iter().zip(0..).map(|(&followers, day)| {
            let mut look = look(day, 0);
            look.counts.followers = Some(count(followers));
            look
        });
        series(&looks.collect::<Vec<_>>())
    };
    [looks(&|followers| Count::exact(followers).unwrap()), looks(&shown)]
}

#[test]
fn rounding_over_a_million_is_neither_a_trend_nor_a_new_pace() {
    for number in 0..20 {
        let [exact, shown] = a_year(number, 820_000.0, |_| 1_000.0);
        assert!(level_trend(&exact).unwrap().test.is_some());
        let trend = level_trend(&shown).unwrap();
        assert_eq!((trend.test, trend.change_points), (None, Vec::new()));
        assert_eq!(trend.changes.len(), 364, "what was shown is told");
    }
}

#[test]
fn a_trend_of_long_ago_is_not_told_as_one_of_now() {
    // Gains that grow from 1,000 to 10,000 a day, up to a million; after that, 300 a day that the counter hides.
    let gains = |day: i64| if day < 180 { 1_000.0 + 50.0 * day as f64 } else { 300.0 };
    let [exact, shown] = a_year(7, 120_000.0, gains);
    assert_eq!(level_trend(&shown).unwrap().test, None, "the counter says nothing of the last half year");
    assert_ne!(level_trend(&exact).unwrap().test.unwrap().trend, Trend::Rising);
    // Looks of each day, and one a month since.
    let rising: Vec<_> = (0..80_i64).map(|day| look(day, 1_000 + (3 * day * day).unsigned_abs())).collect();
    let told = |history: &[ProfileObservation]| level_trend(&series(history)).unwrap().test.map(|test| test.trend);
    assert_eq!(told(&rising), Some(Trend::Rising));
    for (months, expected) in [(0, Some(Trend::Rising)), (1, None), (12, None)] {
        let later = (1..=months).map(|month| look(79 + 30 * month, 20_000));
        assert_eq!(told(&rising.iter().cloned().chain(later).collect::<Vec<_>>()), expected, "{months} months later");
    }
}

#[test]
fn a_new_pace_is_found_in_exact_counts_and_where_rounding_is_small_beside_the_gains() {
    let on_the_day = |series: &DailySeries| {
        let day = noon().to_zoned(TimeZone::UTC).date() + 100.days();
        level_trend(series).unwrap().change_points.iter().any(|change| (change.day - day).get_days().abs() <= 3)
    };
    for number in 0..20 {
        // Over a million from the 180th day on: the days before that are still told of.
        let [exact, shown] = a_year(number, 100_000.0, |day| if day < 100 { 2_000.0 } else { 9_000.0 });
        assert!(on_the_day(&exact) && on_the_day(&shown), "{:?}", level_trend(&shown).unwrap().change_points);
        let before_a_million = |change: &ChangePoint| change.day < date(2026, 10, 29);
        assert!(level_trend(&shown).unwrap().change_points.iter().all(before_a_million));
    }
}

#[test]
fn trend_is_that_of_the_last_three_years() {
    let changes: Vec<f64> = (0..19_999).map(|day| 100.0 + 10.0 * f64::from(day).sin()).collect();
    let trend = level_trend(&growing(&changes)).unwrap();
    assert_eq!((trend.days, trend.changes.len()), (20_000, 3 * 365 - 1));
    assert_eq!(trend.changes.last().unwrap().day, trend.last_day);
    assert_eq!(trend.test.unwrap().test.n, 3 * 365 - 1);
}

#[test]
fn two_looks_over_midnight_tell_no_growth() {
    let midnight = noon() + 12.hours();
    for (apart, told) in [(2, false), (43_199, false), (43_200, true)] {
        let mut history = [look(0, 1_000), look(0, 1_010)];
        history[0].observed_at = midnight - 1.second();
        history[1].observed_at = history[0].observed_at + apart.seconds();
        let as_of = noon() + 48.hours();
        let report = creator_report(&history[0].profile, &history, &[], as_of, &ReportOptions::default());
        for id in [MetricId::FOLLOWER_GROWTH, MetricId::FOLLOWER_GROWTH_RATE] {
            let growth = &report.metrics[&id];
            assert_eq!((growth.value.is_some(), growth.quality == Quality::NoHistory), (told, !told), "{growth:?}");
        }
    }
}

#[test]
fn a_days_exact_change_is_of_12_to_36_hours() {
    // The hours after noon of each day: 36, 12, 47, 11, 24 and 37 from look to look.
    let history: Vec<_> = [-12, 0, -12, 11, -2, -2, 11]
        .into_iter()
        .zip(0_u32..)
        .map(|(hours, day)| {
            let mut look = look(day.into(), 1_000 + 10 * 2_u64.pow(day));
            look.observed_at += hours.hours();
            look
        })
        .collect();
    let changes: Vec<i64> = series(&history).exact_changes().map(|(_, change)| change).collect();
    assert_eq!(changes, [10, 20, 160]);
    assert_eq!(series(&history).changes().count(), 6);
}

#[test]
fn growth_of_a_year_is_told_from_ninety_days_on() {
    for (days, expected) in [(89, None), (90, Some(365.25 * 2.0_f64.ln() / 90.0))] {
        let history = [look(0, 1_000), look(days / 2, 1_700), look(days, 2_000)];
        let (profile, as_of) = (&history[0].profile, noon() + (24 * days).hours());
        let report = creator_report(profile, &history, &[], as_of, &ReportOptions::default());
        let annual = &report.metrics[&MetricId::FOLLOWER_GROWTH_ANNUAL];
        assert!(annual.value.zip(expected).is_none_or(|(value, expected)| (value - expected).abs() < 1e-12));
        assert_eq!(annual.value.is_some(), expected.is_some(), "{annual:?}");
        assert_eq!(report.metrics[&MetricId::LIKE_GROWTH].quality, Quality::Hidden);
    }
}

#[test]
fn likes_and_posts_grow_like_followers() {
    let history: Vec<_> = (0..20)
        .map(|day| {
            let mut look = look(day, 1_000);
            look.counts.likes = Some(Count::exact(5_000 + 40 * day.unsigned_abs()).unwrap());
            look.counts.videos = Some(Count::exact(100 - day.unsigned_abs() / 2).unwrap());
            look
        })
        .collect();
    let as_of = noon() + (24 * 20).hours();
    let report = creator_report(&history[0].profile, &history, &[], as_of, &ReportOptions::default());
    assert_eq!(report.metrics[&MetricId::LIKE_GROWTH].value, Some(40.0));
    let posts = &report.metrics[&MetricId::VIDEO_GROWTH];
    let interval = posts.interval.unwrap();
    assert!((posts.value.unwrap() + 0.5).abs() < 0.01, "{posts:?}");
    assert!(interval.lo < -0.5 && -0.5 < interval.hi, "{posts:?}");
    // 5,000 to 5,760 likes, and 100 to 91 posts, in 19 days.
    let rate = |id| report.metrics[&id].value.unwrap();
    assert!((rate(MetricId::LIKE_GROWTH_RATE) - (5_760.0_f64 / 5_000.0).ln() / 19.0).abs() < 1e-12);
    assert!((rate(MetricId::VIDEO_GROWTH_RATE) - 0.91_f64.ln() / 19.0).abs() < 1e-12);
}

#[test]
fn a_section_holds_every_day_that_was_seen_and_no_other() {
    let history = [look(0, 1_000), look(1, 1_010), look(4, 1_060)];
    let report =
        creator_report(&history[0].profile, &history, &[], noon() + (24 * 5).hours(), &ReportOptions::default());
    let followers = report.growth.followers.unwrap();
    let days: Vec<(i8, u64)> = followers.counts.iter().map(|day| (day.day.day(), day.count.midpoint())).collect();
    let first = followers.first_day.day();
    assert_eq!(days, [(first, 1_000), (first + 1, 1_010), (first + 4, 1_060)]);
    assert_eq!(followers.changes.len(), 1, "a gap gives no change");
}

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
