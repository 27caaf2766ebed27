//! What the source makes of answers that are no page.

use std::{
    io::Write as _,
    time::{Duration, Instant},
};

use compass_core::ports::{RetryAdvice, SourceError};
use flate2::{Compression, write::GzEncoder};

use super::{ada, collect, page_of};
use crate::{
    parse::fixtures,
    raw_server::{RawServer, Reply, head},
};

const HTML: &str = "Content-Type: text/html; charset=utf-8";

/// The outcome of an answer with this status, these headers and this body.
async fn outcome(status: &'static str, headers: &'static [&'static str], body: &'static str) -> SourceError {
    let server = RawServer::start(move |_| Reply::http(status, headers, body.as_bytes())).await;
    ada(&server).await.unwrap_err()
}

#[tokio::test]
async fn each_status_is_an_outcome_of_its_own() {
    for (status, code) in [
        ("204 No Content", "empty_response"),
        ("304 Not Modified", "layout_changed"),
        ("400 Bad Request", "layout_changed"),
        ("401 Unauthorized", "login_required"),
        ("403 Forbidden", "forbidden"),
        ("404 Not Found", "network"),
        ("410 Gone", "network"),
        ("429 Too Many Requests", "rate_limited"),
        ("451 Unavailable For Legal Reasons", "region_blocked"),
        ("500 Internal Server Error", "network"),
        ("502 Bad Gateway", "network"),
        ("503 Service Unavailable", "network"),
    ] {
        let met = outcome(status, &[HTML], "").await;
        assert_eq!(met.code(), code, "{status}: {met}");
    }
    let met = outcome("503 Service Unavailable", &["Retry-After: 7"], "").await;
    assert_eq!(met.retry(), RetryAdvice::After(Duration::from_secs(7)), "{met}");
    let captcha = r#"<html><body><div id="captcha_container"></div></body></html>"#;
    assert_eq!(outcome("403 Forbidden", &[HTML], captcha).await.code(), "captcha_required");
    let no_such_account = r#"<script id="__UNIVERSAL_DATA_FOR_REHYDRATION__">
        {"__DEFAULT_SCOPE__": {"webapp.user-detail": {"userInfo": {}, "statusCode": 10221}}}</script>"#;
    assert_eq!(outcome("404 Not Found", &[HTML], no_such_account).await.code(), "not_found");
}

#[tokio::test]
async fn wait_that_the_site_asks_for_is_obeyed_with_a_cap() {
    const DATE: &str = "Date: Fri, 01 May 2026 09:00:00 GMT";
    for (headers, seconds) in [
        (&["Retry-After: 120"][..], Some(120)),
        (&[DATE, "Retry-After: Fri, 01 May 2026 09:30:00 GMT"], Some(1_800)),
        (&["Retry-After: 315360000"], Some(86_400)),
        (&[DATE, "Retry-After: Thu, 01 May 2036 09:00:00 GMT"], Some(86_400)),
        (&["Retry-After: when it suits you"], None),
        (&[], None),
    ] {
        let met = outcome("429 Too Many Requests", headers, "").await;
        let SourceError::RateLimited { retry_after } = met else { panic!("{met}") };
        assert_eq!(retry_after, seconds.map(Duration::from_secs), "{headers:?}");
    }
}

#[tokio::test]
async fn answer_that_is_no_page_says_what_it_is() {
    assert_eq!(outcome("200 OK", &[HTML], "").await.code(), "empty_response");
    assert_eq!(outcome("200 OK", &[HTML], " \r\n ").await.code(), "empty_response");
    let met = outcome("200 OK", &["Content-Type: image/png"], "\u{89}PNG").await;
    assert_eq!(
        met.to_string(),
        "the data has an unknown form: content-type: expected text/html, the answer is \"image/png\""
    );
    assert_eq!(outcome("200 OK", &["Content-Type: application/json"], "{}").await.code(), "layout_changed");
    assert_eq!(outcome("200 OK", &[HTML], "<html><p>Hello").await.code(), "layout_changed");

    let unnamed = RawServer::start(|_| Reply::http("200 OK", &[], fixtures::profile().as_bytes())).await;
    assert_eq!(ada(&unnamed).await.unwrap().handle().as_str(), "ada.l");
}

#[tokio::test]
async fn page_without_end_costs_no_more_than_the_limit() {
    let server = RawServer::start(|_| Reply::Endless(head("200 OK", &[HTML]))).await;
    let met = collect(&page_of(&server.base_url()).max_bytes(1_000_000).build().unwrap(), "ada.l").await.unwrap_err();
    assert_eq!(
        met.to_string(),
        "the data has an unknown form: document: at most 1000000 bytes are read, the answer has more"
    );

    let announced = RawServer::start(|_| Reply::Hang(head("200 OK", &[HTML, "Content-Length: 100000000"]))).await;
    assert_eq!(ada(&announced).await.unwrap_err().code(), "layout_changed");
}

#[tokio::test]
async fn compressed_page_is_read_and_a_bomb_is_not() {
    let packed = gzip(fixtures::profile().as_bytes());
    let server = RawServer::start(move |_| Reply::http("200 OK", &[HTML, "Content-Encoding: gzip"], &packed)).await;
    assert_eq!(ada(&server).await.unwrap().handle().as_str(), "ada.l");
    assert!(server.asked()[0].contains("accept-encoding: gzip"), "{}", server.asked()[0]);

    let bomb = gzip(&vec![b' '; 10_000_000]);
    assert!(bomb.len() < 20_000);
    let server = RawServer::start(move |_| Reply::http("200 OK", &[HTML, "Content-Encoding: gzip"], &bomb)).await;
    let source = page_of(&server.base_url()).max_bytes(1_000_000).build().unwrap();
    assert_eq!(collect(&source, "ada.l").await.unwrap_err().code(), "layout_changed");

    let server = RawServer::start(|_| Reply::http("200 OK", &[HTML, "Content-Encoding: gzip"], b"no gzip")).await;
    assert_eq!(ada(&server).await.unwrap_err().code(), "network");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

#[tokio::test]
async fn page_that_does_not_come_or_breaks_off_is_a_network_fault() {
    let half = |headers: &[&str]| {
        let mut bytes = head("200 OK", headers);
        bytes.extend_from_slice(b"<html>");
        bytes
    };
    let silent = RawServer::start(|_| Reply::Hang(Vec::new())).await;
    let stuck = RawServer::start(move |_| Reply::Hang(half(&[HTML]))).await;
    for server in [&silent, &stuck] {
        let limit = Duration::from_millis(300);
        let source = page_of(&server.base_url()).answer_timeout(limit).build().unwrap();
        let begun = Instant::now();
        let met = collect(&source, "ada.l").await.unwrap_err();
        assert_eq!(met.to_string(), "the site could not be reached: it did not answer in time");
        assert!(begun.elapsed() >= limit, "{:?}", begun.elapsed());
    }

    let cut = RawServer::start(move |_| Reply::Bytes(half(&[HTML, "Content-Length: 5000"]))).await;
    let met = ada(&cut).await.unwrap_err().to_string();
    assert!(met.starts_with("the site could not be reached: the answer broke off or is damaged: "), "{met}");
    let mute = RawServer::start(|_| Reply::Bytes(Vec::new())).await;
    assert_eq!(ada(&mute).await.unwrap_err().code(), "network");
    let babble = RawServer::start(|_| Reply::Bytes(b"220 mail.example ESMTP\r\n".to_vec())).await;
    assert_eq!(ada(&babble).await.unwrap_err().code(), "network");

    let gone = RawServer::start(|_| Reply::Bytes(Vec::new())).await;
    let address = gone.base_url();
    drop(gone);
    let met = collect(&page_of(&address).build().unwrap(), "ada.l").await.unwrap_err();
    assert_eq!((met.code(), met.retry()), ("network", RetryAdvice::Soon), "{met}");
}

#[tokio::test]
async fn site_that_does_not_speak_tls_is_not_read_in_the_clear() {
    let server = RawServer::start(|_| Reply::html(&fixtures::profile())).await;
    let source = page_of(&format!("https://{}", server.address())).build().unwrap();
    let met = collect(&source, "ada.l").await.unwrap_err();
    assert!(
        met.to_string().starts_with("the site could not be reached: robots.txt cannot be read: no secure connection: "),
        "{met}"
    );
    assert!(server.asked().iter().all(|head| !head.contains("GET ")));
}
