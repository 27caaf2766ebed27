//! What is left of a browser, however it ends: nothing.

use std::{
    panic::AssertUnwindSafe,
    path::PathBuf,
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
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::{sync::Notify, task::JoinHandle};

use super::{Traces, browser_at, browser_on, child::SecondRun, collect, drivers::ForeignDriver, request, stand_in};

const CHILD: &str = "COMPASS_TEST_DIES_WITH_A_BROWSER";

fn signal(process: u32, signal: Signal) {
    kill_process(Pid::from_raw(process.try_into().unwrap()).unwrap(), signal).unwrap();
}

/// Hears when the browser is open.
#[derive(Default)]
pub(super) struct Opened(pub(super) Notify);

#[async_trait]
impl ProgressSink for Opened {
    async fn report(&self, _progress: Progress) {
        self.0.notify_one();
    }
}

/// A collection that is in the middle of a page that never comes.
pub(super) async fn stuck(source: &Arc<WebDriverSource>) -> (JoinHandle<Result<Snapshot, SourceError>>, Traces) {
    let opened = Arc::new(Opened::default());
    let task = tokio::spawn({
        let (source, opened) = (Arc::clone(source), Arc::clone(&opened));
        async move { source.collect(&request(Trouble::SlowPage.handle().as_str(), 5), &*opened).await }
    });
    opened.0.notified().await;
    (task, Traces::of(source))
}

/// Asks again until there is an answer.
pub(super) async fn eventually<T>(mut asked: impl FnMut() -> Option<T>) -> T {
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

pub(super) fn assert_driver_error<T: std::fmt::Debug>(outcome: &Result<T, SourceError>, says: &str) {
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

/// Panics when the header has been read, as a host of ours may.
struct Panics;

#[async_trait]
impl ProgressSink for Panics {
    async fn report(&self, progress: Progress) {
        if matches!(progress, Progress::ProfileRead { .. }) {
            std::panic::resume_unwind(Box::new("as a failing host does"));
        }
    }
}

#[tokio::test]
async fn nothing_is_left_when_whoever_hears_the_progress_panics() {
    let site = stand_in().await;
    let source = Arc::new(browser_on(&site).build().unwrap());
    collect(&source, "sample.fresh", 5).await.unwrap();
    let traces = Traces::of(&source);
    let task = tokio::spawn({
        let source = Arc::clone(&source);
        async move { source.collect(&request("sample.fresh", 5), &Panics).await }
    });
    assert!(task.await.unwrap_err().is_panic());
    traces.assert_gone();
    collect(&source, "sample.fresh", 5).await.unwrap();
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
    let driver = ForeignDriver::start(&[]);
    let source = browser_on(&site).driver(Driver::Url(driver.url.clone())).build().unwrap();
    assert_eq!(collect(&source, "sample.fresh", 5).await.unwrap().videos.len(), 5);
    assert_eq!(source.driver_processes(), [0; 0], "it is not ours");
    assert!(driver.traces.processes().len() > 1);
    source.close().await;
    let only_the_driver = || (driver.traces.processes().len() == 1).then_some(());
    eventually(only_the_driver).await;
}

/// In the second run: opens a browser, says which, and waits to be ended.
async fn open_a_browser_and_wait(site: &str) {
    let source = browser_at(site).build().unwrap();
    collect(&source, "sample.fresh", 5).await.unwrap();
    println!("\ndriver {}", source.driver_processes()[0]);
    std::io::stdin().lines().next();
    std::process::abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_left_when_the_whole_process_dies() {
    if let Ok(site) = std::env::var(CHILD) {
        return open_a_browser_and_wait(&site).await;
    }
    let site = stand_in().await;
    let test = "webdriver::processes::nothing_is_left_when_the_whole_process_dies";
    for how in [Signal::ABORT, Signal::TERM, Signal::INT, Signal::KILL] {
        let mut run = SecondRun::of(test, &[(CHILD, site.base_url())]);
        let traces = Traces::of_driver(run.says("driver ").parse().unwrap());
        signal(run.0.id(), how);
        assert!(!run.0.wait().unwrap().success());
        eventually(|| (traces.processes().is_empty() && !traces.folder.exists()).then_some(())).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_left_when_the_watchdog_dies_too_is_swept_at_the_next_start() {
    if let Ok(site) = std::env::var(CHILD) {
        return open_a_browser_and_wait(&site).await;
    }
    let site = stand_in().await;
    let test = "webdriver::processes::what_is_left_when_the_watchdog_dies_too_is_swept_at_the_next_start";
    // Whoever else opens a browser on this machine meanwhile would sweep the common folder.
    let temporary = tempfile::tempdir().unwrap();
    let variables = [(CHILD, site.base_url()), ("TMPDIR", temporary.path().to_str().unwrap())];
    let mut run = SecondRun::of(test, &variables);
    let driver = run.says("driver ");
    let traces = Traces::of_driver(driver.parse().unwrap());
    signal(watchdog_of(&driver), Signal::KILL);
    signal(run.0.id(), Signal::KILL);
    run.0.wait().unwrap();
    assert!(!traces.processes().is_empty() && traces.folder.exists(), "nobody has seen to it");

    let mut next = SecondRun::of(test, &variables);
    let its_own = Traces::of_driver(next.says("driver ").parse().unwrap());
    traces.assert_gone();
    assert!(!its_own.processes().is_empty());
}

/// The process that watches over a driver's group.
fn watchdog_of(driver: &str) -> u32 {
    let is_it = |id: &u32| {
        let words = std::fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default();
        let words: Vec<_> = words.split('\0').collect();
        words.windows(2).any(|two| two == ["compass-watchdog", driver])
    };
    let entries = std::fs::read_dir("/proc").unwrap();
    let mut ids = entries.filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    ids.find(is_it).expect("each driver has one")
}

#[tokio::test]
async fn driver_that_stops_answering_half_way_is_given_up() {
    let site = stand_in().await;
    let source = Arc::new(browser_on(&site).page_load(Duration::from_secs(1)).build().unwrap());
    let (task, traces) = stuck(&source).await;
    signal(traces.group, Signal::STOP);
    let stopped = Instant::now();
    assert_driver_error(&task.await.unwrap(), "the browser did not answer within");
    assert!(stopped.elapsed() < Duration::from_secs(30), "{:?}", stopped.elapsed());
    traces.assert_gone();
    collect(&source, "sample.fresh", 5).await.unwrap();
}

#[tokio::test]
async fn page_that_ends_its_renderer_costs_the_browser_and_nothing_else() {
    let site = stand_in().await;
    let source = browser_on(&site).build().unwrap();
    collect(&source, "sample.fresh", 5).await.unwrap();
    let traces = Traces::of(&source);
    // The page is still being read when its process ends.
    let outcome = collect(&source, Trouble::Crash.handle().as_str(), 1_000).await;
    assert_driver_error(&outcome, "the next attempt starts a new browser");
    traces.assert_gone();
    collect(&source, "sample.fresh", 5).await.unwrap();
}

#[tokio::test]
async fn driver_that_cannot_run_is_quoted() {
    let site = stand_in().await;
    let (folder, program) = driver("echo 'error while loading shared libraries: libnss3.so' >&2\nexit 127\n");
    let source = browser_on(&site).driver(Driver::Spawn { path: Some(program) }).build().unwrap();
    assert_driver_error(&collect(&source, "sample.fresh", 5).await, "loading shared libraries: libnss3.so");
    assert_eq!(starts(&folder), 1);
}

#[tokio::test]
async fn driver_whose_port_is_taken_is_started_again() {
    let site = stand_in().await;
    let taken = "echo '[1.000][SEVERE]: bind() failed: Address already in use (98)' >&2";
    let (folder, program) = driver(&format!("[ -n \"$again\" ] || {{ {taken}; exit 1; }}\nexec chromedriver \"$@\"\n"));
    let source = browser_on(&site).driver(Driver::Spawn { path: Some(program) }).build().unwrap();
    collect(&source, "sample.fresh", 5).await.unwrap();
    assert_eq!(starts(&folder), 2);
    drop(source);

    let (folder, program) = driver(&format!("{taken}\nexit 1\n"));
    let source = browser_on(&site).driver(Driver::Spawn { path: Some(program) }).build().unwrap();
    assert_driver_error(&collect(&source, "sample.fresh", 5).await, "Address already in use");
    assert_eq!(starts(&folder), 5);
}

/// A driver that is this script, which knows as `$again` whether it ran before.
fn driver(script: &str) -> (TempDir, PathBuf) {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("chromedriver");
    let starts = folder.path().join("starts");
    let starts = starts.display();
    let script = format!("#!/bin/sh\nagain=$(cat '{starts}' 2>/dev/null)\necho start >>'{starts}'\n{script}");
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    (folder, program)
}

/// How often a driver of that folder was started.
fn starts(folder: &TempDir) -> usize {
    std::fs::read_to_string(folder.path().join("starts")).unwrap().lines().count()
}
