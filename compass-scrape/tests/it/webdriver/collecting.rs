//! What the browser reads of good pages.

use std::{sync::Mutex, time::Duration};

use async_trait::async_trait;
use compass_core::{
    Count, Handle, Progress, SourceKind,
    ports::{CollectRequest, NoProgress, ProfileSource as _, ProgressSink},
    samples::World,
};
use compass_scrape::testing::{Change, Host, Trouble};

use super::{browser_on, collect, request, stand_in};
use crate::{
    blocked::Blocked,
    truth::{NOON, assert_rounded, assert_true},
};

#[tokio::test]
async fn every_figure_of_every_sample_creator_is_the_true_one() {
    let site = stand_in().await;
    let source = browser_on(&site).build().unwrap();
    for creator in World::standard().creators() {
        let handle = creator.handle().as_str();
        let seen = collect(&source, handle, 80).await.unwrap();
        assert_true(&seen, handle, 80, SourceKind::WebDriver);
    }
}

#[tokio::test]
async fn no_more_posts_are_given_than_were_asked_for() {
    let site = stand_in().await;
    let source = browser_on(&site).build().unwrap();
    for most in [0, 1, 36] {
        let seen = collect(&source, "sample.rising", most).await.unwrap();
        assert_true(&seen, "sample.rising", most, SourceKind::WebDriver);
    }
}

#[tokio::test]
async fn without_the_network_log_the_grid_gives_views_and_the_newest_pages_the_rest() {
    let site = stand_in().await;
    let source = browser_on(&site).network_log(false).video_pages(3).build().unwrap();
    let seen = collect(&source, "sample.steady", 40).await.unwrap();

    let truth = World::standard().creators()[0].snapshot(seen.profile.observed_at, 40, SourceKind::WebDriver);
    assert_eq!(seen.profile, truth.profile);
    let ids = |videos: &[compass_core::VideoObservation]| videos.iter().map(|post| post.video.id).collect::<Vec<_>>();
    assert_eq!(ids(&seen.videos), ids(&truth.videos));
    for (place, (seen, truth)) in seen.videos.iter().zip(&truth.videos).enumerate() {
        assert_eq!(seen.pinned, truth.pinned);
        assert_eq!(seen.video.kind, truth.video.kind);
        assert_rounded(seen.counts.views, truth.counts.views);
        if place < 3 {
            assert_eq!(seen.video, truth.video);
            assert_rounded(seen.counts.likes, truth.counts.likes);
            assert_rounded(seen.counts.comments, truth.counts.comments);
            assert_rounded(seen.counts.shares, truth.counts.shares);
        } else {
            assert_eq!(seen.counts.likes, None);
        }
    }
}

#[tokio::test]
async fn texts_that_try_to_be_markup_stay_texts() {
    let site = stand_in().await;
    let source = browser_on(&site).build().unwrap();
    let seen = collect(&source, Trouble::HostileText.handle().as_str(), 40).await.unwrap();
    assert_eq!(seen.profile.profile.nickname.as_str(), "<b>\"Bold\" & 'bolder'</b>");
    assert!(seen.profile.profile.bio.as_str().starts_with("</script><script>document.title"));
    assert_eq!(seen.videos.len(), 40);
    assert!(seen.videos.iter().all(|post| post.video.caption.as_str().starts_with("<img src=x onerror=alert(1)>")));
    assert_eq!(seen.disagreements, Vec::<String>::new());
}

#[tokio::test]
async fn progress_is_told_step_by_step() {
    #[derive(Default)]
    struct Told(Mutex<Vec<Progress>>);

    #[async_trait]
    impl ProgressSink for Told {
        async fn report(&self, progress: Progress) {
            self.0.lock().unwrap().push(progress);
        }
    }

    let site = stand_in().await;
    let source = browser_on(&site).build().unwrap();
    let told = Told::default();
    let seen = source.collect(&request("sample.rising", 80), &told).await.unwrap();

    let told = told.0.into_inner().unwrap();
    let stated = seen.profile.counts.videos.map(|count| count.lo());
    assert_eq!(
        told[..2],
        [Progress::Opening { source: SourceKind::WebDriver }, Progress::ProfileRead { videos: stated }]
    );
    let read: Vec<u64> = told[2..]
        .iter()
        .map(|progress| match progress {
            Progress::VideosRead { got, wanted: 80 } => *got,
            other => panic!("unexpected {other:?}"),
        })
        .collect();
    assert!(read.is_sorted() && read.len() > 1, "{read:?}");
    assert_eq!(read.last(), Some(&80));
}

#[tokio::test]
async fn no_page_is_opened_once_the_host_is_to_be_left_alone_and_what_was_read_is_kept() {
    let site = stand_in().await;
    let source = browser_on(&site).open_listed_posts(true).build().unwrap();
    let opened = || site.requests().iter().filter(|request| request.path.starts_with("/@")).count();
    let look = async |after| source.collect(&request("sample.steady", 10), &Blocked::after(after)).await;
    assert_eq!(look(0).await.unwrap_err().code(), "host_paused");
    assert_eq!(opened(), 0);
    // robots.txt, the profile and one post.
    let seen = look(3).await.unwrap();
    let reasons: Vec<_> = seen.refused.iter().map(|refusal| refusal.reason.as_str()).collect();
    assert_eq!((seen.videos.len(), reasons, opened()), (10, vec!["host_paused"], 2));
    assert_eq!(seen.block, None, "this visit has met none");
}

/// What a trouble is like in truth.
fn truth_of(trouble: Trouble, source: SourceKind) -> compass_core::Snapshot {
    let mut truth = trouble.account(&World::standard().creators()[0]).truth(NOON);
    truth.profile.source = source;
    truth
}

#[tokio::test]
async fn good_pages_of_every_layout_language_and_mood_give_all_posts() {
    let site = stand_in().await;
    let source = browser_on(&site).build().unwrap();
    for trouble in [
        Trouble::Layout2023,
        Trouble::Layout2025,
        Trouble::French,
        Trouble::Turkish,
        Trouble::PrivateStatus,
        Trouble::WafPassing,
        Trouble::LoginModal,
        Trouble::ConsentBanner,
        Trouble::GridErrorOnce,
        Trouble::LateList,
        Trouble::GapInList,
        Trouble::LiveCard,
        Trouble::HiddenViews,
        Trouble::BeforeUnload,
        Trouble::LatePage,
        Trouble::Dialog,
        Trouble::PopUps,
        Trouble::Downloads,
        Trouble::Prompts,
        Trouble::ServiceWorker,
        Trouble::Contacts,
        Trouble::LocalFileByScript,
    ] {
        let seen = collect(&source, trouble.handle().as_str(), 40).await;
        let seen = seen.unwrap_or_else(|error| panic!("{trouble:?}: {error}"));
        let truth = truth_of(trouble, SourceKind::WebDriver);
        assert_eq!(seen.profile.profile.handle, truth.profile.profile.handle);
        let ids = |look: &compass_core::Snapshot| look.videos.iter().map(|post| post.video.id).collect::<Vec<_>>();
        assert_eq!(ids(&seen), ids(&truth), "{trouble:?}");
        for (seen, truth) in seen.videos.iter().zip(&truth.videos) {
            assert_rounded(seen.counts.views, truth.counts.views);
            assert_rounded(seen.counts.likes, truth.counts.likes);
        }
        assert_eq!(seen.disagreements, Vec::<String>::new(), "{trouble:?}");
        let refused: Vec<_> = seen.refused.iter().map(|refusal| refusal.reason.as_str()).collect();
        let expected: &[&str] = if trouble == Trouble::LiveCard { &["live_card"] } else { &[] };
        assert_eq!(refused, expected, "{trouble:?}: {:?}", seen.refused);
    }
    assert_eq!(site.requests_to(Host::Elsewhere), []);
}

#[tokio::test]
async fn figures_that_have_fallen_are_read_as_they_are_now() {
    let site = stand_in().await;
    let source = browser_on(&site).build().unwrap();
    let handle = Handle::parse("sample.fresh").unwrap();
    let before = collect(&source, handle.as_str(), 5).await.unwrap();
    let mut truth = site.scene(|scene| {
        let account = scene.accounts.iter_mut().find(|account| account.handle == handle).unwrap();
        account.changes.push((NOON, Change::CountersTimes(0.5)));
        account.truth(NOON)
    });
    let after = collect(&source, handle.as_str(), 5).await.unwrap();
    truth.profile.source = SourceKind::WebDriver;
    assert_eq!(after.profile, truth.profile);
    assert!(after.profile.counts.followers.unwrap().hi() < before.profile.counts.followers.unwrap().lo());
    assert_eq!((after.refused, after.disagreements), (Vec::new(), Vec::new()));
}

#[tokio::test]
async fn zeros_of_a_vanished_account_are_given_as_they_are_shown_without_posts() {
    // Whether they can be true is for whoever knows what was there before.
    let site = stand_in().await;
    let source = browser_on(&site).build().unwrap();
    let seen = collect(&source, Trouble::Zeros.handle().as_str(), 5).await.unwrap();
    let counts = seen.profile.counts;
    assert_eq!(
        (counts.followers, counts.likes, counts.videos),
        (Count::exact(0).ok(), Count::exact(0).ok(), Count::exact(0).ok())
    );
    assert_eq!(seen.videos, []);
}

#[tokio::test]
async fn reading_stops_at_posts_that_are_too_old_and_a_pinned_one_is_not_taken_for_such() {
    let site = stand_in().await;
    for network_log in [true, false] {
        let source = browser_on(&site).network_log(network_log).video_pages(0).build().unwrap();
        let handle = "sample.steady";
        let all = collect(&source, handle, 100).await.unwrap().videos;
        assert!(all[0].pinned && all.len() == 100, "the account has a pinned post and enough others");
        // The newest 40, of which the first list of 35 lacks some.
        let since = all[40].video.created_at;
        assert!(all[0].video.created_at < since, "the pinned post is older");
        let asked = CollectRequest { since: Some(since), ..request(handle, 100) };
        let seen = source.collect(&asked, &NoProgress).await.unwrap();
        assert_eq!(seen.videos.len(), 70, "two lists, network log: {network_log}");
        assert_eq!(seen.refused, []);
        let asked = CollectRequest { since: Some(NOON), ..request(handle, 100) };
        assert_eq!(source.collect(&asked, &NoProgress).await.unwrap().videos.len(), 35, "one list");
    }
}

#[tokio::test]
async fn pages_of_listed_posts_are_read_as_well_where_that_is_asked_for() {
    let site = stand_in().await;
    let source = browser_on(&site).open_listed_posts(true).video_pages(3).build().unwrap();
    let seen = collect(&source, "sample.steady", 20).await.unwrap();
    assert_eq!(seen.videos.len(), 20);
    assert_eq!((seen.disagreements, seen.refused), (Vec::new(), Vec::new()));
    let opened = site
        .requests()
        .iter()
        .filter(|request| request.path.contains("/video/") || request.path.contains("/photo/"))
        .count();
    assert_eq!(opened, 3);
}

#[tokio::test]
async fn list_that_lacks_posts_gives_those_it_has_and_says_so() {
    let site = stand_in().await;
    let source = browser_on(&site).patience(Duration::from_secs(1)).build().unwrap();
    let seen = collect(&source, Trouble::Partial.handle().as_str(), 40).await.unwrap();
    assert_eq!(seen.videos.len(), 20);
    let said: Vec<_> = seen.refused.iter().map(|refusal| (refusal.reason.as_str(), refusal.detail.as_str())).collect();
    assert_eq!(
        said,
        [
            (
                "partial_list",
                "the list of posts stopped after 20 of 40: it ended there, and private posts are not shown"
            ),
            ("partial_list", "the page says that some posts are shown only after a sign-in"),
        ]
    );
}
