//! The service with an identity provider in place of the development sign-in.

use std::sync::Arc;

use axum::http::StatusCode;
use compass_auth::testing::{SigningKey, TestProvider};
use compass_core::ports::{SignInStart, SystemClock};
use serde_json::{Value, json};

use crate::{
    client::Browser,
    process::{Service, compass, folder, run, stderr, stdout, write},
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
    for (is_verified, why) in [(true, "in allowed;"), (false, "does not say email_verified: true")] {
        provider.set(|script| script.claims(move |claims| claims["email_verified"] = is_verified.into()));
        let back = agree(&mut browser, &provider).await;
        let refused = browser.get_page(&back).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        let page = refused.text().await;
        assert!(page.contains("This account may not sign in here") && !page.contains(why), "{page}");
    }
    assert_eq!(browser.get("/users/me").await.status, StatusCode::UNAUTHORIZED);
    // The operator reads why, and not who.
    let log = service.finish();
    assert!(log.contains("in allowed;") && log.contains("does not say email_verified: true"), "{log}");
    assert!(!log.contains("ada@"), "{log}");
}

// The provider answers while the test waits for the doctor.
#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_signs_with_es256_is_used_where_that_is_configured() {
    let provider = TestProvider::start(Arc::new(SystemClock)).await;
    provider.set(|script| {
        script.rotate_to(SigningKey::es256("ec-1"));
        script.edit_discovery =
            Box::new(|document| document["id_token_signing_alg_values_supported"] = json!(["ES256"]));
    });
    let data = folder();
    write(data.path(), "compass.toml", configured(&provider, ""));
    let output = compass(data.path()).arg("doctor").env("PATH", data.path()).output().expect("the binary runs");
    let said = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("signs ID tokens with ES256, and accepted is RS256"), "{said}");
    assert!(said.contains("algorithms = \"ES256\""), "{said}");

    write(data.path(), "compass.toml", configured(&provider, "algorithms = 'ES256'"));
    let output = compass(data.path()).arg("doctor").env("PATH", data.path()).output().expect("the binary runs");
    assert!(output.status.success() && stdout(&output).contains("signed with ES256"), "{}", stdout(&output));
    let service = Service::start(data.path());
    let mut browser = Browser::at(service.address());
    let back = agree(&mut browser, &provider).await;
    assert_eq!(browser.get(&back).await.location(), "/onboarding");
    assert_eq!(browser.get("/users/me").await.json().await["name"], "Ada");
}

#[tokio::test]
async fn whoever_is_taken_off_the_list_is_signed_out_by_the_operator_and_cannot_come_back() {
    let provider = TestProvider::start(Arc::new(SystemClock)).await;
    let data = folder();
    write(data.path(), "compass.toml", configured(&provider, "allowed = 'compass.example'"));
    let service = Service::start(data.path());
    let (mut ada, mut bob) = (Browser::at(service.address()), Browser::at(service.address()));
    let back = agree(&mut ada, &provider).await;
    ada.get(&back).await;
    let tokens = ada.post("/auth/sessions").await.json().await;
    provider.set(|script| script.person = json!({"sub": "2", "email": "bob@compass.example", "email_verified": true}));
    let back = agree(&mut bob, &provider).await;
    bob.get(&back).await;

    let output = run(data.path(), &["sign-out", "ADA@compass.example", "eve@compass.example", "--data", "."]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("nobody here had the address eve@compass.example"), "{}", stderr(&output));
    let told: Value = serde_json::from_str(&stdout(&output)).expect("one line of JSON");
    assert_eq!((&told["email"], &told["sessions_ended"]), (&json!("ada@compass.example"), &json!(2)));
    // The service runs on, and knows at once.
    assert_eq!(ada.get("/users/me").await.status, StatusCode::UNAUTHORIZED);
    let access = tokens["access_token"].as_str().expect("a token is a text");
    assert_eq!(ada.get_as(access, "/users/me").await.status, StatusCode::UNAUTHORIZED);
    let with = json!({"refresh_token": tokens["refresh_token"]});
    assert_eq!(Browser::at(service.address()).post_json("/auth/refresh", &with).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(bob.get("/users/me").await.status, StatusCode::OK);

    let output = run(data.path(), &["sign-out", told["user"].as_str().expect("an id"), "--data", "."]);
    let again: Value = serde_json::from_str(&stdout(&output)).expect("one line of JSON");
    assert_eq!((output.status.success(), &again["sessions_ended"]), (true, &json!(0)));
    let output = run(data.path(), &["sign-out", "--everybody", "--data", "."]);
    assert_eq!((output.status.success(), stdout(&output).lines().count()), (true, 2), "{}", stderr(&output));
    assert_eq!(bob.get("/users/me").await.status, StatusCode::UNAUTHORIZED);
    let usage: [&[&str]; 3] = [&["sign-out"], &["sign-out", "ada"], &["sign-out", "ada@a.example", "--everybody"]];
    for arguments in usage {
        assert_eq!(run(data.path(), arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_provider_that_cannot_be_used_is_said_to_be_so() {
    let here = folder();
    let google = "[google]\nclient_id = 'id'\nclient_secret = 'sesame'\n";
    let oidc = "[oidc]\nissuer = 'https://a.example'\nclient_id = 'id'\nclient_secret = 'sesame'\n";
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
        (google.to_owned() + "hosted_domain = ''", "hosted_domain"),
        (google.to_owned() + "hosted_domain = '@compass.example'", "hosted_domain"),
        (oidc.to_owned() + "algorithms = 'HS256'", "RS256 or ES256"),
        (oidc.to_owned() + "algorithms = ''", "signing algorithms"),
        (oidc.to_owned() + "select_account = 'perhaps'", "true or false"),
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
