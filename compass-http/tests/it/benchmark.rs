//! Where a creator stands among its peers.

use std::{sync::Arc, time::Duration};

use axum::{Extension, Router};
use compass_core::{
    Count, Snapshot, SourceKind, VideoId,
    ports::{Clock as _, CreatorStore as _},
    samples::World,
};
use compass_http::{KeptReports, LearntCorpus};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{
    bench::{Answer, Bench, KNOWN, get, with_header},
    gated_store::GatedStore,
};

const PEERS: i64 = 35;

/// An account as large as the known one, whose posts were seen so often.
fn peer(bench: &Bench, number: i64, views: u64) -> Snapshot {
    let creator = World::standard().find(&KNOWN.parse().unwrap()).unwrap().clone();
    let mut look = creator.snapshot(bench.clock.now(), 30, SourceKind::Sample);
    look.profile.profile.id = (1_000 + number).try_into().unwrap();
    look.profile.profile.handle = format!("peer{number}").parse().unwrap();
    for (place, post) in (0..).zip(&mut look.videos) {
        post.video.id = VideoId::try_from(100_000 * (number + 1) + place).unwrap();
        post.counts.views = Some(Count::exact(views).unwrap());
    }
    look
}

/// A service that knows 35 accounts as large as the known one, whose posts were seen so often.
pub(crate) async fn with_peers(views: impl Fn(i64) -> u64) -> Bench {
    let bench = Bench::new().await;
    for number in 0..PEERS {
        bench.store.record(&peer(&bench, number, views(number))).await.unwrap();
    }
    bench
}

async fn ask(app: &Router, path: &str) -> Answer {
    Answer::read(app.clone().oneshot(get(path)).await.unwrap()).await
}

fn path() -> String {
    format!("/analytics/{KNOWN}/benchmark")
}

fn of_views(section: &Value) -> &Value {
    let standings = section["benchmarks"].as_array().unwrap();
    standings.iter().find(|standing| standing["metric"] == "views.typical@1").unwrap()
}

#[tokio::test]
async fn percentiles_are_among_the_creators_that_the_service_knows() {
    let bench = with_peers(|number| if number < 14 { 1 } else { 1_000_000_000 }).await;
    let corpus = LearntCorpus::default();
    let app = bench.app.clone().layer(Extension(corpus.clone()));
    let before = ask(&app, &path()).await.json();
    assert_eq!((&before["compared_at"], &before["creators"]), (&json!(null), &json!(0)));
    assert_eq!(of_views(&before)["percentile"]["value"], json!(null), "nobody to compare with");

    assert_eq!(corpus.learn(&*bench.ports.creators, bench.clock.now()).await.unwrap(), 37);
    let section = ask(&app, &path()).await.json();
    assert_eq!((&section["compared_at"], &section["creators"]), (&json!("2026-05-01T12:00:00Z"), &json!(37)));
    let views = of_views(&section);
    assert_eq!(views["tier"], section["tier"]);
    let n = views["percentile"]["n"].as_i64().unwrap();
    // The other sample creator is a peer if it is as large.
    assert!(n == PEERS || n == PEERS + 1, "{views}");
    let others_below = views["percentile"]["value"].as_f64().unwrap() * n as f64;
    assert!((others_below - 14.0).abs() < 1.001 && views["percentile"]["interval"].is_object(), "{views}");
    let report = ask(&app, &format!("/analytics/{KNOWN}")).await.json();
    assert_eq!(report["creators"][0]["benchmarks"], section["benchmarks"]);
    let signals = section["authenticity"].as_array().unwrap();
    assert!(signals.iter().any(|signal| signal["standing"]["percentile"]["n"].is_u64()), "{signals:?}");
    let compared = ask(&app, &format!("/analytics/compare?handles={KNOWN}")).await.json();
    assert_eq!(compared["creators"][0]["benchmarks"], section["benchmarks"]);
}

#[tokio::test]
async fn below_thirty_peers_there_is_no_percentile() {
    let bench = Bench::new().await;
    let corpus = LearntCorpus::default();
    corpus.learn(&*bench.ports.creators, bench.clock.now()).await.unwrap();
    let section = ask(&bench.app.clone().layer(Extension(corpus)), &path()).await.json();
    for standing in section["benchmarks"].as_array().unwrap() {
        let percentile = &standing["percentile"];
        assert_eq!((&percentile["value"], percentile["n"].as_u64() < Some(2)), (&json!(null), true), "{standing}");
    }
}

#[tokio::test]
async fn what_was_over_when_the_peers_were_read_is_not_compared_with_them() {
    let bench = with_peers(|_| 1).await;
    let corpus = LearntCorpus::default();
    corpus.learn(&*bench.ports.creators, bench.clock.now()).await.unwrap();
    let app = bench.app.clone().layer(Extension(corpus));
    let as_of = async |moment: &str| ask(&app, &format!("{}?as_of={moment}", path())).await.json();
    assert_eq!(as_of("2026-04-24T12:00:00Z").await["creators"], 37);
    let past = as_of("2026-04-24T11:59:59Z").await;
    assert_eq!((&past["creators"], &past["compared_at"]), (&json!(0), &json!(null)));
    let alone = bench.get(&format!("{}?as_of=2026-04-24T11:59:59Z", path())).await.json();
    assert_eq!(past, alone, "as if nothing had been learnt");
}

#[tokio::test]
async fn new_peers_make_a_new_answer_also_where_answers_are_kept() {
    let bench = with_peers(|_| 1).await;
    let kept = KeptReports::new(16 << 20, Duration::from_secs(3_600));
    let corpus = LearntCorpus::default();
    corpus.learn(&*bench.ports.creators, bench.clock.now()).await.unwrap();
    let app = bench.app.clone().layer(Extension(kept)).layer(Extension(corpus.clone()));
    let first = ask(&app, &path()).await;
    let again = with_header(get(&path()), "if-none-match", first.header("etag"));
    assert_eq!(app.clone().oneshot(again).await.unwrap().status(), 304);

    for number in 0..PEERS {
        bench.clock.set("2026-05-01T12:10:00Z".parse().unwrap());
        bench.store.record(&peer(&bench, number, 1_000_000_000)).await.unwrap();
    }
    let unlearnt = ask(&app, &path()).await;
    assert_eq!(unlearnt.header("etag"), first.header("etag"), "peers are those of the last time");
    corpus.learn(&*bench.ports.creators, bench.clock.now()).await.unwrap();
    let fresh = ask(&app, &path()).await;
    assert_ne!(fresh.header("etag"), first.header("etag"));
    let percentile = |answer: &Answer| of_views(&answer.json())["percentile"]["value"].as_f64().unwrap();
    assert!(percentile(&fresh) < percentile(&first), "all peers have more now");
}

#[tokio::test]
async fn what_is_learnt_while_an_answer_is_made_has_no_part_in_it() {
    let bench = with_peers(|_| 1).await;
    let corpus = LearntCorpus::default();
    let creators = Arc::clone(&bench.ports.creators);
    corpus.learn(&*creators, bench.clock.now()).await.unwrap();
    // With a moment, what is compared with is known before the store is asked.
    let path = format!("{}?as_of=2026-05-01T12:00:00Z", path());
    let before = ask(&bench.app.clone().layer(Extension(corpus.clone())), &path).await.json();

    let store = GatedStore::over(Arc::clone(&creators));
    let bench = bench.with(|ports| ports.creators = Arc::<GatedStore>::clone(&store));
    let app = bench.app.clone().layer(Extension(corpus.clone()));
    let asked = tokio::spawn(async move { ask(&app, &path).await.json() });
    assert_eq!(store.waiting().await, 1);
    bench.clock.advance(Duration::from_secs(600));
    creators.record(&peer(&bench, PEERS, 1)).await.unwrap();
    assert_eq!(corpus.learn(&*creators, bench.clock.now()).await.unwrap(), 38);
    store.open();
    assert_eq!(asked.await.unwrap(), before, "what it says it compared with is what it compared with");
}
