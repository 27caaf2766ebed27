//! Fresh stores, each with a database of its own.

use std::{ops::Deref, path::PathBuf, sync::Arc};

use compass_core::testing::FixedClock;
use compass_store::{PgStore, SqliteStore, testing};
use jiff::Timestamp;
use tempfile::TempDir;

/// A store, and the folder of its file.
pub(crate) struct Fresh<S> {
    store: S,
    folder: Option<TempDir>,
}

impl<S> Deref for Fresh<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.store
    }
}

impl Fresh<SqliteStore> {
    pub(crate) fn file(&self) -> PathBuf {
        file_in(self.folder.as_ref().unwrap())
    }
}

/// When every fresh store says that it recorded something.
pub(crate) fn recorded_at() -> Timestamp {
    "2026-06-01T00:00:00.000001Z".parse().unwrap()
}

pub(crate) async fn sqlite_file() -> Fresh<SqliteStore> {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(file_in(&folder).to_str().unwrap()).await.unwrap().with_clock(clock());
    store.migrate().await.unwrap();
    Fresh { store, folder: Some(folder) }
}

pub(crate) async fn sqlite_memory() -> Fresh<SqliteStore> {
    let store = SqliteStore::open("sqlite::memory:").await.unwrap().with_clock(clock());
    store.migrate().await.unwrap();
    Fresh { store, folder: None }
}

pub(crate) async fn postgres() -> Fresh<PgStore> {
    let store = PgStore::connect(&testing::postgres().await).await.unwrap().with_clock(clock());
    store.migrate().await.unwrap();
    Fresh { store, folder: None }
}

/// As [`postgres`], with the tables in a schema that no connection looks in by itself.
pub(crate) async fn postgres_schema() -> Fresh<PgStore> {
    let store = PgStore::connect(&testing::postgres().await).await.unwrap().with_clock(clock());
    let store = store.with_schema("of_the_host").unwrap();
    store.migrate().await.unwrap();
    Fresh { store, folder: None }
}

/// Makes a test for each store of an `async fn` over its ports.
macro_rules! on_every_store {
    ($($scenario:ident),* $(,)?) => {
        $(mod $scenario {
            #[tokio::test]
            async fn sqlite_file() {
                super::$scenario(&*crate::stores::sqlite_file().await).await;
            }

            #[tokio::test]
            async fn sqlite_memory() {
                super::$scenario(&*crate::stores::sqlite_memory().await).await;
            }

            #[tokio::test]
            async fn postgres() {
                super::$scenario(&*crate::stores::postgres().await).await;
            }
        })*
    };
}
pub(crate) use on_every_store;

fn file_in(folder: &TempDir) -> PathBuf {
    folder.path().join("compass.sqlite")
}

fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::new(recorded_at()))
}
