//! Which request gets which answer, over HTTP.

use std::{convert::Infallible, io, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, Query, Request as HttpRequest, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    middleware::{self, Next},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use compass_core::{Handle, VideoId};
use futures_util::stream::{self, StreamExt as _};
use serde::Deserialize;
use tokio::time::Instant;

use super::{
    Host, Reply, Request, json,
    log::Log,
    pages,
    site::{Answer, ListQuery, Site, Visitor},
};

/// A large answer is sent in parts of about so many bytes.
const PART: usize = 1 << 20;

/// Where the stand-in's other hosts are.
#[derive(Clone, Debug)]
pub(super) struct Hosts {
    /// The port of its pictures and scripts.
    pub(super) assets: u16,
    /// Scheme, host and port.
    pub(super) elsewhere: String,
}

#[derive(Clone, Debug)]
struct Served {
    site: Site,
    hosts: Hosts,
}

/// The site.
pub(super) fn site(site: Site, hosts: Hosts, log: Log) -> Router {
    let routes = Router::new()
        .route("/", get(async |State(served): State<Served>| answer(served.site.index()).await))
        .route("/robots.txt", get(async |State(served): State<Served>| reply(served.site.robots())))
        .route("/login", get(login))
        .route("/cover/{name}", get(picture))
        .route("/static/{name}", get(script))
        .route("/api/post/item_list/", get(item_list))
        .route("/api/user/detail/", get(user_detail))
        .route("/captcha/get", get(captcha))
        .route("/captcha/verify", get(captcha).post(captcha))
        .route("/download/{name}", get(download))
        .route("/popup", get(async || Html("<!DOCTYPE html><title>Popup</title><p>A window that nobody asked for</p>")))
        .route("/said", get(async || StatusCode::NO_CONTENT))
        .route("/sw.js", get(async || javascript(pages::WORKER)))
        .route("/{at_handle}", get(profile))
        .route(
            "/{at_handle}/notfound",
            get(async |State(served): State<Served>| answer(served.site.country_exit()).await),
        )
        .route("/{at_handle}/video/{id}", get(video))
        .route("/{at_handle}/photo/{id}", get(video))
        .with_state(Served { site, hosts });
    logged(routes, Host::Site, log)
}

/// Where pictures and scripts are.
pub(super) fn assets(log: Log) -> Router {
    let routes = Router::new().route("/cover/{name}", get(picture)).route("/static/{name}", get(script));
    logged(routes, Host::Assets, log)
}

/// Somebody else's host.
pub(super) fn elsewhere(log: Log) -> Router {
    let page = "<!DOCTYPE html><title>Elsewhere</title><h1>This is another site</h1>";
    logged(Router::new().fallback(async move || Html(page)), Host::Elsewhere, log)
}

fn logged(routes: Router, host: Host, log: Log) -> Router {
    let note = move |request: HttpRequest, next: Next| {
        let user_agent = text_of(request.headers(), &header::USER_AGENT);
        log.add(Request {
            at: Instant::now(),
            host,
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            query: request.uri().query().unwrap_or_default().to_owned(),
            user_agent,
        });
        next.run(request)
    };
    routes.layer(middleware::from_fn(note))
}

#[derive(Deserialize)]
struct Hop {
    #[serde(default)]
    hop: u64,
}

async fn profile(
    State(served): State<Served>,
    Path(at_handle): Path<String>,
    Query(Hop { hop }): Query<Hop>,
    request: Parts,
) -> Response {
    match handle(&at_handle) {
        Some(handle) => answer(served.site.profile(&handle, &Visitor { hop, ..visitor(&served, &request) })).await,
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn video(
    State(served): State<Served>,
    Path((at_handle, id)): Path<(String, String)>,
    request: Parts,
) -> Response {
    match (handle(&at_handle), VideoId::parse(&id)) {
        (Some(handle), Ok(id)) => answer(served.site.video(&handle, id, &visitor(&served, &request))).await,
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct AskedList {
    sec_uid: String,
    count: usize,
    cursor: i64,
}

impl Default for AskedList {
    fn default() -> Self {
        Self { sec_uid: String::new(), count: 30, cursor: 0 }
    }
}

async fn item_list(State(served): State<Served>, Query(asked): Query<AskedList>, request: Parts) -> Response {
    let AskedList { sec_uid, count, cursor } = asked;
    let query = ListQuery { sec_uid, count, cursor };
    answer(served.site.item_list(&query, &visitor(&served, &request))).await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct AskedUser {
    unique_id: String,
}

async fn user_detail(State(served): State<Served>, Query(asked): Query<AskedUser>) -> Response {
    match Handle::parse(&asked.unique_id) {
        Ok(handle) => answer(served.site.user_detail(&handle)).await,
        Err(_) => answer(Answer::Json(json::no_user(10202).to_string())).await,
    }
}

#[derive(Deserialize)]
struct Throttled {
    throttled: Option<String>,
}

async fn login(State(served): State<Served>, Query(asked): Query<Throttled>) -> Response {
    answer(served.site.login(asked.throttled.is_some())).await
}

async fn picture(Path(name): Path<String>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "image/svg+xml")], pages::picture(&name))
}

async fn script() -> impl IntoResponse {
    javascript("// The real site has a script of this name.\n")
}

async fn captcha() -> Response {
    let challenge = r#"{"code":200,"data":{"mode":"slide","challenges":[{"mode":"slide"}]}}"#;
    answer(Answer::Json(challenge.to_owned())).await
}

async fn download() -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, "application/octet-stream"), (header::CONTENT_DISPOSITION, "attachment")];
    (headers, vec![0_u8; 4096])
}

fn javascript(text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], text)
}

fn handle(at_handle: &str) -> Option<Handle> {
    at_handle.strip_prefix('@').and_then(|name| Handle::parse(name).ok())
}

fn visitor(served: &Served, request: &Parts) -> Visitor {
    let own = text_of(&request.headers, &header::HOST);
    // A visitor reaches the pictures by the name under which it reaches the site.
    let name = own.rsplit_once(':').map_or(own.as_str(), |(name, _)| name);
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '[' | ']' | ':');
    let name = if name.is_empty() || !name.chars().all(is_name) { "127.0.0.1" } else { name };
    Visitor {
        assets: format!("http://{name}:{}", served.hosts.assets),
        elsewhere: served.hosts.elsewhere.clone(),
        user_agent: text_of(&request.headers, &header::USER_AGENT),
        cookies: text_of(&request.headers, &header::COOKIE),
        hop: 0,
    }
}

fn text_of(headers: &HeaderMap, name: &HeaderName) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

async fn answer(mut answer: Answer) -> Response {
    while let Answer::Late(time, next) = answer {
        tokio::time::sleep(time).await;
        answer = *next;
    }
    match answer {
        Answer::Html(page) => Html(page).into_response(),
        Answer::Json(data) => ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], data).into_response(),
        Answer::Filled { before, filler, times, after } => Html(filled(before, filler, times, after)).into_response(),
        Answer::Reply(canned) => reply(canned),
        Answer::Half { page, ends } => Html(half(&page, ends)).into_response(),
        Answer::Late(..) | Answer::Never => std::future::pending().await,
    }
}

fn reply(reply: Reply) -> Response {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// A page with much in its middle, made while it is sent.
fn filled(before: String, filler: &'static str, times: usize, after: String) -> Body {
    let in_a_part = PART / filler.len();
    let part = Bytes::from(filler.repeat(in_a_part));
    let rest = Bytes::from(filler.repeat(times % in_a_part));
    let parts = stream::repeat(part).take(times / in_a_part);
    let all = stream::iter([Bytes::from(before)]).chain(parts).chain(stream::iter([rest, Bytes::from(after)]));
    Body::from_stream(all.map(Ok::<_, Infallible>))
}

/// The first half of a page, after which the connection ends or nothing more comes.
fn half(page: &str, ends: bool) -> Body {
    let first = Bytes::copy_from_slice(&page.as_bytes()[..page.len() / 2]);
    let first = stream::iter([Ok(first)]);
    if ends {
        let end = stream::once(async {
            // What goes before is on its way by then.
            tokio::time::sleep(Duration::from_millis(100)).await;
            Err(io::Error::other("the stand-in breaks off here"))
        });
        Body::from_stream(first.chain(end))
    } else {
        Body::from_stream(first.chain(stream::pending()))
    }
}
