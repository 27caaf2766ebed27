//! The signed-in person and what it asked for.

use crate::bench::{Bench, KNOWN, UNKNOWN, get, patch_json, with_bearer, with_cookie, with_header};

#[tokio::test]
async fn nobody_is_signed_in_without_credentials_that_hold() {
    let bench = Bench::new().await;
    let token = bench.token().await;
    let answer = bench.get("/users/me").await;
    answer.problem(401, "not-signed-in");
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    bench.get(&format!("/users/me?access_token={token}")).await.problem(401, "not-signed-in");
    for cookie in ["compass_session=", "compass_session=guessed", "=;;;=,", "compass_session=\"a\"; compass_session=b"]
    {
        bench.send(with_cookie(get("/users/me"), cookie)).await.problem(401, "not-signed-in");
    }
    let good = bench.sign_in().await;
    let bad = "compass_session=guessed";
    let both = async |cookies: String| bench.send(with_cookie(get("/users/me"), &cookies)).await.status.as_u16();
    let answers = [both(format!("{bad}; {good}")).await, both(format!("{good}; {bad}")).await];
    assert_eq!(answers, [200, 401], "of two the last counts");
    let many: String = (0..100).map(|n| format!("; other{n}={n}")).collect();
    assert_eq!(both(format!("{good}{many}")).await, 200);
    for header in ["Bearer", "Bearer ", "Bearer a.b.c", "Basic dTpw", "bearer\t"] {
        let request = with_header(get("/users/me"), "authorization", header);
        bench.send(request).await.problem(401, "not-signed-in");
    }
}

#[tokio::test]
async fn an_authorization_header_that_fails_is_not_made_good_by_a_cookie() {
    let bench = Bench::new().await;
    let request = with_bearer(with_cookie(get("/users/me"), &bench.sign_in().await), "a.b.c");
    bench.send(request).await.problem(401, "not-signed-in");
}

#[tokio::test]
async fn what_is_left_out_of_a_change_stays_and_null_is_forgotten() {
    let bench = Bench::new().await;
    let token = bench.token().await;
    let change = async |body: &str| bench.send(with_bearer(patch_json("/users/me", body), &token)).await;
    let all = r#"{"handle": "@Sample.Steady", "zone": "Europe/Berlin", "target": {"countries": ["de"], "interests": ["chess"]}}"#;
    let answer = change(all).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let preferences = answer.json()["preferences"].clone();
    assert_eq!(preferences["handle"], KNOWN);
    assert_eq!(preferences["target"]["countries"][0], "DE");
    assert_eq!(change("{}").await.json()["preferences"], preferences);
    let less = change(r#"{"zone": null, "target": null}"#).await.json()["preferences"].clone();
    assert_eq!(less["handle"], KNOWN);
    assert!(less["zone"].is_null() && less["target"]["countries"].as_array().unwrap().is_empty(), "{less}");
    let me = bench.send(with_bearer(get("/users/me"), &token)).await;
    assert_eq!(me.json()["preferences"], less);
}

#[tokio::test]
async fn an_account_named_for_the_first_time_gets_its_first_look() {
    let bench = Bench::new().await;
    let token = bench.token().await;
    let change = async |handle: &str| {
        let body = format!(r#"{{"handle": "{handle}"}}"#);
        bench.send(with_bearer(patch_json("/users/me", &body), &token)).await.json()
    };
    assert!(change(KNOWN).await.get("refresh").is_none());
    let job = change(UNKNOWN).await["refresh"].clone();
    assert_eq!((job["handle"].as_str(), job["state"].as_str()), (Some(UNKNOWN), Some("queued")));
    assert_eq!(change(UNKNOWN).await["refresh"]["id"], job["id"], "one look for both");
}

#[tokio::test]
async fn a_change_that_cannot_be_accepted_names_what_and_changes_nothing() {
    let bench = Bench::new().await;
    let token = bench.token().await;
    let many = format!(r#"{{"target": {{"interests": [{}]}}}}"#, ["\"a\""; 11].join(","));
    let deep = format!(r#"{{"target": {}"#, "[".repeat(60_000));
    let cases = [
        (r#"{"role": "admin"}"#, 422, "role"),
        (r#"{"handle": "а.cyrillic"}"#, 422, "handle"),
        (r#"{"handle": 7}"#, 422, "handle"),
        (r#"{"handle": "ada", "handle": "bob"}"#, 422, "duplicate"),
        (r#"{"zone": "Mars/Olympus"}"#, 422, "zone"),
        (r#"{"target": {"countries": ["Germany"]}}"#, 422, "countries"),
        (r#"{"target": {"interests": ["a\u0000b"]}}"#, 422, "interests"),
        (r#"{"target": {"interests": ["  "]}}"#, 422, "interests"),
        (many.as_str(), 422, "interests"),
        (r#"["ada"]"#, 422, "an object"),
        ("{", 400, "JSON"),
        ("", 400, "JSON"),
        (r#"{"handle": "\ud800"}"#, 400, "JSON"),
        (deep.as_str(), 422, "target"),
    ];
    for (body, status, word) in cases {
        let answer = bench.send(with_bearer(patch_json("/users/me", body), &token)).await;
        let detail = answer.problem(status, if status == 422 { "invalid-value" } else { "bad-request" });
        assert!(detail.contains(word), "{body}: {detail}");
    }
    let me = bench.send(with_bearer(get("/users/me"), &token)).await;
    assert!(me.json()["preferences"]["handle"].is_null());
}

#[tokio::test]
async fn a_body_too_large_or_not_json_is_refused_as_such() {
    let bench = Bench::new().await;
    let token = bench.token().await;
    let large = format!(r#"{{"handle": "{}"}}"#, "a".repeat(70_000));
    bench.send(with_bearer(patch_json("/users/me", &large), &token)).await.problem(413, "too-large");
    let mut form = with_bearer(patch_json("/users/me", "handle=ada"), &token);
    form.headers_mut().insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
    bench.send(form).await.problem(415, "unsupported-media-type");
    let mut merge = with_bearer(patch_json("/users/me", "{}"), &token);
    merge.headers_mut().insert("content-type", "application/merge-patch+json".parse().unwrap());
    assert_eq!(bench.send(merge).await.status, 200);
}
