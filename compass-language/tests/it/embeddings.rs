//! Vectors from an endpoint, and everything that may come instead.

use std::{error::Error as _, time::Duration};

use compass_core::ports::{EmbedError, Embedder};
use compass_language::{Endpoint, EndpointEmbedder, EndpointFailure};
use serde_json::json;

use crate::stand_in::{Gives, StandIn};

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

async fn embed(stand_in: &StandIn, of: &[&str]) -> Result<Vec<Vec<f32>>, EmbedError> {
    EndpointEmbedder::new(stand_in.endpoint().build().unwrap(), "small", 2).embed(&texts(of)).await
}

/// What the endpoint did wrong.
async fn failure(gives: Vec<Gives>) -> EndpointFailure {
    let stand_in = StandIn::new(gives).await;
    match embed(&stand_in, &["phở"]).await {
        Err(EmbedError::Unavailable(failure)) => *failure.downcast().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn vectors_come_in_the_order_of_the_texts_and_of_length_one() {
    let data = json!([{"index": 1, "embedding": [0.0, -2.0]}, {"index": 0, "embedding": [3.0, 4.0]}]);
    let stand_in = StandIn::new([Gives::Json(json!({"object": "list", "data": data, "model": "small"}))]).await;
    let embedder = EndpointEmbedder::new(stand_in.endpoint().with_key("sesame".into()).build().unwrap(), "small", 2);
    let vectors = embedder.embed(&texts(&["phở", " \n", "trail"])).await.unwrap();
    assert_eq!(vectors, [[0.6, 0.8], [0.0, 0.0], [0.0, -1.0]], "a text that says nothing is not sent");
    let asked = stand_in.asked();
    assert_eq!((asked.len(), asked[0].path.as_str()), (1, "/v1/embeddings"));
    assert_eq!(asked[0].authorization.as_deref(), Some("Bearer sesame"));
    assert_eq!(asked[0].body, json!({"model": "small", "input": ["phở", "trail"], "encoding_format": "float"}));
    assert_eq!(embedder.embed(&[]).await.unwrap(), [[0.0; 0]; 0]);
}

#[tokio::test]
async fn many_texts_are_sent_some_at_a_time_and_long_ones_are_cut() {
    let data = |n: usize| json!({"data": (0..n).map(|index| json!({"index": index, "embedding": [1.0, 0.0]})).collect::<Vec<_>>()});
    let stand_in = StandIn::new([Gives::Json(data(64)), Gives::Json(data(36))]).await;
    let long = "ở".repeat(20_000);
    let all: Vec<&str> = (0..100).map(|_| long.as_str()).collect();
    assert_eq!(embed(&stand_in, &all).await.unwrap().len(), 100);
    let asked = stand_in.asked();
    let sent: Vec<usize> = asked.iter().map(|asked| asked.body["input"].as_array().unwrap().len()).collect();
    assert_eq!(sent, [64, 36]);
    assert_eq!(asked[0].body["input"][0].as_str().unwrap().chars().count(), 8_000);
}

#[tokio::test]
async fn answer_that_is_not_a_vector_for_each_text_is_refused() {
    let of = |data| Gives::Json(json!({ "data": data }));
    for (what, gives) in [
        ("another length", of(json!([{"index": 0, "embedding": [1.0, 0.0, 0.0]}]))),
        ("none", of(json!([]))),
        ("too many", of(json!([{"index": 0, "embedding": [1.0, 0.0]}, {"index": 1, "embedding": [1.0, 0.0]}]))),
        ("one twice", of(json!([{"index": 0, "embedding": [1.0, 0.0]}, {"index": 0, "embedding": [1.0, 0.0]}]))),
        ("another place", of(json!([{"index": 7, "embedding": [1.0, 0.0]}]))),
        ("no direction", of(json!([{"index": 0, "embedding": [0.0, 0.0]}]))),
    ] {
        let found = embed(&StandIn::new([gives]).await, &["phở"]).await;
        assert!(matches!(found, Err(EmbedError::Unusable { dimensions: 2, texts: 1 })), "{what}: {found:?}");
    }
}

#[tokio::test]
async fn answer_that_cannot_be_read_is_a_failure_that_says_why() {
    for broken in [
        "",
        "<html>",
        r#"{"data": ["#,
        r#"{"data": [{"index": 0, "embedding": [NaN, 0.0]}]}"#,
        r#"{"data": [{"index": 0, "embedding": [null, 0.0]}]}"#,
        r#"{"data": [{"index": 0, "embedding": [1e39, 0.0]}]}"#,
        r#"{"data": [{"index": -1, "embedding": [1.0, 0.0]}]}"#,
        r#"{"error": {"message": "no"}}"#,
    ] {
        let found = failure(vec![Gives::Text(broken.to_owned())]).await;
        assert!(matches!(found, EndpointFailure::Unreadable(_)) && found.source().is_some(), "{broken}: {found:?}");
    }
    let found = failure(vec![Gives::Endless]).await;
    assert!(matches!(found, EndpointFailure::TooLarge(65_616)), "{found:?}");
    assert!(matches!(failure(vec![Gives::Redirect]).await, EndpointFailure::Redirect));
}

#[tokio::test]
async fn refusal_is_final_and_one_that_may_pass_is_asked_again_twice() {
    for status in [400, 401, 403, 404, 422] {
        let stand_in = StandIn::new([Gives::Status(status)]).await;
        let found = embed(&stand_in, &["phở"]).await.unwrap_err();
        assert!(found.source().unwrap().to_string().contains(&status.to_string()), "{found:?}");
        assert_eq!(stand_in.asked().len(), 1);
    }
    let well = Gives::Json(json!({"data": [{"index": 0, "embedding": [1.0, 0.0]}]}));
    for status in [429, 500, 503] {
        let stand_in = StandIn::new([Gives::Status(status), Gives::Status(status), well.clone()]).await;
        assert_eq!(embed(&stand_in, &["phở"]).await.unwrap(), [[1.0, 0.0]]);
        let stand_in = StandIn::new([Gives::Status(status)]).await;
        assert!(embed(&stand_in, &["phở"]).await.is_err());
        assert_eq!(stand_in.asked().len(), 3, "status {status}");
    }
}

#[tokio::test]
async fn endpoint_that_is_slow_or_not_there_is_not_waited_for() {
    let stand_in = StandIn::new([Gives::Silence]).await;
    let endpoint = stand_in.endpoint().with_patience(Duration::from_millis(300)).build().unwrap();
    let found = EndpointEmbedder::new(endpoint, "small", 2).embed(&texts(&["phở"])).await.unwrap_err();
    assert_eq!(found.source().unwrap().to_string(), "the language model did not answer in time");
    // Whoever had the port is gone.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let endpoint = Endpoint::at(format!("http://{gone}/v1")).build().unwrap();
    let found = EndpointEmbedder::new(endpoint, "small", 2).embed(&texts(&["phở"])).await.unwrap_err();
    assert_eq!(found.source().unwrap().to_string(), "the language model cannot be reached");
}
