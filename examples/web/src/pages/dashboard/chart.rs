//! The follower chart: what was observed and the trend line, with the same figures as a table and in a sentence.

use std::cmp::Ordering;

use compass_core::{
    Count, ProfileObservation,
    analytics::{CreatorReport, MetricId},
    stats::theil_sen,
};
use jiff::{Timestamp, tz::TimeZone};
use plotly::{
    Configuration, Layout, Plot, Scatter,
    common::{ErrorData, ErrorType, Font, HoverInfo, Line, Marker, Mode, Orientation},
    configuration::DisplayModeBar,
    layout::{Axis, DragMode, HoverMode, Legend, Margin},
};

use crate::words::{CountWords, Figure, day, moment, source, thousands};

const SECONDS_A_DAY: f64 = 86_400.0;

/// Followers over time.
#[derive(Clone, Debug)]
pub(super) struct FollowerChart {
    points: Vec<Point>,
    trend: Option<Trend>,
    zone: TimeZone,
}

#[derive(Clone, Debug)]
struct Point {
    at: Timestamp,
    followers: Count,
    source: &'static str,
}

/// The Theil-Sen line at the first and the last observation.
#[derive(Clone, Copy, Debug)]
struct Trend {
    from: f64,
    to: f64,
}

/// A row of the table that says the same as the chart.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) when: String,
    pub(super) followers: CountWords,
    pub(super) source: &'static str,
}

impl FollowerChart {
    /// The chart of the observations since a moment, oldest first.
    pub(super) fn new(history: &[ProfileObservation], since: Timestamp, zone: TimeZone) -> Self {
        let recent = history.iter().filter(|look| look.observed_at >= since);
        let point = |look: &ProfileObservation| {
            let followers = look.counts.followers?;
            Some(Point { at: look.observed_at, followers, source: source(look.source) })
        };
        let points: Vec<Point> = recent.filter_map(point).collect();
        Self { trend: trend(&points), points, zone }
    }

    /// Whether there is anything to draw: one point is not a course.
    pub(super) fn is_worth_drawing(&self) -> bool {
        self.points.len() > 1
    }

    /// The chart in a sentence.
    pub(super) fn summary(&self, report: &CreatorReport) -> String {
        let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else {
            return "No follower count was observed yet.".to_owned();
        };
        let now = CountWords::new(Some(last.followers)).shown;
        if !self.is_worth_drawing() {
            return format!("{now} followers on {}; a course needs a second look.", day(last.at, &self.zone));
        }
        let before = CountWords::new(Some(first.followers)).shown;
        let (from, to) = (day(first.at, &self.zone), day(last.at, &self.zone));
        let course = match last.followers.midpoint().cmp(&first.followers.midpoint()) {
            Ordering::Greater => format!("Followers grew from {before} on {from} to {now} on {to}"),
            Ordering::Less => format!("Followers fell from {before} on {from} to {now} on {to}"),
            Ordering::Equal => format!("Followers were {now} both on {from} and on {to}"),
        };
        let growth = Figure::of(report, MetricId::FOLLOWER_GROWTH);
        match growth.and_then(|growth| Some((growth.value()?, growth.metric.after, growth.interval()?))) {
            Some((value, after, interval)) => {
                format!("{course}. The trend is {value} {after} ({}: {}).", interval.certainty, interval.range)
            }
            None => format!("{course}."),
        }
    }

    /// The same figures as a table, newest first.
    pub(super) fn rows(&self) -> Vec<Row> {
        let row = |point: &Point| Row {
            when: moment(point.at, &self.zone),
            followers: CountWords::new(Some(point.followers)),
            source: point.source,
        };
        self.points.iter().rev().map(row).collect()
    }

    /// The chart as plotly wants it, as JSON that is safe inside of HTML. Dots without a line between them: what was not
    /// seen is not known.
    ///
    /// A colour is the name of a custom property of the style sheet: the script looks it up, so that light and dark
    /// are decided in one place.
    pub(super) fn json(&self) -> String {
        let x: Vec<String> = self.points.iter().map(|point| self.local(point.at)).collect();
        let y: Vec<u64> = self.points.iter().map(|point| point.followers.midpoint()).collect();
        let words = |point: &Point| format!("{}: {}", day(point.at, &self.zone), thousands(point.followers.midpoint()));
        let words: Vec<String> = self.points.iter().map(words).collect();
        let mut observed = Scatter::new(x.clone(), y)
            .name("Observed")
            .mode(Mode::Markers)
            .marker(Marker::new().color("var(--series)").size(6))
            .hover_text_array(words)
            .hover_info(HoverInfo::Text);
        if self.points.iter().any(|point| !point.followers.is_exact()) {
            observed = observed.error_y(self.rounding());
        }
        let mut plot = Plot::new();
        plot.add_trace(observed);
        if let (Some(trend), Some(first), Some(last)) = (self.trend, x.first(), x.last()) {
            plot.add_trace(
                Scatter::new(vec![first.clone(), last.clone()], vec![trend.from, trend.to])
                    .name("Trend")
                    .mode(Mode::Lines)
                    .line(Line::new().color("var(--trend)").width(2.0))
                    .hover_info(HoverInfo::Skip),
            );
        }
        plot.set_layout(layout());
        plot.set_configuration(Configuration::new().display_mode_bar(DisplayModeBar::False).responsive(true));
        inert(&plot.to_json())
    }

    /// What the source's rounding leaves open, as error bars.
    fn rounding(&self) -> ErrorData {
        let up = self.points.iter().map(|p| (p.followers.hi() - p.followers.midpoint()) as f64).collect();
        let down = self.points.iter().map(|p| (p.followers.midpoint() - p.followers.lo()) as f64).collect();
        ErrorData::new(ErrorType::Data).symmetric(false).array(up).array_minus(down).color("var(--series)").width(2)
    }

    /// A moment as plotly's date axis reads it: local time without a zone.
    fn local(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }
}

fn trend(points: &[Point]) -> Option<Trend> {
    let first = points.first()?;
    let days = |point: &Point| point.at.duration_since(first.at).as_secs_f64() / SECONDS_A_DAY;
    let x: Vec<f64> = points.iter().map(days).collect();
    let y: Vec<f64> = points.iter().map(|point| point.followers.midpoint() as f64).collect();
    let line = theil_sen(&x, &y, 0.95)?;
    Some(Trend { from: line.intercept, to: line.intercept + line.slope * x.last()? })
}

fn layout() -> Layout {
    let axis = || Axis::new().fixed_range(true).grid_color("var(--grid)").zero_line(false).line_color("var(--grid)");
    Layout::new()
        .auto_size(true)
        .height(320)
        .margin(Margin::new().left(64).right(16).top(40).bottom(40))
        .font(Font::new().family("var(--font)").size(13).color("var(--chart-text)"))
        .paper_background_color("rgba(0,0,0,0)")
        .plot_background_color("rgba(0,0,0,0)")
        .hover_mode(HoverMode::X)
        .drag_mode(DragMode::False)
        .legend(Legend::new().orientation(Orientation::Horizontal).x(0.0).y(1.15))
        .x_axis(axis())
        .y_axis(axis().tick_format(",d"))
}

/// JSON in which nothing can end the element that it stands in, nor begin another.
fn inert(json: &str) -> String {
    json.replace('&', "\\u0026")
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

#[cfg(test)]
mod tests {
    use compass_core::analytics::{ReportOptions, creator_report};
    use serde_json::Value;

    use super::*;
    use crate::pages::testing::{history, now};

    fn looks(n: usize) -> Vec<ProfileObservation> {
        history("sample.steady").into_iter().rev().take(n).rev().map(|look| look.profile).collect()
    }

    fn chart(looks: &[ProfileObservation]) -> FollowerChart {
        FollowerChart::new(looks, Timestamp::MIN, TimeZone::get("Europe/Berlin").unwrap())
    }

    fn summary(looks: &[ProfileObservation]) -> String {
        let profile = history("sample.steady").pop().unwrap().profile.profile;
        let report = creator_report(&profile, looks, &[], now(), &ReportOptions::default());
        chart(looks).summary(&report)
    }

    #[test]
    fn dots_and_a_trend_line_in_the_persons_zone() {
        let json: Value = serde_json::from_str(&chart(&looks(30)).json()).unwrap();
        let (observed, trend) = (&json["data"][0], &json["data"][1]);
        assert_eq!((observed["x"].as_array().map(Vec::len), &observed["mode"]), (Some(30), &"markers".into()));
        assert_eq!(observed["x"][29], "2026-05-01 14:00:00");
        assert_eq!(observed["hovertext"][29].as_str().unwrap().split(':').next(), Some("1 May 2026"));
        let rise = trend["y"][1].as_f64().unwrap() - trend["y"][0].as_f64().unwrap();
        assert!((rise / 29.0 - 61.0).abs() < 1.0, "the sample gains 61 followers a day, not {}", rise / 29.0);
    }

    #[test]
    fn a_rounded_counter_has_error_bars() {
        let mut looks = looks(3);
        assert!(!chart(&looks).json().contains("error_y"));
        looks[1].counts.followers = Count::parse_abbreviated("54.1K").ok();
        let json: Value = serde_json::from_str(&chart(&looks).json()).unwrap();
        let bars = &json["data"][0]["error_y"];
        assert_eq!([&bars["array"][1], &bars["arrayminus"][1], &bars["array"][0]], [49.0, 50.0, 0.0]);
    }

    #[test]
    fn the_chart_is_also_a_sentence_and_a_table() {
        let month = looks(30);
        let said = summary(&month);
        assert!(said.starts_with("Followers grew from") && said.contains("on 2 Apr 2026"), "{said}");
        assert!(said.contains("a day (95% interval: +60"), "{said}");
        let mut level = looks(2);
        level[1].counts = level[0].counts;
        assert!(summary(&level).contains("both on 30 Apr 2026 and on 1 May 2026"), "{}", summary(&level));
        let rows = chart(&month).rows();
        assert_eq!((rows.len(), rows[0].when.as_str()), (30, "1 May 2026, 14:00"));
    }

    #[test]
    fn one_look_or_none_is_no_course() {
        assert!(!chart(&looks(1)).is_worth_drawing() && !chart(&[]).is_worth_drawing());
        assert!(summary(&looks(1)).contains("needs a second look"));
        assert_eq!(summary(&[]), "No follower count was observed yet.");
        let mut hidden = looks(3);
        hidden.iter_mut().for_each(|look| look.counts.followers = None);
        assert!(!chart(&hidden).is_worth_drawing());
    }

    #[test]
    fn nothing_in_the_json_can_end_its_element() {
        let inert = inert(r#"{"a": "</script><!-- &amp;"}"#);
        assert!(!inert.contains(['<', '>', '&']), "{inert}");
        let value: Value = serde_json::from_str(&inert).unwrap();
        assert_eq!(value["a"], "</script><!-- &amp;");
    }
}
