//! Daily series of the account's counters: what is known of them, and at which pace they grow.

use compass_core::{
    Count, ProfileCounts, ProfileObservation, SourceKind,
    analytics::{
        ChangePoint, DailySeries, Level, MetricId, Quality, ReportOptions, Trend, creator_report, level_trend,
    },
    samples::World,
    stats::Seed,
};
use jiff::{Timestamp, ToSpan as _, civil::date, tz::TimeZone};

fn noon() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}

/// A look at the followers at noon of a day, counted from the first of May.
pub(crate) fn look(day: i64, followers: u64) -> ProfileObservation {
    ProfileObservation {
        profile: World::standard().creators()[0].profile(),
        observed_at: noon() + (24 * day).hours(),
        source: SourceKind::Replay,
        counts: ProfileCounts { followers: Some(Count::exact(followers).unwrap()), ..ProfileCounts::default() },
    }
}

pub(crate) fn series(history: &[ProfileObservation]) -> DailySeries {
    DailySeries::new(history, Level::Followers, Timestamp::MAX)
}

/// Daily looks at a counter that grows by these changes.
pub(crate) fn growing(changes: &[f64]) -> DailySeries {
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
pub(crate) fn shown(count: u64) -> Count {
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
