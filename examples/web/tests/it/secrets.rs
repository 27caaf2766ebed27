//! Secrets stay out of all that the running service writes, however much it logs, and out of its metrics.

use std::sync::Arc;

use axum::http::StatusCode;
use compass_auth::testing::{Page, SigningKey, TestProvider};
use compass_core::ports::SystemClock;
use serde_json::json;

use crate::{
    client::Browser,
    process::{Service, folder, write},
    provider::{agree, configured},
};

const TOKEN_SECRET: &str = "canary-token-secret-0123456789-0123456789";
const RETIRED_SECRET: &str = "canary-retired-secret-0123456789-0123456789";

#[tokio::test]
async fn no_secret_is_in_the_output_or_the_metrics_of_the_service() {
    let provider = TestProvider::start(Arc::new(SystemClock)).await;
    let data = folder();
    let keys = format!("token_secret = '{TOKEN_SECRET}'\nretired_token_secret = '{RETIRED_SECRET}'\nlog = 'trace'\n");
    write(data.path(), "compass.toml", keys + &configured(&provider, ""));
    let service = Service::start_with_operators(data.path());
    let mut secrets: Vec<String> = [TOKEN_SECRET, RETIRED_SECRET, "canary-"].map(str::to_owned).into();

    let mut browser = Browser::at(service.address());
    let back = agree(&mut browser, &provider).await;
    let (_, code_and_state) = back.split_once("code=").expect("it has a code");
    secrets.extend(code_and_state.split("&state=").map(str::to_owned));
    let values = |cookies: String| {
        cookies.split("; ").filter_map(|pair| Some(pair.split_once('=')?.1.to_owned())).collect::<Vec<_>>()
    };
    secrets.extend(values(browser.cookies()));
    assert_eq!(browser.get(&back).await.status, StatusCode::SEE_OTHER);
    secrets.extend(values(browser.cookies()));
    let tokens = browser.post("/auth/sessions").await.json().await;
    let first = tokens["refresh_token"].clone();
    let next = browser.post_json("/auth/refresh", &json!({"refresh_token": first})).await.json().await;
    for token in [&tokens["access_token"], &first, &next["access_token"], &next["refresh_token"]] {
        secrets.push(token.as_str().expect("a token is a text").to_owned());
    }
    let access = next["access_token"].as_str().expect("a token is a text");
    assert_eq!(browser.get_as(access, "/users/me/export").await.status, StatusCode::OK);

    // Some of what can go wrong.
    // The same way back once more: nothing is left of the sign-in.
    assert!(!Browser::at(service.address()).get(&back).await.status.is_success());
    for token in [format!("{access}x"), first.as_str().expect("a text").to_owned(), TOKEN_SECRET.to_owned()] {
        assert_eq!(browser.get_as(&token, "/users/me").await.status, StatusCode::UNAUTHORIZED);
    }
    for body in [json!({"refresh_token": first}), json!(first), json!({first.as_str().expect("a text"): 1})] {
        assert!(browser.post_json("/auth/refresh", &body).await.status.is_client_error());
    }
    provider.set(|script| script.signer = SigningKey::es256("unpublished"));
    for page in [Page::Good, Page::Status(500), Page::Html, Page::CutOff] {
        provider.set(|script| script.token = page);
        let mut other = Browser::at(service.address());
        let back = agree(&mut other, &provider).await;
        secrets.extend(values(other.cookies()));
        let failed = other.get(&back).await.status;
        assert!(failed.is_client_error() || failed.is_server_error(), "{failed}");
    }

    let metrics = Browser::at(service.operators()).get("/metrics").await.text().await;
    assert!(metrics.contains("/auth/refresh"), "{metrics}");
    let said = tokio::task::spawn_blocking(|| service.finish()).await.expect("nothing panics");
    assert!(said.contains("TRACE") && said.contains("a request was refused"), "it logs all that there is: {said}");
    for secret in secrets {
        assert!(secret.len() >= 7, "{secret}");
        for (what, text) in [("log", &said), ("metrics", &metrics)] {
            let line = text.lines().find(|line| line.contains(&secret));
            assert_eq!(line, None, "{secret} is in the {what}");
        }
    }
}
