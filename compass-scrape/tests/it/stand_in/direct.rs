//! The stand-in site read without a browser.

use std::sync::Arc;

use compass_core::{
    Handle, Snapshot, SourceKind,
    ports::{CollectRequest, NoProgress, ProfileSource as _, SourceError},
    samples::World,
    testing::FixedClock,
};
use compass_scrape::testing::{DirectSource, Trouble};

use crate::truth::{NOON, OUTCOMES, assert_true};

async fn collect(handle: &str, max_videos: u32) -> Result<Snapshot, SourceError> {
    let source = DirectSource::new(World::standard(), Arc::new(FixedClock::new(NOON)));
    let request = CollectRequest { handle: Handle::parse(handle).unwrap(), max_videos, since: None, observed_at: NOON };
    source.collect(&request, &NoProgress).await
}

#[tokio::test]
async fn every_figure_of_every_sample_creator_is_the_true_one() {
    for creator in World::standard().creators() {
        let handle = creator.handle().as_str();
        for most in [0, 1, 36, 1_000] {
            let seen = collect(handle, most).await.unwrap();
            assert_true(&seen, handle, most, SourceKind::Sample);
        }
    }
}

#[tokio::test]
async fn each_trouble_has_the_outcome_that_a_browser_meets() {
    for (trouble, code) in OUTCOMES {
        let outcome = collect(trouble.handle().as_str(), 60).await;
        let met = outcome.as_ref().map_or_else(SourceError::code, |_| "a good page");
        assert_eq!(met, code, "{trouble:?}: {:?}", outcome.err());
    }
    assert_eq!(collect("nobody.at.all", 5).await.unwrap_err().code(), "not_found");
    assert_eq!(collect(Trouble::StalledList.handle().as_str(), 60).await.unwrap().refused[0].reason, "partial_list");
}

/// What a source without a browser says of the troubles that are not the same in a browser, or that nobody asks one about.
const FURTHER: [(Trouble, &str); 27] = [
    (Trouble::Gone, "not_found"),
    (Trouble::TurkishPrivate, "private"),
    (Trouble::AudienceControls, "audience_controlled"),
    (Trouble::GeoBlocked, "region_blocked"),
    (Trouble::CountryExit, "region_blocked"),
    (Trouble::FrenchGridError, "grid_unavailable"),
    (Trouble::NoPosts, "grid_unavailable"),
    (Trouble::Mobile, "shell_page"),
    (Trouble::AppShell, "shell_page"),
    (Trouble::GenericShell, "shell_page"),
    (Trouble::WafPassing, "waf_challenge"),
    (Trouble::LoginThrottled, "login_required"),
    (Trouble::LoginWall, "login_required"),
    (Trouble::LoginStatus, "login_required"),
    (Trouble::NoData, "empty_response"),
    (Trouble::NoUser, "empty_response"),
    (Trouble::CaptchaStatus, "captcha_required"),
    (Trouble::Blocked, "parameter_block"),
    (Trouble::ListBlocked, "parameter_block"),
    (Trouble::ListRateLimited, "rate_limited"),
    (Trouble::RateLimitedForYears, "rate_limited"),
    (Trouble::Forbidden, "forbidden"),
    (Trouble::ServerError, "network"),
    (Trouble::BrokenPage, "network"),
    (Trouble::LocalFile, "network"),
    (Trouble::HugePage, "layout_changed"),
    (Trouble::CountryBan, "region_blocked"),
];

#[tokio::test]
async fn every_further_page_without_content_is_told_apart() {
    for (trouble, code) in FURTHER {
        let outcome = collect(trouble.handle().as_str(), 60).await;
        let met = outcome.as_ref().map_or_else(SourceError::code, |_| "a good page");
        assert_eq!(met, code, "{trouble:?}: {:?}", outcome.err());
    }
}

#[tokio::test]
async fn what_only_lies_over_a_page_does_not_hide_it() {
    for trouble in [
        Trouble::Layout2023,
        Trouble::Layout2025,
        Trouble::French,
        Trouble::Turkish,
        Trouble::PrivateStatus,
        Trouble::ConsentBanner,
        Trouble::LoginModal,
        Trouble::Dialog,
        Trouble::Contacts,
        Trouble::HiddenViews,
        Trouble::EndlessScroll,
    ] {
        let seen = collect(trouble.handle().as_str(), 40).await.unwrap();
        assert_eq!(seen.videos.len(), 40, "{trouble:?}");
        assert_eq!(seen.refused, [], "{trouble:?}");
    }
}

#[tokio::test]
async fn what_is_wrong_in_a_list_is_refused_by_name() {
    for (trouble, posts, reason) in
        [(Trouble::LiveCard, 40, "live_card"), (Trouble::ImpossiblePost, 39, "suspect_value")]
    {
        let seen = collect(trouble.handle().as_str(), 60).await.unwrap();
        assert_eq!(seen.videos.len(), posts, "{trouble:?}");
        assert!(seen.refused.iter().any(|refusal| refusal.reason == reason), "{trouble:?}: {:?}", seen.refused);
    }
    let withheld = collect(Trouble::WithheldFigures.handle().as_str(), 60).await;
    assert_eq!(withheld.unwrap_err().code(), "grid_unavailable");
    // The page's header still shows them, so they are known roughly; the overflowed number is refused.
    let seen = collect(Trouble::OverflowedLikes.handle().as_str(), 1).await.unwrap();
    assert!(seen.profile.counts.likes.unwrap().lo() > u64::from(u32::MAX), "{:?}", seen.profile.counts);
    assert!(seen.refused.iter().any(|refusal| refusal.reason == "suspect_value"), "{:?}", seen.refused);
}

#[tokio::test]
async fn vanished_account_shows_zeros_and_no_posts() {
    let seen = collect(Trouble::Zeros.handle().as_str(), 60).await.unwrap();
    assert_eq!(seen.profile.counts.followers.map(|count| count.hi()), Some(0));
    assert_eq!(seen.profile.counts.videos.map(|count| count.hi()), Some(0));
    assert_eq!(seen.videos, []);
}
