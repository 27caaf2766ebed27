//! What is left of a browser, however it ends: nothing.

use std::{
    io::{BufRead as _, BufReader},
    os::unix::process::CommandExt as _,
    panic::AssertUnwindSafe,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use compass_core::{
    Progress, Snapshot,
    ports::{ProfileSource as _, ProgressSink, SourceError},
};
use compass_scrape::{
    testing::Trouble,
    webdriver::{BuildError, Driver, WebDriverSource},
};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tempfile::TempDir;
use tokio::{sync::Notify, task::JoinHandle};

use super::{Traces, browser_on, collect, request, stand_in};

const CHILD: &str = "COMPASS_TEST_DIES_WITH_A_BROWSER";

fn signal(process: u32, signal: Signal) {
    kill_process(Pid::from_raw(process.try_into().unwrap()).unwrap(), signal).unwrap();
}

/// Hears when the browser is open.
#[derive(Default)]
struct Opened(Notify);

#[async_trait]
impl ProgressSink for Opened {
    async fn report(&self, _progress: Progress) {
        self.0.notify_one();
    }
}

/// A collection that is in the middle of a page that never comes.
async fn stuck(source: &Arc<WebDriverSource>) -> (JoinHandle<Result<Snapshot, SourceError>>, Traces) {
    let opened = Arc::new(Opened::default());
    let task = tokio::spawn({
        let (source, opened) = (Arc::clone(source), Arc::clone(&opened));
        async move { source.collect(&request(Trouble::SlowPage.handle().as_str(), 5), &*opened).await }
    });
    opened.0.notified().await;
    (task, Traces::of(source))
}

/// Asks again until there is an answer.
async fn eventually<T>(mut asked: impl FnMut() -> Option<T>) -> T {
    let waiting = async {
        loop {
            if let Some(answer) = asked() {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("it happens within 20 s")
}

fn assert_driver_error<T: std::fmt::Debug>(outcome: &Result<T, SourceError>, says: &str) {
    match outcome {
        Err(SourceError::Driver { detail, .. }) => assert!(detail.contains(says), "{detail}"),
        other => panic!("expected a driver error, got {other:?}"),
    }
}

#[tokio::test]
async fn missing_driver_says_at_once_what_to_install() {
    let site = stand_in().await;
    let source =
        browser_on(&site).driver(Driver::Spawn { path: Some("/nonexistent/chromedriver".into()) }).build().unwrap();
    let start = Instant::now();
    assert_driver_error(&collect(&source, "sample.steady", 5).await, "install chromium and chromium-driver");
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn absent_webdriver_address_says_at_once_what_to_do() {
    let site = stand_in().await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let source = browser_on(&site).driver(Driver::Url(format!("http://{nobody}"))).build().unwrap();
    let start = Instant::now();
    assert_driver_error(&collect(&source, "sample.steady", 5).await, "no WebDriver answers");
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn program_that_is_no_driver_is_a_driver_error() {
    let site = stand_in().await;
    let source = browser_on(&site).driver(Driver::Spawn { path: Some("/bin/true".into()) }).build().unwrap();
    assert_driver_error(&collect(&source, "sample.steady", 5).await, "ended before it listened");
}

#[test]
fn addresses_that_cannot_be_used_are_refused_before_anything_starts() {
    for base in ["tiktok", "ftp://www.tiktok.com", "https://www.tiktok.com/@somebody"] {
        let refused = WebDriverSource::builder().base_url(base).build();
        assert_eq!(refused.unwrap_err(), BuildError::BaseUrl(base.to_owned()));
    }
    let driver = "https://grid.example";
    let refused = WebDriverSource::builder().driver(Driver::Url(driver.to_owned())).build();
    assert_eq!(refused.unwrap_err(), BuildError::DriverUrl(driver.to_owned()));
    let refused = WebDriverSource::builder().driver(Driver::Url("http://me:secret@grid:4444".to_owned())).build();
    assert_eq!(refused.unwrap_err(), BuildError::DriverPassword);
}

#[tokio::test]
async fn nothing_is_left_when_the_source_is_dropped() {
    let site = stand_in().await;
    let source = browser_on(&site).build().unwrap();
    collect(&source, "sample.fresh", 5).await.unwrap();
    let traces = Traces::of(&source);
    assert!(traces.processes().len() > 1, "driver and browser run in one group");
    drop(source);
    traces.assert_gone();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_left_when_whoever_holds_the_source_panics() {
    let site = stand_in().await;
    let source = browser_on(&site).build().unwrap();
    collect(&source, "sample.fresh", 5).await.unwrap();
    let traces = Traces::of(&source);
    let panicked = std::panic::catch_unwind(AssertUnwindSafe(move || {
        let _source = source;
        std::panic::resume_unwind(Box::new("as a failing test does"));
    }));
    assert!(panicked.is_err());
    traces.assert_gone();
}

#[tokio::test]
async fn nothing_is_left_when_a_collection_is_given_up_half_way() {
    let site = stand_in().await;
    let source = Arc::new(browser_on(&site).build().unwrap());
    let (task, traces) = stuck(&source).await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    traces.assert_gone();
    assert_eq!(source.driver_processes(), [0; 0]);
}

#[tokio::test]
async fn killed_driver_is_reported_at_once_and_the_next_collection_works() {
    let site = stand_in().await;
    let source = Arc::new(browser_on(&site).build().unwrap());
    let (task, traces) = stuck(&source).await;
    let killed = Instant::now();
    signal(traces.group, Signal::KILL);
    assert_driver_error(&task.await.unwrap(), "the next attempt starts a new browser");
    assert!(killed.elapsed() < Duration::from_secs(5));
    traces.assert_gone();
    assert_eq!(collect(&source, "sample.fresh", 5).await.unwrap().videos.len(), 5);
}

#[tokio::test]
async fn driver_killed_between_collections_is_replaced_unnoticed() {
    let site = stand_in().await;
    let source = browser_on(&site).build().unwrap();
    collect(&source, "sample.fresh", 5).await.unwrap();
    let traces = Traces::of(&source);
    signal(traces.group, Signal::KILL);
    collect(&source, "sample.fresh", 5).await.unwrap();
    traces.assert_gone();
    assert_ne!(source.driver_processes(), [traces.group]);
}

#[tokio::test]
async fn driver_that_stops_answering_is_given_up() {
    let site = stand_in().await;
    let source = Arc::new(browser_on(&site).build().unwrap());
    collect(&source, "sample.fresh", 5).await.unwrap();
    let traces = Traces::of(&source);
    signal(traces.group, Signal::STOP);
    // It does not answer the question whether it still does, so another takes its place.
    collect(&source, "sample.fresh", 5).await.unwrap();
    traces.assert_gone();
}

#[tokio::test]
async fn collection_that_takes_too_long_is_given_up() {
    let site = stand_in().await;
    let source = browser_on(&site).collection(Duration::from_secs(1)).build().unwrap();
    let start = Instant::now();
    let outcome = collect(&source, Trouble::SlowPage.handle().as_str(), 5).await;
    assert_driver_error(&outcome, "the collection took longer than 1s");
    assert!(start.elapsed() < Duration::from_secs(20), "the page itself may take longer");
    assert_eq!(source.driver_processes(), [0; 0]);
}

#[tokio::test]
async fn browser_is_replaced_after_its_share_of_pages() {
    let site = stand_in().await;
    let source = browser_on(&site).pages_per_session(1).build().unwrap();
    collect(&source, "sample.fresh", 5).await.unwrap();
    let first = Traces::of(&source);
    collect(&source, "sample.fresh", 5).await.unwrap();
    first.assert_gone();
    let second = Traces::of(&source);
    source.close().await;
    second.assert_gone();
    assert_eq!(source.driver_processes(), [0; 0]);
}

#[tokio::test]
async fn driver_of_somebody_else_keeps_no_browser_and_goes_on() {
    let site = stand_in().await;
    let driver = ForeignDriver::start();
    let source = browser_on(&site).driver(Driver::Url(driver.url.clone())).build().unwrap();
    assert_eq!(collect(&source, "sample.fresh", 5).await.unwrap().videos.len(), 5);
    assert_eq!(source.driver_processes(), [0; 0], "it is not ours");
    assert!(driver.traces.processes().len() > 1);
    source.close().await;
    let only_the_driver = || (driver.traces.processes().len() == 1).then_some(());
    eventually(only_the_driver).await;
}

/// A ChromeDriver that the source has not started.
struct ForeignDriver {
    child: Child,
    url: String,
    traces: Traces,
    _folder: TempDir,
}

impl ForeignDriver {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .env("TMPDIR", folder.path())
            .env("HOME", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let port =
            said.find_map(|line| Some(line.split_once("successfully on port ")?.1.trim_end_matches('.').to_owned()));
        let url = format!("http://127.0.0.1:{}", port.expect("chromedriver says its port"));
        let traces = Traces::of_driver(child.id());
        Self { child, url, traces, _folder: folder }
    }
}

impl Drop for ForeignDriver {
    fn drop(&mut self) {
        kill_process_group(Pid::from_raw(self.child.id().try_into().unwrap()).unwrap(), Signal::KILL).unwrap();
        self.child.wait().unwrap();
    }
}

/// Runs itself a second time, as a process that opens a browser, says which, and dies without cleaning up.
#[tokio::test]
async fn nothing_is_left_when_the_whole_process_dies() {
    let site = stand_in().await;
    if std::env::var_os(CHILD).is_some() {
        let source = browser_on(&site).build().unwrap();
        collect(&source, "sample.fresh", 5).await.unwrap();
        println!("\ndriver {}", source.driver_processes()[0]);
        std::io::stdin().lines().next();
        std::process::abort();
    }
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "webdriver::processes::nothing_is_left_when_the_whole_process_dies", "--nocapture"])
        .env(CHILD, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let driver = said.find_map(|line| line.strip_prefix("driver ")?.parse().ok());
    let traces = Traces::of_driver(driver.expect("the other process says which driver it has started"));
    drop(child.stdin.take());
    assert!(!child.wait().unwrap().success());
    eventually(|| (traces.processes().is_empty() && !traces.folder.exists()).then_some(())).await;
}
