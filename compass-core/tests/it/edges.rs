//! Observations at the edges of what may happen: posts that vanish, clocks that are wrong, the last days of the calendar.

use compass_core::{
    Count, ProfileCounts, ProfileObservation, SourceKind, VideoId, VideoObservation,
    analytics::{CreatorReport, MetricId, Quality, ReportOptions, Subject, creator_report, creator_reports},
    testing::planted::{Deleted, Growth, Plan, PlantedCreator},
};
use jiff::{Timestamp, ToSpan as _};

fn report(creator: &PlantedCreator, videos: &[VideoObservation]) -> CreatorReport {
    let (looks, as_of) = (creator.looks(), creator.plan.as_of);
    creator_report(&creator.profile(), &looks, videos, as_of, &ReportOptions::default())
}

#[test]
fn a_deleted_post_stays_and_counts_as_it_was_last_seen() {
    let deleted = vec![Deleted { post: 10, days_ago: 3.0 }];
    let plan = Plan { posts: 30, looks: vec![0.0, 4.0], deleted, growth: None, ..Plan::default() };
    let creator = plan.creator(3);
    let gone = creator.posts[10].created_at;
    let videos = creator.videos();
    assert!(videos.iter().all(|look| look.video.created_at != gone || look.observed_at < plan.as_of));
    let kept = Plan { deleted: Vec::new(), ..plan.clone() }.creator(3);
    let (with, without) = (report(&creator, &videos), report(&kept, &kept.videos()));
    assert_eq!(with.videos.len(), 30);
    // Its views had all come, so that the older look says the same as the newer one would.
    assert_eq!(with.metrics[&MetricId::TYPICAL_VIEWS], without.metrics[&MetricId::TYPICAL_VIEWS]);
    assert_eq!(with.posting.times, without.posting.times);
}

#[test]
fn a_post_that_was_seen_before_it_was_posted_tells_nothing_of_views() {
    let creator = Plan { posts: 40, growth: None, ..Plan::default() }.creator(5);
    let videos = creator.videos();
    let sound = report(&creator, &videos);
    let mut skewed = videos.clone();
    let mut early = videos[3].clone();
    early.video.id = VideoId::parse("9").unwrap();
    early.observed_at = early.video.created_at - 2.hours();
    early.counts.views = Some(Count::exact(9_000_000_000).unwrap());
    skewed.push(early);
    let told = report(&creator, &skewed);
    assert_eq!(told.videos.len(), sound.videos.len() + 1, "it is not lost");
    let odd = told.videos.iter().find(|video| video.id == VideoId::parse("9").unwrap()).unwrap();
    assert_eq!((odd.growth.final_views.quality, odd.standout.z), (Quality::Hidden, None));
    for id in [MetricId::TYPICAL_VIEWS, MetricId::ENGAGEMENT, MetricId::CONSISTENCY] {
        assert_eq!(told.metrics[&id], sound.metrics[&id]);
    }
    assert_eq!((told.lifts, told.posting.best_time), (sound.lifts, sound.posting.best_time));
}

#[test]
fn the_last_days_of_the_calendar_are_days_like_others() {
    let end = Timestamp::MAX;
    let creator = Plan { posts: 60, as_of: end - 2.hours(), ..Plan::default() }.creator(1);
    let counts = |day: u64| ProfileCounts { followers: Count::exact(9_000 - 7 * day).ok(), ..ProfileCounts::default() };
    let looks: Vec<ProfileObservation> = (0..80_u64)
        .map(|day| ProfileObservation {
            profile: creator.profile(),
            observed_at: end - (24 * i64::try_from(day).unwrap()).hours(),
            source: SourceKind::Replay,
            counts: counts(day),
        })
        .collect();
    let report = creator_report(&creator.profile(), &looks, &creator.videos(), end, &ReportOptions::default());
    let followers = report.growth.followers.as_ref().unwrap();
    assert_eq!((followers.last_day.to_string().as_str(), followers.changes.len()), ("9999-12-30", 79));
    let slope = report.metrics[&MetricId::FOLLOWER_GROWTH].value.unwrap();
    assert!((slope - 7.0).abs() < 1e-9, "{slope}");
    assert!(report.metrics[&MetricId::ENGAGEMENT].value.is_some());
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<CreatorReport>(&json).unwrap(), report);
}

/// Reports are made 256 at a time: neither the others of one's batch nor the batch change a bit.
#[test]
fn a_report_among_hundreds_is_the_one_alone() {
    let plan = Plan { posts: 12, growth: Some(Growth::USUAL), ..Plan::default() };
    let subjects: Vec<Subject> = (0..300)
        .map(|seed| plan.creator(seed % 40))
        .map(|c| Subject::new(c.profile(), c.looks(), c.videos()))
        .collect();
    let options = ReportOptions::default();
    let mut made = Vec::new();
    creator_reports(&subjects, plan.as_of, &options, |report| made.push(report));
    assert_eq!(made.len(), 300);
    for (place, report) in made.iter().enumerate() {
        assert_eq!(report, &made[place % 40], "the creator at {place}");
    }
    for place in [0, 39, 255, 256, 299] {
        let s = &subjects[place];
        assert_eq!(made[place], s.report(plan.as_of, &options));
    }
}
