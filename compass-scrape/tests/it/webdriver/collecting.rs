//! What the browser reads of good pages.

use std::sync::Mutex;

use async_trait::async_trait;
use compass_core::{
    Progress, SourceKind,
    ports::{ProfileSource as _, ProgressSink},
    samples::World,
};
use compass_scrape::testing::Trouble;

use super::{browser_on, collect, request, stand_in};
use crate::truth::{assert_rounded, assert_true};

#[tokio::test]
async fn every_figure_of_every_sample_creator_is_the_true_one() {
    let site = stand_in().await;
    let source = browser_on(&site).build().unwrap();
    for creator in World::standard().creators() {
        let handle = creator.handle().as_str();
        let seen = collect(&source, handle, 80).await.unwrap();
        assert_true(&seen, handle, 80, SourceKind::WebDriver);
    }
}

#[tokio::test]
async fn no_more_posts_are_given_than_were_asked_for() {
    let site = stand_in().await;
    let source = browser_on(&site).build().unwrap();
    for most in [0, 1, 36] {
        let seen = collect(&source, "sample.rising", most).await.unwrap();
        assert_true(&seen, "sample.rising", most, SourceKind::WebDriver);
    }
}

#[tokio::test]
async fn without_the_network_log_the_grid_gives_views_and_the_newest_pages_the_rest() {
    let site = stand_in().await;
    let source = browser_on(&site).network_log(false).video_pages(3).build().unwrap();
    let seen = collect(&source, "sample.steady", 40).await.unwrap();

    let truth = World::standard().creators()[0].snapshot(seen.profile.observed_at, 40, SourceKind::WebDriver);
    assert_eq!(seen.profile, truth.profile);
    let ids = |videos: &[compass_core::VideoObservation]| videos.iter().map(|post| post.video.id).collect::<Vec<_>>();
    assert_eq!(ids(&seen.videos), ids(&truth.videos));
    for (place, (seen, truth)) in seen.videos.iter().zip(&truth.videos).enumerate() {
        assert_eq!(seen.pinned, truth.pinned);
        assert_eq!(seen.video.kind, truth.video.kind);
        assert_rounded(seen.counts.views, truth.counts.views);
        if place < 3 {
            assert_eq!(seen.video, truth.video);
            assert_rounded(seen.counts.likes, truth.counts.likes);
            assert_rounded(seen.counts.comments, truth.counts.comments);
            assert_rounded(seen.counts.shares, truth.counts.shares);
        } else {
            assert_eq!(seen.counts.likes, None);
        }
    }
}

#[tokio::test]
async fn texts_that_try_to_be_markup_stay_texts() {
    let site = stand_in().await;
    let source = browser_on(&site).build().unwrap();
    let seen = collect(&source, Trouble::HostileText.handle().as_str(), 40).await.unwrap();
    assert_eq!(seen.profile.profile.nickname.as_str(), "<b>\"Bold\" & 'bolder'</b>");
    assert!(seen.profile.profile.bio.as_str().starts_with("</script><script>document.title"));
    assert_eq!(seen.videos.len(), 40);
    assert!(seen.videos.iter().all(|post| post.video.caption.as_str().starts_with("<img src=x onerror=alert(1)>")));
    assert_eq!(seen.disagreements, Vec::<String>::new());
}

#[tokio::test]
async fn dialog_on_the_page_is_dismissed() {
    let site = stand_in().await;
    let source = browser_on(&site).build().unwrap();
    let seen = collect(&source, Trouble::Dialog.handle().as_str(), 40).await.unwrap();
    assert_eq!(seen.videos.len(), 40);
}

#[tokio::test]
async fn progress_is_told_step_by_step() {
    #[derive(Default)]
    struct Told(Mutex<Vec<Progress>>);

    #[async_trait]
    impl ProgressSink for Told {
        async fn report(&self, progress: Progress) {
            self.0.lock().unwrap().push(progress);
        }
    }

    let site = stand_in().await;
    let source = browser_on(&site).build().unwrap();
    let told = Told::default();
    let seen = source.collect(&request("sample.rising", 80), &told).await.unwrap();

    let told = told.0.into_inner().unwrap();
    let stated = seen.profile.counts.videos.map(|count| count.lo());
    assert_eq!(
        told[..2],
        [Progress::Opening { source: SourceKind::WebDriver }, Progress::ProfileRead { videos: stated }]
    );
    let read: Vec<u64> = told[2..]
        .iter()
        .map(|progress| match progress {
            Progress::VideosRead { got, wanted: 80 } => *got,
            other => panic!("unexpected {other:?}"),
        })
        .collect();
    assert!(read.is_sorted() && read.len() > 1, "{read:?}");
    assert_eq!(read.last(), Some(&80));
}
