//! An account's observations as files.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{body::Body, extract::ConnectInfo, http::Request};
use bytes::Bytes;
use compass_core::{
    Batch, SourceKind,
    app::Observations,
    exchange::{Batches, CsvReader, ExchangeError, JsonlReader, ParquetReader, Row},
    ports::{BatchPlace, CorpusStore, MockCorpusStore, StoreError},
};
use compass_http::{Manners, Site};
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use tokio::time::Instant;
use tower::ServiceExt as _;

use crate::bench::{Answer, Bench, KNOWN, OTHER, UNKNOWN, get};

async fn export(bench: &Bench, query: &str) -> (Bytes, String, String) {
    let answer = bench.get(&format!("/analytics/{KNOWN}/export{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {answer:?}");
    let header = |name| answer.header(name).to_owned();
    let (kind, name) = (header("content-type"), header("content-disposition"));
    (answer.body, kind, name)
}

/// What the store has of the account.
async fn kept(bench: &Bench) -> Batch {
    let id = bench.ports.creators.find(&KNOWN.parse().unwrap()).await.unwrap().unwrap().id;
    let corpus = &*bench.ports.corpus;
    let (mut profiles, mut posts) = (Observations::of_profile(id), Observations::of_posts(id));
    let mut all = posts.next(corpus, 100_000).await.unwrap().unwrap();
    all.profiles = profiles.next(corpus, 100_000).await.unwrap().unwrap().profiles;
    assert!(profiles.next(corpus, 1).await.unwrap().is_none() && posts.next(corpus, 1).await.unwrap().is_none());
    all
}

fn read(rows: impl Iterator<Item = Result<Row, ExchangeError>>) -> Batch {
    let mut parts = Batches::new(rows, usize::MAX);
    let part = parts.next().unwrap().unwrap();
    assert!(part.refused.is_empty() && parts.next().is_none());
    part.batch
}

fn observed(batch: &Batch) -> (usize, Vec<(compass_core::CreatorId, compass_core::VideoObservation)>) {
    (batch.profiles.len(), batch.observations().unwrap())
}

#[tokio::test]
async fn each_format_has_what_is_kept_of_the_account_and_nothing_else() {
    let bench = Bench::new().await;
    let kept = kept(&bench).await;
    assert!(kept.profiles.len() == 30 && kept.looks.len() > 300, "{} {}", kept.profiles.len(), kept.looks.len());
    let others = bench.ports.creators.find(&OTHER.parse().unwrap()).await.unwrap().unwrap().id;

    let (lines, kind, name) = export(&bench, "").await;
    assert_eq!((kind.as_str(), name.as_str()), ("application/jsonl", r#"attachment; filename="sample.steady.jsonl""#));
    let batch = read(JsonlReader::new(&lines[..]).unwrap());
    assert_eq!((&batch.profiles, observed(&batch)), (&kept.profiles, observed(&kept)));
    assert!(batch.posts.iter().all(|post| post.creator != others));
    assert_eq!(export(&bench, "?format=jsonl").await.0, lines);

    let (posts, kind, name) = export(&bench, "?format=csv").await;
    assert_eq!(
        (kind.as_str(), name.as_str()),
        ("text/csv; charset=utf-8", r#"attachment; filename="sample.steady-posts.csv""#)
    );
    assert_eq!(observed(&read(CsvReader::new(&posts[..]).unwrap())).1, observed(&kept).1);
    let profiles = export(&bench, "?format=csv&table=profiles").await.0;
    assert_eq!(read(CsvReader::new(&profiles[..]).unwrap()).profiles, kept.profiles);

    let (posts, kind, _) = export(&bench, "?format=parquet&table=posts").await;
    assert_eq!(kind, "application/vnd.apache.parquet");
    assert_eq!(observed(&read(ParquetReader::new(posts).unwrap())).1, observed(&kept).1);
    let profiles = export(&bench, "?format=parquet&table=profiles").await.0;
    assert_eq!(read(ParquetReader::new(profiles).unwrap()).profiles, kept.profiles);
}

#[tokio::test]
async fn what_cannot_be_exported_is_a_problem() {
    let bench = Bench::new().await;
    bench.get(&format!("/analytics/{UNKNOWN}/export")).await.problem(404, "not-found");
    for query in ["format=xlsx", "format=jsonl&table=posts", "table=posts", "format=csv&table=sounds", "limit=1"] {
        bench.get(&format!("/analytics/{KNOWN}/export?{query}")).await.problem(400, "bad-request");
    }
    let mut away = MockCorpusStore::new();
    away.expect_next_batch().returning(|_, _| Err(StoreError::Unavailable("gone".into())));
    let away: Arc<dyn CorpusStore> = Arc::new(away);
    let bench = bench.with(|ports| ports.corpus = away);
    bench.get(&format!("/analytics/{KNOWN}/export?format=csv")).await.problem(503, "unavailable");
}

#[tokio::test]
async fn a_store_that_fails_on_the_way_breaks_the_file_off() {
    let bench = Bench::new().await;
    let whole = Arc::clone(&bench.ports.corpus);
    let first = whole.next_batch(None, 10).await.unwrap();
    let mut failing = MockCorpusStore::new();
    failing.expect_next_batch().times(1).return_once(|_, _| Ok(first));
    failing.expect_next_batch().returning(|_, _| Err(StoreError::Unavailable("gone".into())));
    let failing: Arc<dyn CorpusStore> = Arc::new(failing);
    let bench = bench.with(|ports| ports.corpus = failing);
    let id = async |handle: &str| bench.ports.creators.find(&handle.parse().unwrap()).await.unwrap().unwrap().id;
    // The store gives the accounts in the order of their ids.
    let handle = if id(KNOWN).await < id(OTHER).await { KNOWN } else { OTHER };
    let answer = bench.open(get(&format!("/analytics/{handle}/export"))).await;
    assert_eq!(answer.status(), 200);
    assert!(answer.into_body().collect().await.is_err(), "nobody takes it for whole");
}

fn parquet_of(handle: &str, address: &str) -> Request<Body> {
    let mut asked = get(&format!("/analytics/{handle}/export?format=parquet"));
    let peer: SocketAddr = format!("{address}:40000").parse().unwrap();
    asked.extensions_mut().insert(ConnectInfo(peer));
    asked
}

/// An account of so many times what is kept of a sample's posts, and how many parts of it were read.
async fn large(parts: i64) -> (Bench, Arc<AtomicUsize>) {
    let bench = Bench::new().await;
    let part = Batch { profiles: Vec::new(), ..kept(&bench).await };
    let (creator, post) = (part.posts[0].creator, part.posts[0].video.id);
    let read = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&read);
    let mut store = MockCorpusStore::new();
    store.expect_next_batch().returning(move |after, _| {
        counted.fetch_add(1, Ordering::Relaxed);
        let before = match after {
            Some(BatchPlace::Look(_, _, at, _)) if at > Timestamp::MIN => at.as_second(),
            _ => 0,
        };
        let next = BatchPlace::Look(creator, post, Timestamp::from_second(before + 1).unwrap(), SourceKind::ALL[0]);
        Ok((before < parts).then(|| (part.clone(), next)))
    });
    let store: Arc<dyn CorpusStore> = Arc::new(store);
    (bench.with(|ports| ports.corpus = store), read)
}

/// So many that there are several row groups.
const PARTS: i64 = 100;

#[tokio::test(start_paused = true)]
async fn an_address_has_two_files_of_columns_written_at_once_and_all_have_eight() {
    let (bench, _) = large(PARTS).await;
    let app = Manners::at(&Site::loopback()).over(bench.app.clone());
    let open = async |address: &str| app.clone().oneshot(parquet_of(KNOWN, address)).await.unwrap();
    // Nobody takes these answers.
    let mut held = vec![open("192.0.2.1").await, open("192.0.2.1").await];
    let begun = Instant::now();
    let refused = Answer::read(open("192.0.2.1").await).await;
    let detail = refused.problem(503, "unavailable");
    assert!(detail.contains("your address") && detail.contains("jsonl"), "{detail}");
    assert_eq!((refused.header("retry-after"), begun.elapsed().as_secs()), ("5", 5));
    let mut csv = parquet_of(KNOWN, "192.0.2.1");
    *csv.uri_mut() = format!("/analytics/{KNOWN}/export?format=csv").parse().unwrap();
    assert_eq!(app.clone().oneshot(csv).await.unwrap().status(), 200, "others hold little, and wait for nobody");
    for address in ["192.0.2.2", "192.0.2.3", "192.0.2.4"] {
        held.extend([open(address).await, open(address).await]);
    }
    assert!(held.iter().all(|answer| answer.status() == 200));
    let refused = Answer::read(open("192.0.2.5").await).await;
    assert!(refused.problem(503, "unavailable").contains("too many"), "{refused:?}");
    // One is taken whole, another is let go.
    Answer::read(held.pop().unwrap()).await;
    assert_eq!(open("192.0.2.5").await.status(), 200);
    held.remove(0);
    assert_eq!(open("192.0.2.1").await.status(), 200);
}

#[tokio::test]
async fn columns_are_sent_before_all_of_a_large_account_was_read() {
    let (bench, read) = large(PARTS).await;
    let answer = bench.open(get(&format!("/analytics/{KNOWN}/export?format=parquet"))).await;
    let first = read.load(Ordering::Relaxed);
    assert!(first < PARTS as usize / 2, "{first} of {PARTS} parts were read before anything was sent");
    let whole = Answer::read(answer).await.body;
    let rows: usize =
        Batches::new(ParquetReader::new(whole).unwrap(), 10_000).map(|part| part.unwrap().batch.looks.len()).sum();
    assert!(rows > 3 * 8_192, "{rows}");
}
