//! `compass analyze` on inputs of known content.

use std::{io::Write as _, path::Path};

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use crate::{
    fixtures::{SHELL, lines, posts, profile_page},
    process::{folder, run, stderr, stdout, write},
};

fn report(folder: &Path, arguments: &[&str]) -> Value {
    let output = run(folder, &[&["analyze", "--format", "json"], arguments].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    serde_json::from_str(&stdout(&output)).expect("stdout is JSON and nothing else")
}

#[test]
fn a_list_of_posts_becomes_the_headline_report() {
    let here = folder();
    write(here.path(), "posts.jsonl", lines(&posts()));
    let report = report(here.path(), &["posts.jsonl"]);
    assert_eq!((&report["schema"], &report["as_of"]), (&json!("compass.report/1"), &json!("2025-02-13T12:00:00Z")));
    assert_eq!(report["refused"], json!([]));
    let ada = &report["creators"][0];
    assert_eq!((&ada["handle"], &ada["nickname"], &ada["id"]), (&json!("ada"), &json!("Ada"), &json!("7065")));
    assert_eq!(ada["counts"]["followers"], json!({"exact": 2_000}));
    let insights = &report["insights"][0];
    assert_eq!(insights["handle"], "ada");
    assert!(insights["insights"].as_array().unwrap().iter().any(|insight| insight["id"] == "rate"), "{insights}");
    let first = &ada["videos"][0];
    assert_eq!(first["created_at"], "2025-02-10T12:00:00Z");
    assert_eq!(first["counts"]["views"], json!({"exact": 9_000}));
    assert_eq!(first["pinned"], false);

    let metric = |id: &str| &ada["metrics"][id];
    let close = |value: &Value, to: f64| (value.as_f64().expect("there is a value") - to).abs() < 1e-12;
    for id in ["er.views.median@1", "er.views.pooled@1", "er.views.mean@1"] {
        assert!(close(&metric(id)["value"], 0.06), "{id}: {}", metric(id));
        assert_eq!((&metric(id)["n"], &metric(id)["quality"]), (&json!(9), &json!("ok")), "{id}");
    }
    assert!(close(&metric("views.typical@1")["value"], 5_000.0));
    assert!(close(&metric("rate.like@1")["value"], 0.05));
    assert!(close(&metric("posting.per_week@1")["value"], 7.0));
    assert!(close(&metric("posting.gap_median@1")["value"], 24.0));
    assert_eq!(metric("growth.followers.slope@1")["value"], Value::Null);
    assert_eq!(metric("growth.followers.slope@1")["quality"], "no_history");
}

#[test]
fn the_text_says_the_same_in_plain_words() {
    let here = folder();
    write(here.path(), "posts.jsonl", lines(&posts()));
    let output = run(here.path(), &["analyze", "posts.jsonl", "--zone", "Europe/Berlin"]);
    assert!(output.status.success());
    let text = stdout(&output);
    for part in [
        "@ada (Ada)",
        "as of 2025-02-13 13:00 CET",
        "followers  2,000",
        "Typical engagement rate              6.0% of views (6.0% to 6.0%, 9 posts)",
        "Typical views                        5,000 a post (",
        "Follower growth                      not sure yet: one more look on another day",
        "Posts: 9",
        "2025-02-10 13:00 CET  9,000    450        54      36      9  post 9 #tea",
    ] {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
}

#[test]
fn a_page_shows_exact_figures_where_it_has_them_and_ranges_where_it_rounds() {
    let here = folder();
    write(here.path(), "page.html", profile_page(&[(9, "98.4K"), (8, "7570")]));
    let report = report(here.path(), &["page.html"]);
    let ada = &report["creators"][0];
    assert_eq!(ada["counts"]["followers"], json!({"exact": 38_490}));
    assert_eq!(ada["counts"]["likes"], json!({"exact": 592_999}), "never the overflowed heartCount");
    assert_eq!(ada["videos"][0]["counts"]["views"], json!({"lo": 98_350, "hi": 98_449}));
    assert_eq!(ada["videos"][1]["counts"]["views"], json!({"exact": 7_570}));
    assert_eq!(ada["videos"][0]["counts"]["likes"], Value::Null);
    assert_eq!(ada["metrics"]["er.views.median@1"]["quality"], "hidden");

    let text = stdout(&run(here.path(), &["analyze", "page.html"]));
    for part in ["@ada (Ada, verified)", "the source does not show likes, comments and shares", "~98,400", "7,570"] {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
}

#[test]
fn what_holds_no_report_fails_with_its_own_reason() {
    let here = folder();
    write(here.path(), "no-grid.html", profile_page(&[]));
    write(here.path(), "shell.html", SHELL);
    write(here.path(), "empty.json", "");
    write(here.path(), "words.txt", "just words");
    write(here.path(), "cut.json", "{\"itemList\": [");
    write(here.path(), "video.mp4", [0, 0, 0, 24, 0xFF, 0xFE]);
    for (input, reason) in [
        ("no-grid.html", "grid_unavailable"),
        ("shell.html", "shell_page"),
        ("empty.json", "empty_response"),
        ("words.txt", "unknown_format"),
        ("video.mp4", "unknown_format"),
        ("cut.json", "unknown_format"),
        ("nowhere.json", "unreadable"),
    ] {
        let output = run(here.path(), &["analyze", input]);
        assert_eq!(output.status.code(), Some(1), "{input}");
        assert!(stdout(&output).is_empty(), "{input}: {}", stdout(&output));
        assert!(stderr(&output).contains(&format!("error: {input}: {reason}: ")), "{input}: {}", stderr(&output));

        let output = run(here.path(), &["analyze", "--format", "json", input]);
        assert_eq!(output.status.code(), Some(1), "{input}");
        let report: Value = serde_json::from_str(&stdout(&output)).expect("stdout is JSON");
        assert_eq!(report["creators"], json!([]), "{input}");
        assert_eq!((&report["refused"][0]["input"], &report["refused"][0]["reason"]), (&json!(input), &json!(reason)));
    }
}

#[test]
fn what_was_refused_stands_beside_what_was_read() {
    let here = folder();
    write(here.path(), "posts.jsonl", lines(&posts()) + "{\"id\": \"no number\", \"stats\": {}}\n");
    write(here.path(), "shell.html", SHELL);
    let report = report(here.path(), &["posts.jsonl", "shell.html"]);
    assert_eq!(report["creators"][0]["videos"].as_array().map(Vec::len), Some(9));
    let reasons: Vec<_> =
        report["refused"].as_array().into_iter().flatten().map(|refused| &refused["reason"]).collect();
    assert_eq!(reasons, ["malformed", "shell_page"]);
    assert_eq!(report["refused"][0]["item"], "line 10");

    let text = stdout(&run(here.path(), &["analyze", "posts.jsonl", "shell.html"]));
    assert!(text.contains("Not accepted") && text.contains("posts.jsonl: malformed: line 10"), "{text}");
}

#[test]
fn many_refusals_of_one_kind_are_told_once() {
    let here = folder();
    let twice = [posts(), posts()].concat();
    write(here.path(), "posts.jsonl", lines(&twice));
    let output = run(here.path(), &["analyze", "posts.jsonl"]);
    assert!(output.status.success());
    let text = stdout(&output);
    assert!(text.contains("posts.jsonl: 9 times duplicate, first "), "{text}");
}

#[test]
fn a_gzipped_input_is_the_same_input() {
    let here = folder();
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(lines(&posts()).as_bytes()).expect("memory takes everything");
    write(here.path(), "posts.jsonl", lines(&posts()));
    write(here.path(), "posts.gz", packed.finish().expect("memory takes everything"));
    assert_eq!(report(here.path(), &["posts.gz"]), report(here.path(), &["posts.jsonl"]));
}

#[test]
fn as_of_looks_at_nothing_observed_later() {
    let here = folder();
    let mut posts = posts();
    for post in &mut posts[..3] {
        post["collectTime"] = json!(crate::fixtures::SEEN + 86_400);
    }
    write(here.path(), "posts.jsonl", lines(&posts));
    let videos = |arguments: &[&str]| report(here.path(), arguments)["creators"][0]["videos"].as_array().map(Vec::len);
    assert_eq!(videos(&["posts.jsonl"]), Some(9));
    assert_eq!(videos(&["posts.jsonl", "--as-of", "2025-02-14T11:59:59Z"]), Some(6));
    // Midnight in Auckland is 11:00 UTC of the day before.
    assert_eq!(videos(&["posts.jsonl", "--as-of", "2025-02-15", "--zone", "Pacific/Auckland"]), Some(6));
    assert_eq!(videos(&["posts.jsonl", "--as-of", "2025-02-15"]), Some(9));

    let output = run(here.path(), &["analyze", "posts.jsonl", "--as-of", "2024-01-01"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("observed_later"), "{}", stderr(&output));
}

#[test]
fn somebody_elses_text_cannot_command_the_terminal() {
    let here = folder();
    let mut post = posts().remove(0);
    post["desc"] = json!("\u{1b}[2Jgone\u{7}\r\n@fake\u{202e}drawkcab");
    post["author"]["nickname"] = json!("A\u{1b}]0;title\u{7}da");
    write(here.path(), "post.json", post.to_string());
    let text = stdout(&run(here.path(), &["analyze", "post.json"]));
    assert!(!text.contains(['\u{1b}', '\u{7}', '\r', '\u{202e}']), "{text:?}");
    assert!(text.contains("gone @fakedrawkcab"), "{text}");
}
