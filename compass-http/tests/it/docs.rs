//! The page that shows the API.

use axum::Router;
use tower::ServiceExt as _;

use crate::bench::{Answer, Bench, get};

#[tokio::test]
async fn the_page_loads_everything_from_the_service_itself() {
    let bench = Bench::new().await;
    let host: Router = Router::new().nest("/compass", bench.app.clone());
    let ask = async |path: &str| Answer::read(host.clone().oneshot(get(path)).await.unwrap()).await;
    assert_eq!(ask("/compass/docs").await.header("location"), "/compass/docs/");
    let page = ask("/compass/docs/").await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "text/html"));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self';") && policy.contains("default-src 'none'"), "{policy}");
    let html = String::from_utf8(page.body.to_vec()).unwrap();
    let mut loaded = 0;
    for (_, rest) in html
        .match_indices("src=\"")
        .chain(html.match_indices("href=\""))
        .map(|(at, what)| (what, &html[at + what.len()..]))
    {
        let file = rest.split('"').next().unwrap().trim_start_matches("./");
        assert!(!file.contains("//"), "{file} comes from elsewhere");
        assert_eq!(ask(&format!("/compass/docs/{file}")).await.status, 200, "{file}");
        loaded += 1;
    }
    assert!(loaded >= 6, "{html}");
    let start = ask("/compass/docs/swagger-initializer.js").await;
    assert!(String::from_utf8(start.body.to_vec()).unwrap().contains("\"../openapi.json\""), "{start:?}");
    for nothing in ["nothing.js", "swagger-ui.js.map", "..%2Fopenapi.json", "index.html%00"] {
        ask(&format!("/compass/docs/{nothing}")).await.problem(404, "not-found");
    }
}
