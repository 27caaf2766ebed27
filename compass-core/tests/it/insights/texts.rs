//! The texts, word by word, of figures that are set by hand.

use compass_core::{
    Handle,
    analytics::{
        BestTime, CreatorReport, Estimate, Feature, FeatureKind, FollowerJump, Interval, Lift, Lifts, MetricId,
        PostingExperiment, Quality, Signal, SignalKind, Standing, Tier, TimeCell, TimeComparison,
    },
    recommend::{Call, Certainty, Direction, Insight, InsightOptions, Told, insights},
    testing::planted::Plan,
};
use jiff::Timestamp;
use serde_json::json;

use super::{report, told};

fn now() -> Timestamp {
    Plan::default().as_of
}

pub(super) fn figure(id: MetricId, n: usize, value: f64, interval: Option<(f64, f64)>) -> Estimate {
    Estimate::new(id, now(), n, value, interval.map(|(lo, hi)| Interval { lo, hi, level: 0.8 }))
}

/// A report that says nothing of its own.
pub(super) fn empty() -> CreatorReport {
    let mut report = report(&Plan { posts: 0, ..Plan::default() }, 1);
    report.handle = Handle::parse("steady").unwrap();
    report.metrics.clear();
    report
}

/// Posts that differ by a factor of e: it would take 97 in each arm to tell half as many views again.
fn spread(report: &mut CreatorReport) {
    report.posting.experiment = figure(MetricId::POSTS_PER_ARM, 60, 97.0, None);
}

fn comparison(lift: f64, interval: (f64, f64), p: f64) -> TimeComparison {
    TimeComparison {
        best_first_hour: 18,
        lift: figure(MetricId::BEST_TIME_LIFT, 60, lift, Some(interval)),
        p,
        realised: figure(MetricId::BEST_TIME_REALISED, 60, 0.08, None),
        blocks: vec![TimeCell { at: 18, n: 20, lift, log_lift: lift.ln_1p(), probability_best: 0.9 }],
        weekdays: Vec::new(),
    }
}

fn with_lifts(lifts: &[(Feature, f64, (f64, f64), f64)]) -> CreatorReport {
    let mut report = empty();
    spread(&mut report);
    let lifts = lifts.iter().map(|(feature, value, interval, p)| Lift {
        features: vec![feature.clone()],
        with: 14,
        newest: Some("2026-04-28T23:30:00Z".parse().unwrap()),
        claimed: None,
        lift: figure(MetricId::FEATURE_LIFT, 60, *value, Some(*interval)),
        p: *p,
        q: *p,
        survives: *p <= 0.04,
    });
    report.lifts = Lifts { tested: 0, survived: 0, lifts: lifts.collect() };
    report
}

fn feature(kind: FeatureKind, name: &str) -> Feature {
    Feature { kind, name: name.to_owned() }
}

#[track_caller]
pub(super) fn insight(report: &CreatorReport, id: &str) -> Insight {
    let all = told(report);
    let found = all.insights.iter().find(|insight| insight.id == id).cloned();
    found.unwrap_or_else(|| panic!("no {id} among {:?}", all.insights.iter().map(|i| &i.id).collect::<Vec<_>>()))
}

#[test]
fn best_time_that_holds_is_something_to_do_with_its_receipts() {
    let mut report = empty();
    report.posting.best_time = BestTime::Evidence(comparison(0.3, (0.12, 0.51), 0.01));
    let told = insight(&report, "best_time");
    assert_eq!(
        told.text,
        "Your posts from 18:00 to 21:00 (UTC) had 30 % more views than your usual mix of hours (12 % to 51 %): 20 of 60 \
         posts. Post in these hours more often. This is likely, not certain."
    );
    assert_eq!((told.call, told.certainty, told.direction), (Call::Do, Certainty::Likely, Some(Direction::Up)));
    let receipts = told.receipts.unwrap();
    assert_eq!((receipts.claimed, receipts.shrunken, receipts.realised), (None, 0.3, Some(0.08)));
    assert_eq!((told.facts[0].p, told.facts[0].q, told.facts[0].n), (Some(0.01), Some(0.01), 20));
}

#[test]
fn best_time_that_may_be_chance_tells_how_many_posts_would_tell() {
    let mut report = empty();
    spread(&mut report);
    report.posting.best_time = BestTime::NoEvidence(comparison(0.5, (-0.02, 1.1), 0.2));
    // The deviation is 1.0029: sqrt((97 - 0.9604) / 2) ln(1.5) / 2.8016. The lift is over a habit of which the block is a
    // third: over the other posts it is ln(1.5) 3 / 2 = 0.6082. That takes 2 (2.8016 x 1.0029 / 0.6082)^2 + 0.96 = 43.6, so 44
    // posts in each arm, of which there are 20.
    let told = insight(&report, "best_time");
    assert_eq!(
        told.text,
        "Posting from 18:00 to 21:00 (UTC) instead of your usual mix of hours: +50 % views (-2 % to +110 %) in 20 posts, not \
         sure yet; 24 more posts at that time would tell."
    );
    assert_eq!((told.call, told.certainty, told.direction), (Call::Try, Certainty::NotSureYet, None));
    report.posting.best_time = BestTime::NoEvidence(comparison(0.04, (-0.02, 0.11), 0.3));
    let told = insight(&report, "best_time");
    assert_eq!(
        told.text,
        "Posting from 18:00 to 21:00 (UTC) instead of your usual mix of hours: +4 % views (-2 % to +11 %) in 20 posts, not \
         sure yet; so small a difference takes more posts to tell than it is worth."
    );
    assert_eq!(told.call, Call::Know);
    report.posting.best_time = BestTime::NoEvidence(comparison(0.001, (-0.02, 0.11), 0.3));
    assert_eq!(
        insight(&report, "best_time").text,
        "No hours of the day stand out for you: 60 posts compared. Post when it suits you. Not sure yet."
    );
}

#[test]
fn hours_that_cannot_be_compared_come_with_a_way_to_find_out() {
    let mut report = empty();
    let suggested = PostingExperiment { first_hours: vec![18, 12, 6], posts_each: 34, lift: 1.0 };
    report.posting.best_time = BestTime::NotEnoughVariety(suggested.clone());
    let told = insight(&report, "best_time");
    assert_eq!(
        told.text,
        "Too little is known to compare your hours of posting: too few posts with known views (0 so far), or all at the same \
         time of the day. 34 posts in each of the blocks from 18:00, 12:00 and 06:00 (UTC), in random order, would tell whether views differ \
         by 100 %."
    );
    assert_eq!((told.call, told.certainty), (Call::Wait, Certainty::NotSureYet));
    report.posting.best_time = BestTime::NotEnoughVariety(PostingExperiment { posts_each: u64::MAX, ..suggested });
    assert!(insight(&report, "best_time").text.ends_with("all at the same time of the day."));
}

#[test]
fn lifts_that_survive_are_something_to_do_and_a_promising_one_to_try() {
    let report = with_lifts(&[
        (feature(FeatureKind::Hashtag, "recipe"), 0.3, (0.12, 0.51), 0.001),
        (feature(FeatureKind::Length, "under 15 s"), -0.2, (-0.33, -0.05), 0.01),
        (feature(FeatureKind::Sound, "7001"), 0.8, (-0.1, 12.0), 0.2),
        (feature(FeatureKind::Hashtag, "small"), 0.02, (-0.1, 0.2), 0.8),
    ]);
    let recipe = insight(&report, "feature:hashtag:recipe");
    assert_eq!(
        recipe.text,
        "Posts with #recipe had 30 % more views than your others (12 % to 51 %): 14 of 60 posts. Use it more often where it \
         fits. This is well supported."
    );
    // Benjamini and Hochberg: 0.001 x 4 / 1, 0.01 x 4 / 2.
    assert_eq!((recipe.facts[0].q, recipe.certainty), (Some(0.004), Certainty::Sure));
    let short = insight(&report, "feature:length:under 15 s");
    assert_eq!(
        short.text,
        "Posts of under 15 s had 20 % fewer views than your others (5 % to 33 %): 14 of 60 posts. Make this length less \
         often. This is likely, not certain."
    );
    assert_eq!((short.facts[0].q, short.direction), (Some(0.02), Some(Direction::Down)));
    // A lift over posts without it, of 0.8: 2 (2.8016 x 1.0029 / ln(1.8))^2 + 0.96 = 46.7, so 47 posts in each arm, of which
    // there are 14.
    let sound = insight(&report, "feature:sound:7001");
    assert_eq!(
        sound.text,
        "Posts with the sound of your post of 2026-04-28: +80 % views (-10 % to over +1,000 %) in 14 posts, not sure yet; 33 more posts with it would \
         tell."
    );
    assert_eq!(sound.call, Call::Try);
    let all = told(&report);
    assert_eq!((all.tested, all.survived, all.to_do().count()), (4, 2, 2));
    assert!(all.insights.iter().all(|insight| insight.id != "feature:hashtag:small"));
}

#[test]
fn lift_whose_interval_holds_zero_is_nothing_to_do() {
    let report = with_lifts(&[(feature(FeatureKind::Hashtag, "recipe"), 0.3, (-0.01, 0.51), 0.0001)]);
    assert_eq!(told(&report).to_do().count(), 0);
}

#[test]
fn chance_in_one_of_many_is_nothing_to_do() {
    let mut lifts: Vec<_> =
        (0..19).map(|i| (feature(FeatureKind::Hashtag, &format!("tag{i}")), 0.0, (-0.2, 0.2), 0.5)).collect();
    lifts.push((feature(FeatureKind::Hashtag, "lucky"), 0.4, (0.1, 0.7), 0.01));
    // One of twenty at 0.01: q is 0.2.
    assert_eq!(told(&with_lifts(&lifts)).to_do().count(), 0);
}

#[test]
fn figures_are_told_with_interval_and_number() {
    let mut report = empty();
    let mut has = |figure: Estimate| report.metrics.insert(figure.id, figure);
    has(figure(MetricId::ENGAGEMENT, 30, 0.0731, Some((0.065, 0.082))));
    has(figure(MetricId::TYPICAL_VIEWS, 30, 20_514.0, Some((15_000.0, 30_000.0))));
    has(figure(MetricId::POSTS_PER_WEEK, 29, 3.52, Some((2.9, 4.2))));
    has(figure(MetricId::FOLLOWER_GROWTH, 90, -12.0, Some((-15.0, -9.5))));
    for (id, text) in [
        ("rate", "Your typical engagement rate is 7.3 % of views (6.5 % to 8.2 %) in 30 posts."),
        ("views", "A typical post of yours has 20,500 views (15,000 to 30,000) in 30 posts."),
        ("pace", "You post 3.5 times a week (2.9 to 4.2), by 29 gaps between posts."),
        ("growth", "You lose 12 followers on a usual day (9.5 to 15), 90 looks at your account."),
    ] {
        assert_eq!(insight(&report, id).text, text);
    }
    assert_eq!(insight(&report, "rate").certainty, Certainty::Sure);
    assert_eq!(insight(&report, "views").certainty, Certainty::Likely);
}

#[test]
fn figures_that_are_missing_say_what_it_takes() {
    let mut report = empty();
    let mut has = |figure: Estimate| report.metrics.insert(figure.id, figure);
    has(Estimate::none(MetricId::ENGAGEMENT, now(), 0, Quality::NoViews));
    has(figure(MetricId::TYPICAL_VIEWS, 2, 900.0, None));
    has(Estimate::none(MetricId::POSTS_PER_WEEK, now(), 0, Quality::TooFew { needed: 1 }));
    has(Estimate::none(MetricId::FOLLOWER_GROWTH, now(), 1, Quality::NoHistory));
    for (id, text) in [
        (
            "rate",
            "Your engagement rate is not known yet: it takes posts that show views, likes, comments and shares (0 so far).",
        ),
        ("views", "A typical post of yours has 900 views in 2 posts. Not sure yet."),
        ("pace", "How often you post is not known yet; posts missing for a first figure: 1."),
        (
            "growth",
            "How your followers grow is not known yet: it takes looks at your account on several days (1 so far).",
        ),
    ] {
        assert_eq!(insight(&report, id).text, text);
        assert_eq!(insight(&report, id).certainty, Certainty::NotSureYet);
    }
}

#[test]
fn place_among_peers_and_oddities_are_told() {
    let mut report = empty();
    let standing = |metric, share, interval| Standing {
        metric,
        tier: Tier::Micro,
        language: None,
        percentile: figure(MetricId::PERCENTILE, 40, share, Some(interval)),
    };
    for (id, n) in [
        (MetricId::ENGAGEMENT, 30),
        (MetricId::POSTS_PER_WEEK, 29),
        (MetricId::SHARE_RATE, 30),
        (MetricId::COMMENT_RATE, 2),
    ] {
        report.metrics.insert(id, figure(id, n, 0.1, None));
    }
    report.benchmarks = vec![
        standing(MetricId::ENGAGEMENT, 0.9, (0.77, 0.96)),
        standing(MetricId::POSTS_PER_WEEK, 0.6, (0.45, 0.74)),
        standing(MetricId::SHARE_RATE, 0.1, (0.04, 0.23)),
        // Further from the middle, but of two posts.
        standing(MetricId::COMMENT_RATE, 0.01, (0.0, 0.1)),
    ];
    let day = "2026-04-03".parse().unwrap();
    let jump = FollowerJump { day, gained: 5_210.0, usual: 40.0, z: 30.0, days: 88, posts: Vec::new() };
    report.authenticity = vec![Signal {
        kind: SignalKind::FollowerJump,
        value: jump.gained,
        standing: None,
        figures: Vec::new(),
        jump: Some(jump),
    }];
    assert_eq!(
        insight(&report, "standing:er.views.median@1").text,
        "Typical engagement rate: yours is higher than that of 90 % of 40 creators of your size (77 % to 96 %). Not sure yet."
    );
    assert_eq!(
        insight(&report, "standing:rate.share@1").text,
        "Shares per view: yours is lower than that of 90 % of 40 creators of your size (77 % to 96 %). Not sure yet."
    );
    assert_eq!(
        insight(&report, "jump:2026-04-03").text,
        "On 2026-04-03 you gained 5,210 followers, on a usual day 40, and no post of those days explains it. Whoever looks at \
         your account will ask; know the answer. Not sure yet."
    );
    let standings = told(&report).insights.into_iter().filter(|insight| insight.id.starts_with("standing:"));
    assert_eq!(standings.count(), 2);
}

#[test]
fn what_was_told_yesterday_goes_down_in_the_list() {
    let report = with_lifts(&[
        (feature(FeatureKind::Hashtag, "first"), 0.4, (0.2, 0.6), 0.0001),
        (feature(FeatureKind::Hashtag, "second"), 0.3, (0.1, 0.5), 0.0001),
    ]);
    assert_eq!(told(&report).insights[0].id, "feature:hashtag:first");
    let before = Told { id: "feature:hashtag:first".to_owned(), at: report.as_of, value: Some(0.4), seen: None };
    let again = insights(&report, &InsightOptions { told: vec![before] });
    assert_eq!(again.insights[0].id, "feature:hashtag:second");
    // ln(1.3) / ln(2), all else being 1.
    assert!((again.insights[0].rank.score - 1.3_f64.log2()).abs() < 1e-12, "{:?}", again.insights[0].rank);
}

#[test]
fn json_has_the_facts_the_slots_and_the_numbers_of_the_rank() {
    let recipe = (feature(FeatureKind::Hashtag, "recipe"), 0.3, (0.12, 0.51), 0.001);
    let json = serde_json::to_value(told(&with_lifts(&[recipe]))).unwrap();
    let first = &json["insights"][0];
    for (at, value) in [
        ("/id", json!("feature:hashtag:recipe")),
        ("/kind", json!("feature")),
        ("/call", json!("do")),
        ("/certainty", json!("sure")),
        ("/direction", json!("up")),
        ("/facts/0/id", json!("lift")),
        ("/facts/0/metric", json!("feature.lift@1")),
        ("/facts/0/interval", json!({"lo": 0.12, "hi": 0.51, "level": 0.8})),
        ("/facts/0/evidence", json!({"of": "features", "features": [{"kind": "hashtag", "name": "recipe"}]})),
        ("/slots/feature.name", json!({"form": "name", "value": "#recipe"})),
        ("/slots/lift.value", json!({"form": "share", "value": 0.3})),
        ("/rank/certainty", json!(1.0)),
    ] {
        assert_eq!(first.pointer(at), Some(&value), "{at}");
    }
    assert_eq!((&json["handle"], &json["tested"], &json["survived"]), (&json!("steady"), &json!(1), &json!(1)));
}
