//! The newest looks at each account's newest posts, in a row of their own: whoever asks what is new reads it, not each post.
//!
//! The row says what the observations say. It is written in the transaction that adds them, from the row before and the batch, or
//! where these do not tell, from the observations; and whoever takes observations away that may be an account's newest takes the row
//! away, too. An account without a row is asked for post by post.

use std::collections::{BTreeMap, BTreeSet};

use compass_core::ports::StoreError;
use serde::{Deserialize, Serialize};

use super::{PgStore, bulk, connections::PgTransaction};
use crate::{
    error::store_error,
    prepared::{KeptLook, Prepared},
    rows::{NewestRow, RecentOrKept, RecentRow, RecentlyAsked},
    stamp::Stamp,
    statements::postgres::{FORGET_NEWEST, KEPT_NEWEST, NEWEST_OF},
};

/// So many posts of an account have a place: those of a window, and younger ones.
pub(crate) const MOST: usize = 40;

/// The rows of so many accounts are brought up at once: where none tells anything, forty look-ups each.
const AT_ONCE: usize = 500;

/// How the bytes of a row begin. Another layout begins otherwise, and is passed over.
const LAYOUT: u8 = 1;

const ADD_NEWEST: &str =
    "COPY compass_newest_looks (creator_id, observed_at, recorded_at, looks) FROM STDIN (FORMAT binary)";

/// What `compass_newest_looks.looks` has.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Newest<'r> {
    /// Whether these are all posts of the account that were looked at.
    is_whole: bool,
    /// Of each post the newest, from the newest post back. No other post is newer than the last of these.
    #[serde(borrow)]
    looks: Vec<NewestLook<'r>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct NewestLook<'r> {
    video: i64,
    /// Microseconds since 1970, as the other moment.
    created_at: i64,
    observed_at: i64,
    source: &'r str,
    /// Views, likes, comments, shares, saves.
    bounds: [Option<(i64, i64)>; 5],
}

/// What the rows of `RECENT_KEPT` answer; `None` where the account's posts have to be asked for one by one.
pub(super) fn answer(rows: Vec<RecentOrKept>, asked: &RecentlyAsked) -> Option<Vec<RecentRow>> {
    let mut posts = Some(Vec::new());
    let mut answer = Vec::with_capacity(rows.len() + MOST);
    for row in rows {
        match row.kept {
            Some(kept) => posts = self::posts(&kept, asked),
            None => answer.push(row.look),
        }
    }
    answer.extend(posts?);
    Some(answer)
}

/// The posts that `asked` asks for, where the row tells them.
fn posts(looks: &[u8], asked: &RecentlyAsked) -> Option<Vec<RecentRow>> {
    let newest = Newest::read(looks)?;
    let most = usize::try_from(asked.posts).unwrap_or(0);
    let old_enough =
        newest.looks.iter().filter(|look| look.observed_at.saturating_sub(look.created_at) >= asked.min_age);
    let posts: Vec<RecentRow> = old_enough
        .take(most)
        .map(|look| {
            let bounds = look.bounds.map(Option::unzip);
            let [created_at, observed_at] = [look.created_at, look.observed_at].map(Stamp::from_micros);
            RecentRow::of_post(look.video, created_at, observed_at, look.source, bounds)
        })
        .collect();
    (newest.is_whole || posts.len() == most).then_some(posts)
}

/// Brings the rows of a batch's accounts up to it, after its observations were added.
///
/// `known` are the accounts that were there before, ascending, `new_posts` the posts that were not.
pub(super) async fn keep_newest(
    store: &PgStore,
    tx: &mut PgTransaction,
    batch: &Prepared,
    known: &[i64],
    new_posts: &BTreeSet<i64>,
) -> Result<(), StoreError> {
    let mut looks: BTreeMap<i64, &[KeptLook]> = batch
        .looks
        .chunk_by(|a, b| a.key.creator == b.key.creator)
        .map(|looks| (looks[0].key.creator, looks))
        .collect();
    for creator in batch.creators() {
        if known.binary_search(&creator).is_err() {
            looks.entry(creator).or_default();
        }
    }
    let accounts: Vec<(i64, &[KeptLook])> = looks.into_iter().collect();
    for some in accounts.chunks(AT_ONCE) {
        bring_up(store, tx, batch, some, known, new_posts).await?;
    }
    Ok(())
}

/// The same for some of the accounts.
async fn bring_up(
    store: &PgStore,
    tx: &mut PgTransaction,
    batch: &Prepared,
    looks: &[(i64, &[KeptLook])],
    known: &[i64],
    new_posts: &BTreeSet<i64>,
) -> Result<(), StoreError> {
    let accounts: Vec<i64> = looks.iter().map(|(creator, _)| *creator).collect();
    let kept: Vec<(i64, Stamp, Vec<u8>)> =
        sqlx::query_as(store.sql(KEPT_NEWEST)).bind(&accounts).fetch_all(&mut **tx).await.map_err(store_error)?;
    let kept: BTreeMap<i64, (Stamp, Vec<u8>)> = kept.into_iter().map(|(id, at, looks)| (id, (at, looks))).collect();

    let (mut rows, mut untold) = (Vec::new(), Vec::new());
    for &(creator, looks) in looks {
        let recorded_at = looks.iter().map(|look| look.recorded_at).max();
        let before = kept.get(&creator);
        let newest = match before {
            Some((_, before)) => Newest::read(before),
            None if known.binary_search(&creator).is_err() => Some(Newest { is_whole: true, looks: Vec::new() }),
            None => None,
        };
        match newest.and_then(|newest| newest.with(&of_posts(batch, looks), new_posts)) {
            Some(newest) => {
                let bytes = newest.written();
                if before.is_none_or(|(_, before)| *before != bytes) {
                    let recorded_at = before.map(|(before, _)| *before).max(recorded_at);
                    rows.push((creator, newest.observed_at(), recorded_at.unwrap_or(batch.now), bytes));
                }
            }
            None => untold.push(creator),
        }
    }
    rows.extend(read(store, tx, &untold, batch.now).await?);
    let accounts: Vec<i64> = rows.iter().map(|(creator, ..)| *creator).collect();
    forget(store, tx, &accounts).await?;
    bulk::copy_in(tx, store.sql(ADD_NEWEST), rows, |out, (creator, observed_at, recorded_at, looks)| {
        out.row(4);
        out.int(creator);
        out.moment(observed_at);
        out.moment(recorded_at);
        out.bytes(&looks);
    })
    .await
    .map_err(store_error)?;
    Ok(())
}

/// Takes the rows of accounts away.
pub(super) async fn forget(store: &PgStore, tx: &mut PgTransaction, accounts: &[i64]) -> Result<(), StoreError> {
    if !accounts.is_empty() {
        sqlx::query(store.sql(FORGET_NEWEST)).bind(accounts).execute(&mut **tx).await.map_err(store_error)?;
    }
    Ok(())
}

/// The rows of accounts as their observations tell them.
async fn read(
    store: &PgStore,
    tx: &mut PgTransaction,
    accounts: &[i64],
    now: Stamp,
) -> Result<Vec<(i64, Stamp, Stamp, Vec<u8>)>, StoreError> {
    if accounts.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<NewestRow> = sqlx::query_as(store.sql(NEWEST_OF))
        .bind(accounts)
        .bind(MOST as i64 + 1)
        .fetch_all(&mut **tx)
        .await
        .map_err(store_error)?;
    let mut by_account: BTreeMap<i64, Vec<&NewestRow>> =
        accounts.iter().map(|account| (*account, Vec::new())).collect();
    for row in &found {
        by_account.entry(row.creator_id).or_default().push(row);
    }
    let rows = by_account.into_iter().map(|(creator, rows)| {
        let recorded_at = rows.iter().map(|row| row.recorded_at).max();
        let newest = Newest { is_whole: true, looks: rows.into_iter().map(NewestLook::of_row).collect() }.cut();
        (creator, newest.observed_at(), recorded_at.unwrap_or(now), newest.written())
    });
    Ok(rows.collect())
}

/// The newest look at each post of an account's.
fn of_posts<'b>(batch: &'b Prepared, looks: &'b [KeptLook]) -> Vec<NewestLook<'b>> {
    let newest = looks.chunk_by(|a, b| a.key.video == b.key.video).filter_map(<[_]>::last);
    newest
        .filter_map(|look| {
            let wording = (look.key.creator, look.key.video, look.description);
            let place = batch.posts.binary_search_by_key(&wording, |post| post.key()).ok()?;
            let [views, views_hi, likes, likes_hi, comments, comments_hi, shares, shares_hi, saves, saves_hi] =
                look.bounds();
            Some(NewestLook {
                video: look.key.video,
                created_at: batch.posts[place].created_at.micros(),
                observed_at: look.key.observed_at.micros(),
                source: look.key.source.as_str(),
                bounds: [
                    views.zip(views_hi),
                    likes.zip(likes_hi),
                    comments.zip(comments_hi),
                    shares.zip(shares_hi),
                    saves.zip(saves_hi),
                ],
            })
        })
        .collect()
}

impl<'r> Newest<'r> {
    /// `None` where there are none, or none that can be read: then the observations are asked, and the next that are added mend the row.
    fn read(bytes: &'r [u8]) -> Option<Self> {
        let (layout, bytes) = bytes.split_first()?;
        let read = if *layout == LAYOUT { postcard::from_bytes(bytes).ok() } else { None };
        if read.is_none() {
            tracing::warn!(layout, "a row of compass_newest_looks cannot be read and is passed over");
        }
        read
    }

    fn written(&self) -> Vec<u8> {
        postcard::to_extend(self, vec![LAYOUT]).expect("a vector takes any bytes")
    }

    /// The moment of the newest look, or the first of all.
    fn observed_at(&self) -> Stamp {
        Stamp::from_micros(self.looks.iter().map(|look| look.observed_at).max().unwrap_or(i64::MIN))
    }

    /// The same after these looks, one a post, were added; `None` if that depends on posts that have no place.
    fn with(mut self, added: &[NewestLook<'r>], new_posts: &BTreeSet<i64>) -> Option<Self> {
        let last = self.looks.last().filter(|_| !self.is_whole).map(NewestLook::rank);
        let mut places: BTreeMap<i64, usize> =
            self.looks.iter().enumerate().map(|(place, look)| (look.video, place)).collect();
        for look in added {
            let has_place = last.is_none_or(|last| look.rank() >= last);
            match places.get(&look.video) {
                Some(&place)
                    if (look.observed_at, look.source) <= (self.looks[place].observed_at, self.looks[place].source) => {
                }
                Some(&place) if has_place => self.looks[place] = *look,
                // It may stand behind others now that have no place.
                Some(_) => return None,
                None if !has_place => {}
                None if self.is_whole || new_posts.contains(&look.video) => {
                    places.insert(look.video, self.looks.len());
                    self.looks.push(*look);
                }
                // Its newest look may be another.
                None => return None,
            }
        }
        Some(self.cut())
    }

    /// Those that have a place, in order.
    fn cut(mut self) -> Self {
        self.looks.sort_unstable_by_key(|look| std::cmp::Reverse(look.rank()));
        self.is_whole &= self.looks.len() <= MOST;
        self.looks.truncate(MOST);
        self
    }
}

impl<'r> NewestLook<'r> {
    fn of_row(row: &'r NewestRow) -> Self {
        Self {
            video: row.video_id,
            created_at: row.created_at.micros(),
            observed_at: row.observed_at.micros(),
            source: &row.source,
            bounds: row.bounds(),
        }
    }

    /// Newer posts have a higher one.
    fn rank(&self) -> (i64, i64) {
        (self.created_at, self.video)
    }
}
