//! The report, and when a client's copy of it is still good.

use std::time::Duration;

use compass_core::{SourceKind, samples::World};
use serde_json::Value;

use crate::bench::{Bench, KNOWN, UNKNOWN, get, with_header};

fn path() -> String {
    format!("/analytics/{KNOWN}")
}

#[tokio::test]
async fn the_report_has_its_contracts_shape() {
    let bench = Bench::new().await;
    let answer = bench.get(&path()).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
    let json = answer.json();
    assert_eq!(json["schema"], "compass.report/1");
    assert_eq!(json["as_of"], "2026-05-01T12:00:00Z");
    let creator = &json["creators"][0];
    assert_eq!(creator["handle"], KNOWN);
    let figure = &creator["metrics"]["er.views.median@1"];
    let (lo, value, hi) = (&figure["interval"]["lo"], &figure["value"], &figure["interval"]["hi"]);
    assert!(lo.as_f64().unwrap() <= value.as_f64().unwrap() && value.as_f64().unwrap() <= hi.as_f64().unwrap());
    assert_eq!(json["refused"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn a_copy_is_good_until_there_is_something_new_to_say() {
    let bench = Bench::new().await;
    let answer = bench.get(&path()).await;
    let etag = answer.header("etag").to_owned();
    assert!(etag.starts_with('"') && etag.ends_with('"') && etag.len() == 34, "a strong one: {etag}");
    assert_eq!(answer.header("cache-control"), "no-cache");
    let ask = async || bench.send(with_header(get(&path()), "if-none-match", &format!("\"other\", {etag}"))).await;

    bench.clock.advance(Duration::from_secs(3_599));
    let same = ask().await;
    assert_eq!((same.status.as_u16(), same.header("etag"), same.body.len()), (304, etag.as_str(), 0));

    let creator = World::standard().find(&KNOWN.parse().unwrap()).unwrap().clone();
    let now = bench.ports.clock.now();
    bench.ports.creators.record(&creator.snapshot(now, 30, SourceKind::Sample)).await.unwrap();
    let fresh = ask().await;
    assert_eq!(fresh.status, 200);
    assert_eq!(fresh.json()["as_of"], "2026-05-01T12:59:59Z", "it includes the new look");
}

#[tokio::test]
async fn a_copy_is_no_longer_good_in_the_next_hour() {
    let bench = Bench::new().await;
    let etag = bench.get(&path()).await.header("etag").to_owned();
    bench.clock.advance(Duration::from_secs(3_600));
    let later = bench.send(with_header(get(&path()), "if-none-match", &etag)).await;
    assert_eq!((later.status.as_u16(), later.json()["as_of"].as_str()), (200, Some("2026-05-01T13:00:00Z")));
}

#[tokio::test]
async fn weak_tags_strong_ones_and_the_star_count_and_others_do_not() {
    let bench = Bench::new().await;
    let etag = bench.get(&path()).await.header("etag").to_owned();
    for (value, status) in [
        (etag.clone(), 304),
        (format!("W/{etag}"), 304),
        ("*".to_owned(), 304),
        (etag.replace('"', ""), 200),
        ("\"\"".to_owned(), 200),
    ] {
        let answer = bench.send(with_header(get(&path()), "if-none-match", &value)).await;
        assert_eq!(answer.status, status, "{value}");
    }
}

#[tokio::test]
async fn a_report_of_a_past_day_knows_nothing_of_later_ones() {
    let bench = Bench::new().await;
    let past = bench.get(&format!("{}?as_of=2026-04-20T00:00:00Z", path())).await.json();
    assert_eq!(past["as_of"], "2026-04-20T00:00:00Z");
    for video in past["creators"][0]["videos"].as_array().unwrap() {
        assert!(video["observed_at"].as_str().unwrap() <= "2026-04-20T00:00:00Z");
    }
}

#[tokio::test]
async fn the_ends_of_time_are_moments_too() {
    let bench = Bench::new().await;
    bench.get(&format!("{}?as_of=-009999-01-02T01:59:59Z", path())).await.problem(404, "not-found");
    assert_eq!(bench.get(&format!("{}?as_of=9999-12-30T22:00:00Z", path())).await.status, 200);
}

#[tokio::test]
async fn a_creator_not_observed_by_then_is_not_found() {
    let bench = Bench::new().await;
    bench.get(&format!("/analytics/{UNKNOWN}")).await.problem(404, "not-found");
    bench.get(&format!("{}?as_of=2020-01-01T00:00:00Z", path())).await.problem(404, "not-found");
    bench.get("/analytics/a").await.problem(422, "invalid-value");
    bench.get(&format!("{}?as_of=yesterday", path())).await.problem(400, "bad-request");
}

#[tokio::test]
async fn the_window_and_the_zone_are_the_clients_to_choose() {
    let bench = Bench::new().await;
    let usual = bench.get(&path()).await.json();
    let asked = bench.get(&format!("{}?window=10&zone=Asia/Tokyo", path())).await.json();
    let posts = |report: &Value| report["creators"][0]["metrics"]["er.views.median@1"]["n"].as_u64().unwrap();
    assert_eq!((posts(&usual), posts(&asked)), (30, 10));
    let zone = |report: &Value| report["creators"][0]["posting"]["zone"].as_str().unwrap().to_owned();
    assert_eq!((zone(&usual), zone(&asked)), ("UTC".to_owned(), "Asia/Tokyo".to_owned()));
    for wrong in ["window=0", "window=1001", "window=-1", "window=ten", "zone=Mars/Olympus", "colour=red"] {
        bench.get(&format!("{}?{wrong}", path())).await.problem(400, "bad-request");
    }
}
