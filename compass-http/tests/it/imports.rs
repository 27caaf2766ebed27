//! Bringing an own export, and the audience that it tells of.

use axum::{body::Body, http::Request};
use serde_json::json;

use crate::bench::{Answer, Bench, KNOWN, get, patch_json, post_file, with_cookie, with_header};

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
