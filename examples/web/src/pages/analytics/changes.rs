//! What changed between two moments, and what of it is more than chance.

use askama::Template;
use compass_core::{
    Count,
    analytics::{CreatorReport, MetricId},
};
use jiff::tz::TimeZone;

use crate::words::{CountWords, Figure, day, thousands};

/// The section.
#[derive(Clone, Debug, Template)]
#[template(path = "analytics/changes.html")]
pub(super) struct ChangesSection {
    from: String,
    to: String,
    told: Told,
}

/// What can be told of the changes.
#[derive(Clone, Debug)]
enum Told {
    /// Nobody had looked at the account by the earlier moment.
    NotYetSeen,
    /// Nobody looked between the two moments, but last on this day.
    NotSeenSince(String),
    Known(Changes),
}

#[derive(Clone, Debug)]
struct Changes {
    posts: String,
    rows: Vec<Change>,
}

#[derive(Clone, Debug)]
struct Change {
    name: String,
    before: Side,
    after: Side,
    verdict: String,
}

/// A value at one of the moments.
#[derive(Clone, Debug)]
struct Side {
    value: String,
    /// Its interval and what is behind it, or how exactly it is known.
    note: String,
}

const COMPARED: [MetricId; 5] = [
    MetricId::TYPICAL_VIEWS,
    MetricId::ENGAGEMENT,
    MetricId::FOLLOWER_GROWTH,
    MetricId::POSTS_PER_WEEK,
    MetricId::VIEWS_PER_FOLLOWER,
];

impl ChangesSection {
    pub(super) fn new(
        before: Option<&CreatorReport>,
        after: &CreatorReport,
        from: jiff::Timestamp,
        zone: &TimeZone,
    ) -> Self {
        Self {
            from: day(from, zone),
            to: day(after.as_of, zone),
            told: before.map_or(Told::NotYetSeen, |before| Told::Known(Changes::new(before, after))),
        }
    }

    /// Where the last look was before both moments.
    pub(super) fn without_a_look(
        last: jiff::Timestamp,
        from: jiff::Timestamp,
        to: jiff::Timestamp,
        zone: &TimeZone,
    ) -> Self {
        Self { from: day(from, zone), to: day(to, zone), told: Told::NotSeenSince(day(last, zone)) }
    }
}

impl Changes {
    fn new(before: &CreatorReport, after: &CreatorReport) -> Self {
        let new = after.videos.iter().filter(|video| video.created_at > before.as_of).count();
        let was_gone = before.videos.iter().filter(|video| video.gone).count();
        let gone = after.videos.iter().filter(|video| video.gone).count().saturating_sub(was_gone);
        let posts = match (new, gone) {
            (0, 0) => "No new post was seen.".to_owned(),
            (new, 0) => format!("{} new {}.", thousands(new as u64), if new == 1 { "post" } else { "posts" }),
            (new, gone) => {
                format!("New posts: {}. No longer shown: {}.", thousands(new as u64), thousands(gone as u64))
            }
        };
        let counters = [
            ("Followers", before.counts.followers, after.counts.followers),
            ("Likes of all posts", before.counts.likes, after.counts.likes),
            ("Posts", before.counts.videos, after.counts.videos),
        ];
        let counters = counters.into_iter().map(|(name, before, after)| counter(name, before, after));
        let figures = COMPARED.iter().filter_map(|&id| Some(figure(&Figure::of(before, id)?, &Figure::of(after, id)?)));
        Self { posts, rows: counters.chain(figures).collect() }
    }
}

fn counter(name: &str, before: Option<Count>, after: Option<Count>) -> Change {
    let side = |count| {
        let words = CountWords::new(count);
        Side { value: words.approximately(), note: words.exactness }
    };
    let verdict = match (before, after) {
        (Some(before), Some(after)) if after.lo() > before.hi() => {
            format!("+{}", thousands(after.midpoint() - before.midpoint()))
        }
        (Some(before), Some(after)) if after.hi() < before.lo() => {
            format!("\u{2212}{}", thousands(before.midpoint() - after.midpoint()))
        }
        (Some(before), Some(after)) if before == after && before.is_exact() => "the same".to_owned(),
        (Some(_), Some(_)) => "too rounded to tell".to_owned(),
        _ => "not known".to_owned(),
    };
    Change { name: name.to_owned(), before: side(before), after: side(after), verdict }
}

/// A figure changed where neither interval holds the other value, or what lies between: where they do not meet.
fn figure(before: &Figure, after: &Figure) -> Change {
    let side = |figure: &Figure| Side {
        value: figure.value().unwrap_or_else(|| "not sure yet".to_owned()),
        note: match figure.interval() {
            Some(interval) => format!("{} ({}), {}", interval.range, interval.certainty, figure.sample()),
            None => figure.sample(),
        },
    };
    let verdict = match (before.estimate.interval, after.estimate.interval) {
        (Some(one), Some(other)) if other.lo > one.hi => "higher than chance explains",
        (Some(one), Some(other)) if other.hi < one.lo => "lower than chance explains",
        (Some(_), Some(_)) => "too close to tell from chance",
        _ => "too little is known to tell",
    };
    Change { name: after.name(), before: side(before), after: side(after), verdict: verdict.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::pages::{
        analytics::tests::{report_as_of, report_of},
        testing::now,
    };

    #[test]
    fn two_moments_are_told_apart_where_they_differ() {
        let week = now() - Duration::from_secs(7 * 86_400);
        let before = report_as_of("sample.steady", week);
        let html = ChangesSection::new(Some(&before), &report_of("sample.steady"), week, &TimeZone::UTC).to_string();
        for text in ["24 Apr 2026", "1 May 2026", "Followers", "+4", "new post", "too close to tell from chance"] {
            assert!(html.contains(text), "{text}: {html}");
        }
        assert!(html.contains("(95% interval), 30 posts</span>"), "{html}");
    }

    #[test]
    fn rounded_counters_that_meet_are_not_called_a_change() {
        let rounded = |text| Count::parse_abbreviated(text).ok();
        assert_eq!(counter("", rounded("54.1K"), rounded("54.1K")).verdict, "too rounded to tell");
        assert_eq!(counter("", Count::exact(5).ok(), Count::exact(3).ok()).verdict, "\u{2212}2");
        assert_eq!(counter("", None, Count::exact(3).ok()).verdict, "not known");
    }

    #[test]
    fn nothing_to_compare_with_is_said() {
        let html = ChangesSection::new(None, &report_of("sample.steady"), now(), &TimeZone::UTC).to_string();
        assert!(html.contains("was not looked at"), "{html}");
    }
}
