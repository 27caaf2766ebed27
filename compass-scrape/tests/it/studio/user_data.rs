use std::io::Cursor;

use compass_core::{Count, DatedBy, SourceKind};
use compass_scrape::studio::{Import, ImportOptions, Imported};

use super::{exported_on, fixtures, newest, only, reasons};

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
    import_with(json, ImportOptions::default())
}

fn import_with(json: &str, options: ImportOptions) -> Imported {
    let mut import = Import::new(ImportOptions { exported_on: "2025-03-02".parse().ok(), ..options });
    import.add("user_data_tiktok.json", "user_data_tiktok.json", None, Cursor::new(json));
    import.finish(None)
}

#[test]
fn posts_profile_and_follower_days_are_read() {
    let imported = import(&current());
    let own = only(&imported);
    assert_eq!((own.handle.as_str(), exported_on(own).as_str()), ("ada", "2025-03-02"));
    let [post] = own.posts.as_slice() else { panic!("{} posts", own.posts.len()) };
    assert_eq!((post.video.id.get(), post.source), (POST, SourceKind::DataDownload));
    assert_eq!(
        (post.video.created_at.to_string().as_str(), post.video.created_at_derived),
        ("2025-01-26T15:50:46Z", false)
    );
    assert_eq!((post.counts.likes, post.counts.views), (Count::exact(58).ok(), None));
    assert_eq!(post.video.hashtags, ["tea"]);
    let account = newest(own).account.as_ref().unwrap();
    assert_eq!((account.counts.followers, account.counts.following), (Count::exact(3).ok(), Count::exact(5).ok()));
    assert_eq!(account.counts.likes, Count::exact(8_123).ok());
    assert_eq!(account.bio.as_ref().map(|bio| bio.as_str()), Some("tea"));
    let since: Vec<(String, u64)> = newest(own).followed_since.iter().map(|(day, n)| (day.to_string(), *n)).collect();
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
    assert_eq!((own.posts.len(), newest(own).followed_since.len()), (1, 1));
    assert_eq!(newest(own).account.as_ref().unwrap().counts.likes, Count::exact(12).ok());

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
    assert_eq!(exported_on(only(&imported)), "2025-03-02");
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
    assert_eq!((exported_on(own).as_str(), own.posts.len(), newest(own).followed_since.len()), ("2025-03-02", 0, 1));
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

#[test]
fn a_section_that_is_odd_fails_no_other() {
    let profile = r#""Profile": {"Profile Info": {"ProfileMap": {"userName": "ada", "followerCount": 7}}}"#;
    let post = format!(
        r#""Post": {{"Posts": {{"VideoList": [
            {{"Date": "2025-01-26 15:50:46", "Link": "https://www.tiktokv.com/share/video/{POST}/"}}]}}}}"#
    );
    let fans = r#""Your Activity": {"Follower": {"FansList": [{"Date": "2025-03-01 10:00:00"}]}}"#;
    for (odd, section) in [
        (r#""Video": "none""#, "Post"),
        (r#""Video": {"Videos": []}"#, "Posts"),
        (r#""Video": {"Videos": {"VideoList": {}}}"#, "VideoList"),
        (r#""Profile And Settings": {"Follower": 7}"#, "Follower"),
        (r#""Profile And Settings": {"Profile Information": {"ProfileMap": [1, {"userName": "bob"}]}}"#, "ProfileMap"),
        (r#""Activity": {"Follower List": {"FansList": {}}}"#, "FansList"),
        (r#""Activity": {"Follower": {"FansList": true}}"#, "FansList"),
        (r#""Activity": 1.5"#, "Your Activity"),
    ] {
        let imported = import(&format!("{{{profile}, {odd}, {post}, {fans}}}"));
        assert_eq!(reasons(&imported.refused), [(section, "malformed")], "{odd}");
        let own = only(&imported);
        assert_eq!((own.posts.len(), newest(own).followed_since.len()), (1, 1), "{odd}");
        assert_eq!(newest(own).account.as_ref().unwrap().counts.followers, Count::exact(7).ok(), "{odd}");
    }
}

#[test]
fn a_post_or_a_follower_that_is_odd_fails_no_other() {
    let json = format!(
        r#"{{"Profile": {{"Profile Info": {{"ProfileMap": {{"userName": "ada"}}}}}},
            "Post": {{"Posts": {{"VideoList": [null, ["x"], "x",
                {{"Date": "2025-01-26 15:50:46", "Link": "https://www.tiktokv.com/share/video/{POST}/", "Likes": [3]}},
                {{"Date": "2025-01-26 15:50:46", "Link": "https://www.tiktokv.com/share/video/{POST}/", "Likes": 3}}]}}}},
            "Your Activity": {{"Follower": {{"FansList": ["x", {{"Date": "2025-03-01 10:00:00"}}, 5]}}}}}}"#
    );
    let imported = import(&json);
    let expected = [
        ("FansList", "missing_field"),
        ("post 1", "malformed"),
        ("post 2", "malformed"),
        ("post 3", "malformed"),
        ("post 4", "suspect_value"),
    ];
    assert_eq!(reasons(&imported.refused), expected);
    assert!(imported.refused[0].detail.starts_with("2 followers"), "{:?}", imported.refused[0]);
    let own = only(&imported);
    assert_eq!((own.posts.len(), own.posts[0].counts.likes), (1, Count::exact(3).ok()));
    assert_eq!(newest(own).followed_since.values().sum::<u64>(), 1);
}

#[test]
fn old_and_new_names_may_stand_side_by_side() {
    let json = format!(
        r#"{{"Profile": {{"Profile Info": {{"ProfileMap": {{"userName": "ada", "displayName": "", "nickName": "Ada L",
                "name": "other", "followerCount": 7, "followerCount": 8}}}},
                "Follower": {{"FansList": []}}, "Follower List": {{"FansList": [{{"date": "2025-03-01 10:00:00"}}]}}}},
            "Post": {{"Posts": {{"VideoList": [{{"date": "", "Date": "2025-01-26 15:50:46", "likes": null, "Likes": 3,
                "link": "https://www.tiktokv.com/share/video/{POST}/"}}]}}}}}}"#
    );
    let imported = import(&json);
    assert!(imported.refused.is_empty(), "{:?}", imported.refused);
    let own = only(&imported);
    let account = newest(own).account.as_ref().unwrap();
    assert_eq!(account.nickname.as_ref().map(|name| name.as_str()), Some("Ada L"));
    assert_eq!(account.counts.followers, Count::exact(7).ok());
    assert_eq!((own.posts.len(), newest(own).followed_since.len()), (1, 1));
}

#[test]
fn odd_sections_are_told_where_nothing_says_whose_they_are() {
    let imported = import(r#"{"Post": 1, "Profile": {"Profile Info": "x"}}"#);
    assert_eq!(reasons(&imported.refused), [("Post", "malformed"), ("Profile Info", "malformed")]);
    let zip = fixtures::zip(&[("TikTok/user_data_tiktok.json", br#"{"Post": 1}"#)]);
    let mut import = Import::new(ImportOptions::default());
    import.add("data.zip", "data.zip", None, Cursor::new(zip));
    assert_eq!(reasons(&import.finish(None).refused), [("user_data_tiktok.json Post", "malformed")]);
}

#[test]
fn the_posts_and_the_bytes_of_one_file_are_bounded() {
    let post = |number: u64| {
        format!(r#"{{"Date":"2025-01-26 15:50:46","Link":"https://www.tiktokv.com/share/video/{}/"}}"#, POST + number)
    };
    let posts = |n: u64| (0..n).map(post).collect::<Vec<_>>().join(",");
    let file = |n: u64| {
        format!(
            r#"{{"Profile":{{"Profile Info":{{"ProfileMap":{{"userName":"ada"}}}}}},"Post":{{"Posts":{{"VideoList":[{}]}}}}}}"#,
            posts(n)
        )
    };
    let imported = import(&file(100_002));
    assert_eq!(only(&imported).posts.len(), 100_000);
    assert_eq!(reasons(&imported.refused), [("", "many_refused")]);
    assert!(imported.refused[0].detail.starts_with("2 more"), "{:?}", imported.refused);

    let small = file(10);
    let of =
        |max_user_data_bytes| import_with(&small, ImportOptions { max_user_data_bytes, ..ImportOptions::default() });
    let length = u64::try_from(small.len()).unwrap();
    assert_eq!(only(&of(length + 1)).posts.len(), 10);
    let refused = of(length - 1);
    assert_eq!((reasons(&refused.refused), refused.creators.len()), (vec![("", "too_large")], 0));
}

#[test]
fn followers_are_counted_however_many_they_are() {
    let fan = r#"{"Date":"2025-03-01 10:00:00","UserName":"x"}"#;
    let fans = vec![fan; 200_000].join(",");
    let json = format!(
        r#"{{"Profile":{{"Profile Info":{{"ProfileMap":{{"userName":"ada"}}}}}},"Activity":{{"Follower":{{"FansList":[{fans}]}}}}}}"#
    );
    let imported = import(&json);
    assert_eq!(newest(only(&imported)).followed_since.values().collect::<Vec<_>>(), [&200_000]);
    assert!(imported.refused.is_empty());
}

/// What was downloaded of a user on 2026-08-01.
const OF_AUGUST: &str = r#"{"Profile": {"Profile Info": {"ProfileMap": {"userName": "ada", "followerCount": 9}}},
    "Your Activity": {"Follower": {"FansList": [{"Date": "2026-07-30 10:00:00"}]}}}"#;

#[test]
fn the_data_of_a_user_is_of_its_own_day_whatever_the_tables_beside_it_are_of() {
    let zip = fixtures::zip(&[("Overview.csv", fixtures::OVERVIEW.as_bytes())]);
    let name = "Overview_2025-12-30_1767311999_ada.zip";
    let august = "2026-08-01".parse().ok();
    for input in [name, "user_data_tiktok.json"] {
        let mut import = Import::new(ImportOptions::default());
        import.add(name, name, august, Cursor::new(&zip));
        import.add(input, "user_data_tiktok.json", august, Cursor::new(OF_AUGUST));
        let imported = import.finish(None);
        let own = only(&imported);
        let told: Vec<_> =
            own.exports.iter().map(|(day, export)| (day.to_string(), export.account.is_some())).collect();
        assert_eq!(told, [("2026-01-02".to_owned(), false), ("2026-08-01".to_owned(), true)], "{input}");
        assert_eq!((newest(own).followed_since.len(), newest(own).dated_by), (1, DatedBy::FileTime));
        let [note] = imported.notes.as_slice() else { panic!("{:?}", imported.notes) };
        assert!(note.contains("user_data_tiktok.json") && note.contains("2026-08-01"), "{note}");
    }
}

#[test]
fn tables_are_not_dated_by_the_name_of_a_download_of_user_data() {
    let mut import = Import::new(ImportOptions::default());
    let copied = "2026-09-01".parse().ok();
    // 1785585600 is 2026-08-01T12:00:00Z.
    let zip = fixtures::zip(&[("user_data_tiktok.json", OF_AUGUST.as_bytes())]);
    import.add("data", "TikTok_Data_1785585600.zip", copied, Cursor::new(zip));
    import.add("FollowerHistory.csv", "FollowerHistory.csv", copied, Cursor::new(fixtures::HISTORY));
    let imported = import.finish(None);
    let days: Vec<String> = only(&imported).exports.keys().map(ToString::to_string).collect();
    assert_eq!(days, ["2026-01-02", "2026-08-01"]);
}

#[test]
fn the_data_of_a_user_is_of_no_day_before_the_newest_that_it_tells() {
    for (modified, by, said) in [
        (Some("2025-02-28"), DatedBy::FileTime, "because the file is of 2025-02-28"),
        (None, DatedBy::Rows, "the newest day that it tells"),
    ] {
        let mut import = Import::new(ImportOptions::default());
        let modified = modified.map(|day: &str| day.parse().unwrap());
        import.add("user_data_tiktok.json", "user_data_tiktok.json", modified, Cursor::new(current()));
        let imported = import.finish(None);
        let own = only(&imported);
        assert_eq!((exported_on(own).as_str(), newest(own).dated_by), ("2025-03-01", by));
        let [note] = imported.notes.as_slice() else { panic!("{:?}", imported.notes) };
        assert!(note.contains("2025-03-01") && note.contains(said), "{note}");
    }
}

#[test]
fn data_of_a_user_without_any_day_is_refused_and_says_how_to_mend_it() {
    let json = r#"{"Profile": {"Profile Info": {"ProfileMap": {"userName": "ada", "followerCount": 9}}}}"#;
    let mut import = Import::new(ImportOptions::default());
    import.add("user_data_tiktok.json", "user_data_tiktok.json", None, Cursor::new(json));
    let imported = import.finish(None);
    assert_eq!((reasons(&imported.refused), imported.creators.len()), (vec![("", "missing_day")], 0));
    assert!(imported.refused[0].detail.contains("give the day"), "{:?}", imported.refused);
}
