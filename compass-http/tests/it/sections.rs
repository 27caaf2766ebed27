//! Each section of the report by itself.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::bench::{Bench, KNOWN, UNKNOWN, get, with_header};

const SECTIONS: [&str; 8] =
    ["benchmark", "engagement", "growth", "posting", "videos", "hashtags", "forecast", "rosetta"];

async fn section(bench: &Bench, name: &str) -> Value {
    let answer = bench.get(&format!("/analytics/{KNOWN}/{name}")).await;
    assert_eq!(answer.status, 200, "{name}: {answer:?}");
    answer.json()
}

#[tokio::test]
async fn a_section_says_the_same_as_the_report() {
    let bench = Bench::new().await;
    let report = bench.get(&format!("/analytics/{KNOWN}")).await.json()["creators"][0].clone();
    for name in SECTIONS {
        let section = section(&bench, name).await;
        for member in ["handle", "as_of", "sources"] {
            assert_eq!(section[member], report[member], "{name} {member}");
        }
        for (id, figure) in section["metrics"].as_object().into_iter().flatten() {
            assert_eq!(figure, &report["metrics"][id], "{name} {id}");
        }
    }
    for (name, member, same) in [
        ("growth", "followers", &report["growth"]["followers"]),
        ("growth", "likes", &report["growth"]["likes"]),
        ("growth", "videos", &report["growth"]["videos"]),
        ("growth", "counts", &report["counts"]),
        ("posting", "best_time", &report["posting"]["best_time"]),
        ("posting", "times", &report["posting"]["times"]),
        ("videos", "videos", &report["videos"]),
        ("videos", "views_model", &report["views_model"]),
        ("hashtags", "lifts", &report["lifts"]),
        ("forecast", "forecast", &report["growth"]["forecast"]),
        ("rosetta", "definitions", &report["rosetta"]),
        ("benchmark", "benchmarks", &report["benchmarks"]),
        ("benchmark", "authenticity", &report["authenticity"]),
    ] {
        assert!(!same.is_null(), "{name} {member}");
        assert_eq!(&section(&bench, name).await[member], same, "{name} {member}");
    }
}

#[tokio::test]
async fn each_figure_of_the_report_is_in_one_section() {
    let bench = Bench::new().await;
    let report = bench.get(&format!("/analytics/{KNOWN}")).await.json();
    let ids =
        |of: &Value| of["metrics"].as_object().into_iter().flatten().map(|(id, _)| id.clone()).collect::<Vec<_>>();
    let mut seen = BTreeSet::new();
    for name in SECTIONS {
        for id in ids(&section(&bench, name).await) {
            assert!(seen.insert(id.clone()), "{id} is in two sections");
        }
    }
    assert_eq!(seen, ids(&report["creators"][0]).into_iter().collect());
}

#[tokio::test]
async fn a_section_is_as_of_a_moment_in_a_window_and_zone_and_keeps_its_tag() {
    let bench = Bench::new().await;
    for name in SECTIONS {
        let path = format!("/analytics/{KNOWN}/{name}?as_of=2026-04-20T00:00:00Z&window=5&zone=Europe/Berlin");
        let answer = bench.get(&path).await;
        assert_eq!(answer.json()["as_of"], "2026-04-20T00:00:00Z", "{name}");
        let again = bench.send(with_header(get(&path), "if-none-match", answer.header("etag"))).await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{name}");
        bench.get(&format!("/analytics/{UNKNOWN}/{name}")).await.problem(404, "not-found");
        bench.get(&format!("/analytics/{KNOWN}/{name}?window=0")).await.problem(400, "bad-request");
    }
    let engagement = bench.get(&format!("/analytics/{KNOWN}/engagement?window=5")).await.json();
    assert_eq!(engagement["metrics"]["er.views.median@1"]["n"], 5);
    let posting = bench.get(&format!("/analytics/{KNOWN}/posting?zone=Europe/Berlin")).await.json();
    assert_eq!(posting["zone"], "Europe/Berlin");
}

#[tokio::test]
async fn a_post_has_a_value_at_the_price_that_the_client_names() {
    let bench = Bench::new().await;
    let value = async |price: &str| bench.get(&format!("/analytics/{KNOWN}/value?{price}")).await;
    let at = async |price: &str| value(price).await.json()["value"].clone();
    let one = at("cpm_low=1&currency=EUR&priced_on=2026-01-31").await;
    let mean = one["mean"]["value"].as_f64().unwrap();
    assert!(mean > 0.0, "{one}");
    assert_eq!((one["cpm"]["currency"].as_str(), one["cpm"]["dated"].as_str()), (Some("EUR"), Some("2026-01-31")));
    let two = at("cpm_low=2&cpm_high=2&currency=USD").await;
    assert!((two["mean"]["value"].as_f64().unwrap() - 2.0 * mean).abs() < mean * 1e-9, "twice the price: {two}");
    assert_eq!(two["cpm"]["dated"], "2026-05-01", "the day of the figures");
    let turned = at("cpm_low=3&cpm_high=1&currency=EUR").await;
    assert_eq!((turned["cpm"]["lo"].as_f64(), turned["cpm"]["hi"].as_f64()), (Some(1.0), Some(3.0)));
    for wrong in [
        "",
        "cpm_low=1",
        "cpm_low=0&currency=EUR",
        "cpm_low=NaN&currency=EUR",
        "cpm_low=1e999&currency=EUR",
        "cpm_low=NaN&cpm_high=5&currency=EUR",
        "cpm_low=5&cpm_high=NaN&currency=EUR",
        "cpm_low=0.009&currency=EUR",
        "cpm_low=1000000.1&currency=EUR",
        "cpm_low=1&cpm_high=1000000.1&currency=EUR",
        "cpm_low=1&cpm_high=0&currency=EUR",
        "cpm_low=1&currency=eur",
    ] {
        value(wrong).await.problem(400, "bad-request");
    }
    let high = value("cpm_low=1&cpm_high=NaN&currency=EUR").await.problem(400, "bad-request");
    assert_eq!(high, "cpm_high: it is a price from 0.01 to 1000000");
    for bound in ["0.01", "1000000"] {
        assert_eq!(value(&format!("cpm_low={bound}&currency=EUR")).await.status, 200, "{bound}");
    }
}
