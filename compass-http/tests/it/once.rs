//! Requests with an `Idempotency-Key`.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use compass_core::{
    AuditEvent, UserId,
    ports::{AuditLog, JobStore as _, StoreError},
};
use tokio::sync::{Notify, Semaphore};
use tower::ServiceExt as _;

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

/// A record into which nothing is written before it is open.
#[derive(Debug)]
struct GatedLog {
    log: Arc<dyn AuditLog>,
    gate: Semaphore,
    comes: Notify,
}

#[async_trait]
impl AuditLog for GatedLog {
    async fn append(&self, event: &AuditEvent) -> Result<(), StoreError> {
        self.comes.notify_one();
        // It has no permits, and is closed in order to open it.
        self.gate.acquire().await.unwrap_err();
        self.log.append(event).await
    }

    async fn events_of(&self, user: UserId, limit: u32) -> Result<Vec<AuditEvent>, StoreError> {
        self.log.events_of(user, limit).await
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_client_began_before_it_lost_its_connection_is_done_once() {
    let bench = Bench::new().await;
    let ada = bench.person("ada").await;
    let log = GatedLog { log: Arc::clone(&bench.ports.audit), gate: Semaphore::new(0), comes: Notify::new() };
    let log = Arc::new(log);
    let bench = bench.with(|ports| ports.audit = Arc::<GatedLog>::clone(&log));
    let open = || with_header(with_cookie(post("/auth/sessions"), &ada), "idempotency-key", "k");
    let first = tokio::spawn(bench.app.clone().oneshot(open()));
    // The session is there, and its record is not.
    log.comes.notified().await;
    first.abort();
    let ask =
        async || tokio::time::timeout(Duration::from_secs(1), bench.send(open())).await.expect("it waits for nothing");
    let again = ask().await;
    let detail = again.problem(409, "conflict");
    assert!(detail.contains("still under way"), "{detail}");
    log.gate.close();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let detail = ask().await.problem(409, "conflict");
    assert!(detail.contains("a session was opened with this key"), "{detail}");
    let sessions = bench.send(with_cookie(get("/auth/sessions"), &ada)).await.json();
    assert_eq!(sessions["sessions"].as_array().unwrap().len(), 2, "the browser's, and that of the program");
}
