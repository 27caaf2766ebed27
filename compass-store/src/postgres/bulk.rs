//! Many rows at once, by binary COPY.

use std::collections::BTreeSet;

use compass_core::{SourceKind, ports::StoreError};
use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use sqlx::{Executor as _, SqlStr};

use super::{
    PgStore,
    connections::{PgTransaction, within},
    copy::{self, Fields, Reader, Rows},
    months::is_attached,
};
use crate::{
    error::{is_of_detached_month, store_error},
    prepared::{KeptLook, LookKey, Prepared, Wording, belongs_to},
    rows::DescriptionRow,
    stamp::Stamp,
    statements::postgres::{ADD_MONTH, NEW_WORDINGS, TAKEN_POST, WORDINGS},
};

/// So many bytes are sent at once.
const PIECE: usize = 256 * 1024;

/// So many accounts are asked for the observations that they have.
const ACCOUNTS: usize = 1_000;

const ADD_VIDEOS: &str = "COPY compass_videos (creator_id, id) FROM STDIN (FORMAT binary)";

const ADD_DESCRIPTIONS: &str = "COPY compass_video_descriptions (creator_id, video_id, digest, created_at, \
    created_at_derived, kind, duration, caption, hashtags, sound, language) FROM STDIN (FORMAT binary)";

const ADD_LOOKS: &str = "COPY compass_video_observations (creator_id, video_id, observed_at, source, recorded_at, \
    description, pinned, views_lo, views_hi, likes_lo, likes_hi, comments_lo, comments_hi, shares_lo, shares_hi, \
    saves_lo, saves_hi) FROM STDIN (FORMAT binary)";

/// Makes the partitions of the batch's months, before its transaction: others need not wait for its end.
pub(super) async fn make_room(store: &PgStore, batch: &Prepared) -> Result<(), StoreError> {
    let mut missing = batch.months();
    missing.retain(|month, _| !store.months().contains(month));
    for (month, moment) in missing {
        add_month(store, moment).await?;
        // One that was detached has its tables still.
        if is_attached(store, month).await? {
            store.months().insert(month);
        }
    }
    Ok(())
}

/// Forgets that there was room for the batch, if that is why it was refused: somebody took a month away since. `false` where it was not
/// believed that there was.
pub(super) fn forget_room(store: &PgStore, batch: &Prepared, why: &StoreError) -> bool {
    if !is_of_detached_month(why) {
        return false;
    }
    let (mut known, asked) = (store.months(), batch.months());
    let before = known.len();
    known.retain(|month| !asked.contains_key(month));
    known.len() < before
}

/// Makes the partitions of a moment's month, unless they are there.
pub(super) async fn add_month(store: &PgStore, moment: Stamp) -> Result<(), StoreError> {
    sqlx::query(store.sql(ADD_MONTH)).bind(moment).execute(store.writer()).await.map_err(store_error)?;
    Ok(())
}

/// Adds the posts and their wordings, except those that are there; gives the posts that were not.
///
/// Their accounts are locked, so what is not there now cannot come meanwhile, but for a post that two accounts claim at once.
pub(super) async fn add_posts(
    store: &PgStore,
    tx: &mut PgTransaction,
    posts: &[Wording],
) -> Result<BTreeSet<i64>, StoreError> {
    if posts.is_empty() {
        return Ok(BTreeSet::new());
    }
    let column = |of: fn(&Wording) -> i64| posts.iter().map(of).collect::<Vec<i64>>();
    let new: Vec<(i64, bool)> = sqlx::query_as(store.sql(NEW_WORDINGS))
        .bind(column(|post| post.creator))
        .bind(column(|post| post.id))
        .bind(column(|post| post.digest))
        .fetch_all(&mut **tx)
        .await
        .map_err(store_error)?;
    let (mut wordings, mut videos) = (Vec::with_capacity(new.len()), Vec::with_capacity(new.len()));
    for (place, is_known) in new {
        let Some(post) = posts.get(place as usize - 1) else { continue };
        wordings.push(post);
        if !is_known {
            videos.push((post.creator, post.id));
        }
    }
    videos.dedup();
    let new_posts = videos.iter().map(|(_, id)| *id).collect();
    add_videos(store, tx, videos).await?;
    copy_in(tx, store.sql(ADD_DESCRIPTIONS), wordings, |rows, post| {
        rows.row(11);
        rows.int(post.creator);
        rows.int(post.id);
        rows.int(post.digest);
        rows.moment(post.created_at);
        rows.boolean(post.created_at_derived);
        rows.text(post.kind);
        rows.int_or_null(post.duration);
        rows.text(&post.caption);
        rows.json(&post.hashtags);
        rows.text_or_null(post.sound.as_deref());
        rows.text_or_null(post.language.as_deref());
    })
    .await
    .map_err(store_error)?;
    Ok(new_posts)
}

/// Adds posts that their accounts do not have. One that another account has is looked for only where that is in the way: all
/// other statements ask for one account at a time, which may be on a server of its own.
async fn add_videos(store: &PgStore, tx: &mut PgTransaction, videos: Vec<(i64, i64)>) -> Result<(), StoreError> {
    if videos.is_empty() {
        return Ok(());
    }
    tx.execute("SAVEPOINT compass_posts").await.map_err(store_error)?;
    let (creators, ids): (Vec<i64>, Vec<i64>) = videos.iter().copied().unzip();
    let added = copy_in(tx, store.sql(ADD_VIDEOS), videos, |rows, (creator, id)| {
        rows.row(2);
        rows.int(creator);
        rows.int(id);
    });
    match added.await {
        Err(sqlx::Error::Database(reported)) if reported.is_unique_violation() => {
            tx.execute("ROLLBACK TO SAVEPOINT compass_posts").await.map_err(store_error)?;
            let taken = sqlx::query_as(store.sql(TAKEN_POST)).bind(creators).bind(ids).fetch_optional(&mut **tx);
            let taken: Option<(i64, i64, i64)> = taken.await.map_err(store_error)?;
            Err(match taken {
                Some((creator, video, owner)) => belongs_to(video, owner, creator),
                None => store_error(sqlx::Error::Database(reported)),
            })
        }
        added => added.map(drop).map_err(store_error),
    }
}

/// The descriptions with these keys: account, post, digest.
pub(super) async fn wordings(store: &PgStore, keys: &[(i64, i64, i64)]) -> Result<Vec<DescriptionRow>, StoreError> {
    let column = |of: fn(&(i64, i64, i64)) -> i64| keys.iter().map(of).collect::<Vec<i64>>();
    let rows = sqlx::query_as(store.sql(WORDINGS))
        .bind(column(|key| key.0))
        .bind(column(|key| key.1))
        .bind(column(|key| key.2));
    rows.fetch_all(store.reader()).await.map_err(store_error)
}

/// Adds observations in the order of their keys, except those that are there; gives how many were added.
///
/// Their accounts are locked, so what is not there now cannot come meanwhile: what is new is copied straight into the table.
pub(super) async fn add_looks(store: &PgStore, tx: &mut PgTransaction, looks: &[KeptLook]) -> Result<u64, StoreError> {
    let mut added = 0;
    for some in of_accounts(looks) {
        let kept = kept_already(store, tx, some).await?;
        let mut kept = kept.iter().peekable();
        let is_new = |look: &&KeptLook| {
            while kept.next_if(|key| **key < look.key).is_some() {}
            kept.peek().is_none_or(|key| **key != look.key)
        };
        let new: Vec<&KeptLook> = some.iter().filter(is_new).collect();
        added += copy_in(tx, store.sql(ADD_LOOKS), new, write_look).await.map_err(store_error)?;
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

/// The keys that [`keys_around`] selects, in order.
async fn kept_already(store: &PgStore, tx: &mut PgTransaction, looks: &[KeptLook]) -> Result<Vec<LookKey>, StoreError> {
    let Some(select) = keys_around(looks) else { return Ok(Vec::new()) };
    let select = store.qualified(&format!("COPY ({select}) TO STDOUT (FORMAT binary)"));
    let mut keys = Vec::new();
    copy_out(tx, &select, |[creator, video, observed_at, source]: Fields<'_, 4>| {
        keys.push(LookKey {
            creator: copy::int(creator)?,
            video: copy::int(video)?,
            observed_at: Stamp::from_micros(copy::micros(observed_at)?),
            source: source_named(copy::text(source)?)?,
        });
        Ok(())
    })
    .await?;
    keys.sort_unstable();
    Ok(keys)
}

/// Selects the keys of the posts from the first of these observations to the last that lie between their first and last moment;
/// `None` where there are no observations.
///
/// COPY takes no parameters; these are numbers and moments.
pub(crate) fn keys_around(looks: &[KeptLook]) -> Option<String> {
    let moments = looks.iter().map(|look| look.key.observed_at);
    let (earliest, latest) = (literal(moments.clone().min()?), literal(moments.max()?.max(EARLY.into())));
    let accounts: BTreeSet<i64> = looks.iter().map(|look| look.key.creator).collect();
    let accounts = accounts.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    let [(first_account, first_post), (last_account, last_post)] =
        [looks.first()?, looks.last()?].map(|look| (look.key.creator, look.key.video));
    Some(format!(
        "SELECT creator_id, video_id, observed_at, source FROM compass_video_observations \
         WHERE creator_id IN ({accounts}) AND (creator_id, video_id) >= ({first_account}, {first_post}) \
         AND (creator_id, video_id) <= ({last_account}, {last_post}) AND observed_at BETWEEN {earliest} AND {latest}"
    ))
}

fn write_look(rows: &mut Rows, look: &KeptLook) {
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
}

/// Copies rows straight into a table; gives how many there were.
pub(super) async fn copy_in<T: Send>(
    tx: &mut PgTransaction,
    statement: SqlStr,
    values: Vec<T>,
    write: impl Fn(&mut Rows, T) + Send + Sync,
) -> Result<u64, sqlx::Error> {
    if values.is_empty() {
        return Ok(0);
    }
    let (connection, longest) = tx.connection();
    let copied = within(longest, async {
        let mut copy = connection.copy_in_raw(statement.as_str()).await?;
        let mut rows = Rows::new();
        for value in values {
            write(&mut rows, value);
            if rows.len() >= PIECE {
                copy.send(rows.take()).await?;
            }
        }
        rows.end();
        copy.send(rows.take()).await?;
        copy.finish().await
    });
    copied.await.flatten()
}

/// Gives each row that a `COPY ... TO STDOUT (FORMAT binary)` selects.
pub(super) async fn copy_out<const N: usize>(
    tx: &mut PgTransaction,
    select: &str,
    mut each: impl FnMut(Fields<'_, N>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let (connection, longest) = tx.connection();
    let copied = within(longest, async {
        let mut reader = Reader::<N>::new();
        let mut pieces = connection.copy_out_raw(select).await.map_err(store_error)?;
        while let Some(piece) = pieces.try_next().await.map_err(store_error)? {
            reader.read(&piece, &mut each)?;
        }
        Ok(())
    });
    copied.await.map_err(store_error).flatten()
}

/// PostgreSQL writes years before the first in another way; nothing was observed in them.
const EARLY: Timestamp = Timestamp::constant(-62_000_000_000, 0);

/// A moment in a statement.
pub(super) fn literal(moment: Stamp) -> String {
    match moment.get() {
        early if early < EARLY => "'-infinity'".to_owned(),
        moment => format!("'{moment}'::timestamptz"),
    }
}

fn source_named(name: &str) -> Result<SourceKind, StoreError> {
    SourceKind::from_name(name).ok_or_else(|| {
        StoreError::Corrupt(format!("table compass_video_observations, column source: {name:?} is unknown"))
    })
}
