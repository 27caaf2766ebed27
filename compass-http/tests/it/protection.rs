//! What protects browsers: no acting for them from other sites, and careful headers on every answer.

use axum::{Router, http::Method};
use compass_http::{Manners, Site};
use tower::ServiceExt as _;

use crate::bench::{
    Answer, Bench, KNOWN, get, patch_json, post, post_json, request, with_bearer, with_cookie, with_header,
};

#[tokio::test]
async fn another_site_cannot_act_for_a_signed_in_browser() {
    let bench = Bench::new().await;
    let cookie = bench.sign_in().await;
    let writes = || {
        [
            post("/auth/logout"),
            post("/auth/refresh"),
            post(&format!("/tiktok/{KNOWN}/refresh")),
            patch_json("/users/me", r#"{"handle": "evil"}"#),
        ]
    };
    let foreign = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ];
    for (name, value) in foreign {
        for write in writes() {
            let what = format!("{} {} {name}: {value}", write.method(), write.uri());
            let answer = bench.send(with_header(with_cookie(write, &cookie), name, value)).await;
            assert_eq!(answer.status, 403, "{what}");
            answer.problem(403, "cross-site");
        }
    }
    let me = bench.send(with_cookie(get("/users/me"), &cookie)).await;
    assert!(me.json()["preferences"]["handle"].is_null(), "nothing was done");
}

#[tokio::test]
async fn our_own_pages_and_plain_clients_can_act() {
    let bench = Bench::new().await;
    let cookie = bench.sign_in().await;
    for (name, value) in
        [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "none"), ("origin", "http://127.0.0.1:8000")]
    {
        let write = with_header(with_cookie(post("/auth/refresh"), &cookie), name, value);
        assert_eq!(bench.send(write).await.status, 200, "{name}: {value}");
    }
    assert_eq!(bench.send(with_cookie(post("/auth/refresh"), &cookie)).await.status, 200);
}

#[tokio::test]
async fn an_access_token_works_from_anywhere_and_does_not_open_the_door_for_the_cookie() {
    let bench = Bench::new().await;
    let token = bench.token().await;
    let cookie = bench.sign_in().await;
    let foreign = |request| with_header(request, "sec-fetch-site", "cross-site");
    let refresh = || post(&format!("/tiktok/{KNOWN}/refresh"));
    assert_eq!(bench.send(foreign(with_bearer(refresh(), &token))).await.status, 202);
    let mixed = with_header(with_cookie(refresh(), &cookie), "authorization", "Basic dTpw");
    bench.send(foreign(mixed)).await.problem(403, "cross-site");
    let mixed = with_header(with_cookie(refresh(), &cookie), "authorization", "Basic dTpw");
    bench.send(mixed).await.problem(401, "not-signed-in");
}

#[tokio::test]
async fn every_answer_has_the_careful_headers() {
    let bench = Bench::new().await;
    let cookie = bench.sign_in().await;
    let requests = [
        get("/health/live"),
        get("/openapi.json"),
        get(&format!("/analytics/{KNOWN}")),
        with_cookie(get("/users/me"), &cookie),
        get("/users/me"),
        get("/auth/google/login"),
        get("/nonsense"),
        request(Method::DELETE, "/users/me"),
        with_header(post("/auth/logout"), "sec-fetch-site", "cross-site"),
        with_header(post("/auth/logout"), "content-encoding", "gzip"),
        with_cookie(post("/auth/logout"), &cookie),
        with_header(get(&format!("/analytics/{KNOWN}")), "if-none-match", "*"),
    ];
    for request in requests {
        let what = format!("{} {}", request.method(), request.uri());
        let answer = bench.send(request).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{what}");
        assert_eq!(answer.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'", "{what}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{what}");
        assert!(answer.header("x-request-id").len() >= 32, "{what}");
        let kept = if what.contains("analytics") { "no-cache" } else { "no-store" };
        assert_eq!(answer.header("cache-control"), kept, "{what}");
    }
}

#[tokio::test]
async fn a_request_keeps_the_name_that_a_proxy_gave_it() {
    let answer = Bench::new().await.send(with_header(get("/health/live"), "x-request-id", "edge-7")).await;
    assert_eq!(answer.header("x-request-id"), "edge-7");
    for useless in ["", "two words", "e\tdge", &"e".repeat(129), "\u{e9}dge"] {
        let answer = Bench::new().await.send(with_header(get("/health/live"), "x-request-id", useless)).await;
        assert!(uuid::Uuid::parse_str(answer.header("x-request-id")).is_ok(), "{useless:?}: {answer:?}");
    }
}

#[tokio::test]
async fn a_page_of_another_site_renews_with_the_token_in_its_body_alone() {
    let bench = Bench::new().await;
    let cookie = bench.sign_in().await;
    let tokens = bench.send(with_cookie(post("/auth/sessions"), &cookie)).await.json();
    let body = serde_json::json!({"refresh_token": tokens["refresh_token"]}).to_string();
    let manners = Manners::at(&Site::loopback()).shared_with(["https://app.example"]).unwrap();
    let app = manners.over(Router::new().nest("/compass", bench.app.clone()));
    let send = async |request| {
        let request = with_header(request, "sec-fetch-site", "cross-site");
        Answer::read(app.clone().oneshot(with_header(request, "origin", "https://app.example")).await.unwrap()).await
    };
    let path = "/compass/auth/refresh";
    let with_body = || post_json(path, &body);
    send(with_cookie(with_body(), &cookie)).await.problem(403, "cross-site");
    let mut form = with_header(post(path), "content-type", "text/plain");
    *form.body_mut() = body.clone().into();
    send(form).await.problem(403, "cross-site");
    send(post(path)).await.problem(403, "cross-site");
    send(post_json("/compass/auth/logout", &body)).await.problem(403, "cross-site");
    send(post_json(path, "null")).await.problem(401, "not-signed-in");
    let renewed = send(with_body()).await;
    assert_eq!(renewed.status, 200, "{renewed:?}");
    assert_eq!(renewed.header("access-control-allow-origin"), "https://app.example");
    assert!(renewed.set_cookies().is_empty());
}
