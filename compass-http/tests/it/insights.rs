//! What the report on one's own account says, and how earlier advice did.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use axum::{
    Extension,
    http::{Method, header},
};
use compass_core::{
    ActiveHour, Count, DatedBy, OwnData, OwnExport, Snapshot, UserId,
    app::{Brought, keep_export},
    ports::{
        AdviceLedger as _, Clock as _, CreatorStore as _, Narration as Asked, Narrator, NarratorError, ReportStore,
    },
    testing::planted::{Feature, Plan, PlantedCreator, Usage, What},
};
use compass_http::{LearntCorpus, Narration};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::{
    bench::{Answer, Bench, KNOWN, UNKNOWN, get, patch_json, request, with_bearer, with_cookie, with_header},
    benchmark::with_peers,
};

const PATH: &str = "/recommendations/insights";

/// A person whose account is one of the samples.
async fn person(bench: &Bench, handle: &str) -> String {
    let cookie = bench.person("ada").await;
    let named = patch_json("/users/me", &format!(r#"{{"handle":"{handle}","zone":"Europe/Berlin"}}"#));
    assert_eq!(bench.send(with_cookie(named, &cookie)).await.status, 200);
    cookie
}

async fn asked(bench: &Bench, cookie: &str) -> Answer {
    bench.send(with_cookie(get(PATH), cookie)).await
}

/// Every piece of advice in the ledger.
async fn ledger(bench: &Bench) -> Vec<compass_core::Advice> {
    bench.store.due("2100-01-01T00:00:00Z".parse().unwrap(), 1_000).await.unwrap()
}

/// A creator with more views in the evening and with a hashtag, looked at now and in sixty days.
pub(crate) fn creator(bench: &Bench) -> PlantedCreator {
    let tag = Feature { what: What::Hashtag("often".to_owned()), lift: 0.9, usage: Usage::Share(0.3) };
    let hour_lift = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.9, 0.0];
    let as_of = bench.clock.now() + 60 * DAY;
    let looks = vec![60.0, 0.0];
    let plan =
        Plan { as_of, posts: 260, posts_per_week: 7.0, looks, features: vec![tag], hour_lift, ..Plan::default() };
    plan.creator(2)
}

/// Records what was seen of the creator by now, and gives its handle.
pub(crate) async fn look_at(bench: &Bench, creator: &PlantedCreator) -> String {
    for profile in creator.looks().into_iter().filter(|look| look.observed_at <= bench.clock.now()) {
        let videos = creator.videos().into_iter().filter(|look| look.observed_at == profile.observed_at).collect();
        let look = Snapshot { profile, videos, refused: Vec::new(), block: None, disagreements: Vec::new() };
        bench.store.record(&look).await.unwrap();
    }
    creator.profile().handle.to_string()
}

const DAY: Duration = Duration::from_secs(24 * 3_600);

#[tokio::test]
async fn insights_come_with_what_they_rest_on_and_with_how_earlier_advice_did() {
    let bench = Bench::new().await;
    let creator = creator(&bench);
    let cookie = person(&bench, &look_at(&bench, &creator).await).await;
    let json = asked(&bench, &cookie).await.json();
    assert_eq!(
        (json["handle"].as_str(), &json["told"][0]["verdict"]),
        (Some(creator.profile().handle.as_str()), &Value::Null)
    );
    let insights = json["insights"].as_array().unwrap();
    assert!(insights.len() > 3, "{json}");
    for insight in insights {
        assert!(!insight["text"].as_str().unwrap().is_empty() && insight["narrated"].is_null(), "{insight}");
        assert!(insight["facts"][0]["n"].is_u64() && insight["rank"]["score"].is_f64(), "{insight}");
    }
    let text = json["record_text"].as_str().unwrap();
    assert!(text.starts_with("Nothing that was told here could be scored yet."), "{text}");
    assert_eq!(json["record"]["hit_rate"], Value::Null);
}

#[tokio::test]
async fn asking_again_says_the_same_and_keeps_nothing_twice() {
    let bench = Bench::new().await;
    let creator = creator(&bench);
    let cookie = person(&bench, &look_at(&bench, &creator).await).await;
    let first = asked(&bench, &cookie).await;
    let kept = ledger(&bench).await;
    assert!(!kept.is_empty(), "{first:?}");
    assert_eq!(first.header("cache-control"), "private, no-cache");
    let mut again = get(PATH);
    again.headers_mut().insert(header::IF_NONE_MATCH, first.header("etag").parse().unwrap());
    assert_eq!(bench.send(with_cookie(again, &cookie)).await.status, 304);
    bench.clock.advance(Duration::from_secs(30 * 60));
    assert_eq!(asked(&bench, &cookie).await.body, first.body, "within the hour there is nothing new");
    bench.clock.advance(3 * DAY);
    let later = asked(&bench, &cookie).await.json();
    assert_eq!(ledger(&bench).await, kept, "what is open is not told twice");
    let rank = |json: &Value| {
        let named = |insight: &&Value| insight["id"] == kept[0].said["id"];
        json["insights"].as_array().unwrap().iter().find(named).map(|insight| insight["rank"]["novelty"].clone())
    };
    assert!(rank(&first.json()).unwrap() == 1.0 && rank(&later).is_none_or(|novelty| novelty.as_f64() < Some(1.0)));
}

#[tokio::test]
async fn only_what_is_shown_to_the_person_is_kept_as_told() {
    let bench = Bench::new().await;
    let creator = creator(&bench);
    let cookie = person(&bench, &look_at(&bench, &creator).await).await;
    let head = bench.send(with_cookie(request(Method::HEAD, PATH), &cookie)).await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    for (name, value, status) in [
        ("sec-purpose", "prefetch", 200),
        ("sec-purpose", "prefetch;prerender", 200),
        ("purpose", "prefetch", 200),
        ("sec-fetch-site", "cross-site", 200),
        ("sec-fetch-site", "same-site", 200),
        ("if-none-match", "*", 304),
    ] {
        let answer = bench.send(with_header(with_cookie(get(PATH), &cookie), name, value)).await;
        assert_eq!(answer.status, status, "{name}: {value}");
        assert_eq!(ledger(&bench).await, [], "{name}: {value}");
        if status == 200 {
            assert!(answer.json()["insights"].as_array().unwrap().len() > 3, "{name}: {value}");
        }
    }
    let own = with_header(with_cookie(get(PATH), &cookie), "sec-fetch-site", "same-origin");
    let shown = bench.send(own).await;
    assert!(!ledger(&bench).await.is_empty(), "{shown:?}");
    let again = with_header(with_cookie(get(PATH), &cookie), "if-none-match", shown.header("etag"));
    assert_eq!(bench.send(again).await.status, 304, "and it is the same as asked again");
}

#[tokio::test]
async fn a_program_with_a_token_is_told_from_wherever_it_asks() {
    let bench = Bench::new().await;
    let creator = creator(&bench);
    let handle = look_at(&bench, &creator).await;
    let token = bench.token().await;
    let named = patch_json("/users/me", &format!(r#"{{"handle":"{handle}"}}"#));
    assert_eq!(bench.send(with_bearer(named, &token)).await.status, 200);
    let asked = with_header(with_bearer(get(PATH), &token), "sec-fetch-site", "cross-site");
    assert_eq!(bench.send(asked).await.status, 200);
    assert!(!ledger(&bench).await.is_empty(), "no link on another site has a token");
}

#[tokio::test]
async fn asked_at_once_by_many_advice_is_kept_once() {
    let bench = Bench::new().await;
    let creator = creator(&bench);
    let cookie = person(&bench, &look_at(&bench, &creator).await).await;
    let many = (0..8).map(|_| asked(&bench, &cookie));
    let answers = futures_util::future::join_all(many).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    let mut names: Vec<String> = ledger(&bench).await.iter().map(|advice| advice.said["id"].to_string()).collect();
    let all = names.len();
    assert!(all > 0);
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all);
}

#[tokio::test]
async fn advice_that_came_due_is_shown_with_what_came() {
    let bench = Bench::new().await;
    let creator = creator(&bench);
    let cookie = person(&bench, &look_at(&bench, &creator).await).await;
    asked(&bench, &cookie).await.json();
    let kept = ledger(&bench).await.len();
    bench.clock.advance(60 * DAY);
    let handle = look_at(&bench, &creator).await;
    let options = compass_core::analytics::ReportOptions::default();
    let store = &*bench.store;
    let settled = compass_core::app::settle_due(store, store, store, bench.clock.now(), &options, 100).await.unwrap();
    assert_eq!(settled.settled, kept as u64);
    let cookie = person(&bench, &handle).await;
    let json = asked(&bench, &cookie).await.json();
    let done: Vec<&Value> = json["told"].as_array().unwrap().iter().filter(|told| !told["verdict"].is_null()).collect();
    assert_eq!(done.len(), kept, "{json}");
    assert!(done.iter().all(|told| told["seen"].is_f64() || told["verdict"] == "cannot_tell"), "{json}");
    assert!(!json["record_text"].as_str().unwrap().starts_with("Nothing"), "{json}");
}

#[tokio::test]
async fn who_names_no_account_or_an_unknown_one_is_told_so() {
    let bench = Bench::new().await;
    let cookie = bench.person("ada").await;
    let detail = asked(&bench, &cookie).await.problem(404, "not-found");
    assert!(detail.contains("PATCH users/me"), "{detail}");
    let cookie = person(&bench, UNKNOWN).await;
    asked(&bench, &cookie).await.problem(404, "not-found");
    assert_eq!(bench.get(PATH).await.status, 401);
}

/// Says one thing before each template.
#[derive(Debug)]
struct Says(&'static str);

#[async_trait]
impl Narrator for Says {
    async fn rephrase(&self, asked: &Asked) -> Result<String, NarratorError> {
        Ok(format!("{} {}", self.0, asked.template))
    }
}

#[tokio::test]
async fn words_of_a_model_stand_beside_the_template_if_they_pass_and_are_counted_if_not() {
    for (says, passes) in [("Hello, here is a note:", true), ("Surely twice as many:", false)] {
        let bench = Bench::new().await;
        let cookie = person(&bench, KNOWN).await;
        let narration = Narration::new(Arc::new(Says(says)), Duration::from_secs(60));
        let app = bench.app.clone().layer(Extension(narration.clone()));
        let answer = Answer::read(app.oneshot(with_cookie(get(PATH), &cookie)).await.unwrap()).await;
        let json = answer.json();
        let insights = json["insights"].as_array().unwrap();
        for insight in insights {
            match passes {
                true => assert_eq!(insight["narrated"], format!("{says} {}", insight["text"].as_str().unwrap())),
                false => assert_eq!(insight["narrated"], Value::Null),
            }
        }
        let counts = narration.counts();
        let n = insights.len() as u64;
        assert_eq!((counts.accepted, counts.words), if passes { (n, 0) } else { (0, n) });
    }
}

#[tokio::test]
async fn where_the_account_stands_among_its_peers_is_told_once_it_is_learnt() {
    let bench = with_peers(|_| 1).await;
    let cookie = person(&bench, KNOWN).await;
    let corpus = LearntCorpus::default();
    let app = bench.app.clone().layer(Extension(corpus.clone()));
    let standings = async || {
        let answer = app.clone().oneshot(with_cookie(get(PATH), &cookie)).await.unwrap();
        let json = Answer::read(answer).await.json();
        let insights = json["insights"].as_array().unwrap().clone();
        insights.into_iter().filter(|insight| insight["kind"] == "standing").collect::<Vec<_>>()
    };
    assert_eq!(standings().await, [] as [Value; 0], "there is nobody to compare with");
    corpus.learn(&*bench.ports.creators, bench.clock.now()).await.unwrap();
    let standings = standings().await;
    assert!(!standings.is_empty() && standings.iter().all(|standing| standing["facts"][0]["n"].as_u64() >= Some(35)));
    let texts: Vec<&str> = standings.iter().filter_map(|standing| standing["text"].as_str()).collect();
    assert!(texts.iter().any(|text| text.contains("creators of your size")), "{texts:?}");
}

/// Counts how often it is asked; it fails, or answers once it is told to.
#[derive(Debug)]
struct Away {
    asked: AtomicUsize,
    answers: Option<tokio::sync::Semaphore>,
}

#[async_trait]
impl Narrator for Away {
    async fn rephrase(&self, asked: &Asked) -> Result<String, NarratorError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match &self.answers {
            Some(gate) => {
                assert!(gate.acquire().await.is_err(), "it is closed, not passed");
                Ok(asked.template.clone())
            }
            None => Err(NarratorError("away".into())),
        }
    }
}

#[tokio::test]
async fn a_narrator_that_fails_or_is_too_slow_is_not_asked_anew_by_each_request() {
    for is_slow in [false, true] {
        let bench = Bench::new().await;
        let cookie = person(&bench, KNOWN).await;
        let answers = is_slow.then(|| tokio::sync::Semaphore::new(0));
        let narrator = Arc::new(Away { asked: AtomicUsize::new(0), answers });
        let narration = Narration::new(Arc::<Away>::clone(&narrator), Duration::from_millis(1));
        let app = bench.app.clone().layer(Extension(narration));
        let narrated = async || {
            let answer = Answer::read(app.clone().oneshot(with_cookie(get(PATH), &cookie)).await.unwrap()).await;
            let json = answer.json();
            let insights = json["insights"].as_array().unwrap().iter();
            insights.map(|insight| !insight["narrated"].is_null()).collect::<Vec<_>>()
        };
        let first = narrated().await;
        assert!(first.len() > 1 && first.iter().all(|is_narrated| !is_narrated), "{first:?}");
        for _ in 0..3 {
            narrated().await;
        }
        let asked = narrator.asked.load(Ordering::Relaxed);
        // A few at once; those that wait for them are not begun.
        assert!(asked <= first.len(), "each template once at most, not {asked} times");
        if let Some(gate) = &narrator.answers {
            gate.close();
            while !narrated().await.iter().all(|is_narrated| *is_narrated) {}
            assert_eq!(narrator.asked.load(Ordering::Relaxed), first.len(), "what came late is kept");
        }
    }
}

#[tokio::test]
async fn what_a_person_exported_is_in_that_persons_insights_alone_also_of_an_account_that_nobody_looked_at() {
    for handle in [KNOWN, UNKNOWN] {
        let bench = Bench::new().await;
        let cookie = person(&bench, handle).await;
        let user =
            bench.send(with_cookie(get("/users/me"), &cookie)).await.json()["id"].as_str().unwrap().parse().unwrap();
        let mut own = OwnData::new(handle.parse().unwrap());
        let mut export = OwnExport::new(DatedBy::FileName);
        let hour = |hour: u8, followers| ActiveHour {
            day: "2026-04-28".parse().unwrap(),
            hour,
            followers: Some(Count::exact(followers).unwrap()),
        };
        export.active_hours = (0..24).map(|of| hour(of, if of == 19 { 900 } else { 100 })).collect();
        own.exports.insert("2026-04-29".parse().unwrap(), export);
        let brought = Brought { digest: [7; 32], own, refused: Vec::new() };
        let (store, random) = (&*bench.store, compass_core::testing::SeededRandom::new(9));
        keep_export(store, &*bench.clock, &random, Some(UserId(user)), brought).await.unwrap();
        let json = asked(&bench, &cookie).await.json();
        let hours = json["insights"].as_array().unwrap().iter().find(|insight| insight["kind"] == "active_hours");
        let text = hours.unwrap_or_else(|| panic!("{json}"))["text"].as_str().unwrap();
        assert!(text.starts_with("Your followers are most active around 19:00 by your clock"), "{text}");
        let other = bench.person("bob").await;
        let named = patch_json("/users/me", &format!(r#"{{"handle":"{handle}"}}"#));
        bench.send(with_cookie(named, &other)).await;
        let to_other = asked(&bench, &other).await;
        assert_eq!(to_other.status == 404, handle == UNKNOWN);
        assert!(!String::from_utf8_lossy(&to_other.body).contains("active_hours"), "{to_other:?}");
        // Reports with private figures in them are private.
        let kept = ledger(&bench).await;
        for advice in kept.iter().filter(|advice| advice.user == UserId(user)) {
            let report = ReportStore::find(store, advice.report).await.unwrap().unwrap();
            assert_eq!(report.private_to, Some(UserId(user)));
        }
    }
}

/// Takes a moment for each template, remembers all of them, and how many it had at once.
#[derive(Debug, Default)]
struct Slow {
    asked: Mutex<Vec<String>>,
    now: AtomicUsize,
    most: AtomicUsize,
}

#[async_trait]
impl Narrator for Slow {
    async fn rephrase(&self, asked: &Asked) -> Result<String, NarratorError> {
        self.asked.lock().unwrap().push(asked.template.clone());
        self.most.fetch_max(self.now.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(1)).await;
        self.now.fetch_sub(1, Ordering::Relaxed);
        Ok(asked.template.clone())
    }
}

#[tokio::test]
async fn a_narrator_is_asked_once_for_a_template_and_a_few_times_at_once() {
    let bench = Bench::new().await;
    let creator = creator(&bench);
    let cookie = person(&bench, &look_at(&bench, &creator).await).await;
    let narrator = Arc::new(Slow::default());
    let narration = Narration::new(Arc::<Slow>::clone(&narrator), Duration::from_secs(60));
    let app = bench.app.clone().layer(Extension(narration.clone()));
    let ask = async || Answer::read(app.clone().oneshot(with_cookie(get(PATH), &cookie)).await.unwrap()).await;
    let first = ask().await;
    let together = futures_util::future::join_all((0..3).map(|_| ask())).await;
    assert!(together.iter().all(|answer| answer.body == first.body));
    let mut templates = narrator.asked.lock().unwrap().clone();
    let asked = templates.len();
    templates.sort();
    templates.dedup();
    assert_eq!(asked, templates.len(), "none is asked for twice");
    let most = narrator.most.load(Ordering::Relaxed);
    assert!(asked > 4 && most <= 4, "{most} of {asked} at once");
    let shown = first.json()["insights"].as_array().unwrap().len() as u64;
    assert_eq!(narration.counts().accepted, 4 * shown, "each text that is shown is checked and counted");
}
