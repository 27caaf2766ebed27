//! What holds for every request of a host that has manners.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use axum::{
    Extension, Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, DefaultBodyLimit},
    http::{HeaderValue, Method, Request, header},
    routing::{get as route_get, post as route_post},
};
use compass_http::{Form, Limits, Manners, Rate, Shutdown, Site};
use flate2::read::GzDecoder;
use futures_util::stream;
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::bench::{
    Answer, Bench, KNOWN, UNKNOWN, get, patch_json, post, post_json, request, with_cookie, with_header,
};

async fn send(app: &Router, request: Request<Body>) -> Answer {
    Answer::read(app.clone().oneshot(request).await.unwrap()).await
}

/// A host with a page of its own beside ours.
async fn host(manners: Manners) -> (Bench, Router) {
    let bench = Bench::new().await;
    let own = Router::new()
        .route("/mine", route_get(async || "mine"))
        .route("/broken", route_get(async || -> &'static str { panic!("sesame") }))
        .route("/form", route_post(async |_: Form<BTreeMap<String, String>>| "read"))
        .layer(DefaultBodyLimit::max(1_000));
    let app = manners.over(own.merge(bench.app.clone()));
    (bench, app)
}

fn plain() -> Manners {
    Manners::at(&Site::loopback())
}

fn from(mut request: Request<Body>, address: &str) -> Request<Body> {
    let peer: SocketAddr = format!("{address}:40000").parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    request
}

fn rate(times: u32) -> Rate {
    Rate::new(times, Duration::from_secs(60)).unwrap()
}

fn limits(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    change(&mut limits);
    limits
}

#[tokio::test]
async fn every_answer_has_the_careful_headers_and_a_name() {
    let (_, app) = host(Manners::at(&Site::at("https://compass.example").unwrap())).await;
    let mut without_host = get("/mine");
    without_host.headers_mut().remove("host");
    let mut large = post("/form");
    *large.body_mut() = Body::from("a".repeat(2_000));
    let large = with_header(large, "content-type", "application/x-www-form-urlencoded");
    for (asked, status) in [
        (get("/mine"), 200),
        (get("/health/live"), 200),
        (get("/nothing"), 404),
        (request(Method::PUT, "/users/me"), 405),
        (request(Method::TRACE, "/users/me"), 405),
        (without_host, 400),
        (with_header(get("/mine"), "host", "b"), 400),
        (large, 413),
        (post("/form"), 415),
        (get("/broken"), 500),
    ] {
        let what = format!("{} {}", asked.method(), asked.uri());
        let answer = send(&app, asked).await;
        assert_eq!(answer.status, status, "{what}: {answer:?}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cache-control", "no-store"),
            ("strict-transport-security", "max-age=63072000"),
        ] {
            assert_eq!(answer.header(name), value, "{what}");
        }
        assert!(answer.header("x-request-id").len() >= 32, "{what}");
        if status >= 400 && what != "POST /form" {
            assert_eq!(answer.header("content-type"), "application/problem+json", "{what}");
        }
    }
    let (_, app) = host(plain()).await;
    assert!(send(&app, get("/mine")).await.headers.get("strict-transport-security").is_none(), "not over plain http");
}

#[tokio::test(start_paused = true)]
async fn an_address_that_asks_too_often_has_to_wait() {
    let (_, app) = host(plain().limited(limits(|limits| limits.requests_per_address = rate(3)))).await;
    for _ in 0..3 {
        assert_eq!(send(&app, from(get("/mine"), "192.0.2.1")).await.status, 200);
    }
    let refused = send(&app, from(get("/health/live"), "192.0.2.1")).await;
    refused.problem(429, "too-often");
    assert_eq!(refused.header("retry-after"), "20");
    assert_eq!(refused.header("x-content-type-options"), "nosniff");
    let forged = with_header(from(get("/mine"), "192.0.2.1"), "x-forwarded-for", "198.51.100.7");
    assert_eq!(send(&app, forged).await.status, 429, "what it says of itself counts for nothing");
    assert_eq!(send(&app, from(get("/mine"), "192.0.2.2")).await.status, 200, "others are served");
    tokio::time::advance(Duration::from_secs(20)).await;
    assert_eq!(send(&app, from(get("/mine"), "192.0.2.1")).await.status, 200);
    assert_eq!(send(&app, from(get("/mine"), "192.0.2.1")).await.status, 429);
}

#[tokio::test(start_paused = true)]
async fn clients_behind_a_believed_proxy_are_told_apart() {
    let manners = plain().limited(limits(|limits| limits.requests_per_address = rate(1)));
    let (_, app) = host(manners.behind(["10.0.0.0/8".parse().unwrap()])).await;
    let ask = async |client: &str| {
        let asked = with_header(from(get("/mine"), "10.0.0.1"), "x-forwarded-for", client);
        send(&app, asked).await.status.as_u16()
    };
    assert_eq!(ask("198.51.100.1").await, 200);
    assert_eq!(ask("198.51.100.2").await, 200);
    assert_eq!(ask("203.0.113.1, 198.51.100.1").await, 429, "what stands before it was written by the client");
    for one in ["198.51.100.3:50123", "[2001:db8::7]:443"] {
        assert_eq!([ask(one).await, ask(one).await], [200, 429], "{one}");
    }
    assert_eq!(ask("198.51.100.3:7").await, 429, "it is the address that counts");
}

#[tokio::test(start_paused = true)]
async fn sign_ins_people_and_looks_have_limits_of_their_own() {
    let (_, app) = host(plain().limited(limits(|limits| limits.sign_ins_per_address = rate(2)))).await;
    let login = || from(get("/auth/google/login"), "192.0.2.1");
    assert_eq!([send(&app, login()).await.status, send(&app, login()).await.status].map(|s| s.as_u16()), [303, 303]);
    send(&app, login()).await.problem(429, "too-often");
    assert_eq!(send(&app, from(get("/mine"), "192.0.2.1")).await.status, 200);

    let (bench, app) = host(plain().limited(limits(|limits| limits.requests_per_user = rate(2)))).await;
    let (ada, bob) = (bench.person("ada").await, bench.person("bob").await);
    let me = |who: &str, address: &str| from(with_cookie(get("/users/me"), who), address);
    assert_eq!(send(&app, me(&ada, "192.0.2.1")).await.status, 200);
    assert_eq!(send(&app, me(&ada, "192.0.2.2")).await.status, 200);
    send(&app, me(&ada, "192.0.2.3")).await.problem(429, "too-often");
    assert_eq!(send(&app, me(&bob, "192.0.2.3")).await.status, 200);

    let (bench, app) = host(plain().limited(limits(|limits| limits.looks_per_user = rate(1)))).await;
    let ada = bench.person("ada").await;
    let look = |handle: &str| with_cookie(post(&format!("/tiktok/{handle}/refresh")), &ada);
    assert_eq!(send(&app, look(KNOWN)).await.status, 202);
    let refused = send(&app, look(UNKNOWN)).await;
    assert!(refused.problem(429, "too-often").contains("looks"), "{refused:?}");
    assert_eq!(refused.header("retry-after"), "60");
    // Naming an account that nobody has looked at asks for a look, too; one that is known does not.
    let name = |handle: &str| with_cookie(patch_json("/users/me", &format!(r#"{{"handle": "{handle}"}}"#)), &ada);
    send(&app, name(UNKNOWN)).await.problem(429, "too-often");
    assert_eq!(send(&app, name(KNOWN)).await.status, 200);

    let (bench, app) = host(plain().limited(limits(|limits| limits.sign_ins_per_address = rate(1)))).await;
    let ada = bench.person("ada").await;
    let open = || from(with_cookie(post("/auth/sessions"), &ada), "192.0.2.1");
    assert_eq!(send(&app, open()).await.status, 201);
    send(&app, open()).await.problem(429, "too-often");
}

#[tokio::test(start_paused = true)]
async fn programs_that_renew_very_often_have_to_wait_and_keep_their_tokens() {
    let (bench, app) = host(plain().limited(limits(|limits| limits.renewals_per_user = rate(2)))).await;
    let (ada, bob) = (bench.person("ada").await, bench.person("bob").await);
    let program =
        async |who: &str| send(&app, with_cookie(post("/auth/sessions"), who)).await.json()["refresh_token"].clone();
    let renew = async |token: &Value| {
        send(&app, post_json("/auth/refresh", &json!({"refresh_token": token}).to_string())).await
    };
    let (one, two, of_bob) = (program(&ada).await, program(&ada).await, program(&bob).await);
    let one = renew(&one).await.json()["refresh_token"].clone();
    assert_eq!(renew(&two).await.status, 200);
    for _ in 0..3 {
        let refused = renew(&one).await;
        let detail = refused.problem(429, "too-often");
        assert!(detail.contains("this refresh token stays good"), "{detail}");
        assert_eq!(refused.header("retry-after"), "30");
    }
    renew(&"0".repeat(64).into()).await.problem(401, "not-signed-in");
    assert_eq!(renew(&of_bob).await.status, 200, "others are served");
    let by_cookie = send(&app, with_cookie(post("/auth/refresh"), &ada)).await;
    assert_eq!(by_cookie.status, 200, "a browser's renewal is kept nowhere");
    tokio::time::advance(Duration::from_secs(30)).await;
    assert_eq!(renew(&one).await.status, 200, "it was not taken");
}

#[tokio::test(start_paused = true)]
async fn a_person_exports_everything_ten_times_an_hour() {
    let (bench, app) = host(plain().limited(Limits::default())).await;
    let (ada, bob) = (bench.person("ada").await, bench.person("bob").await);
    let export =
        async |method: Method, who: &str| send(&app, with_cookie(request(method, "/users/me/export"), who)).await;
    for _ in 0..5 {
        assert_eq!(export(Method::GET, &ada).await.status, 200);
        assert_eq!(export(Method::HEAD, &ada).await.status, 200, "it is as much work");
    }
    let refused = export(Method::GET, &ada).await;
    refused.problem(429, "too-often");
    assert_eq!(refused.header("retry-after"), "360");
    assert_eq!(export(Method::HEAD, &ada).await.status, 429);
    assert_eq!(export(Method::GET, &bob).await.status, 200);
}

#[tokio::test]
async fn an_export_is_sent_compressed_to_whoever_takes_that() {
    let (bench, app) = host(plain()).await;
    let ada = bench.person("ada").await;
    let export = with_header(with_cookie(get("/users/me/export"), &ada), "accept-encoding", "gzip");
    let answer = send(&app, export).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-encoding")), (200, "gzip"));
    let json: Value = serde_json::from_reader(GzDecoder::new(&answer.body[..])).unwrap();
    assert_eq!(json["user"]["identity"]["subject"], "ada");
}

#[tokio::test]
async fn other_sites_may_read_only_if_they_are_listed() {
    let asks = |origin: &'static str| with_header(get("/health/live"), "origin", origin);
    let (_, app) = host(plain()).await;
    let closed = send(&app, asks("https://app.example")).await;
    assert!(closed.headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN).is_none());

    let (_, app) = host(plain().shared_with(["https://app.example"]).unwrap()).await;
    let listed = send(&app, asks("https://app.example")).await;
    assert_eq!(listed.header("access-control-allow-origin"), "https://app.example");
    assert!(listed.header("access-control-expose-headers").contains("etag"));
    assert!(listed.headers.get(header::ACCESS_CONTROL_ALLOW_CREDENTIALS).is_none(), "a cookie does not work for them");
    assert!(listed.headers.get_all("vary").iter().any(|value| value.to_str().unwrap().contains("origin")));
    for other in ["https://evil.example", "https://app.example.evil.example", "http://app.example", "null"] {
        let answer = send(&app, asks(other)).await;
        assert!(answer.headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN).is_none(), "{other}");
    }
    let before = with_header(request(Method::OPTIONS, "/users/me"), "origin", "https://app.example");
    let before = with_header(before, "access-control-request-method", "PATCH");
    let allowed = send(&app, before).await;
    assert_eq!((allowed.status.as_u16(), allowed.header("x-content-type-options")), (200, "nosniff"));
    assert!(allowed.header("access-control-allow-methods").contains("PATCH"));
    assert!(allowed.header("access-control-allow-headers").contains("authorization"));
}

#[tokio::test]
async fn the_compressed_form_of_a_report_has_a_strong_tag_of_its_own() {
    let (_, app) = host(plain()).await;
    let path = format!("/analytics/{KNOWN}");
    let ask = |encoding: &str, known: &str| {
        let mut asked = get(&path);
        for (name, value) in [("accept-encoding", encoding), ("if-none-match", known)] {
            if !value.is_empty() {
                asked.headers_mut().insert(name, HeaderValue::from_str(value).unwrap());
            }
        }
        send(&app, asked)
    };
    let plain = ask("", "").await;
    let small = ask("gzip", "").await;
    assert_eq!(small.header("content-encoding"), "gzip");
    for form in [&plain, &small] {
        assert_eq!(form.header("vary"), "accept-encoding", "what is kept between us has both");
    }
    assert!(small.body.len() * 2 < plain.body.len(), "{} of {}", small.body.len(), plain.body.len());
    let (plain, small) = (plain.header("etag").to_owned(), small.header("etag").to_owned());
    assert!(plain != small && !small.starts_with("W/"), "{plain} {small}");
    assert_eq!(ask("gzip", "").await.header("etag"), small, "the same bytes again");
    for (encoding, known, tag) in [
        ("gzip", &small, &small),
        ("", &plain, &plain),
        ("gzip", &format!("\"other\", {small}"), &small),
        ("gzip", &format!("W/{small}"), &small),
        ("gzip", &format!("{plain}, \"other.gzip\""), &plain),
    ] {
        let same = ask(encoding, known).await;
        assert_eq!((same.status.as_u16(), same.header("etag")), (304, tag.as_str()), "{known}");
    }
}

#[tokio::test]
async fn whoever_refuses_every_form_gets_the_plain_one() {
    let (_, app) = host(plain()).await;
    for refused in ["gzip;q=0", "gzip;Q=0.0, identity;q=0", "*;q=0", "identity;q=0", "br", "deflate, zstd"] {
        let answer = send(&app, with_header(get(&format!("/analytics/{KNOWN}")), "accept-encoding", refused)).await;
        assert_eq!(answer.status, 200, "{refused}");
        assert!(answer.headers.get("content-encoding").is_none() && answer.json().is_object(), "{refused}");
    }
    for taken in ["gzip", "GZIP", "identity;q=0, gzip;q=0.1"] {
        let answer = send(&app, with_header(get(&format!("/analytics/{KNOWN}")), "accept-encoding", taken)).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-encoding")), (200, "gzip"), "{taken}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let (_, app) = host(plain().with_body_time(Duration::from_secs(7))).await;
    let stalled = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
    let mut asked = with_header(post("/form"), "content-type", "application/x-www-form-urlencoded");
    *asked.body_mut() = stalled;
    let begun = tokio::time::Instant::now();
    send(&app, asked).await.problem(408, "too-slow");
    assert_eq!(begun.elapsed().as_secs(), 7);
}

#[tokio::test]
async fn a_service_that_is_about_to_stop_is_not_ready_but_lives() {
    let (_, app) = host(plain()).await;
    let shutdown = Shutdown::default();
    let app = app.layer(Extension(shutdown.clone()));
    assert_eq!(send(&app, get("/health/ready")).await.status, 200);
    shutdown.0.cancel();
    send(&app, get("/health/ready")).await.problem(503, "unavailable");
    assert_eq!(send(&app, get("/health/live")).await.status, 200);
}

#[test]
fn requests_are_counted_under_their_routes_pattern() {
    let recorder = DebuggingRecorder::new();
    let counted = recorder.snapshotter();
    metrics::with_local_recorder(&recorder, || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (_, app) = host(plain()).await;
            for path in ["/tiktok/sample.steady", "/tiktok/sample.rising", "/tiktok/nobody", "/a/b/c", "/a/b/d"] {
                send(&app, get(path)).await;
            }
            send(&app, request(Method::from_bytes(b"MADEUP").unwrap(), "/a")).await;
        });
    });
    let mut requests = BTreeMap::new();
    for (key, _, _, value) in counted.snapshot().into_vec() {
        let labels: Vec<&str> = key.key().labels().map(metrics::Label::value).collect();
        match (key.key().name(), value) {
            ("compass_http_requests_total", DebugValue::Counter(n)) => drop(requests.insert(labels.join(" "), n)),
            ("compass_http_request_seconds", DebugValue::Histogram(times)) => assert!(!times.is_empty()),
            ("compass_http_requests_under_way", DebugValue::Gauge(n)) => assert_eq!(n.0, 0.0),
            other => panic!("{other:?}"),
        }
    }
    let expected =
        [("GET /tiktok/{handle} 200", 2), ("GET /tiktok/{handle} 404", 1), ("GET none 404", 2), ("other none 404", 1)];
    assert_eq!(requests, expected.map(|(labels, n)| (labels.to_owned(), n)).into());
}

#[tokio::test(start_paused = true)]
async fn a_comparison_counts_as_a_request_for_each_creator() {
    let (_, app) = host(plain().limited(limits(|limits| limits.requests_per_address = rate(5)))).await;
    let compare = |handles: &str| from(get(&format!("/analytics/compare?handles={handles}")), "192.0.2.1");
    let three = format!("{KNOWN},sample.rising,{UNKNOWN}");
    assert_eq!(send(&app, compare(&three)).await.status, 200);
    let refused = send(&app, compare(&three)).await;
    refused.problem(429, "too-often");
    assert_eq!(refused.header("retry-after"), "12", "one more of five a minute");
    assert_eq!(send(&app, compare(&format!("{KNOWN},{KNOWN}"))).await.status, 200, "twice the same is one");
    assert_eq!(send(&app, compare(KNOWN)).await.status, 429);

    let (_, app) = host(plain().limited(limits(|limits| limits.requests_per_address = rate(2)))).await;
    assert_eq!(send(&app, compare(&three)).await.status, 200, "more than there ever is room for takes all of it");
    assert_eq!(send(&app, compare(KNOWN)).await.status, 429);
}
