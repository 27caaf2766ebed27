//! Many rows at once: statements that insert hundreds of rows, each prepared once.

use std::collections::BTreeSet;

use compass_core::{Count, SourceKind, ports::StoreError};
use sqlx::{
    Arguments as _, AssertSqlSafe, SqlSafeStr as _, SqlStr, Sqlite, Transaction, error::BoxDynError,
    sqlite::SqliteArguments,
};

use super::SqliteStore;
use crate::{
    error::store_error,
    prepared::{KeptLook, Prepared, Wording, belongs_to},
    rows::DescriptionRow,
    statements::sqlite::{OWNER, WORDINGS},
};

/// So many rows of observations, 17 values each, are inserted by one statement; SQLite takes 32,766 values.
const LOOKS: usize = 500;

const LOOK: &str = "compass_video_observations (creator_id, video_id, observed_at, source, recorded_at, description, \
    pinned, views_lo, views_hi, likes_lo, likes_hi, comments_lo, comments_hi, shares_lo, shares_hi, saves_lo, saves_hi)";

/// So many posts: their descriptions have 11 values.
const POSTS: usize = 500;

/// A table has room for every month.
pub(super) async fn make_room(_: &SqliteStore, _: &Prepared) -> Result<(), StoreError> {
    Ok(())
}

/// No month is taken away, so there is nothing to forget.
pub(super) fn forget_room(_: &SqliteStore, _: &Prepared, _: &StoreError) -> bool {
    false
}

/// Adds the posts and their wordings, except those that are there; gives the posts that were not.
pub(super) async fn add_posts(
    _: &SqliteStore,
    tx: &mut Transaction<'static, Sqlite>,
    posts: &[Wording],
) -> Result<BTreeSet<i64>, StoreError> {
    let (mut wordings, mut videos) = (Vec::new(), Vec::new());
    for some in posts.chunks(POSTS) {
        let missing = new_wordings(some.len());
        let mut missing = sqlx::query_as::<_, (i64, bool)>(missing).persistent(some.len() == POSTS);
        for post in some {
            missing = missing.bind(post.creator).bind(post.id).bind(post.digest);
        }
        let mut missing = missing.fetch_all(&mut **tx).await.map_err(store_error)?;
        missing.sort_unstable();
        for (place, is_known) in missing {
            let Some(post) = some.get(place as usize) else { continue };
            wordings.push(post);
            if !is_known {
                videos.push((post.creator, post.id));
            }
        }
    }
    videos.dedup();
    for some in videos.chunks(POSTS) {
        let mut insert = sqlx::query(add_videos(some.len())).persistent(some.len() == POSTS);
        for (creator, id) in some {
            insert = insert.bind(creator).bind(id);
        }
        match insert.execute(&mut **tx).await {
            Err(sqlx::Error::Database(reported)) if reported.is_unique_violation() => {
                for (creator, id) in some {
                    let owner = sqlx::query_scalar(OWNER).bind(id).fetch_optional(&mut **tx).await;
                    if let Some(owner) = owner.map_err(store_error)?
                        && owner != *creator
                    {
                        return Err(belongs_to(*id, owner, *creator));
                    }
                }
                return Err(store_error(sqlx::Error::Database(reported)));
            }
            added => added.map_err(store_error)?,
        };
    }
    for some in wordings.chunks(POSTS) {
        let mut insert = sqlx::query(add_wordings(some.len())).persistent(some.len() == POSTS);
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
    Ok(videos.into_iter().map(|(_, id)| id).collect())
}

/// A post's newest look is found by its key, which takes as long here as a row that has them all would.
pub(super) async fn keep_newest(
    _: &SqliteStore,
    _: &mut Transaction<'static, Sqlite>,
    _: &Prepared,
    _: &[i64],
    _: &BTreeSet<i64>,
) -> Result<(), StoreError> {
    Ok(())
}

/// The descriptions with these keys: account, post, digest.
pub(super) async fn wordings(store: &SqliteStore, keys: &[(i64, i64, i64)]) -> Result<Vec<DescriptionRow>, StoreError> {
    let keys = serde_json::to_string(keys).expect("numbers have no form that JSON has not");
    sqlx::query_as(store.sql(WORDINGS)).bind(keys).fetch_all(store.reader()).await.map_err(store_error)
}

/// Which of so many wordings are not there, by their place, and whether the account has the post.
fn new_wordings(posts: usize) -> SqlStr {
    let places = (0..posts).map(|place| format!("({place}, ?, ?, ?)")).collect::<Vec<_>>().join(", ");
    let text = format!(
        "SELECT column1, EXISTS (SELECT 1 FROM compass_videos WHERE creator_id = column2 AND id = column3) \
         FROM (VALUES {places}) WHERE NOT EXISTS (SELECT 1 FROM compass_video_descriptions \
         WHERE creator_id = column2 AND video_id = column3 AND digest = column4)"
    );
    AssertSqlSafe(text).into_sql_str()
}

fn add_videos(posts: usize) -> SqlStr {
    rows("compass_videos (creator_id, id)", "?, ?", posts)
}

fn add_wordings(posts: usize) -> SqlStr {
    let table = "compass_video_descriptions (creator_id, video_id, digest, created_at, created_at_derived, kind, duration, \
        caption, hashtags, sound, language)";
    rows(table, "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?", posts)
}

/// Adds observations in the order of their keys, except those that are there; gives how many were added.
pub(super) async fn add_looks(
    _: &SqliteStore,
    tx: &mut Transaction<'static, Sqlite>,
    looks: &[KeptLook],
) -> Result<u64, StoreError> {
    let mut added = 0;
    let mut last: Option<(Common, SqlStr)> = None;
    for some in looks.chunks(LOOKS) {
        let common = Common::of(some);
        let text = match &last {
            Some((known, text)) if *known == common => text.clone(),
            _ => common.insertion(),
        };
        let mut arguments = SqliteArguments::default();
        arguments.reserve(some.len() * 17, 0);
        common.bind(some, &mut arguments).map_err(|why| store_error(sqlx::Error::Encode(why)))?;
        // Other lengths are as many as there are batches: kept prepared, they would drive the others out of the cache.
        let insert = sqlx::query_with(text.clone(), arguments).persistent(some.len() == LOOKS);
        added += insert.execute(&mut **tx).await.map_err(store_error)?.rows_affected();
        last = Some((common, text));
    }
    Ok(added)
}

/// What the observations of one statement have in common, and so is bound once: each value that is bound takes time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Common {
    rows: usize,
    /// The source, if all have one and were recorded at one moment.
    source: Option<SourceKind>,
    /// Which counters are exact in all of them.
    exact: [bool; 5],
}

impl Common {
    fn of(looks: &[KeptLook]) -> Self {
        let mut seen = looks.iter().map(|look| (look.key.source, look.recorded_at));
        let first = seen.next().filter(|first| seen.all(|next| next == *first));
        let is_exact = |counter: usize| looks.iter().all(|look| look.counters()[counter].is_none_or(Count::is_exact));
        let exact = std::array::from_fn(is_exact);
        Self { rows: looks.len(), source: first.map(|(source, _)| source), exact }
    }

    /// The statement for so many observations: a column that stands for two is bound once. The values are not numbered, for
    /// SQLite would look each number up in a list of all.
    fn insertion(&self) -> SqlStr {
        let mut columns = 0;
        let mut column = || {
            columns += 1;
            format!("column{columns}")
        };
        let mut select = vec![column(), column(), column()];
        match self.source {
            Some(source) => select.extend([format!("'{source}'"), "?".to_owned()]),
            None => select.extend([column(), column()]),
        }
        select.extend([column(), column()]);
        for exact in self.exact {
            let lo = column();
            let hi = if exact { lo.clone() } else { column() };
            select.extend([lo, hi]);
        }
        let row = vec!["?"; columns].join(", ");
        let rows = vec![row; self.rows].join("), (");
        let select = select.join(", ");
        let text =
            format!("INSERT INTO {LOOK} SELECT {select} FROM (VALUES ({rows})) WHERE true ON CONFLICT DO NOTHING");
        AssertSqlSafe(text).into_sql_str()
    }

    fn bind(&self, looks: &[KeptLook], to: &mut SqliteArguments) -> Result<(), BoxDynError> {
        if let Some(first) = looks.first().filter(|_| self.source.is_some()) {
            to.add(first.recorded_at)?;
        }
        for look in looks {
            to.add(look.key.creator)?;
            to.add(look.key.video)?;
            to.add(look.key.observed_at)?;
            if self.source.is_none() {
                to.add(look.key.source.as_str())?;
                to.add(look.recorded_at)?;
            }
            to.add(look.description)?;
            to.add(look.pinned)?;
            for (bounds, exact) in look.bounds().as_chunks::<2>().0.iter().zip(self.exact) {
                to.add(bounds[0])?;
                if !exact {
                    to.add(bounds[1])?;
                }
            }
        }
        Ok(())
    }
}

/// An insertion of so many such rows.
fn rows(table: &str, row: &str, rows: usize) -> SqlStr {
    let all = vec![row; rows].join("), (");
    AssertSqlSafe(format!("INSERT INTO {table} VALUES ({all})")).into_sql_str()
}

/// The statements whose text depends on the rows, for a few of them.
#[cfg(all(test, unix))]
pub(super) fn of_rows() -> Vec<(&'static str, SqlStr)> {
    let look = |source, exact| Common { rows: 3, source, exact: [exact; 5] }.insertion();
    vec![
        ("NEW_WORDINGS", new_wordings(3)),
        ("ADD_VIDEOS", add_videos(3)),
        ("ADD_WORDINGS", add_wordings(3)),
        ("ADD_LOOKS of one source", look(Some(SourceKind::Sample), true)),
        ("ADD_LOOKS", look(None, false)),
    ]
}
