//! How the service ends.

use std::time::Duration;

use axum::http::StatusCode;
use rustix::process::Signal;

use crate::{
    client::Browser,
    process::{Service, folder},
};

const PROMISED: Duration = Duration::from_secs(30);

#[tokio::test]
async fn told_to_terminate_it_ends_well_although_somebody_listens() {
    let data = folder();
    let service = Service::start(data.path());
    let mut browser = Browser::at(service.address());
    browser.sign_in().await;
    // A captcha is given a quarter of an hour, so the job stays open and so does the stream.
    let job = browser.post("/tiktok/trouble.captcha/refresh").await.location();
    let mut stream = browser.get(&format!("{job}/events")).await;
    assert_eq!(stream.status, StatusCode::OK);
    let mut seen = String::new();
    while !seen.contains("retrying") {
        seen += &stream.piece().await.expect("the job is under way");
    }

    service.signal(Signal::TERM);
    let (ended, took) = tokio::task::spawn_blocking(|| service.wait()).await.expect("nothing panics");
    assert!(ended.success(), "{ended}");
    assert!(took < PROMISED, "it took {took:?}");
    let mut rest = String::new();
    while let Some(piece) = stream.piece().await {
        rest += &piece;
    }
    assert!(!rest.contains("succeeded") && !rest.contains("failed"), "{rest}");
}

#[test]
fn an_interrupt_ends_it_too() {
    let data = folder();
    let service = Service::start(data.path());
    service.signal(Signal::INT);
    let (ended, took) = service.wait();
    assert!(ended.success(), "{ended}");
    assert!(took < PROMISED, "it took {took:?}");
}
