//! What the posts say of when, how often and with what to post.

use jiff::civil::Date;

use super::{
    Call, Certainty, Direction, Evidence, Fact, InsightKind, Receipts, Shown, Wording,
    draft::Draft,
    family::{Family, Question},
    ranking::of_a_doubling,
    sizes::{More, deviation, more_posts},
};
use crate::{
    Zone,
    analytics::{
        BestTime, CreatorReport, Estimate, Feature, FeatureKind, Interval, Lift, MetricId, PostingExperiment,
        TimeComparison,
    },
};

pub(super) fn drafts(report: &CreatorReport, family: &Family) -> Vec<Draft> {
    let time = match &report.posting.best_time {
        BestTime::Evidence(comparison) | BestTime::NoEvidence(comparison) => compared_hours(report, comparison, family),
        BestTime::NotEnoughVariety(experiment) => Some(hours_to_try(report, experiment)),
    };
    let pace = report.metrics.get(&MetricId::POSTS_PER_WEEK).map(pace);
    time.into_iter().chain(pace).chain(features(report, family)).collect()
}

/// A difference of less is none to speak of.
const SPEAKABLE: f64 = 0.005;

/// Of the lifts that are not sure yet, so many are worth a try.
const TRIED: usize = 2;

/// A lift of less is not worth a try.
const WORTH_A_TRY: f64 = 0.05;

/// Where there is nothing to tell, that is told of so much impact.
const LITTLE: f64 = 0.1;

/// A block has three hours.
const HOURS: u8 = 3;

fn compared_hours(report: &CreatorReport, comparison: &TimeComparison, family: &Family) -> Option<Draft> {
    let answer = family.answer(Question::BestTime)?;
    let (lift, interval) = (comparison.lift.value?, comparison.lift.interval?);
    let first_hour = comparison.best_first_hour;
    let in_block = comparison.blocks.iter().find(|cell| cell.at == first_hour).map_or(0, |cell| cell.n);
    let zone = report.posting.zone.clone();
    let name = Shown::name(zone.name());
    let evidence = Evidence::Hours { first_hour, zone };
    let direction = Direction::of(Some(interval));
    let certainty = Certainty::of_test(answer, direction.filter(|&way| way == Direction::Up));
    let is_more_than_chance = certainty != Certainty::NotSureYet;
    let (from, to) = (Shown::Hour(first_hour), Shown::Hour((first_hour + HOURS) % 24));
    let others = comparison.lift.n.saturating_sub(in_block);
    // The lift is over the habit, which has the block's share of it; what has to be told is that from the other posts.
    let rest = others as f64 / comparison.lift.n as f64;
    let apart = (lift.ln_1p() / rest).exp_m1();
    let more = deviation(&report.posting).map_or(More::TooMany, |s| more_posts(s, apart, in_block, others));
    let (call, wording) = if is_more_than_chance {
        let template = format!(
            "Your posts from {{{{hours.from}}}} to {{{{hours.to}}}} ({{{{hours.zone}}}}) had {{{{lift.value}}}} more views than \
             your usual mix of hours ({{{{lift.lo}}}} to {{{{lift.hi}}}}): {{{{lift.n}}}} of {{{{posts.n}}}} posts. Post in \
             these hours more often. {}",
            certainty.words()
        );
        let slots = [
            ("hours.from", from),
            ("hours.to", to),
            ("hours.zone", name),
            ("lift.value", Shown::Share(lift)),
            ("lift.lo", Shown::Share(interval.lo)),
            ("lift.hi", Shown::Share(interval.hi)),
            ("lift.n", Shown::Count(in_block as f64)),
            ("posts.n", Shown::Count(comparison.lift.n as f64)),
        ];
        (Call::Do, Wording::new(template, slots))
    } else if lift.abs() < SPEAKABLE {
        let template = "No hours of the day stand out for you: {{posts.n}} posts compared. Post when it suits you.";
        (Call::Know, Wording::new(template, [("posts.n", Shown::Count(comparison.lift.n as f64))]))
    } else {
        let (call, end) = unsure(more, "posts at that time");
        let template = format!(
            "Posting from {{{{hours.from}}}} to {{{{hours.to}}}} ({{{{hours.zone}}}}) instead of your usual mix of hours: \
             {{{{lift.value}}}} views ({{{{lift.lo}}}} to {{{{lift.hi}}}}) in {{{{lift.n}}}} posts, not sure yet{end}"
        );
        let mut wording = Wording::new(
            template,
            [
                ("hours.from", from),
                ("hours.to", to),
                ("hours.zone", name),
                ("lift.value", Shown::Change(lift)),
                ("lift.lo", Shown::Change(interval.lo)),
                ("lift.hi", Shown::Change(interval.hi)),
                ("lift.n", Shown::Count(in_block as f64)),
            ],
        );
        wording.slots.extend(more_slot(more));
        (call, wording)
    };
    Some(Draft {
        id: "best_time".to_owned(),
        kind: InsightKind::BestTime,
        call,
        certainty,
        direction,
        facts: vec![
            Fact::of("lift", &comparison.lift, evidence).over_posts(in_block).tested(Some(answer)),
            Fact::of("realised", &comparison.realised, Evidence::Posts),
        ],
        wording,
        receipts: Receipts::of(report, comparison),
        impact: of_a_doubling(lift).max(if call == Call::Know { LITTLE } else { 0.0 }),
    })
}

/// What is called for where nobody is sure, and the end of the sentence.
fn unsure(more: More, posts: &str) -> (Call, String) {
    match more {
        More::Posts(_) => (Call::Try, format!("; {{{{more.n}}}} more {posts} would tell.")),
        More::Enough => (Call::Know, ", though there are posts enough to tell a difference of that size.".to_owned()),
        More::TooMany => (Call::Know, "; so small a difference takes more posts to tell than it is worth.".to_owned()),
    }
}

fn more_slot(more: More) -> Option<(String, Shown)> {
    match more {
        More::Posts(more) => Some(("more.n".to_owned(), Shown::Count(more as f64))),
        More::Enough | More::TooMany => None,
    }
}

fn hours_to_try(report: &CreatorReport, experiment: &PostingExperiment) -> Draft {
    let compared = report.videos.iter().filter(|video| video.growth.log_views_compared().is_some()).count() as u64;
    let wait = "Too little is known to compare your hours of posting: too few posts with known views ({{posts.n}} so far), \
                or all at the same time of the day.";
    let posts = ("posts.n", Shown::Count(compared as f64));
    let zone = ("hours.zone", Shown::name(report.posting.zone.name()));
    let wording = match experiment.first_hours[..] {
        [usual, second, third] if experiment.posts_each <= 60 => Wording::new(
            format!(
                "{wait} {{{{each.n}}}} posts in each of the blocks from {{{{usual.hour}}}}, {{{{second.hour}}}} and \
                 {{{{third.hour}}}} ({{{{hours.zone}}}}), in random order, would tell whether views differ by {{{{sought.value}}}}."
            ),
            [
                posts,
                zone,
                ("each.n", Shown::Count(experiment.posts_each as f64)),
                ("usual.hour", Shown::Hour(usual)),
                ("second.hour", Shown::Hour(second)),
                ("third.hour", Shown::Hour(third)),
                ("sought.value", Shown::Share(experiment.lift)),
            ],
        ),
        _ => Wording::new(wait, [posts]),
    };
    let fact = Fact::counted("posts", compared as f64, compared, Evidence::Posts);
    let draft = Draft::known(InsightKind::BestTime, "best_time", 0.5, vec![fact], wording);
    Draft { call: Call::Wait, certainty: Certainty::NotSureYet, ..draft }
}

fn pace(figure: &Estimate) -> Draft {
    let fact = Fact::of("pace", figure, Evidence::Posts);
    let known = |wording| {
        Draft::known(InsightKind::Pace, "pace", 0.3, vec![fact.clone()], wording).how_sure(Certainty::of_figure(figure))
    };
    let n = ("pace.n", Shown::Count(figure.n as f64));
    match (figure.value, figure.interval) {
        (Some(pace), Some(Interval { lo, hi, .. })) => known(Wording::new(
            "You post {{pace.value}} times a week ({{pace.lo}} to {{pace.hi}}), by {{pace.n}} gaps between posts.",
            [("pace.value", Shown::Count(pace)), ("pace.lo", Shown::Count(lo)), ("pace.hi", Shown::Count(hi)), n],
        )),
        (Some(pace), None) => known(Wording::new(
            "You post about {{pace.value}} times a week, as far as {{pace.n}} posts and those before them tell. Not sure yet.",
            [("pace.value", Shown::Count(pace)), n],
        )),
        (None, _) => {
            let needed = figure.quality.needed().unwrap_or(1).saturating_sub(figure.n).max(1);
            let wording = Wording::new(
                "How often you post is not known yet; posts missing for a first figure: {{more.n}}.",
                [("more.n", Shown::Count(needed as f64))],
            );
            Draft { call: Call::Wait, ..known(wording) }
        }
    }
}

/// What survives, and the few others that are most worth a try.
fn features(report: &CreatorReport, family: &Family) -> Vec<Draft> {
    let deviation = deviation(&report.posting);
    let mut told = Vec::new();
    let mut promising: Vec<(f64, Draft)> = Vec::new();
    for (i, lift) in report.lifts.lifts.iter().enumerate() {
        let (Some(answer), Some(value), Some(interval)) =
            (family.answer(Question::Lift(i)), lift.lift.value, lift.lift.interval)
        else {
            continue;
        };
        let direction = Direction::of(Some(interval));
        let certainty = Certainty::of_test(answer, direction);
        let draft = |call, wording| Draft {
            id: format!("feature:{}", ids(lift)),
            kind: InsightKind::Feature,
            call,
            certainty,
            direction,
            facts: vec![
                Fact::of("lift", &lift.lift, Evidence::Features { features: lift.features.clone() })
                    .over_posts(lift.with)
                    .tested(Some(answer)),
            ],
            wording,
            receipts: Receipts::of_lift(lift),
            impact: of_a_doubling(value),
        };
        match direction {
            Some(direction) if certainty != Certainty::NotSureYet => {
                let wording = survivor(lift, value, interval, direction, certainty);
                told.push(draft(Call::Do, called(wording, lift, &report.posting.zone)));
            }
            _ if value >= WORTH_A_TRY => {
                let others = lift.lift.n.saturating_sub(lift.with);
                let more = deviation.map_or(More::TooMany, |s| more_posts(s, value, lift.with, others));
                if let More::Posts(_) = more {
                    let wording = called(candidate(lift, value, interval, more), lift, &report.posting.zone);
                    promising.push((value, draft(Call::Try, wording)));
                }
            }
            _ => {}
        }
    }
    promising.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    told.extend(promising.into_iter().map(|(_, draft)| draft).take(TRIED));
    told
}

fn survivor(lift: &Lift, value: f64, interval: Interval, direction: Direction, certainty: Certainty) -> Wording {
    let (posts, _, up, down) = words(lift);
    let (more, todo, ends) = match direction {
        Direction::Up => ("more", up, (interval.lo, interval.hi)),
        Direction::Down => ("fewer", down, (interval.hi, interval.lo)),
    };
    let template = format!(
        "{posts} had {{{{lift.value}}}} {more} views than your others ({{{{lift.lo}}}} to {{{{lift.hi}}}}): {{{{lift.n}}}} of \
         {{{{posts.n}}}} posts. {todo} {}",
        certainty.words()
    );
    Wording::new(
        template,
        [
            ("lift.value", Shown::Share(value)),
            ("lift.lo", Shown::Share(ends.0)),
            ("lift.hi", Shown::Share(ends.1)),
            ("lift.n", Shown::Count(lift.with as f64)),
            ("posts.n", Shown::Count(lift.lift.n as f64)),
        ],
    )
}

fn candidate(lift: &Lift, value: f64, interval: Interval, more: More) -> Wording {
    let (posts, such, ..) = words(lift);
    let (_, end) = unsure(more, such);
    let template = format!(
        "{posts}: {{{{lift.value}}}} views ({{{{lift.lo}}}} to {{{{lift.hi}}}}) in {{{{lift.n}}}} posts, not sure yet{end}"
    );
    let mut wording = Wording::new(
        template,
        [
            ("lift.value", Shown::Change(value)),
            ("lift.lo", Shown::Change(interval.lo)),
            ("lift.hi", Shown::Change(interval.hi)),
            ("lift.n", Shown::Count(lift.with as f64)),
        ],
    );
    wording.slots.extend(more_slot(more));
    wording
}

/// What such posts are called at the begin of a sentence and within one, what to do if they do better, and if worse.
fn words(lift: &Lift) -> (&'static str, &'static str, &'static str, &'static str) {
    match lift.features.first().map(|feature| feature.kind) {
        _ if lift.features.len() > 1 => (
            "Posts with {{feature.name}} (always used together)",
            "posts with these",
            "Use them where they fit.",
            "Use them less.",
        ),
        Some(FeatureKind::Sound) if lift.newest.is_some() => (
            "Posts with the sound of your post of {{feature.day}}",
            "posts with it",
            "Use it again where it fits.",
            "Use it less.",
        ),
        Some(FeatureKind::Sound) => {
            ("Posts with the sound {{feature.name}}", "posts with it", "Use it again where it fits.", "Use it less.")
        }
        Some(FeatureKind::Length) => (
            "Posts of {{feature.name}}",
            "posts of this length",
            "Make this length more often.",
            "Make this length less often.",
        ),
        Some(FeatureKind::Format) => {
            ("Your {{feature.name}} posts", "posts of this format", "Make them more often.", "Make them less often.")
        }
        Some(FeatureKind::Hashtag) | None => {
            ("Posts with {{feature.name}}", "posts with it", "Use it more often where it fits.", "Use it less.")
        }
    }
}

/// So many features of the very same posts are named.
const NAMED: usize = 3;

/// The wording with what the feature is called. Of a sound only TikTok's number is known, which nobody can look for: it is the sound of the
/// newest post that has it.
fn called(mut wording: Wording, lift: &Lift, zone: &Zone) -> Wording {
    let newest = lift.newest.map(|at| at.to_zoned(zone.rules()).date());
    let (slot, shown) = match (newest, lift.features.as_slice()) {
        (Some(day), [Feature { kind: FeatureKind::Sound, .. }]) => ("feature.day", Shown::Day(day)),
        _ => ("feature.name", names(&lift.features, newest)),
    };
    wording.slots.insert(slot.to_owned(), shown);
    wording
}

fn names(features: &[Feature], newest: Option<Date>) -> Shown {
    let called = |feature: &Feature| match (feature.kind, newest) {
        (FeatureKind::Hashtag, _) => format!("#{}", feature.name),
        (FeatureKind::Sound, Some(day)) => format!("the sound of your post of {}", Shown::Day(day)),
        (FeatureKind::Sound, None) if features.len() > 1 => format!("the sound {}", feature.name),
        (FeatureKind::Sound | FeatureKind::Length | FeatureKind::Format, _) => feature.name.clone(),
    };
    let mut names: Vec<String> =
        features.iter().take(NAMED).map(|feature| Shown::name(&called(feature)).to_string()).collect();
    if features.len() > NAMED {
        names.push("others".to_owned());
    }
    let last = names.pop().unwrap_or_default();
    Shown::Name(if names.is_empty() { last } else { format!("{} and {last}", names.join(", ")) })
}

/// A stable name of what was tested: the first of features that always go together stands for all.
fn ids(lift: &Lift) -> String {
    lift.features.first().map_or_else(String::new, |feature| {
        let kind = match feature.kind {
            FeatureKind::Hashtag => "hashtag",
            FeatureKind::Sound => "sound",
            FeatureKind::Length => "length",
            FeatureKind::Format => "format",
        };
        format!("{kind}:{}", feature.name)
    })
}
