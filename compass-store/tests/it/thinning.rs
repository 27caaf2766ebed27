//! A thinning that was interrupted after its deletions and before it could say that it was over. What it would have left is written
//! here; no process dies.

use compass_core::{
    Batch, BatchId, KeptReport, ReportId, Thinning,
    ports::{CorpusStore, ReportStore},
    samples::World,
    testing::scenarios::whole::report,
};
use compass_store::{PgStore, SqliteStore, sqlx, testing};
use jiff::{Timestamp, ToSpan as _};
use uuid::Uuid;

const NOON: Timestamp = Timestamp::constant(1_777_636_800, 0);

const INTERRUPT: &str = "UPDATE compass_thinned SET thinned_at = NULL";

/// A report on everything that the account shows, made long after any thinning.
fn made_later(n: u8, account: &KeptReport) -> KeptReport {
    let made_at = "2999-01-01T00:00:00Z".parse().unwrap();
    KeptReport { id: ReportId(Uuid::from_u128(n.into())), input_hash: [n; 32], made_at, ..account.clone() }
}

async fn reports_are_marked_until_the_next_thinning(
    store: &(impl CorpusStore + ReportStore),
    interrupt: impl AsyncFnOnce(),
) {
    let world = World::standard();
    let creator = &world.creators()[0];
    let mut looks = creator.history(NOON, 1);
    let account = looks[0].creator();
    for hours in [0, 3] {
        let mut look = looks[0].clone();
        look.profile.observed_at = NOON - 2_600.hours() + hours.hours();
        look.videos.clear();
        looks.push(look);
    }
    store.record_batch(BatchId(Uuid::from_u128(1)), &looks.into_iter().collect::<Batch>()).await.unwrap();
    assert_eq!(store.thin(&Thinning::default(), NOON).await.unwrap().profiles, 1);
    let of_it = KeptReport { creator: Some(account), private_to: None, as_of: NOON, ..report(1) };

    let whole = made_later(1, &of_it);
    assert_eq!(store.keep(&whole).await.unwrap(), whole);
    interrupt().await;
    let doubtful = store.keep(&made_later(2, &of_it)).await.unwrap();
    assert!(doubtful.inputs_thinned_at.is_some(), "what it was made of may have been thinned meanwhile");
    assert_eq!(store.thin(&Thinning::default(), NOON).await.unwrap().profiles, 0);
    let whole = made_later(3, &of_it);
    assert_eq!(store.keep(&whole).await.unwrap(), whole);
}

#[tokio::test]
async fn reports_are_marked_until_the_next_thinning_in_postgres() {
    let store = PgStore::connect(&testing::postgres().await).await.unwrap();
    store.migrate().await.unwrap();
    let interrupt = async || assert_eq!(sqlx::query(INTERRUPT).execute(store.pool()).await.unwrap().rows_affected(), 1);
    reports_are_marked_until_the_next_thinning(&store, interrupt).await;
}

#[tokio::test]
async fn reports_are_marked_until_the_next_thinning_in_sqlite() {
    let store = SqliteStore::open("sqlite::memory:").await.unwrap();
    store.migrate().await.unwrap();
    let interrupt =
        async || assert_eq!(sqlx::query(INTERRUPT).execute(store.writer()).await.unwrap().rows_affected(), 1);
    reports_are_marked_until_the_next_thinning(&store, interrupt).await;
}
