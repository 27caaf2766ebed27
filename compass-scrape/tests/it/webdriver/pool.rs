//! How many browsers there are, how long each lives, and whose they are.

use std::{sync::Arc, time::Duration};

use axum::{Json, Router, http::StatusCode, routing::post};
use compass_core::{
    Snapshot,
    ports::{ProfileSource as _, SourceError},
};
use compass_scrape::{
    testing::Trouble,
    webdriver::{BuildError, Driver, WebDriverSource},
};
use serde_json::{Map, Value, json};
use tokio::task::JoinHandle;

use super::{
    Traces, browser_on, collect,
    drivers::ForeignDriver,
    processes::{Opened, assert_driver_error, eventually},
    request,
    served::Served,
    stand_in,
};

/// A collection of a page that never comes; its news tell when it has begun.
fn endless(source: &Arc<WebDriverSource>) -> (JoinHandle<Result<Snapshot, SourceError>>, Arc<Opened>) {
    let opened = Arc::new(Opened::default());
    let task = tokio::spawn({
        let (source, opened) = (Arc::clone(source), Arc::clone(&opened));
        async move { source.collect(&request(Trouble::SlowPage.handle().as_str(), 5), &*opened).await }
    });
    (task, opened)
}

#[tokio::test]
async fn as_many_browsers_open_as_are_allowed_and_further_collections_wait() {
    let site = stand_in().await;
    // The second page waits until the first is there, or is given up.
    let source = browser_on(&site).sessions(2).page_load(Duration::from_secs(5)).build().unwrap();
    let source = Arc::new(source);
    let (first, first_opened) = endless(&source);
    let (_second, second_opened) = endless(&source);
    first_opened.0.notified().await;
    second_opened.0.notified().await;
    assert_eq!(source.driver_processes().len(), 2);

    let waiting = tokio::spawn({
        let source = Arc::clone(&source);
        async move { collect(&source, "sample.fresh", 5).await }
    });
    // A collection of a good page takes less, if it may begin.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!waiting.is_finished());
    assert_eq!(source.driver_processes().len(), 2);

    first.abort();
    assert_eq!(waiting.await.unwrap().unwrap().videos.len(), 5);
    assert_eq!(source.driver_processes().len(), 2, "the given up collection took its browser along");
}

#[tokio::test]
async fn browser_that_nobody_uses_is_closed_after_a_while_and_another_opens_when_it_is_needed() {
    let site = stand_in().await;
    let source = browser_on(&site).idle(Duration::from_millis(300)).build().unwrap();
    collect(&source, "sample.fresh", 5).await.unwrap();
    let traces = Traces::of(&source);
    eventually(|| source.driver_processes().is_empty().then_some(())).await;
    traces.assert_gone();
    collect(&source, "sample.fresh", 5).await.unwrap();
}

#[tokio::test]
async fn kept_browser_shows_nothing_so_that_a_page_does_not_go_on_by_itself() {
    let site = stand_in().await;
    let source = browser_on(&site).build().unwrap();
    // Without being left it would load itself anew for ever.
    let _ = collect(&source, Trouble::ReloadsForever.handle().as_str(), 5).await;
    site.forget_requests();
    // Some reloads may be under way.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(site.requests().len() <= 1, "{:?}", site.requests());
}

#[tokio::test]
async fn collection_that_is_given_up_leaves_no_browser_at_somebody_elses_driver() {
    let site = stand_in().await;
    let driver = ForeignDriver::start(&[]);
    let source = browser_on(&site).driver(Driver::Url(driver.url.clone())).page_load(Duration::from_secs(2)).build();
    let source = Arc::new(source.unwrap());
    let (task, opened) = endless(&source);
    opened.0.notified().await;
    assert!(driver.traces.processes().len() > 1);
    task.abort();
    eventually(|| (driver.traces.processes().len() == 1).then_some(())).await;
    assert_eq!(collect(&source, "sample.fresh", 5).await.unwrap().videos.len(), 5);
}

#[tokio::test]
async fn grid_below_a_path_that_loses_a_session_is_asked_for_another() {
    let site = stand_in().await;
    let grid = ForeignDriver::start(&["--url-base=/wd/hub"]);
    let wanted =
        Map::from_iter([("platformName".to_owned(), json!("linux")), ("se:name".to_owned(), json!("compass"))]);
    let driver = Driver::Url(format!("{}/wd/hub", grid.url));
    let source = browser_on(&site).driver(driver).capabilities(wanted).build().unwrap();
    collect(&source, "sample.fresh", 5).await.unwrap();
    let before = grid.browsers();
    grid.end_browsers();
    collect(&source, "sample.fresh", 5).await.unwrap();
    assert_ne!(grid.browsers(), before);
    source.close().await;
    eventually(|| (grid.traces.processes().len() == 1).then_some(())).await;
}

#[test]
fn capability_that_would_let_pages_out_is_refused_before_anything_starts() {
    let proxy = json!({"proxy": {"proxyType": "manual", "httpProxy": "10.0.0.1:80"}});
    let Value::Object(proxy) = proxy else { unreachable!("it is an object") };
    let refused = WebDriverSource::builder().capabilities(proxy).build().unwrap_err();
    assert_eq!(refused, BuildError::Capability("proxy".to_owned()));
    assert_eq!(refused.to_string(), "the capability proxy is the source's own; leave it out");
    let refused = WebDriverSource::builder().asset_hosts(["*"]).build().unwrap_err();
    assert_eq!(refused, BuildError::AssetHost("*".to_owned()));
}

/// A WebDriver that answers a request for a session so.
async fn driver_that_says(status: StatusCode, answer: Value) -> Served {
    Served::start(Router::new().route("/session", post(move || async move { (status, Json(answer)) }))).await
}

#[tokio::test]
async fn grid_is_told_the_wanted_capabilities_below_its_path_with_each_session() {
    let site = stand_in().await;
    let (told, mut asked) = tokio::sync::mpsc::unbounded_channel();
    let refuse = move |Json(wanted): Json<Value>| async move {
        told.send(wanted).unwrap();
        let refusal = json!({"error": "session not created", "message": "no such machine", "stacktrace": ""});
        (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({"value": refusal})))
    };
    let grid = Served::start(Router::new().route("/wd/hub/session", post(refuse))).await;
    let wanted =
        json!({"platformName": "windows", "browserVersion": "stable", "goog:chromeOptions": {"args": ["--lang=fr"]}});
    let Value::Object(wanted) = wanted else { unreachable!("it is an object") };
    let driver = Driver::Url(format!("{}/wd/hub/", grid.base_url));
    let source = browser_on(&site).driver(driver).capabilities(wanted).build().unwrap();
    for _ in 0..2 {
        assert_driver_error(&collect(&source, "sample.fresh", 5).await, "no such machine");
        let asked = asked.recv().await.unwrap();
        let given = &asked["capabilities"]["alwaysMatch"];
        assert_eq!(
            (&given["platformName"], &given["browserVersion"]),
            (&json!("windows"), &json!("stable")),
            "{asked}"
        );
        let arguments = given["goog:chromeOptions"]["args"].as_array().unwrap();
        assert_eq!(arguments[0], "--lang=fr");
        let keeps_pages_in = |argument: &Value| argument.as_str().unwrap().starts_with("--host-resolver-rules=");
        assert!(arguments.iter().any(keeps_pages_in), "{asked}");
    }
}

#[tokio::test]
async fn driver_of_another_version_says_what_does_not_fit_and_what_to_install() {
    let site = stand_in().await;
    let message = "session not created: This version of ChromeDriver only supports Chrome version 120\nCurrent browser \
                   version is 156.0.8078.79 with binary path /usr/bin/chromium";
    let refusal = json!({"value": {"error": "session not created", "message": message, "stacktrace": ""}});
    let driver = driver_that_says(StatusCode::INTERNAL_SERVER_ERROR, refusal).await;
    let source = browser_on(&site).driver(Driver::Url(driver.base_url.clone())).build().unwrap();
    let outcome = tokio::time::timeout(Duration::from_secs(5), collect(&source, "sample.fresh", 5)).await.unwrap();
    assert_driver_error(&outcome, "This version of ChromeDriver only supports Chrome version 120");
    assert_driver_error(&outcome, "install chromium and chromium-driver in the same version");
}

#[tokio::test]
async fn address_where_somebody_else_listens_is_said_to_be_no_driver() {
    let site = stand_in().await;
    let source = browser_on(&site).driver(Driver::Url(site.base_url().to_owned())).build().unwrap();
    let outcome = tokio::time::timeout(Duration::from_secs(5), collect(&source, "sample.fresh", 5)).await.unwrap();
    assert_driver_error(&outcome, "what answers at its address is no WebDriver");
}
