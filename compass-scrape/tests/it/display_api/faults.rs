//! What goes wrong at TikTok's side, each with the outcome that says what to do.

use std::time::Duration;

use compass_core::{
    Block,
    ports::{CollectRequest, ProfileSource as _, RetryAdvice, SourceError},
};
use compass_scrape::{NOT_GIVEN, testing::display_api::ApiFault};

use super::{STEADY, Setup, collect, handle, reasons, truth};
use crate::{blocked::Blocked, truth::NOON};

async fn met(fault: ApiFault) -> SourceError {
    let setup = Setup::connected().await;
    setup.api.fault(Some(fault));
    let source = setup.builder().answer_timeout(Duration::from_secs(2)).max_bytes(500_000).build().unwrap();
    collect(&source, STEADY, 60).await.unwrap_err()
}

#[tokio::test]
async fn each_error_of_the_api_is_an_outcome_of_its_own() {
    for (code, status, expected) in [
        ("access_token_invalid", 401, "access_revoked"),
        ("scope_not_authorized", 401, "scope_missing"),
        ("scope_permission_missed", 400, "scope_missing"),
        ("invalid_params", 400, "layout_changed"),
        ("rate_limit_exceeded", 429, "rate_limited"),
        ("internal_error", 500, "network"),
        ("a_new_code", 400, "layout_changed"),
        ("a_new_code", 500, "network"),
        ("a_new_code", 429, "rate_limited"),
    ] {
        let setup = Setup::connected().await;
        setup.api.fault(Some(ApiFault::Code(code, status)));
        let met = setup.collect(STEADY, 60).await.unwrap_err();
        assert_eq!(met.code(), expected, "{code} {status}: {met}");
    }
    let missing = met(ApiFault::Code("scope_not_authorized", 401)).await.to_string();
    assert!(missing.starts_with("user.info.basic, user.info.profile, user.info.stats is not allowed"), "{missing}");
    let limited = met(ApiFault::Code("rate_limit_exceeded", 429)).await;
    assert_eq!(limited.retry(), RetryAdvice::After(Duration::from_secs(60)));
    let unknown = met(ApiFault::Code("a_new_code", 400)).await.to_string();
    assert!(
        unknown.contains("/v2/user/info/: \"a_new_code\" is not known: It did not work with [secret]"),
        "{unknown}"
    );
}

#[tokio::test]
async fn each_broken_answer_is_an_outcome_of_its_own() {
    for (fault, expected) in [
        (ApiFault::Broken, "network"),
        (ApiFault::Gateway, "network"),
        (ApiFault::Html, "layout_changed"),
        (ApiFault::Empty, "empty_response"),
        (ApiFault::Hang, "network"),
        (ApiFault::CutBody, "network"),
        (ApiFault::HugeBody, "layout_changed"),
        (ApiFault::Moved, "layout_changed"),
    ] {
        let met = met(fault).await;
        assert_eq!(met.code(), expected, "{fault:?}: {met}");
    }
    let huge = met(ApiFault::HugeBody).await.to_string();
    assert!(huge.contains("at most 500000 bytes are read"), "{huge}");
    let slow = met(ApiFault::Hang).await.to_string();
    assert_eq!(slow, "the site could not be reached: it did not answer in time");
}

#[tokio::test]
async fn requests_beyond_the_limit_are_told_to_wait() {
    let setup = Setup::connected().await;
    setup.api.change(|world| world.requests_a_minute = 2);
    setup.collect(STEADY, 1).await.unwrap();
    setup.collect(STEADY, 1).await.unwrap();
    let met = setup.collect(STEADY, 1).await.unwrap_err();
    assert_eq!(met.retry(), RetryAdvice::After(Duration::from_secs(60)), "{met}");
    setup.clock.advance(Duration::from_secs(61));
    setup.collect(STEADY, 1).await.unwrap();
}

#[tokio::test]
async fn limit_that_a_later_page_meets_is_a_block_of_the_look_that_is_kept() {
    let setup = Setup::connected().await;
    setup.api.change(|world| world.requests_a_minute = 2);
    let seen = setup.collect(STEADY, 60).await.unwrap();
    // Each endpoint has its own two.
    assert_eq!((seen.videos.len(), reasons(&seen)), (40, vec!["rate_limited", "partial_list"]));
    let minute = Some(Duration::from_secs(60));
    assert_eq!(seen.block, Block::of(&SourceError::RateLimited { retry_after: minute }));
}

#[tokio::test]
async fn pages_that_go_round_in_circles_are_noticed() {
    for (fault, got) in [(ApiFault::SamePage, 20), (ApiFault::SameCursor, 40)] {
        let setup = Setup::connected().await;
        setup.api.fault(Some(fault));
        let met = setup.collect(STEADY, 1_000).await.unwrap_err();
        assert!(matches!(met, SourceError::PaginationLoop { got: posts } if posts == got), "{fault:?}: {met}");
        assert!(setup.asked("/v2/video/list/") <= 3);
    }
}

#[tokio::test]
async fn empty_pages_without_end_are_the_end() {
    let setup = Setup::connected().await;
    setup.api.fault(Some(ApiFault::EmptyPages));
    let seen = setup.collect(STEADY, 60).await.unwrap();
    assert_eq!((seen.videos.len(), reasons(&seen)), (0, vec!["partial_list"]));
    assert_eq!(seen.refused[0].detail, "0 of 60 posts were listed: 5 pages in a row were empty");
    assert_eq!(setup.asked("/v2/video/list/"), 5);
}

#[tokio::test]
async fn list_that_breaks_down_keeps_what_was_read_and_says_so() {
    let setup = Setup::connected().await;
    setup.api.fault(Some(ApiFault::SecondPage));
    let seen = setup.collect(STEADY, 60).await.unwrap();
    assert_eq!(seen.videos, truth(STEADY).videos[..20]);
    assert_eq!(reasons(&seen), ["partial_list"]);
    let said = &seen.refused[0].detail;
    assert!(said.starts_with("20 of 60 posts were listed: the site could not be reached: internal_error"), "{said}");
    assert!(!reasons(&seen).contains(&NOT_GIVEN));
}

#[tokio::test]
async fn api_that_is_blocked_meanwhile_is_not_asked_any_more_and_what_was_read_is_kept() {
    let setup = Setup::connected().await;
    let request = CollectRequest { handle: handle(STEADY), max_videos: 60, since: None, observed_at: NOON };
    let source = setup.source();
    let asked = || setup.asked("/v2/user/info/") + setup.asked("/v2/video/list/");
    let before = asked();
    assert_eq!(source.collect(&request, &Blocked::after(0)).await.unwrap_err().code(), "host_paused");
    assert_eq!(asked(), before);
    let seen = source.collect(&request, &Blocked::after(2)).await.unwrap();
    assert_eq!((seen.videos.len(), reasons(&seen), asked() - before), (20, vec!["partial_list"], 2));
    assert!(seen.refused[0].detail.contains("is left alone until"), "{:?}", seen.refused[0]);
}

#[tokio::test]
async fn token_endpoint_that_is_broken_spends_nothing() {
    let setup = Setup::connected().await;
    setup.clock.advance(Duration::from_secs(86_400));
    for (fault, expected) in [
        (ApiFault::Broken, "network"),
        (ApiFault::Html, "layout_changed"),
        (ApiFault::Empty, "empty_response"),
        (ApiFault::Code("server_error", 500), "network"),
        (ApiFault::Code("rate_limit_exceeded", 429), "rate_limited"),
        (ApiFault::Code("invalid_client", 401), "application_refused"),
        (ApiFault::Code("a_new_code", 400), "layout_changed"),
    ] {
        setup.api.fault(Some(fault));
        let met = setup.collect(STEADY, 5).await.unwrap_err();
        assert_eq!(met.code(), expected, "{fault:?}: {met}");
    }
    setup.api.fault(None);
    assert!(setup.collect(STEADY, 5).await.is_ok());
}
