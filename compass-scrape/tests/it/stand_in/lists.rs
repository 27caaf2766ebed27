//! The lists of posts as the page's own script asks for them.

use std::collections::HashSet;

use compass_core::{Snapshot, VideoKind, samples::World};
use compass_scrape::testing::{Account, Scene, StandIn, Trouble};
use serde_json::Value;

use super::http::{get, stand_in};
use crate::truth::NOON;

/// The bird-watcher, who posts pictures, too.
fn quiet() -> (Scene, Snapshot) {
    let account = Account::sample(&World::standard().creators()[3]);
    let truth = account.truth(NOON);
    (Scene { accounts: vec![account], ..Scene::default() }, truth)
}

/// The opaque id in an account's data.
async fn sec_uid(site: &StandIn, handle: &str) -> String {
    let detail = get(site, &format!("/api/user/detail/?uniqueId={handle}")).await.json();
    detail["userInfo"]["user"]["secUid"].as_str().unwrap().to_owned()
}

async fn list(site: &StandIn, sec_uid: &str, count: u32, cursor: &str) -> Value {
    let path = format!("/api/post/item_list/?secUid={sec_uid}&count={count}&cursor={cursor}&coverFormat=2");
    get(site, &path).await.json()
}

fn ids(list: &Value) -> Vec<u64> {
    let items = list["itemList"].as_array().map_or(&[][..], Vec::as_slice);
    items.iter().map(|item| item["id"].as_str().unwrap().parse().unwrap()).collect()
}

#[tokio::test]
async fn cursors_lead_through_every_post_once() {
    for (index, count) in [(0, 35), (3, 35), (3, 7), (4, 50)] {
        let account = Account::sample(&World::standard().creators()[index]);
        let truth = account.truth(NOON);
        let (site, _) = stand_in(Scene { accounts: vec![account], ..Scene::default() }).await;
        let sec_uid = sec_uid(&site, truth.handle().as_str()).await;
        let (mut seen, mut cursor) = (Vec::new(), "0".to_owned());
        loop {
            let part = list(&site, &sec_uid, count, &cursor).await;
            seen.extend(ids(&part));
            cursor = part["cursor"].as_str().unwrap().to_owned();
            if part["hasMore"] == false {
                break;
            }
            assert_eq!(ids(&part).len(), count as usize);
            let last = part["itemList"].as_array().unwrap().last().unwrap();
            assert_eq!(cursor, format!("{}000", last["createTime"]), "the time of the last post in milliseconds");
        }
        let all: Vec<u64> = truth.videos.iter().map(|post| post.video.id.get()).collect();
        assert_eq!(seen, all, "pinned posts first, then from the newest on");
    }
}

#[tokio::test]
async fn pinned_post_is_first_and_is_marked() {
    let account = Account::sample(&World::standard().creators()[0]);
    let (site, _) = stand_in(Scene { accounts: vec![account], ..Scene::default() }).await;
    let first = list(&site, &sec_uid(&site, "sample.steady").await, 35, "0").await;
    let pinned: Vec<bool> =
        first["itemList"].as_array().unwrap().iter().map(|item| item["isPinnedItem"] == true).collect();
    assert_eq!(pinned.iter().filter(|pinned| **pinned).count(), 1);
    assert!(pinned[0]);
    assert!(ids(&first)[0] < ids(&first)[34], "it is older than the last of the rest");
}

#[tokio::test]
async fn pictures_are_posts_without_a_length() {
    let (scene, truth) = quiet();
    let (site, _) = stand_in(scene).await;
    let first = list(&site, &sec_uid(&site, "sample.quiet").await, 35, "0").await;
    let items = first["itemList"].as_array().unwrap();
    let photos = truth.videos.iter().take(35).filter(|post| post.video.kind == VideoKind::Photo).count();
    assert!(photos > 0);
    assert_eq!(items.iter().filter(|item| item.get("imagePost").is_some()).count(), photos);
    for item in items.iter().filter(|item| item.get("imagePost").is_some()) {
        assert_eq!(item["video"]["duration"], 0);
    }
}

#[tokio::test]
async fn only_the_saves_are_exact_in_a_list() {
    let account = Account::sample(&World::standard().creators()[2]);
    let truth = account.truth(NOON);
    let (site, _) = stand_in(Scene { accounts: vec![account], ..Scene::default() }).await;
    let first = list(&site, &sec_uid(&site, "sample.spiky").await, 35, "0").await;
    for (item, post) in first["itemList"].as_array().unwrap().iter().zip(&truth.videos) {
        let views = item["stats"]["playCount"].as_u64().unwrap();
        assert_eq!(item["statsV2"]["playCount"], views.to_string());
        assert!(views < 10_000 || views % 100 == 0, "{views}");
        assert_eq!(item["statsV2"]["collectCount"], post.counts.saves.unwrap().to_string());
        assert_eq!(item["authorStats"]["followerCount"], 0, "withheld");
    }
}

#[tokio::test]
async fn more_than_fifty_at_once_are_a_bad_parameter() {
    let (scene, _) = quiet();
    let (site, _) = stand_in(scene).await;
    let sec_uid = sec_uid(&site, "sample.quiet").await;
    assert_eq!(ids(&list(&site, &sec_uid, 50, "0").await).len(), 50);
    let refused = list(&site, &sec_uid, 51, "0").await;
    assert_eq!((refused["statusCode"].as_i64(), refused.get("itemList")), (Some(10201), None));
    assert_eq!(list(&site, "nobody", 35, "0").await["statusCode"], 10202);
}

#[tokio::test]
async fn endless_lists_repeat_themselves_or_go_on_and_a_gap_is_passed() {
    let (site, _) = stand_in(World::standard()).await;
    let mut parts = Vec::new();
    for trouble in [Trouble::EndlessList, Trouble::EndlessScroll, Trouble::GapInList] {
        let handle = trouble.handle();
        let sec_uid = sec_uid(&site, handle.as_str()).await;
        get(&site, &format!("/@{handle}")).await;
        let (mut cursor, mut all) = ("0".to_owned(), Vec::new());
        for _ in 0..3 {
            let part = list(&site, &sec_uid, 35, &cursor).await;
            cursor = part["cursor"].as_str().unwrap().to_owned();
            all.push((ids(&part), part["hasMore"] == true));
        }
        parts.push(all);
    }
    let [endless, growing, gap] = parts.as_slice() else { panic!("three troubles") };
    assert!(endless.iter().all(|part| *part == (endless[0].0.clone(), true)));
    assert!(growing.iter().all(|(_, more)| *more));
    assert_eq!(growing.iter().flat_map(|(ids, _)| ids).collect::<HashSet<_>>().len(), 105);
    let sizes: Vec<_> = gap.iter().map(|(ids, more)| (ids.len(), *more)).collect();
    assert_eq!(sizes, [(35, true), (0, true), (5, false)]);
}
