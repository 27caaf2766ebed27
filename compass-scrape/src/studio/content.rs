//! What the table of posts tells: each post's counters to the unit.

use compass_core::{
    Handle, SourceKind, Text, Video, VideoCounts, VideoObservation,
    own_data::{end_of, noon_of},
};
use jiff::{Timestamp, civil::Date, tz::Offset};

use super::{
    Bad,
    cell::Row,
    daily::count,
    day::{self, Written},
    layout::Layout,
    post_link::{Linked, linked},
    told,
    year::{day_after, days_between, nearest},
};
use crate::parse::{hashtags_in, more_likes_than_views};

/// A post was uploaded at most so many days before it is published: TikTok plans no further ahead.
pub(super) const PLANNED_AHEAD: i32 = 30;

/// A row of the table, before its years are known.
#[derive(Clone, Debug)]
pub(super) struct Post {
    pub(super) line: usize,
    pub(super) linked: Linked,
    title: String,
    /// The day of the export.
    pub(super) exported: Option<Written>,
    posted: Option<Written>,
    counts: VideoCounts,
}

impl Post {
    /// Reads a row.
    pub(super) fn read(layout: &Layout, row: &Row) -> Result<Self, Bad> {
        let link = layout.cell(row, 2).text();
        let linked = linked(link)
            .ok_or_else(|| Bad::new("not_a_post", format!("{} is no link to a post on TikTok", told(link))))?;
        let day = |heading: usize| match layout.cell(row, heading) {
            cell if cell.is_missing() || day::is_of_two_months(cell) => Ok(None),
            cell => day::written(cell).map(Some),
        };
        let counts = VideoCounts {
            likes: count(layout.cell(row, 4))?,
            comments: count(layout.cell(row, 5))?,
            shares: count(layout.cell(row, 6))?,
            views: count(layout.cell(row, 7))?,
            saves: None,
        };
        if let Some(why) = more_likes_than_views(&counts) {
            return Err(Bad::new("suspect_value", why));
        }
        let title = layout.cell(row, 1).text().to_owned();
        Ok(Self { line: row.line, linked, title, exported: day(0)?, posted: day(3)?, counts })
    }

    /// Whose post it is.
    pub(super) fn handle(&self) -> Option<&Handle> {
        self.linked.handle.as_ref()
    }

    /// The post as it was on the day of the export: at noon (UTC), since no hour is told, or when it was made if that was
    /// later.
    pub(super) fn observation(self, exported_on: Date) -> Result<VideoObservation, Bad> {
        let id = self.linked.id;
        let video = Video {
            caption: Text::lossy(&self.title),
            hashtags: hashtags_in(&self.title),
            created_at: posted_at(id.upload_started(), self.posted),
            ..Video::from_id(id, self.linked.kind)
        };
        // The creator's clock may be a day behind that of the post.
        if video.created_at > end_of(day_after(exported_on)) || id.upload_started().as_second() < FIRST_UPLOAD {
            let detail = format!("its id says that post {id} was made at {}", video.created_at);
            return Err(Bad::new("suspect_value", detail));
        }
        let observed_at = noon_of(exported_on).max(video.created_at);
        let source = SourceKind::StudioExport;
        Ok(VideoObservation { video, observed_at, source, pinned: false, counts: self.counts })
    }
}

/// 2014, when the first posts that TikTok has were made.
const FIRST_UPLOAD: i64 = 1_388_534_400;

/// When a post was made: when its upload began, unless the table says that it was published days after that, as planned
/// posts are.
fn posted_at(upload: Timestamp, posted: Option<Written>) -> Timestamp {
    let uploaded_on = Offset::UTC.to_datetime(upload).date();
    let posted_on = posted.and_then(|posted| nearest(posted, uploaded_on));
    match posted_on {
        // A day earlier or later is what zones do.
        Some(day) if (2..=PLANNED_AHEAD).contains(&days_between(uploaded_on, day)) => noon_of(day),
        _ => upload,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_planned_post_was_made_on_the_day_that_the_table_says() {
        let upload: Timestamp = "2025-12-30T20:00:00Z".parse().unwrap();
        let on = |month, day| posted_at(upload, Some(Written { year: None, month, day })).to_string();
        assert_eq!(on(12, 30), "2025-12-30T20:00:00Z");
        assert_eq!(on(12, 31), "2025-12-30T20:00:00Z");
        assert_eq!(on(1, 8), "2026-01-08T12:00:00Z");
        assert_eq!(on(6, 8), "2025-12-30T20:00:00Z", "nobody plans half a year ahead");
        assert_eq!(posted_at(upload, None), upload);
    }
}
