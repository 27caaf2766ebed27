//! Figures that cannot be true: each is refused by name, and none of them is in the snapshot.

use axum::{Json, Router, routing::get};
use compass_core::{Count, Refusal, Snapshot, SourceKind, VideoCounts, VideoObservation, samples::World};
use compass_scrape::testing::Trouble;
use serde_json::{Value, json};

use super::{
    browser_at, browser_on, collect,
    served::{Served, profile},
    stand_in,
};
use crate::truth::{NOON, assert_rounded};

fn truth_of(trouble: Trouble) -> Snapshot {
    let mut truth = trouble.account(&World::standard().creators()[0]).truth(NOON);
    truth.profile.source = SourceKind::WebDriver;
    truth
}

/// What of one item, or of the whole, was refused, with the reason.
fn refused<'a>(seen: &'a Snapshot, item: Option<&str>) -> Vec<(&'a str, &'a str)> {
    let of = |refusal: &&Refusal| refusal.item.as_deref() == item;
    seen.refused.iter().filter(of).map(|refusal| (refusal.reason.as_str(), refusal.detail.as_str())).collect()
}

fn newest(videos: &[VideoObservation]) -> &VideoObservation {
    videos.iter().find(|post| !post.pinned).unwrap()
}

#[tokio::test]
async fn post_with_more_likes_than_views_has_figures_only_where_its_own_page_gives_others() {
    let site = stand_in().await;
    let handle = Trouble::ImpossiblePost.handle();
    let truth = truth_of(Trouble::ImpossiblePost);
    for pages in [0, 1] {
        let source = browser_on(&site).video_pages(pages).build().unwrap();
        let seen = collect(&source, handle.as_str(), 40).await.unwrap();
        assert_eq!(seen.videos.len(), 40);
        let (post, true_one) = (newest(&seen.videos), newest(&truth.videos));
        let said = refused(&seen, Some(&post.video.id.to_string()));
        assert!(matches!(said[..], [("suspect_value", detail)] if detail.contains("diggCount")), "{said:?}");
        assert_eq!(post.video.id, true_one.video.id);
        if pages == 0 {
            assert_eq!(post.counts, VideoCounts::default(), "neither the likes nor the views are believed");
        } else {
            assert_rounded(post.counts.views, true_one.counts.views);
            assert_rounded(post.counts.likes, true_one.counts.likes);
        }
    }
}

#[tokio::test]
async fn posts_whose_figures_are_withheld_are_posts_without_figures() {
    let site = stand_in().await;
    let source = browser_on(&site).build().unwrap();
    let seen = collect(&source, Trouble::WithheldFigures.handle().as_str(), 40).await.unwrap();
    assert_eq!(seen.videos.len(), 40);
    for post in &seen.videos {
        assert_eq!(post.counts, VideoCounts::default());
        assert_eq!(refused(&seen, Some(&post.video.id.to_string()))[0].0, "withheld");
    }
    let opened = site.requests().iter().filter(|request| request.path.contains("/video/")).count();
    assert!(opened <= 1, "{opened} pages of posts: the first one says that the others are withheld, too");
}

#[tokio::test]
async fn sum_of_likes_that_has_overflowed_is_known_from_the_header_alone() {
    let site = stand_in().await;
    let source = browser_on(&site).build().unwrap();
    let seen = collect(&source, Trouble::OverflowedLikes.handle().as_str(), 5).await.unwrap();
    let said = refused(&seen, None);
    assert!(matches!(said[..], [("suspect_value", detail)] if detail.starts_with("stats.heartCount: ")), "{said:?}");
    let (likes, truth) = (seen.profile.counts.likes, truth_of(Trouble::OverflowedLikes).profile.counts.likes);
    assert!(truth.unwrap().lo() > u64::from(u32::MAX));
    assert_rounded(likes, truth);
}

/// A page of `ada` whose script asks for this list, with one card for each of its posts.
async fn site_with(list: Value, shown: &'static [&'static str]) -> Served {
    let ids = list["itemList"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned());
    let cards: String = ids
        .zip(shown)
        .map(|(id, views)| {
            format!(
                r#"<div data-e2e="user-post-item"><a href="/@ada/video/{id}"><img alt=""></a><strong data-e2e="video-views">{views}</strong></div>"#
            )
        })
        .collect();
    let body = format!(
        r#"<div data-e2e="user-post-item-list">{cards}</div><script>fetch('/api/post/item_list/?cursor=0')</script>"#
    );
    let videos = u32::try_from(shown.len()).unwrap();
    let pages = Router::new()
        .route("/@ada", get(move || async move { profile(videos, &body) }))
        .route("/api/post/item_list/", get(move || async move { Json(list) }));
    Served::start(pages).await
}

/// An id of a post of 2025, each with a number of its own.
fn id(n: u64) -> String {
    (7_470_546_959_699_348_744 + n).to_string()
}

fn list(stats: impl IntoIterator<Item = Value>) -> Value {
    let item = |(n, stats)| json!({"id": id(n), "createTime": 1_739_372_260 + n, "desc": "", "stats": stats});
    let items: Vec<Value> = (0..).zip(stats).map(item).collect();
    json!({"itemList": items, "hasMore": false, "cursor": "0", "statusCode": 0})
}

#[tokio::test]
async fn counter_that_cannot_be_true_is_refused_by_its_field_and_its_post_has_none() {
    // A signed number of 32 bits holds 2,147,483,647 at most; one more is negative.
    let wrong = [
        (json!({"playCount": -2_147_483_648_i64, "diggCount": 5}), "stats.playCount: -2147483648 is negative"),
        (json!({"playCount": 500, "diggCount": -1}), "stats.diggCount: -1 is negative"),
        (json!({"playCount": 500, "commentCount": -7}), "stats.commentCount: -7 is negative"),
        (json!({"playCount": 500, "shareCount": 1.5}), "stats.shareCount: it is not a whole number"),
        (json!({"playCount": 500, "collectCount": "many"}), "stats.collectCount: it is not a whole number"),
        (json!({"playCount": 500, "diggCount": 501}), "diggCount: 501 likes are more than 500 views"),
    ];
    let stats = wrong.iter().map(|(stats, _)| stats.clone()).chain([json!({"playCount": 700, "diggCount": 70})]);
    let site = site_with(list(stats), &["500", "500", "500", "500", "500", "500", "700"]).await;
    let source = browser_at(&site.base_url).video_pages(0).build().unwrap();
    let seen = collect(&source, "ada", 7).await.unwrap();
    assert_eq!(seen.videos.len(), 7);
    for (n, (_, why)) in (0..).zip(&wrong) {
        let said = refused(&seen, Some(&id(n)));
        assert!(matches!(said[..], [("suspect_value", detail)] if detail.ends_with(why)), "{why}: {said:?}");
        let post = seen.videos.iter().find(|post| post.video.id.to_string() == id(n)).unwrap();
        assert_eq!(post.counts, VideoCounts::default(), "{why}");
    }
    let good = seen.videos.iter().find(|post| post.video.id.to_string() == id(6)).unwrap();
    assert_eq!((good.counts.views, good.counts.likes), (Count::exact(700).ok(), Count::exact(70).ok()));
}

#[tokio::test]
async fn number_on_a_card_is_read_or_refused_and_never_guessed() {
    // An abbreviation stands for all that is rounded to it.
    const SHOWN: [(&str, Option<(u64, u64)>); 12] = [
        ("7570", Some((7_570, 7_570))),
        ("1.2K", Some((1_150, 1_249))),
        ("1,2K", Some((1_150, 1_249))),
        ("12.5M", Some((12_450_000, 12_549_999))),
        ("0", Some((0, 0))),
        ("1,2 Mio.", None),
        ("-1", None),
        ("∞", None),
        ("999999999999B", None),
        ("١٢٣", None),
        ("1&nbsp;234", None),
        ("1e3", None),
    ];
    const VIEWS: [&str; 12] = {
        let mut views = [""; 12];
        let mut at = 0;
        while at < SHOWN.len() {
            views[at] = SHOWN[at].0;
            at += 1;
        }
        views
    };
    let site = site_with(list(SHOWN.map(|_| json!({}))), &VIEWS).await;
    let source = browser_at(&site.base_url).network_log(false).video_pages(0).build().unwrap();
    let seen = collect(&source, "ada", 12).await.unwrap();
    assert_eq!(seen.videos.len(), 12);
    for ((shown, expected), post) in SHOWN.iter().zip(&seen.videos) {
        assert_eq!(post.counts.views.map(|views| (views.lo(), views.hi())), *expected, "{shown}");
        let reasons: Vec<_> = refused(&seen, Some(&post.video.id.to_string())).iter().map(|said| said.0).collect();
        let expected: &[&str] = if expected.is_some() { &[] } else { &["unreadable_count"] };
        assert_eq!(reasons, expected, "{shown}");
    }
}
