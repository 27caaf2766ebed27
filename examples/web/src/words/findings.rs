//! What a report found, in sentences: growth, forecast, time of posting, lifts, posts that stand out, peers, oddities.

use compass_core::analytics::{
    BestTime, CreatorReport, Feature, FeatureKind, Interval, Lift, Mark, Metric, MetricUnit, Quality, SignalKind,
    TimeComparison, Trend,
};
use jiff::{civil::Date, tz::TimeZone};

use super::{amount, day, listed, thousands};

/// A finding: what it is about, and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) about: &'static str,
    pub(crate) sentence: String,
}

/// Everything that the report found or looked for in vain.
pub(crate) fn findings(report: &CreatorReport) -> Vec<Finding> {
    let found = [
        ("Pace of growth", pace(report)),
        ("In four weeks", forecast(report)),
        ("Best time", Some(best_time(report))),
        ("What helps", Some(lifts(report))),
        ("Standing out", standouts(report)),
        ("Among peers", peers(report)),
        ("Worth a look", oddities(report)),
    ];
    found.into_iter().filter_map(|(about, sentence)| Some(Finding { about, sentence: sentence? })).collect()
}

/// Whether growth speeds up or slows down, and where its pace changed.
pub(crate) fn pace(report: &CreatorReport) -> Option<String> {
    let trend = report.growth.followers.as_ref()?;
    let Some(test) = trend.test else {
        return Some(
            "Not sure yet: it takes looks on more days to tell whether growth speeds up or slows down.".into(),
        );
    };
    let direction = match test.trend {
        Trend::Rising => "The account gains more followers a day than it did.",
        Trend::Falling => "The account gains fewer followers a day than it did.",
        Trend::NotShown => "Nothing shows that growth speeds up or slows down.",
    };
    let turn = trend.change_points.last().map(|turn| {
        let [before, after] = [turn.before, turn.after].map(|pace| amount(MetricUnit::GrowthPerDay, pace));
        format!(" Since {} it changes by {after} a day; before, by {before}.", date(turn.day))
    });
    Some(format!("{direction}{} {}", turn.unwrap_or_default(), evidence(trend.days, test.test.p)))
}

fn evidence(days: u64, p: f64) -> String {
    format!("({} days with a look; {})", thousands(days), chance(p))
}

fn date(day: Date) -> String {
    day.strftime("%-d %b %Y").to_string()
}

/// How often chance alone does as much.
fn chance(p: f64) -> String {
    let (cases, all) = if p < 0.01 { (p * 1000.0, 1000) } else { (p * 100.0, 100) };
    let cases = match cases {
        ..1.0 => "fewer than 1".to_owned(),
        cases => format!("{cases:.0}"),
    };
    format!("chance alone does as much in {cases} of {} cases", thousands(all))
}

/// The followers in four weeks, and how such forecasts did.
pub(crate) fn forecast(report: &CreatorReport) -> Option<String> {
    let forecast = &report.growth.forecast;
    let end = forecast.end.value?;
    let followers = amount(MetricUnit::Followers, end);
    let range = match forecast.end.interval {
        Some(interval) => format!("{} ({})", between(MetricUnit::Followers, interval), percent(interval.level)),
        None => "how far off that can be is not sure yet".to_owned(),
    };
    let past = match forecast.past_coverage.value {
        Some(share) if forecast.end.interval.is_some() => format!(
            " Intervals made so on earlier days held {} of {} later counts.",
            percent(share),
            thousands(forecast.past_coverage.n)
        ),
        _ => String::new(),
    };
    Some(format!("About {followers} followers if things go on as they have: {range}.{past}"))
}

/// Whether some hours do better than others.
pub(crate) fn best_time(report: &CreatorReport) -> String {
    let zone = report.posting.zone.name();
    match &report.posting.best_time {
        BestTime::NotEnoughVariety(experiment) => {
            let hours: Vec<String> = experiment.first_hours.iter().map(|&hour| block(hour)).collect();
            let hours: Vec<&str> = hours.iter().map(String::as_str).collect();
            format!(
                "Not sure yet: too few posts, or always at the same time. To find out, post {} times each at {} ({zone}).",
                experiment.posts_each,
                listed(&hours)
            )
        }
        BestTime::NoEvidence(times) => format!(
            "Not sure yet: chance alone explains the differences between hours ({} posts; {}).",
            thousands(times.lift.n),
            chance(times.p)
        ),
        BestTime::Evidence(times) => evidence_of_time(times, zone),
    }
}

fn evidence_of_time(times: &TimeComparison, zone: &str) -> String {
    let lift = amount(MetricUnit::Lift, times.lift.value.unwrap_or_default());
    let range = times
        .lift
        .interval
        .map_or_else(String::new, |i| format!(" ({}, {} interval)", between(MetricUnit::Lift, i), percent(i.level)));
    let realised = times.realised.value.map_or_else(String::new, |value| {
        format!(" Chosen on half of the posts, it brought {} on the other half.", amount(MetricUnit::Lift, value))
    });
    format!(
        "Posts at {} ({zone}) get {lift} views{range}, from {} posts; {}.{realised}",
        block(times.best_first_hour),
        thousands(times.lift.n),
        chance(times.p)
    )
}

/// Three hours of the day by the first: `18–21 h`.
pub(crate) fn block(first_hour: u8) -> String {
    format!("{first_hour:02}\u{2013}{:02} h", (first_hour + 3) % 24)
}

/// What hashtags, sounds, lengths and formats bring.
pub(crate) fn lifts(report: &CreatorReport) -> String {
    let lifts = &report.lifts;
    match (lifts.tested, lifts.survived) {
        (0, _) => "Not sure yet: nothing is on five posts and missing on five others.".to_owned(),
        (tested, 0) => format!("{} tested, none is more than chance.", things(tested)),
        (tested, survived) => {
            let told: Vec<String> =
                lifts.lifts.iter().filter(|lift| lift.survives).take(3).map(lift_in_words).collect();
            format!("{} tested, {survived} more than chance: {}.", things(tested), told.join("; "))
        }
    }
}

fn things(n: u64) -> String {
    format!("{} {}", thousands(n), if n == 1 { "thing" } else { "things" })
}

fn lift_in_words(lift: &Lift) -> String {
    let names: Vec<String> = lift.features.iter().map(|of| feature(of, lift)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let value = lift.lift.value.map_or_else(|| "unknown".to_owned(), |value| amount(MetricUnit::Lift, value));
    let range = lift.lift.interval.map_or_else(String::new, |i| format!(" ({})", between(MetricUnit::Lift, i)));
    format!("{} {value} views{range} on {} posts", listed(&names), lift.with)
}

/// What posts have in common, by name; a sound by the newest of these posts, since nobody can look for its number.
pub(crate) fn feature(feature: &Feature, of: &Lift) -> String {
    match (feature.kind, of.newest) {
        (FeatureKind::Hashtag, _) => format!("#{}", feature.name),
        (FeatureKind::Sound, Some(newest)) => format!("the sound of the post of {}", day(newest, &TimeZone::UTC)),
        (FeatureKind::Sound, None) => format!("sound {}", feature.name),
        (FeatureKind::Length, _) => feature.name.clone(),
        (FeatureKind::Format, _) => format!("{} posts", feature.name),
    }
}

/// How many posts stand out.
pub(crate) fn standouts(report: &CreatorReport) -> Option<String> {
    let compared = report.videos.iter().filter(|video| video.standout.z.is_some()).count();
    let with = |mark| report.videos.iter().filter(|video| video.standout.mark == Some(mark)).count();
    let known = thousands(compared as u64);
    (compared > 0).then(|| match (with(Mark::Breakout), with(Mark::Flop)) {
        (0, 0) => format!("None of {known} posts is far from the others at equal age."),
        (up, 0) => format!("{up} of {known} posts broke out: far above the others at equal age."),
        (0, down) => format!("{down} of {known} posts fell far below the others at equal age."),
        (up, down) => format!("Of {known} posts {up} broke out and {down} fell far below the others at equal age."),
    })
}

/// Where the creator stands among others.
fn peers(report: &CreatorReport) -> Option<String> {
    let told = report.benchmarks.iter().filter_map(|standing| {
        let (metric, share) = (Metric::find(standing.metric)?, standing.percentile.value?);
        let is_headline = Metric::headlines().iter().any(|headline| headline.id == metric.id);
        let name = metric.name.to_lowercase();
        let others = thousands(standing.percentile.n);
        is_headline.then(|| format!("{name} above {} of {others} of its size", percent(share)))
    });
    let told: Vec<String> = told.collect();
    let too_few = report.benchmarks.iter().find_map(|standing| match standing.percentile.quality {
        Quality::TooFew { needed } => Some((standing.percentile.n, needed)),
        _ => None,
    });
    match (told.is_empty(), too_few) {
        (false, _) => Some(format!("{}.", capital(&told.join("; ")))),
        (true, Some((0, _))) | (true, None) => None,
        (true, Some((n, needed))) => {
            Some(format!("Not sure yet: {n} creators of its size are known, {needed} are needed."))
        }
    }
}

/// What looks unusual.
fn oddities(report: &CreatorReport) -> Option<String> {
    let jumps = report.authenticity.iter().filter(|signal| signal.kind == SignalKind::FollowerJump);
    let told: Vec<String> = jumps
        .filter_map(|signal| signal.jump.as_ref())
        .map(|jump| {
            let [gained, usual] = [jump.gained, jump.usual].map(|n| amount(MetricUnit::FollowersPerDay, n));
            format!("{gained} followers on {} ({usual} on a usual day) and no post that explains them", date(jump.day))
        })
        .collect();
    (!told.is_empty()).then(|| format!("{}.", capital(&told.join("; "))))
}

fn between(unit: MetricUnit, interval: Interval) -> String {
    format!("{} to {}", amount(unit, interval.lo), amount(unit, interval.hi))
}

/// A part of a whole in whole percents.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}

/// The text with a capital letter at its beginning.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use compass_core::{
        Count,
        analytics::{ReportOptions, creator_report},
        samples::World,
        testing::planted::{Growth, Plan},
    };
    use jiff::Timestamp;

    use super::*;

    fn found(plan: &Plan) -> Vec<Finding> {
        let creator = plan.creator(1);
        let options = ReportOptions::default();
        findings(&creator_report(&creator.profile(), &creator.looks(), &creator.videos(), plan.as_of, &options))
    }

    fn sentence(plan: &Plan, about: &str) -> String {
        found(plan).into_iter().find(|finding| finding.about == about).unwrap().sentence
    }

    #[test]
    fn a_creator_without_any_effect_is_told_so() {
        let plan = Plan { posts: 120, ..Plan::default() };
        assert!(sentence(&plan, "Best time").starts_with("Not sure yet: chance alone"));
        assert!(
            sentence(&plan, "What helps").starts_with("Not sure yet") || sentence(&plan, "What helps").contains("none")
        );
    }

    #[test]
    fn a_planted_hour_is_told_with_its_evidence() {
        let mut hour_lift = [0.0; 8];
        hour_lift[6] = 1.5;
        let plan = Plan { posts: 200, views_spread: 0.4, hour_lift, growth: Some(Growth::USUAL), ..Plan::default() };
        let told = sentence(&plan, "Best time");
        assert!(told.starts_with("Posts at 18\u{2013}21 h") && told.contains("200 posts"), "{told}");
    }

    #[test]
    fn chance_is_told_in_cases() {
        for (p, told) in [
            (0.0, "fewer than 1 of 1,000 cases"),
            (0.004, "4 of 1,000 cases"),
            (0.041, "4 of 100 cases"),
            (0.48, "48 of 100 cases"),
            (0.9997, "100 of 100 cases"),
            (1.0, "100 of 100 cases"),
        ] {
            assert_eq!(chance(p), format!("chance alone does as much in {told}"), "{p}");
        }
    }

    #[test]
    fn an_account_that_shrinks_is_not_told_that_it_grows() {
        let now: Timestamp = "2026-05-01T12:00:00Z".parse().unwrap();
        let world = World::standard();
        let creator = &world.creators()[0];
        let mut looks: Vec<_> = creator.history(now, 60).into_iter().map(|look| look.profile).collect();
        for (day, look) in (0..).zip(&mut looks) {
            let followers = if day < 30 { 50_000 + 300 * day } else { 59_000 - 250 * (day - 30) };
            look.counts.followers = Count::exact(followers).ok();
        }
        let report = creator_report(&creator.profile(), &looks, &[], now, &ReportOptions::default());
        let told = pace(&report).unwrap();
        assert!(told.contains(" 2026 it changes by \u{2212}0.") && !told.contains("grows"), "{told}");
        assert!(!told.contains("2026-"), "{told}");
    }

    #[test]
    fn few_posts_lead_to_an_experiment() {
        let told = sentence(&Plan { posts: 6, ..Plan::default() }, "Best time");
        assert!(told.contains("To find out, post"), "{told}");
    }
}
