//! Where somebody is signed in: the list, the programs, and the end of it.

use std::{net::SocketAddr, time::Duration};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request},
};
use serde_json::{Value, json};

use crate::bench::{Answer, Bench, get, post, post_json, request, with_bearer, with_cookie, with_header};

fn delete(path: &str) -> Request<Body> {
    request(Method::DELETE, path)
}

/// The same request from a certain address.
fn from(mut request: Request<Body>, address: &str) -> Request<Body> {
    let address: SocketAddr = address.parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(address));
    request
}

async fn sessions(bench: &Bench, cookie: &str) -> Vec<Value> {
    let answer = bench.send(with_cookie(get("/auth/sessions"), cookie)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["sessions"].as_array().unwrap().clone()
}

/// The tokens of a new program of whoever has the cookie.
async fn program(bench: &Bench, cookie: &str) -> Answer {
    let answer = bench.send(with_cookie(post("/auth/sessions"), cookie)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer
}

fn text<'a>(json: &'a Value, name: &str) -> &'a str {
    json[name].as_str().unwrap_or_else(|| panic!("no {name} in {json}"))
}

async fn refresh(bench: &Bench, token: &str) -> Answer {
    bench.send(post_json("/auth/refresh", &json!({"refresh_token": token}).to_string())).await
}

#[tokio::test]
async fn sessions_are_listed_with_device_address_and_last_use() {
    let bench = Bench::new().await;
    let start = bench.get("/auth/google/login").await;
    let back = with_cookie(get(start.header("location")), &start.cookies());
    let done = bench.send(from(with_header(back, "user-agent", "Browser/1 <b>"), "203.0.113.7:4711")).await;
    let cookie = done.cookies();
    let first = sessions(&bench, &cookie).await;
    assert_eq!(first.len(), 1);
    let told = |one: &Value| {
        let name = |name: &str| one[name].as_str().map(str::to_owned);
        (one["current"].as_bool(), name("device"), name("address"), name("last_seen_at"))
    };
    let expected = |device: &str, address: &str, seen: &str| {
        (Some(true), Some(device.to_owned()), Some(address.to_owned()), Some(seen.to_owned()))
    };
    assert_eq!(told(&first[0]), expected("Browser/1 <b>", "203.0.113.7", "2026-05-01T12:00:00Z"));
    assert_eq!(first[0]["expires_at"], "2026-05-31T12:00:00Z");

    bench.clock.advance(Duration::from_secs(300));
    let later = with_cookie(with_header(get("/users/me"), "user-agent", &"x".repeat(900)), &cookie);
    assert_eq!(bench.send(from(later, "[2001:db8::7]:1")).await.status, 200);
    let later = sessions(&bench, &cookie).await;
    assert_eq!(told(&later[0]), expected(&"x".repeat(200), "2001:db8::7", "2026-05-01T12:05:00Z"));
}

#[tokio::test]
async fn a_person_ends_a_session_and_nobody_elses() {
    let bench = Bench::new().await;
    let (ada, phone, bob) = (bench.person("ada").await, bench.person("ada").await, bench.person("bob").await);
    let of_phone = sessions(&bench, &phone).await.iter().find(|one| one["current"] == true).unwrap()["id"].clone();
    let path = format!("/auth/sessions/{}", of_phone.as_str().unwrap());
    bench.send(with_cookie(delete(&path), &bob)).await.problem(404, "not-found");
    bench.send(delete(&path)).await.problem(401, "not-signed-in");
    assert_eq!(bench.send(with_cookie(get("/users/me"), &phone)).await.status, 200);
    let ended = bench.send(with_cookie(delete(&path), &ada)).await;
    assert_eq!((ended.status.as_u16(), ended.set_cookies().len()), (204, 0));
    bench.send(with_cookie(get("/users/me"), &phone)).await.problem(401, "not-signed-in");
    bench.send(with_cookie(delete(&path), &ada)).await.problem(404, "not-found");
    bench.send(with_cookie(delete("/auth/sessions/7"), &ada)).await.problem(422, "invalid-value");
    assert_eq!(sessions(&bench, &ada).await.len(), 1);

    let own = sessions(&bench, &ada).await[0]["id"].clone();
    let ended = bench.send(with_cookie(delete(&format!("/auth/sessions/{}", own.as_str().unwrap())), &ada)).await;
    assert!(ended.set_cookies()[0].starts_with("compass_session=; "), "{ended:?}");
}

#[tokio::test]
async fn a_person_ends_all_sessions_at_once_with_every_token() {
    let bench = Bench::new().await;
    let (ada, phone, bob) = (bench.person("ada").await, bench.person("ada").await, bench.person("bob").await);
    let tokens = program(&bench, &ada).await.json();
    let ended = bench.send(with_cookie(delete("/auth/sessions"), &phone)).await;
    assert_eq!(ended.status, 204);
    assert!(ended.set_cookies()[0].starts_with("compass_session=; "), "{ended:?}");
    for cookie in [&ada, &phone] {
        bench.send(with_cookie(get("/users/me"), cookie)).await.problem(401, "not-signed-in");
    }
    bench.send(with_bearer(get("/users/me"), text(&tokens, "access_token"))).await.problem(401, "not-signed-in");
    refresh(&bench, text(&tokens, "refresh_token")).await.problem(401, "not-signed-in");
    assert_eq!(bench.send(with_cookie(get("/users/me"), &bob)).await.status, 200);
}

#[tokio::test]
async fn a_program_gets_its_first_token_from_the_browser_and_the_next_ones_by_itself() {
    let bench = Bench::new().await;
    let cookie = bench.sign_in().await;
    let opened = program(&bench, &cookie).await;
    assert_eq!(opened.header("cache-control"), "no-store");
    assert!(opened.set_cookies().is_empty());
    let mut tokens = opened.json();
    for _ in 0..3 {
        assert_eq!((text(&tokens, "token_type"), tokens["expires_in"].as_i64()), ("Bearer", Some(600)));
        let me = bench.send(with_bearer(get("/users/me"), text(&tokens, "access_token"))).await;
        assert_eq!(me.json()["name"], "Developer");
        bench.clock.advance(Duration::from_secs(3_600));
        let answer = refresh(&bench, text(&tokens, "refresh_token")).await;
        assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"), "{answer:?}");
        tokens = answer.json();
    }
    assert_eq!(tokens["refresh_token_expires_at"], "2026-05-15T15:00:00Z");
    let both = sessions(&bench, &cookie).await;
    assert_eq!(both.len(), 2);
    let of_program = both.iter().find(|one| one["current"] == false).unwrap();
    assert!(opened.header("location").ends_with(text(of_program, "id")));
    bench.send(with_cookie(delete(opened.header("location")), &cookie)).await;
    refresh(&bench, text(&tokens, "refresh_token")).await.problem(401, "not-signed-in");
}

#[tokio::test]
async fn a_refresh_token_that_comes_back_ends_the_session() {
    let bench = Bench::new().await;
    let cookie = bench.sign_in().await;
    let first = program(&bench, &cookie).await.json();
    let second = refresh(&bench, text(&first, "refresh_token")).await.json();
    let at_once = refresh(&bench, text(&first, "refresh_token")).await;
    at_once.problem(409, "conflict");
    assert_eq!(at_once.header("retry-after"), "10");
    let third = refresh(&bench, text(&second, "refresh_token")).await.json();
    let detail = refresh(&bench, text(&first, "refresh_token")).await.problem(401, "not-signed-in");
    assert!(detail.contains("used before"), "{detail}");
    refresh(&bench, text(&third, "refresh_token")).await.problem(401, "not-signed-in");
    bench.send(with_bearer(get("/users/me"), text(&third, "access_token"))).await.problem(401, "not-signed-in");
    assert_eq!(sessions(&bench, &cookie).await.len(), 1, "the browser's own goes on");
}

#[tokio::test]
async fn tokens_of_one_kind_are_not_taken_for_another() {
    let bench = Bench::new().await;
    let cookie = bench.sign_in().await;
    let tokens = program(&bench, &cookie).await.json();
    let (access, again) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    bench.send(with_bearer(get("/users/me"), again)).await.problem(401, "not-signed-in");
    bench.send(with_cookie(get("/users/me"), &format!("compass_session={again}"))).await.problem(401, "not-signed-in");
    bench.send(with_cookie(get("/users/me"), &format!("compass_session={access}"))).await.problem(401, "not-signed-in");
    refresh(&bench, access).await.problem(401, "not-signed-in");
    refresh(&bench, cookie.split_once('=').unwrap().1).await.problem(401, "not-signed-in");
    bench.send(with_bearer(post("/auth/sessions"), access)).await.problem(401, "not-signed-in");
    bench.send(with_bearer(post("/auth/refresh"), access)).await.problem(401, "not-signed-in");
    let by_query = post(&format!("/auth/refresh?refresh_token={again}"));
    bench.send(by_query).await.problem(401, "not-signed-in");
    assert_eq!(refresh(&bench, again).await.status, 200, "none of this spent it");
}

#[tokio::test]
async fn a_body_that_is_no_refresh_token_is_refused_as_such() {
    let bench = Bench::new().await;
    let cases = [
        ("{", 400, "bad-request"),
        ("{}", 422, "invalid-value"),
        (r#"{"refresh_token": 7}"#, 422, "invalid-value"),
        (r#"{"refresh_token": "a", "role": "admin"}"#, 422, "invalid-value"),
        (r#"{"refresh_token": "a\u0000b"}"#, 401, "not-signed-in"),
    ];
    for (body, status, kind) in cases {
        bench.send(post_json("/auth/refresh", body)).await.problem(status, kind);
    }
    let form = with_header(post("/auth/refresh"), "content-type", "application/x-www-form-urlencoded");
    bench.send(form).await.problem(415, "unsupported-media-type");
}

#[tokio::test]
async fn other_sites_open_and_end_nothing() {
    let bench = Bench::new().await;
    let cookie = bench.sign_in().await;
    for asked in [post("/auth/sessions"), delete("/auth/sessions"), delete("/users/me"), post("/auth/refresh")] {
        let theirs = with_header(with_cookie(asked, &cookie), "sec-fetch-site", "cross-site");
        bench.send(theirs).await.problem(403, "cross-site");
    }
    assert_eq!(sessions(&bench, &cookie).await.len(), 1);
}
