//! The looks at each post: the newest one, and the views at every age at which it was seen.

use std::cmp::Reverse;

use jiff::Timestamp;

use crate::VideoObservation;

const SECONDS_A_DAY: f64 = 86_400.0;

/// Everything that was seen of one post.
#[derive(Debug)]
pub(super) struct PostLooks<'a> {
    /// The newest look.
    pub(super) newest: &'a VideoObservation,
    /// Age in days and views at each look that shows them, oldest first.
    pub(super) views: Vec<(f64, f64)>,
}

/// The posts that were seen by a moment, newest post first.
pub(super) fn looks<'a>(
    videos: impl IntoIterator<Item = &'a VideoObservation>,
    as_of: Timestamp,
) -> Vec<PostLooks<'a>> {
    // Sources may differ on when a post appeared, so the observations of one post are found by its id.
    let mut seen: Vec<&VideoObservation> = videos.into_iter().filter(|v| v.observed_at <= as_of).collect();
    seen.sort_by_key(|v| (v.video.id, v.observed_at, v.source));
    // Of two looks at one moment the later source counts.
    seen.dedup_by(|later, kept| {
        let same = (later.video.id, later.observed_at) == (kept.video.id, kept.observed_at);
        if same {
            *kept = *later;
        }
        same
    });
    let mut posts: Vec<PostLooks<'_>> = seen
        .chunk_by(|a, b| a.video.id == b.video.id)
        .map(|looks| {
            let newest = *looks.last().expect("a chunk is never empty");
            let seen_at = |v: &&VideoObservation| {
                Some((age(newest.video.created_at, v.observed_at), v.counts.views?.midpoint() as f64))
            };
            PostLooks { newest, views: looks.iter().filter_map(seen_at).collect() }
        })
        .collect();
    posts.sort_by_key(|post| Reverse((post.newest.video.created_at, post.newest.video.id)));
    posts
}

fn age(created_at: Timestamp, observed_at: Timestamp) -> f64 {
    observed_at.duration_since(created_at).as_secs_f64() / SECONDS_A_DAY
}
