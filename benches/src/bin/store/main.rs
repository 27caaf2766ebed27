//! How fast observations are kept and read back, beside a bare COPY of the same rows into the same server.
//!
//! ```sh
//! cargo run --release -p compass-benches --bin store
//! ```
//!
//! PostgreSQL is a throw-away server without fsync, started by this program; SQLite is a new file. Each way is taken in turn,
//! round by round; every count is checked.

mod bare;

use std::{
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use clap::{Parser, ValueEnum};
use compass_benches::observations::{BEGIN, Shape};
use compass_core::{
    Batch, BatchId,
    ports::{CorpusStore, CreatorStore, VideoPage},
};
use compass_store::{PgStore, SqliteStore, testing};
use jiff::Timestamp;
use uuid::Uuid;

#[derive(Debug, Parser)]
#[command(about = "Measures how fast observations are kept and read")]
struct Arguments {
    /// Accounts.
    #[arg(long, default_value_t = 1_000)]
    accounts: u32,
    /// Posts of each account.
    #[arg(long, default_value_t = 100)]
    posts: u32,
    /// Observations of each post, a day apart.
    #[arg(long, default_value_t = 10)]
    looks: u32,
    /// Accounts in a batch.
    #[arg(long, default_value_t = 100)]
    batch: u32,
    /// Measures one database alone.
    #[arg(long)]
    only: Option<Database>,
    /// How often each way is taken.
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// Python with psycopg and SQLAlchemy: runs `peers/ingest.py` against the same server.
    #[arg(long)]
    peers: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Database {
    Postgres,
    Sqlite,
}

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    let (accounts, posts, looks) = (arguments.accounts, arguments.posts, arguments.looks);
    let shape = Shape { accounts, posts, looks, begin: BEGIN };
    let batches: Vec<Batch> = shape.batches(arguments.batch, 0).collect();
    let later: Vec<Batch> = shape.batches(arguments.batch, shape.looks).collect();
    let all = shape.observations();
    println!(
        "{all} observations: {} accounts, {} posts of each, {} observations of each post, {} batches",
        shape.accounts,
        shape.posts,
        shape.looks,
        batches.len()
    );
    let mut best = Best::default();
    let mut last_url = None;
    for round in 0..arguments.rounds {
        if arguments.only != Some(Database::Sqlite) {
            last_url = Some(postgres(shape, &batches, &later, &mut best).await?);
        }
        if arguments.only != Some(Database::Postgres) {
            sqlite(shape, &batches, &later, &mut best).await?;
        }
        eprintln!("round {} of {}", round + 1, arguments.rounds);
    }
    best.print();
    if let Some(python) = arguments.peers {
        let url = last_url.ok_or("the peers need PostgreSQL: leave --only sqlite out")?;
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/ingest.py");
        let sizes = [shape.accounts, shape.posts, shape.looks].map(|size| size.to_string());
        let ended = Command::new(python).arg(script).arg(url).args(sizes).status()?;
        if !ended.success() {
            return Err("the peers failed".into());
        }
    }
    Ok(())
}

/// Takes each way into a new PostgreSQL server, and gives its address.
async fn postgres(shape: Shape, batches: &[Batch], later: &[Batch], best: &mut Best) -> Result<String, Failure> {
    let all = shape.observations();
    let url = testing::postgres().await;
    let store = PgStore::connect(&url).await?;
    store.migrate().await?;
    best.note("postgres: bare binary COPY into an empty table", all, bare::copy(&url, &[], batches).await?);
    best.note("postgres: bare binary COPY, then the key", all, bare::load_then_index(&url, batches).await?);
    best.note("postgres: record_batch, all new", all, keep(&store, batches, 0, all).await?);
    best.note("postgres: record_batch, all there", all, keep(&store, batches, 1, 0).await?);
    best.note("postgres: record_batch, sent again", all, keep(&store, batches, 0, all).await?);
    read("postgres", &store, shape, best).await?;
    best.note("postgres: bare binary COPY beside the first", all, bare::copy(&url, batches, later).await?);
    let known = "postgres: record_batch, new observations of known posts";
    best.note(known, all, keep(&store, later, 2, all).await?);
    store.close().await;
    Ok(url)
}

/// Takes each way into a new SQLite file.
async fn sqlite(shape: Shape, batches: &[Batch], later: &[Batch], best: &mut Best) -> Result<(), Failure> {
    let all = shape.observations();
    let folder = tempfile::tempdir()?;
    let store = SqliteStore::open(folder.path().join("bench.sqlite").to_str().ok_or("a path in UTF-8")?).await?;
    store.migrate().await?;
    best.note("sqlite: record_batch, all new", all, keep(&store, batches, 0, all).await?);
    best.note("sqlite: record_batch, all there", all, keep(&store, batches, 1, 0).await?);
    read("sqlite", &store, shape, best).await?;
    let known = "sqlite: record_batch, new observations of known posts";
    best.note(known, all, keep(&store, later, 2, all).await?);
    store.close().await;
    Ok(())
}

/// Records the batches and checks how many observations of posts they say they added.
async fn keep(store: &impl CorpusStore, batches: &[Batch], ids: u128, expected: u64) -> Result<Duration, Failure> {
    let begun = Instant::now();
    let mut added = 0;
    for (number, batch) in (0..).zip(batches) {
        let id = BatchId(Uuid::from_u128(ids << 64 | number));
        added += store.record_batch(id, batch).await?.videos;
    }
    let took = begun.elapsed();
    if added != expected { Err(format!("{added} observations were added, not {expected}").into()) } else { Ok(took) }
}

async fn read(
    name: &str,
    store: &(impl CorpusStore + CreatorStore),
    shape: Shape,
    best: &mut Best,
) -> Result<(), Failure> {
    let begun = Instant::now();
    let corpus = store.corpus_table(Timestamp::MAX).await?;
    best.note(&format!("{name}: corpus_table, newest of each post"), shape.observations(), begun.elapsed());
    let found: usize = (0..corpus.table.creators()).filter_map(|i| corpus.table.creator(i)).map(|c| c.len()).sum();
    assert_eq!(found as u32, shape.accounts * shape.posts, "each post once");

    let begun = Instant::now();
    let (mut place, mut given) = (None, 0);
    while let Some((batch, next)) = store.next_batch(place, 50_000).await? {
        given += batch.looks.len() as u64;
        place = Some(next);
    }
    best.note(&format!("{name}: next_batch to the end"), given, begun.elapsed());
    assert_eq!(given, shape.observations(), "each observation once");

    let someone = corpus.creators[corpus.creators.len() / 2];
    let begun = Instant::now();
    let videos = store.videos(someone, Timestamp::MAX, VideoPage::first(10_000)).await?;
    best.note(&format!("{name}: an account's posts as of now"), videos.len() as u64, begun.elapsed());
    let begun = Instant::now();
    let looks = store.video_observations(someone, Timestamp::MIN, Timestamp::MAX).await?;
    best.note(&format!("{name}: an account's observations"), looks.len() as u64, begun.elapsed());
    Ok(())
}

/// The best time of each way.
#[derive(Debug, Default)]
struct Best(Vec<(String, u64, Vec<Duration>)>);

impl Best {
    fn note(&mut self, way: &str, rows: u64, took: Duration) {
        match self.0.iter_mut().find(|(name, ..)| name == way) {
            Some((.., times)) => times.push(took),
            None => self.0.push((way.to_owned(), rows, vec![took])),
        }
    }

    fn print(&self) {
        println!("{:<70} {:>9} {:>12} all runs, s", "way", "best s", "rows/s");
        for (way, rows, times) in &self.0 {
            let best = times.iter().min().map_or(0.0, Duration::as_secs_f64);
            let all: Vec<String> = times.iter().map(|time| format!("{:.3}", time.as_secs_f64())).collect();
            println!("{way:<70} {best:>9.3} {:>12.0} {}", *rows as f64 / best, all.join(" "));
        }
    }
}
