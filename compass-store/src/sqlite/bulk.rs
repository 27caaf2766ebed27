//! Many rows at once: statements that insert hundreds of rows, each prepared once.

use compass_core::ports::StoreError;
use sqlx::{AssertSqlSafe, SqlSafeStr as _, SqlStr, Sqlite, Transaction};

use super::SqliteStore;
use crate::{
    error::store_error,
    prepared::{KeptLook, Prepared, Wording, belongs_to},
};

/// So many rows of observations, 17 values each, are inserted by one statement; SQLite takes 32,766 values.
const LOOKS: usize = 500;

/// So many posts: their descriptions have 11 values.
const POSTS: usize = 500;

/// A table has room for every month.
pub(super) async fn make_room(_: &SqliteStore, _: &Prepared) -> Result<(), StoreError> {
    Ok(())
}

/// Adds the posts and their wordings, except those that are there.
pub(super) async fn add_posts(
    _: &SqliteStore,
    tx: &mut Transaction<'static, Sqlite>,
    posts: &[Wording],
) -> Result<(), StoreError> {
    for some in posts.chunks(POSTS) {
        let mut insert = sqlx::query(rows("compass_videos (creator_id, id)", 2, some.len()));
        for post in some {
            insert = insert.bind(post.creator).bind(post.id);
        }
        insert.execute(&mut **tx).await.map_err(store_error)?;
        let places = vec!["(?, ?)"; some.len()].join(", ");
        let stranger = AssertSqlSafe(format!(
            "WITH b (creator_id, id) AS (VALUES {places}) SELECT v.id, v.creator_id, b.creator_id FROM b \
             JOIN compass_videos v ON v.id = b.id WHERE v.creator_id <> b.creator_id LIMIT 1"
        ));
        let mut stranger = sqlx::query_as::<_, (i64, i64, i64)>(stranger);
        for post in some {
            stranger = stranger.bind(post.creator).bind(post.id);
        }
        if let Some((video, owner, other)) = stranger.fetch_optional(&mut **tx).await.map_err(store_error)? {
            return Err(belongs_to(video, owner, other));
        }
        let table = "compass_video_descriptions (creator_id, video_id, digest, created_at, created_at_derived, kind, \
            duration, caption, hashtags, sound, language)";
        let mut insert = sqlx::query(rows(table, 11, some.len()));
        for post in some {
            insert = insert
                .bind(post.creator)
                .bind(post.id)
                .bind(post.digest)
                .bind(post.created_at)
                .bind(post.created_at_derived)
                .bind(post.kind)
                .bind(post.duration)
                .bind(post.caption.as_str())
                .bind(post.hashtags.as_str())
                .bind(post.sound.as_deref())
                .bind(post.language.as_deref());
        }
        insert.execute(&mut **tx).await.map_err(store_error)?;
    }
    Ok(())
}

/// Adds observations in the order of their keys, except those that are there; gives how many were added.
pub(super) async fn add_looks(
    _: &SqliteStore,
    tx: &mut Transaction<'static, Sqlite>,
    looks: &[KeptLook],
) -> Result<u64, StoreError> {
    let table = "compass_video_observations (creator_id, video_id, observed_at, source, recorded_at, description, \
        pinned, views_lo, views_hi, likes_lo, likes_hi, comments_lo, comments_hi, shares_lo, shares_hi, saves_lo, \
        saves_hi)";
    let many = rows(table, 17, LOOKS);
    let mut added = 0;
    for some in looks.chunks(LOOKS) {
        let text = if some.len() == LOOKS { many.clone() } else { rows(table, 17, some.len()) };
        let mut insert = sqlx::query(text).persistent(some.len() == LOOKS);
        for look in some {
            insert = insert
                .bind(look.key.creator)
                .bind(look.key.video)
                .bind(look.key.observed_at)
                .bind(look.key.source.as_str())
                .bind(look.recorded_at)
                .bind(look.description)
                .bind(look.pinned);
            for bound in look.bounds() {
                insert = insert.bind(bound);
            }
        }
        added += insert.execute(&mut **tx).await.map_err(store_error)?.rows_affected();
    }
    Ok(added)
}

/// An insertion of so many rows, each of so many values.
fn rows(table: &str, values: usize, rows: usize) -> SqlStr {
    let row = format!("({})", vec!["?"; values].join(", "));
    let all = vec![row.as_str(); rows].join(", ");
    AssertSqlSafe(format!("INSERT INTO {table} VALUES {all} ON CONFLICT DO NOTHING")).into_sql_str()
}
