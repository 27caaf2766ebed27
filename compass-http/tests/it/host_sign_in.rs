//! A host that knows by itself who asks.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use axum::{Extension, Router, http::request::Parts};
use compass_core::{
    Identity, UserId,
    ports::{AccountStore as _, Clock as _},
};
use compass_http::{
    HostSignIn, Problem, ProblemKind, analytics, imports, operations, recommendations, router_of, tiktok,
};
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::bench::{Answer, Bench, KNOWN, get, post, post_file, with_bearer, with_cookie, with_header};

/// Knows one person, who shows a key, until the key is taken away.
#[derive(Debug)]
struct Keys {
    person: UserId,
    taken_away: AtomicBool,
}

#[async_trait]
impl HostSignIn for Keys {
    async fn caller(&self, head: &Parts) -> Result<Option<UserId>, Problem> {
        match head.headers.get("x-key").map(|key| key.as_bytes()) {
            None => Ok(None),
            Some(b"sesame") if !self.taken_away.load(Ordering::Relaxed) => Ok(Some(self.person)),
            Some(_) => Err(Problem::new(ProblemKind::NotSignedIn).with_detail("the key opens nothing")),
        }
    }
}

async fn host() -> (Bench, Arc<Keys>, Router) {
    let bench = Bench::new().await;
    let ada = Identity { issuer: "urn:host".to_owned(), subject: "ada".to_owned(), email: None, name: None };
    let id = UserId(Uuid::from_u128(7));
    let person = bench.store.sign_in(&ada, id, bench.clock.now()).await.unwrap().id;
    let keys = Arc::new(Keys { person, taken_away: AtomicBool::new(false) });
    let host: Arc<dyn HostSignIn> = Arc::<Keys>::clone(&keys);
    let app = router_of([tiktok(), analytics(), imports(), recommendations(), operations()])
        .with_state(bench.ports.clone())
        .layer(Extension(host));
    (bench, keys, app)
}

#[tokio::test]
async fn the_hosts_word_counts_and_ours_does_not() {
    let (bench, keys, app) = host().await;
    let send = async |request| Answer::read(app.clone().oneshot(request).await.unwrap()).await;
    let refresh = || post(&format!("/tiktok/{KNOWN}/refresh"));
    send(refresh()).await.problem(401, "not-signed-in");
    let refused = send(with_header(refresh(), "x-key", "guessed")).await.problem(401, "not-signed-in");
    assert_eq!(refused, "the key opens nothing");
    send(with_cookie(refresh(), &bench.sign_in().await)).await.problem(401, "not-signed-in");
    send(with_bearer(refresh(), &bench.token().await)).await.problem(401, "not-signed-in");
    let accepted = send(with_header(refresh(), "x-key", "sesame")).await;
    assert_eq!(accepted.status, 202, "{accepted:?}");
    let job = send(with_header(get(accepted.header("location")), "x-key", "sesame")).await;
    assert_eq!((job.status.as_u16(), job.json()["handle"].as_str()), (200, Some(KNOWN)));
    let id = serde_json::from_value(job.json()["id"].clone()).unwrap();
    let kept = bench.ports.jobs.find(id).await.unwrap().unwrap();
    assert_eq!(kept.requested_by, Some(keys.person));
    assert_eq!(send(get(&format!("/analytics/{KNOWN}"))).await.status, 200, "figures are open to everybody");
    send(get("/auth/google/login")).await.problem(404, "not-found");
    let foreign = with_header(with_header(refresh(), "x-key", "sesame"), "sec-fetch-site", "cross-site");
    send(foreign).await.problem(403, "cross-site");
    let known = with_header(with_header(refresh(), "x-key", "sesame"), "sec-fetch-site", "cross-site");
    let known = with_header(known, "authorization", "Basic dTpw");
    send(known).await.problem(403, "cross-site");
    let elsewhere = with_header(with_header(refresh(), "x-key", "sesame"), "host", "evil.example");
    send(elsewhere).await.problem(400, "not-this-machine");
}

#[tokio::test]
async fn a_stream_ends_when_the_host_knows_the_listener_no_more() {
    let (_, keys, app) = host().await;
    let refresh = with_header(post(&format!("/tiktok/{KNOWN}/refresh")), "x-key", "sesame");
    let accepted = Answer::read(app.clone().oneshot(refresh).await.unwrap()).await;
    let events = format!("{}/events", accepted.header("location"));
    let stream = app.oneshot(with_header(get(&events), "x-key", "sesame")).await.unwrap();
    assert_eq!(stream.status(), 200);
    keys.taken_away.store(true, Ordering::Relaxed);
    let rest = tokio::time::timeout(Duration::from_secs(10), Answer::read(stream)).await.unwrap();
    assert_eq!(rest.body, "");
}

#[tokio::test]
async fn own_exports_and_recommendations_are_for_whom_the_host_knows() {
    let (_bench, _keys, app) = host().await;
    let send = async |request| Answer::read(app.clone().oneshot(request).await.unwrap()).await;
    let file = || post_file("/tiktok/import", format!("{KNOWN},2026-04-30,5000,0.75"));
    let similar = || get(&format!("/recommendations/creators?handle={KNOWN}"));
    send(file()).await.problem(401, "not-signed-in");
    send(similar()).await.problem(401, "not-signed-in");
    assert_eq!(send(with_header(file(), "x-key", "sesame")).await.status, 201);
    assert_eq!(send(with_header(similar(), "x-key", "sesame")).await.status, 200);
    let audience = || get(&format!("/analytics/{KNOWN}/audience"));
    assert_eq!(send(with_header(audience(), "x-key", "sesame")).await.status, 200);
    send(audience()).await.problem(404, "not-found");
}
