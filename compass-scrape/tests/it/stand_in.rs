//! The stand-in site read without a browser.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::Arc,
};

use compass_core::{
    Handle, Snapshot, SourceKind,
    ports::{CollectRequest, NoProgress, ProfileSource as _, SourceError},
    samples::World,
    testing::FixedClock,
};
use compass_scrape::{
    parse,
    testing::{DirectSource, StandIn, Trouble},
};

use crate::truth::{NOON, OUTCOMES, assert_true};

async fn collect(handle: &str, max_videos: u32) -> Result<Snapshot, SourceError> {
    let source = DirectSource::new(World::standard(), Arc::new(FixedClock::new(NOON)));
    let request = CollectRequest { handle: Handle::parse(handle).unwrap(), max_videos, observed_at: NOON };
    source.collect(&request, &NoProgress).await
}

/// What the stand-in answers to a request, headers and all.
fn get(site: &StandIn, path: &str) -> String {
    let mut stream = TcpStream::connect(site.base_url().trim_start_matches("http://")).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: stand-in\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

async fn stand_in() -> StandIn {
    StandIn::start(World::standard(), Arc::new(FixedClock::new(NOON))).await.unwrap()
}

#[tokio::test]
async fn every_figure_of_every_sample_creator_is_the_true_one() {
    for creator in World::standard().creators() {
        let handle = creator.handle().as_str();
        for most in [0, 1, 36, 1_000] {
            let seen = collect(handle, most).await.unwrap();
            assert_true(&seen, handle, most, SourceKind::Sample);
        }
    }
}

#[tokio::test]
async fn each_trouble_has_the_outcome_that_a_browser_meets() {
    for (trouble, code) in OUTCOMES {
        let outcome = collect(trouble.handle().as_str(), 60).await;
        let met = outcome.as_ref().map_or_else(SourceError::code, |_| "a good page");
        assert_eq!(met, code, "{trouble:?}: {:?}", outcome.err());
    }
    assert_eq!(collect("nobody.at.all", 5).await.unwrap_err().code(), "not_found");
    assert_eq!(collect(Trouble::StalledList.handle().as_str(), 60).await.unwrap().refused[0].reason, "partial_list");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn page_of_a_post_gives_its_counters_and_an_unknown_one_says_so() {
    let site = stand_in().await;
    let truth = World::standard().creators()[0].snapshot(NOON, 1, SourceKind::Sample).videos.remove(0);
    let page = get(&site, &format!("/@sample.steady/video/{}", truth.video.id));
    let item = parse::video_page(page.split_once("\r\n\r\n").unwrap().1).unwrap().item;
    assert_eq!(item.video, truth.video);
    assert!(item.counts.likes.unwrap().agrees_with(truth.counts.likes.unwrap()));

    let page = get(&site, "/@sample.steady/video/7000000000000000001");
    let missing = parse::video_page(page.split_once("\r\n\r\n").unwrap().1);
    assert!(matches!(missing, Err(SourceError::VideoUnavailable { status: 10204, .. })), "{missing:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn hostile_texts_cannot_end_the_script_that_holds_them() {
    let site = stand_in().await;
    let page = get(&site, &format!("/@{}", Trouble::HostileText.handle()));
    assert!(page.contains("document.title = 'taken over'"));
    assert!(!page.contains("</script><script>document.title"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn stand_in_stops_when_it_is_dropped() {
    let site = stand_in().await;
    let address = site.base_url().trim_start_matches("http://").to_owned();
    assert!(get(&site, "/robots.txt").starts_with("HTTP/1.1 200"));
    drop(site);
    let refused = async {
        while TcpStream::connect(&address).is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), refused).await.expect("nobody listens any more");
}
