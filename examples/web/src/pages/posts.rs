//! Posts as tables show them.

use compass_core::{
    VideoKind,
    analytics::{CreatorReport, Mark, MetricUnit, ReportVideo},
};
use jiff::tz::TimeZone;

use crate::words::{CountWords, amount, day};

/// More rows than these are more than anybody reads.
const MOST_ROWS: usize = 30;
/// A longer caption is cut.
const LONGEST_CAPTION: usize = 90;

/// A post as a table shows it.
#[derive(Clone, Debug)]
pub(super) struct VideoRow {
    pub(super) caption: String,
    pub(super) posted: String,
    pub(super) pinned: bool,
    pub(super) photo: bool,
    /// Whether the time of posting was derived from the id.
    pub(super) derived: bool,
    pub(super) views: CountWords,
    pub(super) likes: CountWords,
    pub(super) comments: CountWords,
    pub(super) shares: CountWords,
    pub(super) saves: CountWords,
    /// Engagement by views; `None` if a counter is missing or nobody has seen it.
    pub(super) engagement: Option<String>,
    /// How it did among the others.
    pub(super) mark: Option<Mark>,
    /// Whether the newest list of posts leaves it out.
    pub(super) gone: bool,
    /// Views to come, where some are.
    pub(super) expected: Option<Expected>,
}

/// The views that a post will have at 90 days.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    /// `about 31,000`
    pub(super) words: String,
    /// `24,000 to 42,000`; `None` if nobody can tell how far off it is.
    pub(super) range: Option<String>,
}

impl VideoRow {
    pub(super) fn new(video: &ReportVideo, zone: &TimeZone) -> Self {
        let counts = &video.counts;
        Self {
            caption: shortened(video.caption.as_str()),
            posted: day(video.created_at, zone),
            pinned: video.pinned,
            photo: video.kind == VideoKind::Photo,
            derived: video.created_at_derived,
            views: CountWords::new(counts.views),
            likes: CountWords::new(counts.likes),
            comments: CountWords::new(counts.comments),
            shares: CountWords::new(counts.shares),
            saves: CountWords::new(counts.saves),
            engagement: engagement(video).map(|rate| amount(MetricUnit::Fraction, rate)),
            mark: video.standout.mark,
            gone: video.gone,
            expected: Expected::of(video),
        }
    }

    pub(super) fn broke_out(&self) -> bool {
        self.mark == Some(Mark::Breakout)
    }

    pub(super) fn fell_short(&self) -> bool {
        self.mark == Some(Mark::Flop)
    }

    /// The counters with their names, in the order of the columns.
    pub(super) fn counters(&self) -> [(&'static str, &CountWords); 5] {
        [
            ("Views", &self.views),
            ("Likes", &self.likes),
            ("Comments", &self.comments),
            ("Shares", &self.shares),
            ("Saves", &self.saves),
        ]
    }
}

/// The posts as a visitor of the profile finds them: what is pinned, then the newest.
pub(super) fn rows(report: &CreatorReport, zone: &TimeZone) -> Vec<VideoRow> {
    let (pinned, others): (Vec<_>, Vec<_>) = report.videos.iter().partition(|video| video.pinned);
    pinned.into_iter().chain(others).take(MOST_ROWS).map(|video| VideoRow::new(video, zone)).collect()
}

/// The newest posts with views to come, whose age the growth of views is about.
pub(super) fn still_growing(report: &CreatorReport, zone: &TimeZone) -> Vec<VideoRow> {
    const MOST: usize = 5;
    let young = jiff::SignedDuration::from_hours(14 * 24);
    let growing = report
        .videos
        .iter()
        .filter(|video| report.as_of.duration_since(video.created_at) < young && expected_views(video).is_some());
    growing.take(MOST).map(|video| VideoRow::new(video, zone)).collect()
}

impl Expected {
    fn of(video: &ReportVideo) -> Option<Self> {
        let growth = expected_views(video)?;
        let of = |views| amount(MetricUnit::Views, views);
        // Of made-up posts without any noise the ends are the same number.
        let range = video.growth.final_views.interval.map(|i| (of(i.lo), of(i.hi))).filter(|(lo, hi)| lo != hi);
        let range = range.map(|(lo, hi)| format!("{lo} to {hi}"));
        Some(Self { words: format!("about {}", of(growth)), range })
    }
}

/// The views that a post is expected to have at 90 days, if these are more than it has: 2 % more at least.
pub(super) fn expected_views(video: &ReportVideo) -> Option<f64> {
    const WORTH_TELLING: f64 = 1.02;
    let seen = video.counts.views?.midpoint() as f64;
    video.growth.final_views.value.filter(|views| !video.gone && *views > seen * WORTH_TELLING)
}

/// Engagement by views; `None` if a counter is missing or nobody has seen it.
pub(super) fn engagement(video: &ReportVideo) -> Option<f64> {
    let counts = &video.counts;
    let middle = |count: Option<compass_core::Count>| count.map(|count| count.midpoint() as f64);
    let reactions = middle(counts.likes)? + middle(counts.comments)? + middle(counts.shares)?;
    let views = middle(counts.views).filter(|views| *views > 0.0)?;
    Some(reactions / views)
}

fn shortened(caption: &str) -> String {
    let line = caption.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST_CAPTION {
        return line;
    }
    line.chars().take(LONGEST_CAPTION - 1).collect::<String>() + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caption_is_one_line_of_bounded_length() {
        assert_eq!(shortened(" a\n b\t c "), "a b c");
        let long = shortened(&"é".repeat(200));
        assert_eq!((long.chars().count(), long.ends_with('…')), (LONGEST_CAPTION, true));
    }
}
