//! The corpus as columns, row by row in the order of the primary key.

use compass_core::{
    Count, SourceKind, VideoCounts,
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

const WORDINGS: &str = "SELECT creator_id, video_id, digest, created_at FROM compass_video_descriptions \
    ORDER BY creator_id, video_id, digest";

const LOOKS: &str = "SELECT creator_id, video_id, observed_at, source, description, pinned, views_lo, views_hi, \
    likes_lo, likes_hi, comments_lo, comments_hi, shares_lo, shares_hi, saves_lo, saves_hi \
    FROM compass_video_observations WHERE observed_at <= $1 ORDER BY creator_id, video_id, observed_at, source";

/// Reads the newest observations as of a moment.
pub(super) async fn read(store: &SqliteStore, as_of: Stamp) -> Result<CorpusTable, StoreError> {
    use sqlx::Row as _;
    let mut tx = store.reader.begin().await.map_err(store_error)?;
    let mut builder = CorpusTableBuilder::default();
    {
        let mut wordings = sqlx::query_as::<_, (i64, i64, i64, i64)>(WORDINGS).fetch(&mut *tx);
        while let Some((creator, video, digest, created_at)) = wordings.try_next().await.map_err(store_error)? {
            let (creator, video) =
                ids(creator, video).ok_or_else(|| corrupt("compass_videos", video, "creator_id", creator))?;
            builder.describe(creator, video, digest, created_at.div_euclid(1_000_000));
        }
    }
    let mut looks = sqlx::query(LOOKS).bind(as_of).fetch(&mut *tx);
    while let Some(row) = looks.try_next().await.map_err(store_error)? {
        let int = |at: usize| row.try_get::<i64, _>(at).map_err(store_error);
        let (creator, video) = (int(0)?, int(1)?);
        let (creator, video) =
            ids(creator, video).ok_or_else(|| corrupt("compass_videos", video, "creator_id", creator))?;
        let named: &str = row.try_get(3).map_err(store_error)?;
        let wrong =
            |column: &str, why: &dyn std::fmt::Display| corrupt("compass_video_observations", video, column, why);
        let count = |column: &str, at: usize| {
            let bound = |at: usize| row.try_get::<Option<i64>, _>(at).map_err(store_error);
            match (bound(at)?, bound(at + 1)?) {
                (Some(lo), Some(hi)) => {
                    Count::range(lo.unsigned_abs(), hi.unsigned_abs()).map(Some).map_err(|why| wrong(column, &why))
                }
                _ => Ok(None),
            }
        };
        builder.observe(&CorpusLook {
            creator,
            video,
            observed_at: int(2)?,
            source: SourceKind::from_name(named)
                .ok_or_else(|| wrong("source", &format_args!("{named:?} is unknown")))?,
            wording: int(4)?,
            pinned: row.try_get(5).map_err(store_error)?,
            counts: VideoCounts {
                views: count("views", 6)?,
                likes: count("likes", 8)?,
                comments: count("comments", 10)?,
                shares: count("shares", 12)?,
                saves: count("saves", 14)?,
            },
        });
    }
    builder.finish().map_err(|why| StoreError::Corrupt(why.to_string()))
}
