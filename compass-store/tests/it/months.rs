//! Observations by month: partitions that come by themselves and can be taken away.

use compass_core::{
    CreatorId, Handle, KeptReport, ReportId, Snapshot,
    ports::{CreatorStore, ReportStore, StoreError},
    samples::World,
    testing::scenarios::whole::report,
};
use compass_store::{PgStore, sqlx};
use futures_util::future::join_all;
use jiff::{Timestamp, ToSpan as _};
use uuid::Uuid;

use crate::stores;

const MONTHS: &str = "SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid \
    JOIN pg_class p ON p.oid = i.inhparent WHERE p.relname = 'compass_video_observations' ORDER BY 1";

/// The months whose partitions are there, as the names of the partitions tell them.
async fn months(store: &PgStore) -> Vec<String> {
    let names: Vec<String> = sqlx::query_scalar(MONTHS).fetch_all(store.pool()).await.unwrap();
    names.into_iter().map(|name| name.replace("compass_video_observations_", "")).collect()
}

fn seen(at: &str) -> Snapshot {
    let steady = Handle::parse("sample.steady").unwrap();
    World::standard().find(&steady).unwrap().snapshot(at.parse().unwrap(), 5, compass_core::SourceKind::Sample)
}

/// A look at the same posts at another moment.
fn again(at: &str) -> Snapshot {
    let mut again = seen("2026-05-31T23:00:00Z");
    let at: Timestamp = at.parse().unwrap();
    again.profile.observed_at = at;
    again.videos.iter_mut().for_each(|video| video.observed_at = at);
    again
}

#[tokio::test]
async fn this_month_and_three_more_are_there_after_migrating() {
    let store = stores::postgres().await;
    // The store's clock says 1 June 2026.
    assert_eq!(months(&store).await, ["2026_06", "2026_07", "2026_08", "2026_09"]);
}

#[tokio::test]
async fn month_comes_with_its_first_observation() {
    let store = stores::postgres().await;
    for at in ["2026-05-31T23:59:59.999999Z", "2024-02-01T00:00:00Z", "0001-01-01T00:00:00Z", "2101-05-05T05:05:05Z"] {
        assert_eq!(store.record(&again(at)).await.unwrap().videos, 5, "{at}");
        assert_eq!(store.record(&again(at)).await.unwrap().videos, 0, "{at}, once more");
    }
    let of_before = ["2024_02", "2026_05"];
    assert_eq!(
        months(&store).await,
        [&of_before[..], &["2026_06", "2026_07", "2026_08", "2026_09", "early", "late"]].concat()
    );
    let creator = seen("2026-05-01T00:00:00Z").creator();
    let kept = store.video_observations(creator, Timestamp::MIN, Timestamp::MAX).await.unwrap();
    assert_eq!(kept.len(), 4 * 5);
}

#[tokio::test]
async fn many_who_need_a_new_month_at_once_get_it() {
    let store = stores::postgres().await;
    let others = join_all((0..8).map(|_| {
        let store = PgStore::from_pool(store.pool().clone());
        async move { store.record(&again("2023-03-03T03:03:03Z")).await }
    }));
    let recorded: u64 = others.await.into_iter().map(|recorded| recorded.unwrap().videos).sum();
    assert_eq!(recorded, 5);
}

#[tokio::test]
async fn stores_of_two_schemas_make_months_of_their_own() {
    let store = stores::postgres().await;
    for schema in ["first", "second"] {
        let own = store.clone().with_schema(schema).unwrap();
        own.migrate().await.unwrap();
        own.record(&again("2023-03-03T03:03:03Z")).await.unwrap();
    }
}

#[tokio::test]
async fn detached_month_is_not_asked_and_takes_nothing() {
    let store = stores::postgres().await;
    for at in ["2026-05-10T00:00:00Z", "2026-06-10T00:00:00Z"] {
        store.record(&again(at)).await.unwrap();
    }
    let detached = store.detach_month("2026-05-31T23:59:59Z".parse().unwrap()).await.unwrap().unwrap();
    let tables = ["compass_profile_observations_2026_05", "compass_video_observations_2026_05"];
    assert_eq!((&detached.tables[..], detached.accounts, detached.hidden), (&tables.map(str::to_owned)[..], 1, 0));
    assert_eq!(store.detach_month("2026-05-31T23:59:59Z".parse().unwrap()).await.unwrap(), None, "once more");
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM compass_video_observations_2026_05")
        .fetch_one(store.pool())
        .await
        .unwrap();
    assert_eq!(kept, 5, "they are in a table of their own");
    let creator = seen("2026-05-01T00:00:00Z").creator();
    let kept = store.history(creator, Timestamp::MIN, Timestamp::MAX).await.unwrap();
    assert_eq!(kept.len(), 1);
    for store in [PgStore::from_pool(store.pool().clone()), store.clone()] {
        let refused = store.record(&again("2026-05-11T00:00:00Z")).await;
        assert!(
            matches!(&refused, Err(StoreError::Invalid(why)) if why.contains("attach the table again, or drop it")),
            "{refused:?}"
        );
        store.record(&again("2026-06-11T00:00:00Z")).await.unwrap();
    }
}

#[tokio::test]
async fn month_whose_tables_are_dropped_comes_again_in_every_store() {
    let store = stores::postgres().await;
    let other = PgStore::from_pool(store.pool().clone());
    for at in ["2026-05-10T00:00:00Z", "2105-05-05T05:05:05Z"] {
        for store in [&*store, &other] {
            store.record(&again(at)).await.unwrap();
        }
    }
    let detached = store.detach_month("2026-05-01T00:00:00Z".parse().unwrap()).await.unwrap().unwrap();
    let refused = store.record(&again("2026-05-11T00:00:00Z")).await;
    assert!(matches!(&refused, Err(StoreError::Invalid(why)) if why.contains("or drop it")), "{refused:?}");
    for table in detached.tables {
        sqlx::query(sqlx::AssertSqlSafe(format!("DROP TABLE {table}"))).execute(store.pool()).await.unwrap();
    }
    // The other one wrote into it before, and has not heard of it.
    assert_eq!(other.record(&again("2026-05-12T00:00:00Z")).await.unwrap().videos, 5);
    assert_eq!(store.record(&again("2026-05-11T00:00:00Z")).await.unwrap().videos, 5);
}

#[tokio::test]
async fn month_that_is_attached_again_takes_observations_again() {
    let store = stores::postgres().await;
    store.record(&again("2026-05-10T00:00:00Z")).await.unwrap();
    let detached = store.detach_month("2026-05-01T00:00:00Z".parse().unwrap()).await.unwrap().unwrap();
    assert!(store.record(&again("2026-05-11T00:00:00Z")).await.is_err());
    for table in detached.tables {
        let parent = table.replace("_2026_05", "");
        let attach =
            format!("ALTER TABLE {parent} ATTACH PARTITION {table} FOR VALUES FROM ('2026-05-01Z') TO ('2026-06-01Z')");
        sqlx::query(sqlx::AssertSqlSafe(attach)).execute(store.pool()).await.unwrap();
    }
    assert_eq!(store.record(&again("2026-05-11T00:00:00Z")).await.unwrap().videos, 5);
}

#[tokio::test]
async fn month_that_is_not_over_stays() {
    let store = stores::postgres().await;
    for at in ["2026-06-01T00:00:00Z", "2026-06-30T00:00:00Z", "2026-08-01T00:00:00Z", "2150-01-01T00:00:00Z"] {
        let refused = store.detach_month(at.parse().unwrap()).await;
        assert!(matches!(&refused, Err(StoreError::Invalid(why)) if why.contains("not over")), "{refused:?}");
    }
    assert_eq!(months(&store).await.len(), 4);
}

#[tokio::test]
async fn month_with_an_account_s_last_look_hides_it_and_says_so() {
    for store in [stores::postgres().await, stores::postgres_schema().await] {
        store.record(&again("0001-01-01T00:00:00Z")).await.unwrap();
        let detached = store.detach_month("1999-01-01T00:00:00Z".parse().unwrap()).await.unwrap().unwrap();
        assert_eq!((detached.tables.len(), detached.accounts, detached.hidden), (2, 1, 1));
        assert_eq!(store.list().await.unwrap(), []);
        store.record(&again("2026-06-11T00:00:00Z")).await.unwrap();
        assert_eq!(store.list().await.unwrap().len(), 1);
        for table in detached.tables {
            let drop = format!("SET search_path TO of_the_host, public; DROP TABLE {table}; RESET search_path");
            sqlx::raw_sql(sqlx::AssertSqlSafe(drop)).execute(store.pool()).await.unwrap();
        }
        assert_eq!(store.record(&again("2010-01-01T00:00:00Z")).await.unwrap().videos, 5, "there is room again");
    }
}

/// A report on the account, of a moment and an input, made at another moment.
fn report_of(account: u64, input: u8, as_of: &str, made_at: Timestamp) -> KeptReport {
    KeptReport {
        id: ReportId(Uuid::from_u128(u128::from(account) << 8 | u128::from(input))),
        creator: Some(CreatorId::parse(&account.to_string()).unwrap()),
        compared: [].into(),
        private_to: None,
        as_of: as_of.parse().unwrap(),
        made_at,
        input_hash: [input; 32],
        ..report(1)
    }
}

#[tokio::test]
async fn reports_of_a_detached_month_say_so() {
    let store = stores::postgres().await;
    for at in ["2026-04-10T00:00:00Z", "2026-05-10T00:00:00Z", "2026-06-10T00:00:00Z"] {
        store.record(&again(at)).await.unwrap();
    }
    let account = seen("2026-05-01T00:00:00Z").creator().get();
    let before: Timestamp = "2026-05-31T00:00:00Z".parse().unwrap();
    let of_it = report_of(account, 1, "2026-05-10T00:00:00Z", before);
    let compared = KeptReport { compared: of_it.accounts(), ..report_of(7, 2, "2026-05-20T00:00:00Z", before) };
    let earlier = report_of(account, 3, "2026-05-09T23:59:59Z", before);
    let another = report_of(8, 4, "2026-05-20T00:00:00Z", before);
    for report in [&of_it, &compared, &earlier, &another] {
        store.keep(report).await.unwrap();
    }

    store.detach_month("2026-05-01T00:00:00Z".parse().unwrap()).await.unwrap().unwrap();

    let is_marked = async |report: &KeptReport| {
        let kept = ReportStore::find(&*store, report.id).await.unwrap().unwrap();
        kept.inputs_thinned_at.is_some()
    };
    for (report, marked) in [(&of_it, true), (&compared, true), (&earlier, false), (&another, false)] {
        assert_eq!(is_marked(report).await, marked, "{report:?}");
    }
    let late = report_of(account, 5, "2026-05-10T00:00:00Z", before);
    assert!(store.keep(&late).await.unwrap().inputs_thinned_at.is_some(), "made before, kept afterwards");
    let of_the_rest = report_of(account, 6, "2026-06-10T00:00:00Z", stores::recorded_at() + 1.second());
    assert_eq!(store.keep(&of_the_rest).await.unwrap(), of_the_rest, "made of what is left");
}

#[tokio::test]
async fn report_that_is_kept_while_a_month_is_detached_says_so() {
    let store = stores::postgres().await;
    store.record(&again("2026-05-10T00:00:00Z")).await.unwrap();
    let account = seen("2026-05-01T00:00:00Z").creator().get();
    let before: Timestamp = "2026-05-31T00:00:00Z".parse().unwrap();
    let reports: Vec<_> = (1..=40).map(|n| report_of(account, n, "2026-05-20T00:00:00Z", before)).collect();
    let keeping = join_all(reports.iter().map(|report| store.keep(report)));
    let detaching = join_all((0..2).map(|_| store.detach_month("2026-05-01T00:00:00Z".parse().unwrap())));
    let (kept, detached) = tokio::join!(keeping, detaching);
    assert_eq!(detached.into_iter().filter(|month| month.as_ref().unwrap().is_some()).count(), 1);
    for report in kept {
        let id = report.unwrap().id;
        let report = ReportStore::find(&*store, id).await.unwrap().unwrap();
        assert!(report.inputs_thinned_at.is_some(), "{report:?}");
    }
}

/// Looks that go on, some of them into the month, get in nobody's way for long.
#[tokio::test]
async fn month_is_detached_while_others_record() {
    let store = stores::postgres().await;
    store.record(&again("2026-05-10T00:00:00Z")).await.unwrap();
    let recording = join_all((1..=30_i64).map(|n| {
        let store = store.clone();
        let month = if n % 3 == 0 { 5 } else { 6 };
        let at = format!("2026-{month:02}-11T00:00:{n:02}Z");
        async move { store.record(&again(&at)).await.map(|recorded| (month, recorded)) }
    }));
    let detaching = store.detach_month("2026-05-01T00:00:00Z".parse().unwrap());
    let (recorded, detached) = tokio::join!(recording, detaching);
    assert!(detached.unwrap().is_some());
    for recorded in recorded {
        match recorded {
            Ok((_, recorded)) => assert_eq!(recorded.videos, 5),
            Err(StoreError::Invalid(why)) => assert!(why.contains("attach the table again, or drop it"), "{why}"),
            Err(other) => panic!("{other:?}"),
        }
    }
    let kept = store.history(seen("2026-05-01T00:00:00Z").creator(), Timestamp::MIN, Timestamp::MAX).await.unwrap();
    assert_eq!(kept.len(), 20, "the looks of June");
}

/// Where accounts are distributed over servers, each key and each unique index has the account in it, but the one that the
/// migration names.
#[tokio::test]
async fn accounts_can_be_distributed() {
    let store = stores::postgres().await;
    let indexes: Vec<(String, String)> = sqlx::query_as(
        "SELECT tablename::text, indexdef FROM pg_indexes WHERE indexdef LIKE 'CREATE UNIQUE%' AND tablename IN (\
         'compass_videos', 'compass_video_descriptions', 'compass_video_observations', 'compass_profile_observations')",
    )
    .fetch_all(store.pool())
    .await
    .unwrap();
    let without: Vec<_> = indexes.iter().filter(|(_, index)| !index.contains("creator_id")).collect();
    assert!(indexes.len() == 5 && without.len() == 1, "{indexes:?}");
    assert!(without[0].1.contains("compass_videos_id"), "{without:?}");
}
