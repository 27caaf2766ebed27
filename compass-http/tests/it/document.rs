//! The OpenAPI document: it lists what there is, and nothing else.

use std::{collections::BTreeSet, path::Path};

use axum::{Router, http::Method};
use compass_http::{analytics, operations, router_of};
use serde_json::Value;
use tower::ServiceExt;

use crate::bench::{Answer, Bench, get, request};

/// Each route of the document: `get /users/me`.
pub(crate) fn routes(document: &Value) -> BTreeSet<String> {
    let paths = document["paths"].as_object().unwrap();
    let methods =
        paths.iter().flat_map(|(path, item)| item.as_object().unwrap().keys().map(move |m| format!("{m} {path}")));
    methods.collect()
}

/// The document as it was agreed on.
const AGREED: &str = include_str!("../../openapi.json");

#[tokio::test]
async fn it_is_what_was_agreed_on() {
    let document = Bench::new().await.get("/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document, serde_json::to_value(compass_http::openapi()).unwrap());
    let now = format!("{}\n", compass_http::openapi().to_pretty_json().unwrap());
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("openapi.json");
    std::fs::write(&file, &now).unwrap();
    assert!(
        now == AGREED,
        "the API has changed; if that is meant, copy {} to compass-http/openapi.json",
        file.display()
    );
}

#[tokio::test]
async fn each_route_in_it_is_there() {
    let bench = Bench::new().await;
    for route in routes(&bench.get("/openapi.json").await.json()) {
        let (method, path) = route.split_once(' ').unwrap();
        let path = path.replace("{handle}", "ada").replace("{id}", "00000000-0000-7000-8000-000000000000");
        let answer = bench.send(request(method.to_uppercase().parse::<Method>().unwrap(), &path)).await;
        assert_ne!(answer.status, 405, "{route}");
        if answer.status == 404 {
            assert!(answer.problem(404, "not-found").contains("ada"), "{route} is there, the creator is not");
        }
    }
}

#[tokio::test]
async fn every_failure_in_it_is_a_problem_and_every_reference_resolves() {
    let document = Bench::new().await.get("/openapi.json").await.json();
    let mut operations = BTreeSet::new();
    for route in routes(&document) {
        let (method, path) = route.split_once(' ').unwrap();
        let operation = &document["paths"][path][method];
        assert!(operation["summary"].is_string(), "{route}");
        assert!(operations.insert(operation["operationId"].as_str().unwrap()), "{route}: a second one of that name");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.contains_key("default"), "{route}");
        for (status, response) in responses {
            assert!(response["description"].as_str().is_some_and(|text| !text.is_empty()), "{route} {status}");
            if status == "default" || status.starts_with('4') || status.starts_with('5') {
                let schema = &response["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/ProblemDetails", "{route} {status}");
            }
        }
    }
    let mut references = Vec::new();
    collect_references(&document, &mut references);
    assert!(references.len() > 30);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

fn collect_references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                found.push(reference.clone());
            }
            members.values().for_each(|member| collect_references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn a_host_that_takes_some_sections_describes_these_under_its_path() {
    let bench = Bench::new().await;
    let some = router_of([analytics(), operations()]).with_state(bench.ports.clone());
    let host: Router = Router::new().nest("/compass", some);
    let document = Answer::read(host.clone().oneshot(get("/compass/openapi.json")).await.unwrap()).await.json();
    let described = routes(&document);
    assert!(described.contains("get /analytics/{handle}") && described.contains("get /health/ready"), "{described:?}");
    assert!(described.iter().all(|route| route.contains("/analytics/") || route.contains("/health/")), "{described:?}");
    assert_eq!(document["servers"][0]["url"], "/compass");
    Answer::read(host.oneshot(get("/compass/users/me")).await.unwrap()).await.problem(404, "not-found");
}

#[tokio::test]
async fn it_merges_into_a_host_that_has_a_fallback_of_its_own() {
    let bench = Bench::new().await;
    let own = Router::new().fallback(async || "the host's page");
    let host = own.merge(bench.app.clone().reset_fallback());
    let page = Answer::read(host.clone().oneshot(get("/nonsense")).await.unwrap()).await;
    assert_eq!(page.body, "the host's page");
    assert_eq!(host.oneshot(get("/health/live")).await.unwrap().status(), 200);
}
