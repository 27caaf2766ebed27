//! A SQLite file that is full, read-only, damaged, or read for long.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use compass_core::{
    Identity, Snapshot, SourceKind, UserId,
    ports::{AccountStore, CreatorStore, StoreError},
    samples::World,
};
use compass_store::{SqliteStore, sqlx};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::stores;

/// A database in memory ends with its connection, which sqlx by default closes when it was idle or is old.
#[tokio::test]
async fn memory_is_kept_however_long_nobody_asks() {
    let store = stores::sqlite_memory().await;
    let pool = store.writer().options();
    assert_eq!((pool.get_idle_timeout(), pool.get_max_lifetime()), (None, None));
    assert_eq!(pool.get_max_connections(), 1, "another connection would see another memory");
}

#[tokio::test]
async fn full_disk_loses_nothing_and_is_over_once_there_is_room() {
    let store = stores::sqlite_file().await;
    store.record(&look(0)).await.unwrap();
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(store.writer()).await.unwrap();
    limit_pages(&store, pages + 2).await;
    let mut kept = vec![look(0).profile];
    let full = loop {
        let next = look(kept.len());
        match store.record(&next).await {
            Ok(_) => kept.push(next.profile),
            Err(error) => break error,
        }
    };
    assert!(matches!(full, StoreError::Unavailable(_)), "{full:?}");
    assert_eq!(history(&store).await, kept, "reading goes on");
    assert_sound(&store).await;

    sqlx::query("DELETE FROM compass_video_observations")
        .execute(store.writer())
        .await
        .expect("deleting needs no room");
    limit_pages(&store, 1_000_000).await;
    store.record(&look(kept.len())).await.unwrap();
    assert_sound(&store).await;
}

#[tokio::test]
async fn file_that_may_only_be_read_can_be_read_and_says_so_when_written_to() {
    let store = stores::sqlite_file().await;
    store.record(&look(0)).await.unwrap();
    store.close().await;
    for asked in ["mode=ro", "mode=ro&immutable=1"] {
        let url = format!("sqlite://{}?{asked}", store.file().display());
        let only_readable = SqliteStore::open(&url).await.unwrap();
        only_readable.migrate().await.expect("there is nothing to do");
        assert_eq!(history(&only_readable).await, [look(0).profile]);
        let refused = only_readable.record(&look(1)).await;
        assert!(matches!(&refused, Err(StoreError::Invalid(why)) if why.contains("write")), "{refused:?}");
        only_readable.close().await;
    }
}

/// The bits of a folder's mode do not bind root, so the folder is copied into one that has no locks yet.
#[tokio::test]
async fn nothing_is_made_beside_a_file_that_is_only_read() {
    let store = stores::sqlite_file().await;
    store.record(&look(0)).await.unwrap();
    store.close().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy.sqlite");
    std::fs::copy(store.file(), &file).unwrap();
    let copy = SqliteStore::open(&format!("sqlite://{}?mode=ro&immutable=1", file.display())).await.unwrap();
    copy.migrate().await.unwrap();
    assert_eq!(history(&copy).await, [look(0).profile]);
    let made: Vec<_> = folder.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(made, ["copy.sqlite"]);
}

/// Nobody, not even root, makes files there.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn folder_that_may_not_be_written_to_is_told_with_what_to_do() {
    let refused = SqliteStore::open("/sys/compass.sqlite").await;
    let Err(StoreError::Invalid(why)) = refused else { panic!("{refused:?}") };
    assert!(why.contains("/sys/compass.sqlite-lock") && why.contains("mode=ro"), "{why}");
}

#[tokio::test]
async fn damaged_page_is_corrupt_and_the_way_to_mend_it_is_told() {
    let store = stores::sqlite_file().await;
    for n in 0..30 {
        store.record(&look(n)).await.unwrap();
    }
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'compass_video_observations'";
    let root: u32 = sqlx::query_scalar(root).fetch_one(store.reader()).await.unwrap();
    let size: u32 = sqlx::query_scalar("PRAGMA page_size").fetch_one(store.reader()).await.unwrap();
    let file = store.file();
    store.close().await;
    damage(&file, root, size);

    let store = SqliteStore::open(file.to_str().unwrap()).await.unwrap();
    store.migrate().await.unwrap();
    let creator = look(0).creator();
    let read = store.video_observations(creator, Timestamp::MIN, Timestamp::MAX).await;
    let Err(StoreError::Corrupt(why)) = read else { panic!("{read:?}") };
    assert!(why.contains("malformed") && why.contains("backup"), "{why}");
    store.ping().await.expect("the rest goes on");
}

#[tokio::test]
async fn file_that_is_no_database_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("diary.txt");
    std::fs::write(&file, "Dear diary, ".repeat(1_000)).unwrap();
    let refused = SqliteStore::open(file.to_str().unwrap()).await;
    assert!(matches!(&refused, Err(StoreError::Corrupt(why)) if why.contains("diary.txt")), "{refused:?}");
}

#[tokio::test]
async fn long_reader_sees_one_moment_and_the_log_is_small_again_after_it() {
    let store = stores::sqlite_file().await;
    let mut reading = store.reader().begin().await.unwrap();
    let count = "SELECT count(*) FROM compass_users";
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&mut *reading).await.unwrap(), 0);
    for n in 0..90 {
        let name = Some(char::from(b'a' + n % 26).to_string().repeat(1 << 20));
        let who = Identity { issuer: "i".to_owned(), subject: n.to_string(), email: None, name };
        store.sign_in(&who, UserId(Uuid::from_u128(u128::from(n) + 1)), noon()).await.unwrap();
    }
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&mut *reading).await.unwrap(), 0);
    let log = store.file().with_extension("sqlite-wal");
    let length = || std::fs::metadata(&log).unwrap().len();
    assert!(length() > 80 << 20, "{} bytes cannot be what was written", length());
    reading.rollback().await.unwrap();

    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(store.reader()).await.unwrap(), 90);
    // The next writes put the log back into the file, and begin it anew.
    for n in 0..3 {
        store.record(&look(n)).await.unwrap();
    }
    assert!(length() <= 64 << 20, "{} bytes", length());
    assert_sound(&store).await;
}

async fn limit_pages(store: &SqliteStore, pages: i64) {
    let limit = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
    sqlx::query(limit).execute(store.writer()).await.unwrap();
}

async fn assert_sound(store: &SqliteStore) {
    let check: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(store.writer()).await.unwrap();
    assert_eq!(check, "ok");
}

async fn history(store: &SqliteStore) -> Vec<compass_core::ProfileObservation> {
    store.history(look(0).creator(), Timestamp::MIN, Timestamp::MAX).await.unwrap()
}

/// Turns every bit of a page, counted from 1.
fn damage(file: &Path, page: u32, size: u32) {
    let mut opened = File::options().read(true).write(true).open(file).unwrap();
    let place = SeekFrom::Start(u64::from(page - 1) * u64::from(size));
    let mut bytes = vec![0; size as usize];
    opened.seek(place).unwrap();
    opened.read_exact(&mut bytes).unwrap();
    opened.seek(place).unwrap();
    bytes.iter_mut().for_each(|byte| *byte = !*byte);
    opened.write_all(&bytes).unwrap();
}

fn look(minute: usize) -> Snapshot {
    let at = noon() + SignedDuration::from_mins(minute as i64);
    World::standard().creators()[0].snapshot(at, 30, SourceKind::Sample)
}

fn noon() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}
