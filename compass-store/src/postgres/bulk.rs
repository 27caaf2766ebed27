//! Many rows at once: arrays for the posts, binary COPY for their observations.

use std::collections::BTreeSet;

use compass_core::{SourceKind, ports::StoreError};
use futures_util::TryStreamExt as _;
use sqlx::{PgConnection, Postgres, Transaction};

use super::{
    PgStore,
    copy::{self, Reader, Rows},
};
use crate::{
    error::store_error,
    prepared::{KeptLook, LookKey, Prepared, Wording, belongs_to},
    stamp::Stamp,
    statements::postgres::{ADD_DESCRIPTIONS, ADD_MONTH, ADD_VIDEOS, NEW_WORDINGS, STRANGER},
};

/// So many bytes are sent at once.
const PIECE: usize = 256 * 1024;

/// So many accounts are asked for the observations that they have.
const ACCOUNTS: usize = 1_000;

const ADD_LOOKS: &str = "COPY compass_video_observations (creator_id, video_id, observed_at, source, recorded_at, \
    description, pinned, views_lo, views_hi, likes_lo, likes_hi, comments_lo, comments_hi, shares_lo, shares_hi, \
    saves_lo, saves_hi) FROM STDIN (FORMAT binary)";

/// Makes the partitions of the batch's months, before its transaction: others need not wait for its end.
pub(super) async fn make_room(store: &PgStore, batch: &Prepared) -> Result<(), StoreError> {
    let mut missing = batch.months();
    missing.retain(|month, _| !store.months().contains(month));
    for (month, moment) in missing {
        add_month(store, moment).await?;
        store.months().insert(month);
    }
    Ok(())
}

/// Makes the partitions of a moment's month, unless they are there.
pub(super) async fn add_month(store: &PgStore, moment: Stamp) -> Result<(), StoreError> {
    sqlx::query(store.sql(ADD_MONTH)).bind(moment).execute(&store.pool).await.map_err(store_error)?;
    Ok(())
}

/// Adds the posts and their wordings, except those that are there.
pub(super) async fn add_posts(
    store: &PgStore,
    tx: &mut Transaction<'static, Postgres>,
    posts: &[Wording],
) -> Result<(), StoreError> {
    if posts.is_empty() {
        return Ok(());
    }
    let new: Vec<i64> = sqlx::query_scalar(store.sql(NEW_WORDINGS))
        .bind(column(posts, |post| post.creator))
        .bind(column(posts, |post| post.id))
        .bind(column(posts, |post| post.digest))
        .fetch_all(&mut **tx)
        .await
        .map_err(store_error)?;
    if new.is_empty() {
        return Ok(());
    }
    let posts: Vec<&Wording> = new.iter().filter_map(|place| posts.get(*place as usize - 1)).collect();
    let (creators, ids) = (column(&posts, |post| post.creator), column(&posts, |post| post.id));
    let add = sqlx::query(store.sql(ADD_VIDEOS)).bind(&creators).bind(&ids).execute(&mut **tx).await;
    add.map_err(store_error)?;
    let stranger = sqlx::query_as::<_, (i64, i64)>(store.sql(STRANGER)).bind(&creators).bind(&ids);
    if let Some((video, owner)) = stranger.fetch_optional(&mut **tx).await.map_err(store_error)? {
        let other = posts.iter().find(|post| post.id == video && post.creator != owner);
        return Err(belongs_to(video, owner, other.map_or(0, |post| post.creator)));
    }
    sqlx::query(store.sql(ADD_DESCRIPTIONS))
        .bind(creators)
        .bind(ids)
        .bind(column(&posts, |post| post.digest))
        .bind(column(&posts, |post| post.created_at))
        .bind(column(&posts, |post| post.created_at_derived))
        .bind(column(&posts, |post| post.kind))
        .bind(column(&posts, |post| post.duration))
        .bind(column(&posts, |post| post.caption.as_str()))
        .bind(column(&posts, |post| post.hashtags.as_str()))
        .bind(column(&posts, |post| post.sound.as_deref()))
        .bind(column(&posts, |post| post.language.as_deref()))
        .execute(&mut **tx)
        .await
        .map_err(store_error)?;
    Ok(())
}

fn column<P, T>(posts: &[P], of: impl Fn(&P) -> T) -> Vec<T> {
    posts.iter().map(of).collect()
}

/// Adds observations in the order of their keys, except those that are there; gives how many were added.
///
/// Their accounts are locked, so what is not there now cannot come meanwhile: what is new is copied straight into the table.
pub(super) async fn add_looks(
    store: &PgStore,
    tx: &mut Transaction<'static, Postgres>,
    looks: &[KeptLook],
) -> Result<u64, StoreError> {
    let mut added = 0;
    for some in of_accounts(looks) {
        let kept = kept_already(store, tx, some).await?;
        let mut kept = kept.iter().peekable();
        let is_new = |look: &&KeptLook| {
            while kept.next_if(|key| **key < look.key).is_some() {}
            kept.peek().is_none_or(|key| **key != look.key)
        };
        let new: Vec<&KeptLook> = some.iter().filter(is_new).collect();
        if !new.is_empty() {
            added += copy_in(store, tx, &new).await?;
        }
    }
    Ok(added)
}

/// Cuts the observations after each so many accounts.
fn of_accounts(looks: &[KeptLook]) -> impl Iterator<Item = &[KeptLook]> {
    let mut rest = looks;
    std::iter::from_fn(move || {
        let accounts = rest.chunk_by(|a, b| a.key.creator == b.key.creator).take(ACCOUNTS);
        let (some, after) = rest.split_at(accounts.map(<[_]>::len).sum());
        rest = after;
        (!some.is_empty()).then_some(some)
    })
}

/// The keys of the posts from the first of these observations to the last that lie between their first and last moment, in
/// order.
async fn kept_already(
    store: &PgStore,
    connection: &mut PgConnection,
    looks: &[KeptLook],
) -> Result<Vec<LookKey>, StoreError> {
    let moments = looks.iter().map(|look| look.key.observed_at);
    let (Some(first), Some(last)) = (moments.clone().min(), moments.max()) else { return Ok(Vec::new()) };
    let accounts: BTreeSet<i64> = looks.iter().map(|look| look.key.creator).collect();
    let [(first_account, first_post), (last_account, last_post)] =
        [&looks[0], &looks[looks.len() - 1]].map(|look| (look.key.creator, look.key.video));
    let accounts = accounts.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    // COPY takes no parameters; these are numbers and moments.
    let select = store.qualified(&format!(
        "COPY (SELECT creator_id, video_id, observed_at, source FROM compass_video_observations \
         WHERE creator_id IN ({accounts}) AND (creator_id, video_id) >= ({first_account}, {first_post}) \
         AND (creator_id, video_id) <= ({last_account}, {last_post}) \
         AND observed_at BETWEEN {} AND {}) TO STDOUT (FORMAT binary)",
        literal(first),
        literal(last),
    ));
    let mut keys = Vec::new();
    let mut reader = Reader::<4>::new();
    let mut rows = connection.copy_out_raw(&select).await.map_err(store_error)?;
    while let Some(piece) = rows.try_next().await.map_err(store_error)? {
        reader.read(&piece, |[creator, video, observed_at, source]| {
            keys.push(LookKey {
                creator: copy::int(creator)?,
                video: copy::int(video)?,
                observed_at: Stamp::from_micros(copy::micros(observed_at)?),
                source: source_named(copy::text(source)?)?,
            });
            Ok(())
        })?;
    }
    keys.sort_unstable();
    Ok(keys)
}

async fn copy_in(store: &PgStore, connection: &mut PgConnection, looks: &[&KeptLook]) -> Result<u64, StoreError> {
    let mut copy = connection.copy_in_raw(store.sql(ADD_LOOKS).as_str()).await.map_err(store_error)?;
    let mut rows = Rows::new();
    for look in looks {
        rows.row(17);
        rows.int(look.key.creator);
        rows.int(look.key.video);
        rows.moment(look.key.observed_at);
        rows.text(look.key.source.as_str());
        rows.moment(look.recorded_at);
        rows.int(look.description);
        rows.boolean(look.pinned);
        for bound in look.bounds() {
            rows.int_or_null(bound);
        }
        if rows.len() >= PIECE {
            copy.send(rows.take()).await.map_err(store_error)?;
        }
    }
    rows.end();
    copy.send(rows.take()).await.map_err(store_error)?;
    copy.finish().await.map_err(store_error)
}

/// A moment in a statement.
pub(super) fn literal(moment: Stamp) -> String {
    match moment.get() {
        // PostgreSQL writes years before the first in another way; nothing was observed in them.
        early if early < jiff::Timestamp::constant(-62_000_000_000, 0) => "'-infinity'".to_owned(),
        moment => format!("'{moment}'::timestamptz"),
    }
}

fn source_named(name: &str) -> Result<SourceKind, StoreError> {
    SourceKind::from_name(name).ok_or_else(|| {
        StoreError::Corrupt(format!("table compass_video_observations, column source: {name:?} is unknown"))
    })
}
