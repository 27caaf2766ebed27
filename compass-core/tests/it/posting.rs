//! How often, how evenly and when posts go out.

use compass_core::{
    Profile, SourceKind, Video, VideoCounts, VideoId, VideoKind, VideoObservation, Zone,
    analytics::{CreatorReport, ReportOptions, creator_report, posting_times},
    samples::World,
};
use jiff::{Timestamp, ToSpan as _};

fn now() -> Timestamp {
    "2026-05-01T00:00:00Z".parse().unwrap()
}

fn profile() -> Profile {
    World::standard().creators()[0].profile()
}

/// The report of posts with these gaps in hours, the newest three days old.
fn report(gaps: &[i64]) -> CreatorReport {
    let mut at = now() - 72.hours();
    let mut moments = vec![at];
    for &gap in gaps {
        at -= gap.hours();
        moments.push(at);
    }
    let videos: Vec<VideoObservation> = moments
        .into_iter()
        .enumerate()
        .map(|(i, created_at)| VideoObservation {
            video: Video {
                created_at,
                ..Video::from_id(VideoId::parse(&(i + 1).to_string()).unwrap(), VideoKind::Video)
            },
            observed_at: now(),
            source: SourceKind::Replay,
            pinned: false,
            counts: VideoCounts::default(),
        })
        .collect();
    creator_report(&profile(), &[], &videos, now(), &ReportOptions::default())
}

fn value(report: &CreatorReport, id: &str) -> Option<f64> {
    report.metrics.iter().find(|(known, _)| known.0 == id).unwrap().1.value
}

/// By hand: the gaps 2, 4, 4, 6 and 24 have the mean 8 and the sample variance (36 + 16 + 16 + 4 + 256) / 4 = 82.
#[test]
fn figures_of_the_gaps_are_those_by_hand() {
    let report = report(&[4, 2, 24, 6, 4]);
    let near = |id: &str, expected: f64| {
        let got = value(&report, id).unwrap();
        assert!((got - expected).abs() < 1e-12, "{id}: {got} is not {expected}");
    };
    let deviation = 82.0_f64.sqrt();
    near("posting.per_week@1", 21.0);
    near("posting.gap_median@1", 4.0);
    near("posting.gap_cv@1", deviation / 8.0);
    near("posting.burstiness@1", (deviation - 8.0) / (deviation + 8.0));
    near("posting.longest_pause@1", 24.0);
}

#[test]
fn clockwork_has_no_variation_and_posts_at_once_no_pace() {
    let even = report(&[24; 20]);
    assert_eq!((value(&even, "posting.gap_cv@1"), value(&even, "posting.burstiness@1")), (Some(0.0), Some(-1.0)));
    let at_once = report(&[0; 5]);
    assert_eq!((value(&at_once, "posting.per_week@1"), value(&at_once, "posting.burstiness@1")), (None, None));
    assert_eq!(value(&at_once, "posting.longest_pause@1"), Some(0.0));
    assert_eq!(value(&report(&[]), "posting.longest_pause@1"), None);
}

#[test]
fn times_are_counted_by_the_clock_on_the_wall() {
    let times = |moments: &[&str], zone: &str| {
        let created: Vec<i64> = moments.iter().map(|m| m.parse::<Timestamp>().unwrap().as_second()).collect();
        posting_times(&created, &Zone::parse(zone).unwrap()).posts
    };
    // Summer time begins in Berlin on Sunday, 29 March 2026 at 1:00 UTC and ends on Sunday, 25 October.
    let berlin = times(&["2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z"], "Europe/Berlin");
    assert_eq!((berlin[6][1], berlin[6][2], berlin[6][3]), (1, 0, 1));
    let twice = times(&["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"], "Europe/Berlin");
    assert_eq!(twice[6][2], 2);
    // 20:15 UTC is a quarter to two on the next day in Nepal.
    assert_eq!(times(&["2026-05-01T20:15:00Z"], "Asia/Kathmandu")[5][2], 1);
}

#[test]
fn moments_without_a_calendar_are_counted_at_its_ends() {
    let year_9999 = 253_402_000_000;
    let times = posting_times(&[i64::MIN, i64::MAX, year_9999, 0], &Zone::parse("Pacific/Auckland").unwrap());
    assert_eq!(times.posts.iter().flatten().sum::<u64>(), 4);
}
