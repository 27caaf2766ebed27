//! An endpoint on this machine that gives what it is told to give, in turn, and remembers what it was asked.

use std::{
    collections::VecDeque,
    future::pending,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use compass_language::{Endpoint, EndpointBuilder};
use serde_json::Value;
use tokio::net::TcpListener;

/// What it gives to a question.
#[derive(Clone, Debug)]
pub(crate) enum Gives {
    /// JSON.
    Json(Value),
    /// A text that is no JSON, or broken JSON.
    Text(String),
    /// A status, without a body.
    Status(u16),
    /// Another address.
    Redirect,
    /// Bytes without an end.
    Endless,
    /// Nothing at all.
    Silence,
}

/// A question that came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
    pub(crate) body: Value,
}

#[derive(Clone, Debug, Default)]
struct Script {
    gives: Arc<Mutex<VecDeque<Gives>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

#[derive(Debug)]
pub(crate) struct StandIn {
    script: Script,
    address: String,
    server: tokio::task::JoinHandle<()>,
}

impl StandIn {
    /// It gives these in turn, and the last again and again.
    pub(crate) async fn new(gives: impl IntoIterator<Item = Gives>) -> Self {
        let script = Script { gives: Arc::new(Mutex::new(gives.into_iter().collect())), asked: Arc::default() };
        let router = Router::new().fallback(answer).with_state(script.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/v1", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { script, address, server }
    }

    pub(crate) fn endpoint(&self) -> EndpointBuilder {
        Endpoint::at(&self.address).with_patience(Duration::from_secs(20))
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.script.asked.lock().unwrap().clone()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State(script): State<Script>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let authorization = headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
    let body = serde_json::from_slice(&body).unwrap();
    script.asked.lock().unwrap().push(Asked { path: uri.path().to_owned(), authorization, body });
    let next = {
        let mut gives = script.gives.lock().unwrap();
        if gives.len() > 1 { gives.pop_front().unwrap() } else { gives[0].clone() }
    };
    match next {
        Gives::Json(json) => axum::Json(json).into_response(),
        Gives::Text(text) => text.into_response(),
        Gives::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Gives::Redirect => (StatusCode::FOUND, [("location", "http://127.0.0.1:9/v1")]).into_response(),
        Gives::Endless => {
            let (to, from) = tokio::io::duplex(64 * 1024);
            tokio::spawn(async move {
                let (mut to, piece) = (to, vec![b' '; 64 * 1024]);
                while tokio::io::AsyncWriteExt::write_all(&mut to, &piece).await.is_ok() {}
            });
            Body::from_stream(tokio_util::io::ReaderStream::new(from)).into_response()
        }
        Gives::Silence => pending().await,
    }
}
