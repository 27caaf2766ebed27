//! The client against the router, and its types against the API's document.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{net::SocketAddr, process::Command, sync::Arc};

use client::{Compass, Error, Job, Person, Problem, Tokens};
use compass_auth::{DevelopmentSignIn, JwtAccessTokens, TokenKey};
use compass_core::{
    Handle, JobState,
    analytics::{MetricId, Report},
    ports::{Clock, NoExports, SystemClock, SystemRandom},
    testing::MemoryStore,
};
use compass_http::{Ports, Site};
use reqwest::{header, redirect};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const DOCUMENT: &str = include_str!("../../../compass-http/openapi.json");

fn ports(listen: SocketAddr) -> Ports {
    let store = Arc::new(MemoryStore::with_samples(SystemClock.now()));
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let key = TokenKey::random(&*random);
    Ports {
        accounts: Arc::<MemoryStore>::clone(&store),
        refresh_tokens: Arc::<MemoryStore>::clone(&store),
        account_data: Arc::<MemoryStore>::clone(&store),
        audit: Arc::<MemoryStore>::clone(&store),
        creators: Arc::<MemoryStore>::clone(&store),
        corpus: Arc::<MemoryStore>::clone(&store),
        jobs: Arc::<MemoryStore>::clone(&store),
        imports: Arc::<MemoryStore>::clone(&store),
        audiences: Arc::<MemoryStore>::clone(&store),
        reports: Arc::<MemoryStore>::clone(&store),
        ledger: store,
        exports: Arc::new(NoExports),
        identity: Arc::new(DevelopmentSignIn::new(listen, clock, random).unwrap()),
        tokens: Arc::new(JwtAccessTokens::new("urn:example:service", key, Vec::new(), Arc::new(SystemRandom)).unwrap()),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        site: Site::loopback(),
    }
}

/// A service on a free port; its address.
async fn service() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listen = listener.local_addr().unwrap();
    let app = compass_http::router().with_state(ports(listen));
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{listen}")
}

/// A program's first refresh token, as a browser gets it that signs in.
async fn first_token(base: &str) -> String {
    let browser = reqwest::Client::builder().redirect(redirect::Policy::none()).build().unwrap();
    let (mut to, mut cookies) = (format!("{base}/auth/google/login"), String::new());
    for _ in 0..2 {
        let answer = browser.get(&to).header(header::COOKIE, &cookies).send().await.unwrap();
        assert_eq!(answer.status(), 303, "{to}");
        let set = answer.headers().get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap());
        let kept = set.filter(|cookie| !cookie.contains("Max-Age=0")).map(|cookie| cookie.split(';').next().unwrap());
        cookies = kept.collect::<Vec<_>>().join("; ");
        let next = answer.headers()[header::LOCATION].to_str().unwrap();
        to = if next.starts_with('/') { format!("{base}{next}") } else { next.to_owned() };
    }
    let opened = browser.post(format!("{base}/auth/sessions")).header(header::COOKIE, &cookies).send().await.unwrap();
    assert_eq!(opened.status(), 201);
    let tokens: Value = serde_json::from_str(&opened.text().await.unwrap()).unwrap();
    tokens["refresh_token"].as_str().unwrap().to_owned()
}

fn steady() -> Handle {
    Handle::parse("sample.steady").unwrap()
}

#[tokio::test]
async fn program_signs_in_asks_for_a_report_and_stays_signed_in() {
    let base = service().await;
    let mut compass = Compass::at(&base).unwrap();
    let visitor = compass.me().await.unwrap_err();
    assert!(matches!(&visitor, Error::Problem(problem) if problem.status == 401), "{visitor}");

    let first = compass.sign_in(&first_token(&base).await).await.unwrap();
    assert!(!format!("{first:?}").contains(&first.access_token), "secrets print nothing");
    assert!(compass.me().await.unwrap().name.is_some());
    let report = compass.report(&steady()).await.unwrap();
    assert_eq!(report.creators[0].handle, steady());
    assert!(report.creators[0].metrics[&MetricId::ENGAGEMENT].interval.is_some());
    let job = compass.refresh(&steady(), "k-1").await.unwrap();
    assert_eq!((job.state, compass.refresh(&steady(), "k-1").await.unwrap().id), (JobState::Queued, job.id));
    assert!(compass.sign_in(&first.refresh_token.unwrap()).await.unwrap().refresh_token.is_some());

    let unknown = compass.report(&Handle::parse("nobody.yet").unwrap()).await.unwrap_err();
    assert!(unknown.to_string().contains("@nobody.yet was not observed"), "{unknown}");
}

#[tokio::test]
async fn binary_prints_figures_and_keeps_the_next_token() {
    let base = service().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let token = first_token(&base).await;
    std::fs::write(&file, &token).unwrap();
    let run = {
        let (base, file) = (base.clone(), file.clone());
        move |handle: &'static str| {
            let mut program = Command::new(env!("CARGO_BIN_EXE_client"));
            program.args([&base, handle]).arg(&file).output().unwrap()
        }
    };
    for _ in 0..2 {
        let run = run.clone();
        let said = tokio::task::spawn_blocking(move || run("sample.steady")).await.unwrap();
        let (out, err) = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
        assert!(said.status.success(), "{err}");
        assert!(out.contains("(@sample.steady)") && out.contains("er.views.median@1") && out.contains("n = "), "{out}");
        assert!(err.contains("signed in as") && err.contains("@sample.steady is"), "{err}");
    }
    assert_ne!(std::fs::read_to_string(&file).unwrap().trim(), token);
    let said = tokio::task::spawn_blocking(move || run("nobody.yet")).await.unwrap();
    assert_eq!(said.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&said.stderr).contains("was not observed"), "{said:?}");
}

/// Each call with the type that reads its answer: made of the document's schema, with nothing but what is always there.
#[test]
fn what_the_client_reads_is_what_the_document_promises() {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    reads::<Tokens>(&document, "/auth/refresh", "post", "200");
    reads::<Person>(&document, "/users/me", "get", "200");
    reads::<Job>(&document, "/tiktok/{handle}/refresh", "post", "202");
    let problem = example(&document, &json!({"$ref": "#/components/schemas/ProblemDetails"}));
    serde_json::from_value::<Problem>(problem).unwrap();
    assert_eq!(answer_of(&document, "/analytics/{handle}", "get", "200")["$ref"], "#/components/schemas/Report");
    let own = document.pointer("/components/schemas/Report/required").unwrap();
    assert_eq!(own, &json!(["schema", "creators", "refused"]), "{}", Report::SCHEMA);
    let sent = &document["paths"]["/auth/refresh"]["post"]["requestBody"]["content"]["application/json"]["schema"];
    let sent = sent["oneOf"].as_array().unwrap().iter().find_map(|one| one["$ref"].as_str()).unwrap();
    assert_eq!(example(&document, &json!({ "$ref": sent })), json!({"refresh_token": "text"}));
}

fn answer_of<'d>(document: &'d Value, path: &str, method: &str, status: &str) -> &'d Value {
    &document["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"]
}

fn reads<T: DeserializeOwned>(document: &Value, path: &str, method: &str, status: &str) {
    let example = example(document, answer_of(document, path, method, status));
    if let Err(why) = serde_json::from_value::<T>(example.clone()) {
        panic!("{method} {path}: {why} in {example}");
    }
}

/// The smallest value that a schema allows.
fn example(document: &Value, schema: &Value) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        return example(document, document.pointer(reference.strip_prefix('#').unwrap()).unwrap());
    }
    if let Some(one) = schema["oneOf"].as_array().or(schema["enum"].as_array()) {
        return if schema["enum"].is_array() { one[0].clone() } else { example(document, &one[0]) };
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("object"), _) => {
            let required = schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap());
            required.map(|name| (name.to_owned(), example(document, &schema["properties"][name]))).collect()
        }
        (Some("array"), _) => json!([]),
        (Some("integer"), _) => json!(1),
        (Some("string"), Some("date-time")) => json!("2026-05-01T12:00:00Z"),
        (Some("string"), _) => json!("text"),
        other => panic!("no example of {other:?}: {schema}"),
    }
}
