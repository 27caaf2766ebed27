//! A service for its own machine: other names are refused, and the development sign-in lets nobody in from elsewhere.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{Request, Version},
    middleware::from_fn,
    routing::get as on_get,
};
use compass_core::ports::{MockIdentityProvider, SignInStart};
use compass_http::{Site, only_this_machine};
use tower::ServiceExt;

use crate::{
    bench::{Answer, Bench, get, request, with_cookie, with_header},
    document::routes,
};

fn named(mut request: Request<Body>, host: &str) -> Request<Body> {
    request.headers_mut().insert("host", host.parse().unwrap());
    request
}

#[tokio::test]
async fn no_route_answers_under_the_name_of_another_site() {
    let bench = Bench::new().await;
    let described = routes(&bench.get("/openapi.json").await.json());
    let routes = described.iter().map(|route| route.split_once(' ').unwrap());
    for (method, path) in
        routes.chain([("get", "/openapi.json"), ("get", "/docs/"), ("get", "/nonsense"), ("delete", "/users/me")])
    {
        let path = path.replace("{handle}", "ada").replace("{id}", "00000000-0000-7000-8000-000000000000");
        let asked = named(request(method.to_uppercase().parse().unwrap(), &path), "evil.example");
        let detail = bench.send(asked).await.problem(400, "not-this-machine");
        assert!(detail.contains("localhost"), "{method} {path}: {detail}");
    }
}

#[tokio::test]
async fn the_name_of_the_machine_has_many_forms_and_is_given_once() {
    let bench = Bench::new().await;
    for host in ["localhost", "LocalHost:8000", "127.0.0.1", "127.9.9.9:1", "[::1]:8000", "[::ffff:127.0.0.1]"] {
        assert_eq!(bench.send(named(get("/health/live"), host)).await.status, 200, "{host}");
    }
    for host in ["", "evil.example:8000", "localhost.evil.example", "192.168.1.7", "[::2]", "a b"] {
        bench.send(named(get("/health/live"), host)).await.problem(400, "not-this-machine");
    }
    bench.send(with_header(get("/health/live"), "host", "localhost")).await.problem(400, "not-this-machine");
    let nameless = Request::get("/health/live").body(Body::empty()).unwrap();
    bench.send(nameless).await.problem(400, "not-this-machine");
    let in_the_address = |uri: &str| Request::get(uri).body(Body::empty()).unwrap();
    assert_eq!(bench.send(in_the_address("http://localhost/health/live")).await.status, 200, "as HTTP/2 has it");
    bench.send(in_the_address("http://evil.example/health/live")).await.problem(400, "not-this-machine");
    bench
        .send(named(in_the_address("http://evil.example/health/live"), "localhost"))
        .await
        .problem(400, "not-this-machine");
}

#[tokio::test]
async fn a_public_site_leaves_names_to_whoever_runs_it() {
    let bench = Bench::on(Site::at("https://compass.example").unwrap()).await;
    assert_eq!(bench.send(named(get("/health/live"), "compass.example")).await.status, 200);
    let local = Bench::on(Site::at("http://localhost:8000").unwrap()).await;
    local.send(named(get("/health/live"), "compass.example")).await.problem(400, "not-this-machine");
}

/// What shows that somebody asks from elsewhere.
fn from_elsewhere(path: &str) -> Vec<Request<Body>> {
    let traces = [
        ("forwarded", "for=192.0.2.7"),
        ("x-forwarded-for", "192.0.2.7"),
        ("x-forwarded-host", "compass.example"),
        ("x-forwarded-proto", "https"),
        ("x-real-ip", "192.0.2.7"),
        ("via", "1.1 proxy"),
        ("origin", "https://compass.example"),
        ("origin", "null"),
        ("referer", "https://compass.example/"),
    ];
    let mut requests: Vec<_> = traces.iter().map(|(name, value)| with_header(get(path), name, value)).collect();
    let mut old = get(path);
    *old.version_mut() = Version::HTTP_10;
    requests.extend([old, named(get(path), "compass.example")]);
    requests
}

#[tokio::test]
async fn the_development_sign_in_lets_nobody_in_from_elsewhere() {
    for site in [Site::loopback(), Site::at("https://localhost").unwrap(), Site::at("https://compass.example").unwrap()]
    {
        let bench = Bench::on(site).await;
        let start = bench.get("/auth/google/login").await;
        let back = start.header("location").trim_start_matches("https://localhost");
        let back = back.trim_start_matches("https://compass.example");
        let callbacks = from_elsewhere(back).into_iter().map(|request| with_cookie(request, &start.cookies()));
        for request in from_elsewhere("/auth/google/login").into_iter().chain(callbacks) {
            let what = format!("{request:?}");
            let answer = bench.send(request).await;
            answer.problem(400, "not-this-machine");
            assert!(answer.set_cookies().is_empty(), "{what}");
        }
        let done = bench.send(with_cookie(get(back), &start.cookies())).await;
        assert_eq!(done.status, 303, "the attempts did not spend it");
    }
}

#[tokio::test]
async fn the_refusal_of_the_development_sign_in_says_what_to_do() {
    let bench = Bench::new().await;
    let proxied = with_header(get("/auth/google/login"), "x-forwarded-for", "192.0.2.7");
    let detail = bench.send(proxied).await.problem(400, "not-this-machine");
    assert!(detail.contains("no proxy") && detail.contains("configure an identity provider"), "{detail}");
}

#[tokio::test]
async fn pages_of_this_machine_lead_to_the_development_sign_in() {
    let bench = Bench::new().await;
    for (name, page) in [("referer", "http://LOCALHOST:3000/welcome"), ("origin", "http://127.0.0.1:8000")] {
        let start = bench.send(with_header(get("/auth/google/login"), name, page)).await;
        assert_eq!(start.status, 303, "{page}");
    }
}

#[tokio::test]
async fn a_real_sign_in_works_behind_a_proxy() {
    let mut identity = MockIdentityProvider::new();
    identity.expect_is_development().return_const(false);
    identity.expect_start().returning(|_| {
        let redirect = "https://accounts.example/".to_owned();
        Ok(SignInStart { redirect, transaction: "secret".to_owned() })
    });
    let bench = Bench::on(Site::at("https://compass.example").unwrap()).await;
    let bench = bench.with(|ports| ports.identity = Arc::new(identity));
    for request in from_elsewhere("/auth/google/login") {
        assert_eq!(bench.send(request).await.status, 303);
    }
}

#[tokio::test]
async fn a_host_can_guard_its_own_pages_alike() {
    let host: Router = Router::new().route("/", on_get(async || "mine")).layer(from_fn(only_this_machine));
    let send = async |request| Answer::read(host.clone().oneshot(request).await.unwrap()).await;
    assert_eq!(send(get("/")).await.body, "mine");
    send(named(get("/"), "evil.example")).await.problem(400, "not-this-machine");
}
