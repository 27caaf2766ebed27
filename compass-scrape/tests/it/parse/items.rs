use compass_core::{Count, VideoKind};
use compass_scrape::parse::{ItemList, document, item_list};

use super::fixtures::{BOTH_TABLES, ITEM, SIGI_STATE, ada, envelope};

fn exact(n: u64) -> Option<Count> {
    Some(Count::exact(n).unwrap())
}

fn reasons(list: &ItemList) -> Vec<&str> {
    list.refused.iter().map(|refusal| refusal.reason.as_str()).collect()
}

#[test]
fn item_is_read_with_each_counter_as_exactly_as_it_is_known() {
    let list = item_list(ITEM).unwrap();
    let item = &list.items[0];
    assert_eq!(item.video.id.to_string(), "7470546959699348744");
    assert_eq!(item.video.created_at.to_string(), "2025-02-12T14:57:40Z");
    assert!(item.pinned && !item.video.created_at_derived);
    assert_eq!((item.video.kind, item.video.duration), (VideoKind::Video, Some(21)));
    assert_eq!(item.video.hashtags, ["tea", "cake"], "offsets count an emoji as two");
    assert_eq!(item.video.sound.as_deref(), Some("7281543096448370689"));
    assert_eq!(item.counts.views, Some(Count::range(98_350, 98_449).unwrap()));
    assert_eq!(item.counts.likes, exact(177));
    assert_eq!(item.counts.saves, exact(12_345), "the table of strings is exact here");
    let author = item.author.as_ref().unwrap();
    assert_eq!(author.profile.handle.as_str(), "ada.l");
    assert_eq!((author.counts.followers, author.counts.videos), (None, exact(927)), "zero followers are withheld ones");
    assert!(item.disagreements.is_empty());
}

#[test]
fn envelope_says_how_to_go_on() {
    let list = item_list(&envelope(ITEM)).unwrap();
    assert_eq!((list.items.len(), list.has_more, list.cursor.as_deref()), (1, Some(true), Some("1733000000000")));
    assert_eq!(list.observed_at.unwrap().to_string(), "2025-02-12T16:00:10Z");
    let end = item_list(r#"{"statusCode": 0, "hasMore": false}"#).unwrap();
    assert_eq!((end.items.len(), end.has_more), (0, Some(false)));
}

#[test]
fn answers_that_are_no_list_are_told_apart() {
    for (json, code) in [
        ("", "empty_response"),
        (r#"{"code": "10000", "type": "verify", "subtype": "slide", "region": "sg"}"#, "captcha_required"),
        (r#"{"statusCode": 10201, "itemList": []}"#, "parameter_block"),
        (r#"{"statusCode": 0, "comments": [], "has_more": 1}"#, "layout_changed"),
        (r#"{"userInfo": {"user": {"id": "7", "uniqueId": "ada"}}}"#, "layout_changed"),
        ("<html>", "layout_changed"),
        ("{\"a\": 1}", "layout_changed"),
    ] {
        assert_eq!(item_list(json).unwrap_err().code(), code, "{json}");
    }
}

#[test]
fn lines_end_at_line_feeds_and_at_nothing_else() {
    let other = ITEM.replace("7470546959699348744", "7470546959699348745").replace("and", "\u{2028}\u{85}");
    let json = [ITEM, &other].map(|item| item.replace('\n', " ")).join("\n") + "\n";
    let list = item_list(&json).unwrap();
    assert_eq!((list.items.len(), list.refused.len()), (2, 0));
}

#[test]
fn each_bad_line_is_refused_with_its_number() {
    let good = ITEM.replace('\n', " ");
    let json = format!("oops\n{good}\n\n{{\"id\": \n{{\"comments\": []}}\r\n");
    let list = item_list(&json).unwrap();
    assert_eq!(list.items.len(), 1);
    let places: Vec<&str> = list.refused.iter().filter_map(|refusal| refusal.item.as_deref()).collect();
    assert_eq!(places, ["line 1", "line 4", "line 5"]);
    assert_eq!(reasons(&list), ["malformed", "malformed", "layout_changed"]);
}

#[test]
fn of_two_observations_of_a_post_the_newer_one_is_kept() {
    let later = ITEM
        .replace("1739376010", "1739376011")
        .replace("\"diggCount\": 177", "\"diggCount\": 180")
        .replace("\"177\"", "\"180\"");
    for items in [format!("{ITEM},{later}"), format!("{later},{ITEM}")] {
        let list = item_list(&envelope(&items)).unwrap();
        assert_eq!((list.items.len(), list.items[0].counts.likes), (1, exact(180)));
        assert_eq!(reasons(&list), ["duplicate"]);
    }
}

#[test]
fn entries_that_are_no_posts_are_refused_each_for_its_reason() {
    let entries = [
        ITEM.to_owned(),
        r#"{"id": "7470546959699348746", "createTime": 1, "stats": {"playCount": 100, "diggCount": 500}}"#.to_owned(),
        r#"{"id": "7470546959699348747", "createTime": 1, "stats": {"playCount": -3}}"#.to_owned(),
        r#"{"id": "7470546959699348748", "createTime": "0", "stats": {"playCount": 0}}"#.to_owned(),
        r#"{"id": "7470546959699348749", "createTime": 1}"#.to_owned(),
        r#"{"id": "7470546959699348750", "createTime": 1, "liveRoomInfo": {"roomId": "1"}}"#.to_owned(),
        r#"{"id": 7.470546959699349e18, "createTime": 1, "stats": {}}"#.to_owned(),
        r#"{"createTime": 1, "stats": {}}"#.to_owned(),
        "null".to_owned(),
    ];
    let list = item_list(&envelope(&entries.join(","))).unwrap();
    assert_eq!(list.items.len(), 1);
    assert_eq!(
        reasons(&list),
        ["suspect_value", "suspect_value", "withheld", "withheld", "live_card", "malformed", "malformed", "malformed"]
    );
    assert_eq!(list.refused[0].item.as_deref(), Some("7470546959699348746"));
    assert!(list.refused[0].detail.contains("500 likes are more than 100 views"), "{:?}", list.refused[0]);
    assert!(list.refused[6].detail.contains("item 8"), "{:?}", list.refused[6]);
}

#[test]
fn counters_and_times_may_be_strings_and_saves_may_be_missing() {
    let list = item_list(
        r#"[{"id": "7470546959699348744", "createTime": "1739372260", "stats": {"playCount": "1776621", "diggCount": 5, "collectCount": "7"}},
            {"id": "7470546959699348745", "stats": {"playCount": 1, "diggCount": 0}, "imagePost": {"images": [{}]}, "video": {"duration": 0}}]"#,
    )
    .unwrap();
    let [first, second] = list.items.as_slice() else { panic!("{list:?}") };
    assert_eq!((first.counts.views, first.counts.saves), (exact(1_776_621), exact(7)));
    assert_eq!((second.video.kind, second.video.duration, second.counts.saves), (VideoKind::Photo, None, None));
    assert!(second.video.created_at_derived, "the id tells the time where nothing else does");
}

#[test]
fn tables_that_cannot_both_be_true_are_reported() {
    let item = ITEM.replace("\"playCount\": \"98400\"", "\"playCount\": \"5000\"");
    let item = &item_list(&item).unwrap().items[0];
    assert_eq!(item.counts.views, exact(5_000));
    assert_eq!(item.disagreements, ["7470546959699348744 playCount: statsV2 says 5000, stats says 98350-98449"]);
}

#[test]
fn saved_json_may_mix_accounts_and_posts() {
    let account = ada(BOTH_TABLES, "");
    let lines =
        [account.trim_start_matches("\"webapp.user-detail\": "), ITEM, SIGI_STATE].map(|json| json.replace('\n', " "));
    let read = document(&lines.join("\n"), None).unwrap();
    assert_eq!((read.accounts.len(), read.posts.items.len(), read.posts.refused.len()), (2, 3, 0));
}
