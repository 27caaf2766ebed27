//! Creators side by side.

use crate::bench::{Bench, KNOWN, OTHER, UNKNOWN, get, with_header};

#[tokio::test]
async fn creators_come_in_the_order_asked_for_as_of_one_moment() {
    let bench = Bench::new().await;
    let answer = bench.get(&format!("/analytics/compare?handles={OTHER},@{KNOWN}")).await;
    let json = answer.json();
    assert_eq!(
        (json["schema"].as_str(), json["as_of"].as_str()),
        (Some("compass.report/1"), Some("2026-05-01T12:00:00Z"))
    );
    assert_eq!((&json["creators"][0]["handle"], &json["creators"][1]["handle"]), (&OTHER.into(), &KNOWN.into()));
    let alone = bench.get(&format!("/analytics/{KNOWN}")).await.json();
    assert_eq!(json["creators"][1], alone["creators"][0], "as by itself");
    let path = format!("/analytics/compare?handles={OTHER},@{KNOWN}");
    let again = bench.send(with_header(get(&path), "if-none-match", answer.header("etag"))).await;
    assert_eq!(again.status, 304);
}

#[tokio::test]
async fn who_was_not_observed_is_refused_and_the_others_are_compared() {
    let bench = Bench::new().await;
    let json = bench.get(&format!("/analytics/compare?handles={UNKNOWN},{KNOWN}")).await.json();
    assert_eq!(json["creators"].as_array().unwrap().len(), 1);
    let refused = &json["refused"][0];
    assert_eq!((refused["item"].as_str(), refused["reason"].as_str()), (Some(UNKNOWN), Some("not_observed")));
    bench.get(&format!("/analytics/compare?handles={UNKNOWN}")).await.problem(404, "not-found");
}

#[tokio::test]
async fn a_list_that_is_none_is_refused() {
    let bench = Bench::new().await;
    let many: Vec<String> = (0..11).map(|n| format!("creator{n}")).collect();
    let cases = [
        ("", "missing field"),
        ("handles=", "handles"),
        ("handles=ada,,bob", "handles"),
        ("handles=ada%20bob", "handles"),
        (&format!("handles={}", many.join(",")), "at most 10"),
        ("handles=ada&window=0", "window"),
    ];
    for (query, word) in cases {
        let detail = bench.get(&format!("/analytics/compare?{query}")).await.problem(400, "bad-request");
        assert!(detail.contains(word), "{query}: {detail}");
    }
}

#[tokio::test]
async fn a_creator_who_is_called_compare_is_reached_with_an_at_sign() {
    let detail = Bench::new().await.get("/analytics/@compare").await.problem(404, "not-found");
    assert!(detail.contains("@compare"), "{detail}");
}
