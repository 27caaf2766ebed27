//! Vectors that are kept.

use std::sync::{Arc, Mutex};

use compass_core::ports::{EmbedError, Embedder, MockEmbedder};
use compass_language::{CachedEmbedder, EndpointEmbedder};

use crate::stand_in::{Gives, StandIn};

/// Gives each text its length, and remembers what it was asked.
fn lengths() -> (MockEmbedder, Arc<Mutex<Vec<Vec<String>>>>) {
    let asked: Arc<Mutex<Vec<Vec<String>>>> = Arc::default();
    let mut embedder = MockEmbedder::new();
    embedder.expect_dimensions().return_const(1_usize);
    let remembers = Arc::clone(&asked);
    embedder.expect_embed().returning(move |texts| {
        remembers.lock().unwrap().push(texts.to_vec());
        Ok(texts.iter().map(|text| vec![text.len() as f32]).collect())
    });
    (embedder, asked)
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[tokio::test]
async fn text_that_was_embedded_is_not_embedded_again() {
    let (embedder, asked) = lengths();
    let cached = CachedEmbedder::new(Arc::new(embedder), 1 << 20);
    assert_eq!(cached.dimensions(), 1);
    assert_eq!(cached.embed(&texts(&["a", "bb", "a"])).await.unwrap(), [[1.0], [2.0], [1.0]]);
    assert_eq!(cached.embed(&texts(&["ccc", "bb", "", "a"])).await.unwrap(), [[3.0], [2.0], [0.0], [1.0]]);
    assert_eq!(*asked.lock().unwrap(), [texts(&["a", "bb"]), texts(&["ccc", ""])]);
}

#[tokio::test]
async fn kept_vectors_have_a_bound() {
    let (embedder, asked) = lengths();
    let cached = CachedEmbedder::new(Arc::new(embedder), 0);
    for _ in 0..2 {
        assert_eq!(cached.embed(&texts(&["a"])).await.unwrap(), [[1.0]]);
    }
    assert_eq!(asked.lock().unwrap().len(), 2, "there is no room for any");
}

#[tokio::test]
async fn failure_is_not_kept() {
    let well = serde_json::json!({"data": [{"index": 0, "embedding": [1.0]}]});
    let stand_in = StandIn::new([Gives::Status(401), Gives::Json(well)]).await;
    let embedder = EndpointEmbedder::new(stand_in.endpoint().build().unwrap(), "small", 1);
    let cached = CachedEmbedder::new(Arc::new(embedder), 1 << 20);
    assert!(matches!(cached.embed(&texts(&["a"])).await, Err(EmbedError::Unavailable(_))));
    assert_eq!(cached.embed(&texts(&["a"])).await.unwrap(), [[1.0]]);
    assert_eq!(cached.embed(&texts(&["a"])).await.unwrap(), [[1.0]]);
    assert_eq!(stand_in.asked().len(), 2);
}
