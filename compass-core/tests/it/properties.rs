//! Whatever the observations, the report is finite, ordered and the same again.

use compass_core::{
    Count, Profile, ProfileCounts, ProfileObservation, SourceKind, Video, VideoCounts, VideoId, VideoKind,
    VideoObservation,
    analytics::{ReportOptions, creator_report},
    samples::World,
};
use jiff::Timestamp;
use proptest::prelude::*;

fn profile() -> Profile {
    World::standard().creators()[0].profile()
}

fn count() -> impl Strategy<Value = Option<Count>> {
    let exact = prop_oneof![Just(0), Just(1), Just(Count::MAX), 0..10_000_u64, any::<u64>().prop_map(|n| n >> 1)];
    let width = prop_oneof![Just(0), 0..100_000_u64];
    proptest::option::of(
        (exact, width).prop_map(|(lo, width)| Count::range(lo, lo.saturating_add(width).min(Count::MAX)).unwrap()),
    )
}

fn moment() -> impl Strategy<Value = Timestamp> {
    let seconds = prop_oneof![
        Just(Timestamp::MIN.as_second()),
        Just(Timestamp::MAX.as_second()),
        Just(0),
        1_700_000_000..1_800_000_000_i64,
    ];
    seconds.prop_map(|s| Timestamp::from_second(s).unwrap())
}

fn video() -> impl Strategy<Value = VideoObservation> {
    (1..50_u64, moment(), moment(), any::<bool>(), [count(), count(), count(), count(), count()]).prop_map(
        |(id, created_at, observed_at, pinned, [views, likes, comments, shares, saves])| {
            let id = VideoId::parse(&id.to_string()).unwrap();
            VideoObservation {
                video: Video { created_at, ..Video::from_id(id, VideoKind::Video) },
                observed_at,
                source: SourceKind::Replay,
                pinned,
                counts: VideoCounts { views, likes, comments, shares, saves },
            }
        },
    )
}

fn look() -> impl Strategy<Value = ProfileObservation> {
    (moment(), [count(), count(), count(), count()]).prop_map(|(observed_at, [followers, following, likes, videos])| {
        ProfileObservation {
            profile: profile(),
            observed_at,
            source: SourceKind::Replay,
            counts: ProfileCounts { followers, following, likes, videos },
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_figure_is_finite_and_inside_its_interval(
        history in proptest::collection::vec(look(), 0..8),
        videos in proptest::collection::vec(video(), 0..40),
        as_of in moment(),
    ) {
        let report = creator_report(&profile(), &history, &videos, as_of, &ReportOptions::default());
        for figure in report.metrics.values() {
            prop_assert!(figure.value.is_none_or(f64::is_finite), "{figure:?}");
            prop_assert_eq!(figure.value.is_none(), !matches!(figure.quality.as_str(), "ok" | "thin"), "{:?}", figure);
            if let Some(interval) = figure.interval {
                prop_assert!(interval.lo <= interval.hi, "{figure:?}");
                prop_assert!(interval.lo.is_finite() && interval.hi.is_finite(), "{figure:?}");
                prop_assert!(figure.n >= 3, "{figure:?}");
            }
        }
        let json = serde_json::to_string(&report).unwrap();
        prop_assert!(!json.contains("NaN"));
    }

    #[test]
    fn order_of_the_input_does_not_matter(videos in proptest::collection::vec(video(), 2..30)) {
        let as_of = Timestamp::from_second(1_800_000_000).unwrap();
        // Two different observations of one post at one moment have no order: only the first is kept here.
        let mut seen = std::collections::BTreeSet::new();
        let mut videos = videos;
        videos.retain(|v| seen.insert((v.video.id, v.observed_at)));
        let seen = videos.iter().filter(|v| v.observed_at <= as_of);
        let ids: std::collections::BTreeSet<VideoId> = seen.map(|v| v.video.id).collect();
        let forward = creator_report(&profile(), &[], &videos, as_of, &ReportOptions::default());
        videos.reverse();
        let backward = creator_report(&profile(), &[], &videos, as_of, &ReportOptions::default());
        prop_assert_eq!(&forward, &backward);
        prop_assert_eq!(forward.videos.len(), ids.len());
    }
}
