//! Every statement is understood by its databases, and finds its rows by an index.

use compass_core::{SourceKind, VideoCounts};
use jiff::Timestamp;
use sqlx::{Executor, PgConnection, SqlStr};

use super::{ALL, people, postgres, retention, sqlite, told};
use crate::{
    PgStore, SqliteStore,
    prepared::{KeptLook, LookKey},
    stamp::Stamp,
    testing,
};

type Statement = (&'static str, &'static str);

fn statements(of_one_database: &'static [Statement]) -> impl Iterator<Item = Statement> {
    [ALL, people::ALL, told::ALL, retention::ALL, of_one_database].into_iter().flatten().copied()
}

#[tokio::test]
async fn every_statement_is_prepared_by_sqlite() {
    let store = SqliteStore::open("sqlite::memory:").await.unwrap();
    store.migrate().await.unwrap();
    let mut connection = store.writer().acquire().await.unwrap();
    for (name, text) in statements(sqlite::ALL) {
        connection.prepare(SqlStr::from_static(text)).await.unwrap_or_else(|why| panic!("{name}: {why}"));
    }
}

#[tokio::test]
async fn every_statement_is_prepared_by_postgres() {
    let store = PgStore::connect(&testing::postgres().await).await.unwrap();
    store.migrate().await.unwrap();
    let mut connection = store.pool().acquire().await.unwrap();
    for (name, text) in statements(postgres::ALL) {
        connection.prepare(SqlStr::from_static(text)).await.unwrap_or_else(|why| panic!("{name}: {why}"));
    }
}

/// Where the tables are in a schema that is named, every word that begins so is made a table of it, in a text too: a lock would have two
/// names for one schema.
#[test]
fn no_statement_of_postgres_has_a_text_that_could_be_taken_for_a_table() {
    for (name, text) in statements(postgres::ALL) {
        let mut texts = text.split('\'').skip(1).step_by(2);
        assert!(texts.all(|quoted| !quoted.contains("compass_")), "{name}: {text}");
    }
}

/// What is asked for as a whole is read as a whole, in the order of an index.
const WHOLE: [&str; 2] = ["LIST_CREATORS", "FAILED_JOBS"];

/// Rows that a statement has made or was given.
const MADE: [&str; 9] =
    ["account", "seen", "bound", "posts", "ranked", "named", "page", "(subquery-1)", "(subquery-8)"];

#[tokio::test]
async fn no_statement_reads_a_whole_table_of_sqlite() {
    let store = SqliteStore::open("sqlite::memory:").await.unwrap();
    store.migrate().await.unwrap();
    let with_a_text = statements(sqlite::ALL).map(|(name, text)| (name, SqlStr::from_static(text)));
    for (name, text) in with_a_text.chain(store.statements_of_rows()) {
        let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", text.as_str()));
        let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain).fetch_all(store.writer()).await.unwrap();
        for (.., step) in plan {
            let is_given =
                ["CONSTANT ROW", "-ROW VALUES CLAUSE", "w VIRTUAL TABLE"].iter().any(|given| step.contains(given));
            let scan = step.starts_with("SCAN ") && !is_given;
            let is_its_own = MADE.iter().any(|part| step.strip_prefix("SCAN ") == Some(part));
            let in_order = step.contains(" USING ") && WHOLE.contains(&name);
            assert!(!scan || in_order || is_its_own, "{name}: {step}");
        }
    }
}

#[tokio::test]
async fn no_statement_reads_a_whole_table_of_postgres() {
    let store = PgStore::connect(&testing::postgres().await).await.unwrap();
    store.migrate().await.unwrap();
    let mut connection = store.pool().acquire().await.unwrap();
    // Small tables are read as a whole whatever indexes they have, unless that is made dear.
    connection.execute("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan").await.unwrap();
    let with_a_text = statements(postgres::ALL).map(|(name, text)| (name, SqlStr::from_static(text)));
    for (name, text) in with_a_text.chain(store.statements_of_rows()) {
        assert_indexed(name, &plan_of(&mut connection, text.as_str()).await);
    }
}

/// What PostgreSQL would do, whatever the values are.
async fn plan_of(connection: &mut PgConnection, text: &str) -> serde_json::Value {
    let prepare = sqlx::AssertSqlSafe(format!("PREPARE asked AS {text}"));
    connection.execute(prepare).await.unwrap_or_else(|why| panic!("{text}: {why}"));
    let values = (1..).take_while(|n| text.contains(&format!("${n}"))).map(|_| "NULL").collect::<Vec<_>>();
    let values = if values.is_empty() { String::new() } else { format!("({})", values.join(", ")) };
    let explain = sqlx::AssertSqlSafe(format!("EXPLAIN (FORMAT JSON) EXECUTE asked{values}"));
    let (mut plan,): (serde_json::Value,) = sqlx::query_as(explain).fetch_one(&mut *connection).await.expect("a plan");
    connection.execute("DEALLOCATE asked").await.expect("it was prepared");
    plan[0]["Plan"].take()
}

fn assert_indexed(name: &str, plan: &serde_json::Value) {
    let kind = plan["Node Type"].as_str().expect("a plan has a type");
    assert_ne!(kind, "Seq Scan", "{name}: {plan}");
    let narrowed = !kind.contains("Index") || plan["Index Cond"].is_string();
    assert!(narrowed || WHOLE.contains(&name), "{name}: {plan}");
    for part in plan["Plans"].as_array().into_iter().flatten() {
        assert_indexed(name, part);
    }
}

/// A thousand accounts with twenty posts each, looked at on five days; twenty thousand jobs that are done.
const MANY: &str = "\
    SELECT compass_add_month('2026-01-01T00:00:00Z');
    INSERT INTO compass_creators (id, handle, seen_at, seen_source)
        SELECT c, 'account.' || c, '2026-01-05T00:00:00Z', 'sample' FROM generate_series(1, 1000) c;
    INSERT INTO compass_profile_observations
            (creator_id, observed_at, source, recorded_at, handle, nickname, bio, verified, private)
        SELECT c, '2026-01-01T00:00:00Z'::timestamptz + d * interval '1 day', 'sample', now(), 'account.' || c, '', '', false, false
        FROM generate_series(1, 1000) c, generate_series(0, 4) d;
    INSERT INTO compass_videos (creator_id, id)
        SELECT c, c * 1000 + v FROM generate_series(1, 1000) c, generate_series(1, 20) v;
    INSERT INTO compass_video_descriptions
            (creator_id, video_id, digest, created_at, created_at_derived, kind, caption, hashtags)
        SELECT creator_id, id, 1, '2025-12-01T00:00:00Z', false, 'video', '', '[]' FROM compass_videos;
    INSERT INTO compass_video_observations
            (creator_id, video_id, observed_at, source, recorded_at, description, pinned)
        SELECT creator_id, id, '2026-01-01T00:00:00Z'::timestamptz + d * interval '1 day', 'sample', now(), 1, false
        FROM compass_videos, generate_series(0, 4) d;
    INSERT INTO compass_jobs
            (id, handle, priority, asked_at, state, attempts, enqueued_at, available_at, finished_at)
        SELECT gen_random_uuid(), 'account.' || j % 1000, 'asked', now(), 'succeeded', 1, now(), now(),
            '2026-01-01T00:00:00Z'::timestamptz + j * interval '1 minute'
        FROM generate_series(1, 20000) j;
    ANALYZE";

#[tokio::test]
async fn postgres_chooses_an_index_where_there_is_much() {
    let store = PgStore::connect(&testing::postgres().await).await.unwrap();
    store.migrate().await.unwrap();
    let mut connection = store.pool().acquire().await.unwrap();
    connection.execute(MANY).await.unwrap();
    let large =
        "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relname LIKE 'compass%' AND reltuples >= 1000";
    let large: Vec<String> = sqlx::query_scalar(large).fetch_all(&mut *connection).await.unwrap();
    assert_eq!(large.len(), 6, "{large:?}");
    connection.execute("SET plan_cache_mode = force_generic_plan").await.unwrap();
    let mut used = 0;
    // Retention works in the background, on so many rows at once that it may read a table for them.
    let waited_for =
        statements(postgres::ALL).filter(|asked| !WHOLE.contains(&asked.0) && !retention::ALL.contains(asked));
    for (name, text) in waited_for {
        let plan = plan_of(&mut connection, text).await;
        for scan in scans(&plan).filter(|scan| large.iter().any(|table| scan["Relation Name"] == table.as_str())) {
            assert_ne!(scan["Node Type"], "Seq Scan", "{name}: {plan}");
            used += 1;
        }
    }
    assert!(used > 20, "only {used} statements read the large tables");

    let looks: Vec<_> =
        [(7, 7_001), (7, 7_020), (8, 8_003)].into_iter().map(|(creator, video)| look(creator, video)).collect();
    let text = crate::postgres::bulk::keys_around(&looks).unwrap();
    let plan = plan_of(&mut connection, &text).await;
    let scan = scans(&plan).find(|scan| scan["Relation Name"] == "compass_video_observations_2026_01").unwrap();
    assert!(scan["Index Cond"].as_str().is_some_and(|narrowed| narrowed.contains("creator_id")), "{plan}");
}

fn look(creator: i64, video: i64) -> KeptLook {
    let observed_at: Stamp = Timestamp::constant(1_767_398_400, 0).into();
    let key = LookKey { creator, video, observed_at, source: SourceKind::Sample };
    KeptLook { key, recorded_at: observed_at, description: 1, pinned: false, counts: VideoCounts::default() }
}

/// Every part of a plan that reads a table.
fn scans(plan: &serde_json::Value) -> Box<dyn Iterator<Item = &serde_json::Value> + '_> {
    let parts = plan["Plans"].as_array().into_iter().flatten().flat_map(scans);
    Box::new(Some(plan).filter(|part| part["Relation Name"].is_string()).into_iter().chain(parts))
}
