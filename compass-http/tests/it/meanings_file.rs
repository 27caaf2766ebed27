//! What a language model made of texts is kept in a file, and made anew where that cannot be used.

use std::{
    fs,
    future::pending,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use axum::Extension;
use compass_core::{
    ports::{EmbedError, Embedder, MockEmbedder},
    recommend::Meanings,
};
use compass_http::KeptCorpus;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::bench::{Answer, Bench, KNOWN, OTHER, get, with_cookie};

/// A model that counts the texts that it is asked for; it is away if it is asked for any where it should not be.
fn model(name: &str, dimensions: usize, is_away: bool) -> (MockEmbedder, Arc<AtomicUsize>) {
    let texts = Arc::new(AtomicUsize::new(0));
    let counts = Arc::clone(&texts);
    let mut embedder = MockEmbedder::new();
    embedder.expect_model().return_const(name.to_owned());
    embedder.expect_dimensions().return_const(dimensions);
    embedder.expect_embed().returning(move |texts| {
        counts.fetch_add(texts.len(), Ordering::Relaxed);
        match is_away {
            true => Err(EmbedError::Unavailable("away".into())),
            false => {
                Ok(texts.iter().map(|text| (1..=dimensions).map(|n| 1.0 / (text.len() + n) as f32).collect()).collect())
            }
        }
    });
    (embedder, texts)
}

/// What a service that starts with the file answers, and how many texts it has embedded.
async fn started(bench: &Bench, file: &Path, (embedder, texts): (MockEmbedder, Arc<AtomicUsize>)) -> (Value, usize) {
    let kept = KeptCorpus::new(Duration::from_secs(3_600));
    let kept = kept.with_embedder(Arc::new(embedder), Duration::from_secs(60), Some(file.to_owned()));
    let cookie = bench.person("ada").await;
    let request = with_cookie(get(&format!("/recommendations/creators?handle={KNOWN}")), &cookie);
    let answer = Answer::read(bench.app.clone().layer(Extension(kept)).oneshot(request).await.unwrap()).await;
    (answer.json(), texts.load(Ordering::Relaxed))
}

#[tokio::test]
async fn texts_are_embedded_once_and_again_where_the_file_is_damaged_gone_or_another_models() {
    let bench = Bench::new().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("meanings");
    let (fresh, texts) = started(&bench, &file, model("small", 3, false)).await;
    assert_eq!((fresh["creators"][0]["handle"].as_str(), texts), (Some(OTHER), 2));
    assert!(fresh["creators"][0]["reasons"].to_string().contains("language model"), "{fresh}");
    let good = fs::read(&file).unwrap();
    assert_eq!(Meanings::from_bytes(&good, "small", 3).unwrap().len(), 2);
    assert_eq!(started(&bench, &file, model("small", 3, true)).await, (fresh.clone(), 0), "nothing is asked for");

    let flipped: Vec<u8> = good.iter().enumerate().map(|(at, byte)| byte ^ u8::from(at == good.len() / 2)).collect();
    for (what, bytes) in [
        ("cut", Some(good[..good.len() - 7].to_vec())),
        ("a flipped bit", Some(flipped)),
        ("empty", Some(Vec::new())),
        ("another file", Some(b"no vectors at all".to_vec())),
        ("gone", None),
    ] {
        match bytes {
            Some(bytes) => fs::write(&file, bytes).unwrap(),
            None => fs::remove_file(&file).unwrap(),
        }
        assert_eq!(started(&bench, &file, model("small", 3, false)).await, (fresh.clone(), 2), "{what}");
        assert_eq!(fs::read(&file).unwrap(), good, "{what}: it is there again as it was");
    }
    for (name, dimensions) in [("large", 3), ("small", 4)] {
        fs::write(&file, &good).unwrap();
        let (answer, texts) = started(&bench, &file, model(name, dimensions, false)).await;
        let other = folder.path().join("other");
        assert_eq!((answer, texts), started(&bench, &other, model(name, dimensions, false)).await);
        assert_eq!(fs::read(&file).unwrap(), fs::read(&other).unwrap());
        fs::remove_file(other).unwrap();
    }
}

#[tokio::test]
async fn a_place_where_nothing_can_be_written_keeps_nobody_from_an_answer() {
    let bench = Bench::new().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("not there").join("meanings");
    let (answer, texts) = started(&bench, &file, model("small", 3, false)).await;
    assert_eq!((answer["creators"][0]["handle"].as_str(), texts), (Some(OTHER), 2));
    assert_eq!(answer["notice"], Value::Null);
}

/// Never answers.
#[derive(Debug)]
struct Silent;

#[async_trait]
impl Embedder for Silent {
    fn model(&self) -> String {
        "silent".to_owned()
    }

    fn dimensions(&self) -> usize {
        3
    }

    async fn embed(&self, _: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        pending().await
    }
}

#[tokio::test]
async fn a_model_that_takes_too_long_leaves_the_answer_by_words_with_a_notice() {
    let bench = Bench::new().await;
    let kept = KeptCorpus::new(Duration::from_secs(3_600));
    let kept = kept.with_embedder(Arc::new(Silent), Duration::from_millis(20), None);
    let cookie = bench.person("ada").await;
    let request = with_cookie(get(&format!("/recommendations/creators?handle={KNOWN}")), &cookie);
    let answer = Answer::read(bench.app.clone().layer(Extension(kept)).oneshot(request).await.unwrap()).await;
    let json = answer.json();
    assert!(json["notice"].as_str().unwrap().contains("0 of 2 creators"), "{json}");
    assert_eq!(json["creators"][0]["handle"], OTHER);
    assert!(!json["creators"][0]["reasons"].to_string().contains("language model"), "{json}");
}
