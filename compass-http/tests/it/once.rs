//! Requests with an `Idempotency-Key`.

use compass_core::ports::JobStore as _;

use crate::bench::{Answer, Bench, KNOWN, UNKNOWN, get, post, with_cookie, with_header};

async fn refresh(bench: &Bench, who: &str, handle: &str, key: &str) -> Answer {
    let asked = with_cookie(post(&format!("/tiktok/{handle}/refresh")), who);
    bench.send(with_header(asked, "idempotency-key", key)).await
}

#[tokio::test]
async fn the_same_request_again_gets_the_first_answer_and_does_nothing() {
    let bench = Bench::new().await;
    let ada = bench.person("ada").await;
    let first = refresh(&bench, &ada, KNOWN, "k-1").await;
    assert_eq!(first.status, 202, "{first:?}");
    assert!(first.headers.get("idempotency-replayed").is_none());
    // Without the key, this would be another look.
    let id = serde_json::from_value(first.json()["id"].clone()).unwrap();
    bench.store.cancel(id, bench.ports.clock.now()).await.unwrap();
    let again = refresh(&bench, &ada, KNOWN, "k-1").await;
    assert_eq!(
        (again.status, &again.body, again.header("location")),
        (first.status, &first.body, first.header("location"))
    );
    assert_eq!(again.header("idempotency-replayed"), "true");
    let other = refresh(&bench, &ada, KNOWN, "k-2").await;
    assert_ne!(other.json()["id"], first.json()["id"]);
}

#[tokio::test]
async fn a_key_is_of_one_request_and_of_one_person() {
    let bench = Bench::new().await;
    let (ada, bob) = (bench.person("ada").await, bench.person("bob").await);
    assert_eq!(refresh(&bench, &ada, KNOWN, "k").await.status, 202);
    let detail = refresh(&bench, &ada, UNKNOWN, "k").await.problem(422, "invalid-value");
    assert!(detail.contains("Idempotency-Key"), "{detail}");
    assert_eq!(refresh(&bench, &bob, UNKNOWN, "k").await.json()["handle"], UNKNOWN);
}

#[tokio::test]
async fn an_answer_is_not_for_those_whose_session_has_ended() {
    let bench = Bench::new().await;
    let ada = bench.person("ada").await;
    assert_eq!(refresh(&bench, &ada, KNOWN, "k").await.status, 202);
    bench.send(with_cookie(post("/auth/logout"), &ada)).await;
    refresh(&bench, &ada, KNOWN, "k").await.problem(401, "not-signed-in");
}

#[tokio::test]
async fn a_key_that_is_none_is_refused() {
    let bench = Bench::new().await;
    let ada = bench.person("ada").await;
    for key in ["", &"k".repeat(256), "\u{e9}"] {
        refresh(&bench, &ada, KNOWN, key).await.problem(400, "bad-request");
    }
}

#[tokio::test]
async fn a_session_is_opened_once_for_a_key_and_its_tokens_are_told_once() {
    let bench = Bench::new().await;
    let ada = bench.person("ada").await;
    let open = async |key: &str| {
        bench.send(with_header(with_cookie(post("/auth/sessions"), &ada), "idempotency-key", key)).await
    };
    let first = open("k-1").await;
    assert_eq!(first.status, 201, "{first:?}");
    let again = open("k-1").await;
    let detail = again.problem(409, "conflict");
    assert!(detail.contains(first.header("location")) && detail.contains("fresh key"), "{detail}");
    assert_eq!(again.header("idempotency-replayed"), "true");
    let token = first.json()["refresh_token"].as_str().unwrap().to_owned();
    assert!(!again.body.windows(token.len()).any(|part| part == token.as_bytes()), "{detail}");
    assert_eq!(open("k-2").await.status, 201);
    let sessions = bench.send(with_cookie(get("/auth/sessions"), &ada)).await.json();
    assert_eq!(sessions["sessions"].as_array().unwrap().len(), 3, "the browser's, and one for each key");
}
