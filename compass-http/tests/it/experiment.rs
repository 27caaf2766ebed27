//! Experiments with one's own posts: planned, and evaluated from nothing but the plan's address.

use std::time::Duration;

use compass_core::{
    Count, SourceKind,
    ports::{Clock as _, CreatorStore as _},
    samples::World,
};
use serde_json::Value;

use crate::bench::{Answer, Bench, KNOWN, get, patch_json, post, with_cookie};

const PATH: &str = "/recommendations/experiment";
const THIN: &str = "sample.fresh";

async fn person(bench: &Bench) -> String {
    let cookie = bench.person("ada").await;
    let named = patch_json("/users/me", &format!(r#"{{"handle":"{KNOWN}","zone":"Europe/Berlin"}}"#));
    assert_eq!(bench.send(with_cookie(named, &cookie)).await.status, 200);
    cookie
}

async fn asked(bench: &Bench, cookie: &str, address: &str) -> Answer {
    bench.send(with_cookie(get(address), cookie)).await
}

#[tokio::test]
async fn plan_is_made_from_ones_own_posts_and_evaluated_by_its_address() {
    let bench = Bench::new().await;
    let cookie = person(&bench).await;
    let asks = format!("{PATH}?hours=12,18&names=as%20always,in%20the%20evening&lift=1.5&weeks=52&seed=7");
    let json = asked(&bench, &cookie, &asks).await.json();
    let planned = &json["planned"];
    assert_eq!((&planned["answer"], &planned["zone"]), (&"schedule".into(), &"Europe/Berlin".into()), "{json}");
    assert_eq!(planned["arms"][1]["name"], "in the evening");
    let posts = planned["posts"].as_array().unwrap();
    assert_eq!(posts.len() as u64, 2 * planned["posts_each"].as_u64().unwrap());
    assert_eq!(posts[0]["day"], "2026-05-02", "it begins tomorrow");
    assert!(json["text"].as_str().unwrap().contains("Look on"), "{json}");

    let address = json["evaluation"].as_str().unwrap();
    let early = asked(&bench, &cookie, address).await.json();
    assert_eq!((&early["evaluation"], &early["plan"]["posts"]), (&Value::Null, &planned["posts"]));
    assert!(early["sentences"][0].as_str().unwrap().contains("still to come"), "{early}");

    // The creator posts as planned, and what is posted in the evening has three times the views.
    let look_on: jiff::civil::Date = planned["look_on"].as_str().unwrap().parse().unwrap();
    let over = look_on.saturating_add(jiff::Span::new().days(31));
    let over = over.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
    bench.clock.advance(Duration::from_secs(over.duration_since(bench.clock.now()).as_secs().unsigned_abs()));
    let of_now = person(&bench).await;
    let unseen = asked(&bench, &of_now, address).await.json();
    let sentence = unseen["sentences"][0].as_str().unwrap();
    assert_eq!(unseen["evaluation"], Value::Null, "nobody has looked since: {unseen}");
    assert!(sentence.contains("nobody has looked at the account's posts since 2026-05-01"), "{sentence}");
    let told = sentence.split_once("(POST ").and_then(|(_, rest)| rest.split_once(')')).unwrap().0;
    let refresh = bench.send(with_cookie(post(&format!("/{told}")), &of_now)).await;
    assert_eq!((refresh.status.as_u16(), &refresh.json()["handle"]), (202, &KNOWN.into()), "{told}");
    let mut look = World::standard().find(&KNOWN.parse().unwrap()).unwrap().snapshot(over, 1, SourceKind::Sample);
    let one = look.videos.remove(0);
    for (n, post) in posts.iter().enumerate() {
        let mut seen = one.clone();
        seen.video.id = (7_700_000_000_000_000_000 + n as i64).try_into().unwrap();
        seen.video.created_at = post["at"].as_str().unwrap().parse().unwrap();
        let views = if post["arm"] == 1 { 30_000 } else { 10_000 } + 37 * n as u64;
        seen.counts.views = Some(Count::exact(views).unwrap());
        look.videos.push(seen);
    }
    // A look at some of them, on the day on which the first are a week old, is a part of the plan.
    let begun: jiff::Timestamp = posts[0]["at"].as_str().unwrap().parse().unwrap();
    let early = begun + jiff::SignedDuration::from_hours(24 * 20);
    let mut part = look.clone();
    part.profile.observed_at = early;
    part.videos.retain(|seen| seen.video.created_at < early);
    part.videos.iter_mut().for_each(|seen| seen.observed_at = early);
    bench.store.record(&part).await.unwrap();
    let json = asked(&bench, &of_now, address).await.json();
    assert_eq!(json["evaluation"], Value::Null, "the others may be there, and nobody looked: {json}");
    bench.store.record(&look).await.unwrap();
    let json = asked(&bench, &of_now, address).await.json();
    assert_eq!(json["sentences"].as_array().unwrap().len(), 1, "{json}");
    let effect = &json["evaluation"]["effects"][0];
    assert_eq!((&effect["verdict"], &json["evaluation"]["skipped"]), (&"more".into(), &0.into()), "{json}");
    let lift = effect["lift"].as_f64().unwrap();
    assert!((1.5..2.5).contains(&lift), "three times the views: {lift}");
    let sentence = json["sentences"][0].as_str().unwrap();
    assert!(sentence.starts_with("\"in the evening\" brings more views than \"as always\": +"), "{sentence}");
}

#[tokio::test]
async fn difference_that_cannot_be_told_in_time_is_not_planned() {
    let bench = Bench::new().await;
    let cookie = person(&bench).await;
    let json = asked(&bench, &cookie, &format!("{PATH}?hours=12,18&lift=0.01&weeks=4")).await.json();
    assert_eq!((&json["planned"]["answer"], &json["evaluation"]), (&"too_long".into(), &Value::Null), "{json}");
    let text = json["text"].as_str().unwrap();
    assert!(text.starts_with("A difference of that size cannot be told in 4 weeks"), "{text}");
}

#[tokio::test]
async fn who_names_no_hours_compares_the_usual_ones_with_others() {
    let bench = Bench::new().await;
    let cookie = person(&bench).await;
    let json = asked(&bench, &cookie, &format!("{PATH}?lift=3&weeks=104")).await.json();
    let arms = json["planned"]["arms"].as_array().unwrap();
    assert!(arms[0]["name"].as_str().unwrap().starts_with("as usual at ") && arms.len() == 2, "{json}");
    assert_ne!(arms[0]["hour"], arms[1]["hour"]);
    let address = json["evaluation"].as_str().unwrap();
    let again = asked(&bench, &cookie, address).await.json();
    assert_eq!(again["plan"]["arms"], json["planned"]["arms"], "they are called the same");
    assert_eq!(again["plan"]["posts"], json["planned"]["posts"]);
}

#[tokio::test]
async fn question_that_is_none_is_refused() {
    let bench = Bench::new().await;
    let cookie = person(&bench).await;
    // An account of which too little is known for any plan.
    let mut thin =
        World::standard().find(&THIN.parse().unwrap()).unwrap().snapshot(bench.clock.now(), 1, SourceKind::Sample);
    thin.videos.truncate(1);
    bench.store.record(&thin).await.unwrap();
    let bob = bench.person("bob").await;
    let named = patch_json("/users/me", &format!(r#"{{"handle":"{THIN}"}}"#));
    assert_eq!(bench.send(with_cookie(named, &bob)).await.status, 200);
    let json = asked(&bench, &bob, &format!("{PATH}?hours=12,18")).await.json();
    assert_eq!(json["planned"], Value::Null, "{json}");
    for (query, word) in [
        ("hours=12", "two to four"),
        ("hours=1,2,3,4,5", "two to four"),
        ("hours=12,24", "24"),
        ("hours=12,noon", "hours"),
        ("hours=12,18&names=one", "names"),
        ("hours=12,18&names=same,same", "same"),
        ("hours=12,18&names=a,", "names"),
        ("names=a,b", "names"),
        ("hours=12,18&lift=0", "lift"),
        ("hours=12,18&lift=NaN", "lift"),
        ("hours=12,18&lift=999", "lift"),
        ("lift=999", "lift"),
        ("hours=12,18&weeks=0", "weeks"),
        ("weeks=100000", "weeks"),
        ("hours=12,18&start=yesterday", "start"),
        ("hours=12,18&zone=Mars", "zone"),
        ("hours=12,18&seed=-1", "seed"),
        ("arms=2", "arms"),
    ] {
        for who in [&cookie, &bob] {
            let detail = asked(&bench, who, &format!("{PATH}?{query}")).await.problem(400, "bad-request");
            assert!(detail.contains(word), "{query}: {detail}");
        }
    }
    let made = "hours=12,18&lift=0.5&start=2026-05-02&zone=UTC&seed=1";
    for (query, word) in [
        ("posts_each=0&posts_per_week=7", "post"),
        ("posts_each=1001&posts_per_week=7", "1 to 1000 posts"),
        ("posts_each=5&posts_per_week=0", "posts_per_week"),
        ("posts_each=5&posts_per_week=7.1", "posts_per_week"),
        ("posts_each=5&posts_per_week=NaN", "posts_per_week"),
        ("posts_each=5", "posts_per_week"),
    ] {
        let address = format!("{PATH}/evaluation?{made}&{query}");
        let detail = asked(&bench, &cookie, &address).await.problem(400, "bad-request");
        assert!(detail.contains(word), "{query}: {detail}");
    }
}
