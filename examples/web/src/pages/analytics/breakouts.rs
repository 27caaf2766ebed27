//! Breakouts: posts far above the others at equal age, and far below.

use askama::Template;
use compass_core::analytics::{CreatorReport, Mark, ReportVideo};
use jiff::tz::TimeZone;

use crate::{
    pages::{
        charts::{Chart, Colour, Dot, Layer, Scale, Shape},
        posts::VideoRow,
    },
    words::{day, decimal, standouts, thousands},
};

/// The section.
#[derive(Clone, Debug, Template)]
#[template(path = "analytics/breakouts.html")]
pub(super) struct BreakoutsSection {
    summary: String,
    chart: Chart,
    /// The dots of the chart, the newest post first.
    compared: Vec<Compared>,
    ups: Vec<VideoRow>,
    downs: Vec<VideoRow>,
}

/// A post at equal age.
#[derive(Clone, Debug)]
struct Compared {
    posted: String,
    views: String,
    mark: &'static str,
}

const MOST_ROWS: usize = 10;

impl BreakoutsSection {
    pub(super) fn new(report: &CreatorReport, zone: &TimeZone) -> Self {
        let marked = |mark| {
            let of_mark = report.videos.iter().filter(move |video| video.standout.mark == Some(mark));
            of_mark.take(MOST_ROWS).map(|video| VideoRow::new(video, zone)).collect()
        };
        let summary = standouts(report).unwrap_or_else(|| {
            format!("Not sure yet: it takes {} posts whose views at 30 days are known.", Mark::FEWEST_POSTS)
        });
        let known = report.videos.iter().filter(|video| video.standout.z.is_some());
        let dots: Vec<(Option<Mark>, Dot)> =
            known.filter_map(|video| Some((video.standout.mark, dot(video, zone)?))).collect();
        Self {
            summary,
            compared: dots.iter().map(|(mark, dot)| Compared::new(*mark, dot, zone)).collect(),
            chart: chart(&dots, zone),
            ups: marked(Mark::Breakout),
            downs: marked(Mark::Flop),
        }
    }
}

impl BreakoutsSection {
    /// From where on a post stands out, in robust standard deviations.
    fn far(&self) -> String {
        decimal(&Mark::FROM.to_string())
    }
}

impl Compared {
    fn new(mark: Option<Mark>, dot: &Dot, zone: &TimeZone) -> Self {
        let mark = match mark {
            None => "usual",
            Some(Mark::Breakout) => "breakout",
            Some(Mark::Flop) => "far below",
        };
        Self { posted: day(dot.at, zone), views: thousands(dot.value.round() as u64), mark }
    }
}

/// Views at 30 days by the day of posting.
fn chart(dots: &[(Option<Mark>, Dot)], zone: &TimeZone) -> Chart {
    let of = |wanted: Option<Mark>| {
        Shape::Dots(dots.iter().filter(|(mark, _)| *mark == wanted).map(|(_, dot)| dot.clone()).collect())
    };
    let layer = |name, colour, shape| Layer { name, colour, shape };
    let layers = vec![
        layer("Usual posts", Colour::Series, of(None)),
        layer("Breakouts", Colour::Trend, of(Some(Mark::Breakout))),
        layer("Far below", Colour::Change, of(Some(Mark::Flop))),
    ];
    Chart { id: "views", layers, scale: Scale::Log, zone: zone.clone() }
}

fn dot(video: &ReportVideo, zone: &TimeZone) -> Option<Dot> {
    let value = video.growth.log_views_compared()?.exp_m1().max(0.0);
    let words = format!("{}: about {} views at 30 days", day(video.created_at, zone), thousands(value.round() as u64));
    Some(Dot { at: video.created_at, value, open: (value, value), words })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::analytics::tests::{report_of, without_posts};

    #[test]
    fn posts_are_compared_at_equal_age() {
        let html = BreakoutsSection::new(&report_of("sample.spiky"), &TimeZone::UTC).to_string();
        assert!(html.contains("<svg") && html.contains("Views at 30 days"), "{html}");
        let section = BreakoutsSection::new(&report_of("sample.spiky"), &TimeZone::UTC);
        let drawn: usize = section.chart.data()["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|layer| layer["x"].as_array().map_or(0, Vec::len))
            .sum();
        assert!(drawn > 0);
        assert_eq!(html.matches("<tr><th scope=\"row\">").count(), drawn, "one row for each dot: {html}");
    }

    #[test]
    fn too_few_posts_have_no_breakouts() {
        let html = BreakoutsSection::new(&without_posts(), &TimeZone::UTC).to_string();
        assert!(html.contains("it takes 8 posts") && !html.contains("<svg"), "{html}");
    }
}
