//! How many reports are computed at once.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use axum::{Extension, Router};
use compass_http::Computations;
use tokio::{task::JoinHandle, time::Instant};
use tower::ServiceExt as _;

use crate::{
    bench::{Answer, Bench, KNOWN, OTHER, get},
    gated_store::GatedStore,
};

async fn service() -> (Arc<GatedStore>, Router) {
    let bench = Bench::new().await;
    let store = GatedStore::over(Arc::clone(&bench.ports.creators));
    let bench = bench.with(|ports| ports.creators = Arc::<GatedStore>::clone(&store));
    let app = bench.app.clone().layer(Extension(Computations::at_once(NonZeroUsize::MIN)));
    (store, app)
}

fn ask(app: &Router, path: &str) -> JoinHandle<Answer> {
    // With a moment, the store is asked for nothing before the report's turn has come.
    let asked = app.clone().oneshot(get(&format!("{path}as_of=2026-05-01T12:00:00Z")));
    tokio::spawn(async { Answer::read(asked.await.unwrap()).await })
}

#[tokio::test(start_paused = true)]
async fn a_report_waits_until_another_is_made() {
    let (store, app) = service().await;
    let first = ask(&app, &format!("/analytics/{KNOWN}?"));
    assert_eq!(store.waiting().await, 1);
    let second = ask(&app, &format!("/analytics/{OTHER}/growth?"));
    assert_eq!(store.waiting().await, 1, "the second does not even read");
    store.open();
    assert_eq!((first.await.unwrap().status.as_u16(), second.await.unwrap().status.as_u16()), (200, 200));
}

#[tokio::test(start_paused = true)]
async fn who_has_waited_too_long_is_told_when_to_come_back() {
    let (store, app) = service().await;
    let first = ask(&app, &format!("/analytics/{KNOWN}?"));
    assert_eq!(store.waiting().await, 1);
    let begun = Instant::now();
    for path in [format!("/analytics/{OTHER}?"), format!("/analytics/compare?handles={KNOWN},{OTHER}&")] {
        let refused = ask(&app, &path).await.unwrap();
        let detail = refused.problem(503, "unavailable");
        assert!(detail.contains("too much is being computed"), "{path}: {detail}");
        assert_eq!(refused.header("retry-after"), "5", "{path}");
    }
    assert_eq!(begun.elapsed().as_secs(), 10, "each waits for five seconds");
    store.open();
    assert_eq!(first.await.unwrap().status, 200);
    assert_eq!(ask(&app, &format!("/analytics/{OTHER}?")).await.unwrap().status, 200);
}

#[tokio::test(start_paused = true)]
async fn who_goes_away_makes_room() {
    let (store, app) = service().await;
    let first = ask(&app, &format!("/analytics/{KNOWN}?"));
    assert_eq!(store.waiting().await, 1);
    first.abort();
    let second = ask(&app, &format!("/analytics/{OTHER}?"));
    assert_eq!(store.waiting().await, 1, "the second has the turn of the first");
    store.open();
    assert_eq!(second.await.unwrap().status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_router_has_a_bound_of_its_own() {
    let (store, _) = service().await;
    let bench = Bench::new().await.with(|ports| ports.creators = Arc::<GatedStore>::clone(&store));
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let asked: Vec<_> = (0..cores + 20).map(|_| ask(&bench.app, &format!("/analytics/{KNOWN}?"))).collect();
    assert_eq!(store.waiting().await, cores);
    tokio::time::advance(Duration::from_secs(1)).await;
    store.open();
    for answer in asked {
        assert_eq!(answer.await.unwrap().status, 200);
    }
}
