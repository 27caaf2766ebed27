//! Every failure is a problem: unknown paths, wrong methods, panics, stores that are away.

use std::{
    io,
    sync::{Arc, Mutex},
};

use axum::http::Method;
use compass_core::ports::{CreatorStore, MockCreatorStore, StoreError};
use compass_http::{Problem, ProblemKind};
use tracing_subscriber::fmt::MakeWriter;

use crate::bench::{Bench, KNOWN, get, request, with_header};

const SECRET: &str = "SELECT hunter2 FROM /etc/passwd";

/// A service whose creator store answers with this error, or panics if there is none.
async fn failing(error: fn() -> Option<StoreError>) -> Bench {
    let mut store = MockCreatorStore::new();
    let fail = move || error().unwrap_or_else(|| panic!("{SECRET}"));
    store.expect_find().returning(move |_| Err(fail()));
    store.expect_ping().returning(move || Err(fail()));
    let store: Arc<dyn CreatorStore> = Arc::new(store);
    Bench::new().await.with(|ports| ports.creators = store)
}

#[tokio::test]
async fn unknown_paths_are_problems() {
    let bench = Bench::new().await;
    for path in ["/", "/nonsense", "/tiktok", "/tiktok/ada/videos/1", "/health", "//", "/auth/google/login/"] {
        bench.get(path).await.problem(404, "not-found");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let bench = Bench::new().await;
    let cases = [
        (Method::PUT, "/users/me", "GET,HEAD,PATCH,DELETE"),
        (Method::GET, "/auth/logout", "POST"),
        (Method::GET, "/auth/refresh", "POST"),
        (Method::GET, "/tiktok/ada/refresh", "POST"),
        (Method::PUT, "/openapi.json", "GET,HEAD"),
    ];
    for (method, path, allowed) in cases {
        let answer = bench.send(request(method, path)).await;
        answer.problem(405, "method-not-allowed");
        assert_eq!(answer.header("allow"), allowed, "{path}");
    }
}

#[tokio::test]
async fn a_panic_is_our_fault_and_says_nothing_more() {
    let bench = failing(|| None).await;
    let answer = bench.get(&format!("/tiktok/{KNOWN}")).await;
    assert_eq!(answer.problem(500, "internal"), "");
    assert!(!String::from_utf8_lossy(&answer.body).contains("hunter2"));
    assert_eq!(bench.get("/health/live").await.status, 200, "the service goes on");
}

#[tokio::test]
async fn a_failing_store_is_our_fault_and_says_nothing_more() {
    for error in [|| Some(StoreError::Backend(SECRET.into())), || Some(StoreError::Corrupt(SECRET.to_owned()))] {
        let bench = failing(error).await;
        for path in ["/tiktok/ada", "/tiktok/ada/videos", "/tiktok/ada/history", "/analytics/ada", "/health/ready"] {
            let answer = bench.get(path).await;
            assert_eq!(answer.problem(500, "internal"), "");
            assert!(!String::from_utf8_lossy(&answer.body).contains("hunter2"));
        }
    }
}

#[tokio::test]
async fn a_store_that_is_away_is_worth_another_try() {
    let bench = failing(|| Some(StoreError::Unavailable(SECRET.into()))).await;
    for path in ["/tiktok/ada", "/analytics/ada", "/health/ready"] {
        let answer = bench.get(path).await;
        answer.problem(503, "unavailable");
        assert_eq!(answer.header("retry-after"), "5");
    }
    assert_eq!(bench.get("/health/live").await.status, 200);
}

#[tokio::test]
async fn a_healthy_service_says_so() {
    let bench = Bench::new().await;
    for path in ["/health/live", "/health/ready"] {
        assert_eq!(bench.get(path).await.json()["status"], "ok");
    }
}

#[tokio::test]
async fn the_log_has_a_failure_once_with_its_cause() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).finish();
    // Where there is only one, tracing believes that each thread's own counts, and other tests' threads have none.
    let _another = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let _guard = tracing::subscriber::set_default(subscriber);
    let bench = failing(|| Some(StoreError::Backend(SECRET.into()))).await;
    let asked = get("/tiktok/ada?as_of=2026-05-01T00:00:00Z");
    bench.send(with_header(asked, "x-request-id", "edge-7")).await.problem(500, "internal");
    bench.get("/nonsense").await.problem(404, "not-found");
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert_eq!(text.matches("hunter2").count(), 1, "{text}");
    assert_eq!(text.lines().count(), 1, "nobody's fault is not logged: {text}");
    assert!(text.contains("edge-7") && text.contains("GET") && text.contains("/tiktok/ada"), "whose it is: {text}");
    assert!(!text.contains("as_of"), "queries may hold secrets: {text}");
    assert!(text.contains("ERROR") && text.contains("store failed: SELECT"), "{text}");
}

#[tokio::test]
async fn a_host_can_show_a_problem_as_a_page() {
    let answer = Bench::new().await.open(get("/nonsense")).await;
    let problem = answer.extensions().get::<Problem>().unwrap();
    assert_eq!((problem.kind(), problem.detail()), (ProblemKind::NotFound, None));
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
