//! Every statement is understood by its databases, and finds its rows by an index.

use sqlx::Executor;

use super::{ALL, people, postgres, retention, sqlite, told};
use crate::{PgStore, SqliteStore, testing};

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
        connection.prepare(sqlx::SqlStr::from_static(text)).await.unwrap_or_else(|why| panic!("{name}: {why}"));
    }
}

#[tokio::test]
async fn every_statement_is_prepared_by_postgres() {
    let store = PgStore::connect(&testing::postgres().await).await.unwrap();
    store.migrate().await.unwrap();
    let mut connection = store.pool().acquire().await.unwrap();
    for (name, text) in statements(postgres::ALL) {
        connection.prepare(sqlx::SqlStr::from_static(text)).await.unwrap_or_else(|why| panic!("{name}: {why}"));
    }
}

/// What is asked for as a whole is read as a whole, in the order of an index.
const WHOLE: [&str; 2] = ["LIST_CREATORS", "FAILED_JOBS"];

#[tokio::test]
async fn no_statement_reads_a_whole_table_of_sqlite() {
    let store = SqliteStore::open("sqlite::memory:").await.unwrap();
    store.migrate().await.unwrap();
    for (name, text) in statements(sqlite::ALL) {
        let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {text}"));
        let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain).fetch_all(store.writer()).await.unwrap();
        for (.., step) in plan {
            let scan = step.starts_with("SCAN ") && !step.contains("CONSTANT ROW");
            let in_order = step.contains(" USING ") && WHOLE.contains(&name);
            assert!(!scan || in_order, "{name}: {step}");
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
    for (name, text) in statements(postgres::ALL) {
        let prepare = sqlx::AssertSqlSafe(format!("PREPARE asked AS {text}"));
        connection.execute(prepare).await.unwrap_or_else(|why| panic!("{name}: {why}"));
        let values = (1..).take_while(|n| text.contains(&format!("${n}"))).map(|_| "NULL").collect::<Vec<_>>();
        let values = if values.is_empty() { String::new() } else { format!("({})", values.join(", ")) };
        let explain = sqlx::AssertSqlSafe(format!("EXPLAIN (FORMAT JSON) EXECUTE asked{values}"));
        let (plan,): (serde_json::Value,) = sqlx::query_as(explain).fetch_one(&mut *connection).await.unwrap();
        assert_indexed(name, &plan[0]["Plan"]);
        connection.execute("DEALLOCATE asked").await.unwrap();
    }
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
