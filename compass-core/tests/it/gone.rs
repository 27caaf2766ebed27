//! Posts that the profile shows no more.

use compass_core::{
    Count, SourceKind, Video, VideoCounts, VideoId, VideoKind, VideoObservation,
    analytics::{CreatorReport, MetricId, Quality, ReportOptions, creator_report},
    samples::World,
};
use jiff::{Timestamp, ToSpan as _};

fn day(day: i64) -> Timestamp {
    "2026-03-01T12:00:00Z".parse::<Timestamp>().unwrap() + (24 * day).hours()
}

/// A list at noon of a day, of posts that are named by the day of their posting.
fn list(at: i64, source: SourceKind, posts: &[i64]) -> Vec<VideoObservation> {
    let look = |&posted: &i64| VideoObservation {
        video: Video {
            created_at: day(posted),
            ..Video::from_id(VideoId::parse(&(1_000 + posted).to_string()).unwrap(), VideoKind::Video)
        },
        observed_at: day(at),
        source,
        pinned: false,
        counts: VideoCounts { views: Count::exact(500).ok(), ..VideoCounts::default() },
    };
    posts.iter().map(look).collect()
}

fn report(lists: &[Vec<VideoObservation>]) -> CreatorReport {
    let profile = World::standard().creators()[0].profile();
    creator_report(&profile, &[], &lists.concat(), day(100), &ReportOptions::default())
}

/// How many are gone, of how many, and which.
fn gone(report: &CreatorReport) -> (Option<f64>, u64, Vec<String>) {
    let figure = &report.metrics[&MetricId::POSTS_GONE];
    let ids = report.videos.iter().filter(|video| video.gone).map(|video| video.id.to_string()).collect();
    (figure.value, figure.n, ids)
}

#[test]
fn a_post_that_the_newest_list_leaves_out_is_gone_and_stays_in_the_history() {
    let web = SourceKind::WebDriver;
    let report = report(&[list(10, web, &[5, 4, 3, 2, 1]), list(20, web, &[15, 5, 3, 2])]);
    // The second list begins with the post of day 2: of that of day 1 it says nothing.
    assert_eq!(gone(&report), (Some(1.0), 5, vec!["1004".to_owned()]));
    assert_eq!(report.videos.len(), 6);
}

#[test]
fn pinned_posts_do_not_stretch_a_list() {
    let web = SourceKind::WebDriver;
    let mut second = list(20, web, &[1, 15, 14]);
    second[0].pinned = true;
    assert_eq!(gone(&report(&[list(10, web, &[5, 4, 3, 2, 1]), second])), (Some(0.0), 2, vec![]));
}

#[test]
fn neither_a_post_of_its_own_nor_an_export_is_a_list() {
    let web = SourceKind::WebDriver;
    let before = list(10, web, &[5, 4, 3]);
    let figure = |after| gone(&report(&[before.clone(), after]));
    assert_eq!(figure(list(20, web, &[4])), (None, 0, vec![]));
    assert_eq!(figure(list(20, SourceKind::StudioExport, &[5, 3])), (Some(0.0), 3, vec![]));
    assert_eq!(report(&[]).metrics[&MetricId::POSTS_GONE].quality, Quality::NoHistory);
}
