//! The table of posts: sorted, filtered, page by page, with the views that are still to come.

use std::cmp::Reverse;

use askama::Template;
use compass_core::{
    Count, VideoKind,
    analytics::{CreatorReport, Mark, ReportVideo},
};
use jiff::tz::TimeZone;

use super::asked::{Asked, ROWS, Show, Sort};
use crate::{
    pages::posts::{Expected, VideoRow, engagement, expected_views},
    words::thousands,
};

/// The section.
#[derive(Clone, Debug, Template)]
#[template(path = "analytics/videos.html")]
pub(super) struct VideosSection {
    asked: Asked,
    rows: Vec<Row>,
    /// How many posts were seen, and how many of them are shown on all pages together.
    seen: usize,
    found: usize,
}

/// A post with its views as a bar.
#[derive(Clone, Debug)]
struct Row {
    post: VideoRow,
    /// In hundredths of the longest bar: the views, and those to come.
    bar: Option<(f64, f64)>,
}

impl VideosSection {
    pub(super) fn new(report: &CreatorReport, asked: &Asked, zone: &TimeZone) -> Self {
        let wanted = asked.find.to_lowercase();
        let mut found: Vec<&ReportVideo> = report
            .videos
            .iter()
            .filter(|video| is_shown(video, asked.show))
            .filter(|video| wanted.is_empty() || video.caption.as_str().to_lowercase().contains(&wanted))
            .collect();
        sort(&mut found, asked.sort);
        let longest = found.iter().filter_map(|video| length(video)).map(|(_, to)| to).fold(0.0, f64::max);
        let row = |video: &&ReportVideo| Row {
            post: VideoRow::new(video, zone),
            bar: length(video).filter(|_| longest > 0.0).map(|(seen, to)| (part(seen, longest), part(to, longest))),
        };
        let mut asked = asked.clone();
        asked.page = asked.page.min(found.len().saturating_sub(1) / ROWS);
        Self {
            rows: found.iter().skip(asked.page * ROWS).take(ROWS).map(row).collect(),
            seen: report.videos.len(),
            found: found.len(),
            asked,
        }
    }

    fn sorts(&self) -> [(Sort, &'static str, &'static str); 7] {
        Sort::ALL
    }

    fn shows(&self) -> [(Show, &'static str, &'static str); 6] {
        Show::ALL
    }

    fn all(&self) -> String {
        thousands(self.seen as u64)
    }

    fn of_all(&self) -> String {
        format!("{} of {}", thousands(self.found as u64), self.all())
    }

    fn pages(&self) -> usize {
        self.found.div_ceil(ROWS)
    }

    fn to_page(&self, page: usize) -> String {
        self.asked.with(&[("page", (page > 0).then(|| (page + 1).to_string()))])
    }
}

fn is_shown(video: &ReportVideo, show: Show) -> bool {
    match show {
        Show::All => true,
        Show::Growing => expected_views(video).is_some(),
        Show::Breakouts => video.standout.mark == Some(Mark::Breakout),
        Show::Flops => video.standout.mark == Some(Mark::Flop),
        Show::Photos => video.kind == VideoKind::Photo,
        Show::Gone => video.gone,
    }
}

/// The report has the newest first; sorting keeps that order where nothing else decides.
fn sort(videos: &mut [&ReportVideo], sort: Sort) {
    let middle = |count: Option<Count>| Reverse(count.map(Count::midpoint));
    match sort {
        Sort::Newest => {}
        Sort::Views => videos.sort_by_key(|video| middle(video.counts.views)),
        Sort::Likes => videos.sort_by_key(|video| middle(video.counts.likes)),
        Sort::Comments => videos.sort_by_key(|video| middle(video.counts.comments)),
        Sort::Shares => videos.sort_by_key(|video| middle(video.counts.shares)),
        Sort::Expected => by(videos, |video| length(video).map(|(_, to)| to)),
        Sort::Engagement => by(videos, engagement),
    }
}

fn by(videos: &mut [&ReportVideo], key: impl Fn(&ReportVideo) -> Option<f64>) {
    let key = |video: &ReportVideo| key(video).unwrap_or(f64::NEG_INFINITY);
    videos.sort_by(|a, b| key(b).total_cmp(&key(a)));
}

/// The views so far, and in the end.
fn length(video: &ReportVideo) -> Option<(f64, f64)> {
    let seen = video.counts.views?.midpoint() as f64;
    Some((seen, expected_views(video).unwrap_or(seen)))
}

fn part(views: f64, longest: f64) -> f64 {
    (views / longest * 1000.0).round() / 10.0
}

impl Row {
    fn expected(&self) -> Option<&Expected> {
        self.post.expected.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::analytics::tests::{report_of, without_posts};

    fn section(report: &CreatorReport, pairs: &[(&str, &str)]) -> VideosSection {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        VideosSection::new(report, &Asked::read(&pairs), &TimeZone::UTC)
    }

    #[test]
    fn posts_are_sorted_as_asked() {
        let report = report_of("sample.steady");
        for (name, _) in [("views", 0), ("likes", 0)] {
            let rows = section(&report, &[("sort", name)]).rows;
            let of = |row: &Row| {
                let count = if name == "views" { &row.post.views } else { &row.post.likes };
                count.shown.replace(',', "").parse::<u64>().unwrap()
            };
            assert!(rows.is_sorted_by_key(|row| Reverse(of(row))), "{name}");
        }
        let bars: Vec<f64> =
            section(&report, &[("sort", "expected")]).rows.iter().map(|row| row.bar.unwrap().1).collect();
        assert!(bars.is_sorted_by(|a, b| a >= b) && (bars[0] - 100.0).abs() < 1e-9, "{bars:?}");
    }

    #[test]
    fn posts_are_found_by_their_captions_and_by_what_they_are() {
        let report = report_of("sample.steady");
        assert_eq!(section(&report, &[("find", "no such words")]).found, 0);
        let growing = section(&report, &[("show", "growing")]);
        assert!(growing.found > 0 && growing.rows.iter().all(|row| row.expected().is_some()));
        let html = growing.to_string();
        assert!(html.contains("expected") && html.contains("class=\"ghost\""), "{html}");
        assert!(section(&report, &[("find", "no such words")]).to_string().contains("No post is like that."));
    }

    #[test]
    fn a_page_beyond_the_last_is_the_last() {
        let report = report_of("sample.steady");
        let all = section(&report, &[]);
        assert!(all.pages() >= 1 && all.rows.len() <= ROWS);
        let last = section(&report, &[("page", "900")]);
        assert_eq!(last.asked.page + 1, all.pages());
        assert!(!last.rows.is_empty());
        assert!(section(&without_posts(), &[("page", "9")]).to_string().contains("No post was seen yet."));
    }
}
