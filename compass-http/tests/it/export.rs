//! An account's observations as files.

use std::sync::Arc;

use bytes::Bytes;
use compass_core::{
    Batch,
    app::Observations,
    exchange::{Batches, CsvReader, ExchangeError, JsonlReader, ParquetReader, Row},
    ports::{CorpusStore, MockCorpusStore, StoreError},
};
use http_body_util::BodyExt as _;

use crate::bench::{Bench, KNOWN, OTHER, UNKNOWN, get};

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
