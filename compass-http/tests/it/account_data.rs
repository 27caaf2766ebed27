//! What people may ask of what is kept of them.

use axum::http::Method;
use compass_core::ports::AuditLog as _;

use crate::bench::{Answer, Bench, KNOWN, get, patch_json, post, request, with_bearer, with_cookie};

#[tokio::test]
async fn an_export_is_a_file_with_everything_but_secrets() {
    let bench = Bench::new().await;
    let (ada, bob) = (bench.person("ada").await, bench.person("bob").await);
    let tokens = bench.send(with_cookie(post("/auth/sessions"), &ada)).await.json();
    bench.send(with_cookie(patch_json("/users/me", &format!(r#"{{"handle": "{KNOWN}"}}"#)), &ada)).await;
    let answer = bench.send(with_cookie(get("/users/me/export"), &ada)).await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"));
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"creator-compass.json\"");
    let json = answer.json();
    assert_eq!(json["user"]["identity"]["subject"], "ada");
    assert_eq!(json["user"]["preferences"]["handle"], KNOWN);
    for (list, len) in [("sessions", 2), ("refresh_tokens", 1), ("audit", 3), ("jobs", 0)] {
        assert_eq!(json[list].as_array().map(Vec::len), Some(len), "{list} in {json}");
    }
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    let secrets = [ada.split_once('=').unwrap().1, tokens["refresh_token"].as_str().unwrap()];
    for word in secrets.into_iter().chain(["bob", "hash"]) {
        assert!(!text.contains(word), "{word} in {text}");
    }
    bench.get("/users/me/export").await.problem(401, "not-signed-in");
    assert_eq!(
        bench.send(with_cookie(get("/users/me/export"), &bob)).await.json()["user"]["identity"]["subject"],
        "bob"
    );
}

#[tokio::test]
async fn an_erased_person_is_signed_out_everywhere_at_once() {
    let bench = Bench::new().await;
    let (ada, phone, bob) = (bench.person("ada").await, bench.person("ada").await, bench.person("bob").await);
    let id = bench.send(with_cookie(get("/users/me"), &ada)).await.json()["id"].as_str().unwrap().to_owned();
    let token = bench.send(with_cookie(post("/auth/refresh"), &phone)).await.json();
    let erased = bench.send(with_cookie(request(Method::DELETE, "/users/me"), &ada)).await;
    assert_eq!(erased.status, 204);
    assert!(erased.set_cookies()[0].starts_with("compass_session=; "), "{erased:?}");
    for cookie in [&ada, &phone] {
        bench.send(with_cookie(get("/users/me"), cookie)).await.problem(401, "not-signed-in");
        bench.send(with_cookie(request(Method::DELETE, "/users/me"), cookie)).await.problem(401, "not-signed-in");
    }
    let bearer = with_bearer(get("/users/me"), token["access_token"].as_str().unwrap());
    bench.send(bearer).await.problem(401, "not-signed-in");
    assert_eq!(bench.send(with_cookie(get("/users/me"), &bob)).await.status, 200);
    let user = compass_core::UserId(id.parse().unwrap());
    assert_eq!(bench.store.events_of(user, 9).await.unwrap(), [], "nothing on record names the person");
    let again = bench.person("ada").await;
    assert_ne!(bench.send(with_cookie(get("/users/me"), &again)).await.json()["id"], id.as_str());
}

#[tokio::test(start_paused = true)]
async fn a_person_gets_one_export_at_a_time_and_all_together_four() {
    let bench = Bench::new().await;
    let export = |who: &str| with_cookie(get("/users/me/export"), who);
    let mut people = Vec::new();
    for name in ["ada", "bob", "cem", "dan", "eve"] {
        people.push(bench.person(name).await);
    }
    let mut unread = Vec::new();
    for who in &people[..4] {
        unread.push(bench.open(export(who)).await);
    }
    let refused = bench.send(export(&people[0])).await;
    let detail = refused.problem(503, "unavailable");
    assert!(detail.contains("another export of yours"), "{detail}");
    assert_eq!(refused.header("retry-after"), "5");
    let detail = bench.send(export(&people[4])).await.problem(503, "unavailable");
    assert!(detail.contains("too many exports"), "{detail}");
    // Who reads it to the end, or not at all, has had the turn.
    let whole = Answer::read(unread.remove(0)).await.json();
    let exported = whole["audit"].as_array().unwrap().iter().filter(|event| event["action"] == "account_exported");
    assert_eq!(exported.count(), 1, "what was refused was not read: {whole}");
    drop(unread);
    for who in &people {
        assert_eq!(bench.send(export(who)).await.json()["user"]["identity"]["issuer"], "https://id.example");
    }
    let mut head = export(&people[0]);
    *head.method_mut() = Method::HEAD;
    let _unread = bench.open(head).await;
    assert_eq!(bench.send(export(&people[0])).await.status, 200, "nothing is sent to whoever wants no body");
}
