//! How the service ends.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use rustix::process::Signal;

use crate::{
    client::Browser,
    process::{Service, folder},
};

const PROMISED: Duration = Duration::from_secs(30);
/// When answers are cut off that do not end by themselves.
const CUT_OFF: Duration = Duration::from_secs(10);

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

    let told = Instant::now();
    service.signal(Signal::TERM);
    // A stream that is cut off has no last word, and its end is an error.
    let rest = stream.text().await;
    assert!(told.elapsed() < CUT_OFF, "it ended after {:?}", told.elapsed());
    assert!(rest.contains("the service stops"), "{rest}");
    assert!(!rest.contains("succeeded") && !rest.contains("failed"), "{rest}");
    let (ended, took) = tokio::task::spawn_blocking(|| service.wait()).await.expect("nothing panics");
    assert!(ended.success(), "{ended}");
    assert!(took < PROMISED, "it took {took:?}");
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

/// A request whose body is still to come, and which somebody reads already.
fn half_a_request(address: &str, cookies: &str) -> TcpStream {
    let mut socket = TcpStream::connect(address).expect("the service listens");
    socket.set_read_timeout(Some(PROMISED)).expect("sockets have time-outs");
    let head = format!(
        "PATCH /users/me HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\nContent-Type: application/json\r\n\
         Content-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).expect("the service reads");
    let mut told = [0; 25];
    socket.read_exact(&mut told).expect("the service wants the body");
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    socket
}

#[tokio::test]
async fn while_it_stops_it_is_not_ready_and_finishes_what_is_under_way() {
    let data = folder();
    let mut service = Service::start_with_operators(data.path());
    let mut operators = Browser::at(service.operators());
    assert_eq!(operators.get("/health/ready").await.status, StatusCode::OK);
    let mut browser = Browser::at(service.address());
    browser.sign_in().await;
    let mut socket = half_a_request(service.address(), &browser.cookies());

    service.signal(Signal::TERM);
    service.wait_for("once more stops at once");
    let late = Browser::at(service.address()).get("/health/ready").await;
    assert_eq!(late.status, StatusCode::SERVICE_UNAVAILABLE, "whoever comes in the first second is told so");
    assert_eq!(operators.get("/health/ready").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(operators.get("/health/live").await.status, StatusCode::OK);
    socket.write_all(b"{}").expect("the connection is open");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("the answer comes, and then the end");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let (ended, took) = tokio::task::spawn_blocking(|| service.wait()).await.expect("nothing panics");
    assert!(ended.success() && took < PROMISED, "{ended} after {took:?}");
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once() {
    let data = folder();
    let mut service = Service::start(data.path());
    let mut browser = Browser::at(service.address());
    browser.sign_in().await;
    let _socket = half_a_request(service.address(), &browser.cookies());

    service.signal(Signal::INT);
    service.wait_for("once more stops at once");
    service.signal(Signal::INT);
    let (ended, took) = tokio::task::spawn_blocking(|| service.wait()).await.expect("nothing panics");
    assert_eq!(ended.code(), Some(1));
    // The body would have been waited for longer.
    assert!(took < Duration::from_secs(8), "it took {took:?}");
}

#[tokio::test]
async fn what_is_counted_is_told_to_operators_alone() {
    let data = folder();
    let service = Service::start_with_operators(data.path());
    let mut browser = Browser::at(service.address());
    let cookie_free = browser.get("/tiktok/sample.steady").await;
    assert_eq!(cookie_free.status, StatusCode::OK);
    assert_eq!(browser.get("/metrics").await.status, StatusCode::NOT_FOUND);
    let mut operators = Browser::at(service.operators());
    let metrics = operators.get("/metrics").await.text().await;
    let counted = r#"compass_http_requests_total{method="GET",route="/tiktok/{handle}",status="200"} 1"#;
    assert!(metrics.contains(counted), "{metrics}");
    assert!(metrics.contains("compass_http_request_seconds_bucket"), "{metrics}");
    assert_eq!(operators.get("/tiktok/sample.steady").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn operators_are_answered_with_as_much_care_as_everybody() {
    let data = folder();
    let service = Service::start_with_operators(data.path());
    let ask = |host: &str| {
        let mut socket = TcpStream::connect(service.operators()).expect("it listens");
        socket.set_read_timeout(Some(PROMISED)).expect("sockets have time-outs");
        let head = format!("GET /metrics HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        socket.write_all(head.as_bytes()).expect("the service reads");
        let mut answer = String::new();
        socket.read_to_string(&mut answer).expect("the service answers");
        answer
    };
    let answer = ask("localhost");
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("compass_"), "{answer}");
    for header in ["x-content-type-options: nosniff", "cache-control: no-store", "content-security-policy: default-src"]
    {
        assert!(answer.contains(&format!("\r\n{header}")), "{header} is not in {answer}");
    }
    assert!(ask("evil.example").starts_with("HTTP/1.1 400 "), "another site's name for this machine");
}
