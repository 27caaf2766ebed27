//! Real pages and answers, in the folder that `COMPASS_CAPTURES` names; the expected numbers were counted apart from this crate.

use std::path::PathBuf;

use compass_core::{Count, Handle, ProfileObservation, VideoKind, VideoObservation};
use compass_scrape::replay::{Recording, ReplayOptions, read};

/// Reads captures together; `None` where there are none on this machine.
fn captures(names: &[&str]) -> Option<Recording> {
    let Some(folder) = std::env::var_os("COMPASS_CAPTURES").map(PathBuf::from) else {
        eprintln!("COMPASS_CAPTURES is not set: nothing was compared with real pages");
        return None;
    };
    let paths: Vec<PathBuf> = names.iter().map(|name| folder.join(name)).collect();
    Some(read(&paths, &ReplayOptions::default()))
}

/// The one creator of a capture in which nothing was refused.
fn only_creator(recording: &Recording) -> (&ProfileObservation, &[VideoObservation]) {
    assert!(recording.refused.is_empty(), "{:?}", recording.refused);
    let [creator] = recording.creators.as_slice() else { panic!("{} creators", recording.creators.len()) };
    assert!(creator.disagreements.is_empty(), "{:?}", creator.disagreements);
    let [profile] = creator.profiles.as_slice() else { panic!("{} profiles", creator.profiles.len()) };
    (profile, &creator.videos)
}

/// Whether the display name was taken for the handle: here no display name could be one.
fn names_are_swapped(profile: &ProfileObservation) -> bool {
    Handle::parse(profile.profile.nickname.as_str()).is_ok()
}

fn exact(n: u64) -> Option<Count> {
    Some(Count::exact(n).unwrap())
}

fn range(lo: u64, hi: u64) -> Option<Count> {
    Some(Count::range(lo, hi).unwrap())
}

fn pinned(videos: &[VideoObservation]) -> usize {
    videos.iter().filter(|video| video.pinned).count()
}

fn photos(videos: &[VideoObservation]) -> usize {
    videos.iter().filter(|video| video.video.kind == VideoKind::Photo).count()
}

#[test]
fn profile_of_2026_has_exact_followers() {
    let Some(recording) = captures(&["pages/profile-grid-2026.html.gz"]) else { return };
    let (profile, videos) = only_creator(&recording);
    assert!(!names_are_swapped(profile));
    assert_eq!((profile.counts.followers, profile.counts.likes), (exact(3_666), exact(272_628)));
    assert_eq!(profile.counts.videos, exact(543));
    assert_eq!((videos.len(), pinned(videos)), (38, 3));
    assert!(videos.iter().all(|video| video.counts.views.is_some()));
    assert!(videos.iter().all(|video| !video.video.caption.as_str().contains("created by")));
}

#[test]
fn profile_of_2025_has_ranges() {
    let Some(recording) = captures(&["pages/profile-grid-2025.html.gz"]) else { return };
    let (profile, videos) = only_creator(&recording);
    assert!(!names_are_swapped(profile));
    assert_eq!(profile.counts.followers, range(303_750, 303_849));
    assert_eq!((videos.len(), pinned(videos)), (36, 2));
    assert!(videos.iter().all(|video| !video.video.caption.as_str().contains("created by")));
}

#[test]
fn profile_of_2023_has_its_thirty_posts() {
    let Some(recording) = captures(&["pages/profile-sigi-2023.html.gz"]) else { return };
    let (profile, videos) = only_creator(&recording);
    assert!(!names_are_swapped(profile));
    assert_eq!(profile.counts.followers, range(11_150_000, 11_249_999));
    assert_eq!(videos.len(), 30);
    assert!(videos.iter().all(|video| video.counts.likes.is_some() && video.counts.saves.is_none()));
    assert!(videos.windows(2).all(|pair| pair[0].video.created_at > pair[1].video.created_at));
}

#[test]
fn pages_without_content_are_told_apart() {
    let mut details = Vec::new();
    for (name, reason) in [
        ("pages/profile-grid-failed-2024.html.gz", "grid_unavailable"),
        ("pages/shell-app-2026.html.gz", "shell_page"),
        ("pages/shell-downgrade-2026.html.gz", "shell_page"),
        ("pages/video-missing-2025.html.gz", "video_unavailable"),
        ("api/comment-list.json", "unknown_format"),
    ] {
        let Some(recording) = captures(&[name]) else { return };
        let [refused] = recording.refused.as_slice() else { panic!("{name}: {recording:?}") };
        assert_eq!((recording.creators.len(), refused.reason.as_str()), (0, reason), "{name}");
        details.push(refused.detail.clone());
    }
    assert!(details[0].contains("915"), "{details:?}");
    assert_ne!(details[1], details[2]);
    assert!(details[3].contains("10204"), "{details:?}");
}

#[test]
fn pages_of_one_post_have_all_counters() {
    let Some(desktop) = captures(&["pages/video-ok-2026.html.gz"]) else { return };
    let (_, videos) = only_creator(&desktop);
    assert_eq!((videos[0].counts.saves, videos[0].counts.comments), (exact(124_842), exact(499)));
    let Some(mobile) = captures(&["pages/video-mobile-2026.html.gz"]) else { return };
    let (_, videos) = only_creator(&mobile);
    assert_eq!((photos(videos), videos[0].counts.saves), (1, exact(49_505)));
}

#[test]
fn account_and_items_make_one_creator() {
    let Some(films) = captures(&["api/user-turkdyk.json", "api/items-turkdyk.json.gz"]) else { return };
    let (profile, videos) = only_creator(&films);
    assert_eq!(profile.counts.followers, range(1_650_000, 1_749_999));
    assert_eq!((videos.len(), photos(videos)), (121, 0));
    let Some(pictures) = captures(&["api/user-photo-posts.json", "api/items-photo-posts.json.gz"]) else { return };
    let (_, videos) = only_creator(&pictures);
    assert_eq!((videos.len(), photos(videos)), (166, 15));
}

#[test]
fn recommendations_are_of_many_creators() {
    let Some(recording) = captures(&["api/recommend-envelope.json.gz"]) else { return };
    let videos: usize = recording.creators.iter().map(|creator| creator.videos.len()).sum();
    assert_eq!((recording.creators.len(), videos, recording.refused.len()), (27, 28, 0));
    let at = recording.creators[0].videos[0].observed_at;
    assert_eq!(at.to_string(), "2022-11-10T02:50:34Z", "the answer says when it was made");
}

#[test]
fn every_one_of_3920_items_is_accepted_or_refused() {
    let Some(recording) = captures(&["items-3920.jsonl.gz"]) else { return };
    let videos: Vec<VideoObservation> = recording.creators.iter().flat_map(|creator| creator.videos.clone()).collect();
    assert_eq!((recording.creators.len(), videos.len(), recording.refused.len()), (116, 3_919, 1));
    assert_eq!(recording.refused[0].reason, "duplicate");
    // The refused duplicate is the 42nd photo.
    assert_eq!((photos(&videos), pinned(&videos)), (41, 41));
    let sum = |count: fn(&VideoObservation) -> Option<Count>| {
        let counts = videos.iter().map(|video| count(video).unwrap());
        counts.fold((0, 0), |(lo, hi), count| (lo + count.lo(), hi + count.hi()))
    };
    assert_eq!(sum(|video| video.counts.views), (5_271_536_247, 5_405_289_936));
    assert_eq!(sum(|video| video.counts.likes), (243_682_215, 244_544_856));
    assert_eq!(sum(|video| video.counts.comments), (2_515_795, 2_516_686));
    assert_eq!(sum(|video| video.counts.shares), (10_162_684, 10_278_523));
    assert_eq!(sum(|video| video.counts.saves), (12_371_161, 12_371_359));
    let disagreements: usize = recording.creators.iter().map(|creator| creator.disagreements.len()).sum();
    assert_eq!(disagreements, 0);
}

#[test]
fn accounts_of_a_collection_meet_their_posts() {
    let Some(recording) = captures(&["users-203.jsonl.gz", "items-3920.jsonl.gz"]) else { return };
    let with_posts = recording.creators.iter().filter(|creator| !creator.videos.is_empty()).count();
    assert_eq!((recording.creators.len(), with_posts), (119, 116));
    assert!(recording.creators.iter().all(|creator| creator.profiles.len() == 1), "one account each");
    let undated = recording.refused.iter().filter(|refused| refused.reason == "missing_time").count();
    assert_eq!(undated, 84, "accounts of which no post and no answer tells the time");
}
