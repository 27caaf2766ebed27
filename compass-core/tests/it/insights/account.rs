//! The texts on the account and its audience, of figures that are set by hand.

use std::collections::BTreeSet;

use compass_core::{
    Count, DatedBy,
    analytics::{
        AudienceFit, AudienceSource, ChangePoint, Cpm, DailyCount, Dimension, DimensionFit, Forecast, ForecastDay,
        HourOfDay, Level, LevelTrend, Mark, MetricId, OwnSection, PostEvidence, PostValue, Trend, TrendTest,
    },
    recommend::{Call, Certainty, Direction, Evidence},
    stats::{MannKendall, MannKendallVariant},
    testing::planted::Plan,
};

use super::{
    report,
    texts::{empty, figure, insight},
    told,
};

/// A hundred daily looks at the followers, up to the day of the report.
fn followers(p: f64, s: f64) -> LevelTrend {
    let test = MannKendall {
        variant: MannKendallVariant::SeasonalCorrelated,
        n: 100,
        s,
        var_s: 1.0,
        z: 3.0,
        p,
        tau: s / 1_000.0,
        slope: None,
    };
    LevelTrend {
        level: Level::Followers,
        first_day: "2026-01-21".parse().unwrap(),
        last_day: "2026-05-01".parse().unwrap(),
        days: 100,
        missing_days: 0,
        counts: Vec::new(),
        changes: Vec::new(),
        test: Some(TrendTest { test, below: 0.05, trend: Trend::NotShown }),
        change_points: Vec::new(),
    }
}

#[test]
fn trend_is_told_if_it_is_more_than_chance_and_of_now() {
    let mut report = empty();
    report.growth.followers = Some(followers(0.001, -400.0));
    let trend = insight(&report, "trend");
    assert_eq!(
        trend.text,
        "Your growth is slowing down: your daily gain of followers falls over 100 days that were compared. This is well \
         supported."
    );
    assert_eq!((trend.call, trend.certainty, trend.direction), (Call::Know, Certainty::Sure, Some(Direction::Down)));
    // A Kendall tau is no number of followers a day.
    assert_eq!((trend.facts[0].value, trend.facts[0].metric), (Some(-0.4), None));
    let is_told = |followers: LevelTrend| {
        let mut report = empty();
        report.growth.followers = Some(followers);
        told(&report).insights.iter().any(|insight| insight.id == "trend")
    };
    assert!(is_told(followers(0.02, 400.0)));
    assert!(!is_told(followers(0.04, 400.0)));
    assert!(!is_told(LevelTrend { last_day: "2026-03-31".parse().unwrap(), ..followers(0.001, 400.0) }));
}

#[test]
fn change_of_pace_is_told_in_followers_a_day_while_it_is_news() {
    let mut report = empty();
    report.counts.followers = Some(Count::exact(100_000).unwrap());
    let change = |day: &str| ChangePoint { day: day.parse().unwrap(), before: 0.000_1, after: 0.000_4 };
    let changes = vec![change("2026-02-10"), change("2026-04-10")];
    report.growth.followers = Some(LevelTrend { change_points: changes, test: None, ..followers(1.0, 0.0) });
    // 100,000 (exp(0.0004) - 1) = 40.01.
    assert_eq!(
        insight(&report, "change:2026-04-10").text,
        "Since 2026-04-10 your followers change by about +40 a day; before it was +10. Look at what you did differently around \
         that day. Not sure yet."
    );
    // There were 80,000 on the day before: 80,000 (exp(0.0001) - 1) = 8.0004.
    let count = |day: &str, count| DailyCount { day: day.parse().unwrap(), count: Count::exact(count).unwrap() };
    let counts = vec![count("2026-03-01", 70_000), count("2026-04-09", 80_000), count("2026-04-11", 99_000)];
    report.growth.followers.as_mut().unwrap().counts = counts;
    let told_of = insight(&report, "change:2026-04-10");
    assert!(told_of.text.starts_with("Since 2026-04-10 your followers change by about +40 a day; before it was +8."));
    assert_eq!(told_of.certainty, Certainty::NotSureYet, "nobody tested it");
    report.growth.followers.as_mut().unwrap().change_points.pop();
    assert!(told(&report).insights.iter().all(|insight| !insight.id.starts_with("change")), "it is 80 days old");
}

#[test]
fn outlook_is_told_where_the_past_tells_how_far_off_it_can_be() {
    let mut report = empty();
    let day = ForecastDay { day: "2026-05-29".parse().unwrap(), value: 52_345.0, interval: None };
    let end = figure(MetricId::FOLLOWER_FORECAST, 300, 52_345.0, Some((51_720.0, 53_090.0)));
    report.growth.forecast = Forecast { end, days: vec![day], ..report.growth.forecast };
    assert_eq!(
        insight(&report, "outlook").text,
        "If things go on as they have, you have 52,300 followers on 2026-05-29 (51,700 to 53,100), by 300 days of your account."
    );
    report.growth.forecast.end.interval = None;
    assert!(told(&report).insights.iter().all(|insight| insight.id != "outlook"));
}

#[test]
fn posts_far_ahead_are_told_with_the_posts_themselves() {
    let mut report = report(&Plan { posts: 30, ..Plan::default() }, 1);
    report.videos.iter_mut().for_each(|video| (video.standout.z, video.standout.mark) = (Some(0.0), None));
    report.videos[4].standout.mark = Some(Mark::Breakout);
    let day = report.videos[4].created_at.to_string()[..10].to_owned();
    let breakouts = insight(&report, "breakouts");
    assert_eq!(
        breakouts.text,
        format!(
            "1 of your 30 posts is far ahead of the others, the post of {day}. Look at what was different there, and try it \
             again. Not sure yet."
        )
    );
    assert_eq!((breakouts.call, breakouts.certainty), (Call::Try, Certainty::NotSureYet));
    assert_eq!(breakouts.facts[0].evidence, Evidence::SomePosts { posts: vec![report.videos[4].id] });
    report.videos[2].standout.mark = Some(Mark::Flop);
    report.videos[20].standout.mark = Some(Mark::Flop);
    let day = report.videos[2].created_at.to_string()[..10].to_owned();
    assert_eq!(
        insight(&report, "flops").text,
        format!("2 of your 30 posts are far behind the others, the last of {day}. Not sure yet.")
    );
}

#[test]
fn audience_is_told_with_what_is_not_known_of_it() {
    let mut report = empty();
    let mut overall = figure(MetricId::AUDIENCE_MATCH, 2, 0.62, None);
    overall.interval = Some(compass_core::analytics::Interval { lo: 0.55, hi: 0.7, level: 1.0 });
    let part =
        |dimension, value| DimensionFit { dimension, source: None, posts: None, weight: 0.5, value, lo: 0.0, hi: 1.0 };
    let parts =
        vec![part(Dimension::Gender, Some(0.95)), part(Dimension::Territory, Some(0.4)), part(Dimension::Age, None)];
    report.audience = Some(AudienceFit { source: AudienceSource::StudioExport, overall, parts });
    let fit = insight(&report, "audience_fit");
    assert_eq!(
        fit.text,
        "Your audience matches what is wanted at 62 % (55 % to 70 %, whatever is not known of it). Furthest from it: territory, \
         at 40 %."
    );
    assert_eq!(fit.certainty, Certainty::Likely);
    let hours = [(9, 120.0), (19, 310.0), (21, 250.0)].map(|(hour, followers)| HourOfDay { hour, followers });
    report.own = Some(OwnSection {
        exported_on: None,
        dated_by: DatedBy::FileName,
        totals: None,
        days: Vec::new(),
        followers: Vec::new(),
        active_hours: hours.to_vec(),
        active_hours_of: Some("2026-04-28".parse().unwrap()),
        followed_since: Vec::new(),
        followed_since_of: None,
    });
    assert_eq!(
        insight(&report, "active_hours").text,
        "Your followers are most active around 19:00 by your clock, as your export of 2026-04-28 tells. A time to try, if you \
         have not."
    );
}

/// What is guessed is said to be, and the best guess, which leaves 70 % to 100 %, is not told as the worst.
#[test]
fn guessed_parts_of_an_audience_are_told_as_guesses() {
    let mut report = empty();
    let mut overall = figure(MetricId::AUDIENCE_MATCH, 2, 0.87, None);
    overall.interval = Some(compass_core::analytics::Interval { lo: 0.79, hi: 0.95, level: 1.0 });
    let posts = PostEvidence { posts: 30, matching: 30, unknown: 0 };
    let (inferred, told) = (Some(AudienceSource::Inferred), Some(AudienceSource::StudioExport));
    let guess = |dimension, lo: f64, hi: f64| DimensionFit {
        dimension,
        source: inferred,
        posts: Some(posts),
        weight: 0.5,
        value: Some(f64::midpoint(lo, hi)),
        lo,
        hi,
    };
    let language = guess(Dimension::Language, 0.7, 1.0);
    let of_export = DimensionFit { source: told, posts: None, ..guess(Dimension::Territory, 0.89, 0.89) };
    let parts = vec![of_export, language.clone()];
    report.audience = Some(AudienceFit { source: AudienceSource::StudioExport, overall: overall.clone(), parts });
    assert_eq!(
        insight(&report, "audience_fit").text,
        "Your audience matches what is wanted at 87 % (79 % to 95 %, whatever is not known of it, in parts guessed from your posts). \
         Furthest from it: territory, at 89 %."
    );
    let parts = vec![language, guess(Dimension::Interests, 0.07, 0.37)];
    report.audience = Some(AudienceFit { source: AudienceSource::Inferred, overall, parts });
    assert_eq!(
        insight(&report, "audience_fit").text,
        "As far as your posts let guess, your audience matches what is wanted at 87 % (79 % to 95 %, whatever is not known of it). \
         Furthest from it: interests, at 22 %."
    );
}

#[test]
fn value_names_its_prices() {
    let mut report = empty();
    report.value = Some(PostValue {
        cpm: Cpm::new(2.0, 4.0, "EUR", "2026-01-15".parse().unwrap()).unwrap(),
        mean: figure(MetricId::POST_VALUE, 30, 95.0, None),
        single: figure(MetricId::POST_VALUE_SINGLE, 30, 61.4, Some((18.2, 203.0))),
    });
    assert_eq!(
        insight(&report, "value").text,
        "Your next post is worth about 61 EUR by its views; 80 % of such posts lie between 18 and 203. Prices as of 2026-01-15, \
         30 posts."
    );
}

#[test]
fn every_slot_stands_in_its_template_once() {
    let mut slots = 0;
    for seed in 0..20 {
        for insight in told(&report(&Plan { posts: 10 * seed as usize, ..Plan::default() }, seed)).insights {
            let names: Vec<&str> = insight
                .wording
                .template
                .split("{{")
                .skip(1)
                .filter_map(|rest| Some(rest.split_once("}}")?.0))
                .collect();
            let unique: BTreeSet<&str> = names.iter().copied().collect();
            let filled: BTreeSet<&str> = insight.wording.slots.keys().map(String::as_str).collect();
            assert_eq!((unique.len(), &unique), (names.len(), &filled), "{}", insight.wording.template);
            slots += names.len();
        }
    }
    assert!(slots > 200, "{slots}");
}
