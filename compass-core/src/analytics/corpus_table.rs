//! Observations of many accounts, streamed into the columnar table without a row in between.

use std::cmp::Reverse;

use super::table::VideoTable;
use crate::{CreatorId, SourceKind, VideoCounts, VideoId};

/// The posts of many accounts as columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorpusTable {
    /// Whose posts they are: the account of each [`VideoTable::creator`], in the order of ids.
    pub creators: Vec<CreatorId>,
    /// Their posts.
    pub table: VideoTable,
}

/// A post's observation as a store keeps it.
#[derive(Clone, Copy, Debug)]
pub struct CorpusLook {
    /// Whose post it is.
    pub creator: CreatorId,
    /// Which post.
    pub video: VideoId,
    /// When the source showed it, microseconds since 1970, UTC.
    pub observed_at: i64,
    /// Who showed it.
    pub source: SourceKind,
    /// Which of the post's wordings it showed.
    pub wording: i64,
    /// Whether the post was pinned.
    pub pinned: bool,
    /// Whether one of its counters was rounded.
    pub rounded: bool,
    /// Views, likes, comments, shares and saves: midpoints of what is known, or [`VideoTable::MISSING`].
    pub counters: [i64; 5],
}

impl CorpusLook {
    /// The counters as midpoints, and whether one of them was rounded.
    #[must_use]
    pub fn midpoints(counts: &VideoCounts) -> ([i64; 5], bool) {
        VideoTable::cells(counts)
    }
}

/// An observation points to a wording that the post does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("post {video} of account {creator} has no wording {wording}")]
pub struct UnknownWording {
    /// Whose post it is.
    pub creator: CreatorId,
    /// Which post.
    pub video: VideoId,
    /// Which wording.
    pub wording: i64,
}

/// Takes observations of posts in any order and keeps the newest of each post.
///
/// What a post says of itself is told apart from its observations, once per wording. Observations that come in the order
/// of accounts, posts and time take no more room than the posts.
///
/// ```
/// use compass_core::{
///     CreatorId, SourceKind, VideoId,
///     analytics::{CorpusLook, CorpusTableBuilder, VideoTable},
/// };
///
/// let creator = CreatorId::parse("7065499344158344198")?;
/// let video = VideoId::parse("7470546959699348744")?;
/// let mut builder = CorpusTableBuilder::default();
/// builder.describe(creator, video, 1, 1_739_372_097);
/// for observed_at in [1_780_000_000_000_000, 1_770_000_000_000_000] {
///     let (source, counters) = (SourceKind::Page, [38_500, VideoTable::MISSING, 12, 3, 0]);
///     let (pinned, rounded) = (false, true);
///     builder.observe(&CorpusLook { creator, video, observed_at, source, wording: 1, pinned, rounded, counters });
/// }
/// let corpus = builder.finish()?;
/// assert_eq!(corpus.creators, [creator]);
/// assert_eq!(corpus.table.creator(0).map(|columns| columns.created), Some([1_739_372_097].as_slice()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct CorpusTableBuilder {
    posts: Vec<(CreatorId, VideoId)>,
    newest: Vec<(i64, SourceKind)>,
    wordings: Vec<i64>,
    figures: Figures,
    described: Vec<(CreatorId, VideoId, i64, i64)>,
}

/// What the table keeps of an observation, as columns.
#[derive(Debug, Default)]
struct Figures {
    pinned: Vec<bool>,
    counts: Vec<([i64; 5], bool)>,
}

impl CorpusTableBuilder {
    /// Tells when a wording of a post says that it was posted: seconds since 1970, UTC.
    pub fn describe(&mut self, creator: CreatorId, video: VideoId, wording: i64, created_at: i64) {
        self.described.push((creator, video, wording, created_at));
    }

    /// Takes an observation. Of two by the same source at the same time, the first is kept.
    pub fn observe(&mut self, look: &CorpusLook) {
        let (post, at) = ((look.creator, look.video), (look.observed_at, look.source));
        let cells = (look.counters, look.rounded);
        if self.posts.last() == Some(&post) {
            let last = self.posts.len() - 1;
            if self.newest[last] < at {
                self.newest[last] = at;
                self.wordings[last] = look.wording;
                self.figures.pinned[last] = look.pinned;
                self.figures.counts[last] = cells;
            }
            return;
        }
        self.posts.push(post);
        self.newest.push(at);
        self.wordings.push(look.wording);
        self.figures.pinned.push(look.pinned);
        self.figures.counts.push(cells);
    }

    /// The columns of what was taken.
    ///
    /// # Errors
    /// [`UnknownWording`] if a post's newest observation points to a wording that was not told.
    pub fn finish(mut self) -> Result<CorpusTable, UnknownWording> {
        let mut order: Vec<u32> = (0..self.posts.len() as u32).collect();
        if !self.posts.is_sorted_by(|a, b| a < b) {
            order.sort_by_key(|&i| (self.posts[i as usize], Reverse(self.newest[i as usize])));
            order.dedup_by_key(|i| self.posts[*i as usize]);
        }
        if !self.described.is_sorted() {
            self.described.sort_unstable();
        }
        let mut corpus = CorpusTable::default();
        let mut described = self.described.iter().peekable();
        for of_creator in order.chunk_by(|&a, &b| self.posts[a as usize].0 == self.posts[b as usize].0) {
            let mut rows = Vec::with_capacity(of_creator.len());
            for &row in of_creator {
                let (creator, video) = self.posts[row as usize];
                let wording = self.wordings[row as usize];
                let wanted = (creator, video, wording);
                while described.next_if(|&&(c, v, w, _)| (c, v, w) < wanted).is_some() {}
                match described.peek() {
                    Some(&&(c, v, w, created_at)) if (c, v, w) == wanted => {
                        rows.push((created_at, video, row as usize))
                    }
                    _ => return Err(UnknownWording { creator, video, wording }),
                }
            }
            rows.sort_unstable_by_key(|&(created_at, video, _)| Reverse((created_at, video)));
            for (created_at, _, row) in rows {
                corpus.table.push_row(created_at, self.figures.pinned[row], self.figures.counts[row]);
            }
            corpus.table.end_creator();
            corpus.creators.push(self.posts[of_creator[0] as usize].0);
        }
        Ok(corpus)
    }
}
