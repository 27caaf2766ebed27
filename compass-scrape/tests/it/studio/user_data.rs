use std::io::Cursor;

use compass_core::{Count, SourceKind};
use compass_scrape::studio::{Import, ImportOptions, Imported};

use super::{fixtures, only, reasons};

/// In no field that we read.
const CANARY: &str = "CANARY-7e1c";

/// The post's id holds 2025-01-26T15:50:46Z.
const POST: u64 = (1_737_906_646 << 32) + 7;

fn current() -> String {
    format!(
        r#"{{
  "Ads and data": {{"Instant Form Ads Responses": "{CANARY}"}},
  "Comment": {{"Comments": {{"CommentsList": [{{"date": "2025-01-01 00:00:00", "comment": "{CANARY}"}}]}}}},
  "Direct Message": {{"Direct Messages": {{"ChatHistory": {{"Chat History with bob:": [
      {{"Date": "2025-02-03 10:00:00", "From": "bob", "Content": "{CANARY}"}}]}}}}}},
  "Location Review": null,
  "Post": {{"Posts": {{"VideoList": [
      {{"Date": "2025-01-26 15:50:46", "Link": "https://www.tiktokv.com/share/video/{post}/", "Likes": "58",
        "WhoCanView": "{CANARY}", "Sound": "{CANARY}", "Title": "tea #Tea", "Location": "{CANARY}"}},
      {{"Date": "{CANARY}", "Link": "https://www.tiktokv.com/share/video/{other}/", "Likes": "1"}},
      {{"Date": "2025-01-26 15:50:46", "Link": "https://example.com/{CANARY}", "Likes": "1"}}]}},
    "Recently Deleted Posts": {{"PostList": null}}}},
  "Profile": {{"Profile Info": {{"ProfileMap": {{"userName": "ada", "emailAddress": "{CANARY}", "birthDate": "{CANARY}",
      "followerCount": 3, "followingCount": 5, "likesReceived": "8123", "bioDescription": "tea",
      "PlatformInfo": [{{"Description": "{CANARY}"}}]}}}}}},
  "Your Activity": {{"Follower": {{"FansList": [
      {{"Date": "2025-03-01 10:00:00", "UserName": "{CANARY}"}}, {{"Date": "2025-03-01 11:00:00", "UserName": "{CANARY}"}},
      {{"Date": "2025-02-27 23:59:59", "UserName": "{CANARY}"}}, {{"Date": null, "UserName": "{CANARY}"}}]}},
    "Login History": {{"LoginHistoryList": [{{"IP": "{CANARY}"}}]}},
    "Watch History": {{"VideoList": [{{"Link": "{CANARY}"}}]}}}}
}}"#,
        post = POST,
        other = POST + 1,
    )
}

fn import(json: &str) -> Imported {
    let mut import = Import::new(ImportOptions { exported_on: "2025-03-02".parse().ok(), ..ImportOptions::default() });
    import.add("user_data_tiktok.json", "user_data_tiktok.json", None, Cursor::new(json));
    import.finish(None)
}

#[test]
fn posts_profile_and_follower_days_are_read() {
    let imported = import(&current());
    let own = only(&imported);
    assert_eq!((own.handle.as_str(), own.exported_on.to_string().as_str()), ("ada", "2025-03-02"));
    let [post] = own.posts.as_slice() else { panic!("{} posts", own.posts.len()) };
    assert_eq!((post.video.id.get(), post.source), (POST, SourceKind::DataDownload));
    assert_eq!(
        (post.video.created_at.to_string().as_str(), post.video.created_at_derived),
        ("2025-01-26T15:50:46Z", false)
    );
    assert_eq!((post.counts.likes, post.counts.views), (Count::exact(58).ok(), None));
    assert_eq!(post.video.hashtags, ["tea"]);
    let account = own.account.as_ref().unwrap();
    assert_eq!((account.counts.followers, account.counts.following), (Count::exact(3).ok(), Count::exact(5).ok()));
    assert_eq!(account.counts.likes, Count::exact(8_123).ok());
    assert_eq!(account.bio.as_ref().map(|bio| bio.as_str()), Some("tea"));
    let since: Vec<(String, u64)> = own.followed_since.iter().map(|(day, n)| (day.to_string(), *n)).collect();
    assert_eq!(since, [("2025-02-27".to_owned(), 1), ("2025-03-01".to_owned(), 2)]);
    let expected = [("FansList", "missing_field"), ("post 2", "missing_field"), ("post 3", "not_a_post")];
    assert_eq!(reasons(&imported.refused), expected);
}

#[test]
fn nothing_else_is_kept() {
    let mut reads = vec![import(&current())];
    // Where another kind of value is expected, and where the file breaks off.
    reads.push(import(&current().replacen("{\"VideoList\"", &format!("\"{CANARY}\", \"x\": {{\"VideoList\""), 1)));
    reads.push(import(&format!("{{\"Post\": \"{CANARY}\"}}")));
    reads.push(import(&format!("{{\"Profile\": {{\"Profile Info\": [\"{CANARY}\"]}}}}")));
    reads.push(import(&current()[..current().rfind(CANARY).unwrap() + 5]));
    for read in &reads {
        assert!(!format!("{read:?}").contains("CANARY"), "{read:?}");
    }
    assert!(reads[2..].iter().all(|read| read.refused[0].reason == "malformed"));
}

#[test]
fn older_names_and_nulls_are_normal() {
    let older = format!(
        r#"{{"Activity": {{"Follower List": {{"FansList": [{{"Date": "2023-03-01 10:00:00 UTC", "UserName": "bob"}}]}}}},
            "Profile": {{"Profile Information": {{"ProfileMap": {{"userName": "ada", "likesReceived": "12"}}}}}},
            "Video": {{"Videos": {{"VideoList": [{{"Date": "2022-12-20 10:00:00",
                "Link": "https://www.tiktokv.com/share/video/{}/", "Likes": "5"}}]}}}}}}"#,
        // 1671530400 is 2022-12-20T10:00:00Z.
        1_671_530_400_u64 << 32
    );
    let imported = import(&older);
    assert!(imported.refused.is_empty(), "{:?}", imported.refused);
    let own = only(&imported);
    assert_eq!((own.posts.len(), own.followed_since.len()), (1, 1));
    assert_eq!(own.account.as_ref().unwrap().counts.likes, Count::exact(12).ok());

    let nulls = r#"{"Post": {"Posts": {"VideoList": null}}, "Profile": {"Profile Info": {"ProfileMap": {"userName": "ada"}}},
        "Your Activity": {"Follower": {"FansList": null}}, "Video": null}"#;
    let imported = import(nulls);
    assert_eq!((imported.creators, reasons(&imported.refused)), (Vec::new(), vec![("", "nothing_told")]));
}

#[test]
fn figures_that_are_no_counts_are_refused() {
    let json = r#"{"Profile": {"Profile Info": {"ProfileMap": {"userName": "ada", "followerCount": -3,
        "followingCount": {"a": 1}, "likesReceived": "many"}}}}"#;
    let imported = import(json);
    assert_eq!(imported.refused.len(), 3, "{:?}", imported.refused);
    assert_eq!(imported.creators, []);
}

#[test]
fn the_zip_of_the_download_tells_the_day() {
    let zip = fixtures::zip(&[("user_data_tiktok.json", current().as_bytes())]);
    let mut import = Import::new(ImportOptions::default());
    // 1740916800 is 2025-03-02T12:00:00Z.
    import.add("data", "TikTok_Data_1740916800.zip", None, Cursor::new(zip));
    let imported = import.finish(None);
    assert_eq!(only(&imported).account.as_ref().unwrap().observed_at.to_string(), "2025-03-02T12:00:00Z");
}

#[test]
fn days_that_cannot_be_are_refused() {
    let json = format!(
        r#"{{"Profile": {{"Profile Info": {{"ProfileMap": {{"userName": "ada"}}}}}},
            "Post": {{"Posts": {{"VideoList": [
                {{"Date": "9998-01-01 00:00:00", "Link": "https://www.tiktokv.com/share/video/{POST}/"}},
                {{"Date": "2025-03-05 00:00:00", "Link": "https://www.tiktokv.com/share/video/{}/"}}]}}}},
            "Your Activity": {{"Follower": {{"FansList": [{{"Date": "2025-03-01 10:00:00"}},
                {{"Date": "2025-03-04 10:00:00"}}, {{"Date": "9998-01-01 10:00:00"}}]}}}}}}"#,
        // 1741132800 is 2025-03-05T00:00:00Z, three days after the export.
        1_741_132_800_u64 << 32
    );
    let imported = import(&json);
    let refused: Vec<&str> = imported.refused.iter().map(|refused| refused.reason.as_str()).collect();
    assert_eq!(refused, ["missing_field", "suspect_value", "suspect_value", "suspect_value"]);
    let own = only(&imported);
    assert_eq!((own.exported_on.to_string().as_str(), own.posts.len(), own.followed_since.len()), ("2025-03-02", 0, 1));
}

#[test]
fn of_very_many_bad_posts_some_are_told_and_the_others_counted() {
    let bad = vec!["{}"; 5_000].join(",");
    let json = format!(
        r#"{{"Profile": {{"Profile Info": {{"ProfileMap": {{"userName": "ada", "followerCount": 7}}}}}},
            "Post": {{"Posts": {{"VideoList": [{bad}]}}}}}}"#
    );
    let imported = import(&json);
    assert!(imported.refused.len() < 110, "{}", imported.refused.len());
    assert!(imported.refused.iter().any(|refused| refused.detail.contains("4900 more")));
}
