//! The headline report against known answers and against the samples' truth.

use compass_core::{
    Count, Handle, ProfileCounts, ProfileObservation, SourceKind, Video, VideoCounts, VideoId, VideoKind,
    VideoObservation,
    analytics::{
        Corpus, Cpm, CreatorReport, Estimate, Flag, GrowthSource, Mark, Quality, Report, ReportOptions, Subject,
        creator_report, creator_reports,
    },
    app,
    ports::CreatorStore as _,
    samples::{SampleCreator, World},
    testing::{
        MemoryStore,
        planted::{Growth, Plan},
    },
};
use jiff::{Timestamp, ToSpan as _};

fn now() -> Timestamp {
    "2026-05-01T00:00:00Z".parse().unwrap()
}

fn exact(n: u64) -> Option<Count> {
    Some(Count::exact(n).unwrap())
}

/// A post of some days before [`now`], with views, likes, comments, shares and saves.
fn post(days_old: i64, counters: [u64; 5]) -> VideoObservation {
    let created_at = now() - (24 * days_old).hours();
    let id = VideoId::parse(&(1_000 + days_old).to_string()).unwrap();
    let [views, likes, comments, shares, saves] = counters.map(exact);
    VideoObservation {
        video: Video { created_at, ..Video::from_id(id, VideoKind::Video) },
        observed_at: now(),
        source: SourceKind::Replay,
        pinned: false,
        counts: VideoCounts { views, likes, comments, shares, saves },
    }
}

fn followers(day: i64, count: Count) -> ProfileObservation {
    ProfileObservation {
        profile: World::standard().creators()[0].profile(),
        observed_at: now() - (24 * (10 - day)).hours(),
        source: SourceKind::Replay,
        counts: ProfileCounts { followers: Some(count), ..ProfileCounts::default() },
    }
}

fn report(history: &[ProfileObservation], videos: &[VideoObservation]) -> CreatorReport {
    let profile = World::standard().creators()[0].profile();
    creator_report(&profile, history, videos, now(), &ReportOptions::default())
}

fn figure<'a>(report: &'a CreatorReport, id: &str) -> &'a Estimate {
    report.metrics.values().find(|f| f.id.0 == id).unwrap_or_else(|| panic!("no figure {id}"))
}

fn assert_value(report: &CreatorReport, id: &str, expected: f64) {
    let value = figure(report, id).value.unwrap_or_else(|| panic!("{id} has no value"));
    // Sums of a few products of small integers: a relative error of 1e-9 leaves room for the order of summation.
    assert!((value - expected).abs() <= 1e-9 * expected.abs(), "{id} is {value}, not {expected}");
}

/// Five posts small enough to reckon by hand: views 1000, 2000, 4000, 500, 100.
fn five_posts() -> Vec<VideoObservation> {
    vec![
        post(3, [1_000, 80, 10, 10, 5]),
        post(5, [2_000, 100, 20, 0, 20]),
        post(6, [4_000, 100, 20, 40, 0]),
        post(10, [500, 50, 5, 0, 10]),
        post(13, [100, 10, 0, 0, 1]),
    ]
}

#[test]
fn figures_of_five_posts_are_those_reckoned_by_hand() {
    let report = report(&[followers(10, Count::exact(5_000).unwrap())], &five_posts());
    assert_value(&report, "views.typical@1", 1_000.0);
    assert_value(&report, "view_rate.median@1", 0.2);
    // (100 + 120 + 160 + 55 + 10) / 7600
    assert_value(&report, "er.views.pooled@1", 445.0 / 7_600.0);
    // .1, .06, .04, .11, .1
    assert_value(&report, "er.views.median@1", 0.1);
    assert_value(&report, "er.views.mean@1", 0.082);
    assert_value(&report, "er.followers.mean@1", 445.0 / 5.0 / 5_000.0);
    assert_value(&report, "rate.like@1", 340.0 / 7_600.0);
    assert_value(&report, "rate.comment@1", 55.0 / 7_600.0);
    assert_value(&report, "rate.share@1", 50.0 / 7_600.0);
    assert_value(&report, "rate.save@1", 36.0 / 7_600.0);
    // Gaps of 2, 1, 4 and 3 days.
    assert_value(&report, "posting.per_week@1", 7.0 / 2.5);
    assert_value(&report, "posting.gap_median@1", 60.0);
    // exp(mean(ln(1001, 2001, 4001, 501, 101))) - 1
    let logs = [1_001.0_f64, 2_001.0, 4_001.0, 501.0, 101.0].map(f64::ln);
    assert_value(&report, "views.typical.geometric@1", (logs.iter().sum::<f64>() / 5.0).exp() - 1.0);
    assert_eq!(figure(&report, "er.views.median@1").quality, Quality::Thin);
}

#[test]
fn posts_younger_than_two_days_and_beyond_thirty_do_not_count() {
    let mut videos: Vec<_> = (2..40).map(|day| post(day, [1_000, 100, 0, 0, 0])).collect();
    videos.push(post(1, [9_000_000, 0, 0, 0, 0]));
    videos.push(post(50, [9_000_000, 0, 0, 0, 0]));
    let report = report(&[], &videos);
    assert_eq!(figure(&report, "er.views.pooled@1").n, 30);
    assert_value(&report, "er.views.pooled@1", 0.1);
}

#[test]
fn what_a_source_hides_is_not_zero() {
    let mut videos = five_posts();
    videos.iter_mut().for_each(|v| v.counts = VideoCounts { views: v.counts.views, ..VideoCounts::default() });
    let report = report(&[], &videos);
    assert_value(&report, "views.typical@1", 1_000.0);
    for id in ["er.views.pooled@1", "er.views.median@1", "rate.like@1", "rate.save@1", "view_rate.median@1"] {
        let hidden = figure(&report, id);
        assert_eq!((hidden.value, hidden.quality), (None, Quality::Hidden), "{id}");
    }
}

#[test]
fn one_post_that_hides_its_saves_is_left_out_and_said() {
    let mut videos = five_posts();
    videos[0].counts.saves = None;
    let report = report(&[], &videos);
    let saves = figure(&report, "rate.save@1");
    assert_eq!((saves.n, saves.flags.contains(&Flag::SomeHidden)), (4, true));
    assert!(!figure(&report, "rate.like@1").flags.contains(&Flag::SomeHidden));
}

#[test]
fn posts_without_views_have_no_rate() {
    let report = report(&[], &[post(3, [0, 0, 0, 0, 0]), post(4, [0, 0, 0, 0, 0])]);
    assert_eq!(figure(&report, "er.views.pooled@1").quality, Quality::NoViews);
    assert_value(&report, "views.typical@1", 0.0);
}

#[test]
fn nothing_observed_has_no_figures() {
    let report = report(&[], &[]);
    assert!(report.metrics.values().all(|f| f.value.is_none()), "{:?}", report.metrics);
    assert_eq!(figure(&report, "er.views.median@1").quality, Quality::TooFew { needed: 1 });
    assert_eq!(figure(&report, "growth.followers.slope@1").quality, Quality::Hidden);
}

#[test]
fn fewer_than_three_posts_have_a_value_without_interval() {
    let report = report(&[], &[post(3, [100, 10, 0, 0, 0]), post(4, [200, 10, 0, 0, 0])]);
    let median = figure(&report, "er.views.median@1");
    assert_eq!((median.n, median.interval, median.quality), (2, None, Quality::Thin));
    assert_value(&report, "er.views.median@1", 0.075);
}

#[test]
fn growth_is_the_slope_of_the_exact_counts() {
    let history: Vec<_> = (0..=10).map(|d| followers(d, Count::exact(1_000 + 7 * d.unsigned_abs()).unwrap())).collect();
    let report = report(&history, &[]);
    assert_value(&report, "growth.followers.slope@1", 7.0);
    assert_value(&report, "growth.followers.rate@1", (1_070.0_f64 / 1_000.0).ln() / 10.0);
    assert_eq!(figure(&report, "growth.followers.slope@1").flags, []);
}

#[test]
fn growth_is_that_of_the_last_ninety_days() {
    let mut history: Vec<_> =
        (0..=10).map(|d| followers(d, Count::exact(1_000 + 7 * d.unsigned_abs()).unwrap())).collect();
    history.push(followers(-100, Count::exact(900_000).unwrap()));
    assert_value(&report(&history, &[]), "growth.followers.slope@1", 7.0);
}

#[test]
fn many_looks_in_one_hour_weigh_no_more_than_one() {
    let mut history: Vec<_> =
        (0..=10).map(|d| followers(d, Count::exact(1_000 + 100 * d.unsigned_abs()).unwrap())).collect();
    for minute in 1..50 {
        let mut look = followers(10, Count::exact(2_000).unwrap());
        look.observed_at = now() - minute.minutes();
        history.push(look);
    }
    let report = report(&history, &[]);
    assert_eq!(figure(&report, "growth.followers.slope@1").n, 11);
    assert_value(&report, "growth.followers.slope@1", 100.0);
}

#[test]
fn looks_of_long_ago_are_no_growth_of_today() {
    let old: Vec<_> = (0..3).map(|d| followers(d - 200, Count::exact(1_000).unwrap())).collect();
    assert_eq!(figure(&report(&old, &[]), "growth.followers.slope@1").quality, Quality::NoHistory);
}

#[test]
fn post_that_two_sources_date_differently_counts_once() {
    let mut card = post(4, [1_000, 100, 0, 0, 0]);
    card.video.created_at -= (24 * 3).hours();
    card.observed_at -= 1.hour();
    let videos = [post(3, [500, 50, 0, 0, 0]), post(4, [2_000, 100, 0, 0, 0]), post(5, [700, 70, 0, 0, 0]), card];
    let report = report(&[], &videos);
    assert_eq!(report.videos.len(), 3);
    assert_value(&report, "er.views.pooled@1", 220.0 / 3_200.0);
}

#[test]
fn growth_of_rounded_counts_is_a_range() {
    let history: Vec<_> = (0..3).map(|d| followers(5 * d, Count::maybe_rounded(2_000_000).unwrap())).collect();
    let report = report(&history, &[]);
    let rate = figure(&report, "growth.followers.rate@1");
    let interval = rate.interval.unwrap();
    assert!(interval.lo < 0.0 && interval.hi > 0.0, "40,000 new followers may hide in it: {interval:?}");
    assert!(rate.flags.contains(&Flag::RoundedCounters));
    // From 1,950,000 to 2,049,999 in ten days, or the other way round.
    let slope = figure(&report, "growth.followers.slope@1").interval.unwrap();
    assert!((slope.lo + 9_999.9).abs() < 1e-6 && (slope.hi - 9_999.9).abs() < 1e-6, "{slope:?}");
}

#[test]
fn one_look_says_nothing_of_growth() {
    let report = report(&[followers(10, Count::exact(5).unwrap())], &five_posts());
    assert_eq!(figure(&report, "growth.followers.slope@1").quality, Quality::NoHistory);
    assert!(figure(&report, "er.followers.mean@1").flags.contains(&Flag::FollowersNotAtPosting));
}

#[test]
fn old_pinned_post_does_not_slow_the_pace() {
    let mut videos = five_posts();
    let mut pinned = post(400, [9_000, 900, 0, 0, 0]);
    pinned.pinned = true;
    videos.push(pinned);
    assert_value(&report(&[], &videos), "posting.per_week@1", 7.0 / 2.5);
}

#[test]
fn past_moment_does_not_see_later_looks() {
    let mut later = post(3, [1_000, 500, 0, 0, 0]);
    later.observed_at = now() + 1.hour();
    let report = report(&[], &[post(3, [1_000, 100, 0, 0, 0]), later]);
    assert_value(&report, "er.views.pooled@1", 0.1);
}

fn sample(handle: &str) -> SampleCreator {
    World::standard().find(&Handle::parse(handle).unwrap()).unwrap().clone()
}

/// Over the five samples and several months, 95 % intervals hold the planted truth about as often as they say.
#[test]
fn planted_truth_lies_in_the_intervals() {
    let (mut inside, mut total) = (0, 0);
    for handle in ["sample.steady", "sample.rising", "sample.spiky"] {
        for month in 0..12 {
            let creator = sample(handle);
            let at = now() + (24 * 40 * month).hours();
            let history: Vec<_> = creator.history(at, 30).into_iter().map(|s| s.profile).collect();
            let look = creator.snapshot(at, 40, SourceKind::Sample);
            let report = creator_report(&creator.profile(), &history, &look.videos, at, &ReportOptions::default());
            let truth = creator.truth();
            for (id, truth) in [
                ("er.views.median@1", truth.engagement_rate),
                ("posting.per_week@1", truth.posts_per_week),
                ("growth.followers.slope@1", truth.followers_per_day),
            ] {
                let interval = figure(&report, id).interval.unwrap();
                // Follower counts are whole numbers, which moves a slope over 30 days by less than 0.05 a day.
                let room = if id.starts_with("growth") { 0.05 } else { 0.0 };
                total += 1;
                inside += usize::from(interval.lo - room <= truth && truth <= interval.hi + room);
            }
        }
    }
    assert_eq!(total, 108);
    // 98 of 108 or more happen with probability above 0.96 if each interval holds the truth 95 times in 100.
    assert!(inside >= 98, "only {inside} of {total} intervals hold the truth");
}

#[test]
fn a_post_that_was_last_seen_young_tells_nothing_of_grown_ones() {
    let mut videos = five_posts();
    let mut young = post(4, [10, 1, 0, 0, 0]);
    young.video.id = VideoId::parse("7").unwrap();
    young.observed_at = young.video.created_at + 1.hours();
    videos.push(young);
    let report = report(&[], &videos);
    assert_eq!(figure(&report, "views.typical@1").n, 5);
    assert_eq!((report.videos.len(), figure(&report, "posting.gap_median@1").n), (6, 5), "it was posted all the same");
}

#[test]
fn a_counter_is_that_of_the_newest_look_that_shows_it() {
    let mut hidden = followers(10, Count::exact(1).unwrap());
    hidden.counts.followers = None;
    hidden.counts.likes = exact(77);
    let report = report(&[followers(9, Count::exact(5_000).unwrap()), hidden], &[]);
    assert_eq!((report.counts.followers, report.counts.likes, report.counts.videos), (exact(5_000), exact(77), None));
}

#[test]
fn a_forecast_begins_now_or_not_at_all() {
    let history = |newest: i64| -> Vec<ProfileObservation> {
        (0..60).map(|day| followers(newest - day, Count::exact(5_000 - 20 * day.unsigned_abs()).unwrap())).collect()
    };
    let fresh = report(&history(7), &[]).growth.forecast;
    assert_eq!(fresh.days.first().unwrap().day.to_string(), "2026-05-02");
    assert_eq!((fresh.days.len(), fresh.end.value.is_some()), (28, true));
    let stale = report(&history(-60), &[]).growth.forecast;
    assert_eq!((stale.days.len(), stale.end.value), (0, None));
}

#[test]
fn a_posts_value_is_that_of_recent_posts() {
    let mut videos: Vec<_> = (3..40).map(|day| post(day, [1_000, 10, 0, 0, 0])).collect();
    videos.extend((800..900).map(|day| post(day, [1_000_000, 10, 0, 0, 0])));
    let cpm = Cpm::new(10.0, 10.0, "EUR", "2026-05-01".parse().unwrap()).unwrap();
    let options = ReportOptions { cpm: Some(cpm), ..ReportOptions::default() };
    let report = creator_report(&World::standard().creators()[0].profile(), &[], &videos, now(), &options);
    let value = report.value.unwrap().mean;
    assert_eq!(value.n, 30);
    assert!((8.0..15.0).contains(&value.value.unwrap()), "{value:?}");
}

#[test]
fn zero_views_count_as_a_post_that_fell_far_below() {
    let mut videos: Vec<_> = (3..40).map(|day| post(day, [1_000 + 20 * day.unsigned_abs(), 10, 0, 0, 0])).collect();
    videos.push(post(50, [0, 0, 0, 0, 0]));
    let report = report(&[], &videos);
    let flops: Vec<_> = report.videos.iter().filter(|v| v.standout.mark == Some(Mark::Flop)).collect();
    assert_eq!(flops.len(), 1);
    assert_eq!(flops[0].counts.views, exact(0));
}

#[test]
fn value_of_a_post_is_that_of_the_posts_of_the_window() {
    let young = VideoObservation {
        video: Video { created_at: now() - 30.hours(), ..post(1, [0; 5]).video },
        ..post(1, [9_000_000, 5, 5, 5, 5])
    };
    let cpm = Cpm::new(4.0, 4.0, "EUR", jiff::civil::date(2026, 1, 1)).unwrap();
    let options = ReportOptions { cpm: Some(cpm), ..ReportOptions::default() };
    let value = |videos: &[VideoObservation]| {
        let profile = World::standard().creators()[0].profile();
        creator_report(&profile, &[], videos, now(), &options).value.unwrap()
    };
    let posts = five_posts();
    let without = value(&posts);
    assert!(without.mean.n == 5 && without.mean.value.is_some());
    assert_eq!(value(&[posts, vec![young]].concat()), without);
}

#[test]
fn reports_are_the_same_on_any_number_of_threads_and_alone() {
    let plan = Plan { posts: 40, growth: Some(Growth::USUAL), ..Plan::default() };
    let subjects: Vec<Subject> =
        (0..24).map(|seed| plan.creator(seed)).map(|c| Subject::new(c.profile(), c.looks(), c.videos())).collect();
    let options = ReportOptions::default();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let mut made = Vec::new();
        pool.install(|| creator_reports(&subjects, plan.as_of, &options, |report| made.push(report)));
        made.iter().map(|report| serde_json::to_string(report).unwrap()).collect::<Vec<_>>()
    };
    let alone: Vec<String> = subjects
        .iter()
        .map(|subject| subject.report(plan.as_of, &options))
        .map(|report| serde_json::to_string(&report).unwrap())
        .collect();
    assert_eq!(on(1), alone);
    assert_eq!(on(8), alone);
}

#[test]
fn a_corpus_teaches_growth_and_peers() {
    let plan = Plan { posts: 20, growth: Some(Growth::USUAL), looks: vec![0.0, 5.0, 20.0], ..Plan::default() };
    let subjects: Vec<Subject> =
        (0..40).map(|seed| plan.creator(seed)).map(|c| Subject::new(c.profile(), c.looks(), c.videos())).collect();
    let options = ReportOptions::default();
    let corpus = Corpus::learn(&subjects, plan.as_of, &options);
    assert!(
        matches!(corpus.growth.source(), GrowthSource::Corpus { pairs } if *pairs > 300),
        "{:?}",
        corpus.growth.source()
    );
    let options = ReportOptions { corpus: corpus.into(), ..options };
    let one = &subjects[0];
    let report = one.report(plan.as_of, &options);
    let standing = report.benchmarks.iter().find(|s| s.metric.0 == "views.typical@1").unwrap();
    assert_eq!(standing.percentile.n, 39, "nobody is a peer of its own");
    assert!(standing.percentile.value.is_some());
    // The planted growth is one for all creators, so a model of some holds for the others. Chance moves the share by about
    // 0.015: there are some 1,300 pairs, and those of one post go together.
    let held = report.views_model_coverage.unwrap();
    assert!(held.n > 1_000 && (held.value - 0.8).abs() < 0.04, "{held:?}");
    let alone = Corpus::learn(&subjects[..1], plan.as_of, &ReportOptions::default());
    assert_eq!(alone.growth_coverage, None, "one creator leaves none to try on");
}

#[tokio::test]
async fn report_of_the_store_is_the_report_of_its_observations() {
    let store = MemoryStore::default();
    let creator = sample("sample.steady");
    let history = creator.history(now(), 40);
    for snapshot in &history {
        store.record(snapshot).await.unwrap();
    }
    let options = ReportOptions::default();
    let report = app::report(&store, creator.handle(), now(), &options).await.unwrap().unwrap();
    let profiles: Vec<_> = history.iter().map(|s| s.profile.clone()).collect();
    let videos: Vec<_> = history.iter().flat_map(|s| s.videos.clone()).collect();
    assert_eq!(report, creator_report(&creator.profile(), &profiles, &videos, now(), &options));
    let too_early = now() - (24 * 90).hours();
    assert_eq!(app::report(&store, creator.handle(), too_early, &options).await.unwrap(), None);
}

#[test]
fn json_has_the_promised_shape() {
    let refused = compass_core::analytics::Refused {
        input: "page.html".to_owned(),
        item: None,
        reason: "grid_unavailable".to_owned(),
        detail: "header says 927 videos, the grid shows none".to_owned(),
    };
    let one = report(&[followers(10, Count::maybe_rounded(38_500).unwrap())], &five_posts()[..1]);
    let json = serde_json::to_value(Report::new(vec![one], vec![refused])).unwrap();
    assert_eq!(json["schema"], "compass.report/1");
    assert_eq!(json["as_of"], "2026-05-01T00:00:00Z");
    let creator = &json["creators"][0];
    assert_eq!(creator["handle"], "sample.steady");
    assert_eq!(creator["counts"]["followers"], serde_json::json!({"lo": 38_450, "hi": 38_549}));
    assert_eq!(creator["counts"]["likes"], serde_json::Value::Null);
    let video = &creator["videos"][0];
    assert_eq!(video["id"], "1003");
    assert_eq!(video["kind"], "video");
    assert_eq!(video["counts"]["views"], serde_json::json!({"exact": 1_000}));
    let read: Report = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), json);
    let median = &creator["metrics"]["er.views.median@1"];
    assert_eq!(median["value"], 0.1);
    assert_eq!(median["interval"], serde_json::Value::Null);
    assert_eq!((&median["n"], &median["quality"]), (&1.into(), &"thin".into()));
    assert_eq!(json["refused"][0]["reason"], "grid_unavailable");
}

#[tokio::test]
async fn engagement_by_itself_is_that_of_the_report() {
    let store = MemoryStore::with_samples(now());
    let mut told = 0;
    for creator in World::standard().creators() {
        let handle = &creator.profile().handle;
        for (posts, days_ago) in [(30, 0), (3, 0), (1, 20), (10_000, 20), (30, 400)] {
            let mut options = ReportOptions::default();
            options.window.posts = posts;
            let as_of = now() - (24 * days_ago).hours();
            let report = app::report(&store, handle, as_of, &options).await.unwrap();
            let alone = app::engagement(&store, handle, Some(as_of), now(), &options).await.unwrap();
            assert_eq!(report.is_some(), alone.is_some(), "{handle} {posts} {days_ago}");
            let (Some(report), Some(alone)) = (report, alone) else { continue };
            assert_eq!((alone.as_of, &alone.handle, &alone.sources), (as_of, &report.handle, &report.sources));
            for (id, figure) in &report.metrics {
                let is_rate = id.0.starts_with("er.") || id.0.starts_with("rate.");
                assert_eq!(alone.metrics.get(id), is_rate.then_some(figure), "{handle} {posts} {days_ago} {id}");
                told += usize::from(is_rate);
            }
        }
    }
    assert!(told > 200, "{told}");
}

#[test]
fn what_is_settled_is_the_newest_look_or_the_hour() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let now = at("2026-05-01T12:34:56Z");
    assert_eq!(app::settled(now, None), at("2026-05-01T12:00:00Z"));
    assert_eq!(app::settled(now, Some(at("2026-05-01T11:59:00Z"))), at("2026-05-01T12:00:00Z"));
    assert_eq!(app::settled(now, Some(at("2026-05-01T12:01:00Z"))), at("2026-05-01T12:01:00Z"));
    assert_eq!(app::settled(Timestamp::MIN, None), Timestamp::MIN);
}
