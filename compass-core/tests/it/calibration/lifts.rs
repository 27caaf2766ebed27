//! Claims about hashtags, sounds, lengths and formats, with and without a lift.

use compass_core::{
    analytics::{CreatorReport, FeatureKind, Lift},
    testing::planted::{Feature, Plan, PlantedCreator, Shape, Usage, What},
};

use super::{
    Coverage,
    ages::{GROWTHS, plan, with_corpus},
    claims::{assert_few_claims, assert_power},
    over_creators,
};

fn feature(what: What, lift: f64, usage: Usage) -> Feature {
    Feature { what, lift, usage }
}

fn tag(name: &str, lift: f64, usage: Usage) -> Feature {
    feature(What::Hashtag(name.to_owned()), lift, usage)
}

/// Hashtags of all habits, two sounds, a length and photo posts; three of them with so much of a lift.
fn features(lift: f64) -> Vec<Feature> {
    vec![
        tag("often", lift, Usage::Share(0.3)),
        tag("companion", 0.0, Usage::With(0, 0.7)),
        tag("usual", 0.0, Usage::Share(0.5)),
        tag("seldom", -lift, Usage::Share(0.12)),
        tag("season", 0.0, Usage::Run(0.3..0.6)),
        tag("lately", 0.0, Usage::Run(0.8..1.0)),
        feature(What::Sound("7001".to_owned()), 0.0, Usage::Share(0.2)),
        feature(What::Sound("7002".to_owned()), lift, Usage::Share(0.2)),
        feature(What::Photo, 0.0, Usage::Share(0.25)),
    ]
}

fn with(features: Vec<Feature>, posts: usize) -> Plan {
    Plan { features, posts, ..plan(GROWTHS[0], &[0.0]) }
}

/// Which of the plan's features a lift is about, if it is about one of them alone.
fn planned(creator: &PlantedCreator, lift: &Lift) -> Option<usize> {
    let [told] = lift.features.as_slice() else { return None };
    creator.plan.features.iter().position(|feature| match &feature.what {
        What::Hashtag(name) => told.kind == FeatureKind::Hashtag && told.name == *name,
        What::Sound(id) => told.kind == FeatureKind::Sound && told.name == *id,
        What::Length(_) | What::Photo => false,
    })
}

/// How much more ln of views was planted into the posts with a feature than into the others.
fn truth(creator: &PlantedCreator, feature: usize) -> f64 {
    let mean = |has: bool| {
        let lifts = creator.posts.iter().filter(|post| post.features.contains(&feature) == has).map(|post| post.lift);
        let (sum, n) = lifts.fold((0.0, 0.0), |(sum, n), lift| (sum + lift, n + 1.0));
        sum / n
    };
    mean(true) - mean(false)
}

fn survived(_: &PlantedCreator, report: &CreatorReport) -> bool {
    report.lifts.survived > 0
}

#[test]
fn nothing_is_seldom_said_to_lift_views_where_nothing_does() {
    let null = with(features(0.0), 100);
    for (name, plan) in [
        ("null", null.clone()),
        ("heavy tails", Plan { views_shape: Shape::HeavyTails, ..null.clone() }),
        ("skewed", Plan { views_shape: Shape::Skewed, ..null.clone() }),
        ("falling level", Plan { drift: -2.0, ..null.clone() }),
        ("persistence", Plan { persistence: 0.15, ..null.clone() }),
        ("30 posts", Plan { posts: 30, ..null }),
    ] {
        assert_few_claims(name, &over_creators(&plan, &with_corpus(GROWTHS[0]), 600, survived));
    }
}

#[test]
fn planted_lifts_are_found() {
    for (posts, lift, floor) in [(100, 0.5, 0.1), (100, 1.0, 0.6), (300, 0.5, 0.5)] {
        let found = over_creators(&with(features(lift), posts), &with_corpus(GROWTHS[0]), 200, |creator, report| {
            report.lifts.lifts.iter().any(|lift| lift.survives && planned(creator, lift) == Some(0))
        });
        assert_power(&format!("{posts} posts, a tag on three in ten of lift {lift}"), &found, floor);
    }
}

#[test]
fn lifts_lie_in_their_intervals_and_are_not_overstated() {
    let mut off = Vec::new();
    for (name, plan) in [
        ("no lift", with(features(0.0), 100)),
        ("lift 0.5", with(features(0.5), 100)),
        ("lift 0.5, heavy tails", Plan { views_shape: Shape::HeavyTails, ..with(features(0.5), 100) }),
    ] {
        let told = over_creators(&plan, &with_corpus(GROWTHS[0]), 800, |creator, report| {
            let of = |lift: &Lift| planned(creator, lift).map(|f| (f, lift.lift.clone(), truth(creator, f)));
            report.lifts.lifts.iter().filter_map(of).collect::<Vec<_>>()
        });
        let mut all = Coverage::default();
        for (place, feature) in plan.features.iter().enumerate() {
            let (mut coverage, mut bias, mut true_lift) = (Coverage::default(), 0.0, 0.0);
            for (_, lift, truth) in told.iter().flatten().filter(|(f, ..)| *f == place) {
                coverage.count(lift, truth.exp_m1());
                all.count(lift, truth.exp_m1());
                bias += lift.value.unwrap().ln_1p() - truth;
                true_lift += truth;
            }
            // A run of the newest posts is seldom told apart from the level of that time.
            if coverage.total() < 100 {
                continue;
            }
            let n = f64::from(coverage.total());
            let (bias, true_lift) = (bias / n, true_lift / n);
            println!("{name}, {:?}: true {true_lift:+.3}, told {bias:+.3} off, {coverage}", feature.what);
            // Shrunken: what is there is told as less, and what is not as nothing.
            let away_from_zero = if true_lift.abs() < 0.02 { bias.abs() } else { bias * true_lift.signum() };
            off.extend((away_from_zero > 0.02).then(|| format!("{name}, {:?}: {bias:+.3}", feature.what)));
        }
        println!("{name}, all: {all}");
        // Lifts of one creator hang together: 800 creators leave the coverage open by half a point.
        off.extend(((all.share() - all.level).abs() > 0.025).then(|| format!("{name}: {all}")));
    }
    assert!(off.is_empty(), "{off:#?}");
}
