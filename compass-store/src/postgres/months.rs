//! The months of observations: made ahead, and taken away when nobody needs them any more.

use compass_core::ports::StoreError;
use jiff::{SignedDuration, Timestamp};
use sqlx::{AssertSqlSafe, Executor as _};

use super::{PgStore, bulk, connections::PgTransaction, newest};
use crate::{
    detached::to_the_end,
    error::store_error,
    prepared::{Month, month},
    stamp::Stamp,
    statements::postgres::{IS_PARTITION, REPORTS_OF_TAKEN_AWAY, TAKEN_AWAY, TAKING_AWAY},
};

const PROFILES: &str = "compass_profile_observations";
const POSTS: &str = "compass_video_observations";

/// A month of observations that was taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DetachedMonth {
    /// The tables that have them now: to be dumped and dropped, or kept. They are in the store's schema.
    pub tables: Vec<String>,
    /// How many accounts have observations in it.
    pub accounts: u64,
    /// For how many of them it has the last look at the profile: they are not found until they are looked at again.
    pub hidden: u64,
}

impl PgStore {
    /// Makes the partitions of this month and of at least three to come, so that whoever records need not.
    ///
    /// Observations of other months get theirs when the first of them is recorded.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if the server does not answer.
    pub async fn add_months_ahead(&self) -> Result<(), StoreError> {
        to_the_end(self.clone(), |store| {
            Box::pin(async move {
                // No month is shorter than 28 days, so none is left out.
                for steps in 0..=4 {
                    let moment = store.clock.now() + SignedDuration::from_hours(24 * 28 * steps);
                    bulk::add_month(store, moment.into()).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Takes away the observations of the month (UTC) of a moment, as they are: their partitions become tables of their own. All
    /// years before 2016 are one month. `None` if the month has no partition.
    ///
    /// Reports that an account with observations in it went into, as of a moment from the first of these, say so from then on
    /// ([`KeptReport::inputs_thinned_at`](compass_core::KeptReport::inputs_thinned_at)), and so do those that were made before and
    /// are kept only afterwards. Who detaches a partition by hand marks none.
    ///
    /// What is observed in the month is refused from then on, until the tables are attached again, or dropped: then the next
    /// observation of the month makes new ones, whichever store it comes to. The month is read once, and nobody writes to it meanwhile; then all who read or write
    /// observations wait for a moment.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] if the month is not over, [`StoreError::Unavailable`] if the server does not answer, or others read
    /// or write for so long that it is not their turn in time: then nothing was done.
    pub async fn detach_month(&self, moment: Timestamp) -> Result<Option<DetachedMonth>, StoreError> {
        let of_month = month(moment.into());
        if of_month >= month(self.clock.now().into()) {
            return Err(StoreError::Invalid(format!("the month of {moment} is not over: detach an earlier one")));
        }
        let detached = to_the_end((self.clone(), of_month), |(store, of_month)| {
            Box::pin(async move { detach(store, *of_month).await })
        })
        .await?;
        self.months().retain(|known| suffix(*known) != suffix(of_month));
        Ok(detached)
    }
}

async fn detach(store: &PgStore, of_month: Month) -> Result<Option<DetachedMonth>, StoreError> {
    let mut tx = store.begin_long().await?;
    let mut parts = Vec::new();
    for table in [PROFILES, POSTS] {
        let part = part_of(table, of_month);
        let is_there = sqlx::query_scalar::<_, bool>(store.sql(IS_PARTITION));
        let is_there = is_there.bind(store.qualified(&part)).bind(store.qualified(table)).fetch_one(&mut *tx).await;
        if is_there.map_err(store_error)? {
            parts.push((table, part));
        }
    }
    if parts.is_empty() {
        return Ok(None);
    }
    for (_, part) in &parts {
        run(store, &mut tx, &format!("LOCK TABLE {part} IN SHARE MODE")).await?;
    }
    let all: Vec<_> = parts.iter().map(|(_, part)| format!("SELECT creator_id, observed_at FROM {part}")).collect();
    let gone = format!("SELECT creator_id, MIN(observed_at) FROM ({}) o GROUP BY creator_id", all.join(" UNION ALL "));
    let gone: Vec<(i64, Stamp)> =
        sqlx::query_as(AssertSqlSafe(store.qualified(&gone))).fetch_all(&mut *tx).await.map_err(store_error)?;
    let (accounts, first_gone): (Vec<i64>, Vec<Stamp>) = gone.into_iter().unzip();
    let mut hidden = 0;
    for (_, part) in parts.iter().filter(|(table, _)| *table == PROFILES) {
        let last_looks = format!(
            "SELECT count(*) FROM {part} o JOIN compass_creators c \
             ON c.id = o.creator_id AND c.seen_at = o.observed_at AND c.seen_source = o.source"
        );
        let last_looks = sqlx::query_scalar::<_, i64>(AssertSqlSafe(store.qualified(&last_looks)));
        hidden += last_looks.fetch_one(&mut *tx).await.map_err(store_error)?.unsigned_abs();
    }

    // From here on nobody reads observations, and nobody keeps a report: it was kept before, and is marked, or it will find what
    // was taken away.
    run(store, &mut tx, &format!("LOCK TABLE ONLY {PROFILES}, ONLY {POSTS} IN ACCESS EXCLUSIVE MODE")).await?;
    run(store, &mut tx, "LOCK TABLE compass_reports IN SHARE ROW EXCLUSIVE MODE").await?;
    let mark = sqlx::query(store.sql(REPORTS_OF_TAKEN_AWAY)).bind(&accounts).bind(&first_gone);
    mark.bind(Stamp::from(store.clock.now())).execute(&mut *tx).await.map_err(store_error)?;
    let taking = sqlx::query(store.sql(TAKING_AWAY)).bind(&accounts).bind(&first_gone);
    taking.execute(&mut *tx).await.map_err(store_error)?;
    newest::forget(store, &mut tx, &accounts).await?;
    for (table, part) in &parts {
        run(store, &mut tx, &format!("ALTER TABLE {table} DETACH PARTITION {part}")).await?;
    }
    tx.commit().await.map_err(store_error)?;

    let over = sqlx::query(store.sql(TAKEN_AWAY)).bind(&accounts).bind(Stamp::from(store.clock.now()));
    // Until the next thinning, reports of the accounts are marked that need not be.
    if let Err(why) = over.execute(store.writer()).await {
        tracing::warn!(error = &why as &dyn std::error::Error, "the end of a month's detaching was not kept");
    }
    let tables = parts.into_iter().map(|(_, part)| part).collect();
    Ok(Some(DetachedMonth { tables, accounts: accounts.len() as u64, hidden }))
}

/// Whether the partitions of a month take observations.
pub(super) async fn is_attached(store: &PgStore, month: Month) -> Result<bool, StoreError> {
    for table in [PROFILES, POSTS] {
        let is_there = sqlx::query_scalar::<_, bool>(store.sql(IS_PARTITION));
        let is_there = is_there.bind(store.qualified(&part_of(table, month))).bind(store.qualified(table));
        if !is_there.fetch_one(store.reader()).await.map_err(store_error)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Runs a statement that takes no values.
async fn run(store: &PgStore, tx: &mut PgTransaction, text: &str) -> Result<(), StoreError> {
    tx.execute(AssertSqlSafe(store.qualified(text))).await.map_err(store_error)?;
    Ok(())
}

fn part_of(table: &str, month: Month) -> String {
    format!("{table}_{}", suffix(month))
}

/// The names of partitions end so, as `compass_add_month` gives them.
fn suffix((year, month): Month) -> String {
    match year {
        ..2016 => "early".to_owned(),
        2100.. => "late".to_owned(),
        _ => format!("{year:04}_{month:02}"),
    }
}
