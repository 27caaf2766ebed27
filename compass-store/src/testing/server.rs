//! A throw-away PostgreSQL server.

use std::{
    io::{BufRead, BufReader, Write as _},
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        Mutex, PoisonError,
        mpsc::{self, Receiver},
    },
    thread,
};

use sqlx::postgres::PgConnectOptions;

/// A server that runs as long as this is kept.
#[derive(Debug)]
pub(super) struct Server {
    folder: PathBuf,
    lifeline: Mutex<ChildStdin>,
    ready: Mutex<Receiver<Result<(), String>>>,
}

/// Whether the server keeps what it has acknowledged when it ends without a word; not doing so is quicker.
#[derive(Clone, Copy, Debug)]
pub(super) enum Promise {
    Kept,
    Broken,
}

/// Runs the server until the other end of its standard input closes, as it does when our process ends, even if killed.
/// Each line that comes before makes it crash and start again.
const KEEPER: &str = r#"
folder=$1; shift
"$@" & server=$!
while read -r _; do
    kill -QUIT "$server"; wait "$server"
    "$@" & server=$!
done
kill -QUIT "$server"; wait "$server"; rm -rf "$folder"
"#;

impl Server {
    /// Makes a cluster in a temporary folder and waits until it accepts connections.
    pub(super) fn start(promise: Promise) -> Result<Self, String> {
        let programs = programs()?;
        let owner = owner()?;
        let folder = tempfile::Builder::new()
            .prefix("compass-postgres-")
            .tempdir()
            .map_err(|why| format!("no temporary folder: {why}"))?;
        if let Some((user, group)) = owner {
            chown(folder.path(), Some(user), Some(group))
                .map_err(|why| format!("cannot give the folder away: {why}"))?;
        }
        let data = folder.path().join("data");
        // A collation of a language, as most servers have: the order of handles must not depend on it.
        let made = as_owner(Command::new(programs.join("initdb")), owner)
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync", "--no-instructions"])
            .args(["--locale=C", "--locale-provider=icu", "--icu-locale=en", "--pgdata"])
            .arg(&data)
            .output()
            .map_err(|why| format!("cannot run initdb: {why}"))?;
        if !made.status.success() {
            return Err(format!("initdb failed: {}", String::from_utf8_lossy(&made.stderr)));
        }
        let server = as_owner(Command::new("sh"), owner)
            .args(["-c", KEEPER, "sh"])
            .arg(folder.path())
            .arg(programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(folder.path())
            .args(["-c", "listen_addresses="])
            .args(["-c", "max_connections=200"])
            .args(match promise {
                // After a crash every file is forced to the disk: all at once takes seconds less than one by one.
                Promise::Kept if cfg!(target_os = "linux") => {
                    &["-c", "fsync=on", "-c", "recovery_init_sync_method=syncfs"][..]
                }
                Promise::Kept => &["-c", "fsync=on"],
                Promise::Broken => &["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"],
            })
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|why| format!("cannot run sh: {why}"))?;
        let (lifeline, ready) = listen_to(server);
        wait_until_ready(&ready)?;
        // From here on the keeper deletes the folder.
        Ok(Self { folder: folder.keep(), lifeline: Mutex::new(lifeline), ready: Mutex::new(ready) })
    }

    /// Ends the server at once, and waits until it runs again.
    pub(super) fn crash(&self) -> Result<(), String> {
        let mut lifeline = self.lifeline.lock().unwrap_or_else(PoisonError::into_inner);
        lifeline.write_all(b"crash\n").map_err(|why| format!("the server's keeper is gone: {why}"))?;
        wait_until_ready(&self.ready.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn options(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass().socket(&self.folder).username("postgres")
    }
}

/// Reads the server's log to its end, so that it can go on writing, and tells each time that it says it is ready.
fn listen_to(mut server: Child) -> (ChildStdin, Receiver<Result<(), String>>) {
    let lifeline = server.stdin.take().expect("it was asked for");
    let log = server.stderr.take().expect("it was asked for");
    let (says, ready) = mpsc::channel();
    thread::spawn(move || {
        let mut said = String::new();
        for line in BufReader::new(log).lines().map_while(Result::ok) {
            if line.ends_with("database system is ready to accept connections") {
                says.send(Ok(())).ok();
            }
            said.push_str(&line);
            said.push('\n');
        }
        says.send(Err(said)).ok();
        server.wait().ok();
    });
    (lifeline, ready)
}

fn wait_until_ready(ready: &Receiver<Result<(), String>>) -> Result<(), String> {
    match ready.recv() {
        Ok(Ok(())) => Ok(()),
        Ok(Err(said)) => Err(format!("the server did not start: {said}")),
        Err(mpsc::RecvError) => Err("the server's log ended".to_owned()),
    }
}

/// The user and group to run the server as: it refuses to run as root.
fn owner() -> Result<Option<(u32, u32)>, String> {
    if id(&["-u"])? != 0 {
        return Ok(None);
    }
    Ok(Some((id(&["-u", "postgres"])?, id(&["-g", "postgres"])?)))
}

fn id(arguments: &[&str]) -> Result<u32, String> {
    let answer = Command::new("id").args(arguments).output().map_err(|why| format!("cannot run id: {why}"))?;
    let text = String::from_utf8_lossy(&answer.stdout);
    text.trim().parse().map_err(|_| format!("id {} gave no number; is there such a user?", arguments.join(" ")))
}

fn as_owner(mut command: Command, owner: Option<(u32, u32)>) -> Command {
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    // The folder we are in may be closed to that user.
    command.current_dir("/").env("LC_ALL", "C");
    command
}

/// The folder of `initdb` and `postgres`: on the path, or where Debian puts the newest version.
fn programs() -> Result<PathBuf, String> {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let mut debian: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    debian.sort_by_key(|bin| std::cmp::Reverse(version_of(bin)));
    std::env::split_paths(&on_path)
        .chain(debian)
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
        .ok_or_else(|| {
            format!("initdb is not found: install Debian's package postgresql, or set {}", super::SERVER_VARIABLE)
        })
}

fn version_of(bin: &Path) -> Option<u32> {
    bin.parent()?.file_name()?.to_str()?.parse().ok()
}
