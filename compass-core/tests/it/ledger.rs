//! Advice is held against what happened.

use compass_core::{
    Advice, AdviceId, CreatorId, Handle, Identity, KeptReport, Outcome, Profile, ReportId, Snapshot, UserId, Video,
    VideoObservation, Zone,
    analytics::{CreatorReport, Feature, FeatureKind, Interval, ReportOptions, creator_report},
    app::{Settled, advice_so_far, advise, settle_due},
    ports::{AccountStore as _, AdviceLedger as _, CreatorStore, ReportStore as _},
    recommend::{
        About, AdviceResult, AdviceVerdict, Call, DamagedPrediction, ForecastRecord, InsightKind, InsightOptions,
        Prediction, TrackRecord, insights, settle,
    },
    testing::{
        MemoryStore,
        planted::{Feature as Planted, FollowerPlan, Plan, PlantedCreator, Usage, What},
    },
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use uuid::Uuid;

use crate::damaged_store::DamagedStore;

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

fn now() -> Timestamp {
    Plan::default().as_of
}

fn report(creator: &PlantedCreator, as_of: Timestamp) -> CreatorReport {
    creator_report(&creator.profile(), &creator.looks(), &creator.videos(), as_of, &ReportOptions::default())
}

fn posts(creator: &PlantedCreator) -> Vec<Video> {
    creator.videos().into_iter().map(|look| look.video).collect()
}

/// Two looks, 60 days apart, at creators whose evening posts and posts with a hashtag have so much more.
fn plan(lift: f64) -> Plan {
    let tag = Planted { what: What::Hashtag("often".to_owned()), lift, usage: Usage::Share(0.3) };
    let hour_lift = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, lift, 0.0];
    Plan { posts: 260, posts_per_week: 7.0, looks: vec![60.0, 0.0], features: vec![tag], hour_lift, ..Plan::default() }
}

fn hours(value: f64, lo: f64, hi: f64) -> Prediction {
    let about = About::Hours { first_hour: 18, zone: Zone::utc() };
    Prediction { about, value, interval: Interval { lo, hi, level: 0.8 }, due: now() }
}

#[test]
fn prediction_and_outcome_read_back_as_they_were() {
    let features = vec![
        Feature { kind: FeatureKind::Hashtag, name: "recipe".to_owned() },
        Feature { kind: FeatureKind::Length, name: "under 15 s".to_owned() },
    ];
    let berlin = About::Hours { first_hour: 6, zone: Zone::parse("Europe/Berlin").unwrap() };
    for about in [About::Features(features), berlin, About::Followers] {
        let prediction = Prediction { about, ..hours(0.3, 0.1, 0.5) };
        assert_eq!(Prediction::from_value(&prediction.to_value()), Ok(prediction));
    }
    for (wrong, part) in [
        (json!(null), "about"),
        (json!({"about": "followers"}), "lo"),
        (json!({"about": {"hours": {"first_hour": 24, "zone": "UTC"}}}), "about"),
    ] {
        assert_eq!(Prediction::from_value(&wrong), Err(DamagedPrediction(part)));
    }
    for found in [
        AdviceResult { verdict: AdviceVerdict::Hit, held: Some(true), value: Some(0.2), n: 7 },
        AdviceResult { verdict: AdviceVerdict::CannotTell, held: None, value: None, n: 0 },
    ] {
        assert_eq!(AdviceResult::from_value(&found.to_value()), Some(found));
    }
    assert_eq!(AdviceResult::from_value(&json!({"came": "perhaps", "n": 1})), None);
}

#[test]
fn prediction_that_makes_no_sense_is_not_read() {
    let good = hours(0.3, 0.1, 0.5).to_value();
    for (part, value, named) in [
        ("level", json!(5), "level"),
        ("level", json!(0), "level"),
        ("level", json!(1), "level"),
        ("lo", json!(-1), "interval"),
        ("lo", json!(0.4), "interval"),
        ("hi", json!(0.2), "interval"),
        ("value", json!("much"), "value"),
        ("due", json!("soon"), "due"),
    ] {
        let mut damaged = good.clone();
        damaged[part] = value;
        assert_eq!(Prediction::from_value(&damaged), Err(DamagedPrediction(named)), "{damaged}");
    }
}

/// A report of so many posts by day: hour and views.
fn posted(shown: &[(u8, u64)]) -> (CreatorReport, Vec<Video>) {
    let creator = Plan { posts: shown.len(), ..Plan::default() }.creator(1);
    let looks: Vec<VideoObservation> = creator
        .videos()
        .into_iter()
        .zip(shown)
        .enumerate()
        .map(|(i, (mut look, (hour, views)))| {
            // All are older than 90 days: their views are those at any age.
            let day = now() - days(200 - i as i64);
            look.video.created_at = day + SignedDuration::from_hours(i64::from(*hour));
            look.video.hashtags = if *hour == 19 { vec!["late".to_owned()] } else { Vec::new() };
            // Seen at 30 days of age.
            look.observed_at = look.video.created_at + days(30);
            look.counts.views = Some(compass_core::Count::exact(*views).unwrap());
            look
        })
        .collect();
    let report = creator_report(&creator.profile(), &[], &looks, now(), &ReportOptions::default());
    (report, looks.into_iter().map(|look| look.video).collect())
}

#[test]
fn new_posts_of_the_kind_are_held_against_new_posts_of_others() {
    let evenings = [(19, 2_000), (19, 1_000), (19, 4_000), (19, 2_000), (19, 2_000)];
    let noons = [(12, 1_000), (12, 500), (12, 2_000), (12, 1_000), (12, 1_000)];
    let (report, posts) = posted(&[evenings, noons].concat());
    let since = now() - days(300);
    // Twice the views (of 1 + views: 2001 and 1001), with s = 0.4898 in each: the new posts leave open 0.4898 sqrt(2/5)
    // t(0.9, 8) = 0.3098 x 1.3968 = 0.4327.
    let found = settle(&hours(0.5, 0.4, 0.6), since, &report, &posts);
    assert_eq!((found.verdict, found.n), (AdviceVerdict::Hit, 5));
    assert!((found.value.unwrap() - 1.0).abs() < 0.002, "{found:?}");
    // ln 2 - ln 1.5 = 0.288 is within 0.4327; ln 2 + ln 1.5 = 1.099 is not.
    assert_eq!(found.held, Some(true));
    let other_way = settle(&hours(-1.0 / 3.0, -0.4, -0.3), since, &report, &posts);
    assert_eq!((other_way.verdict, other_way.held), (AdviceVerdict::Missed, Some(false)));
    // A wide prediction holds where a narrow one does not: ln 2 - ln 1.25 = 0.47 is beyond 0.4327, and within
    // hypot(ln 1.6 - ln 1.25, 0.4327) = 0.4989.
    assert_eq!(settle(&hours(0.25, 0.24, 0.26), since, &report, &posts).held, Some(false));
    assert_eq!(settle(&hours(0.25, 0.0, 0.6), since, &report, &posts).held, Some(true));

    let tag = Feature { kind: FeatureKind::Hashtag, name: "late".to_owned() };
    let of_tag = Prediction { about: About::Features(vec![tag.clone()]), ..hours(0.5, 0.4, 0.6) };
    assert_eq!(settle(&of_tag, since, &report, &posts), found);
    let both = vec![tag, Feature { kind: FeatureKind::Hashtag, name: "other".to_owned() }];
    let of_both = Prediction { about: About::Features(both), ..of_tag };
    assert_eq!(settle(&of_both, since, &report, &posts).verdict, AdviceVerdict::CannotTell);
}

#[test]
fn posts_that_made_the_prediction_do_not_prove_it() {
    let evenings = [(19, 2_000), (19, 1_000), (19, 4_000), (19, 2_000), (19, 2_000)];
    let noons = [(12, 1_000), (12, 500), (12, 2_000), (12, 1_000), (12, 1_000)];
    let (report, posts) = posted(&[evenings, noons].concat());
    // The first evening post is older than the advice: four are left.
    let found = settle(&hours(0.5, 0.4, 0.6), now() - days(199) - SignedDuration::from_hours(1), &report, &posts);
    assert_eq!((found.verdict, found.held, found.n), (AdviceVerdict::CannotTell, None, 4));
}

/// What is predicted 60 days before, of so many creators, and what came.
fn settled(plan: &Plan, creators: u64, is_of: fn(InsightKind, Call) -> bool) -> Vec<AdviceResult> {
    let given = plan.as_of - days(60);
    (0..creators)
        .flat_map(|seed| {
            let creator = plan.creator(seed);
            let (before, later) = (report(&creator, given), report(&creator, plan.as_of));
            let told = insights(&before, &InsightOptions::default());
            let posts = posts(&creator);
            let of = |insight: &compass_core::recommend::Insight| is_of(insight.kind, insight.call);
            let predicted: Vec<Prediction> =
                told.insights.iter().filter(|i| of(i)).filter_map(|i| Prediction::of(i, &before, given)).collect();
            predicted.iter().map(|prediction| settle(prediction, given, &later, &posts)).collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn true_advice_comes_true_and_its_intervals_hold() {
    let found = settled(&plan(0.9), 40, |_, call| call == Call::Do);
    let told: Vec<&AdviceResult> = found.iter().filter(|found| found.verdict != AdviceVerdict::CannotTell).collect();
    let hits = told.iter().filter(|found| found.verdict == AdviceVerdict::Hit).count();
    let held = told.iter().filter(|found| found.held == Some(true)).count();
    println!("{} pieces of advice, {} told: {hits} hit, {held} of the 80 % intervals held", found.len(), told.len());
    assert!(told.len() >= 40, "{}", told.len());
    assert!(hits as f64 >= 0.9 * told.len() as f64, "{hits} of {}", told.len());
    // Four standard errors and what the shrinking costs.
    let share = held as f64 / told.len() as f64;
    assert!((0.65..0.97).contains(&share), "{share}");
}

#[test]
fn forecast_is_held_against_the_count_of_its_day() {
    let followers = FollowerPlan { days: 500, gain: 30.0, spread: 20.0, ..FollowerPlan::default() };
    let plan = Plan { followers, posts: 5, ..Plan::default() };
    let given = plan.as_of - days(40);
    let creator = plan.creator(3);
    let before = report(&creator, given);
    let told = insights(&before, &InsightOptions::default());
    let outlook =
        told.insights.iter().find(|insight| insight.kind == InsightKind::Outlook).expect("more than a year is enough");
    let prediction = Prediction::of(outlook, &before, given).unwrap();
    assert_eq!(Prediction::of(outlook, &before, given + days(29)), None, "the day is over");
    assert_eq!(prediction.about, About::Followers);
    let later = report(&creator, plan.as_of);
    let found = settle(&prediction, given, &later, &[]);
    let day = before.growth.forecast.days.last().unwrap().day;
    let counts = &later.growth.followers.as_ref().unwrap().counts;
    let count = counts.iter().find(|count| count.day == day).unwrap().count.midpoint() as f64;
    assert_eq!((found.value, found.n), (Some(count), 1));
    let inside = prediction.interval.lo <= count && count <= prediction.interval.hi;
    assert_eq!((found.held, found.verdict == AdviceVerdict::Hit), (Some(inside), inside));
    let far = Prediction { interval: Interval { lo: 1e9, hi: 2e9, level: 0.8 }, ..prediction.clone() };
    assert_eq!(settle(&far, given, &later, &[]).verdict, AdviceVerdict::Missed);
    // Nobody looked near the day.
    assert_eq!(settle(&prediction, given, &before, &[]).verdict, AdviceVerdict::CannotTell);
}

fn piece(n: u128, found: Option<AdviceResult>) -> Advice {
    Advice {
        id: AdviceId(Uuid::from_u128(n)),
        user: UserId(Uuid::from_u128(1)),
        report: ReportId(Uuid::from_u128(1)),
        given_at: now(),
        kind: "best_time".to_owned(),
        said: json!({}),
        expected: hours(0.3, 0.1, 0.5).to_value(),
        due_at: now(),
        outcome: found.map(|found| Outcome { settled_at: now(), found: found.to_value() }),
    }
}

/// `scipy.stats.binomtest(3, 4).proportion_ci(method="wilson")`, scipy 1.17.1.
#[test]
fn record_counts_hits_and_intervals_that_held() {
    let found = |verdict, held| Some(AdviceResult { verdict, held, value: Some(0.1), n: 6 });
    let advice = [
        piece(1, found(AdviceVerdict::Hit, Some(true))),
        piece(2, found(AdviceVerdict::Hit, Some(true))),
        piece(3, found(AdviceVerdict::Hit, Some(false))),
        piece(4, found(AdviceVerdict::Missed, Some(false))),
        piece(5, found(AdviceVerdict::CannotTell, None)),
        piece(6, None),
    ];
    let record = TrackRecord::of(&advice);
    assert_eq!((record.open, record.cannot_tell, record.hits, record.missed), (1, 1, 3, 1));
    assert_eq!((record.held, record.held_of), (2, 4));
    let rate = record.hit_rate.unwrap();
    assert!((rate.share - 0.75).abs() < 1e-12);
    assert!((rate.interval.lo - 0.300_641_842_582_402_4).abs() < 1e-9, "{rate:?}");
    assert!((rate.interval.hi - 0.954_412_739_190_299_5).abs() < 1e-9, "{rate:?}");
    assert_eq!(rate.by_chance, 0.5);
    assert_eq!(TrackRecord::of(&[]).hit_rate, None);
    let words = "Of 4 pieces of advice that could be told, 3 pointed the right way (75 %, 30 to 95); guessing would give 2. 2 of 4 \
                 expected ranges held; 3.2 should. Of 1 piece of advice it could not be told. 1 is not due yet.";
    assert_eq!(record.to_string(), words);
}

#[test]
fn forecasts_that_held_are_no_hits_of_advice() {
    let found = |verdict, held| Some(AdviceResult { verdict, held, value: Some(0.1), n: 6 });
    let outlook = |n, found| Advice { kind: "outlook".to_owned(), ..piece(n, found) };
    let advice = [
        piece(1, found(AdviceVerdict::Missed, Some(false))),
        outlook(2, found(AdviceVerdict::Hit, Some(true))),
        outlook(3, found(AdviceVerdict::Hit, Some(true))),
        outlook(4, found(AdviceVerdict::Missed, Some(false))),
        outlook(5, found(AdviceVerdict::CannotTell, None)),
        outlook(6, None),
    ];
    let record = TrackRecord::of(&advice);
    assert_eq!((record.hits, record.missed, record.held, record.held_of), (0, 1, 0, 1));
    assert_eq!((record.open, record.cannot_tell, record.hit_rate.unwrap().share), (0, 0, 0.0));
    assert_eq!(record.forecasts, ForecastRecord { open: 1, cannot_tell: 1, held: 2, held_of: 3 });
}

/// A store that knows a creator up to a moment, a person, and a report.
async fn kept(creator: &PlantedCreator, at: Timestamp) -> (MemoryStore, UserId, KeptReport) {
    let store = MemoryStore::default();
    observe(&store, creator, Timestamp::MIN, at).await;
    let identity =
        Identity { issuer: "https://issuer.example".to_owned(), subject: "ada".to_owned(), email: None, name: None };
    let user = store.sign_in(&identity, UserId(Uuid::from_u128(1)), at).await.unwrap().id;
    let report = KeptReport {
        id: ReportId(Uuid::from_u128(1)),
        handle: creator.profile().handle,
        creator: Some(creator.profile().id),
        compared: Default::default(),
        private_to: None,
        as_of: at,
        made_at: at,
        engine: "0".to_owned(),
        input_hash: [1; 32],
        report: json!({}),
        inputs_thinned_at: None,
    };
    (store.clone(), user, store.keep(&report).await.unwrap())
}

/// Records what was seen of a creator in a time.
async fn observe(store: &MemoryStore, creator: &PlantedCreator, from: Timestamp, to: Timestamp) {
    let seen = |at: Timestamp| from < at && at <= to;
    for profile in creator.looks().into_iter().filter(|look| seen(look.observed_at)) {
        let videos = creator.videos().into_iter().filter(|look| look.observed_at == profile.observed_at).collect();
        store
            .record(&Snapshot { profile, videos, refused: Vec::new(), block: None, disagreements: Vec::new() })
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn advice_is_kept_settled_when_it_is_due_and_shown_beside_the_next() {
    let plan = plan(0.9);
    let creator = plan.creator(2);
    let given = plan.as_of - days(60);
    let (store, user, kept) = kept(&creator, given).await;
    let options = ReportOptions::default();
    let before = report(&creator, given);
    let told = insights(&before, &InsightOptions::default());
    let advised = advise(&store, user, kept.id, &before, &told, given).await.unwrap();
    assert!(told.to_do().count() >= 2 && advised.len() >= told.to_do().count(), "{advised:?}");
    // Told again the next day: it would count twice.
    assert_eq!(advise(&store, user, kept.id, &before, &told, given + days(1)).await.unwrap(), []);

    assert_eq!(settle_due(&store, &store, &store, given + days(30), &options, 100).await.unwrap().settled, 0);
    // It is due, but nobody looked at the account since.
    assert_eq!(settle_due(&store, &store, &store, given + days(57), &options, 100).await.unwrap().settled, 0);
    observe(&store, &creator, given, plan.as_of).await;
    let settled = settle_due(&store, &store, &store, plan.as_of, &options, 100).await.unwrap().settled;
    assert_eq!(settled, advised.len() as u64);
    assert_eq!(settle_due(&store, &store, &store, plan.as_of, &options, 100).await.unwrap().settled, 0);

    let (so_far, record) = advice_so_far(&store, user, &before).await.unwrap();
    assert_eq!(record, TrackRecord::of(&store.advice_to(user, 100).await.unwrap()));
    assert!(record.hits >= 2 && record.open == 0, "{record:?}");
    assert_eq!(so_far.len(), advised.len());
    let again = insights(&report(&creator, plan.as_of), &InsightOptions { told: so_far });
    let best_time = again.insights.iter().find(|insight| insight.id == "best_time").unwrap();
    assert!(best_time.rank.novelty < 1.0 || best_time.facts[0].value != before_value(&told.insights), "{best_time:?}");
    let other = report(&plan.creator(3), given);
    assert_eq!(advice_so_far(&store, user, &other).await.unwrap().0, []);
}

fn before_value(insights: &[compass_core::recommend::Insight]) -> Option<f64> {
    insights.iter().find(|insight| insight.id == "best_time").and_then(|insight| insight.facts[0].value)
}

#[tokio::test]
async fn advice_on_an_account_that_nobody_looks_at_is_given_up_after_four_weeks() {
    let plan = plan(0.9);
    let creator = plan.creator(2);
    let given = plan.as_of - days(60);
    let (store, user, kept) = kept(&creator, given).await;
    let before = report(&creator, given);
    let told = insights(&before, &InsightOptions::default());
    let advised = advise(&store, user, kept.id, &before, &told, given).await.unwrap();
    let options = ReportOptions::default();
    let settled = settle_due(&store, &store, &store, given + days(56 + 29), &options, 100).await.unwrap().settled;
    assert_eq!(settled, advised.len() as u64);
    let (_, record) = advice_so_far(&store, user, &before).await.unwrap();
    assert_eq!((record.cannot_tell, record.hit_rate), (advised.len() as u64, None));
}

#[tokio::test]
async fn advice_that_waits_or_cannot_be_read_keeps_nothing_from_being_settled() {
    let plan = plan(0.9);
    let creator = plan.creator(2);
    let (store, user, kept) = kept(&creator, now() - days(60)).await;
    let (seen, of) = (now() - days(60), kept.id);
    let good = |n, due_at| Advice { user, report: of, due_at, ..piece(n, None) };
    // What is due longest is of an account that nobody looked at.
    let other = KeptReport {
        id: ReportId(Uuid::from_u128(2)),
        handle: Handle::parse("steady").unwrap(),
        creator: None,
        input_hash: [2; 32],
        ..kept.clone()
    };
    let nowhere = store.keep(&other).await.unwrap().id;
    for n in 10..15 {
        store.advise(&Advice { report: nowhere, ..good(n, seen - days(20)) }).await.unwrap();
    }
    let mut damaged = good(20, seen - days(10));
    damaged.expected["level"] = json!(5);
    store.advise(&damaged).await.unwrap();
    store.advise(&good(30, seen - days(5))).await.unwrap();
    let options = ReportOptions::default();
    let found = settle_due(&store, &store, &store, seen + days(1), &options, 2).await.unwrap();
    let damaged = vec![(damaged.id, DamagedPrediction("level"))];
    assert_eq!(found, Settled { settled: 2, waiting: 5, damaged, ..Settled::default() });
    let again = settle_due(&store, &store, &store, seen + days(1), &options, 2).await.unwrap();
    assert_eq!(again, Settled { waiting: 5, ..Settled::default() });
}

#[tokio::test]
async fn an_account_that_cannot_be_read_keeps_no_other_advice_from_being_settled() {
    let plan = plan(0.9);
    let (creator, readable) = (plan.creator(2), plan.creator(3));
    let (seen, damaged) = (now() - days(60), creator.profile().id);
    let (store, user, kept) = kept(&creator, seen).await;
    observe(&store, &readable, Timestamp::MIN, seen).await;
    let good = Profile { handle: Handle::parse("readable").unwrap(), ..readable.profile() };
    let (id, input_hash) = (ReportId(Uuid::from_u128(2)), [2; 32]);
    let other = KeptReport { id, handle: good.handle, creator: Some(good.id), input_hash, ..kept.clone() };
    let other = store.keep(&other).await.unwrap();
    let due = |n, of: &KeptReport| Advice { user, report: of.id, due_at: seen - days(5), ..piece(n, None) };
    store.advise(&due(10, &kept)).await.unwrap();
    store.advise(&due(20, &other)).await.unwrap();

    let creators = DamagedStore { store: store.clone(), damaged };
    let options = ReportOptions::default();
    let found = settle_due(&store, &store, &creators, seen + days(1), &options, 100).await.unwrap();
    assert_eq!((found.settled, found.waiting), (1, 1), "{found:?}");
    assert!(found.unread.iter().any(|what| what.contains(&damaged.to_string())), "{found:?}");
    let open = |advice: &Advice| advice.outcome.is_none();
    let left: Vec<Advice> = store.advice_to(user, 100).await.unwrap().into_iter().filter(open).collect();
    assert_eq!(left.iter().map(|advice| advice.report).collect::<Vec<_>>(), [kept.id]);
    let found = settle_due(&store, &store, &creators, seen + days(29), &options, 100).await.unwrap();
    assert_eq!((found.settled, found.waiting), (1, 0), "it is given up like that of an account that nobody looks at");
}

#[tokio::test]
async fn advice_is_settled_by_its_account_even_if_its_handle_is_a_strangers_by_now() {
    let plan = plan(0.9);
    let creator = plan.creator(2);
    let given = plan.as_of - days(60);
    let (store, user, kept) = kept(&creator, given).await;
    let before = report(&creator, given);
    let told = insights(&before, &InsightOptions::default());
    let advised = advise(&store, user, kept.id, &before, &told, given).await.unwrap();
    // The account is called otherwise from now on; a stranger takes its old handle, and is looked at in its stead.
    let mut renamed = creator.looks().into_iter().find(|look| look.observed_at > given).unwrap();
    let (old, mut stranger) = (renamed.profile.handle.clone(), renamed.clone());
    renamed.profile.handle = Handle::parse("renamed").unwrap();
    renamed.observed_at = given + days(1);
    (stranger.profile.id, stranger.observed_at) = (CreatorId::try_from(77).unwrap(), plan.as_of);
    for profile in [renamed, stranger.clone()] {
        let seen =
            Snapshot { profile, videos: Vec::new(), refused: Vec::new(), block: None, disagreements: Vec::new() };
        store.record(&seen).await.unwrap();
    }
    assert_eq!(CreatorStore::find(&store, &old).await.unwrap().unwrap().id, stranger.profile.id);
    let options = ReportOptions::default();
    let found = settle_due(&store, &store, &store, given + days(80), &options, 100).await.unwrap();
    assert_eq!((found.settled, found.waiting), (0, advised.len() as u64), "what a stranger has tells nothing");

    // Nor is the stranger told that it was said before; the account is, by whatever name.
    let mut of_stranger = before.clone();
    of_stranger.id = Some(stranger.profile.id);
    assert_eq!(advice_so_far(&store, user, &of_stranger).await.unwrap().0, []);
    let again = advise(&store, user, kept.id, &of_stranger, &told, given + days(1)).await.unwrap();
    assert_eq!(again.len(), advised.len());
    let mut of_renamed = before.clone();
    of_renamed.handle = Handle::parse("renamed").unwrap();
    assert_eq!(advise(&store, user, kept.id, &of_renamed, &told, given + days(1)).await.unwrap(), []);
}
