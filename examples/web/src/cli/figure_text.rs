//! One line for each figure of a report: what it is, its value, and how sure it is.

use compass_core::{
    Count,
    analytics::{CreatorReport, Estimate, Flag, MetricId, Quality, Window},
};

use super::report_text::grouped;

/// How a figure is told.
struct Line {
    id: &'static str,
    label: &'static str,
    unit: Unit,
    sample: Sample,
    /// The counters of posts that it is made of.
    counters: &'static [Counter],
}

#[derive(Clone, Copy)]
enum Unit {
    Number,
    PerDay,
    Percent,
    Hours,
}

/// What a figure's sample is made of.
#[derive(Clone, Copy)]
enum Sample {
    Posts,
    Gaps,
    Observations,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Counter {
    Views,
    Likes,
    Comments,
    Shares,
    Saves,
}

use Counter::{Comments, Likes, Saves, Shares, Views};

const LINES: [Line; 15] = [
    line("er.views.median@1", "Engagement rate by views, median", Unit::Percent, Sample::Posts, &REACTIONS),
    line("er.views.pooled@1", "Engagement rate by views, all posts together", Unit::Percent, Sample::Posts, &REACTIONS),
    line("er.views.mean@1", "Engagement rate by views, mean", Unit::Percent, Sample::Posts, &REACTIONS),
    line(
        "er.followers.mean@1",
        "Engagement rate by followers, mean",
        Unit::Percent,
        Sample::Posts,
        &[Likes, Comments, Shares],
    ),
    line("views.typical@1", "Typical views, median", Unit::Number, Sample::Posts, &[Views]),
    line("views.typical.geometric@1", "Typical views, geometric mean", Unit::Number, Sample::Posts, &[Views]),
    line("view_rate.median@1", "Views per follower, median", Unit::Percent, Sample::Posts, &[Views]),
    line("rate.like@1", "Likes per view", Unit::Percent, Sample::Posts, &[Views, Likes]),
    line("rate.comment@1", "Comments per view", Unit::Percent, Sample::Posts, &[Views, Comments]),
    line("rate.share@1", "Shares per view", Unit::Percent, Sample::Posts, &[Views, Shares]),
    line("rate.save@1", "Saves per view", Unit::Percent, Sample::Posts, &[Views, Saves]),
    line("posting.per_week@1", "Posts a week", Unit::Number, Sample::Gaps, &[]),
    line("posting.gap_median@1", "Time between posts, median", Unit::Hours, Sample::Gaps, &[]),
    line("growth.followers.slope@1", "Followers gained a day", Unit::PerDay, Sample::Observations, &[]),
    line("growth.followers.rate@1", "Follower growth a day", Unit::Percent, Sample::Observations, &[]),
];
const REACTIONS: [Counter; 4] = [Views, Likes, Comments, Shares];

const fn line(id: &'static str, label: &'static str, unit: Unit, sample: Sample, counters: &'static [Counter]) -> Line {
    Line { id, label, unit, sample, counters }
}

/// The figures of one creator, the headline first; one that this list does not know is told by its id.
pub(super) fn figures(creator: &CreatorReport) -> Vec<String> {
    let known = LINES.iter().filter_map(|line| {
        let estimate = creator.metrics.get(&MetricId(line.id))?;
        Some((line.label, told(line, estimate, creator)))
    });
    let others = creator.metrics.values().filter(|estimate| LINES.iter().all(|line| line.id != estimate.id.0));
    let others = others.map(|estimate| {
        let bare = line(estimate.id.0, estimate.id.0, Unit::Number, Sample::Observations, &[]);
        (bare.label, told(&bare, estimate, creator))
    });
    let lines: Vec<_> = known.chain(others).collect();
    let width = lines.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
    lines.into_iter().map(|(label, text)| format!("{label:<width$}  {text}")).collect()
}

fn told(line: &Line, estimate: &Estimate, creator: &CreatorReport) -> String {
    let Some(value) = estimate.value else {
        return format!("no value: {}", why_none(line, estimate, creator));
    };
    let behind = line.sample.counted(estimate.n);
    let brackets = match estimate.interval {
        Some(interval) if interval.level < 1.0 => {
            format!("{} to {}, {behind}", line.unit.text(interval.lo), line.unit.text(interval.hi))
        }
        Some(interval) => format!(
            "surely {} to {} for the rounded counters, {behind}",
            line.unit.text(interval.lo),
            line.unit.text(interval.hi)
        ),
        None => behind,
    };
    let mut text = format!("{} ({brackets})", line.unit.text(value));
    let thin = (estimate.quality == Quality::Thin).then_some("thin: a first impression");
    let notes: Vec<&str> = thin.into_iter().chain(estimate.flags.iter().filter_map(note)).collect();
    if !notes.is_empty() {
        text = text + "; " + &notes.join("; ");
    }
    text
}

fn note(flag: &Flag) -> Option<&'static str> {
    match flag {
        Flag::FollowersNotAtPosting => Some("by today's followers, not those at posting"),
        Flag::SomeHidden => Some("posts that hide a counter left out"),
        // The counters say it themselves, where they are shown.
        Flag::RoundedCounters => None,
    }
}

fn why_none(line: &Line, estimate: &Estimate, creator: &CreatorReport) -> String {
    match estimate.quality {
        Quality::Hidden => {
            let hidden: Vec<&str> = line.counters.iter().filter(|c| !c.is_shown(creator)).map(|c| c.plural()).collect();
            match hidden.as_slice() {
                [] if creator.counts.followers.is_none() => "the source does not show followers".to_owned(),
                [] => "no post shows every counter that it needs".to_owned(),
                names => format!("the source does not show {}", listed(names)),
            }
        }
        Quality::TooFew { .. } if matches!(line.sample, Sample::Observations) => "the count was zero".to_owned(),
        Quality::TooFew { .. } if creator.videos.is_empty() => "no post was read".to_owned(),
        Quality::TooFew { needed } => {
            let old_enough = Window::default().min_age.as_hours() / 24;
            let posts = if needed == 1 { "a post that is".to_owned() } else { format!("{needed} posts that are") };
            format!("it takes {posts} at least {old_enough} days old")
        }
        Quality::NoViews => "no post has enough views".to_owned(),
        Quality::NoHistory => "no earlier observation to compare with".to_owned(),
        Quality::Ok | Quality::Thin => "not a finite number".to_owned(),
    }
}

impl Unit {
    fn text(self, value: f64) -> String {
        match self {
            Self::Number => number(value),
            Self::PerDay => format!("{}{}", if value > 0.0 { "+" } else { "" }, number(value)),
            Self::Percent => format!("{} %", significant(value * 100.0)),
            Self::Hours if value.abs() >= 48.0 => format!("{:.1} days", value / 24.0),
            Self::Hours => format!("{value:.1} h"),
        }
    }
}

impl Sample {
    fn counted(self, n: u64) -> String {
        let (one, many) = match self {
            Self::Posts => ("post", "posts"),
            Self::Gaps => ("gap between posts", "gaps between posts"),
            Self::Observations => ("observation", "observations"),
        };
        format!("{n} {}", if n == 1 { one } else { many })
    }
}

fn number(value: f64) -> String {
    if value.abs() < 100.0 {
        return significant(value);
    }
    let sign = if value < 0.0 { "-" } else { "" };
    format!("{sign}{}", grouped(value.abs().round() as u64))
}

/// Two digits that mean something, and no false precision.
fn significant(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if size < 0.01 => format!("{value:.4}"),
        size if size < 0.1 => format!("{value:.3}"),
        size if size < 1.0 => format!("{value:.2}"),
        size if size < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

impl Counter {
    fn plural(self) -> &'static str {
        match self {
            Views => "views",
            Likes => "likes",
            Comments => "comments",
            Shares => "shares",
            Saves => "saves",
        }
    }

    /// Whether any post shows it.
    fn is_shown(self, creator: &CreatorReport) -> bool {
        creator.videos.iter().any(|video| {
            let counts = &video.counts;
            let count: Option<Count> = match self {
                Views => counts.views,
                Likes => counts.likes,
                Comments => counts.comments,
                Shares => counts.shares,
                Saves => counts.saves,
            };
            count.is_some()
        })
    }
}

fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::Unit;

    #[test]
    fn figures_have_the_digits_that_mean_something() {
        for (unit, value, text) in [
            (Unit::Percent, 0.061, "6.1 %"),
            (Unit::Percent, 0.000_367, "0.037 %"),
            (Unit::Percent, 0.0, "0 %"),
            (Unit::Percent, 3.114, "311 %"),
            (Unit::Number, 4.46, "4.5"),
            (Unit::Number, 2_899_999.6, "2,900,000"),
            (Unit::PerDay, 240.4, "+240"),
            (Unit::PerDay, -1_234.5, "-1,235"),
            (Unit::PerDay, -0.26, "-0.26"),
            (Unit::Hours, 36.84, "36.8 h"),
            (Unit::Hours, 72.0, "3.0 days"),
        ] {
            assert_eq!(unit.text(value), text);
        }
    }
}
