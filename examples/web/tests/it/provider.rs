//! The service with an identity provider in place of the development sign-in.

use std::sync::Arc;

use axum::http::StatusCode;
use compass_auth::testing::TestProvider;
use compass_core::ports::{SignInStart, SystemClock};
use serde_json::json;

use crate::{
    client::Browser,
    process::{Service, compass, folder, run, stderr, write},
};

/// A configuration with that provider.
pub(crate) fn configured(provider: &TestProvider, more: &str) -> String {
    let (issuer, id, secret) = (provider.issuer(), TestProvider::CLIENT_ID, TestProvider::CLIENT_SECRET);
    format!("[oidc]\nissuer = '{issuer}'\nclient_id = '{id}'\nclient_secret = '{secret}'\nname = 'Example'\n{more}")
}

/// Where the browser comes back to whose person agrees.
pub(crate) async fn agree(browser: &mut Browser, provider: &TestProvider) -> String {
    let redirect = browser.get("/auth/google/login").await.location();
    let answer = provider.agree(&SignInStart { redirect, transaction: String::new() });
    format!("/auth/google/callback?code={}&state={}", answer.code.expect("a code"), answer.state)
}

#[tokio::test]
async fn people_sign_in_with_the_provider_and_stay_until_they_end_it() {
    let provider = TestProvider::start(Arc::new(SystemClock)).await;
    let data = folder();
    write(data.path(), "compass.toml", configured(&provider, ""));
    let service = Service::start(data.path());
    assert!(service.said().contains("sign-in   Example"), "{}", service.said());
    let mut browser = Browser::at(service.address());
    let landing = browser.get("/").await.text().await;
    assert!(landing.contains("Sign in with Example") && !landing.contains("Development sign-in"), "{landing}");
    let back = agree(&mut browser, &provider).await;
    let done = browser.get(&back).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/onboarding".to_owned()));
    let me = browser.get("/users/me").await.json().await;
    assert_eq!((&me["email"], &me["name"]), (&json!("ada@compass.example"), &json!("Ada")));

    let tokens = browser.post("/auth/sessions").await.json().await;
    drop(service);
    let service = Service::start(data.path());
    let mut program = Browser::at(service.address());
    let with = json!({"refresh_token": tokens["refresh_token"]});
    let next = program.post_json("/auth/refresh", &with).await.json().await;
    let token = next["access_token"].as_str().expect("a token is a text");
    assert_eq!(program.get_as(token, "/users/me").await.json().await["id"], me["id"]);
    let export = program.get_as(token, "/users/me/export").await.json().await;
    assert_eq!(export["sessions"].as_array().map(Vec::len), Some(2));
    assert_eq!(export["sessions"][0]["client"]["ip"], "127.0.0.1");
    assert_eq!(program.delete_as(token, "/users/me").await.status, StatusCode::NO_CONTENT);
    assert_eq!(program.get_as(token, "/users/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn people_who_may_not_come_in_are_told_so_on_a_page() {
    let provider = TestProvider::start(Arc::new(SystemClock)).await;
    let data = folder();
    write(data.path(), "compass.toml", configured(&provider, "allowed = 'bob@compass.example, other.example'"));
    let service = Service::start(data.path());
    let mut browser = Browser::at(service.address());
    let back = agree(&mut browser, &provider).await;
    let refused = browser.get_page(&back).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let page = refused.text().await;
    assert!(page.contains("This account may not sign in here"), "{page}");
    assert_eq!(browser.get("/users/me").await.status, StatusCode::UNAUTHORIZED);
}

#[test]
fn a_provider_that_cannot_be_used_is_said_to_be_so() {
    let here = folder();
    let google = "[google]\nclient_id = 'id'\nclient_secret = 'sesame'\n";
    let cases = [
        (
            google.to_owned() + "[oidc]\nissuer = 'https://a.example'\nclient_id = 'id'\nclient_secret = 'sesame'",
            "not both",
        ),
        ("[google]\nclient_id = 'id'".to_owned(), "client_secret"),
        ("[google]\nclient_id = 'id'\nclient_secret = 7".to_owned(), "text in quotes"),
        (google.to_owned() + "colour = 'red'", "google.colour"),
        ("public_url = 'https://compass.example'".to_owned(), "identity provider"),
        ("public_url = 'http://compass.example'\n".to_owned() + google, "https"),
        (google.to_owned() + "allowed = 'everybody'", "everybody"),
        ("[oidc]\nissuer = 'http://a.example'\nclient_id = 'id'\nclient_secret = 'sesame'".to_owned(), "https://"),
        ("listen = '0.0.0.0:0'\n".to_owned() + google, "public_url"),
    ];
    for (file, said) in cases {
        write(here.path(), "compass.toml", &file);
        let arguments: &[&str] =
            if file.contains("listen") { &["serve"] } else { &["serve", "--listen", "127.0.0.1:0"] };
        let output = run(here.path(), arguments);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{file}: {text}");
        assert!(text.contains(said) && !text.contains("sesame"), "{file}: {text}");
    }
}

#[test]
fn a_provider_comes_from_variables_and_flags_as_well() {
    let here = folder();
    let output = compass(here.path())
        .args(["serve", "--listen", "0.0.0.0:0", "--google-client-id", "id"])
        .env("COMPASS_GOOGLE_CLIENT_SECRET", "sesame")
        .output()
        .expect("the binary runs");
    let text = stderr(&output);
    assert!(text.contains("public_url") && !text.contains("sesame"), "it got as far as the address: {text}");
    let output =
        compass(here.path()).arg("serve").env("COMPASS_GOOGLE_COLOUR", "red").output().expect("the binary runs");
    assert!(stderr(&output).contains("COMPASS_GOOGLE_COLOUR"), "{}", stderr(&output));
}

#[test]
fn a_service_behind_a_proxy_that_it_does_not_know_says_what_that_means() {
    let warned = |file: &str| {
        let here = folder();
        write(here.path(), "compass.toml", format!("{file}\n[google]\nclient_id = 'id'\nclient_secret = 'sesame'"));
        Service::start(here.path()).said().contains("trusted_proxies")
    };
    assert!(warned("public_url = 'https://compass.example'"));
    assert!(!warned("public_url = 'https://compass.example'\ntrusted_proxies = '127.0.0.1/32'"));
    assert!(!warned("public_url = 'http://localhost:8000'"));
}
