//! What the browser says of pages that are not good.

use std::time::{Duration, Instant};

use compass_core::{
    Block, Snapshot,
    ports::{RetryAdvice, SourceError},
};
use compass_scrape::{
    testing::{Host, Trouble},
    webdriver::WebDriverSource,
};

use super::{Traces, browser_at, browser_on, child::SecondRun, collect, stand_in, usage};

/// One browser after another trouble: each outcome is told, and the browser is as good as before.
async fn patient_source(site: &compass_scrape::testing::StandIn) -> WebDriverSource {
    browser_on(site).patience(Duration::from_millis(600)).page_load(Duration::from_secs(3)).build().unwrap()
}

async fn outcome(source: &WebDriverSource, trouble: Trouble) -> Result<Snapshot, SourceError> {
    collect(source, trouble.handle().as_str(), 60).await
}

/// What each page is that is no good one. Those that cost the browser stand apart.
const PAGES: [(Trouble, &str); 46] = [
    (Trouble::NotFound, "not_found"),
    (Trouble::Gone, "not_found"),
    (Trouble::Private, "private"),
    (Trouble::TurkishPrivate, "private"),
    (Trouble::AudienceControls, "audience_controlled"),
    (Trouble::GeoBlocked, "region_blocked"),
    (Trouble::UnknownLayout, "layout_changed"),
    (Trouble::DowngradeShell, "shell_page"),
    (Trouble::AppShell, "shell_page"),
    (Trouble::GenericShell, "shell_page"),
    (Trouble::Waf, "waf_challenge"),
    (Trouble::EmptyPage, "empty_response"),
    (Trouble::Login, "login_required"),
    (Trouble::LoginThrottled, "login_required"),
    (Trouble::LoginWall, "login_required"),
    (Trouble::LoginStatus, "login_required"),
    (Trouble::CountryExit, "region_blocked"),
    (Trouble::CountryBan, "region_blocked"),
    (Trouble::NoData, "empty_response"),
    (Trouble::NoUser, "empty_response"),
    (Trouble::CaptchaStatus, "captcha_required"),
    (Trouble::Captcha, "captcha_required"),
    (Trouble::Blocked, "parameter_block"),
    (Trouble::Forbidden, "forbidden"),
    (Trouble::Missing, "network"),
    (Trouble::ServerError, "network"),
    (Trouble::Unavailable, "network"),
    (Trouble::RateLimited, "rate_limited"),
    (Trouble::RateLimitedSilently, "rate_limited"),
    (Trouble::SlowPage, "network"),
    (Trouble::StalledPage, "network"),
    (Trouble::BrokenPage, "network"),
    (Trouble::Elsewhere, "network"),
    (Trouble::ElsewhereByScript, "network"),
    (Trouble::LinkLocal, "network"),
    (Trouble::LocalFile, "network"),
    (Trouble::RedirectsForever, "network"),
    (Trouble::Attachment, "network"),
    (Trouble::GridError, "grid_unavailable"),
    (Trouble::FrenchGridError, "grid_unavailable"),
    (Trouble::NoPosts, "grid_unavailable"),
    (Trouble::EmptyList, "grid_unavailable"),
    (Trouble::ListRateLimited, "rate_limited"),
    (Trouble::ListForbidden, "forbidden"),
    (Trouble::ListBlocked, "parameter_block"),
    (Trouble::EndlessList, "pagination_loop"),
];

#[tokio::test]
async fn each_page_that_is_no_good_one_has_its_own_outcome() {
    let site = stand_in().await;
    let source = patient_source(&site).await;
    let mut wrong = Vec::new();
    for (trouble, code) in PAGES {
        let outcome = outcome(&source, trouble).await;
        let met = outcome.as_ref().map_or_else(SourceError::code, |_| "a good page");
        if met != code {
            wrong.push(format!("{trouble:?} should be {code}, is {met}: {outcome:.300?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let browser = source.driver_processes();
    collect(&source, "sample.fresh", 5).await.unwrap();
    assert_eq!(source.driver_processes(), browser, "none of them costs the browser");
    assert_eq!(site.requests_to(Host::Elsewhere), []);
}

#[tokio::test]
async fn page_that_does_not_let_itself_be_read_ends_in_time_and_the_next_is_read() {
    let site = stand_in().await;
    let source =
        browser_on(&site).page_load(Duration::from_secs(2)).collection(Duration::from_secs(20)).build().unwrap();
    for trouble in [Trouble::EndlessDialogs, Trouble::Busy, Trouble::ReloadsForever] {
        let start = Instant::now();
        let outcome = outcome(&source, trouble).await;
        let fault = outcome.as_ref().map_or_else(SourceError::code, |_| "a good page");
        assert!(["driver", "network", "a good page"].contains(&fault), "{trouble:?}: {outcome:?}");
        assert!(start.elapsed() < Duration::from_secs(60), "{trouble:?}: {:?}", start.elapsed());
        collect(&source, "sample.fresh", 5).await.unwrap_or_else(|error| panic!("after {trouble:?}: {error}"));
    }
}

#[tokio::test]
async fn grid_that_fails_is_asked_once_more_and_not_oftener() {
    let site = stand_in().await;
    let source = browser_on(&site).build().unwrap();
    let lists = || site.requests().iter().filter(|request| request.path == "/api/post/item_list/").count();
    assert!(outcome(&source, Trouble::GridError).await.is_err());
    assert_eq!(lists(), 2);
    site.forget_requests();
    assert_eq!(outcome(&source, Trouble::GridErrorOnce).await.unwrap().videos.len(), 40);
    assert_eq!(lists(), 3, "the failed one, and the two parts");
}

#[tokio::test]
async fn list_that_stops_half_way_gives_what_came_and_says_so() {
    let site = stand_in().await;
    let source = patient_source(&site).await;
    let seen = outcome(&source, Trouble::StalledList).await.unwrap();
    assert_eq!(seen.videos.len(), 35);
    let reasons: Vec<_> = seen.refused.iter().map(|refusal| refusal.reason.as_str()).collect();
    assert_eq!(reasons, ["partial_list"]);
}

#[tokio::test]
async fn block_in_the_middle_of_a_list_is_told_and_nothing_further_is_asked_for() {
    let site = stand_in().await;
    let source = browser_on(&site).open_listed_posts(true).build().unwrap();
    let seen = outcome(&source, Trouble::LimitedList).await.unwrap();
    let reasons: Vec<_> = seen.refused.iter().map(|refusal| refusal.reason.as_str()).collect();
    assert_eq!((seen.videos.len(), reasons), (35, vec!["partial_list", "rate_limited"]));
    assert!(seen.refused[0].detail.contains("limits the rate"), "{:?}", seen.refused[0]);
    let hour = Duration::from_secs(3_600);
    assert_eq!(seen.block, Block::of(&SourceError::RateLimited { retry_after: Some(hour) }), "as long as it asked for");
    let requests = site.requests();
    let last = requests.iter().rposition(|request| request.path == "/api/post/item_list/").expect("it was asked for");
    assert!(requests[last..].iter().all(|request| !request.path.contains("/video/")), "a post was opened after it");
}

#[tokio::test]
async fn list_that_dries_up_is_a_block_and_no_post_is_opened_after_it() {
    let site = stand_in().await;
    let source = browser_on(&site).open_listed_posts(true).patience(Duration::from_millis(600)).build().unwrap();
    let seen = outcome(&source, Trouble::DriedUpList).await.unwrap();
    let reasons: Vec<_> = seen.refused.iter().map(|refusal| refusal.reason.as_str()).collect();
    assert_eq!((seen.videos.len(), reasons), (35, vec!["partial_list", "empty_response"]));
    assert_eq!(seen.block, Block::of(&SourceError::EmptyResponse));
    assert!(site.requests().iter().all(|request| !request.path.contains("/video/")), "a post was opened");
}

#[tokio::test]
async fn list_without_end_is_read_as_far_as_it_is_wanted() {
    let site = stand_in().await;
    let source = patient_source(&site).await;
    let seen = outcome(&source, Trouble::EndlessScroll).await.unwrap();
    assert_eq!((seen.videos.len(), seen.refused), (60, Vec::new()));
    let lists = site.requests().iter().filter(|request| request.path == "/api/post/item_list/").count();
    assert!(lists <= 3, "{lists} lists of 35 posts");
}

#[tokio::test]
async fn unknown_handle_is_not_found_and_named() {
    let site = stand_in().await;
    let source = patient_source(&site).await;
    match collect(&source, "nobody.at.all", 5).await {
        Err(SourceError::NotFound(handle)) => assert_eq!(handle.as_str(), "nobody.at.all"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn withheld_grid_keeps_the_header() {
    let site = stand_in().await;
    let source = patient_source(&site).await;
    match outcome(&source, Trouble::GridError).await {
        Err(SourceError::GridUnavailable { expected: 40, got: 0, header: Some(header) }) => {
            assert_eq!(header.profile.handle, Trouble::GridError.handle());
            assert!(header.counts.followers.is_some_and(|count| count.is_exact()));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn data_in_an_unknown_form_is_named_by_its_path() {
    let site = stand_in().await;
    let source = patient_source(&site).await;
    match outcome(&source, Trouble::UnknownLayout).await {
        Err(SourceError::LayoutChanged { path, .. }) => assert_eq!(path, "webapp.user-detail.userInfo"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn refusal_of_the_page_and_of_the_list_name_the_status() {
    let site = stand_in().await;
    let source = patient_source(&site).await;
    for trouble in [Trouble::Forbidden, Trouble::ListForbidden] {
        let outcome = outcome(&source, trouble).await;
        assert!(matches!(outcome, Err(SourceError::Forbidden { status: 403 })), "{trouble:?}: {outcome:?}");
    }
    let missing = outcome(&source, Trouble::Missing).await.unwrap_err();
    assert!(missing.to_string().ends_with("HTTP status 404"), "{missing}");
}

#[tokio::test]
async fn site_that_fails_for_a_while_is_read_as_soon_as_it_does_not() {
    let site = stand_in().await;
    let source = patient_source(&site).await;
    for _ in 0..2 {
        let failed = outcome(&source, Trouble::FailsTwice).await.unwrap_err();
        assert_eq!((failed.code(), failed.retry()), ("network", RetryAdvice::Soon));
    }
    assert_eq!(outcome(&source, Trouble::FailsTwice).await.unwrap().videos.len(), 40);
}

#[tokio::test]
async fn rate_limit_says_how_long_to_wait() {
    let site = stand_in().await;
    let source = patient_source(&site).await;
    match outcome(&source, Trouble::RateLimited).await {
        Err(SourceError::RateLimited { retry_after: Some(wait) }) => assert_eq!(wait.as_secs(), 120),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn page_that_never_comes_is_a_network_fault_and_the_browser_goes_on() {
    let site = stand_in().await;
    let source = patient_source(&site).await;
    let error = outcome(&source, Trouble::SlowPage).await.unwrap_err();
    assert_eq!(error.code(), "network", "{error}");
    let traces = Traces::of(&source);
    collect(&source, "sample.fresh", 5).await.unwrap();
    assert_eq!(source.driver_processes(), [traces.group], "the same browser");
}

#[tokio::test]
async fn date_to_wait_for_is_a_time_to_wait_and_nonsense_is_none() {
    let site = stand_in().await;
    let source = patient_source(&site).await;
    for (trouble, seconds) in [
        (Trouble::RateLimitedUntil, Some(300)),
        (Trouble::RateLimitedForYears, Some(86_400)),
        (Trouble::RateLimitedSomehow, None),
    ] {
        match outcome(&source, trouble).await {
            Err(error @ SourceError::RateLimited { retry_after }) => {
                assert_eq!(retry_after.map(|wait| wait.as_secs()), seconds, "{trouble:?}");
                let RetryAdvice::After(wait) = error.retry() else { panic!("{:?}", error.retry()) };
                assert!(wait <= Duration::from_secs(86_400), "nobody waits for years: {wait:?}");
            }
            other => panic!("{trouble:?}: {other:?}"),
        }
    }
}

const SITE: &str = "COMPASS_TEST_READS_LARGE_PAGES";

/// A process of its own, since memory is measured: the site would count, and so would other tests.
#[tokio::test]
async fn page_of_a_hundred_megabytes_or_a_million_elements_costs_no_memory() {
    if let Ok(site) = std::env::var(SITE) {
        let source = browser_at(&site).page_load(Duration::from_secs(60)).build().unwrap();
        collect(&source, "sample.steady", 60).await.unwrap();
        let before = usage::status("VmHWM:");
        for (trouble, says) in
            [(Trouble::HugePage, "the page has 1000"), (Trouble::ManyNodes, "200000 elements are read")]
        {
            match outcome(&source, trouble).await {
                Err(SourceError::LayoutChanged { detail, .. }) => assert!(detail.contains(says), "{detail}"),
                // A busy machine may not lay a million elements out in time.
                Err(SourceError::Network { .. }) if trouble == Trouble::ManyNodes => {}
                other => panic!("{other:?}"),
            }
        }
        println!("\ngrown {}", usage::status("VmHWM:") - before);
        return;
    }
    let site = stand_in().await;
    let test = "webdriver::troubles::page_of_a_hundred_megabytes_or_a_million_elements_costs_no_memory";
    let mut run = SecondRun::of(test, &[(SITE, site.base_url())]);
    // The second run blocks a thread, and the site needs one.
    let grown = tokio::task::spawn_blocking(move || run.says("grown ")).await.unwrap();
    assert!(grown.parse::<u64>().unwrap() < 4_096, "{grown} kB");
}
