//! The servers that are measured: ours, and handlers that do no more than they have to.

use std::{io::Read as _, sync::Arc, time::Duration};

use axum::{
    Extension, Json, Router,
    body::Bytes,
    extract::{FromRef, Path, State},
    http::{Request, StatusCode, header},
    response::IntoResponse as _,
    routing::get,
};
use clap::ValueEnum;
use compass_core::ports::{Clock, CorpusStore, CreatorStore, SystemClock};
use compass_http::{KeptReports, Manners, Site, analytics, router_of};
use compass_store::{
    PgStore,
    sqlx::{self, PgPool},
};
use http_body_util::BodyExt as _;
use serde::Serialize;
use tower::ServiceExt as _;

use crate::Failure;

/// How the requests are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Way {
    /// The engagement section, computed for each request.
    Computed,
    /// The same, kept by `KeptReports`.
    Kept,
    /// A handler with one query and sums.
    Bare,
    /// A handler that returns the bytes of one engagement section.
    Bytes,
}

impl Way {
    pub(crate) const ALL: [Self; 4] = [Self::Computed, Self::Bare, Self::Kept, Self::Bytes];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Computed => "computed",
            Self::Kept => "kept",
            Self::Bare => "bare",
            Self::Bytes => "bytes",
        }
    }

    pub(crate) fn told(self) -> &'static str {
        match self {
            Self::Computed => "compass: engagement, computed for each request",
            Self::Kept => "compass: engagement, kept",
            Self::Bare => "axum and sqlx: one query, sums",
            Self::Bytes => "axum: the bytes of one engagement section",
        }
    }

    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Bare => "/creators/account.N/engagement",
            _ => "/analytics/account.N/engagement",
        }
    }
}

/// Serves on a free port, which it prints, until the input ends.
pub(crate) async fn serve(way: Way, url: &str) -> Result<(), Failure> {
    let router = match way {
        Way::Computed => ours(url, None).await?,
        Way::Kept => ours(url, Some(KeptReports::new(64 << 20, Duration::from_secs(3_600)))).await?,
        Way::Bare => bare(url).await?,
        Way::Bytes => bytes(url).await?,
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    axum::serve(listener, router).await?;
    Ok(())
}

#[derive(Clone, FromRef)]
struct Ports {
    creators: Arc<dyn CreatorStore>,
    corpus: Arc<dyn CorpusStore>,
    clock: Arc<dyn Clock>,
    site: Site,
}

async fn ours(url: &str, kept: Option<KeptReports>) -> Result<Router, Failure> {
    let store = Arc::new(PgStore::connect(url).await?);
    let creators: Arc<dyn CreatorStore> = match &kept {
        Some(kept) => kept.watch(Arc::<PgStore>::clone(&store)),
        None => Arc::<PgStore>::clone(&store),
    };
    let site = Site::loopback();
    let ports = Ports { creators, corpus: store, clock: Arc::new(SystemClock), site: site.clone() };
    let mut router = router_of([analytics()]).with_state(ports);
    if let Some(kept) = kept {
        router = router.layer(Extension(kept));
    }
    Ok(Manners::at(&site).over(router))
}

/// Views, likes, comments and shares.
type Video = (Option<i64>, Option<i64>, Option<i64>, Option<i64>);

#[derive(Serialize)]
struct Engagement {
    handle: String,
    posts: usize,
    er_median: f64,
    er_mean: f64,
    er_total: f64,
}

async fn bare(url: &str) -> Result<Router, Failure> {
    let pool = PgPool::connect(url).await?;
    Ok(Router::new().route("/creators/{handle}/engagement", get(sums)).with_state(pool))
}

async fn sums(State(pool): State<PgPool>, Path(handle): Path<String>) -> Result<Json<Engagement>, StatusCode> {
    let newest =
        "SELECT views, likes, comments, shares FROM peer_videos WHERE handle = $1 ORDER BY created_at DESC LIMIT 30";
    let videos: Result<Vec<Video>, _> = sqlx::query_as(newest).bind(&handle).fetch_all(&pool).await;
    let videos = videos.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let seen: Vec<(f64, f64)> = videos
        .into_iter()
        .filter_map(|(views, likes, comments, shares)| {
            let engaged = [likes, comments, shares].iter().flatten().sum::<i64>();
            Some((engaged as f64, views.filter(|views| *views > 0)? as f64))
        })
        .collect();
    let mut rates: Vec<f64> = seen.iter().map(|(engaged, views)| engaged / views).collect();
    rates.sort_by(f64::total_cmp);
    let posts = rates.len();
    if posts == 0 {
        return Err(StatusCode::NOT_FOUND);
    }
    let total = seen.iter().map(|(engaged, _)| engaged).sum::<f64>() / seen.iter().map(|(_, views)| views).sum::<f64>();
    let er_median = f64::midpoint(rates[(posts - 1) / 2], rates[posts / 2]);
    let er_mean = rates.iter().sum::<f64>() / posts as f64;
    Ok(Json(Engagement { handle, posts, er_median, er_mean, er_total: total }))
}

/// What our router answered once, whatever is asked.
async fn bytes(url: &str) -> Result<Router, Failure> {
    let request = Request::get("/analytics/account.0/engagement").header(header::HOST, "localhost");
    let answer = ours(url, None).await?.oneshot(request.body(axum::body::Body::empty())?).await?;
    if answer.status() != StatusCode::OK {
        return Err(format!("the engagement section answers {}", answer.status()).into());
    }
    let tag = answer.headers().get(header::ETAG).cloned().ok_or("it has no ETag")?;
    let body: Bytes = answer.into_body().collect().await?.to_bytes();
    let same = get(async move || {
        (
            [(header::CONTENT_TYPE, "application/json".parse().expect("a type")), (header::ETAG, tag.clone())],
            body.clone(),
        )
            .into_response()
    });
    Ok(Router::new().route("/analytics/{handle}/engagement", same))
}
