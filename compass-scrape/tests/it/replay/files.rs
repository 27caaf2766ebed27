use compass_core::Count;
use compass_scrape::replay::{Recording, ReplayOptions, read};

use super::{Inputs, read_all};
use crate::parse::fixtures::{self, BOTH_TABLES, ITEM, ROUNDED_TABLE, ada, envelope, page};

fn reasons(recording: &Recording) -> Vec<&str> {
    recording.refused.iter().map(|refused| refused.reason.as_str()).collect()
}

fn bare_account(stats: &str) -> String {
    format!(r#"{{"user": {{"id": "7065499344158344198", "uniqueId": "ada.l", "nickname": "Ada L"}}, {stats}}}"#)
}

#[test]
fn inputs_are_known_by_their_content_and_not_by_their_names() {
    let inputs = Inputs::new();
    for path in [
        inputs.file("page.txt", fixtures::profile()),
        inputs.gzip("page.html", fixtures::profile()),
        inputs.file("list.html", format!("\u{FEFF}{}", envelope(ITEM))),
        inputs.gzip("line", ITEM.replace('\n', " ")),
    ] {
        let recording = read_all(&[path]);
        assert_eq!((recording.creators.len(), recording.refused.len()), (1, 0), "{recording:?}");
        assert!(!recording.creators[0].videos.is_empty());
    }
}

#[test]
fn account_and_its_posts_become_one_creator() {
    let inputs = Inputs::new();
    let paths =
        [inputs.file("user.json", bare_account(ROUNDED_TABLE)), inputs.gzip("items.json.gz", format!("[{ITEM}]"))];
    let recording = read_all(&paths);
    let [ada] = recording.creators.as_slice() else { panic!("{recording:?}") };
    assert_eq!((ada.profiles.len(), ada.videos.len()), (1, 1), "the author of a post does not replace the account");
    assert_eq!(ada.profiles[0].counts.followers, Some(Count::range(38_450, 38_549).unwrap()));
    assert_eq!(ada.profiles[0].observed_at.to_string(), "2025-02-12T16:00:10Z", "seen when its newest post was");
}

#[test]
fn posts_alone_bring_their_author() {
    let inputs = Inputs::new();
    let other = ITEM
        .replace("7470546959699348744", "7470546959699348745")
        .replace("7065499344158344198", "42")
        .replace("ada.l", "bob");
    let recording = read_all(&[inputs.file("items.json", envelope(&format!("{ITEM},{other}")))]);
    let handles: Vec<&str> =
        recording.creators.iter().map(|creator| creator.profiles[0].profile.handle.as_str()).collect();
    assert_eq!(handles, ["ada.l", "bob"]);
    assert_eq!(recording.creators[0].profiles[0].counts.followers, None);
}

#[test]
fn account_of_unknown_time_needs_one() {
    let inputs = Inputs::new();
    let path = inputs.file("user.json", bare_account(BOTH_TABLES));
    let recording = read_all(std::slice::from_ref(&path));
    assert_eq!((recording.creators.len(), reasons(&recording)), (0, vec!["missing_time"]));
    let at = "2026-05-01T00:00:00Z".parse().ok();
    let recording = read(&[path], &ReplayOptions { observed_at: at, ..ReplayOptions::default() });
    assert_eq!(Some(recording.creators[0].profiles[0].observed_at), at);
}

#[test]
fn two_looks_at_one_account_are_both_kept() {
    let inputs = Inputs::new();
    let later = fixtures::profile().replace("1776519232", "1776605632").replace("38490", "38491");
    let recording = read_all(&[inputs.file("1.html", fixtures::profile()), inputs.file("2.html", later)]);
    let [ada] = recording.creators.as_slice() else { panic!("{recording:?}") };
    assert_eq!((ada.profiles.len(), ada.videos.len(), recording.refused.len()), (2, 6, 0));
}

#[test]
fn same_look_given_twice_counts_once() {
    let inputs = Inputs::new();
    let path = inputs.file("items.json", envelope(ITEM));
    let recording = read_all(&[path.clone(), path]);
    assert_eq!((recording.creators[0].videos.len(), reasons(&recording)), (1, vec!["duplicate"]));
}

#[test]
fn page_of_one_post_is_a_creator_with_one_post() {
    let inputs = Inputs::new();
    let recording = read_all(&[inputs.file("video.html", fixtures::video_page())]);
    let [ada] = recording.creators.as_slice() else { panic!("{recording:?}") };
    assert_eq!((ada.profiles.len(), ada.videos.len()), (1, 1));
    assert_eq!(ada.videos[0].observed_at.to_string(), fixtures::WEB_ID_TIME);
}

#[test]
fn each_failure_is_an_outcome_of_its_own_and_spoils_nothing_else() {
    let inputs = Inputs::new();
    let cases = [
        (inputs.file("failed.html", page(&ada(ROUNDED_TABLE, ""), "")), "grid_unavailable", "927"),
        (inputs.file("shell.html", page("", "")), "shell_page", "generic"),
        (inputs.file("empty.html.gz", ""), "empty_response", "empty"),
        (inputs.file("text.html", "hello"), "unknown_format", "neither a page"),
        (inputs.file("broken.json", "{\"itemList\": ["), "unknown_format", "EOF"),
        (inputs.file("comments.json", "{\"comments\": []}"), "unknown_format", "comments"),
        (inputs.file("blocked.json", "{\"statusCode\": 10000}"), "captcha_required", "captcha"),
        (inputs.file("Overview.zip", b"PK\x03\x04...."), "damaged", "no ZIP"),
        (inputs.file("Overview.csv", "\u{FEFF}\"Date\",\"Video Views\""), "empty_table", "no rows"),
        (inputs.file("cut.json.gz", [0x1F, 0x8B, 8, 0]), "unreadable", "cannot be read"),
        (inputs.path("nobody.html"), "unreadable", "cannot be read"),
        (inputs.file("orphan.json", r#"{"id": "7", "stats": {"playCount": 1}}"#), "missing_author", "whose post"),
    ];
    let good = inputs.file("good.json", envelope(ITEM));
    for (path, reason, detail) in cases {
        let alone = read_all(std::slice::from_ref(&path));
        assert_eq!((alone.creators.len(), reasons(&alone)), (0, vec![reason]), "{}", path.display());
        assert_eq!(alone.refused[0].input, path.display().to_string());
        assert!(alone.refused[0].detail.contains(detail), "{:?}", alone.refused[0]);
        assert_eq!(read_all(&[path, good.clone()]).creators.len(), 1);
    }
}

#[test]
fn line_that_is_not_json_is_refused_with_its_number() {
    let inputs = Inputs::new();
    let lines = format!("{}\nnot json\n", ITEM.replace('\n', " "));
    let recording = read_all(&[inputs.gzip("items.jsonl.gz", lines)]);
    assert_eq!(recording.creators[0].videos.len(), 1);
    let refused = &recording.refused[0];
    assert_eq!((refused.reason.as_str(), refused.item.as_deref()), ("malformed", Some("line 2")));
}

#[test]
fn input_that_grows_too_large_is_refused() {
    let inputs = Inputs::new();
    let bomb = inputs.gzip("bomb.json.gz", vec![b' '; 1 << 20]);
    let options = ReplayOptions { max_bytes: (1 << 20) - 1, ..ReplayOptions::default() };
    let recording = read(&[bomb.clone(), inputs.file("plain.json", vec![b' '; 1 << 20])], &options);
    assert_eq!(reasons(&recording), ["too_large", "too_large"]);
    assert!(recording.refused[0].detail.contains("1048575"), "{:?}", recording.refused);
    let just_fits = ReplayOptions { max_bytes: 1 << 20, ..ReplayOptions::default() };
    assert_eq!(reasons(&read(&[bomb], &just_fits)), ["empty_response"]);
}
