//! What the account's figures say: growth, posts that stand out, rates, value, and the place among others.

use jiff::{Timestamp, ToSpan as _, civil::Date};

use super::{
    Call, Certainty, Direction, Evidence, Fact, InsightKind, Shown, Wording,
    draft::Draft,
    family::{Family, Question},
    ranking::of_a_doubling,
};
use crate::{
    VideoId,
    analytics::{
        CreatorReport, Estimate, FollowerJump, LevelTrend, Mark, Metric, MetricId, PostValue, Quality, Standing,
    },
};

pub(super) fn drafts(report: &CreatorReport, family: &Family) -> Vec<Draft> {
    let figure = |id| report.metrics.get(&id);
    let followers = report.growth.followers.as_ref();
    [
        figure(MetricId::ENGAGEMENT).map(rate),
        figure(MetricId::TYPICAL_VIEWS).map(views),
        figure(MetricId::FOLLOWER_GROWTH).map(|figure| growth(report, figure)),
        followers.and_then(|followers| trend(report, followers, family)),
        followers.and_then(|followers| change(report, followers)),
        outlook(report),
        breakouts(report),
        flops(report),
        report.value.as_ref().and_then(value),
    ]
    .into_iter()
    .flatten()
    .chain(standings(report))
    .chain(report.authenticity.iter().filter_map(|signal| signal.jump.as_ref()).map(jump))
    .collect()
}

/// Days; older changes of pace and older breakouts are no news.
const NEWS: i64 = 60;

/// Days; a trend that ended longer ago is none of now.
const RECENT: i64 = 28;

/// Places among others, changes of pace, jumps and posts that stand out are picked from many, and none of them is in the
/// family: nobody knows how many of them chance makes.
const UNTESTED: Certainty = Certainty::NotSureYet;

fn rate(figure: &Estimate) -> Draft {
    let template =
        "Your typical engagement rate is {{rate.value}} of views ({{rate.lo}} to {{rate.hi}}) in {{rate.n}} posts.";
    let missing = "Your engagement rate is not known yet: it takes posts that show views, likes, comments and shares \
                   ({{rate.n}} so far).";
    of_figure(InsightKind::Rate, "rate", figure, Shown::Rate, template, missing)
}

fn views(figure: &Estimate) -> Draft {
    let template =
        "A typical post of yours has {{views.value}} views ({{views.lo}} to {{views.hi}}) in {{views.n}} posts.";
    let missing =
        "What a typical post of yours gets is not known yet: it takes posts that show views ({{views.n}} so far).";
    of_figure(InsightKind::Views, "views", figure, Shown::About, template, missing)
}

/// A figure that is told with its interval, without one, or as missing.
fn of_figure(
    kind: InsightKind,
    id: &'static str,
    figure: &Estimate,
    shown: fn(f64) -> Shown,
    template: &str,
    missing: &str,
) -> Draft {
    let slot = |field: &str| format!("{id}.{field}");
    let (value, lo, hi, n) = (slot("value"), slot("lo"), slot("hi"), slot("n"));
    let number = (n.as_str(), Shown::Count(figure.n as f64));
    let wording = match (figure.value, figure.interval) {
        (Some(found), Some(interval)) => Wording::new(
            template,
            [
                (value.as_str(), shown(found)),
                (lo.as_str(), shown(interval.lo)),
                (hi.as_str(), shown(interval.hi)),
                number,
            ],
        ),
        (Some(found), None) => {
            let ends = format!(" ({{{{{lo}}}}} to {{{{{hi}}}}})");
            let template = format!("{} Not sure yet.", template.replace(&ends, ""));
            let template = if figure.n == 1 { template.replace(" posts.", " post.") } else { template };
            Wording::new(template, [(value.as_str(), shown(found)), number])
        }
        (None, _) => Wording::new(missing, [number]),
    };
    let draft = Draft::known(kind, id, 0.3, vec![Fact::of(id, figure, Evidence::Posts)], wording);
    let call = if figure.value.is_some() { Call::Know } else { Call::Wait };
    Draft { call, ..draft.how_sure(Certainty::of_figure(figure)) }
}

fn growth(report: &CreatorReport, figure: &Estimate) -> Draft {
    let fact = Fact::of("growth", figure, Evidence::Account);
    let followers = report.counts.followers.map(|count| count.midpoint() as f64).filter(|&count| count > 0.0);
    let n = ("growth.n", Shown::Count(figure.n as f64));
    let direction = Direction::of(figure.interval);
    let (call, certainty, wording) = match (figure.value, figure.interval, direction) {
        (Some(slope), Some(interval), Some(direction)) => {
            let (verb, ends) = match direction {
                Direction::Up => ("gain", (interval.lo, interval.hi)),
                Direction::Down => ("lose", (-interval.hi, -interval.lo)),
            };
            let template = format!(
                "You {verb} {{{{growth.value}}}} followers on a usual day ({{{{growth.lo}}}} to {{{{growth.hi}}}}), \
                 {{{{growth.n}}}} looks at your account."
            );
            let slots = [
                ("growth.value", Shown::Count(slope.abs())),
                ("growth.lo", Shown::Count(ends.0)),
                ("growth.hi", Shown::Count(ends.1)),
                n,
            ];
            (Call::Know, Certainty::of_figure(figure), Wording::new(template, slots))
        }
        (Some(slope), Some(interval), None) => {
            let template = "Whether your followers become more or fewer is not sure yet: {{growth.value}} a day \
                            ({{growth.lo}} to {{growth.hi}}), {{growth.n}} looks at your account.";
            let slots = [
                ("growth.value", Shown::Gain(slope)),
                ("growth.lo", Shown::Gain(interval.lo)),
                ("growth.hi", Shown::Gain(interval.hi)),
                n,
            ];
            (Call::Know, Certainty::NotSureYet, Wording::new(template, slots))
        }
        (Some(slope), None, _) => {
            let template = "Your followers changed by {{growth.value}} a day between {{growth.n}} looks at your account; \
                            whether that is usual is not sure yet.";
            let slots = [("growth.value", Shown::Gain(slope)), n];
            (Call::Wait, Certainty::NotSureYet, Wording::new(template, slots))
        }
        (None, ..) => {
            let template = "How your followers grow is not known yet: it takes looks at your account on several days \
                            ({{growth.n}} so far).";
            (Call::Wait, Certainty::NotSureYet, Wording::new(template, [n]))
        }
    };
    let in_a_year =
        figure.value.zip(followers).map_or(0.0, |(slope, followers)| (365.0 * slope / followers).max(-0.99));
    let draft = Draft::known(InsightKind::Growth, "growth", 0.2_f64.max(of_a_doubling(in_a_year)), vec![fact], wording);
    Draft { call, direction, ..draft.how_sure(certainty) }
}

/// Whether growth speeds up or slows down, if that is more than chance and of now.
fn trend(report: &CreatorReport, followers: &LevelTrend, family: &Family) -> Option<Draft> {
    (followers.last_day >= day_of(report.as_of).saturating_sub(RECENT.days())).then_some(())?;
    let test = followers.test?.test;
    let answer = family.answer(Question::Trend(followers.level)).filter(|answer| answer.survives())?;
    let (direction, words) = if test.s > 0.0 {
        (Direction::Up, "Your growth is speeding up: your daily gain of followers rises")
    } else {
        (Direction::Down, "Your growth is slowing down: your daily gain of followers falls")
    };
    let fact = Fact::counted("trend", test.tau, test.n, Evidence::Account).tested(Some(answer));
    let template = format!("{words} over {{{{trend.n}}}} days that were compared. {}", {
        Certainty::of_test(answer, Some(direction)).words()
    });
    let wording = Wording::new(template, [("trend.n", Shown::Count(test.n as f64))]);
    let draft = Draft::known(InsightKind::Trend, "trend", test.tau.abs(), vec![fact], wording);
    Some(Draft { direction: Some(direction), ..draft.how_sure(Certainty::of_test(answer, Some(direction))) })
}

/// The last change of pace, if it is news.
fn change(report: &CreatorReport, followers: &LevelTrend) -> Option<Draft> {
    let change = followers.change_points.last()?;
    let now = report.counts.followers?.midpoint() as f64;
    let today = day_of(report.as_of);
    (change.day >= today.saturating_sub(NEWS.days())).then_some(())?;
    // The old pace was that of the account as it was then.
    let then = followers.counts.iter().rev().find(|count| count.day <= change.day).or(followers.counts.first());
    let then = then.map_or(now, |then| then.count.midpoint() as f64);
    let (before, after) = (then * change.before.exp_m1(), now * change.after.exp_m1());
    let direction = if after > before { Direction::Up } else { Direction::Down };
    let template = "Since {{change.day}} your followers change by about {{after.value}} a day; before it was \
                    {{before.value}}. Look at what you did differently around that day.";
    let wording = Wording::new(
        template,
        [
            ("change.day", Shown::Day(change.day)),
            ("after.value", Shown::Gain(after)),
            ("before.value", Shown::Gain(before)),
        ],
    );
    let evidence = Evidence::Day { day: change.day };
    let facts = vec![
        Fact::counted("after", after, followers.days, evidence.clone()),
        Fact::counted("before", before, followers.days, evidence),
    ];
    let draft = Draft::known(InsightKind::Change, &format!("change:{}", change.day), 0.6, facts, wording);
    Some(Draft { direction: Some(direction), ..draft.how_sure(UNTESTED) })
}

/// The forecast, where the past tells how far off it can be.
fn outlook(report: &CreatorReport) -> Option<Draft> {
    let end = &report.growth.forecast.end;
    let (value, interval) = (end.value?, end.interval?);
    let day = report.growth.forecast.days.last()?.day;
    let template = "If things go on as they have, you have {{outlook.value}} followers on {{outlook.day}} ({{outlook.lo}} to \
                    {{outlook.hi}}), by {{outlook.n}} days of your account.";
    let wording = Wording::new(
        template,
        [
            ("outlook.value", Shown::About(value)),
            ("outlook.day", Shown::Day(day)),
            ("outlook.lo", Shown::About(interval.lo)),
            ("outlook.hi", Shown::About(interval.hi)),
            ("outlook.n", Shown::Count(end.n as f64)),
        ],
    );
    let facts = vec![Fact::of("outlook", end, Evidence::Account)];
    Some(Draft::known(InsightKind::Outlook, "outlook", 0.3, facts, wording).how_sure(Certainty::of_figure(end)))
}

fn breakouts(report: &CreatorReport) -> Option<Draft> {
    let (posts, n, last) = marked(report, Mark::Breakout)?;
    let (verb, last_of) = verbs(&posts);
    let template = format!(
        "{{{{breakouts.value}}}} of your {{{{breakouts.n}}}} posts {verb} far ahead of the others, {last_of} of \
         {{{{breakouts.day}}}}. Look at what was different there, and try it again."
    );
    let draft = marked_draft(InsightKind::Breakouts, "breakouts", &template, posts, n, last);
    let is_news = last >= day_of(report.as_of).saturating_sub(NEWS.days());
    Some(Draft { call: if is_news { Call::Try } else { Call::Know }, direction: Some(Direction::Up), ..draft })
}

fn flops(report: &CreatorReport) -> Option<Draft> {
    let (posts, n, last) = marked(report, Mark::Flop)?;
    let (verb, last_of) = verbs(&posts);
    let template = format!(
        "{{{{flops.value}}}} of your {{{{flops.n}}}} posts {verb} far behind the others, {last_of} of {{{{flops.day}}}}."
    );
    let draft = marked_draft(InsightKind::Flops, "flops", &template, posts, n, last);
    Some(Draft { direction: Some(Direction::Down), ..draft })
}

fn verbs(posts: &[VideoId]) -> (&'static str, &'static str) {
    if posts.len() == 1 { ("is", "the post") } else { ("are", "the last") }
}

/// The posts with a mark, how many were compared, and the day of the newest of them.
fn marked(report: &CreatorReport, mark: Mark) -> Option<(Vec<VideoId>, u64, Date)> {
    let compared = report.videos.iter().filter(|video| video.standout.z.is_some()).count() as u64;
    let posts = || report.videos.iter().filter(|video| video.standout.mark == Some(mark));
    let last = posts().map(|video| video.created_at).max()?;
    Some((posts().map(|video| video.id).collect(), compared, day_of(last)))
}

fn marked_draft(kind: InsightKind, id: &'static str, template: &str, posts: Vec<VideoId>, n: u64, last: Date) -> Draft {
    let marked = posts.len() as f64;
    let slots = [
        (format!("{id}.value"), Shown::Count(marked)),
        (format!("{id}.n"), Shown::Count(n as f64)),
        (format!("{id}.day"), Shown::Day(last)),
    ];
    let wording = Wording { template: template.to_owned(), slots: slots.into_iter().collect() };
    let fact = Fact::counted(id, marked, n, Evidence::SomePosts { posts });
    Draft::known(kind, id, 0.4, vec![fact], wording).how_sure(UNTESTED)
}

fn value(value: &PostValue) -> Option<Draft> {
    let (single, interval) = (value.single.value?, value.single.interval?);
    let template = "Your next post is worth about {{value.value}} {{price.currency}} by its views; {{value.level}} of such \
                    posts lie between {{value.lo}} and {{value.hi}}. Prices as of {{price.day}}, {{value.n}} posts.";
    let wording = Wording::new(
        template,
        [
            ("value.value", Shown::About(single)),
            ("price.currency", Shown::name(value.cpm.currency())),
            ("value.level", Shown::Share(interval.level)),
            ("value.lo", Shown::About(interval.lo)),
            ("value.hi", Shown::About(interval.hi)),
            ("price.day", Shown::Day(value.cpm.dated())),
            ("value.n", Shown::Count(value.single.n as f64)),
        ],
    );
    let facts = vec![Fact::of("value", &value.single, Evidence::Posts), Fact::of("mean", &value.mean, Evidence::Posts)];
    Some(Draft::known(InsightKind::Value, "value", 0.3, facts, wording).how_sure(Certainty::of_figure(&value.single)))
}

/// The figure that is furthest above the middle of the peers, and the one that is furthest below, if they surely are.
///
/// A figure that is a first impression is not compared: so would be its place.
fn standings(report: &CreatorReport) -> Vec<Draft> {
    const MIDDLE: f64 = 0.5;
    let sides: [fn(&Standing) -> Option<f64>; 2] = [
        |standing| standing.percentile.interval.map(|interval| interval.lo - MIDDLE),
        |standing| standing.percentile.interval.map(|interval| MIDDLE - interval.hi),
    ];
    let known =
        |standing: &&Standing| report.metrics.get(&standing.metric).is_some_and(|figure| figure.quality == Quality::Ok);
    let furthest = |side: &fn(&Standing) -> Option<f64>| {
        let beyond = |standing: &&Standing| side(standing).is_some_and(|by| by > 0.0);
        let by = |standing: &&Standing| side(standing).unwrap_or(0.0);
        report.benchmarks.iter().filter(known).filter(beyond).max_by(|a, b| by(a).total_cmp(&by(b)))
    };
    sides.iter().filter_map(furthest).filter_map(standing).collect()
}

fn standing(standing: &Standing) -> Option<Draft> {
    let (share, interval) = (standing.percentile.value?, standing.percentile.interval?);
    let metric = Metric::find(standing.metric)?;
    let (direction, less, share, ends) = if share > 0.5 {
        (Direction::Up, "higher", share, (interval.lo, interval.hi))
    } else {
        (Direction::Down, "lower", 1.0 - share, (1.0 - interval.hi, 1.0 - interval.lo))
    };
    let language = if standing.language.is_some() { " and language" } else { "" };
    let template = format!(
        "{{{{standing.metric}}}}: yours is {less} than that of {{{{standing.value}}}} of {{{{standing.n}}}} creators of your \
         size{language} ({{{{standing.lo}}}} to {{{{standing.hi}}}})."
    );
    let wording = Wording::new(
        template,
        [
            ("standing.metric", Shown::name(metric.name)),
            ("standing.value", Shown::Share(share)),
            ("standing.n", Shown::Count(standing.percentile.n as f64)),
            ("standing.lo", Shown::Share(ends.0)),
            ("standing.hi", Shown::Share(ends.1)),
        ],
    );
    let evidence = Evidence::Peers { compared: standing.metric, tier: standing.tier, language: standing.language };
    let fact = Fact::of("standing", &standing.percentile, evidence);
    let id = format!("standing:{}", standing.metric);
    let draft = Draft::known(InsightKind::Standing, &id, (2.0 * share - 1.0) * 0.6, vec![fact], wording);
    Some(Draft { direction: Some(direction), ..draft.how_sure(UNTESTED) })
}

fn jump(jump: &FollowerJump) -> Draft {
    let template = "On {{jump.day}} you gained {{jump.value}} followers, on a usual day {{usual.value}}, and no post of those \
                    days explains it. Whoever looks at your account will ask; know the answer.";
    let wording = Wording::new(
        template,
        [
            ("jump.day", Shown::Day(jump.day)),
            ("jump.value", Shown::Count(jump.gained)),
            ("usual.value", Shown::Count(jump.usual)),
        ],
    );
    let evidence = Evidence::Day { day: jump.day };
    let facts = vec![
        Fact::counted("jump", jump.gained, jump.days, evidence.clone()),
        Fact::counted("usual", jump.usual, jump.days, evidence),
    ];
    Draft::known(InsightKind::Jump, &format!("jump:{}", jump.day), 0.5, facts, wording).how_sure(UNTESTED)
}

fn day_of(at: Timestamp) -> Date {
    at.to_zoned(jiff::tz::TimeZone::UTC).date()
}
