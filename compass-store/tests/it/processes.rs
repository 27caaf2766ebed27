//! Several processes on one database, and what is left of those that are killed.

use std::{future::pending, path::Path, process::Stdio, sync::Arc, thread, time::Duration};

use compass_core::{
    Handle, Job, JobId, JobState, NewJob, Progress, Snapshot, SourceKind,
    ports::{Clock as _, CreatorStore, JobEnd, JobStore, Lease, SystemClock, VideoPage},
    samples::World,
};
use compass_store::{
    PgStore, SqliteStore,
    sqlx::{self, Connection as _, PgConnection, migrate::Migrator, sqlite::SqlitePoolOptions},
    testing,
};
use jiff::{SignedDuration, Timestamp};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time,
};
use uuid::Uuid;

/// What the process is to do, and on which database.
const ROLE: &str = "COMPASS_TEST_ROLE";
const DATABASE: &str = "COMPASS_TEST_DATABASE";
/// Nothing here takes that long.
const PATIENCE: Duration = Duration::from_secs(60);
const LEASE: SignedDuration = SignedDuration::from_secs(2);
const JOBS: u8 = 60;
const LOOKS: u32 = 60;

#[tokio::test]
async fn processes_on_a_sqlite_file_share_the_jobs_of_one_that_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    assert_jobs_outlive_their_worker(&sqlite(&folder)).await;
}

#[tokio::test]
async fn processes_on_a_postgres_database_share_the_jobs_of_one_that_is_killed() {
    assert_jobs_outlive_their_worker(&testing::postgres().await).await;
}

#[tokio::test]
async fn six_processes_migrate_a_sqlite_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    assert_all_migrate(&sqlite(&folder)).await;
}

#[tokio::test]
async fn six_processes_migrate_a_postgres_database_at_once() {
    assert_all_migrate(&testing::postgres().await).await;
}

#[tokio::test]
async fn two_processes_write_to_a_sqlite_file_at_once_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    assert_both_write(&sqlite(&folder)).await;
}

#[tokio::test]
async fn two_processes_write_to_a_postgres_database_at_once_and_nothing_is_lost() {
    assert_both_write(&testing::postgres().await).await;
}

#[tokio::test]
async fn sqlite_migration_that_is_killed_in_the_middle_of_any_can_be_repeated() {
    let all = up_to_schema(i64::MAX).await.iter().count() as i64;
    for before in 1..all {
        let folder = tempfile::tempdir().unwrap();
        let url = sqlite(&folder);
        let store = SqliteStore::open(&url).await.unwrap();
        up_to_schema(1).await.run(store.writer()).await.unwrap();
        for statement in ROWS_OF_THE_FIRST {
            sqlx::query(statement).execute(store.writer()).await.unwrap();
        }
        store.close().await;

        let mut process = Process::start(&format!("migrate and hold commit {}", 2 * before - 1), &url);
        process.line_after("holding ").await;
        process.kill().await;

        let store = SqliteStore::open(&url).await.unwrap();
        let versions = "SELECT count(*) FROM _compass_migrations";
        let known = async || sqlx::query_scalar::<_, i64>(versions).fetch_one(store.reader()).await.unwrap();
        assert_eq!(known().await, before, "of {all}");
        store.migrate().await.unwrap_or_else(|why| panic!("killed after schema {before}: {why:?}"));
        assert_eq!(known().await, all);
        let ada = store.list().await.unwrap().remove(0);
        assert_eq!(ada.handle.as_str(), "ada");
        assert_eq!(store.history(ada.id, Timestamp::MIN, Timestamp::MAX).await.unwrap().len(), 1);
        assert_eq!(store.videos(ada.id, Timestamp::MAX, VideoPage::first(10)).await.unwrap().len(), 1);
    }
}

/// An account, a look at it, and a look at its one post, in the words of the first schema.
const ROWS_OF_THE_FIRST: [&str; 5] = [
    "INSERT INTO compass_creators VALUES (42, 'ada', 1777000000000000, 'page')",
    "INSERT INTO compass_profile_observations VALUES (42, 1777000000000000, 'page', 1777000000000001, 'ada', 'Ada', '', 0, 0, \
     NULL, NULL, 98350, 98449, 7, 7, NULL, NULL, 2, 2)",
    "INSERT INTO compass_videos VALUES (7470546959699348744, 42)",
    "INSERT INTO compass_video_descriptions VALUES (7470546959699348744, 5, 1739000000000000, 0, 'video', 30, 'Bread', '[]', \
     NULL, 'en')",
    "INSERT INTO compass_video_observations VALUES (7470546959699348744, 1777000000000000, 'page', 1777000000000001, 5, 1, \
     1000, 1000, 10, 10, NULL, NULL, 1, 1, NULL, NULL)",
];

/// The migrations of an earlier program for SQLite.
async fn up_to_schema(newest: i64) -> Migrator {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite");
    let mut migrator = Migrator::new(Path::new(folder)).await.unwrap();
    migrator.migrations = migrator.iter().filter(|migration| migration.version <= newest).cloned().collect();
    migrator.dangerous_set_table_name("_compass_migrations");
    migrator
}

/// Migrates, and stands still for ever in the middle of a commit. Each migration has one, and another for the time that it took.
async fn migrate_and_hold(url: &str, commit: u32) {
    let hooked = SqlitePoolOptions::new().max_connections(1).after_connect(move |connection, _| {
        Box::pin(async move {
            let mut commits = 0;
            let hook = move || {
                commits += 1;
                if commits == commit {
                    println!("holding {commit}");
                    loop {
                        thread::park();
                    }
                }
                true
            };
            connection.lock_handle().await?.set_commit_hook(hook);
            Ok(())
        })
    });
    let pool = hooked.connect(url).await.unwrap();
    SqliteStore::from_pools(pool.clone(), pool).migrate().await.unwrap();
}

#[tokio::test]
async fn postgres_migration_that_is_killed_in_the_middle_can_be_repeated() {
    let url = testing::postgres().await;
    let mut in_the_way = PgConnection::connect(&url).await.unwrap();
    let mut table = in_the_way.begin().await.unwrap();
    sqlx::query("CREATE TABLE compass_job_events (stranger integer)").execute(&mut *table).await.unwrap();
    let mut process = Process::start("migrate", &url);
    let mut watching = PgConnection::connect(&url).await.unwrap();
    let blocked = async {
        let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
            AND wait_event_type = 'Lock' AND wait_event = 'transactionid'";
        while sqlx::query_scalar::<_, i64>(waits).fetch_one(&mut watching).await.unwrap() == 0 {
            time::sleep(Duration::from_millis(10)).await;
        }
    };
    time::timeout(PATIENCE, blocked).await.expect("the migration meets the table");
    process.kill().await;
    table.rollback().await.unwrap();
    let store = PgStore::connect(&url).await.unwrap();
    store.migrate().await.unwrap();
    assert_eq!(store.list().await.unwrap(), []);
}

async fn assert_jobs_outlive_their_worker(url: &str) {
    migrated(url).await;
    let jobs = jobs(url).await;
    for n in 0..JOBS {
        jobs.enqueue(&wish(n)).await.unwrap();
    }
    let mut victim = Process::start("work and hold the sixth", url);
    let mut others = [Process::start("work", url), Process::start("work", url)];
    let held = victim.line_after("holding ").await;
    victim.kill().await;
    let all_ended = async {
        let mut open: Vec<JobId> = (0..JOBS).map(|n| wish(n).id).collect();
        while let Some(id) = open.last() {
            match ended(&*jobs, *id).await {
                true => _ = open.pop(),
                false => time::sleep(Duration::from_millis(20)).await,
            }
        }
    };
    time::timeout(PATIENCE, all_ended).await.expect("every job comes to its end");

    let mut attempts = 0;
    for n in 0..JOBS {
        let job: Job = jobs.find(wish(n).id).await.unwrap().unwrap();
        assert_eq!(job.state, JobState::Succeeded);
        let twice = job.id.to_string() == held;
        assert_eq!(job.attempts, if twice { 2 } else { 1 }, "{job:?}");
        let steps: Vec<_> = jobs.events(job.id, 0).await.unwrap().into_iter().map(|event| event.progress).collect();
        let mut expected: Vec<_> = (1..=job.attempts).map(|attempt| Progress::Started { attempt }).collect();
        expected.push(Progress::Succeeded);
        assert_eq!(steps, expected);
        attempts += job.attempts;
    }
    let mut taken = vec![victim.taken().await];
    for other in &mut others {
        other.kill().await;
        taken.push(other.taken().await);
    }
    assert!(taken.iter().all(|taken| *taken > 0), "each took some: {taken:?}");
    assert_eq!(taken.iter().sum::<u32>(), attempts, "{taken:?}");
}

async fn ended(jobs: &dyn JobStore, id: JobId) -> bool {
    jobs.find(id).await.unwrap().unwrap().state.is_final()
}

async fn assert_all_migrate(url: &str) {
    let mut processes: Vec<Process> = (0..6).map(|_| Process::start("migrate", url)).collect();
    for process in &mut processes {
        process.succeeds().await;
    }
    assert_eq!(creators(url).await.list().await.unwrap(), []);
}

async fn assert_both_write(url: &str) {
    migrated(url).await;
    let mut processes = ["record 0", "record 1"].map(|role| Process::start(role, url));
    for process in &mut processes {
        process.succeeds().await;
    }
    let store = creators(url).await;
    for creator in 0..2 {
        let looks: Vec<Snapshot> = (0..LOOKS).map(|n| look(creator, n)).collect();
        let id = looks[0].creator();
        let profiles = store.history(id, Timestamp::MIN, Timestamp::MAX).await.unwrap();
        assert_eq!(profiles, looks.iter().map(|look| look.profile.clone()).collect::<Vec<_>>());
        let posts = store.video_observations(id, Timestamp::MIN, Timestamp::MAX).await.unwrap();
        assert_eq!(posts.len(), looks.iter().map(|look| look.videos.len()).sum::<usize>());
    }
}

/// Another process is this program with this test alone, and a role; without one it is not meant.
#[tokio::test]
async fn as_another_process() {
    let (Ok(role), Ok(url)) = (std::env::var(ROLE), std::env::var(DATABASE)) else { return };
    match role.as_str() {
        "migrate" => migrated(&url).await,
        "work" => work(&*jobs(&url).await, None).await,
        "work and hold the sixth" => work(&*jobs(&url).await, Some(6)).await,
        hold if hold.starts_with("migrate and hold commit ") => {
            migrate_and_hold(&url, hold.rsplit(' ').next().unwrap().parse().unwrap()).await;
        }
        _ => {
            let creator = role.strip_prefix("record ").expect("a known role").parse().unwrap();
            let store = creators(&url).await;
            for n in 0..LOOKS {
                store.record(&look(creator, n)).await.unwrap();
            }
        }
    }
}

/// Works jobs until it is killed.
async fn work(jobs: &dyn JobStore, hold: Option<u32>) {
    let mut taken = 0;
    loop {
        let now = SystemClock.now();
        let Some(claim) = jobs.claim(Lease { now, until: now + LEASE }).await.unwrap() else {
            time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        taken += 1;
        println!("taken {}", claim.job.id);
        jobs.progress(&claim, &Progress::Started { attempt: claim.attempt }, now, now + LEASE).await.unwrap();
        if hold == Some(taken) {
            println!("holding {}", claim.job.id);
            pending::<()>().await;
        }
        // The others are to have some, too.
        time::sleep(Duration::from_millis(20)).await;
        jobs.finish(&claim, &JobEnd::Succeeded, SystemClock.now()).await.unwrap();
    }
}

/// A process that is killed with this.
struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    taken: u32,
}

impl Process {
    fn start(role: &str, url: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "processes::as_another_process", "--nocapture"])
            .envs([(ROLE, role), (DATABASE, url)])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines, taken: 0 }
    }

    /// The rest of the next line that has these words in it.
    async fn line_after(&mut self, words: &str) -> String {
        let found = async {
            while let Some(line) = self.lines.next_line().await.unwrap() {
                self.taken += u32::from(line.contains("taken "));
                if let Some((_, rest)) = line.split_once(words) {
                    return rest.to_owned();
                }
            }
            panic!("it ended before it said {words:?}");
        };
        time::timeout(PATIENCE, found).await.unwrap()
    }

    /// How many jobs it took; it has ended.
    async fn taken(&mut self) -> u32 {
        while let Some(line) = self.lines.next_line().await.unwrap() {
            self.taken += u32::from(line.contains("taken "));
        }
        self.taken
    }

    async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    async fn succeeds(&mut self) {
        let ended = time::timeout(PATIENCE, self.child.wait()).await.unwrap().unwrap();
        assert!(ended.success(), "{ended}");
    }
}

fn sqlite(folder: &tempfile::TempDir) -> String {
    format!("sqlite://{}", folder.path().join("compass.sqlite").display())
}

async fn migrated(url: &str) {
    if url.starts_with("sqlite:") {
        SqliteStore::open(url).await.unwrap().migrate().await.unwrap();
    } else {
        PgStore::connect(url).await.unwrap().migrate().await.unwrap();
    }
}

async fn jobs(url: &str) -> Arc<dyn JobStore> {
    if url.starts_with("sqlite:") {
        return Arc::new(SqliteStore::open(url).await.unwrap());
    }
    Arc::new(PgStore::connect(url).await.unwrap())
}

async fn creators(url: &str) -> Arc<dyn CreatorStore> {
    if url.starts_with("sqlite:") {
        return Arc::new(SqliteStore::open(url).await.unwrap());
    }
    Arc::new(PgStore::connect(url).await.unwrap())
}

fn look(creator: usize, n: u32) -> Snapshot {
    let at = noon() + SignedDuration::from_mins(i64::from(n));
    World::standard().creators()[creator].snapshot(at, 12, SourceKind::Sample)
}

fn wish(n: u8) -> NewJob {
    NewJob {
        id: JobId(Uuid::from_u128(u128::from(n) + 1)),
        handle: Handle::parse(&format!("creator.{n}")).unwrap(),
        requested_by: None,
        at: noon(),
    }
}

/// Some time ago.
fn noon() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().unwrap()
}
