//! What was observed of an account, and asking for a fresh look.

use std::{collections::BTreeSet, sync::Arc};

use axum::Router;
use compass_core::{SourceKind, ports::Clock as _, samples::World};

use tower::ServiceExt;

use crate::{
    bench::{Answer, Bench, KNOWN, UNKNOWN, get, post, with_bearer, with_cookie},
    gated_store::GatedStore,
};

#[tokio::test]
async fn the_newest_observation_is_open_to_everybody() {
    let bench = Bench::new().await;
    let answer = bench.get("/tiktok/@Sample.Steady").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let json = answer.json();
    assert_eq!((json["handle"].as_str(), json["source"].as_str()), (Some(KNOWN), Some("sample")));
    assert_eq!(json["observed_at"], "2026-05-01T12:00:00Z");
    assert!(json["id"].is_string() && json["counts"]["followers"].is_object(), "{json}");
    let earlier = bench.get(&format!("/tiktok/{KNOWN}?as_of=2026-04-20T00:00:00Z")).await.json();
    assert_eq!(earlier["observed_at"], "2026-04-19T12:00:00Z");
}

#[tokio::test]
async fn an_account_never_seen_is_not_found_with_the_way_to_see_it() {
    let bench = Bench::new().await;
    for path in ["", "/videos", "/history"] {
        let detail = bench.get(&format!("/tiktok/{UNKNOWN}{path}")).await.problem(404, "not-found");
        assert!(detail.contains("tiktok/nobody.yet/refresh"), "{detail}");
    }
    let before_all = format!("/tiktok/{KNOWN}?as_of=2020-01-01T00:00:00Z");
    bench.get(&before_all).await.problem(404, "not-found");
}

#[tokio::test]
async fn a_handle_that_cannot_be_one_is_refused_with_the_reason() {
    let bench = Bench::new().await;
    let cases =
        ["a", "ada.", "%D0%B0da", "a%2F..%2Fb", "ada%00", "%F0%9F%8E%89%F0%9F%8E%89", "aaaaaaaaaaaaaaaaaaaaaaaaa"];
    for handle in cases {
        let detail = bench.get(&format!("/tiktok/{handle}")).await.problem(422, "invalid-value");
        assert!(detail.starts_with("a handle"), "{handle}: {detail}");
    }
}

#[tokio::test]
async fn pages_of_posts_give_each_post_once_newest_first() {
    let bench = Bench::new().await;
    let mut path = format!("/tiktok/{KNOWN}/videos?limit=7");
    let (mut ids, mut times) = (Vec::new(), Vec::new());
    loop {
        let page = bench.get(&path).await;
        assert_eq!(page.status, 200, "{page:?}");
        let page = page.json();
        let videos = page["videos"].as_array().unwrap();
        assert!(!videos.is_empty() && videos.len() <= 7);
        ids.extend(videos.iter().map(|video| video["id"].as_str().unwrap().to_owned()));
        times.extend(videos.iter().map(|video| video["created_at"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/tiktok/{KNOWN}/videos?limit=7&cursor={next}");
    }
    assert!(ids.len() > 14, "more than two pages");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    assert!(times.is_sorted_by(|a, b| a >= b));
}

#[tokio::test]
async fn a_look_between_two_pages_does_not_shift_them() {
    let bench = Bench::new().await;
    let first = bench.get(&format!("/tiktok/{KNOWN}/videos?limit=5")).await.json();
    let next = format!("/tiktok/{KNOWN}/videos?limit=5&cursor={}", first["next"].as_str().unwrap());
    let before = bench.get(&next).await.json();
    bench.clock.advance(std::time::Duration::from_secs(10 * 86_400));
    let creator = World::standard().find(&KNOWN.parse().unwrap()).unwrap().clone();
    let now = bench.ports.clock.now();
    bench.ports.creators.record(&creator.snapshot(now, 30, SourceKind::Sample)).await.unwrap();
    assert_eq!(bench.get(&next).await.json(), before);
}

#[tokio::test]
async fn queries_that_cannot_be_read_are_bad_requests() {
    let bench = Bench::new().await;
    let cases = [
        ("videos?limit=0", "limit"),
        ("videos?limit=101", "limit"),
        ("videos?limit=-1", "limit"),
        ("videos?limit=many", "limit"),
        ("videos?cursor=forged", "cursor"),
        ("videos?page=2", "page"),
        ("history?limit=0", "limit"),
        ("history?limit=1001", "limit"),
        ("history?cursor=forged", "cursor"),
        ("history?from=yesterday", "from"),
        ("history?from=2026-05-02T00:00:00Z&to=2026-05-01T00:00:00Z", "from"),
        ("history?from=-009999-01-02T01:59:59Z&to=9999-12-30T22:00:00Z", "two years"),
        ("history?from=2020-05-02T00:00:00Z&to=2026-05-01T00:00:00Z", "two years"),
    ];
    for (query, word) in cases {
        let detail = bench.get(&format!("/tiktok/{KNOWN}/{query}")).await.problem(400, "bad-request");
        assert!(detail.contains(word), "{query}: {detail}");
    }
    bench.get(&format!("/tiktok/{KNOWN}?as_of=now")).await.problem(400, "bad-request");
}

#[tokio::test]
async fn the_history_has_a_point_for_each_day_of_the_range() {
    let bench = Bench::new().await;
    let all = bench.get(&format!("/tiktok/{KNOWN}/history")).await.json();
    assert_eq!(all["observations"].as_array().unwrap().len(), 30);
    assert_eq!(all["from"], "2026-01-31T12:00:00Z");
    let week = format!("/tiktok/{KNOWN}/history?from=2026-04-20T00:00:00Z&to=2026-04-27T00:00:00Z");
    let week = bench.get(&week).await.json();
    let days: Vec<_> = week["observations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|o| o["observed_at"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!((days.len(), days[0].as_str()), (7, "2026-04-20T12:00:00Z"));
    assert!(days.is_sorted());
}

#[tokio::test]
async fn pages_of_the_history_give_each_observation_once_oldest_first() {
    let bench = Bench::new().await;
    // Two sources looked at one moment, and there a page ends.
    let creator = World::standard().find(&KNOWN.parse().unwrap()).unwrap().clone();
    let third = "2026-04-04T12:00:00Z".parse().unwrap();
    bench.ports.creators.record(&creator.snapshot(third, 5, SourceKind::Page)).await.unwrap();
    let (mut path, mut seen) = (format!("/tiktok/{KNOWN}/history?limit=3"), Vec::new());
    let mut pages = 0;
    loop {
        let page = bench.get(&path).await.json();
        let observations = page["observations"].as_array().unwrap();
        assert!(!observations.is_empty() && observations.len() <= 3, "{page}");
        assert_eq!(
            (page["from"].as_str(), page["to"].as_str()),
            (Some("2026-01-31T12:00:00Z"), Some("2026-05-01T12:00:00Z"))
        );
        seen.extend(observations.iter().map(|o| (o["observed_at"].to_string(), o["source"].to_string())));
        pages += 1;
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/tiktok/{KNOWN}/history?limit=3&cursor={next}");
        bench.clock.advance(std::time::Duration::from_secs(86_400));
    }
    assert_eq!((pages, seen.len()), (11, 31));
    assert_eq!((seen[2].1.as_str(), seen[3].1.as_str()), ("\"page\"", "\"sample\""), "{seen:?}");
    assert!(seen.is_sorted_by(|a, b| a < b), "each once: {seen:?}");
}

#[tokio::test]
async fn a_refresh_is_accepted_for_signed_in_people_and_shared_by_all_who_ask() {
    let bench = Bench::new().await;
    let path = format!("/tiktok/{UNKNOWN}/refresh");
    bench.send(post(&path)).await.problem(401, "not-signed-in");
    let token = bench.token().await;
    let first = bench.send(with_bearer(post(&path), &token)).await;
    assert_eq!(first.status, 202);
    let id = first.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(first.header("location"), format!("/tiktok/jobs/{id}"));
    let second = bench.send(with_cookie(post(&path), &bench.sign_in().await)).await;
    assert_eq!(second.json()["id"], id.as_str());

    bench.get(first.header("location")).await.problem(401, "not-signed-in");
    let job = bench.send(with_bearer(get(first.header("location")), &token)).await.json();
    assert_eq!((job["state"].as_str(), job["attempts"].as_u64()), (Some("queued"), Some(0)));
    assert_eq!(job["available_at"], "2026-05-01T12:00:00Z");
    assert!(job.get("requested_by").is_none(), "who asked is nobody else's business");
}

#[tokio::test]
async fn whoever_reads_a_shared_job_learns_nothing_of_who_asked() {
    let bench = Bench::new().await;
    let (ada, bob) = (bench.person("ada").await, bench.person("bob").await);
    let me = bench.send(with_cookie(get("/users/me"), &ada)).await.json()["id"].as_str().unwrap().to_owned();
    let path = bench.send(with_cookie(post(&format!("/tiktok/{UNKNOWN}/refresh")), &ada)).await;
    let path = path.header("location").to_owned();
    let id = compass_core::JobId(path.rsplit('/').next().unwrap().parse().unwrap());
    let kept = bench.ports.jobs.find(id).await.unwrap().unwrap();
    assert_eq!(kept.requested_by.map(|user| user.0.to_string()), Some(me.clone()), "it is known");
    let job = bench.send(with_cookie(get(&path), &bob)).await;
    let told: Vec<_> = job.json().as_object().unwrap().keys().cloned().collect();
    let all = ["attempts", "available_at", "enqueued_at", "failure", "finished_at", "handle", "id", "state"];
    assert_eq!(told, all, "nobody's name, and not how many asked");
    assert!(!String::from_utf8_lossy(&job.body).contains(&me));
    bench.ports.jobs.cancel(id, bench.clock.now()).await.unwrap();
    let steps = bench.send(with_cookie(get(&format!("{path}/events")), &bob)).await;
    let steps = String::from_utf8_lossy(&steps.body).into_owned();
    assert!(steps.contains("cancelled") && !steps.contains(&me) && !steps.contains("ada"), "{steps}");
}

#[tokio::test]
async fn a_job_that_never_was_is_not_found() {
    let bench = Bench::new().await;
    let token = bench.token().await;
    let send = async |path: &str| bench.send(with_bearer(get(path), &token)).await;
    for tail in ["", "/events"] {
        let unknown = format!("/tiktok/jobs/00000000-0000-7000-8000-000000000000{tail}");
        send(&unknown).await.problem(404, "not-found");
        send(&format!("/tiktok/jobs/seven{tail}")).await.problem(422, "invalid-value");
    }
}

#[tokio::test]
async fn under_a_hosts_path_the_links_and_the_way_back_carry_it() {
    let bench = Bench::new().await;
    let token = bench.token().await;
    let host = Router::new().nest("/compass/v1", bench.app.clone());
    let send = async |request| Answer::read(host.clone().oneshot(request).await.unwrap()).await;
    let accepted = send(with_bearer(post(&format!("/compass/v1/tiktok/{KNOWN}/refresh")), &token)).await;
    assert!(accepted.header("location").starts_with("/compass/v1/tiktok/jobs/"), "{accepted:?}");
    let login = send(get("/compass/v1/auth/google/login")).await;
    assert!(login.header("location").starts_with("/compass/v1/auth/google/callback?"), "{login:?}");
    send(get("/compass/v1/nonsense")).await.problem(404, "not-found");
}

#[tokio::test]
async fn a_page_of_the_history_is_read_without_the_rest_and_past_the_time_before_it() {
    let bench = Bench::new().await;
    let creator = World::standard().find(&KNOWN.parse().unwrap()).unwrap().clone();
    for look in creator.history(bench.clock.now(), 365) {
        bench.ports.creators.record(&look).await.unwrap();
    }
    let store = GatedStore::over(Arc::clone(&bench.ports.creators));
    store.open();
    let bench = bench.with(|ports| ports.creators = Arc::<GatedStore>::clone(&store));
    let path = format!("/tiktok/{KNOWN}/history?from=2024-05-01T12:00:00Z");
    let all = bench.get(&format!("{path}&limit=1000")).await.json();
    assert_eq!(all["observations"].as_array().map(Vec::len), Some(365));
    let read = store.profiles_read();
    assert!(read <= 365 + 20, "the ends of steps are read twice, and nothing else: {read}");

    let (mut cursor, mut seen) = (String::new(), Vec::new());
    for page in 0..30 {
        let before = store.profiles_read();
        let json = bench.get(&format!("{path}&limit=7{cursor}")).await.json();
        let read = store.profiles_read() - before;
        // The steps double: the last one finds as much as all before it, and as much again.
        assert!(read <= 4 * 7, "{read} for page {page}");
        seen.extend(json["observations"].as_array().unwrap().clone());
        cursor = format!("&cursor={}", json["next"].as_str().unwrap());
    }
    assert_eq!(seen, all["observations"].as_array().unwrap()[..210]);
}
