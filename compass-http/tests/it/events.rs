//! A job's progress as server-sent events.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Extension, body::BodyDataStream, http::StatusCode, response::Response};
use compass_core::{
    SourceKind,
    app::RefreshWorker,
    ports::{JobStore, Lease, MockJobStore, StoreError},
    samples::World,
    testing::{MemoryStore, ScriptedSource},
};
use compass_http::Shutdown;
use futures_util::StreamExt;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::bench::{Answer, Bench, UNKNOWN, get, post, with_bearer, with_cookie, with_header};

/// Asks for a refresh; gives the path of its events and a token that may read them.
async fn job(bench: &Bench) -> (String, String) {
    let token = bench.token().await;
    let accepted = bench.send(with_bearer(post(&format!("/tiktok/{UNKNOWN}/refresh")), &token)).await;
    (format!("{}/events", accepted.header("location")), token)
}

/// Works the one job: the source shows the steady sample.
async fn work(bench: &Bench) -> Result<bool, StoreError> {
    let look = World::standard().creators()[0].snapshot(bench.ports.clock.now(), 5, SourceKind::Sample);
    let worker = RefreshWorker {
        creators: Arc::clone(&bench.ports.creators),
        jobs: Arc::clone(&bench.ports.jobs),
        hosts: Arc::new(MemoryStore::default()),
        sources: vec![Arc::new(ScriptedSource::new([Ok(look)]))],
        clock: Arc::clone(&bench.ports.clock),
        max_videos: 5,
        scheduler: None,
    };
    worker.run_next().await
}

/// Each event as its id and its stage.
fn steps(text: &str) -> Vec<(u64, String)> {
    let blocks = text.split("\n\n").filter(|block| block.contains("data:"));
    let line = |block: &str, name: &str| block.lines().find_map(|l| l.strip_prefix(name)).unwrap().trim().to_owned();
    let step = |block: &str| {
        let data: Value = serde_json::from_str(&line(block, "data:")).unwrap();
        assert_eq!(data["at"], "2026-05-01T12:00:00Z");
        (line(block, "id:").parse().unwrap(), data["stage"].as_str().unwrap().to_owned())
    };
    blocks.map(step).collect()
}

async fn next_piece(stream: &mut BodyDataStream) -> Option<String> {
    stream.next().await.map(|piece| String::from_utf8(piece.unwrap().to_vec()).unwrap())
}

const WHOLE: [&str; 5] = ["started", "opening", "profile_read", "recorded", "succeeded"];

#[tokio::test]
async fn a_finished_job_tells_its_steps_in_order_and_ends() {
    let bench = Bench::new().await;
    let (path, token) = job(&bench).await;
    assert!(work(&bench).await.unwrap());
    let answer = bench.send(with_bearer(get(&path), &token)).await;
    assert_eq!(answer.header("content-type"), "text/event-stream");
    let steps = steps(std::str::from_utf8(&answer.body).unwrap());
    assert_eq!(steps.iter().map(|(_, stage)| stage.as_str()).collect::<Vec<_>>(), WHOLE);
    assert_eq!(steps.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn a_client_that_comes_back_gets_what_it_missed_and_then_nothing_more() {
    let bench = Bench::new().await;
    let (path, token) = job(&bench).await;
    work(&bench).await.unwrap();
    let from = |id: &str| with_header(with_bearer(get(&path), &token), "last-event-id", id);
    let rest = bench.send(from("3")).await;
    let rest = steps(std::str::from_utf8(&rest.body).unwrap());
    assert_eq!(rest, [(4, "recorded".to_owned()), (5, "succeeded".to_owned())]);
    assert_eq!(bench.send(from("5")).await.status, StatusCode::NO_CONTENT, "an EventSource stays away then");
    let job = bench.send(with_bearer(get(path.trim_end_matches("/events")), &token)).await.json();
    assert!(job["available_at"].is_null() && job["finished_at"].is_string(), "{job}");
    for id in ["-1", "seven", "9223372036854775808", ""] {
        let all = bench.send(from(id)).await;
        assert_eq!(steps(std::str::from_utf8(&all.body).unwrap()).len(), 5, "{id:?} is no event's id");
    }
}

#[tokio::test]
async fn a_listener_hears_steps_as_they_happen() {
    let bench = Bench::new().await;
    let (path, token) = job(&bench).await;
    let mut stream = bench.open(with_bearer(get(&path), &token)).await.into_body().into_data_stream();
    let listen = tokio::spawn(async move {
        let mut heard = String::new();
        while let Some(piece) = next_piece(&mut stream).await {
            heard.push_str(&piece);
        }
        heard
    });
    work(&bench).await.unwrap();
    let heard = listen.await.unwrap();
    assert_eq!(steps(&heard).len(), WHOLE.len(), "{heard}");
}

#[tokio::test]
async fn a_failed_job_ends_its_stream_with_the_reason() {
    let bench = Bench::new().await;
    let (path, token) = job(&bench).await;
    let worker = RefreshWorker {
        creators: Arc::clone(&bench.ports.creators),
        jobs: Arc::clone(&bench.ports.jobs),
        hosts: Arc::new(MemoryStore::default()),
        sources: vec![Arc::new(ScriptedSource::new([]))],
        clock: Arc::clone(&bench.ports.clock),
        max_videos: 5,
        scheduler: None,
    };
    worker.run_next().await.unwrap();
    let answer = bench.send(with_bearer(get(&path), &token)).await;
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert_eq!(steps(&text).last().unwrap().1, "failed");
    assert!(text.contains("\"code\":\"not_found\""), "{text}");
}

#[tokio::test]
async fn a_service_that_stops_ends_the_streams_with_a_last_word() {
    let bench = Bench::new().await;
    let (path, token) = job(&bench).await;
    let stop = CancellationToken::new();
    let app = bench.app.clone().layer(Extension(Shutdown(stop.clone())));
    let response: Response = app.oneshot(with_bearer(get(&path), &token)).await.unwrap();
    stop.cancel();
    let body = Answer::read(response).await.body;
    let text = std::str::from_utf8(&body).unwrap();
    assert!(text.contains("retry: 3000") && text.contains("the service stops"), "{text}");
}

#[tokio::test]
async fn a_listener_that_claims_to_be_ahead_is_let_go_when_the_job_ends() {
    let bench = Bench::new().await;
    let (path, token) = job(&bench).await;
    let ahead = with_header(with_bearer(get(&path), &token), "last-event-id", "99");
    let response = bench.open(ahead).await;
    work(&bench).await.unwrap();
    let begun = tokio::time::Instant::now();
    assert_eq!(Answer::read(response).await.body, "");
    assert!(begun.elapsed() <= Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_listener_who_signs_out_hears_no_more() {
    let bench = Bench::new().await;
    let (path, token) = job(&bench).await;
    let response = bench.open(with_bearer(get(&path), &token)).await;
    assert_eq!(bench.send(with_bearer(post("/auth/logout"), &token)).await.status, 204);
    let answer = tokio::time::timeout(Duration::from_secs(10), Answer::read(response)).await.unwrap();
    assert_eq!(answer.body, "");
}

#[tokio::test]
async fn only_signed_in_people_listen() {
    let bench = Bench::new().await;
    let (path, _) = job(&bench).await;
    bench.get(&path).await.problem(401, "not-signed-in");
}

#[tokio::test]
async fn a_stream_waits_through_a_retry() {
    let bench = Bench::new().await;
    let (path, token) = job(&bench).await;
    let now = bench.ports.clock.now();
    let jobs: &MemoryStore = &bench.store;
    let claim = jobs.claim(Lease { now, until: now }).await.unwrap().unwrap();
    let failure = compass_core::Failure { code: "network".to_owned(), detail: "away".to_owned() };
    jobs.finish(&claim, &compass_core::ports::JobEnd::Retry { failure, at: now }, now).await.unwrap();
    let mut stream = bench.open(with_bearer(get(&path), &token)).await.into_body().into_data_stream();
    let first = next_piece(&mut stream).await.unwrap();
    assert!(first.contains("retrying"), "{first}");
    work(&bench).await.unwrap();
    let mut rest = String::new();
    while let Some(piece) = next_piece(&mut stream).await {
        rest.push_str(&piece);
    }
    let heard = [steps(&first), steps(&rest)].concat();
    assert_eq!(heard.last().unwrap().1, "succeeded");
    assert!(heard.iter().map(|(id, _)| *id).eq(1..=heard.len() as u64), "each once: {heard:?}");
}

#[tokio::test(start_paused = true)]
async fn one_person_listens_to_ten_jobs_at_most() {
    let bench = Bench::new().await;
    let (path, token) = job(&bench).await;
    let mut streams = Vec::new();
    for _ in 0..10 {
        let stream = bench.open(with_bearer(get(&path), &token)).await;
        assert_eq!(stream.status(), 200);
        streams.push(stream);
    }
    let refused = bench.send(with_bearer(get(&path), &token)).await;
    assert!(refused.problem(429, "too-often").contains("listen"), "{refused:?}");
    assert_eq!(refused.header("retry-after"), "5");
    let bob = bench.person("bob").await;
    assert_eq!(bench.open(with_cookie(get(&path), &bob)).await.status(), 200, "others are served");
    streams.pop();
    assert_eq!(bench.open(with_bearer(get(&path), &token)).await.status(), 200, "who stops listening makes room");
}

#[tokio::test(start_paused = true)]
async fn all_who_listen_to_a_job_cost_the_store_what_one_does() {
    let bench = Bench::new().await;
    let (path, token) = job(&bench).await;
    let id = path.split('/').nth(3).unwrap().parse().unwrap();
    let open = bench.ports.jobs.find(compass_core::JobId(id)).await.unwrap();
    let looks = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&looks);
    let mut jobs = MockJobStore::new();
    jobs.expect_find().returning(move |_| Ok(open.clone()));
    jobs.expect_events().returning(move |_, _| {
        counted.fetch_add(1, Ordering::Relaxed);
        Ok(Vec::new())
    });
    let bench = bench.with(|ports| ports.jobs = Arc::new(jobs));
    let mut listening = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let stream = bench.open(with_bearer(get(&path), &token)).await;
        listening.spawn(tokio::time::timeout(Duration::from_secs(9), Answer::read(stream)));
        tokio::time::advance(Duration::from_millis(20)).await;
    }
    while let Some(listened) = listening.join_next().await {
        assert!(listened.unwrap().is_err(), "the job goes on");
    }
    // Each reads once when it comes; then the store is asked every 0.3 s.
    let looks = looks.load(Ordering::Relaxed);
    assert!((8 + 25..=8 + 31).contains(&looks), "{looks}");
}
