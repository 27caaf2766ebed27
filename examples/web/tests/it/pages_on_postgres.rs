//! The pages over PostgreSQL: from a handle to fresh figures, without a browser to see them.

use axum::http::StatusCode;
use serde_json::json;

use crate::{
    client::{Browser, events},
    process::{Service, folder, write},
};

#[tokio::test]
async fn a_handle_becomes_a_dashboard_with_fresh_figures() {
    let data = folder();
    let database = compass_store::testing::postgres().await;
    write(data.path(), "compass.toml", format!("database = {}\n", json!(database)));
    let service = Service::start(data.path());
    assert!(service.said().contains("PostgreSQL"), "{}", service.said());

    let mut browser = Browser::at(service.address());
    assert_eq!(browser.sign_in().await, "/onboarding");
    browser.patch("/users/me", &json!({"handle": "sample.quiet"})).await.json().await;
    let before = browser.get("/dashboard").await.text().await;
    assert!(before.contains("from generated sample data") && before.contains("95% interval"), "{before}");

    let before_it = looks(&mut browser).await;
    let asked = browser.post("/dashboard/refresh").await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER);
    let dashboard = asked.location();
    let job = dashboard.strip_prefix("/dashboard?job=").expect("the dashboard follows the job");
    let stream = browser.get(&format!("/tiktok/jobs/{job}/events")).await.text().await;
    assert_eq!(events(&stream).last().map(|(_, data)| data["stage"].clone()), Some(json!("succeeded")), "{stream}");
    let after = browser.get(&dashboard).await.text().await;
    assert!(after.contains("Refreshed at "), "{after}");
    assert_eq!(looks(&mut browser).await, before_it + 1);
}

/// How many looks at the profile are kept.
async fn looks(browser: &mut Browser) -> usize {
    let history = browser.get("/tiktok/sample.quiet/history?limit=200").await.json().await;
    history["observations"].as_array().expect("it is a list").len()
}
