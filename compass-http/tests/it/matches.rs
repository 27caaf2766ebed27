//! Creators whose audiences are like the one that a person wants.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use axum::{Extension, http::Method};
use compass_core::{
    AudienceObservation, Handle, ImportedAudience, UserId,
    ports::{AudienceStore, Clock as _, CreatorStore as _, MockAudienceStore, StoreError},
    samples::World,
    testing::MemoryStore,
};
use compass_http::KeptCorpus;
use jiff::Timestamp;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::bench::{Answer, Bench, KNOWN, OTHER, get, patch_json, post_file, request, with_cookie};

const PATH: &str = "/recommendations/matches";

/// Somebody who wants an audience in Germany.
async fn person(bench: &Bench, name: &str) -> String {
    let cookie = bench.person(name).await;
    let wants = patch_json("/users/me", r#"{"target":{"countries":["DE"]}}"#);
    assert_eq!(bench.send(with_cookie(wants, &cookie)).await.status, 200);
    cookie
}

async fn asked(bench: &Bench, cookie: &str, query: &str) -> Answer {
    bench.send(with_cookie(get(&format!("{PATH}?{query}")), cookie)).await
}

fn handles(json: &Value) -> Vec<&str> {
    json["creators"].as_array().unwrap().iter().map(|creator| creator["handle"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_fit_has_bounds_parts_and_its_source_and_is_that_of_the_account_alone() {
    let bench = Bench::new().await;
    let cookie = person(&bench, "ada").await;
    let export = post_file("/tiktok/import", format!("{KNOWN},2026-04-29,5000,0.5"));
    assert_eq!(bench.send(with_cookie(export, &cookie)).await.status, 201);
    let answer = asked(&bench, &cookie, "").await;
    assert_eq!(answer.header("cache-control"), "no-store", "it has what one person brought");
    let json = answer.json();
    assert_eq!((handles(&json), &json["ranked"], &json["unknown"]), (vec![KNOWN], &json!(1), &json!(1)));
    let creator = &json["creators"][0];
    let fit = &creator["fit"];
    assert_eq!((&fit["source"], fit["overall"]["value"].as_f64()), (&json!("studio_export"), Some(0.5)));
    assert_eq!(fit["parts"][0]["dimension"], "territory");
    assert!(fit["overall"]["interval"]["lo"].is_number() && creator["observed_at"].is_string(), "{creator}");
    let alone = bench.send(with_cookie(get(&format!("/analytics/{KNOWN}/audience")), &cookie)).await.json();
    assert_eq!(*fit, alone["fit"]);
}

#[tokio::test]
async fn what_another_person_brought_never_shows() {
    let bench = Bench::new().await;
    let (ada, bob) = (person(&bench, "ada").await, person(&bench, "bob").await);
    let export = post_file("/tiktok/import", format!("{KNOWN},2026-04-29,5000,0.5"));
    assert_eq!(bench.send(with_cookie(export, &ada)).await.status, 201);
    let to_bob = asked(&bench, &bob, "").await.json();
    assert_eq!((handles(&to_bob), &to_bob["unknown"]), (vec![], &json!(2)), "{to_bob}");
    assert_eq!(handles(&asked(&bench, &ada, "").await.json()), [KNOWN]);
    // What ada takes away is gone for her, too.
    let id = bench.send(with_cookie(get("/tiktok/imports"), &ada)).await.json()["imports"][0]["id"].clone();
    let gone = request(Method::DELETE, &format!("/tiktok/imports/{}", id.as_str().unwrap()));
    assert_eq!(bench.send(with_cookie(gone, &ada)).await.status, 204);
    assert_eq!(handles(&asked(&bench, &ada, "").await.json()), [""; 0]);
}

#[tokio::test]
async fn pages_and_filters_are_kept_and_what_is_inferred_can_be_left_out() {
    let bench = Bench::new().await;
    let cookie = person(&bench, "ada").await;
    for creator in World::standard().creators() {
        let mut look = creator.snapshot(bench.clock.now(), 5, compass_core::SourceKind::Sample);
        for post in &mut look.videos {
            post.video.language = Some("it".to_owned());
        }
        bench.store.record(&look).await.unwrap();
    }
    let bench_creators = World::standard().creators().len();
    let wants = patch_json("/users/me", r#"{"target":{"countries":["IT"]}}"#);
    bench.send(with_cookie(wants, &cookie)).await;
    let whole = asked(&bench, &cookie, "limit=30").await.json();
    let all = handles(&whole);
    assert_eq!(all.len() + whole["unknown"].as_u64().unwrap() as usize, bench_creators);
    assert!(all.len() > 2, "{whole}");
    assert!(whole["creators"].as_array().unwrap().iter().all(|creator| creator["fit"]["source"] == "inferred"));
    let first = asked(&bench, &cookie, "limit=1").await;
    let next = first.json()["next"].as_str().unwrap().to_owned();
    assert_eq!(first.header("link"), format!("<{PATH}?limit=1&cursor={next}>; rel=\"next\""));
    let second = asked(&bench, &cookie, &format!("limit=1&cursor={next}")).await.json();
    assert_eq!([handles(&first.json()), handles(&second)].concat(), all[..2]);
    let without = asked(&bench, &cookie, &format!("limit=30&exclude={}", all[0])).await.json();
    assert_eq!(handles(&without), all[1..]);
    let files = asked(&bench, &cookie, "sources=studio_export,partner_file").await.json();
    assert_eq!((handles(&files), &files["unknown"]), (vec![], &json!(0)));
    asked(&bench, &cookie, &format!("exclude={}&cursor={next}", all[0])).await.problem(409, "conflict");
}

async fn wants(bench: &Bench, cookie: &str, target: &str) {
    let wants = patch_json("/users/me", &format!(r#"{{"target":{target}}}"#));
    assert_eq!(bench.send(with_cookie(wants, cookie)).await.status, 200);
}

const TEN: &str = "ten.posts";

/// An account is seen with ten posts: four in Italian, of which one speaks of slow bread, as do two others.
async fn ten_posts(bench: &Bench) {
    let mut look = World::standard().creators()[0].snapshot(bench.clock.now(), 10, compass_core::SourceKind::Sample);
    look.profile.profile.id = 77.try_into().unwrap();
    look.profile.profile.handle = Handle::parse(TEN).unwrap();
    for (place, post) in look.videos.iter_mut().enumerate() {
        post.video.id = (7_700 + place as i64).try_into().unwrap();
        post.video.language = Some(if place < 4 { "it" } else { "en" }.to_owned());
        let caption =
            ["Bread, but slow", "day", "day", "day", "#SlowBreadClub", "Slow bread"].get(place).unwrap_or(&"day");
        post.video.caption = compass_core::Text::parse(caption).unwrap();
        post.video.hashtags.clear();
    }
    bench.store.record(&look).await.unwrap();
}

/// By hand: of Italian 0.7 * 0.4 to 0.7 * 0.4 + 0.3, and of slow bread 0.7 * 0.3 to 0.7 * 0.3 + 0.3.
#[tokio::test]
async fn languages_and_interests_are_guessed_from_posts_alone_and_together() {
    let bench = Bench::new().await;
    let cookie = bench.person("ada").await;
    ten_posts(&bench).await;
    let close = |value: &Value, to: f64| assert!((value.as_f64().unwrap() - to).abs() < 1e-9, "{value} is not {to}");
    for (target, matching, value) in
        [(r#"{"languages":["it","vi"]}"#, 4, 0.43), (r#"{"languages":[],"interests":["slow bread"]}"#, 3, 0.36)]
    {
        wants(&bench, &cookie, target).await;
        let json = asked(&bench, &cookie, "").await.json();
        let found = json["creators"].as_array().unwrap().iter().find(|creator| creator["handle"] == TEN).unwrap();
        let part = &found["fit"]["parts"][0];
        assert_eq!(part["posts"], json!({"posts": 10, "matching": matching, "unknown": 0}), "{target}");
        assert_eq!((&part["source"], &found["fit"]["source"]), (&json!("inferred"), &json!("inferred")));
        close(&part["value"], value);
        close(&part["lo"], value - 0.15);
        close(&part["hi"], value + 0.15);
        assert_eq!(found["observed_at"], json!(null));
        let alone = bench.send(with_cookie(get(&format!("/analytics/{TEN}/audience")), &cookie)).await.json();
        assert_eq!((&alone["fit"], &alone["observed_at"], &alone["gaps"]), (&found["fit"], &json!(null), &json!([])));
        assert_eq!(alone["audience"]["dimensions"]["language"]["known"], json!({"en": 0.6, "it": 0.4}));
        let files = asked(&bench, &cookie, "sources=studio_export,partner_file").await.json();
        assert_eq!((handles(&files), &files["unknown"]), (vec![], &json!(0)), "nobody tells it");
    }
    // An export tells the places, and its parts stand beside what is guessed.
    wants(&bench, &cookie, r#"{"countries":["DE"],"languages":["it"],"interests":["slow bread"]}"#).await;
    let export = post_file("/tiktok/import", format!("{TEN},2026-04-29,5000,0.5"));
    assert_eq!(bench.send(with_cookie(export, &cookie)).await.status, 201);
    let json = asked(&bench, &cookie, "").await.json();
    let found = &json["creators"][0];
    let sources: Vec<&str> =
        found["fit"]["parts"].as_array().unwrap().iter().map(|part| part["source"].as_str().unwrap()).collect();
    assert_eq!(sources, ["studio_export", "inferred", "inferred"], "{found}");
    assert!(found["fit"]["source"] == "studio_export" && found["observed_at"].is_string(), "{found}");
    close(&found["fit"]["overall"]["value"], (0.5_f64 * 0.43 * 0.36).cbrt());
    let alone = bench.send(with_cookie(get(&format!("/analytics/{TEN}/audience")), &cookie)).await.json();
    assert_eq!(alone["fit"], found["fit"]);
    let gaps: Vec<&str> =
        alone["gaps"].as_array().unwrap().iter().map(|gap| gap["dimension"].as_str().unwrap()).collect();
    assert_eq!(gaps, ["territory"], "no gap is closed by other words in posts");
    let visitor = bench.get(&format!("/analytics/{TEN}/audience")).await;
    visitor.problem(404, "not-found");
}

#[tokio::test]
async fn who_wants_no_audience_or_asks_for_none_that_is_is_told_so() {
    let bench = Bench::new().await;
    let cookie = bench.person("ada").await;
    let detail = asked(&bench, &cookie, "").await.problem(404, "not-found");
    assert!(detail.contains("PATCH users/me"), "{detail}");
    // Neither has a word that posts could be searched for.
    wants(&bench, &cookie, r#"{"interests":["🍞","c"]}"#).await;
    let detail = asked(&bench, &cookie, "").await.problem(404, "not-found");
    assert!(detail.contains("two letters or more"), "{detail}");
    let cookie = person(&bench, "ada").await;
    for (query, word) in [
        ("limit=0", "limit"),
        ("cursor=x", "cursor"),
        ("sources=gossip", "gossip"),
        ("tiers=huge", "tiers"),
        ("languages=english", "languages"),
        ("regions=Germany", "regions"),
        ("exclude=a%20b", "exclude"),
        ("handle=sample.steady", "handle"),
    ] {
        let detail = asked(&bench, &cookie, query).await.problem(400, "bad-request");
        assert!(detail.contains(word), "{query}: {detail}");
    }
    assert!(handles(&asked(&bench, &cookie, "").await.json()).iter().all(|handle| *handle != OTHER));
}

#[tokio::test]
async fn what_the_operator_imported_is_read_once_while_it_is_kept_and_ones_own_each_time() {
    let bench = Bench::new().await;
    let (inner, reads) = (Arc::clone(&bench.store), Arc::new([const { AtomicUsize::new(0) }; 2]));
    let counts = Arc::clone(&reads);
    let bench = bench.with(|ports| ports.audiences = Arc::new(Counted { inner, reads: counts }));
    let cookie = person(&bench, "ada").await;
    let app = bench.app.clone().layer(Extension(KeptCorpus::new(Duration::from_secs(3_600))));
    let ask = async || {
        let request = with_cookie(get(PATH), &cookie);
        Answer::read(app.clone().oneshot(request).await.unwrap()).await.json()
    };
    assert_eq!(handles(&ask().await), [""; 0]);
    let export = post_file("/tiktok/import", format!("{KNOWN},2026-04-29,5000,0.5"));
    assert_eq!(bench.send(with_cookie(export, &cookie)).await.status, 201);
    for _ in 0..2 {
        assert_eq!(handles(&ask().await), [KNOWN], "one's own is there at once");
    }
    assert_eq!([0, 1].map(|of| reads[of].load(Ordering::Relaxed)), [1, 3]);
}

/// Counts how often what the operator, and what a person imported is read.
#[derive(Debug)]
struct Counted {
    inner: Arc<MemoryStore>,
    reads: Arc<[AtomicUsize; 2]>,
}

#[async_trait]
impl AudienceStore for Counted {
    async fn audience(
        &self,
        handle: &Handle,
        viewer: Option<UserId>,
        as_of: Timestamp,
    ) -> Result<Option<AudienceObservation>, StoreError> {
        self.inner.audience(handle, viewer, as_of).await
    }

    async fn audiences(
        &self,
        owner: Option<UserId>,
        as_of: Timestamp,
        after: Option<Handle>,
        limit: u32,
    ) -> Result<Vec<(Handle, ImportedAudience)>, StoreError> {
        self.reads[usize::from(owner.is_some())].fetch_add(1, Ordering::Relaxed);
        self.inner.audiences(owner, as_of, after, limit).await
    }
}

#[tokio::test]
async fn store_that_is_away_is_a_problem() {
    let bench = Bench::new().await.with(|ports| {
        let mut audiences = MockAudienceStore::new();
        audiences.expect_audiences().returning(|_, _, _, _| Err(StoreError::Unavailable("away".into())));
        ports.audiences = Arc::new(audiences);
    });
    let cookie = person(&bench, "ada").await;
    asked(&bench, &cookie, "").await.problem(503, "unavailable");
}
