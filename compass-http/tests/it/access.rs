//! Who may do what: every route of the document, for a visitor, for the person whose things it is about, and for another one.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Method, Request},
};

use crate::{
    bench::{Bench, KNOWN, OTHER, get, patch_json, post, post_file, request, with_cookie},
    document::routes,
    insights::{creator, look_at},
};

/// Each route with the statuses that a visitor, a person and another person get.
///
/// What was observed is everybody's, and so are looks at an account: a look is shared by all who ask for it.
const ACCESS: [(&str, [u16; 3]); 42] = [
    ("delete /auth/sessions", [401, 204, 204]),
    ("delete /auth/sessions/{id}", [401, 204, 404]),
    ("delete /tiktok/imports/{id}", [401, 204, 404]),
    ("delete /users/me", [401, 204, 204]),
    ("get /analytics/compare", [200, 200, 200]),
    ("get /analytics/{handle}", [200, 200, 200]),
    ("get /analytics/{handle}/audience", [404, 200, 404]),
    ("get /analytics/{handle}/benchmark", [200, 200, 200]),
    ("get /analytics/{handle}/engagement", [200, 200, 200]),
    ("get /analytics/{handle}/export", [200, 200, 200]),
    ("get /analytics/{handle}/forecast", [200, 200, 200]),
    ("get /analytics/{handle}/growth", [200, 200, 200]),
    ("get /analytics/{handle}/hashtags", [200, 200, 200]),
    ("get /analytics/{handle}/own", [401, 200, 404]),
    ("get /analytics/{handle}/posting", [200, 200, 200]),
    ("get /analytics/{handle}/rosetta", [200, 200, 200]),
    ("get /analytics/{handle}/value", [200, 200, 200]),
    ("get /analytics/{handle}/videos", [200, 200, 200]),
    ("get /auth/google/callback", [400, 303, 303]),
    ("get /auth/google/login", [303, 303, 303]),
    ("get /auth/sessions", [401, 200, 200]),
    ("get /health/live", [200, 200, 200]),
    ("get /health/ready", [200, 200, 200]),
    ("get /recommendations/creators", [401, 200, 200]),
    ("get /recommendations/experiment", [401, 200, 404]),
    ("get /recommendations/experiment/evaluation", [401, 200, 404]),
    ("get /recommendations/insights", [401, 200, 404]),
    ("get /recommendations/matches", [401, 200, 404]),
    ("get /tiktok/imports", [401, 200, 200]),
    ("get /tiktok/jobs/{id}", [401, 200, 200]),
    ("get /tiktok/jobs/{id}/events", [401, 200, 200]),
    ("get /tiktok/{handle}", [200, 200, 200]),
    ("get /tiktok/{handle}/history", [200, 200, 200]),
    ("get /tiktok/{handle}/videos", [200, 200, 200]),
    ("get /users/me", [401, 200, 200]),
    ("get /users/me/export", [401, 200, 200]),
    ("patch /users/me", [401, 200, 200]),
    ("post /auth/logout", [204, 204, 204]),
    ("post /auth/refresh", [401, 200, 200]),
    ("post /auth/sessions", [401, 201, 201]),
    ("post /tiktok/import", [401, 201, 201]),
    ("post /tiktok/{handle}/refresh", [401, 202, 202]),
];

/// The request for a route, about things of the person.
fn asked(route: &str, [job, session, import]: [&str; 3]) -> Request<Body> {
    let (method, path) = route.split_once(' ').unwrap();
    let id = match path {
        "/auth/sessions/{id}" => session,
        "/tiktok/imports/{id}" => import,
        _ => job,
    };
    let path = path.replace("{handle}", KNOWN).replace("{id}", id);
    let query = match route {
        "get /analytics/compare" => format!("?handles={KNOWN},{OTHER}"),
        "get /analytics/{handle}/value" => "?cpm_low=2&currency=EUR".to_owned(),
        "get /recommendations/creators" => format!("?handle={KNOWN}"),
        "get /recommendations/experiment/evaluation" => {
            "?hours=12,18&lift=0.5&start=2026-05-02&zone=UTC&seed=1&posts_each=20&posts_per_week=7".to_owned()
        }
        "get /auth/google/callback" => "?state=guessed".to_owned(),
        _ => String::new(),
    };
    let path = path + &query;
    if route == "post /tiktok/import" {
        return post_file(&path, "steady,2026-04-30,5000,0.5");
    }
    if method == "patch" { patch_json(&path, "{}") } else { request(method.to_uppercase().parse().unwrap(), &path) }
}

#[tokio::test]
async fn everybody_gets_what_the_table_says_on_every_route_of_the_document() {
    let document = Bench::new().await.get("/openapi.json").await.json();
    let listed: BTreeSet<String> = ACCESS.iter().map(|(route, _)| (*route).to_owned()).collect();
    assert_eq!(listed, routes(&document), "each route has its row");
    for (route, statuses) in ACCESS {
        let bench = Bench::new().await;
        let people = [None, Some(bench.person("ada").await), Some(bench.person("bob").await)];
        let refresh = with_cookie(post(&format!("/tiktok/{KNOWN}/refresh")), people[1].as_ref().unwrap());
        let job = bench.send(refresh).await.json()["id"].as_str().unwrap().to_owned();
        let export = post_file("/tiktok/import", format!("{KNOWN},2026-04-29,5000,0.5"));
        let import = bench.send(with_cookie(export, people[1].as_ref().unwrap())).await.json();
        let account = patch_json("/users/me", &format!(r#"{{"handle":"{KNOWN}","target":{{"countries":["DE"]}}}}"#));
        assert_eq!(bench.send(with_cookie(account, people[1].as_ref().unwrap())).await.status, 200);
        let own = bench.send(with_cookie(get("/auth/sessions"), people[1].as_ref().unwrap())).await.json();
        let ids = [&job, own["sessions"][0]["id"].as_str().unwrap(), import["id"].as_str().unwrap()];
        // The other person comes before the one whose things they are: what is gone is nobody's.
        for (who, status) in [0, 2, 1].map(|role| (&people[role], statuses[role])) {
            let asked = asked(route, ids);
            let asked = match who {
                Some(cookie) => with_cookie(asked, cookie),
                None => asked,
            };
            // A stream has no end.
            let answer = bench.open(asked).await;
            assert_eq!(answer.status(), status, "{route} as {who:?}");
        }
    }
}

#[tokio::test]
async fn whatever_is_asked_by_head_changes_nothing_of_a_person() {
    let bench = Bench::new().await;
    let ada = bench.person("ada").await;
    let job = with_cookie(post(&format!("/tiktok/{KNOWN}/refresh")), &ada);
    let job = bench.send(job).await.json()["id"].as_str().unwrap().to_owned();
    let export = post_file("/tiktok/import", format!("{KNOWN},2026-04-29,5000,0.5"));
    let import = bench.send(with_cookie(export, &ada)).await.json()["id"].as_str().unwrap().to_owned();
    // There is something to tell of it.
    let handle = look_at(&bench, &creator(&bench)).await;
    let account = patch_json("/users/me", &format!(r#"{{"handle":"{handle}"}}"#));
    assert_eq!(bench.send(with_cookie(account, &ada)).await.status, 200);
    let me = bench.send(with_cookie(get("/users/me"), &ada)).await.json();
    let user = serde_json::from_value(me["id"].clone()).unwrap();
    let all = async || bench.ports.account_data.export(user).await.unwrap().unwrap();
    let before = all().await;
    // That somebody had all of it is on record, whether it was read or not.
    let reading = ACCESS.iter().filter_map(|(route, _)| route.strip_prefix("get "));
    for path in reading.filter(|path| *path != "/users/me/export") {
        let mut head = asked(&format!("get {path}"), [&job, &job, &import]);
        *head.method_mut() = Method::HEAD;
        let answer = bench.open(with_cookie(head, &ada)).await;
        assert_ne!(answer.status(), 405, "{path}");
        assert_eq!(all().await, before, "{path}");
    }
}
