//! What the browser says of pages that are not good.

use std::time::{Duration, Instant};

use compass_core::{Snapshot, ports::SourceError};
use compass_scrape::{testing::Trouble, webdriver::WebDriverSource};

use crate::truth::OUTCOMES;

use super::{Traces, browser_on, collect, stand_in};

/// One browser after another trouble: each outcome is told, and the browser is as good as before.
async fn patient_source(site: &compass_scrape::testing::StandIn) -> WebDriverSource {
    browser_on(site).patience(Duration::from_millis(600)).page_load(Duration::from_secs(3)).build().unwrap()
}

async fn outcome(source: &WebDriverSource, trouble: Trouble) -> Result<Snapshot, SourceError> {
    collect(source, trouble.handle().as_str(), 60).await
}

#[tokio::test]
async fn each_trouble_has_its_own_outcome() {
    let site = stand_in().await;
    let source = patient_source(&site).await;
    for (trouble, code) in OUTCOMES {
        let outcome = outcome(&source, trouble).await;
        let met = outcome.as_ref().map_or_else(SourceError::code, |_| "a good page");
        assert_eq!(met, code, "{trouble:?}: {:?}", outcome.err());
    }
    collect(&source, "sample.fresh", 5).await.unwrap();
}

#[tokio::test]
async fn list_that_stops_half_way_gives_what_came_and_says_so() {
    let site = stand_in().await;
    let source = patient_source(&site).await;
    let seen = outcome(&source, Trouble::StalledList).await.unwrap();
    assert_eq!(seen.videos.len(), 35);
    let reasons: Vec<_> = seen.refused.iter().map(|refusal| refusal.reason.as_str()).collect();
    assert_eq!(reasons, ["partial_list"]);
}

#[tokio::test]
async fn unknown_handle_is_not_found_and_named() {
    let site = stand_in().await;
    let source = patient_source(&site).await;
    match collect(&source, "nobody.at.all", 5).await {
        Err(SourceError::NotFound(handle)) => assert_eq!(handle.as_str(), "nobody.at.all"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn withheld_grid_keeps_the_header() {
    let site = stand_in().await;
    let source = patient_source(&site).await;
    match outcome(&source, Trouble::GridError).await {
        Err(SourceError::GridUnavailable { expected: 40, got: 0, header: Some(header) }) => {
            assert_eq!(header.profile.handle, Trouble::GridError.handle());
            assert!(header.counts.followers.is_some_and(|count| count.is_exact()));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn rate_limit_says_how_long_to_wait() {
    let site = stand_in().await;
    let source = patient_source(&site).await;
    match outcome(&source, Trouble::RateLimited).await {
        Err(SourceError::RateLimited { retry_after: Some(wait) }) => assert_eq!(wait.as_secs(), 120),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn page_that_never_comes_is_a_network_fault_and_the_browser_goes_on() {
    let site = stand_in().await;
    let source = patient_source(&site).await;
    let error = outcome(&source, Trouble::SlowPage).await.unwrap_err();
    assert_eq!(error.code(), "network", "{error}");
    let traces = Traces::of(&source);
    collect(&source, "sample.fresh", 5).await.unwrap();
    assert_eq!(source.driver_processes(), [traces.group], "the same browser");
}

#[tokio::test]
async fn page_of_a_hundred_megabytes_is_refused_and_not_carried_over() {
    let site = stand_in().await;
    let source = browser_on(&site).build().unwrap();
    let start = Instant::now();
    match outcome(&source, Trouble::HugePage).await {
        Err(SourceError::LayoutChanged { detail, .. }) => assert!(detail.contains("the page has 1000"), "{detail}"),
        other => panic!("{other:?}"),
    }
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}
