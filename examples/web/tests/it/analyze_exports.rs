//! `compass analyze` on what creators export of their own accounts.

use std::path::Path;

use serde_json::{Value, json};

use crate::{
    fixtures::{lines, posts},
    process::{folder, run, stderr, stdout, write},
};

const OVERVIEW: &str = "\u{FEFF}\"Date\",\"Video Views\",\"Profile Views\",\"Likes\",\"Comments\",\"Shares\"\n\
    \"February 10\",\"1000\",\"5\",\"10\",\"-1\",\"2\"\n\"February 11\",\"500\",\"6\",\"20\",\"3\",\"0\"";
const HISTORY: &str = "\u{FEFF}\"Date\",\"Followers\",\"Difference in followers from previous day\"\n\
    \"February 10\",\"undefined\",\"0\"\n\"February 11\",\"2003\",\"3\"";
const GENDER: &str = "\u{FEFF}\"Gender\",\"Distribution\"\n\"Female\",\"0.59\"\n\"Male\",\"0.41\"\n\"Other\",\"0\"";
const TERRITORIES: &str =
    "\u{FEFF}\"Top territories\",\"Distribution\"\n\"US\",\"0.6\"\n\"GB\",\"0.3\"\n\"Others\",\"0.1\"";

/// The tables of a folder `export`, made on 2025-02-12.
fn export(here: &Path) {
    std::fs::create_dir(here.join("export")).expect("the folder is new");
    for (name, table) in [
        ("Overview.csv", OVERVIEW),
        ("FollowerHistory.csv", HISTORY),
        ("FollowerGender.csv", GENDER),
        ("FollowerTopTerritories.csv", TERRITORIES),
    ] {
        write(&here.join("export"), name, table);
    }
}

fn report(here: &Path, arguments: &[&str]) -> Value {
    let output = run(here, &[&["analyze", "--format", "json", "--exported-on", "2025-02-12"], arguments].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    serde_json::from_str(&stdout(&output)).expect("stdout is JSON and nothing else")
}

#[test]
fn an_export_alone_is_reported_without_an_id() {
    let here = folder();
    export(here.path());
    let report = report(here.path(), &["export", "--handle", "ada"]);
    assert_eq!((&report["refused"], &report["as_of"]), (&json!([]), &json!("2025-02-12T12:00:00Z")));
    let ada = &report["creators"][0];
    assert_eq!((&ada["handle"], &ada["id"], &ada["nickname"]), (&json!("ada"), &Value::Null, &Value::Null));
    assert_eq!((&ada["counts"]["followers"], &ada["sources"]), (&json!({"exact": 2_003}), &json!(["studio_export"])));
    let own = &ada["own"];
    assert_eq!((&own["exported_on"], &own["dated_by"]), (&json!("2025-02-12"), &json!("given")));
    let of_both = |sum: i64| json!({"sum": sum, "from": "2025-02-10", "to": "2025-02-11", "days": 2});
    assert_eq!((&own["totals"]["views"], &own["totals"]["comments"]), (&of_both(1_500), &of_both(2)));
    assert_eq!(own["days"][0]["day"], "2025-02-10");
    assert_eq!((&own["days"][0]["followers"], &own["days"][0]["comments"]), (&Value::Null, &json!(-1)));
    assert_eq!(own["followers"][0]["dimension"], "gender");
    assert_eq!(own["followers"][0]["groups"][0], json!({"name": "female", "share": 0.59}));
    assert_eq!(own["followers"][1]["groups"][1]["name"], "gb");
}

#[test]
fn the_text_tells_what_only_the_creator_sees() {
    let here = folder();
    export(here.path());
    let output =
        run(here.path(), &["analyze", "export", "--handle", "ada", "--exported-on", "2025-02-12", "--zone", "UTC"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let text = stdout(&output);
    for part in [
        "@ada\n",
        "id not told by the export",
        "from a TikTok Studio export",
        "Own export of 2025-02-12",
        "2, 2025-02-10 to 2025-02-11: 1,500 views, 11 profile views, 30 likes, 2 comments and 2 shares\n",
        // How many came on the tenth the table does not tell.
        "1, 2025-02-11: 3 followers gained\n",
        "female 59%, male 41%, other 0%",
        "US 60%, GB 30%, others 10%",
    ] {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
}

#[test]
fn the_sums_of_a_short_table_are_told_of_its_days_alone() {
    let here = folder();
    export(here.path());
    let longer = HISTORY.replace("\"February 10\"", "\"February 9\",\"1999\",\"4\"\n\"February 10\"");
    write(&here.path().join("export"), "FollowerHistory.csv", &longer);
    let output =
        run(here.path(), &["analyze", "export", "--handle", "ada", "--exported-on", "2025-02-12", "--zone", "UTC"]);
    let text = stdout(&output);
    for line in [
        "2, 2025-02-10 to 2025-02-11: 1,500 views, 11 profile views, 30 likes, 2 comments and 2 shares\n",
        "2, 2025-02-09 to 2025-02-11: 7 followers gained\n",
    ] {
        assert!(text.contains(line), "{line:?} is not in:\n{text}");
    }
}

#[test]
fn an_export_and_public_posts_of_one_handle_are_one_creator() {
    let here = folder();
    export(here.path());
    write(here.path(), "posts.jsonl", lines(&posts()));
    let report = report(here.path(), &["posts.jsonl", "export"]);
    let creators = report["creators"].as_array().expect("a report lists creators");
    assert_eq!((creators.len(), &creators[0]["id"]), (1, &json!("7065")));
    assert_eq!(creators[0]["own"]["totals"]["views"]["sum"], 1_500);
    assert_eq!(creators[0]["videos"].as_array().map(Vec::len), Some(9));
    assert_eq!(creators[0]["sources"], json!(["replay", "studio_export"]));
}

#[test]
fn what_an_export_lacks_is_asked_for() {
    let here = folder();
    write(here.path(), "Overview.csv", OVERVIEW);
    let output = run(here.path(), &["analyze", "Overview.csv"]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(said.contains("Overview.csv: missing_handle: ") && said.contains("--handle"), "{said}");

    let output = run(here.path(), &["analyze", "Overview.csv", "--handle", "ada"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let said = stderr(&output);
    assert!(said.contains("have no year") && said.contains("--exported-on"), "{said}");
    for (flag, value) in [("--handle", "a b"), ("--exported-on", "yesterday")] {
        assert_eq!(run(here.path(), &["analyze", "Overview.csv", flag, value]).status.code(), Some(2), "{flag}");
    }
}

#[test]
fn bad_files_fail_each_with_its_reason() {
    let here = folder();
    write(here.path(), "bad.zip", b"PK\x03\x04....");
    write(here.path(), "other.csv", "a,b\n1,2");
    write(here.path(), "Viewers.csv", "");
    write(here.path(), "bad.xlsx", "no workbook\n1");
    write(here.path(), "user_data_tiktok.json", "{\"Post\": [");
    std::fs::create_dir(here.path().join("empty")).expect("the folder is new");
    for (input, reason) in [
        ("bad.zip", "damaged"),
        ("other.csv", "unknown_table"),
        ("Viewers.csv", "empty_response"),
        ("bad.xlsx", "malformed"),
        ("user_data_tiktok.json", "malformed"),
        ("empty", "unreadable"),
        ("nowhere.csv", "unreadable"),
    ] {
        let output = run(here.path(), &["analyze", input]);
        assert_eq!(output.status.code(), Some(1), "{input}");
        assert!(stderr(&output).contains(&format!("error: {input}: {reason}: ")), "{input}: {}", stderr(&output));
    }
}

#[test]
fn nothing_private_of_a_users_data_is_told() {
    let here = folder();
    let json = r#"{"Direct Message": {"Chat": "CANARY"}, "Profile": {"Profile Info": {"ProfileMap": {"userName": "ada",
        "followerCount": 7, "emailAddress": "CANARY"}}}, "Your Activity": {"Follower": {"FansList": [
        {"Date": "2025-02-01 10:00:00", "UserName": "CANARY"}]}}}"#;
    write(here.path(), "user_data_tiktok.json", json);
    let report = report(here.path(), &["user_data_tiktok.json"]);
    assert!(!report.to_string().contains("CANARY"));
    let ada = &report["creators"][0];
    assert_eq!((&ada["handle"], &ada["counts"]["followers"]), (&json!("ada"), &json!({"exact": 7})));
    assert_eq!(ada["own"]["followed_since"], json!([{"day": "2025-02-01", "followers": 1}]));
    assert_eq!(ada["sources"], json!(["data_download"]));
}
