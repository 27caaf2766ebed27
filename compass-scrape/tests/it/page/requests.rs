//! What the source asks, and where it goes.

use compass_core::ports::{NoProgress, ProfileSource as _};
use compass_scrape::{
    NOT_GIVEN,
    page::{BuildError, PageSource},
};

use super::{ada, page_of, request};
use crate::{
    blocked::Blocked,
    parse::fixtures,
    raw_server::{RawServer, Reply},
};

fn moved(to: &str) -> Reply {
    Reply::http("302 Found", &[&format!("Location: {to}"), "Set-Cookie: tracked=1; Path=/"], b"")
}

#[tokio::test]
async fn one_request_says_who_asks_and_brings_no_cookies() {
    let server = RawServer::start(|_| Reply::html(&fixtures::profile())).await;
    ada(&server).await.unwrap();
    let [asked] = &server.asked()[..] else { panic!("{:?}", server.asked()) };
    assert!(asked.starts_with("GET /@ada.l?lang=en HTTP/1.1\r\n"), "{asked}");
    assert!(asked.contains(concat!("user-agent: CreatorCompass/", env!("CARGO_PKG_VERSION"), "\r\n")), "{asked}");
    assert!(!asked.contains("cookie") && !asked.contains("referer"), "{asked}");

    let named = page_of(&server.base_url()).user_agent("my-service/2.0 (ops@example.com)").build().unwrap();
    named.collect(&request("ada.l", 10), &NoProgress).await.unwrap();
    assert!(server.asked()[1].contains("user-agent: my-service/2.0 (ops@example.com)\r\n"));
}

#[tokio::test]
async fn redirect_within_the_site_is_followed_without_its_cookies() {
    let server = RawServer::start(|head| {
        if head.starts_with("GET /moved") { Reply::html(&fixtures::profile()) } else { moved("/moved?lang=en") }
    })
    .await;
    assert_eq!(ada(&server).await.unwrap().handle().as_str(), "ada.l");
    assert_eq!(server.asked().len(), 2);
    assert!(!server.asked()[1].contains("tracked"));
}

#[tokio::test]
async fn page_of_a_host_that_is_blocked_meanwhile_is_not_asked_for() {
    let server = RawServer::start(|_| moved("/moved?lang=en")).await;
    let source = page_of(&server.base_url()).build().unwrap();
    // The first that is asked for is robots.txt.
    for (allowed, pages) in [(0, 0), (1, 0), (1, 1)] {
        let met = source.collect(&request("ada.l", 10), &Blocked::after(allowed)).await.unwrap_err();
        assert_eq!((met.code(), server.asked().len()), ("host_paused", pages));
    }
}

#[tokio::test]
async fn redirects_are_not_followed_for_ever() {
    let server = RawServer::start(|head| moved(if head.starts_with("GET /a ") { "/b" } else { "/a" })).await;
    let met = ada(&server).await.unwrap_err();
    assert_eq!(met.to_string(), "the data has an unknown form: address: the page was moved more than 3 times");
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn redirect_to_another_host_is_reported_and_not_followed() {
    let elsewhere = RawServer::start(|_| Reply::html(&fixtures::profile())).await;
    let target = format!("{}/@ada.l", elsewhere.base_url());
    let server = RawServer::start(move |_| moved(&target)).await;
    let met = ada(&server).await.unwrap_err();
    assert_eq!(met.to_string(), "the data has an unknown form: address: the page led away to http://127.0.0.1");
    assert_eq!(elsewhere.asked(), Vec::<String>::new());

    let nowhere = RawServer::start(|_| Reply::http("302 Found", &[], b"")).await;
    assert_eq!(ada(&nowhere).await.unwrap_err().code(), "layout_changed");
}

#[tokio::test]
async fn redirect_to_a_sign_in_or_an_exit_says_so() {
    for (to, code) in [("/login?redirect_url=%2F", "login_required"), ("/hk/notfound", "region_blocked")] {
        let server = RawServer::start(move |_| moved(to)).await;
        assert_eq!(ada(&server).await.unwrap_err().code(), code);
        assert_eq!(server.asked().len(), 1);
    }
}

#[tokio::test]
async fn missing_posts_are_told_only_where_some_are_missing() {
    let server = RawServer::start(|head| {
        let videos = if head.contains("/@none") { 0 } else { 927 };
        let stats =
            format!(r#""stats": {{"followerCount": 3, "followingCount": 24, "heart": 5, "videoCount": {videos}}}"#);
        let scopes = fixtures::ada(&stats, "").replace("ada.l", if videos == 0 { "none" } else { "ada.l" });
        Reply::html(&fixtures::page(&scopes, ""))
    })
    .await;
    let source = page_of(&server.base_url()).build().unwrap();
    let seen = source.collect(&request("ada.l", 10), &NoProgress).await.unwrap();
    assert_eq!(seen.refused[0].reason, NOT_GIVEN);
    assert_eq!(seen.refused[0].detail, "the header counts 927 posts; a page without a browser holds none of them");
    assert_eq!(source.collect(&request("ada.l", 0), &NoProgress).await.unwrap().refused, []);
    assert_eq!(source.collect(&request("none", 10), &NoProgress).await.unwrap().refused, []);

    // A page of 2023 has some.
    let old = RawServer::start(|_| Reply::html(&fixtures::sigi_profile())).await;
    let source = page_of(&old.base_url()).build().unwrap();
    let seen = source.collect(&request("ada.l", 2), &NoProgress).await.unwrap();
    assert_eq!((seen.videos.len(), seen.refused), (2, vec![]));
}

#[test]
fn settings_that_cannot_be_used_are_refused() {
    for address in [
        "www.tiktok.com",
        "ftp://www.tiktok.com",
        "https://www.tiktok.com/@ada",
        "https://user@www.tiktok.com",
        "https://www.tiktok.com/?a=1",
        "file:///etc/passwd",
        "",
    ] {
        let refused = PageSource::builder().base_url(address).build();
        assert!(matches!(&refused, Err(BuildError::BaseUrl(said)) if said == address), "{refused:?}");
    }
    for name in ["", "two\nlines"] {
        let refused = PageSource::builder().user_agent(name).build();
        assert!(matches!(refused, Err(BuildError::UserAgent(_))), "{refused:?}");
    }
    assert!(PageSource::builder().build().is_ok());
}

#[tokio::test]
async fn handle_is_all_that_is_put_into_the_address() {
    let server = RawServer::start(|_| Reply::http("404 Not Found", &[], b"")).await;
    let met = super::collect(&page_of(&server.base_url()).build().unwrap(), "a..b_1").await.unwrap_err();
    assert_eq!(met.code(), "network", "{met}");
    assert!(server.asked()[0].starts_with("GET /@a..b_1?lang=en "));
}
