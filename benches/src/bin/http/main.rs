//! How many requests a second the API answers from PostgreSQL, beside a bare handler and FastAPI on the same data.
//!
//! ```sh
//! cargo run --release -p compass-benches --bin http
//! ```
//!
//! It takes [wrk](https://github.com/wg/wrk) on the PATH. Servers, database and wrk share the machine; each server is a process of its
//! own and is asked in turn, round by round, for accounts by chance.

mod serve;
mod wrk;

use std::{
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use clap::Parser;
use compass_benches::observations::Shape;
use compass_core::{
    BatchId,
    ports::{Clock as _, CorpusStore, SystemClock},
};
use compass_store::{
    PgStore,
    sqlx::{self, postgres::PgConnectOptions},
    testing,
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use serve::Way;
use wrk::{Load, Measured};

#[derive(Debug, Parser)]
#[command(about = "Measures how many requests a second the API answers")]
struct Arguments {
    /// Accounts.
    #[arg(long, default_value_t = 1_000)]
    accounts: u32,
    /// Posts of each account.
    #[arg(long, default_value_t = 100)]
    posts: u32,
    /// Observations of each post, a day apart.
    #[arg(long, default_value_t = 3)]
    looks: u32,
    /// Connections that ask at once.
    #[arg(long, default_value_t = 32)]
    connections: u32,
    /// How long each server is asked in each round.
    #[arg(long, default_value_t = 5)]
    seconds: u32,
    /// How often each server is asked.
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// Python with FastAPI, uvicorn, SQLAlchemy, psycopg and asyncpg: runs `peers/api.py` beside.
    #[arg(long)]
    peers: Option<PathBuf>,
    /// Serves in this way until the input ends, instead of measuring.
    #[arg(long, hide = true, requires = "database")]
    serve: Option<Way>,
    #[arg(long, hide = true)]
    database: Option<String>,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What the peers read: the newest observation of each post, a row each.
const PEER_VIDEOS: &str = "CREATE TABLE peer_videos AS \
    SELECT DISTINCT ON (o.creator_id, o.video_id) o.video_id, c.handle, d.created_at, o.views_lo AS views, o.likes_lo AS likes, \
    o.comments_lo AS comments, o.shares_lo AS shares FROM compass_video_observations o \
    JOIN compass_video_descriptions d ON d.creator_id = o.creator_id AND d.video_id = o.video_id AND d.digest = o.description \
    JOIN compass_creators c ON c.id = o.creator_id ORDER BY o.creator_id, o.video_id, o.observed_at DESC; \
    CREATE INDEX ON peer_videos (handle, created_at); ANALYZE";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    if let (Some(way), Some(url)) = (arguments.serve, &arguments.database) {
        return serve::serve(way, url).await;
    }
    let url = testing::postgres().await;
    fill(&url, &arguments).await?;
    let load = Load {
        connections: arguments.connections,
        seconds: arguments.seconds,
        accounts: arguments.accounts,
        script: concat!(env!("CARGO_MANIFEST_DIR"), "/peers/random.lua"),
    };
    let mut measured: Vec<(String, Vec<Measured>)> = Vec::new();
    for round in 0..arguments.rounds {
        for way in Way::ALL {
            let server = Server::ours(way, &url)?;
            note(&mut measured, way.told(), load.put_on(&server.address, way.path(), server.child.id())?);
        }
        if let Some(python) = &arguments.peers {
            for (mode, workers) in [("sync", 1), ("async", 1), ("async", 2)] {
                let server = Server::peer(python, mode, workers, &url).await?;
                for (what, section) in [("window", "engagement"), ("all posts", "analytics")] {
                    let name = format!("FastAPI and SQLAlchemy, {mode}, workers: {workers}, {what}");
                    let path = format!("/creators/account.N/{section}");
                    note(&mut measured, &name, load.put_on(&server.address, &path, server.child.id())?);
                }
            }
        }
        eprintln!("round {} of {}", round + 1, arguments.rounds);
    }
    println!(
        "{:<55} {:>10} {:>8} {:>8} {:>8}  requests/s of all rounds",
        "server", "requests/s", "p50 ms", "p99 ms", "MiB"
    );
    for (name, rounds) in &mut measured {
        let all: Vec<String> = rounds.iter().map(|round| format!("{:.0}", round.per_second)).collect();
        rounds.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
        let Measured { per_second, p50, p99, mebibytes } = rounds[rounds.len() / 2];
        println!("{name:<55} {per_second:>10.0} {p50:>8.2} {p99:>8.2} {mebibytes:>8.1}  {}", all.join(" "));
    }
    Ok(())
}

fn note(measured: &mut Vec<(String, Vec<Measured>)>, name: &str, round: Measured) {
    match measured.iter_mut().find(|(known, _)| known == name) {
        Some((_, rounds)) => rounds.push(round),
        None => measured.push((name.to_owned(), vec![round])),
    }
}

async fn fill(url: &str, arguments: &Arguments) -> Result<(), Failure> {
    let store = PgStore::connect(url).await?;
    store.migrate().await?;
    let (accounts, posts, looks) = (arguments.accounts, arguments.posts, arguments.looks);
    // Up to an hour ago, as of accounts that are looked at daily.
    let newest = Timestamp::from_second(SystemClock.now().as_second())? - SignedDuration::from_hours(1);
    let begin = newest - SignedDuration::from_hours(24 * i64::from(looks.max(1) - 1));
    let shape = Shape { accounts, posts, looks, begin };
    for (number, batch) in (0..).zip(shape.batches(100, 0)) {
        store.record_batch(BatchId(Uuid::from_u128(number)), &batch).await?;
    }
    sqlx::raw_sql(PEER_VIDEOS).execute(store.pool()).await?;
    store.close().await;
    println!("{} observations of {} accounts with {} posts each", shape.observations(), shape.accounts, shape.posts);
    Ok(())
}

/// A server in a process of its own, which ends with this value.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn ours(way: Way, url: &str) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--serve", way.name(), "--database", url]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let mut address = String::new();
        let said = child.stdout.take().ok_or("its output is piped")?;
        BufReader::new(said).read_line(&mut address)?;
        Ok(Self { child, address: address.trim().to_owned() })
    }

    async fn peer(python: &PathBuf, mode: &str, workers: u32, url: &str) -> Result<Self, Failure> {
        // The port is free now; nobody else asks for it in the meantime.
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = Command::new(python);
        command.args(["-m", "uvicorn", "api:app", "--host", "127.0.0.1", "--log-level", "error", "--no-access-log"]);
        command.args(["--port", &port.to_string(), "--workers", &workers.to_string()]);
        command.args(["--app-dir", concat!(env!("CARGO_MANIFEST_DIR"), "/peers")]);
        let child = command.env("MODE", mode).env("DSN", address_for_python(url)?).spawn()?;
        let server = Self { child, address: format!("127.0.0.1:{port}") };
        for _ in 0..200 {
            if tokio::net::TcpStream::connect(&server.address).await.is_ok() {
                return Ok(server);
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        Err("uvicorn does not listen".into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Ours ends with its input, uvicorn and its workers with this.
        drop(self.child.stdin.take());
        let id = self.child.id().to_string();
        if self.child.stdout.is_none() && !matches!(self.child.try_wait(), Ok(Some(_))) {
            let _ = Command::new("kill").args(["-TERM", &id]).status();
        }
        let _ = self.child.wait();
    }
}

/// The server's address as libpq and asyncpg understand it.
fn address_for_python(url: &str) -> Result<String, Failure> {
    let options: PgConnectOptions = url.parse()?;
    let folder = options.get_socket().ok_or("the server listens on a socket")?;
    let database = options.get_database().unwrap_or("postgres");
    Ok(format!("postgresql://{}@/{database}?host={}", options.get_username(), folder.display()))
}
