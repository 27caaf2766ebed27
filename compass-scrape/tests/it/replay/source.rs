use compass_core::{
    Handle, SourceKind,
    ports::{CollectRequest, NoProgress, ProfileSource, SourceError},
};
use compass_scrape::replay::ReplaySource;
use jiff::Timestamp;

use super::Inputs;
use crate::parse::fixtures;

fn request(handle: &str) -> CollectRequest {
    CollectRequest {
        handle: Handle::parse(handle).unwrap(),
        max_videos: 2,
        since: None,
        observed_at: "2026-05-01T00:00:00Z".parse::<Timestamp>().unwrap(),
    }
}

#[tokio::test]
async fn folder_of_pages_answers_for_the_handles_that_it_has() {
    let inputs = Inputs::new();
    inputs.gzip("ada.l.html.gz", fixtures::profile());
    let source = ReplaySource::new(inputs.path(""));
    let snapshot = source.collect(&request("ada.l"), &NoProgress).await.unwrap();
    assert_eq!((snapshot.videos.len(), snapshot.profile.source), (2, SourceKind::Replay));
    assert_eq!(snapshot.profile.observed_at, request("ada.l").observed_at);
    let missing = source.collect(&request("bob"), &NoProgress).await.unwrap_err();
    assert!(matches!(missing, SourceError::NotFound(handle) if handle.as_str() == "bob"));
}

#[tokio::test]
async fn page_that_cannot_be_read_is_not_a_missing_account() {
    let inputs = Inputs::new();
    inputs.file("ada.l.html.gz", [0x1F, 0x8B, 8, 0]);
    let error = ReplaySource::new(inputs.path("")).collect(&request("ada.l"), &NoProgress).await.unwrap_err();
    assert_eq!(error.code(), "network");
    assert!(error.to_string().contains("ada.l.html.gz"), "{error}");
}
