//! The stand-in on a port of this machine.

use std::{io, sync::Arc};

use axum::{
    Router,
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use compass_core::{Handle, VideoId, ports::Clock, samples::World};
use serde::Deserialize;
use tokio::{net::TcpListener, task::JoinHandle};

use super::{
    html,
    site::{Answer, ListQuery, Site},
};

/// What the stand-in lets robots read: the profiles, not the search.
const ROBOTS: &str = "User-agent: *\nDisallow: /search\nAllow: /\n";

/// A small TikTok on a free loopback port. It stops when it is dropped.
///
/// It shows the sample creators as they are at the clock's present moment, in TikTok's shapes: the profile page with
/// its embedded JSON, the grid that a script fills and that loads more as it is scrolled, the pages of posts. Each
/// [`Trouble`](super::Trouble) has a handle of its own.
#[derive(Debug)]
pub struct StandIn {
    base_url: String,
    serving: JoinHandle<()>,
}

impl StandIn {
    /// Starts it.
    ///
    /// # Errors
    /// If no port can be had.
    pub async fn start(world: World, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let site = Site::new(world, clock);
        let serving = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, routes(site)).await {
                tracing::error!(%error, "the stand-in site stopped");
            }
        });
        Ok(Self { base_url, serving })
    }

    /// Its address: scheme, host and port.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn routes(site: Site) -> Router {
    Router::new()
        .route("/", get(async |State(site): State<Site>| answer(site.index()).await))
        .route("/robots.txt", get(async || ROBOTS))
        .route("/login", get(async || Html(html::login())))
        .route("/cover/{name}", get(picture))
        .route("/api/post/item_list/", get(item_list))
        .route("/{at_handle}", get(profile))
        .route("/{at_handle}/video/{id}", get(video))
        .route("/{at_handle}/photo/{id}", get(video))
        .with_state(site)
}

async fn profile(State(site): State<Site>, Path(at_handle): Path<String>) -> Response {
    match at_handle.strip_prefix('@').and_then(|name| Handle::parse(name).ok()) {
        Some(handle) => answer(site.profile(&handle)).await,
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn video(State(site): State<Site>, Path((at_handle, id)): Path<(String, String)>) -> Response {
    let handle = at_handle.strip_prefix('@').and_then(|name| Handle::parse(name).ok());
    match (handle, VideoId::parse(&id)) {
        (Some(handle), Ok(id)) => answer(site.video(&handle, id)).await,
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    sec_uid: String,
    count: usize,
    #[serde(default)]
    cursor: i64,
}

async fn item_list(State(site): State<Site>, Query(asked): Query<Asked>) -> Response {
    let Asked { sec_uid, count, cursor } = asked;
    answer(site.item_list(&ListQuery { sec_uid, count, cursor })).await
}

async fn picture(Path(name): Path<String>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "image/svg+xml")], html::picture(&name))
}

async fn answer(answer: Answer) -> Response {
    match answer {
        Answer::Html(page) => Html(page).into_response(),
        Answer::Json(data) => ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], data).into_response(),
        Answer::Redirect(to) => Redirect::temporary(&to).into_response(),
        Answer::TooMany(seconds) => {
            (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds.to_string())]).into_response()
        }
        Answer::Never => std::future::pending().await,
    }
}
