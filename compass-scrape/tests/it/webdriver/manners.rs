//! How the browser treats a site: robots.txt, and its turn.

use std::{sync::Mutex, time::Duration};

use async_trait::async_trait;
use compass_core::{
    Progress, SourceKind,
    ports::{ProfileSource as _, ProgressSink},
};
use compass_scrape::{
    manners::Manners,
    testing::{Reply, StandIn},
};

use super::{browser_on, collect, request, stand_in};

/// The pages that were opened, without robots.txt and what they load themselves.
fn opened(site: &StandIn) -> Vec<String> {
    site.requests().into_iter().map(|request| request.path).filter(|path| path.starts_with("/@")).collect()
}

#[tokio::test]
async fn page_that_robots_txt_disallows_is_not_opened() {
    let site = stand_in().await;
    site.scene(|scene| scene.robots = Reply::text("User-agent: CreatorCompass\nDisallow: /@\n"));
    let source = browser_on(&site).build().unwrap();
    let met = collect(&source, "sample.steady", 10).await.unwrap_err();
    assert_eq!((met.code(), opened(&site)), ("robots_disallowed", vec![]));
}

#[tokio::test]
async fn posts_that_robots_txt_disallows_are_not_opened_and_the_profile_is_kept() {
    let site = stand_in().await;
    site.scene(|scene| scene.robots = Reply::text("User-agent: *\nDisallow: /@*/video/\n"));
    let source = browser_on(&site).open_listed_posts(true).build().unwrap();
    let seen = collect(&source, "sample.steady", 10).await.unwrap();
    let reasons: Vec<_> = seen.refused.iter().map(|refusal| refusal.reason.as_str()).collect();
    assert_eq!((seen.videos.len(), reasons), (10, vec!["robots_disallowed"]));
    assert_eq!(opened(&site), ["/@sample.steady"]);
}

#[derive(Default)]
struct Told(Mutex<Vec<Progress>>);

#[async_trait]
impl ProgressSink for Told {
    async fn report(&self, progress: Progress) {
        self.0.lock().unwrap().push(progress);
    }
}

#[tokio::test]
async fn wait_for_ones_turn_is_told_and_counts_against_nobodys_time() {
    let site = stand_in().await;
    let manners = Manners::builder().pause(Duration::from_secs(20)).build().unwrap();
    let source = browser_on(&site)
        .manners(manners)
        .sessions(1)
        .collection(Duration::from_secs(15))
        .open_listed_posts(true)
        .video_pages(1)
        .build()
        .unwrap();
    let (first, second) = (Told::default(), Told::default());
    let request = request("sample.steady", 1);
    let seen = tokio::select! {
        biased;
        seen = source.collect(&request, &first) => seen.unwrap(),
        other = source.collect(&request, &second) => panic!("the only browser was in use: {other:?}"),
    };
    assert_eq!(seen.refused, [], "its post was opened after a pause that is longer than the time of a collection");
    let (first, second) = (first.0.into_inner().unwrap(), second.0.into_inner().unwrap());
    assert_eq!(first[0], Progress::Opening { source: SourceKind::WebDriver });
    assert!(first.contains(&Progress::Waiting), "for its turn: {first:?}");
    assert!(!second.is_empty() && second.iter().all(|told| *told == Progress::Waiting), "for the browser: {second:?}");
}
