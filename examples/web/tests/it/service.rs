//! The way of a person through the service, over HTTP.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::{
    client::{Browser, events},
    process::{Service, folder, write},
};

#[tokio::test]
async fn a_sign_in_leads_through_onboarding_to_fresh_figures() {
    let data = folder();
    let service = Service::start(data.path());
    let mut browser = Browser::at(service.address());

    assert_eq!(browser.get("/users/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.sign_in().await, "/onboarding");
    let wishes = json!({"handle": "@Sample.Steady", "zone": "Europe/Berlin", "target": {"countries": ["DE"]}});
    let me = browser.patch("/users/me", &wishes).await.json().await;
    assert_eq!(me["preferences"]["handle"], "sample.steady");
    assert!(me.get("refresh").is_none(), "the samples have been looked at already: {me}");

    let before = browser.get("/analytics/sample.steady").await.json().await;
    let asked = browser.post("/tiktok/sample.steady/refresh").await;
    assert_eq!(asked.status, StatusCode::ACCEPTED);
    let job = asked.location();
    let stream = browser.get(&format!("{job}/events")).await.text().await;
    let events = events(&stream);
    let stages: Vec<&str> = events.iter().filter_map(|(_, data)| data["stage"].as_str()).collect();
    assert_eq!((stages.first(), stages.last()), (Some(&"started"), Some(&"succeeded")), "{stream}");
    assert!(events.iter().map(|(id, _)| *id).eq(1..=events.len() as u64), "{stream}");
    assert_eq!(browser.get(&job).await.json().await["state"], "succeeded");

    let after = browser.get("/analytics/sample.steady").await.json().await;
    let as_of = |report: &Value| report["as_of"].as_str().map(str::to_owned);
    assert!(as_of(&after) > as_of(&before), "{:?} is not after {:?}", as_of(&after), as_of(&before));
    assert!(after["creators"][0]["metrics"]["er.views.median@1"]["value"].is_f64());
    let history = browser.get("/tiktok/sample.steady/history").await.json().await;
    assert_eq!(history["observations"].as_array().map(Vec::len), Some(91), "90 days and this look");
}

#[tokio::test]
async fn a_second_start_finds_everything_as_it_was() {
    let data = folder();
    let first = Service::start(data.path());
    assert!(first.said().contains("made sample creators"), "{}", first.said());
    let mut browser = Browser::at(first.address());
    browser.sign_in().await;
    let before = browser.get("/tiktok/sample.rising/history").await.json().await;
    let token = browser.post("/auth/refresh").await.json().await["access_token"].clone();
    drop(first);

    let second = Service::start(data.path());
    assert!(!second.said().contains("made sample creators"), "{}", second.said());
    let mut browser = Browser::at(second.address());
    let after = browser.get("/tiktok/sample.rising/history").await.json().await;
    assert_eq!(after["observations"], before["observations"]);
    let bearer = token.as_str().expect("a token is a text");
    assert_eq!(browser.get_as(bearer, "/users/me").await.status, StatusCode::OK, "the token's secret was kept");
}

#[tokio::test]
async fn access_tokens_survive_a_change_of_the_secret_where_the_old_one_is_named() {
    let data = folder();
    let (old, new) = ("o".repeat(32), "n".repeat(32));
    write(data.path(), "compass.toml", format!("token_secret = '{old}'"));
    let service = Service::start(data.path());
    let mut browser = Browser::at(service.address());
    browser.sign_in().await;
    let token = browser.post("/auth/refresh").await.json().await["access_token"].clone();
    let token = token.as_str().expect("a token is a text");
    drop(service);
    for (retired, status) in [(format!("retired_token_secret = '{old}'"), 200), (String::new(), 401)] {
        write(data.path(), "compass.toml", format!("token_secret = '{new}'\n{retired}"));
        let service = Service::start(data.path());
        let answer = Browser::at(service.address()).get_as(token, "/users/me").await;
        assert_eq!(answer.status.as_u16(), status, "{retired}");
    }
}

#[tokio::test]
async fn the_sample_creators_have_ninety_days_of_history() {
    let data = folder();
    let service = Service::start(data.path());
    let mut browser = Browser::at(service.address());
    for handle in ["sample.steady", "sample.rising", "sample.spiky", "sample.quiet", "sample.fresh"] {
        let history = browser.get(&format!("/tiktok/{handle}/history")).await.json().await;
        assert_eq!(history["observations"].as_array().map(Vec::len), Some(90), "{handle}");
        let report = browser.get(&format!("/analytics/{handle}")).await.json().await;
        assert_eq!(report["creators"][0]["sources"], json!(["sample"]), "{handle}");
        assert!(report["creators"][0]["metrics"]["growth.followers.slope@1"]["value"].is_f64(), "{handle}");
    }
}

#[tokio::test]
async fn pages_and_api_answer_at_the_same_address() {
    let data = folder();
    let service = Service::start(data.path());
    let mut browser = Browser::at(service.address());
    let landing = browser.get("/").await;
    assert_eq!(landing.status, StatusCode::OK);
    assert!(landing.text().await.contains("<html"));
    let document = browser.get("/openapi.json").await.json().await;
    assert!(document["paths"]["/tiktok/{handle}/refresh"].is_object());
    assert_eq!(browser.get("/health/ready").await.status, StatusCode::OK);
    let nothing = browser.get("/no/such/thing").await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
    assert_eq!(nothing.headers["content-type"], "application/problem+json");
}
