//! The table of recent posts.

use compass_core::{
    VideoKind,
    analytics::{CreatorReport, MetricUnit, ReportVideo},
};
use jiff::tz::TimeZone;

use crate::words::{CountWords, amount, day};

/// More rows than these are more than anybody reads.
const MOST_ROWS: usize = 30;
/// A longer caption is cut.
const LONGEST_CAPTION: usize = 90;

/// A post as the table shows it.
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
}

impl VideoRow {
    fn new(video: &ReportVideo, zone: &TimeZone) -> Self {
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
            engagement: engagement(video),
        }
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

fn engagement(video: &ReportVideo) -> Option<String> {
    let counts = &video.counts;
    let middle = |count: Option<compass_core::Count>| count.map(|count| count.midpoint() as f64);
    let reactions = middle(counts.likes)? + middle(counts.comments)? + middle(counts.shares)?;
    let views = middle(counts.views).filter(|views| *views > 0.0)?;
    Some(amount(MetricUnit::Fraction, reactions / views))
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
