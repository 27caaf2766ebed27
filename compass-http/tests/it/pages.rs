//! Lists come in pages, and each page says where the next one is.

use crate::bench::{Answer, Bench, KNOWN, get};
use axum::Router;
use tower::ServiceExt as _;

/// Where a page says that the next one is.
fn next(answer: &Answer) -> Option<String> {
    let link = answer.headers.get("link")?.to_str().unwrap();
    Some(link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap().to_owned())
}

#[tokio::test]
async fn the_link_leads_through_the_whole_list() {
    let bench = Bench::new().await;
    let host: Router = Router::new().nest("/compass", bench.app.clone());
    let from = "2026-04-10T00:00:00Z";
    for (path, member, least) in [
        (format!("/compass/tiktok/{KNOWN}/videos?limit=7"), "videos", 20),
        (format!("/compass/tiktok/{KNOWN}/history?limit=7&from={from}"), "observations", 20),
    ] {
        let mut seen = Vec::new();
        let mut page = Some(path.clone());
        while let Some(address) = page {
            let answer = Answer::read(host.clone().oneshot(get(&address)).await.unwrap()).await;
            assert_eq!(answer.status, 200, "{address}");
            let json = answer.json();
            seen.extend(json[member].as_array().unwrap().clone());
            page = next(&answer);
            assert_eq!(page.is_some(), !json["next"].is_null(), "{address}");
            assert!(page.as_ref().is_none_or(|page| page.contains("limit=7") && page.matches("cursor=").count() == 1));
        }
        let all = Answer::read(host.clone().oneshot(get(&path.replace("limit=7", "limit=100"))).await.unwrap()).await;
        assert_eq!(&seen, all.json()[member].as_array().unwrap(), "{path}");
        assert!(seen.len() > least && next(&all).is_none(), "{path}");
        assert!(seen.iter().all(|item| member == "videos" || item["observed_at"].as_str().unwrap() >= from));
    }
}
