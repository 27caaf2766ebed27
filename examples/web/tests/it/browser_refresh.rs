//! A refresh with a real browser, and what is left of it when the service ends.

use std::{collections::BTreeSet, fs, time::Duration};

use rustix::process::Signal;
use serde_json::json;

use crate::{
    client::{Browser, events},
    process::{Service, folder},
};

const PROMISED: Duration = Duration::from_secs(30);
/// Far less than the patience with a refresh under way, and enough for a busy machine to end a browser.
const AT_ONCE: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_browser_reads_the_stand_in_and_is_gone_with_the_service() {
    let data = folder();
    let service = Service::start_with_browser(data.path());
    assert!(service.said().contains("read with a browser"), "{}", service.said());
    let mut browser = Browser::at(service.address());
    browser.sign_in().await;
    let job = browser.post("/tiktok/sample.quiet/refresh").await.location();
    let stream = browser.get(&format!("{job}/events")).await.text().await;
    let events = events(&stream);
    assert_eq!(events.last().map(|(_, data)| data["stage"].clone()), Some(json!("succeeded")), "{stream}");
    let report = browser.get("/analytics/sample.quiet").await.json().await;
    assert_eq!(report["creators"][0]["sources"], json!(["sample", "web_driver"]));

    let children = descendants(service.id());
    assert!(!children.is_empty(), "the browser is kept for the next refresh");
    service.signal(Signal::TERM);
    let (ended, took) = tokio::task::spawn_blocking(|| service.wait()).await.expect("nothing panics");
    assert!(ended.success(), "{ended}");
    assert!(took < PROMISED, "it took {took:?}");
    assert_eq!(alive(&children), [""; 0]);
}

#[tokio::test]
async fn told_to_end_during_a_refresh_it_leaves_neither_browser_nor_half_a_job() {
    let data = folder();
    let service = Service::start_with_browser(data.path());
    let mut browser = Browser::at(service.address());
    browser.sign_in().await;
    let job = browser.post("/tiktok/sample.spiky/refresh").await.location();
    let mut stream = browser.get(&format!("{job}/events")).await;
    let mut seen = String::new();
    while !seen.contains("profile_read") {
        seen += &stream.piece().await.expect("the refresh is under way");
    }
    let children = descendants(service.id());
    assert!(!children.is_empty(), "a browser reads the page: {seen}");
    service.signal(Signal::TERM);
    let (ended, took) = tokio::task::spawn_blocking(|| service.wait()).await.expect("nothing panics");
    assert!(ended.success(), "{ended}");
    assert!(took < PROMISED, "it took {took:?}");
    assert_eq!(alive(&children), [""; 0]);

    let next = Service::start(data.path());
    let mut browser = Browser::at(next.address());
    browser.sign_in().await;
    let stream = browser.get(&format!("{job}/events")).await.text().await;
    let last = events(&stream).pop().expect("the job has a history").1;
    assert_eq!(last["stage"], "succeeded", "finished before the end, or taken up again: {stream}");
}

#[tokio::test]
async fn told_twice_it_ends_at_once_and_takes_the_browser_along() {
    let data = folder();
    let mut service = Service::start_with_browser(data.path());
    let mut browser = Browser::at(service.address());
    browser.sign_in().await;
    // This account's page never comes.
    let job = browser.post("/tiktok/trouble.slow/refresh").await.location();
    let mut stream = browser.get(&format!("{job}/events")).await;
    let mut seen = String::new();
    while !seen.contains("opening") {
        seen += &stream.piece().await.expect("the refresh is under way");
    }
    service.signal(Signal::TERM);
    service.wait_for("once more stops at once");
    let children = descendants(service.id());
    service.signal(Signal::TERM);
    let (ended, took) = tokio::task::spawn_blocking(|| service.wait()).await.expect("nothing panics");
    assert_eq!(ended.code(), Some(1));
    assert!(took < AT_ONCE, "it took {took:?}");
    assert_eq!(alive(&children), [""; 0]);
}

/// A process and when it was started, which no later one of that number shares.
type Process = (u32, String);

fn descendants(of: u32) -> BTreeSet<Process> {
    let all: Vec<(Process, u32)> = fs::read_dir("/proc")
        .expect("this system lists its processes")
        .filter_map(|entry| {
            let id = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let (parent, started, _) = status(id)?;
            Some(((id, started), parent))
        })
        .collect();
    let mut found = BTreeSet::new();
    let mut parents = vec![of];
    while let Some(parent) = parents.pop() {
        for (process, _) in all.iter().filter(|(_, its)| *its == parent) {
            parents.push(process.0);
            found.insert(process.clone());
        }
    }
    found
}

/// Those that still run; a dead one that nobody has reaped yet does not.
fn alive(processes: &BTreeSet<Process>) -> Vec<String> {
    let runs = |(id, started): &&Process| status(*id).is_some_and(|(_, its, state)| its == *started && state != "Z");
    let name = |id| fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default().replace('\0', " ");
    processes.iter().filter(runs).map(|(id, _)| name(id)).collect()
}

/// Parent, time of start and state, from `/proc/ID/stat` (proc(5)).
fn status(id: u32) -> Option<(u32, String, String)> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    Some((fields.get(1)?.parse().ok()?, (*fields.get(19)?).to_owned(), (*fields.first()?).to_owned()))
}
