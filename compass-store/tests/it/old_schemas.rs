//! Rows of earlier schemas are all there after every migration since.

use compass_core::{
    Batch, BatchId, CreatorId, Handle, JobState, ReportId, SourceKind, VideoId,
    ports::{
        AccountData, AccountStore, CorpusStore, CreatorStore, HostHealth, JobStore, Recorded, ReportStore, VideoPage,
    },
};
use compass_store::{
    PgStore, SqliteStore,
    sqlx::{self, AssertSqlSafe, migrate::Migrator},
    testing,
};
use jiff::Timestamp;
use uuid::Uuid;

/// As both databases take it but for moments (`@` and seconds), ids (`#` and two digits) and truth (`?yes`, `?no`).
const FIRST: [&str; 10] = [
    "INSERT INTO compass_users VALUES (#01, 'https://accounts.google.com', 's-1', 'ada@example.org', 'Ada', @1777000000, '{}')",
    "INSERT INTO compass_sessions VALUES (#02, #01, $hash, @1777000000, @1900000000)",
    "INSERT INTO compass_creators VALUES (42, 'ada', @1777000000, 'page')",
    "INSERT INTO compass_profile_observations VALUES (42, @1774000000, 'page', @1774000001, 'ada.before', 'Ada', '', ?no, \
     ?no, NULL, NULL, 98350, 98449, 7, 7, NULL, NULL, 2, 2)",
    "INSERT INTO compass_profile_observations VALUES (42, @1777000000, 'page', @1777000001, 'ada', 'Ada', 'Bread', ?yes, \
     ?no, 'en', @1600000000, 98450, 98549, 7, 7, NULL, NULL, 2, 2)",
    "INSERT INTO compass_videos VALUES (7470546959699348744, 42)",
    "INSERT INTO compass_video_descriptions VALUES (7470546959699348744, 5, @1739000000, ?no, 'video', 30, 'Bread', \
     '[\"bread\"]', NULL, 'en'), (7470546959699348744, 6, @1739000000, ?no, 'video', 30, 'Bread, edited', '[]', NULL, 'en')",
    "INSERT INTO compass_video_observations VALUES \
     (7470546959699348744, @1774000000, 'page', @1774000001, 5, ?yes, 1000, 1000, 10, 10, NULL, NULL, 1, 1, NULL, NULL), \
     (7470546959699348744, @1777000000, 'page', @1777000001, 6, ?no, 98350, 98449, 20, 20, 3, 3, 1, 1, 0, 0)",
    "INSERT INTO compass_jobs VALUES (#03, 'ada', #01, 'queued', 1, @1777000000, @1777000060, NULL, 'timeout', 'late')",
    "INSERT INTO compass_job_events VALUES (#03, 1, @1777000000, '{\"stage\": \"waiting\"}')",
];

const SECOND: [&str; 1] = [
    "INSERT INTO compass_host_health VALUES ('www.tiktok.com', 2, @1777000000, @1777000060, @1777003600, 'captcha', 'shown')",
];

const THIRD: [&str; 1] = ["INSERT INTO compass_batches VALUES (#04, @1777000000, 1, 2)"];

const FOURTH: [&str; 6] = [
    "INSERT INTO compass_refresh_tokens VALUES ($hash, #02, @1777000000, @1900000000, NULL, NULL, NULL)",
    "INSERT INTO compass_imports VALUES (#05, #01, 'ada', 'studio_export', $hash, @1777000000, 3, 0, '[]')",
    "INSERT INTO compass_audience_shares VALUES (#05, @1777000000, 'studio_export', 'gender', 'female', 0.6)",
    "INSERT INTO compass_reports VALUES (#06, 'ada', 42, NULL, @1777000000, @1777000000, '0.1.0', $hash, '{}', NULL)",
    "INSERT INTO compass_advice VALUES (#07, #01, #06, @1777000000, 'post_more', '{}', '{}', @1777600000, NULL, NULL)",
    "INSERT INTO compass_audit_log VALUES (#08, @1777000000, #01, 'session_opened', NULL, '{}', NULL)",
];

/// What is there already, brought again at once.
const EIGHTH: [&str; 2] = [
    "INSERT INTO compass_imports VALUES (#09, #01, 'ada', 'studio_export', $hash, @1776999999, 3, 0, '[]', NULL)",
    "INSERT INTO compass_audience_shares VALUES (#09, @1777000000, 'studio_export', 'gender', 'female', 0.6)",
];

/// Brought under names of yesterday, of today, and that nobody was seen with.
const NINTH: [&str; 7] = [
    "INSERT INTO compass_creators VALUES (44, 'bea.two', @1774000200, 'page'), (45, 'bea', @1777000300, 'page')",
    "INSERT INTO compass_profile_observations VALUES (44, @1774000100, 'page', @1774000101, 'bea', 'Bea', '', ?no, ?no, NULL, \
     NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (45, @1777000300, 'page', @1777000301, 'bea', 'Bea', '', ?no, ?no, \
     NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
    "INSERT INTO compass_profile_observations VALUES (44, @1774000200, 'page', @1774000201, 'bea.two', 'Bea', '', ?no, ?no, NULL, \
     NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
    "INSERT INTO compass_imports VALUES (#12, NULL, 'bea', 'studio_export', $third, @1773999999, 3, 0, '[]', NULL)",
    "INSERT INTO compass_imports VALUES (#10, NULL, 'ada.before', 'studio_export', $other, @1774000001, 3, 0, '[]', NULL)",
    "INSERT INTO compass_imports VALUES (#11, NULL, 'nobody', 'studio_export', $hash, @1774000001, 3, 0, '[]', NULL)",
    "INSERT INTO compass_audience_shares VALUES (#10, @1774000001, 'studio_export', 'gender', 'female', 0.6)",
];

/// The rows of each schema, put in before the next.
const ROWS: [(i64, &[&str]); 6] = [(1, &FIRST), (2, &SECOND), (3, &THIRD), (4, &FOURTH), (8, &EIGHTH), (9, &NINTH)];

/// Whose the imports are.
const OF_IMPORTS: &str = "SELECT handle, creator_id FROM compass_imports ORDER BY handle";

/// The accounts that reports are made of.
const OF_REPORTS: &str = "SELECT creator_id FROM compass_report_accounts";

/// The migrations up to a version, with our ledger.
fn up_to(version: i64, all: &Migrator) -> Migrator {
    let mut some = Migrator::with_migrations(all.iter().filter(|each| each.version <= version).cloned().collect());
    some.dangerous_set_table_name("_compass_migrations");
    some
}

/// The statement with each mark in it, a sign and digits, written as the dialect has it.
fn written(
    text: &str,
    moment: impl Fn(&str) -> String,
    id: impl Fn(&str) -> String,
    truth: [&str; 2],
    hash: &str,
) -> AssertSqlSafe<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['@', '#']) {
        let (before, mark) = rest.split_at(at);
        let digits = mark[1..].bytes().take_while(u8::is_ascii_digit).count();
        out.push_str(before);
        match (&mark[..1], &mark[1..=digits]) {
            (sign, "") => out.push_str(sign),
            ("@", seconds) => out.push_str(&moment(seconds)),
            (_, number) => out.push_str(&id(number)),
        }
        rest = &mark[1 + digits..];
    }
    out.push_str(rest);
    let other = hash.replace("07", "08");
    AssertSqlSafe(
        out.replace("?yes", truth[0])
            .replace("?no", truth[1])
            .replace("$hash", hash)
            .replace("$other", &other)
            .replace("$third", &hash.replace("07", "09")),
    )
}

fn for_postgres(text: &str) -> AssertSqlSafe<String> {
    let moment = |seconds: &str| format!("to_timestamp({seconds})");
    let id = |number: &str| format!("'00000000-0000-0000-0000-0000000000{number}'::uuid");
    written(text, moment, id, ["true", "false"], "decode(repeat('07', 32), 'hex')")
}

fn for_sqlite(text: &str) -> AssertSqlSafe<String> {
    let moment = |seconds: &str| format!("{seconds}000000");
    let id = |number: &str| format!("x'000000000000000000000000000000{number}'");
    written(text, moment, id, ["1", "0"], &format!("x'{}'", "07".repeat(32)))
}

#[tokio::test]
async fn rows_of_earlier_schemas_are_there_in_postgres() {
    let store = PgStore::connect(&testing::postgres().await).await.unwrap();
    let all = sqlx::migrate!("./migrations/postgres");
    for (version, rows) in ROWS {
        up_to(version, &all).run(store.pool()).await.unwrap();
        for row in rows {
            sqlx::query(for_postgres(row)).execute(store.pool()).await.unwrap_or_else(|why| panic!("{row}: {why}"));
        }
    }
    store.migrate().await.unwrap();
    assert_all_is_there(&store).await;
    let accounts: Vec<(i64,)> = sqlx::query_as(OF_REPORTS).fetch_all(store.pool()).await.unwrap();
    assert_eq!(accounts, [(42,)]);
    let imports: Vec<(String, Option<i64>)> = sqlx::query_as(OF_IMPORTS).fetch_all(store.pool()).await.unwrap();
    let imports: Vec<_> = imports.iter().map(|(handle, account)| (handle.as_str(), *account)).collect();
    assert_eq!(imports, [("ada", Some(42)), ("ada.before", Some(42)), ("bea", Some(44)), ("nobody", None)]);
}

#[tokio::test]
async fn rows_of_earlier_schemas_are_there_in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("old.sqlite").to_str().unwrap()).await.unwrap();
    let all = sqlx::migrate!("./migrations/sqlite");
    for (version, rows) in ROWS {
        up_to(version, &all).run(store.writer()).await.unwrap();
        for row in rows {
            sqlx::query(for_sqlite(row)).execute(store.writer()).await.unwrap_or_else(|why| panic!("{row}: {why}"));
        }
    }
    store.migrate().await.unwrap();
    assert_all_is_there(&store).await;
    let accounts: Vec<(i64,)> = sqlx::query_as(OF_REPORTS).fetch_all(store.writer()).await.unwrap();
    assert_eq!(accounts, [(42,)]);
    let imports: Vec<(String, Option<i64>)> = sqlx::query_as(OF_IMPORTS).fetch_all(store.writer()).await.unwrap();
    let imports: Vec<_> = imports.iter().map(|(handle, account)| (handle.as_str(), *account)).collect();
    assert_eq!(imports, [("ada", Some(42)), ("ada.before", Some(42)), ("bea", Some(44)), ("nobody", None)]);
}

async fn assert_all_is_there(
    store: &(impl AccountData + AccountStore + CorpusStore + CreatorStore + HostHealth + JobStore + ReportStore),
) {
    let second = |second: i64| Timestamp::from_second(second).unwrap();
    let creator = CreatorId::parse("42").unwrap();
    let history = store.history(creator, Timestamp::MIN, Timestamp::MAX).await.unwrap();
    let handles: Vec<&str> = history.iter().map(|look| look.profile.handle.as_str()).collect();
    assert_eq!(handles, ["ada.before", "ada"]);
    let now = CreatorStore::find(store, &Handle::parse("ada").unwrap()).await.unwrap().unwrap();
    assert_eq!((now.id, now.bio.as_str(), now.verified), (creator, "Bread", true));
    let followers = history[0].counts.followers.unwrap();
    assert_eq!((followers.lo(), followers.hi(), history[0].counts.likes), (98_350, 98_449, None));

    let video = VideoId::parse("7470546959699348744").unwrap();
    let looks = store.video_history(creator, video).await.unwrap();
    let told: Vec<_> = looks.iter().map(|look| (look.video.caption.as_str(), look.pinned, look.source)).collect();
    assert_eq!(told, [("Bread", true, SourceKind::Page), ("Bread, edited", false, SourceKind::Page)]);
    assert_eq!(looks[1].counts.views.unwrap().hi(), 98_449);
    let before = store.videos(creator, second(1_775_000_000), VideoPage::first(9)).await.unwrap();
    assert_eq!(before, [looks[0].clone()]);

    let session = store.session([7; 32], second(1_777_000_001)).await.unwrap().unwrap();
    let user = AccountStore::find(store, session.user).await.unwrap().unwrap();
    assert_eq!(user.identity.email.as_deref(), Some("ada@example.org"));
    let job = JobStore::last_of(store, &now.handle).await.unwrap().unwrap();
    assert_eq!((job.id.0, job.state, job.attempts, job.postponed), (Uuid::from_u128(3), JobState::Queued, 1, 0));
    assert_eq!((job.requested_by, store.events(job.id, 0).await.unwrap().len()), (Some(user.id), 1));
    let host = HostHealth::find(store, "www.tiktok.com").await.unwrap().unwrap();
    assert_eq!((host.count, host.until), (2, second(1_777_003_600)));

    let kept = store.record_batch(BatchId(Uuid::from_u128(4)), &Batch::default()).await.unwrap();
    assert_eq!(kept, Recorded { profiles: 1, videos: 2 });
    let told = store.export(user.id).await.unwrap().unwrap();
    assert_eq!((told.sessions.len(), told.refresh_tokens.len(), told.jobs.len()), (1, 1, 1));
    assert_eq!((told.imports.len(), told.audiences.len(), told.advice.len(), told.audit.len()), (1, 1, 1, 1));
    assert_eq!((told.imports[0].id.0, told.audiences[0].import.0), (Uuid::from_u128(5), Uuid::from_u128(5)));
    let report = ReportStore::find(store, ReportId(Uuid::from_u128(6))).await.unwrap().unwrap();
    assert_eq!((report.creator, report.inputs_thinned_at), (Some(creator), None));
}
