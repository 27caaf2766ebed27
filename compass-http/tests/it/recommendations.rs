//! Creators like one's own account.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use axum::Extension;
use compass_core::{
    Batch, BatchId, Text, Thinning,
    analytics::CorpusTable,
    ports::{BatchPlace, Clock as _, CorpusStore, CreatorStore as _, MockCorpusStore, Recorded, StoreError},
    samples::World,
};
use compass_http::KeptCorpus;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

use crate::bench::{Answer, Bench, KNOWN, OTHER, UNKNOWN, get, patch_json, with_cookie};

const PATH: &str = "/recommendations/creators";

async fn asked(bench: &Bench, query: &str) -> Answer {
    let cookie = bench.person("ada").await;
    bench.send(with_cookie(get(&format!("{PATH}?{query}")), &cookie)).await
}

fn handles(json: &Value) -> Vec<&str> {
    json["creators"].as_array().unwrap().iter().map(|creator| creator["handle"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn creators_like_ones_own_account_come_with_reasons_that_add_up() {
    let bench = Bench::new().await;
    let cookie = bench.person("ada").await;
    bench.send(with_cookie(get(PATH), &cookie)).await.problem(404, "not-found");
    let named = bench.send(with_cookie(patch_json("/users/me", &format!(r#"{{"handle":"{KNOWN}"}}"#)), &cookie)).await;
    assert_eq!(named.status, 200);
    let json = bench.send(with_cookie(get(PATH), &cookie)).await.json();
    assert_eq!((&json["handle"], handles(&json)), (&KNOWN.into(), vec![OTHER]));
    assert_eq!((&json["too_little_known"], &json["next"]), (&Value::Null, &Value::Null));
    let creator = &json["creators"][0];
    let reasons = creator["reasons"].as_array().unwrap();
    let sum: f64 = reasons.iter().map(|reason| reason["adds"].as_f64().unwrap()).sum();
    assert!(!reasons.is_empty() && (sum - creator["score"].as_f64().unwrap()).abs() < 1e-12, "{creator}");
    assert!(reasons.iter().all(|reason| !reason["text"].as_str().unwrap().is_empty()), "{creator}");
}

#[tokio::test]
async fn filters_and_pages_are_kept() {
    let bench = Bench::new().await;
    for creator in World::standard().creators() {
        for look in creator.history(bench.clock.now(), 3) {
            bench.store.record(&look).await.unwrap();
        }
    }
    let whole = asked(&bench, &format!("handle={KNOWN}&limit=30")).await.json();
    let all = handles(&whole);
    assert!(all.len() > 2 && !all.contains(&KNOWN), "{all:?}");
    let mut paged = Vec::new();
    let mut query = format!("handle={KNOWN}&limit=2");
    loop {
        let answer = asked(&bench, &query).await;
        let json = answer.json();
        paged.extend(handles(&json).into_iter().map(str::to_owned));
        let Some(next) = json["next"].as_str() else { break };
        let link = format!("<{PATH}?handle={KNOWN}&limit=2&cursor={next}>; rel=\"next\"");
        assert_eq!(answer.header("link"), link);
        query = format!("handle={KNOWN}&limit=2&cursor={next}");
    }
    assert_eq!(paged, all);
    let without = asked(&bench, &format!("handle={KNOWN}&exclude=@{},{UNKNOWN}&limit=30", all[0])).await.json();
    assert_eq!(handles(&without), all[1..]);
    let none = asked(&bench, &format!("handle={KNOWN}&languages=zu")).await.json();
    assert_eq!(handles(&none), [""; 0]);
    let tiers = ["nano", "micro", "mid", "macro", "mega"];
    let mut by_tier = 0;
    for tier in tiers {
        by_tier += handles(&asked(&bench, &format!("handle={KNOWN}&tiers={tier}&limit=30")).await.json()).len();
    }
    assert_eq!(by_tier, all.len(), "each has one size");
    let world = World::standard();
    let mut others = world.creators().iter().filter(|creator| creator.profile().handle.as_str() != KNOWN);
    let mut says = |bio: &str| {
        let later = bench.clock.now() + SignedDuration::from_mins(1);
        let mut look = others.next().unwrap().snapshot(later, 31, compass_core::SourceKind::Sample);
        look.profile.profile.bio = Text::lossy(bio);
        look
    };
    let there = says("\u{1F1FB}\u{1F1F3} Food \u{1F1FB}\u{1F1F3}");
    let between = says("\u{1F1FB}\u{1F1F3}\u{1F1FA}\u{1F1F8} Food");
    for look in [&there, &between] {
        bench.store.record(look).await.unwrap();
    }
    let in_vietnam = asked(&bench, &format!("handle={KNOWN}&regions=vn,TH&limit=30")).await.json();
    assert_eq!(handles(&in_vietnam), [there.profile.profile.handle.as_str()], "two flags are no place");
    let varied = asked(&bench, &format!("handle={KNOWN}&variety=0.7&limit=30")).await.json();
    assert_eq!(handles(&varied)[0], all[0], "the first has none before it");
}

#[tokio::test]
async fn account_without_words_has_an_answer_that_says_so() {
    let bench = Bench::new().await;
    let mut look = World::standard().creators()[0].snapshot(bench.clock.now(), 3, compass_core::SourceKind::Sample);
    look.profile.profile.id = 77.try_into().unwrap();
    look.profile.profile.handle = "silent".parse().unwrap();
    look.profile.profile.bio = Text::lossy("❤️");
    look.videos.clear();
    bench.store.record(&look).await.unwrap();
    let json = asked(&bench, "handle=silent").await.json();
    assert_eq!(handles(&json), [""; 0]);
    assert!(json["too_little_known"].as_str().unwrap().contains("too little is known"), "{json}");
}

#[tokio::test]
async fn corpus_is_read_once_while_it_is_kept() {
    let bench = Bench::new().await;
    let mut corpus = MockCorpusStore::new();
    corpus.expect_next_batch().times(1).returning(|_, _| Ok(None));
    let bench = bench.with(|ports| ports.corpus = Arc::new(corpus));
    let cookie = bench.person("ada").await;
    let app = bench.app.clone().layer(Extension(KeptCorpus::new(Duration::from_secs(3_600))));
    for _ in 0..3 {
        let request = with_cookie(get(&format!("{PATH}?handle={KNOWN}")), &cookie);
        let answer = Answer::read(app.clone().oneshot(request).await.unwrap()).await;
        assert_eq!((answer.status.as_u16(), handles(&answer.json())), (200, Vec::new()));
    }
}

/// A corpus of nobody that is read once the gate is closed, and counts how often.
#[derive(Debug)]
struct Gated {
    gate: Semaphore,
    reads: AtomicUsize,
}

#[async_trait]
impl CorpusStore for Gated {
    async fn record_batch(&self, _: BatchId, _: &Batch) -> Result<Recorded, StoreError> {
        Err(StoreError::NotFound)
    }

    async fn next_batch(&self, _: Option<BatchPlace>, _: u32) -> Result<Option<(Batch, BatchPlace)>, StoreError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        assert!(self.gate.acquire().await.is_err(), "there are no permits");
        Ok(None)
    }

    async fn thin(&self, _: &Thinning, _: Timestamp) -> Result<Recorded, StoreError> {
        Err(StoreError::NotFound)
    }

    async fn corpus_table(&self, _: Timestamp) -> Result<CorpusTable, StoreError> {
        Err(StoreError::NotFound)
    }
}

#[tokio::test]
async fn what_somebody_who_went_away_began_to_read_is_kept_for_the_next() {
    let corpus = Arc::new(Gated { gate: Semaphore::new(0), reads: AtomicUsize::new(0) });
    let bench = Bench::new().await.with(|ports| ports.corpus = Arc::<Gated>::clone(&corpus));
    let cookie = bench.person("ada").await;
    let app = bench.app.clone().layer(Extension(KeptCorpus::new(Duration::from_secs(3_600))));
    let ask = || app.clone().oneshot(with_cookie(get(&format!("{PATH}?handle={KNOWN}")), &cookie));
    for _ in 0..3 {
        let asked = tokio::spawn(ask());
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(corpus.reads.load(Ordering::Relaxed), 1, "it is read once, whoever has gone");
        asked.abort();
        assert!(asked.await.unwrap_err().is_cancelled());
    }
    corpus.gate.close();
    assert_eq!(ask().await.unwrap().status(), 200);
    assert_eq!(corpus.reads.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn store_that_is_away_is_a_problem() {
    let mut corpus = MockCorpusStore::new();
    corpus.expect_next_batch().returning(|_, _| Err(StoreError::Unavailable("away".into())));
    let bench = Bench::new().await.with(|ports| ports.corpus = Arc::new(corpus));
    asked(&bench, &format!("handle={KNOWN}")).await.problem(503, "unavailable");
}

#[tokio::test]
async fn question_that_is_none_is_refused() {
    let bench = Bench::new().await;
    for (query, word) in [
        ("limit=0", "limit"),
        ("limit=31", "limit"),
        ("cursor=30", "cursor"),
        ("cursor=x", "cursor"),
        ("cursor=30.00000000", "cursor"),
        ("cursor=2", "cursor"),
        ("variety=1.5", "variety"),
        ("variety=NaN", "variety"),
        ("tiers=huge", "tiers"),
        ("tiers=", "tiers"),
        ("languages=english", "languages"),
        ("exclude=a%20b", "exclude"),
        ("regions=Germany", "regions"),
        ("region=DE", "region"),
    ] {
        let detail = asked(&bench, &format!("handle={KNOWN}&{query}")).await.problem(400, "bad-request");
        assert!(detail.contains(word), "{query}: {detail}");
    }
    asked(&bench, &format!("handle={UNKNOWN}")).await.problem(404, "not-found");
}

#[tokio::test]
async fn page_of_a_list_that_has_changed_is_refused() {
    let bench = Bench::new().await;
    for creator in World::standard().creators() {
        for look in creator.history(bench.clock.now(), 3) {
            bench.store.record(&look).await.unwrap();
        }
    }
    let first = asked(&bench, &format!("handle={KNOWN}&limit=1")).await.json();
    let next = format!("handle={KNOWN}&limit=1&cursor={}", first["next"].as_str().unwrap());
    let second = asked(&bench, &next).await;
    assert_eq!(second.status, 200, "{second:?}");
    // The very same account under another id comes first from now on.
    let creator = World::standard().find(&KNOWN.parse().unwrap()).unwrap().clone();
    let mut twin = creator.snapshot(bench.clock.now(), 30, compass_core::SourceKind::Sample);
    twin.profile.profile.id = 77.try_into().unwrap();
    twin.profile.profile.handle = "twin".parse().unwrap();
    for (id, post) in (1_i64..).zip(&mut twin.videos) {
        post.video.id = id.try_into().unwrap();
    }
    bench.store.record(&twin).await.unwrap();
    let detail = asked(&bench, &next).await.problem(409, "conflict");
    assert!(detail.contains("begin again"), "{detail}");
}
