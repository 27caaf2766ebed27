//! Bringing an own export, and the audience that it tells of.

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::json;

use crate::bench::{Answer, Bench, KNOWN, get, patch_json, post_file, request, with_cookie, with_header};

const IMPORT: &str = "/tiktok/import?name=Followers_ada.zip";

fn audience_of(handle: &str) -> Request<Body> {
    get(&format!("/analytics/{handle}/audience"))
}

async fn bring(bench: &Bench, cookie: &str, content: &str) -> Answer {
    bench.send(with_cookie(post_file(IMPORT, content.to_owned()), cookie)).await
}

#[tokio::test]
async fn what_a_person_brings_is_kept_once_and_is_the_persons_alone() {
    let bench = Bench::new().await;
    let (ada, bob) = (bench.person("ada").await, bench.person("bob").await);
    let file = format!("{KNOWN},2026-04-29,4990,0.5\n{KNOWN},2026-04-30,5000,0.75\nrubbish");
    let brought = bring(&bench, &ada, &file).await;
    assert_eq!(brought.status, 201, "{brought:?}");
    let kept = brought.json();
    let says = [&kept["handle"], &kept["source"], &kept["accepted"], &kept["refused"], &kept["notes"][0]];
    assert_eq!(json!(says), json!([KNOWN, "studio_export", 4, 1, "Followers_ada.zip was read"]));
    let refusal = json!([{"item": "line 3", "reason": "not_a_line", "detail": "\"rubbish\" has no four values"}]);
    assert_eq!(kept["refusals"], refusal);

    let again = bring(&bench, &ada, &file).await;
    assert_eq!((again.status.as_u16(), &again.json()["id"]), (200, &kept["id"]));
    let of_bob = bring(&bench, &bob, &file).await;
    assert_eq!(of_bob.status, 201, "another person's is another import: {of_bob:?}");

    let export = bench.send(with_cookie(get("/users/me/export"), &ada)).await.json();
    let own = &export["imports"][0]["own"];
    assert_eq!(
        (own["handle"].as_str(), &own["days"]["2026-04-30"]["followers"]),
        (Some(KNOWN), &json!({"exact": 5000}))
    );
}

#[tokio::test]
async fn audience_is_the_newest_and_held_against_the_one_that_is_wanted() {
    let bench = Bench::new().await;
    let (ada, bob) = (bench.person("ada").await, bench.person("bob").await);
    let unknown = bench.get(&format!("/analytics/{KNOWN}/audience")).await.problem(404, "not-found");
    assert!(unknown.contains("tiktok/import"), "{unknown}");
    bring(&bench, &ada, &format!("{KNOWN},2026-04-29,4990,0.5\n{KNOWN},2026-04-30,5000,0.75")).await;

    let mine = bench.send(with_cookie(audience_of(KNOWN), &ada)).await.json();
    assert_eq!(mine["observed_at"], "2026-04-30T12:00:00Z");
    assert_eq!(mine["audience"]["source"], "studio_export");
    assert_eq!(mine["audience"]["dimensions"]["territory"], json!({"known": {"de": 0.75}, "rest": 0.25}));
    assert_eq!(mine["fit"], json!(null), "nothing is wanted yet");

    let wish = r#"{"target": {"countries": ["DE"], "languages": [], "interests": []}}"#;
    assert_eq!(bench.send(with_cookie(patch_json("/users/me", wish), &ada)).await.status, 200);
    let mine = bench.send(with_cookie(audience_of(KNOWN), &ada)).await.json();
    assert_eq!(mine["fit"]["overall"]["value"], 0.75, "three in four are where they are wanted: {mine}");

    let earlier = format!("/analytics/{KNOWN}/audience?as_of=2026-04-30T00:00:00Z");
    let earlier = bench.send(with_cookie(get(&earlier), &ada)).await.json();
    assert_eq!(earlier["audience"]["dimensions"]["territory"]["known"]["de"], 0.5);
    bench.send(with_cookie(audience_of(KNOWN), &bob)).await.problem(404, "not-found");
    bench.send(audience_of(KNOWN)).await.problem(404, "not-found");
}

#[tokio::test]
async fn file_of_which_nothing_is_accepted_says_why() {
    let bench = Bench::new().await;
    let ada = bench.person("ada").await;
    let refused = bring(&bench, &ada, "rubbish").await.problem(422, "invalid-value");
    assert_eq!(refused, "nothing of the file is accepted: line 1: \"rubbish\" has no four values");
    let two = bring(&bench, &ada, "ada,2026-04-30,1,0.5\nbob,2026-04-30,1,0.5").await.problem(422, "invalid-value");
    assert!(two.contains("@ada and @bob"), "{two}");
    let many = bring(&bench, &ada, &"rubbish\n".repeat(9)).await.problem(422, "invalid-value");
    assert!(many.ends_with("line 5: \"rubbish\" has no four values; 4 more"), "{many}");
    let none = bench.send(with_cookie(get("/users/me/export"), &ada)).await.json();
    assert_eq!(none["imports"], json!([]));
}

#[tokio::test]
async fn what_is_no_file_or_too_large_is_refused() {
    let bench = Bench::new().await;
    let ada = bench.person("ada").await;
    let empty = bring(&bench, &ada, "").await.problem(400, "bad-request");
    assert!(empty.contains("the file itself"), "{empty}");
    let mut form = post_file(IMPORT, "--x");
    form.headers_mut().remove("content-type");
    let form = with_cookie(with_header(form, "content-type", "multipart/form-data; boundary=x"), &ada);
    let form = bench.send(form).await.problem(415, "unsupported-media-type");
    assert!(form.contains("application/octet-stream"), "{form}");
    let compressed = with_header(with_cookie(post_file(IMPORT, "\u{1f}"), &ada), "content-encoding", "gzip");
    let compressed = bench.send(compressed).await;
    assert_eq!(compressed.header("accept-encoding"), "identity");
    assert!(compressed.problem(415, "unsupported-media-type").contains("without Content-Encoding"));
    for path in ["/tiktok/import?name=", "/tiktok/import?name=a%0Ab", "/tiktok/import?file=a"] {
        bench.send(with_cookie(post_file(path, "x"), &ada)).await.problem(400, "bad-request");
    }
    let large = vec![b'x'; 32 * 1024 * 1024 + 1];
    bench.send(with_cookie(post_file(IMPORT, large), &ada)).await.problem(413, "too-large");
    let elsewhere = with_header(with_cookie(post_file(IMPORT, "x"), &ada), "sec-fetch-site", "cross-site");
    bench.send(elsewhere).await.problem(403, "cross-site");
}

#[tokio::test]
async fn audience_of_an_export_of_today_is_known_at_once() {
    let bench = Bench::new().await;
    let ada = bench.person("ada").await;
    bench.clock.set("2026-05-01T08:00:00Z".parse().unwrap());
    assert_eq!(bring(&bench, &ada, &format!("{KNOWN},2026-05-01,5000,0.75")).await.status, 201);
    let audience = bench.send(with_cookie(audience_of(KNOWN), &ada)).await.json();
    assert_eq!(audience["observed_at"], "2026-05-01T08:00:00Z", "{audience}");

    let to_come = "/tiktok/import?exported_on=2026-05-04";
    let refused = bench.send(with_cookie(post_file(to_come, "x"), &ada)).await.problem(400, "bad-request");
    assert!(refused.contains("still to come"), "{refused}");
}

#[tokio::test]
async fn what_was_said_wrongly_of_a_file_can_be_said_rightly() {
    let bench = Bench::new().await;
    let ada = bench.person("ada").await;
    let said = async |handle: &str| {
        let path = format!("{IMPORT}&handle={handle}");
        bench.send(with_cookie(post_file(&path, format!("{KNOWN},2026-04-30,5000,0.75")), &ada)).await.status.as_u16()
    };
    assert_eq!([said("wrong").await, said("right").await, said("right").await], [201, 201, 200]);
}

#[tokio::test]
async fn what_was_brought_is_listed_for_whoever_brought_it() {
    let bench = Bench::new().await;
    let (ada, bob) = (bench.person("ada").await, bench.person("bob").await);
    let first = bring(&bench, &ada, &format!("{KNOWN},2026-04-29,4990,0.5\nrubbish")).await.json();
    bench.clock.set("2026-05-01T12:00:01Z".parse().unwrap());
    let second = bring(&bench, &ada, &format!("{KNOWN},2026-04-30,5000,0.75")).await.json();
    let list = async |who: &str| bench.send(with_cookie(get("/tiktok/imports"), who)).await.json();
    let mine = list(&ada).await;
    let ids: Vec<_> = mine["imports"].as_array().unwrap().iter().map(|import| &import["id"]).collect();
    assert_eq!(ids, [&second["id"], &first["id"]]);
    let older = &mine["imports"][1];
    assert_eq!(json!([older["handle"], older["accepted"], older["refused"]]), json!([KNOWN, 2, 1]));
    assert_eq!(list(&bob).await, json!({"imports": []}));

    let delete = async |who: &str, id: &serde_json::Value| {
        let path = format!("/tiktok/imports/{}", id.as_str().unwrap());
        bench.send(with_cookie(request(Method::DELETE, &path), who)).await
    };
    delete(&bob, &first["id"]).await.problem(404, "not-found");
    assert_eq!(delete(&ada, &second["id"]).await.status, 204);
    delete(&ada, &second["id"]).await.problem(404, "not-found");
    assert_eq!(list(&ada).await["imports"].as_array().unwrap().len(), 1);
    let own = bench.send(with_cookie(get(&format!("/analytics/{KNOWN}/own")), &ada)).await.json();
    assert_eq!(own["creators"][0]["own"]["days"].as_array().unwrap().len(), 1, "of the file that is left");
}

#[tokio::test]
async fn own_report_has_what_was_brought_and_is_the_persons_alone() {
    let bench = Bench::new().await;
    let (ada, bob) = (bench.person("ada").await, bench.person("bob").await);
    let public = async || bench.get(&format!("/analytics/{KNOWN}")).await;
    let before = public().await;
    bring(&bench, &ada, &format!("{KNOWN},2026-04-29,4990,0.5\n{KNOWN},2026-04-30,5000,0.75")).await;
    bring(&bench, &ada, &format!("{KNOWN},2026-04-28,4980,0.5")).await;
    let own = |query: &str| get(&format!("/analytics/{KNOWN}/own{query}"));

    let mine = bench.send(with_cookie(own(""), &ada)).await;
    assert_eq!(mine.header("cache-control"), "private, no-cache");
    let report = &mine.json()["creators"][0];
    let days: Vec<_> = report["own"]["days"].as_array().unwrap().iter().map(|day| &day["followers"]["exact"]).collect();
    assert_eq!(days, [4_980, 4_990, 5_000], "of both files");
    assert!(report["sources"].as_array().unwrap().contains(&json!("studio_export")), "{report}");
    assert_eq!(report["videos"], before.json()["creators"][0]["videos"], "what was observed is there, too");
    let again = with_header(own(""), "if-none-match", mine.header("etag"));
    assert_eq!(bench.send(with_cookie(again, &ada)).await.status, 304);
    let earlier = bench.send(with_cookie(own("?as_of=2026-04-29T12:00:00Z"), &ada)).await.json();
    assert_eq!(earlier["creators"][0]["own"]["days"].as_array().unwrap().len(), 1, "the days that were over");

    let after = public().await;
    assert_eq!(
        (&after.body, after.header("etag")),
        (&before.body, before.header("etag")),
        "nobody else sees any of it"
    );
    let with_cookie_too = bench.send(with_cookie(get(&format!("/analytics/{KNOWN}")), &ada)).await;
    assert_eq!(with_cookie_too.body, before.body, "not even under the address that caches may share");
    let refused = bench.send(with_cookie(own(""), &bob)).await.problem(404, "not-found");
    assert!(refused.contains("tiktok/import"), "{refused}");
    bench.send(own("")).await.problem(401, "not-signed-in");
}

#[tokio::test]
async fn own_report_of_an_account_that_was_never_observed_is_made_of_the_export_alone() {
    let bench = Bench::new().await;
    let ada = bench.person("ada").await;
    bring(&bench, &ada, "never.seen,2026-04-30,5000,0.75").await;
    let report = bench.send(with_cookie(get("/analytics/never.seen/own"), &ada)).await.json();
    let creator = &report["creators"][0];
    assert_eq!(json!([creator["id"], creator["counts"]["followers"]]), json!([null, {"exact": 5000}]));
    bench.get("/analytics/never.seen").await.problem(404, "not-found");
    let before = get("/analytics/never.seen/own?as_of=2020-01-01T00:00:00Z");
    bench.send(with_cookie(before, &ada)).await.problem(404, "not-found");
}
