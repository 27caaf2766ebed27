//! The corpus as columns: the newest observation of each post is found by SQLite, since each row that it gives costs more than
//! to find it.

use compass_core::{
    SourceKind,
    analytics::{CorpusLook, CorpusTable, CorpusTableBuilder},
    ports::StoreError,
};
use futures_util::TryStreamExt as _;

use super::SqliteStore;
use crate::{
    error::{corrupt, store_error},
    prepared::ids,
    stamp::Stamp,
};

/// Of the rows of a group SQLite gives the one that has the maximum: the last moment, and of two
/// sources at that moment the later in order.
const NEWEST: &str = "SELECT n.creator_id, n.video_id, d.created_at, n.newest, \
    n.pinned + 2 * ((views_lo < views_hi) IS TRUE OR (likes_lo < likes_hi) IS TRUE OR \
        (comments_lo < comments_hi) IS TRUE OR (shares_lo < shares_hi) IS TRUE OR (saves_lo < saves_hi) IS TRUE), \
    COALESCE(views_lo + (views_hi - views_lo) / 2 + (views_hi - views_lo) % 2, -1), COALESCE(likes_lo + (likes_hi - likes_lo) / 2 + (likes_hi - likes_lo) % 2, -1), \
    COALESCE(comments_lo + (comments_hi - comments_lo) / 2 + (comments_hi - comments_lo) % 2, -1), \
    COALESCE(shares_lo + (shares_hi - shares_lo) / 2 + (shares_hi - shares_lo) % 2, -1), COALESCE(saves_lo + (saves_hi - saves_lo) / 2 + (saves_hi - saves_lo) % 2, -1) \
    FROM (SELECT *, MAX(observed_at * 8 + CASE source WHEN 'data_download' THEN 0 WHEN 'display_api' THEN 1 \
            WHEN 'page' THEN 2 WHEN 'replay' THEN 3 WHEN 'sample' THEN 4 WHEN 'studio_export' THEN 5 \
            WHEN 'web_driver' THEN 6 ELSE 7 END) AS newest \
        FROM compass_video_observations WHERE observed_at <= $1 AND recorded_at <= $2 GROUP BY creator_id, video_id) n \
    JOIN compass_video_descriptions d \
    ON d.creator_id = n.creator_id AND d.video_id = n.video_id AND d.digest = n.description";

/// A post: account, post, when it was posted, when and by whom it was seen last, whether it was pinned (1) or a counter was
/// rounded (2), and the counters.
type Row = (i64, i64, i64, i64, i64, i64, i64, i64, i64, i64);

/// Reads the newest observations as of a moment.
pub(super) async fn read(store: &SqliteStore, as_of: Stamp) -> Result<CorpusTable, StoreError> {
    let mut builder = CorpusTableBuilder::default();
    let mut posts = sqlx::query_as::<_, Row>(NEWEST).bind(as_of).bind(store.known_at).fetch(&store.reader);
    while let Some(row) = posts.try_next().await.map_err(store_error)? {
        let (creator, video, created_at, newest, flags, views, likes, comments, shares, saves) = row;
        let (creator, video) =
            ids(creator, video).ok_or_else(|| corrupt("compass_videos", video, "creator_id", creator))?;
        let source = SourceKind::ALL.get((newest & 7) as usize).copied();
        builder.describe(creator, video, 0, created_at.div_euclid(1_000_000));
        builder.observe(&CorpusLook {
            creator,
            video,
            observed_at: newest >> 3,
            source: source.ok_or_else(|| corrupt("compass_video_observations", video, "source", "it is unknown"))?,
            wording: 0,
            pinned: flags & 1 != 0,
            rounded: flags & 2 != 0,
            counters: [views, likes, comments, shares, saves],
        });
    }
    builder.finish().map_err(|why| StoreError::Corrupt(why.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_stand_in_the_order_of_the_statement() {
        for (place, source) in SourceKind::ALL.iter().enumerate() {
            assert!(NEWEST.contains(&format!("WHEN '{source}' THEN {place} ")), "{source}");
        }
    }
}
