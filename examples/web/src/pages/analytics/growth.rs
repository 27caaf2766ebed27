//! Growth: followers so far and to come, and how often such forecasts were right.

use askama::Template;
use compass_core::analytics::{CreatorReport, MetricId, MetricUnit};
use jiff::tz::TimeZone;

use crate::{
    pages::{
        followers::{FollowerChart, Row},
        known::Known,
    },
    words::{Figure, amount, forecast, pace, percent, thousands},
};

/// The section.
#[derive(Clone, Debug, Template)]
#[template(path = "analytics/growth.html")]
pub(super) struct GrowthSection {
    figures: Vec<Figure>,
    chart: FollowerChart,
    summary: String,
    pace: String,
    turns: Vec<Turn>,
    forecast: String,
    past: Option<String>,
    zone: String,
}

/// A day on which the pace changed.
#[derive(Clone, Debug)]
struct Turn {
    day: String,
    before: String,
    after: String,
}

const SHOWN: [MetricId; 5] = [
    MetricId::FOLLOWER_GROWTH,
    MetricId::FOLLOWER_GROWTH_RATE,
    MetricId::FOLLOWER_GROWTH_ANNUAL,
    MetricId::LIKE_GROWTH,
    MetricId::VIDEO_GROWTH,
];

impl GrowthSection {
    pub(super) fn new(known: &Known, zone: &TimeZone) -> Self {
        let report = &known.report;
        let chart = FollowerChart::new(&known.history, report, zone.clone()).with_forecast(report);
        let per_day = |pace| amount(MetricUnit::GrowthPerDay, pace);
        // Where too little is known to test the pace, nothing is told of its changes.
        let tested = report.growth.followers.iter().filter(|trend| trend.test.is_some());
        let turns = tested.flat_map(|trend| &trend.change_points).map(|turn| Turn {
            day: turn.day.strftime("%-d %b %Y").to_string(),
            before: per_day(turn.before),
            after: per_day(turn.after),
        });
        Self {
            figures: SHOWN.iter().filter_map(|&id| Figure::of(report, id)).collect(),
            summary: chart.summary(report),
            pace: pace(report).unwrap_or_else(|| "Not sure yet: no look shows the followers.".to_owned()),
            turns: turns.collect(),
            forecast: forecast(report).unwrap_or_else(|| "Not sure yet: it takes looks on several days.".to_owned()),
            past: past(report),
            zone: crate::words::zone_name(zone).to_owned(),
            chart,
        }
    }

    fn has_rows(&self) -> bool {
        self.chart.has_rows()
    }

    fn rows(&self) -> Vec<Row> {
        self.chart.rows()
    }
}

/// How such forecasts did on this account, where the new one has no interval that says so.
fn past(report: &CreatorReport) -> Option<String> {
    let forecast = &report.growth.forecast;
    if forecast.end.interval.is_some() {
        return None;
    }
    let held = forecast.past_coverage.value?;
    Some(format!(
        "Tried on this account's own past: of {} counts that were forecast in this way, {} came to lie in their interval; {} should.",
        thousands(forecast.past_coverage.n),
        percent(held),
        percent(forecast.level)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::analytics::tests::known_of;

    #[test]
    fn growth_is_a_picture_a_table_and_sentences() {
        let html = GrowthSection::new(&known_of("sample.steady"), &TimeZone::UTC).to_string();
        for text in ["Followers grew from", "<svg", "Seen at", "In four weeks", "Follower growth"] {
            assert!(html.contains(text), "{text}: {html}");
        }
    }

    #[test]
    fn a_single_look_is_no_course() {
        let mut known = known_of("sample.steady");
        known.history.drain(1..);
        let html = GrowthSection::new(&known, &TimeZone::UTC).to_string();
        assert!(html.contains("needs a look on another day") && !html.contains("<svg"), "{html}");
    }
}
