//! The follower chart: what was observed and the trend line, with the same figures as a table and in a sentence.

use compass_core::{
    Count, ProfileObservation,
    analytics::{CreatorReport, MetricId},
    stats::median,
};
use jiff::{Timestamp, tz::TimeZone};
use plotly::{
    Configuration, Layout, Plot, Scatter,
    common::{ErrorData, ErrorType, Font, HoverInfo, Line, Marker, Mode, Orientation},
    configuration::DisplayModeBar,
    layout::{Axis, DragMode, HoverMode, Legend, Margin},
};

use crate::words::{CountWords, Figure, day, moment, source};

const SECONDS_A_DAY: i64 = 86_400;

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

/// The line of the report's growth at the first and the last observation.
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

impl Point {
    fn words(&self) -> CountWords {
        CountWords::new(Some(self.followers))
    }
}

impl FollowerChart {
    /// The chart of the observations behind the report's growth, oldest first.
    pub(super) fn new(history: &[ProfileObservation], report: &CreatorReport, zone: TimeZone) -> Self {
        let point = |look: &ProfileObservation| {
            let followers = look.counts.followers?;
            Some(Point { at: look.observed_at, followers, source: source(look.source) })
        };
        let points: Vec<Point> = history.iter().filter_map(point).collect();
        Self { trend: trend(&points, report), points, zone }
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
        let now = last.words().approximately();
        if !self.is_worth_drawing() {
            return format!("{now} followers on {}; a course needs a second look.", day(last.at, &self.zone));
        }
        let before = first.words().approximately();
        let (from, to) = (day(first.at, &self.zone), day(last.at, &self.zone));
        let course = if last.followers.lo() > first.followers.hi() {
            format!("Followers grew from {before} on {from} to {now} on {to}")
        } else if last.followers.hi() < first.followers.lo() {
            format!("Followers fell from {before} on {from} to {now} on {to}")
        } else if last.followers == first.followers && last.followers.is_exact() {
            format!("Followers were {now} both on {from} and on {to}")
        } else {
            format!("Followers were {before} on {from} and {now} on {to}, too rounded to tell growth from loss")
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
        let row =
            |point: &Point| Row { when: moment(point.at, &self.zone), followers: point.words(), source: point.source };
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
        let words = |point: &Point| format!("{}: {}", day(point.at, &self.zone), point.words().precisely());
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

/// The line with the report's slope through the middle of its points: the last look of each day (UTC).
fn trend(points: &[Point], report: &CreatorReport) -> Option<Trend> {
    let slope = report.metrics.get(&MetricId::FOLLOWER_GROWTH)?.value?;
    let first = points.first()?;
    let days = |point: &Point| point.at.duration_since(first.at).as_secs_f64() / SECONDS_A_DAY as f64;
    let day = |point: &Point| point.at.as_second().div_euclid(SECONDS_A_DAY);
    let daily = points.chunk_by(|one, next| day(one) == day(next)).filter_map(<[Point]>::last);
    let mut heights: Vec<f64> = daily.map(|point| point.followers.midpoint() as f64 - slope * days(point)).collect();
    let from = median(&mut heights)?;
    Some(Trend { from, to: from + slope * days(points.last()?) })
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
    use std::time::Duration;

    use compass_core::analytics::{ReportOptions, creator_report};
    use serde_json::Value;

    use super::*;
    use crate::pages::testing::{history, now};

    fn looks(n: usize) -> Vec<ProfileObservation> {
        history("sample.steady").into_iter().rev().take(n).rev().map(|look| look.profile).collect()
    }

    fn report(looks: &[ProfileObservation]) -> CreatorReport {
        let profile = history("sample.steady").pop().unwrap().profile.profile;
        creator_report(&profile, looks, &[], now(), &ReportOptions::default())
    }

    fn chart(looks: &[ProfileObservation]) -> FollowerChart {
        FollowerChart::new(looks, &report(looks), TimeZone::get("Europe/Berlin").unwrap())
    }

    fn summary(looks: &[ProfileObservation]) -> String {
        chart(looks).summary(&report(looks))
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
    fn the_line_rises_as_the_headline_says_however_often_one_day_was_looked_at() {
        let mut looks = looks(30);
        let last = looks[29].clone();
        for minutes in 1..=60 {
            let mut look = last.clone();
            look.observed_at -= Duration::from_secs(60 * (61 - minutes));
            look.counts.followers = Count::exact(60_000 + minutes).ok();
            looks.insert(looks.len() - 1, look);
        }
        let line = chart(&looks).trend.unwrap();
        let slope = report(&looks).metrics[&MetricId::FOLLOWER_GROWTH].value.unwrap();
        // Only the rounding of a few additions of numbers below 100,000 lies between them.
        assert!(((line.to - line.from) / 29.0 - slope).abs() < 1e-6, "{line:?} does not rise {slope} a day");
        let seen = last.counts.followers.unwrap().midpoint() as f64;
        assert!((line.to - seen).abs() < 200.0, "{line:?} passes far from {seen}");
    }

    #[test]
    fn what_is_rounded_is_not_told_as_if_it_were_exact() {
        let mut looks = looks(2);
        let mut see = |before: &str, after: &str| {
            looks[0].counts.followers = Count::parse_abbreviated(before).ok();
            looks[1].counts.followers = Count::parse_abbreviated(after).ok();
            (summary(&looks), chart(&looks).json())
        };
        let (said, json) = see("54.1K", "54.1K");
        assert!(said.starts_with("Followers were ≈ 54,100 on 30 Apr 2026 and ≈ 54,100 on 1 May 2026, too"), "{said}");
        let value: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value["data"][0]["hovertext"][1], "1 May 2026: between 54,050 and 54,149");
        let (said, _) = see("54.1K", "54120");
        assert!(said.contains("too rounded to tell"), "{said}");
        let (said, _) = see("54.1K", "54.3K");
        assert!(said.starts_with("Followers grew from ≈ 54,100 on"), "{said}");
        let (said, _) = see("54.1K", "9999");
        assert!(said.starts_with("Followers fell from ≈ 54,100 on 30 Apr 2026 to 9,999 on"), "{said}");
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
        assert!(said.contains("The trend is +60") && said.contains("a day (95% interval: +"), "{said}");
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
