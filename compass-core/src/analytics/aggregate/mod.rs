//! One line per creator over any number of rows: how many posts, how they do, and when they are posted.

mod ascending;
mod block;
mod deviation;
mod order;
mod scattered;
mod slots;
mod sum;
mod wide;

use rayon::prelude::*;

/// Posts as columns, in any order of rows.
///
/// Any `i64` is taken as it is: a negative counter is added and ranked like another. No order is expected; rows that
/// come ascending by creator, as an export has them, are found to be so and are not copied.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    creator_id: &'a [u32],
    ts: &'a [i64],
    views: &'a [i64],
    likes: &'a [i64],
    comments: &'a [i64],
    shares: &'a [i64],
}

/// What [`aggregate`] says of one creator. `e` is likes + comments + shares of a post.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CreatorAggregate {
    /// Whose posts.
    pub creator_id: u32,
    /// How many posts.
    pub n: u64,
    /// The median of views; the mean of the two middle values if their number is even.
    pub median_views: f64,
    /// Sum of `e` by sum of views; `None` if that sum is zero.
    pub er_total: Option<f64>,
    /// Mean of `e` by views over the posts with views above zero; `None` if there is none.
    pub er_mean: Option<f64>,
    /// The 90th percentile of views, by linear interpolation between order statistics.
    pub p90_views: f64,
    /// How many posts have a ln(1 + views) further from its median than 3.5 x 1.4826 x the median of these distances.
    ///
    /// A negative count of views has no logarithm: such a post is left out here.
    pub outliers: u64,
    /// The median gap between consecutive posts, hours; `None` of a single post.
    pub gap_h: Option<f64>,
    /// The hour of the week with the highest mean of views among those with two posts or more; `None` if there is none.
    ///
    /// Hours count from Monday 00:00 UTC. Means are compared exactly; of equal ones the earliest hour is taken.
    pub best_slot: Option<u8>,
}

/// Columns that are not of one length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column} has {rows} rows, creator_id has {expected}")]
pub struct UnequalColumns {
    /// Which column.
    pub column: &'static str,
    /// How long it is.
    pub rows: usize,
    /// How long the first column is.
    pub expected: usize,
}

impl<'a> Rows<'a> {
    /// Puts columns side by side; `ts` is seconds since 1970, UTC.
    ///
    /// # Errors
    ///
    /// Names the first column that is not as long as `creator_id`.
    pub fn new(
        creator_id: &'a [u32],
        ts: &'a [i64],
        views: &'a [i64],
        likes: &'a [i64],
        comments: &'a [i64],
        shares: &'a [i64],
    ) -> Result<Self, UnequalColumns> {
        let expected = creator_id.len();
        let others = [("ts", ts), ("views", views), ("likes", likes), ("comments", comments), ("shares", shares)];
        for (column, values) in others {
            if values.len() != expected {
                return Err(UnequalColumns { column, rows: values.len(), expected });
            }
        }
        Ok(Self { creator_id, ts, views, likes, comments, shares })
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.creator_id.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.creator_id.is_empty()
    }
}

/// Summarises each creator's posts, ascending by `creator_id`.
///
/// Runs on rayon's pool, the one of `install` if called inside. Neither the number of threads nor the order of rows
/// changes a bit of the answer. Cost is linear in rows.
///
/// ```
/// use compass_core::analytics::{Rows, aggregate};
///
/// let rows = Rows::new(&[7, 7], &[0, 7200], &[100, 300], &[9, 30], &[1, 6], &[0, 4])?;
/// let creator = aggregate(&rows)[0];
/// assert_eq!((creator.creator_id, creator.n, creator.median_views), (7, 2, 200.0));
/// assert_eq!((creator.er_total, creator.gap_h), (Some(0.125), Some(2.0)));
/// # Ok::<(), compass_core::analytics::UnequalColumns>(())
/// ```
#[must_use]
pub fn aggregate(rows: &Rows<'_>) -> Vec<CreatorAggregate> {
    if rows.is_empty() {
        return Vec::new();
    }
    let parts = if is_ascending(rows.creator_id) { ascending::aggregate(rows) } else { scattered::aggregate(rows) };
    parts.concat()
}

/// Whether rows of a creator stand together because ids only rise.
fn is_ascending(ids: &[u32]) -> bool {
    const AT_ONCE: usize = 1 << 16;
    // Each part looks one row past its end, so that no seam goes unseen.
    (0..ids.len()).into_par_iter().step_by(AT_ONCE).all(|from| {
        let part = &ids[from..ids.len().min(from + AT_ONCE + 1)];
        part.is_sorted()
    })
}
