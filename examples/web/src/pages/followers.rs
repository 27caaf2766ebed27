//! The course of the followers: what was observed, the trend with its band, where the pace changed, and what is to come; the same
//! as a table and in a sentence.

use compass_core::{
    Count, ProfileObservation,
    analytics::{CreatorReport, Interval, MetricId},
    stats::median,
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::charts::{Chart, Colour, Dot, Layer, Scale, Shape};
use crate::words::{CountWords, Figure, day, moment, source};

const SECONDS_A_DAY: i64 = 86_400;

/// Followers over time.
#[derive(Clone, Debug)]
pub(super) struct FollowerChart {
    /// The last look of each day: however often somebody looks, a page stays as long as its days.
    points: Vec<Point>,
    zone: TimeZone,
    pub(super) chart: Chart,
}

#[derive(Clone, Debug)]
struct Point {
    at: Timestamp,
    followers: Count,
    source: &'static str,
}

/// The line of the report's growth at the first and the last observation, with the lowest and the highest that it may be.
#[derive(Clone, Copy, Debug)]
struct Trend {
    from: [f64; 3],
    to: [f64; 3],
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

    fn dot(&self, zone: &TimeZone) -> Dot {
        Dot {
            at: self.at,
            value: self.followers.midpoint() as f64,
            open: (self.followers.lo() as f64, self.followers.hi() as f64),
            words: format!("{}: {}", day(self.at, zone), self.words().precisely()),
        }
    }
}

impl FollowerChart {
    /// The chart of the observations behind the report's growth, oldest first.
    pub(super) fn new(history: &[ProfileObservation], report: &CreatorReport, zone: TimeZone) -> Self {
        let point = |look: &ProfileObservation| {
            let followers = look.counts.followers?;
            Some(Point { at: look.observed_at, followers, source: source(look.source) })
        };
        let looks: Vec<Point> = history.iter().filter_map(point).collect();
        let layer = |name, colour, shape| Layer { name, colour, shape };
        let mut layers = Vec::new();
        if let (Some(trend), Some(first), Some(last)) = (trend(&looks, report), looks.first(), looks.last()) {
            let edges = [(first.at, trend.from), (last.at, trend.to)];
            let band = edges.map(|(at, [lo, _, hi])| (at, lo.min(hi), hi.max(lo)));
            layers.push(layer("Trend, 95% interval", Colour::Trend, Shape::Band(band.into())));
            layers.push(layer("Trend", Colour::Trend, Shape::Line(edges.map(|(at, [_, line, _])| (at, line)).into())));
        }
        let turns = report.growth.followers.iter().flat_map(|trend| &trend.change_points);
        let turns: Vec<Timestamp> = turns.filter_map(|turn| noon(turn.day)).collect();
        let turns = turns.into_iter().filter(|turn| looks.first().is_some_and(|first| *turn >= first.at));
        let points = last_of_each_day(&looks, &zone);
        layers.push(layer("Change of pace", Colour::Change, Shape::Days(turns.collect())));
        layers.push(layer("Observed", Colour::Series, Shape::Dots(points.iter().map(|p| p.dot(&zone)).collect())));
        let chart = Chart { id: "followers", layers, scale: Scale::Linear, zone: zone.clone() };
        Self { points, zone, chart }
    }

    /// The same with the followers to come, as the report forecasts them.
    pub(super) fn with_forecast(mut self, report: &CreatorReport) -> Self {
        let days = &report.growth.forecast.days;
        let at = |day: Date| noon(day).unwrap_or_default();
        let band = days.iter().filter_map(|day| day.interval.map(|Interval { lo, hi, .. }| (at(day.day), lo, hi)));
        let band = Shape::Band(band.collect());
        let line = Shape::Line(days.iter().map(|day| (at(day.day), day.value)).collect());
        self.chart.layers.insert(0, Layer { name: "Forecast, 80% interval", colour: Colour::Forecast, shape: band });
        self.chart.layers.insert(1, Layer { name: "Forecast", colour: Colour::Forecast, shape: line });
        self
    }

    /// Whether any look shows the followers.
    pub(super) fn has_rows(&self) -> bool {
        !self.points.is_empty()
    }

    /// Whether there is anything to draw: one point is not a course.
    pub(super) fn is_worth_drawing(&self) -> bool {
        self.points.len() > 1 && self.chart.is_worth_drawing()
    }

    /// The chart in a sentence.
    pub(super) fn summary(&self, report: &CreatorReport) -> String {
        let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else {
            return match report.counts.followers {
                Some(_) => {
                    "No look of these days shows the followers: what stands above is from an earlier one.".to_owned()
                }
                None => "No follower count was observed yet.".to_owned(),
            };
        };
        let now = last.words().approximately();
        if self.points.len() < 2 {
            return format!("{now} followers on {}; a course needs a look on another day.", day(last.at, &self.zone));
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
}

/// Of looks, oldest first, the last of each day of a zone.
fn last_of_each_day(looks: &[Point], zone: &TimeZone) -> Vec<Point> {
    let day = |point: &Point| point.at.to_zoned(zone.clone()).date();
    looks.chunk_by(|one, next| day(one) == day(next)).filter_map(<[Point]>::last).cloned().collect()
}

/// Noon of a day, UTC.
fn noon(day: Date) -> Option<Timestamp> {
    Some(day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// The line with the report's slope through the middle of its points: the last look of each day (UTC). The lowest and the highest
/// slope turn around the middle of the time.
fn trend(points: &[Point], report: &CreatorReport) -> Option<Trend> {
    let growth = report.metrics.get(&MetricId::FOLLOWER_GROWTH)?;
    let slope = growth.value?;
    let first = points.first()?;
    let days = |point: &Point| point.at.duration_since(first.at).as_secs_f64() / SECONDS_A_DAY as f64;
    let day = |point: &Point| point.at.as_second().div_euclid(SECONDS_A_DAY);
    let daily = points.chunk_by(|one, next| day(one) == day(next)).filter_map(<[Point]>::last);
    let mut heights: Vec<f64> = daily.map(|point| point.followers.midpoint() as f64 - slope * days(point)).collect();
    let from = median(&mut heights)?;
    let half = days(points.last()?) / 2.0;
    let (lo, hi) = growth.interval.map_or((slope, slope), |interval| (interval.lo, interval.hi));
    let middle = from + slope * half;
    let at = |side: f64| [middle + side * lo * half, middle + side * slope * half, middle + side * hi * half];
    Some(Trend { from: at(-1.0), to: at(1.0) })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::pages::testing::{history, now};
    use compass_core::analytics::{ReportOptions, creator_report};

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
        let json = chart(&looks(30)).chart.data();
        let (trend, observed) = (&json["data"][2], &json["data"][3]);
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
        let line = chart(&looks).chart.data()["data"][2]["y"].clone();
        let [from, to] = [0, 1].map(|end| line[end].as_f64().unwrap());
        let slope = report(&looks).metrics[&MetricId::FOLLOWER_GROWTH].value.unwrap();
        // Only the rounding of a few additions of numbers below 100,000 lies between them.
        assert!(((to - from) / 29.0 - slope).abs() < 1e-6, "{line} does not rise {slope} a day");
        let seen = last.counts.followers.unwrap().midpoint() as f64;
        assert!((to - seen).abs() < 200.0, "{line} passes far from {seen}");
    }

    #[test]
    fn a_day_of_many_looks_is_one_row_and_one_dot() {
        let mut looks = looks(2);
        let last = looks.pop().unwrap();
        looks.extend((1..=2_000).map(|second| {
            let mut look = last.clone();
            look.observed_at = last.observed_at - Duration::from_secs(2_000 - second);
            look.counts.followers = Count::exact(60_000 + second).ok();
            look
        }));
        let chart = chart(&looks);
        let rows = chart.rows();
        assert_eq!((rows.len(), rows[0].followers.shown.as_str()), (2, "62,000"));
        let data = chart.chart.data();
        assert_eq!(data["data"].as_array().unwrap().last().unwrap()["x"].as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn what_is_rounded_is_not_told_as_if_it_were_exact() {
        let mut looks = looks(2);
        let mut see = |before: &str, after: &str| {
            looks[0].counts.followers = Count::parse_abbreviated(before).ok();
            looks[1].counts.followers = Count::parse_abbreviated(after).ok();
            (summary(&looks), chart(&looks).chart.data())
        };
        let (said, json) = see("54.1K", "54.1K");
        assert!(said.starts_with("Followers were ≈ 54,100 on 30 Apr 2026 and ≈ 54,100 on 1 May 2026, too"), "{said}");
        let observed = json["data"].as_array().unwrap().last().unwrap();
        assert_eq!(observed["hovertext"][1], "1 May 2026: between 54,050 and 54,149");
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
        let observed =
            |looks: &[ProfileObservation]| chart(looks).chart.data()["data"].as_array().unwrap().last().cloned();
        assert!(observed(&looks).unwrap().get("error_y").is_none());
        looks[1].counts.followers = Count::parse_abbreviated("54.1K").ok();
        let observed = observed(&looks).unwrap();
        let bars = &observed["error_y"];
        assert_eq!([&bars["array"][1], &bars["arrayminus"][1], &bars["array"][0]], [49.0, 50.0, 0.0]);
    }

    #[test]
    fn what_is_to_come_is_drawn_behind_what_was_seen() {
        let month = looks(30);
        let report = report(&month);
        let chart = chart(&month).with_forecast(&report).chart;
        let names: Vec<&str> = chart.layers.iter().map(|layer| layer.name).collect();
        assert_eq!(names[..2], ["Forecast, 80% interval", "Forecast"]);
        assert_eq!(names.last(), Some(&"Observed"));
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
        assert!(summary(&looks(1)).contains("needs a look on another day"));
        assert_eq!(summary(&[]), "No follower count was observed yet.");
        let earlier = chart(&[]).summary(&report(&looks(1)));
        assert!(earlier.starts_with("No look of these days shows the followers"), "{earlier}");
        let mut hidden = looks(3);
        hidden.iter_mut().for_each(|look| look.counts.followers = None);
        assert!(!chart(&hidden).is_worth_drawing());
    }
}
