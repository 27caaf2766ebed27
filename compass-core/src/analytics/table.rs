//! The columnar table: the posts of one creator or of many, one column per figure.

use std::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};

use crate::{Count, VideoCounts, VideoObservation};

/// Which posts a figure is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The most posts, newest first by time of posting.
    pub posts: usize,
    /// Younger posts are left out: their views have hardly begun to come.
    pub min_age: SignedDuration,
}

impl Default for Window {
    /// The newest 30 posts at least 2 days old.
    fn default() -> Self {
        Self { posts: 30, min_age: SignedDuration::from_hours(48) }
    }
}

/// Posts of many creators as columns, each creator's rows together and newest first.
///
/// A counter that the source withholds is [`VideoTable::MISSING`]; a rounded one is its midpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VideoTable {
    ends: Vec<usize>,
    created: Vec<i64>,
    pinned: Vec<bool>,
    rounded: Vec<bool>,
    views: Vec<i64>,
    likes: Vec<i64>,
    comments: Vec<i64>,
    shares: Vec<i64>,
    saves: Vec<i64>,
}

/// Rows of one creator in a [`VideoTable`]: parallel slices, newest post first.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    /// When each was posted, seconds since 1970, UTC.
    pub created: &'a [i64],
    /// Whether it was pinned.
    pub pinned: &'a [bool],
    /// Whether a counter of it was rounded.
    pub rounded: &'a [bool],
    /// Views, or [`VideoTable::MISSING`].
    pub views: &'a [i64],
    /// Likes, or [`VideoTable::MISSING`].
    pub likes: &'a [i64],
    /// Comments, or [`VideoTable::MISSING`].
    pub comments: &'a [i64],
    /// Shares, or [`VideoTable::MISSING`].
    pub shares: &'a [i64],
    /// Saves, or [`VideoTable::MISSING`].
    pub saves: &'a [i64],
}

impl VideoTable {
    /// Stands for a counter that is not known.
    pub const MISSING: i64 = -1;

    /// Adds a creator's posts, in any order. Each post counts once: of several observations, the newest.
    pub fn push_creator<'a>(&mut self, videos: impl IntoIterator<Item = &'a VideoObservation>) {
        for v in newest_of_each(videos) {
            self.push_row(v.video.created_at.as_second(), v.pinned, Self::cells(&v.counts));
        }
        self.end_creator();
    }

    /// The counters as their cells, and whether one of them is rounded.
    pub(super) fn cells(counts: &VideoCounts) -> ([i64; 5], bool) {
        let counts = [counts.views, counts.likes, counts.comments, counts.shares, counts.saves];
        (counts.map(cell), counts.iter().flatten().any(|c| !c.is_exact()))
    }

    /// Adds a post of the creator whose rows come next; they come newest first.
    pub(super) fn push_row(&mut self, created: i64, pinned: bool, (cells, rounded): ([i64; 5], bool)) {
        self.created.push(created);
        self.pinned.push(pinned);
        self.rounded.push(rounded);
        let columns = [&mut self.views, &mut self.likes, &mut self.comments, &mut self.shares, &mut self.saves];
        for (column, cell) in columns.into_iter().zip(cells) {
            column.push(cell);
        }
    }

    /// Ends the creator whose rows were pushed last.
    pub(super) fn end_creator(&mut self) {
        self.ends.push(self.created.len());
    }

    /// How many creators there are.
    #[must_use]
    pub fn creators(&self) -> usize {
        self.ends.len()
    }

    /// One creator's rows, in the order of pushing; `None` past the end.
    #[must_use]
    pub fn creator(&self, index: usize) -> Option<Columns<'_>> {
        let to = *self.ends.get(index)?;
        let from = if index == 0 { 0 } else { self.ends[index - 1] };
        let all = Columns {
            created: &self.created,
            pinned: &self.pinned,
            rounded: &self.rounded,
            views: &self.views,
            likes: &self.likes,
            comments: &self.comments,
            shares: &self.shares,
            saves: &self.saves,
        };
        Some(all.slice(from, to))
    }
}

impl Columns<'_> {
    /// How many posts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.created.len()
    }

    /// Whether there is no post.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.created.is_empty()
    }

    /// The posts of a window that ends at `as_of`.
    #[must_use]
    pub fn window(&self, window: Window, as_of: Timestamp) -> Self {
        let newest = as_of.as_second().saturating_sub(window.min_age.as_secs());
        let from = self.created.partition_point(|&created| created > newest);
        let to = from.saturating_add(window.posts).min(self.len());
        self.slice(from, to)
    }

    fn slice(&self, from: usize, to: usize) -> Self {
        Self {
            created: &self.created[from..to],
            pinned: &self.pinned[from..to],
            rounded: &self.rounded[from..to],
            views: &self.views[from..to],
            likes: &self.likes[from..to],
            comments: &self.comments[from..to],
            shares: &self.shares[from..to],
            saves: &self.saves[from..to],
        }
    }
}

/// The newest observation of each post, newest post first.
pub(super) fn newest_of_each<'a>(videos: impl IntoIterator<Item = &'a VideoObservation>) -> Vec<&'a VideoObservation> {
    // Sources may differ on when a post appeared, so the observations of one post are found by its id.
    let mut newest_first: Vec<&VideoObservation> = videos.into_iter().collect();
    newest_first.sort_by_key(|v| Reverse((v.video.id, v.observed_at, v.source)));
    newest_first.dedup_by_key(|v| v.video.id);
    newest_first.sort_by_key(|v| Reverse((v.video.created_at, v.video.id)));
    newest_first
}

fn cell(count: Option<Count>) -> i64 {
    count.map_or(VideoTable::MISSING, |c| i64::try_from(c.midpoint()).expect("a count fits a signed integer"))
}
