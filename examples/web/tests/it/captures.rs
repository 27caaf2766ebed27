//! `compass analyze` on real pages and data, beside an independent count of the same files.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use flate2::read::MultiGzDecoder;
use serde_json::{Value, json};

use crate::process::{folder, run, stderr, stdout};

/// The folder of captures; `None`, said aloud, where there is none.
fn captures() -> Option<PathBuf> {
    let folder = std::env::var_os("COMPASS_CAPTURES").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("COMPASS_CAPTURES is not set: nothing was checked");
    }
    folder
}

fn analyzed(inputs: &[PathBuf]) -> (Option<i32>, Value, String) {
    let here = folder();
    let mut arguments = vec!["analyze", "--format", "json"];
    arguments.extend(inputs.iter().map(|input| input.to_str().expect("captures have plain names")));
    let output = run(here.path(), &arguments);
    let report = serde_json::from_str(&stdout(&output)).expect("stdout is JSON");
    (output.status.code(), report, stderr(&output))
}

fn unpacked(file: &Path) -> String {
    let mut text = String::new();
    MultiGzDecoder::new(File::open(file).expect("the capture is there"))
        .read_to_string(&mut text)
        .expect("it is UTF-8");
    text
}

#[test]
fn pages_with_a_profile_are_read() {
    let Some(captures) = captures() else { return };
    // Handle, nickname, followers, likes, posts read, pinned ones.
    let pages = [
        ("profile-grid-2025", "rapvietvevo", "RAP VIỆT VEVO", json!({"lo": 303_750, "hi": 303_849}), 36, 2),
        ("profile-grid-2026", "jelly.here10", "Jelly.here۶ৎ", json!({"exact": 3_666}), 38, 3),
        ("profile-sigi-2023", "dylanlemay", "Dylan Lemay", json!({"lo": 11_150_000, "hi": 11_249_999}), 30, 0),
    ];
    for (page, handle, nickname, followers, videos, pinned) in pages {
        let (status, report, messages) = analyzed(&[captures.join(format!("pages/{page}.html.gz"))]);
        assert_eq!(status, Some(0), "{page}: {messages}");
        let creator = &report["creators"][0];
        assert_eq!((&creator["handle"], &creator["nickname"]), (&json!(handle), &json!(nickname)), "{page}");
        assert_eq!(creator["counts"]["followers"], followers, "{page}");
        let shown = creator["videos"].as_array().expect("a report lists posts");
        assert_eq!(shown.len(), videos, "{page}");
        assert_eq!(shown.iter().filter(|video| video["pinned"] == true).count(), pinned, "{page}");
        assert!(creator["metrics"]["views.typical@1"]["value"].is_f64(), "{page}");
    }
}

#[test]
fn the_exact_likes_of_stats_v2_are_taken() {
    let Some(captures) = captures() else { return };
    let (_, report, _) = analyzed(&[captures.join("pages/profile-grid-2026.html.gz")]);
    assert_eq!(report["creators"][0]["counts"]["likes"], json!({"exact": 272_628}));
}

#[test]
fn pages_without_figures_fail_each_with_its_reason() {
    let Some(captures) = captures() else { return };
    let pages = [
        ("profile-grid-failed-2024", "grid_unavailable", "915 videos"),
        ("shell-app-2026", "shell_page", "app shell"),
        ("shell-downgrade-2026", "shell_page", "downgrade shell"),
        ("video-missing-2025", "video_unavailable", "10204"),
    ];
    for (page, reason, detail) in pages {
        let (status, report, messages) = analyzed(&[captures.join(format!("pages/{page}.html.gz"))]);
        assert_eq!(status, Some(1), "{page}");
        assert_eq!((&report["creators"], &report["refused"][0]["reason"]), (&json!([]), &json!(reason)), "{page}");
        assert!(messages.contains(reason) && messages.contains(detail), "{page}: {messages}");
    }
}

#[test]
fn pages_of_one_post_give_its_counters() {
    let Some(captures) = captures() else { return };
    for (page, id, saves) in
        [("video-ok-2026", "7608826249200356630", 124_842), ("video-mobile-2026", "7603995605354040594", 49_505)]
    {
        let (status, report, messages) = analyzed(&[captures.join(format!("pages/{page}.html.gz"))]);
        assert_eq!(status, Some(0), "{page}: {messages}");
        let video = &report["creators"][0]["videos"][0];
        assert_eq!((&video["id"], &video["counts"]["saves"]), (&json!(id), &json!({"exact": saves})), "{page}");
    }
}

#[test]
fn every_item_of_one_creator_is_accepted_or_refused() {
    let Some(captures) = captures() else { return };
    let list = captures.join("api/items-turkdyk.json.gz");
    let (status, report, messages) = analyzed(&[captures.join("api/user-turkdyk.json"), list.clone()]);
    assert_eq!(status, Some(0), "{messages}");
    let raw: Value = serde_json::from_str(&unpacked(&list)).expect("the capture is JSON");
    let given = items_in(&raw).count();
    let read = report["creators"][0]["videos"].as_array().map_or(0, Vec::len);
    let refused = report["refused"].as_array().map_or(0, Vec::len);
    assert_eq!((given, read + refused), (121, 121));
    assert_eq!(report["creators"].as_array().map(Vec::len), Some(1));
}

#[test]
fn the_large_file_agrees_with_an_independent_count() {
    let Some(captures) = captures() else { return };
    let file = captures.join("items-3920.jsonl.gz");
    let raw: Vec<Value> = unpacked(&file)
        .split('\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect();
    let mut expected: BTreeMap<&str, BTreeMap<&str, &Value>> = BTreeMap::new();
    let mut again = 0;
    for item in &raw {
        let text = |value: &'_ Value| -> String { value.as_str().map_or_else(|| value.to_string(), str::to_owned) };
        let (id, author) = (item["id"].as_str(), item["author"]["id"].as_str());
        let (id, author) = (id.expect("ids are texts"), author.expect("ids are texts"));
        let kept = expected.entry(author).or_default();
        match kept.insert(id, item) {
            Some(earlier) if text(&earlier["collectTime"]) > text(&item["collectTime"]) => {
                kept.insert(id, earlier);
                again += 1;
            }
            Some(_) => again += 1,
            None => {}
        }
    }

    let (status, report, messages) = analyzed(&[file]);
    assert_eq!(status, Some(0), "{messages}");
    let creators = report["creators"].as_array().expect("a report lists creators");
    assert_eq!(creators.len(), expected.len());
    let refused: BTreeSet<&str> =
        report["refused"].as_array().into_iter().flatten().filter_map(|refused| refused["reason"].as_str()).collect();
    assert_eq!((report["refused"].as_array().map(Vec::len), refused), (Some(again), BTreeSet::from(["duplicate"])));
    let mut read = 0;
    for creator in creators {
        let posts = &expected[creator["id"].as_str().expect("ids are texts")];
        for video in creator["videos"].as_array().expect("a report lists posts") {
            let item = posts[video["id"].as_str().expect("ids are texts")];
            for (ours, theirs) in [("views", "playCount"), ("likes", "diggCount"), ("comments", "commentCount")] {
                assert!(holds(&video["counts"][ours], &item["stats"][theirs]), "{}: {ours}: {video}", video["id"]);
            }
            read += 1;
        }
    }
    assert_eq!(read + again, raw.len());
}

/// Whether a count is the number that the source shows, or a range around it.
fn holds(count: &Value, shown: &Value) -> bool {
    let shown = shown.as_u64();
    let bound = |name: &str| count[name].as_u64();
    match bound("exact") {
        Some(exact) => Some(exact) == shown,
        None => bound("lo") <= shown && shown <= bound("hi") && bound("hi").is_some(),
    }
}

/// The item structs of an answer, or of several.
fn items_in(raw: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match raw {
        Value::Array(values) if values.iter().all(|value| value.get("id").is_some()) => Box::new(values.iter()),
        Value::Array(values) => Box::new(values.iter().flat_map(items_in)),
        _ => Box::new(raw["itemList"].as_array().into_iter().flatten()),
    }
}
