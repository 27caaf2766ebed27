//! What a scrape keeps of what it has read, read again.

use std::{
    fs,
    path::{Path, PathBuf},
};

use compass_core::{
    Handle, Snapshot, SourceKind,
    ports::{NoProgress, ProfileSource as _, SourceError},
};
use compass_scrape::{
    replay::{ReplayOptions, ReplaySource, read},
    testing::Trouble,
};

use super::{browser_on, collect, request, stand_in};

/// The same look as if it had been read from another source.
fn from(source: SourceKind, mut look: Snapshot) -> Snapshot {
    look.profile.source = source;
    look.videos.iter_mut().for_each(|post| post.source = source);
    look
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[tokio::test]
async fn recorded_look_is_read_again_to_the_same_values() {
    let site = stand_in().await;
    let folder = tempfile::tempdir().unwrap();
    let source = browser_on(&site).open_listed_posts(true).video_pages(2).record(folder.path()).build().unwrap();
    let replayed = ReplaySource::new(folder.path());
    for handle in ["sample.rising", Trouble::Layout2023.handle().as_str(), Trouble::French.handle().as_str()] {
        let seen = collect(&source, handle, 60).await.unwrap();
        let again = replayed.collect(&request(handle, 60), &NoProgress).await.unwrap();
        assert_eq!(from(SourceKind::Replay, seen), again);
    }

    let names: Vec<_> = files(folder.path())
        .iter()
        .filter_map(|path| {
            path.file_name()?.to_str()?.strip_prefix("sample.rising.20260501T120000Z.").map(str::to_owned)
        })
        .collect();
    assert_eq!(names[..3], ["000.profile.html.gz", "001.list.json.gz", "002.list.json.gz"]);
    assert!(names[3].starts_with("003.post-") && names.len() == 5, "{names:?}");
}

#[tokio::test]
async fn recorded_looks_of_two_moments_are_two_observations() {
    let site = stand_in().await;
    let folder = tempfile::tempdir().unwrap();
    let source = browser_on(&site).record(folder.path()).build().unwrap();
    let mut looks = Vec::new();
    for seconds in [0, 3_600] {
        let mut request = request("sample.fresh", 10);
        request.observed_at += jiff::SignedDuration::from_secs(seconds);
        looks.push(from(SourceKind::Replay, source.collect(&request, &NoProgress).await.unwrap()));
        let mut before = request.clone();
        before.observed_at += jiff::SignedDuration::from_secs(60);
        let again = ReplaySource::new(folder.path()).collect(&before, &NoProgress).await.unwrap();
        assert_eq!(again.profile.counts, looks.last().unwrap().profile.counts);
    }
    let recording = read(&files(folder.path()), &ReplayOptions::default());
    assert_eq!(recording.refused, []);
    let creator = &recording.creators[0];
    assert_eq!(creator.profiles, [looks[0].profile.clone(), looks[1].profile.clone()]);
    // A list gives a page full, which may be more than was asked for.
    for look in &looks {
        assert!(look.videos.iter().all(|post| creator.videos.contains(post)));
    }
}

#[tokio::test]
async fn page_in_the_way_is_recorded_too_and_read_as_what_it_was() {
    let site = stand_in().await;
    let folder = tempfile::tempdir().unwrap();
    let source = browser_on(&site).record(folder.path()).build().unwrap();
    for trouble in [Trouble::Captcha, Trouble::NotFound, Trouble::GeoBlocked] {
        let handle = trouble.handle();
        let met = collect(&source, handle.as_str(), 5).await.unwrap_err();
        let again =
            ReplaySource::new(folder.path()).collect(&request(handle.as_str(), 5), &NoProgress).await.unwrap_err();
        assert_eq!(met.to_string(), again.to_string());
    }
}

#[tokio::test]
async fn look_that_cannot_be_recorded_is_given_and_says_so() {
    let site = stand_in().await;
    let source = browser_on(&site).record("/proc/nowhere").build().unwrap();
    let seen = collect(&source, "sample.fresh", 5).await.unwrap();
    assert_eq!(seen.videos.len(), 5);
    assert_eq!(seen.refused[0].reason, "not_recorded");
    assert!(seen.refused[0].detail.contains("/proc/nowhere"), "{}", seen.refused[0].detail);
}

#[tokio::test]
async fn account_of_which_nothing_was_recorded_by_then_is_not_found() {
    let folder = tempfile::tempdir().unwrap();
    let site = stand_in().await;
    let source = browser_on(&site).record(folder.path()).build().unwrap();
    collect(&source, "sample.fresh", 5).await.unwrap();
    let mut before = request("sample.fresh", 5);
    before.observed_at -= jiff::SignedDuration::from_secs(1);
    let outcome = ReplaySource::new(folder.path()).collect(&before, &NoProgress).await;
    assert!(
        matches!(&outcome, Err(SourceError::NotFound(handle)) if *handle == Handle::parse("sample.fresh").unwrap()),
        "{outcome:?}"
    );
}
