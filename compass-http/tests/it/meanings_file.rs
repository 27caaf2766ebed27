//! What a language model makes of texts comes in the background, is kept in a file, and made anew where that cannot be used.

use std::{
    fs,
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
    SourceKind,
    ports::{Clock as _, CreatorStore as _, EmbedError, Embedder, MockEmbedder},
    recommend::Meanings,
    samples::World,
};
use compass_http::KeptCorpus;
use serde_json::Value;
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

use crate::bench::{Answer, Bench, KNOWN, OTHER, get, patch_json, with_cookie};

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

/// What a service that starts with the file answers once all is embedded, and how many texts it has embedded.
async fn started(bench: &Bench, file: &Path, (embedder, texts): (MockEmbedder, Arc<AtomicUsize>)) -> (Value, usize) {
    let kept = KeptCorpus::new(Duration::from_secs(3_600));
    let kept = kept.with_embedder(Arc::new(embedder), Duration::from_secs(60), Some(file.to_owned()));
    let answer = asked_until(bench, kept, |answer| answer["notice"].is_null()).await;
    (answer, texts.load(Ordering::Relaxed))
}

/// Asks until the answer is as wanted: texts are embedded in the background.
async fn asked_until(bench: &Bench, kept: KeptCorpus, is_wanted: impl Fn(&Value) -> bool + Send + Sync) -> Value {
    let cookie = bench.person("ada").await;
    let app = bench.app.clone().layer(Extension(kept));
    let asking = async {
        loop {
            let request = with_cookie(get(&format!("/recommendations/creators?handle={KNOWN}")), &cookie);
            let answer = Answer::read(app.clone().oneshot(request).await.unwrap()).await.json();
            if is_wanted(&answer) {
                return answer;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), asking).await.expect("it comes to that")
}

fn by_meaning(answer: &Value) -> bool {
    answer["creators"][0]["reasons"].to_string().contains("language model")
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

/// Answers once the gate is closed, and counts how often it is asked.
#[derive(Debug)]
struct Gated {
    gate: Semaphore,
    asked: AtomicUsize,
}

impl Gated {
    fn new() -> Arc<Self> {
        Arc::new(Self { gate: Semaphore::new(0), asked: AtomicUsize::new(0) })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Embedder for Gated {
    fn model(&self) -> String {
        "gated".to_owned()
    }

    fn dimensions(&self) -> usize {
        3
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        // Each further set of texts takes a permit, once there are any.
        match self.gate.acquire().await {
            Ok(permit) => permit.forget(),
            Err(_closed) => {}
        }
        Ok(vec![vec![0.6, 0.8, 0.0]; texts.len()])
    }
}

#[tokio::test]
async fn nobody_waits_for_the_model_and_it_is_asked_once_at_a_time() {
    let bench = Bench::new().await;
    let embedder = Gated::new();
    // Each question reads everybody anew.
    let kept = KeptCorpus::new(Duration::ZERO);
    let kept = kept.with_embedder(Arc::<Gated>::clone(&embedder), Duration::from_secs(3_600), None);
    let cookie = bench.person("ada").await;
    let wants = patch_json("/users/me", r#"{"target":{"countries":["DE"]}}"#);
    bench.send(with_cookie(wants, &cookie)).await;
    let app = bench.app.clone().layer(Extension(kept.clone()));
    for path in ["creators?handle=sample.steady", "matches", "creators?handle=sample.steady"] {
        let request = with_cookie(get(&format!("/recommendations/{path}")), &cookie);
        let answer = Answer::read(app.clone().oneshot(request).await.unwrap()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let json = answer.json();
        if path != "matches" {
            assert!(json["notice"].as_str().unwrap().contains("has read 0 of 2 creators"), "{json}");
            assert!(!by_meaning(&json) && json["creators"][0]["handle"] == OTHER, "{json}");
        }
    }
    assert_eq!(embedder.asked(), 1, "others wait");
    embedder.gate.add_permits(1);
    let whole = asked_until(&bench, kept.clone(), |answer| answer["notice"].is_null()).await;
    assert!(by_meaning(&whole), "{whole}");

    // While what is new is embedded, everybody is compared as before.
    let mut look = World::standard().creators()[0].snapshot(bench.clock.now(), 3, SourceKind::Sample);
    look.profile.profile.id = 77.try_into().unwrap();
    look.profile.profile.handle = "somebody.new".parse().unwrap();
    look.videos.clear();
    bench.store.record(&look).await.unwrap();
    let before = asked_until(&bench, kept.clone(), |_| true).await;
    assert_eq!(before, whole);
    embedder.gate.close();
    let after = asked_until(&bench, kept, |answer| answer["creators"].as_array().unwrap().len() == 2).await;
    assert!(after["notice"].is_null() && by_meaning(&after), "{after}");
    assert_eq!(embedder.asked(), 2);
}

#[tokio::test]
async fn a_model_that_fails_or_takes_too_long_leaves_the_answer_by_words_with_a_notice() {
    let bench = Bench::new().await;
    let (away, _) = model("small", 3, true);
    let models: [(Arc<dyn Embedder>, Duration, &str); 2] = [
        (Arc::new(away), Duration::from_secs(60), "could not be asked"),
        (Gated::new(), Duration::from_millis(20), "has read 0 of 2 creators"),
    ];
    for (embedder, patience, says) in models {
        let kept = KeptCorpus::new(Duration::from_secs(3_600)).with_embedder(embedder, patience, None);
        let says = |answer: &Value| answer["notice"].as_str().is_some_and(|notice| notice.contains(says));
        let json = asked_until(&bench, kept, says).await;
        assert_eq!(json["creators"][0]["handle"], OTHER);
        assert!(!by_meaning(&json), "{json}");
    }
}
