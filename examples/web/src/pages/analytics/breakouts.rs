//! Breakouts: posts far above the others at equal age, and far below.

use askama::Template;
use compass_core::analytics::{CreatorReport, Mark, ReportVideo};
use jiff::tz::TimeZone;

use crate::{
    pages::{
        charts::{Chart, Colour, Dot, Layer, Scale, Shape},
        posts::VideoRow,
    },
    words::{day, standouts, thousands},
};

/// The section.
#[derive(Clone, Debug, Template)]
#[template(path = "analytics/breakouts.html")]
pub(super) struct BreakoutsSection {
    summary: String,
    chart: Chart,
    ups: Vec<VideoRow>,
    downs: Vec<VideoRow>,
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
        Self { summary, chart: chart(report, zone), ups: marked(Mark::Breakout), downs: marked(Mark::Flop) }
    }
}

/// Views at 30 days by the day of posting.
fn chart(report: &CreatorReport, zone: &TimeZone) -> Chart {
    let dots = |wanted: Option<Mark>| {
        let known = report.videos.iter().filter(|video| video.standout.z.is_some() && video.standout.mark == wanted);
        Shape::Dots(known.filter_map(|video| dot(video, zone)).collect())
    };
    let layer = |name, colour, shape| Layer { name, colour, shape };
    let layers = vec![
        layer("Usual posts", Colour::Series, dots(None)),
        layer("Breakouts", Colour::Trend, dots(Some(Mark::Breakout))),
        layer("Far below", Colour::Change, dots(Some(Mark::Flop))),
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
    }

    #[test]
    fn too_few_posts_have_no_breakouts() {
        let html = BreakoutsSection::new(&without_posts(), &TimeZone::UTC).to_string();
        assert!(html.contains("it takes 8 posts") && !html.contains("<svg"), "{html}");
    }
}
