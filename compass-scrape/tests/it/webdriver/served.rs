//! A site of a few routes, for pages that the stand-in has no handle for.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::{Path, State},
    response::Html,
    routing::get,
};
use serde_json::json;
use tokio::{net::TcpListener, task::JoinHandle};

/// Serves a router on a free port, as long as it is held.
pub(super) struct Served {
    pub(super) base_url: String,
    task: JoinHandle<()>,
}

impl Served {
    pub(super) async fn start(router: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { base_url, task }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What has been asked for below `/hit/`.
#[derive(Clone, Debug, Default)]
pub(super) struct Hits(Arc<Mutex<BTreeSet<String>>>);

impl Hits {
    pub(super) fn note(&self, name: impl Into<String>) {
        self.0.lock().unwrap().insert(name.into());
    }

    pub(super) fn names(&self) -> BTreeSet<String> {
        self.0.lock().unwrap().clone()
    }

    /// A router with `/hit/{name}`.
    pub(super) fn routes(&self) -> Router {
        let note = |State(hits): State<Self>, Path(name): Path<String>| async move {
            hits.note(name);
            "noted"
        };
        Router::new().route("/hit/{name}", get(note).post(note)).with_state(self.clone())
    }
}

/// A profile page of `ada` with this many posts in its header and this markup in its body.
pub(super) fn profile(videos: u32, body: &str) -> Html<String> {
    let stats = json!({"followerCount": 12, "followingCount": 3, "heartCount": 45, "videoCount": videos});
    let detail = json!({
        "userInfo": {
            "user": {"id": "7065499344158344198", "uniqueId": "ada", "nickname": "Ada", "secUid": "MS4wLjABAAAA"},
            "stats": stats, "statsV2": stats, "itemList": [],
        },
        "statusCode": 0,
    });
    let words = json!({"Webapp": {"server_error_title": "Something went wrong", "refresh": "Refresh"}});
    let data = json!({"__DEFAULT_SCOPE__": {"webapp.user-detail": detail, "webapp.i18n-translation": words}});
    Html(format!(
        r#"<!DOCTYPE html><html><head><title>Ada</title><link rel="icon" href="data:,"></head><body>
        <script id="__UNIVERSAL_DATA_FOR_REHYDRATION__" type="application/json">{data}</script>
        <div data-e2e="user-page"><main>{body}</main></div></body></html>"#
    ))
}
