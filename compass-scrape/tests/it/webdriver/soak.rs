//! Many scrapes in a row, in a process of their own: nothing piles up. The example `soak` makes more of them.

use std::time::Duration;

use compass_scrape::testing::Trouble;

use super::{
    browser_at,
    child::SecondRun,
    collect, stand_in,
    usage::{Usage, Watch},
};

const SITE: &str = "COMPASS_TEST_SOAKS";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_files_processes_and_folders_stay_as_they_are() {
    if let Ok(site) = std::env::var(SITE) {
        return scrape_many(&site).await;
    }
    let site = stand_in().await;
    let test = "webdriver::soak::memory_files_processes_and_folders_stay_as_they_are";
    let mut run = SecondRun::of(test, &[(SITE, site.base_url())]);
    assert_eq!(run.says("grown: "), "None");
}

async fn scrape_many(site: &str) {
    let source = browser_at(site).pages_per_session(6).patience(Duration::from_millis(300)).build().unwrap();
    let (mut watch, mut early) = (Watch::default(), None::<Usage>);
    for round in 0..20 {
        let trouble = Trouble::Captcha.handle();
        let handle = if round % 5 == 4 { trouble.as_str() } else { "sample.fresh" };
        let outcome = collect(&source, handle, 40).await;
        assert_eq!(outcome.is_ok(), handle == "sample.fresh", "{outcome:?}");
        watch.look(&source);
        if round == 7 {
            early = Some(watch.usage());
        }
    }
    assert!(watch.browsers() >= 3, "they are replaced");
    println!("\ngrown: {:?}", watch.usage().grown_since(&early.unwrap()));
    source.close().await;
    let left = watch.usage();
    assert_eq!((left.processes, left.folders), (0, 0));
}
