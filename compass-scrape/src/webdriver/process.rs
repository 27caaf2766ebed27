//! A ChromeDriver of our own: started on a free loopback port, ended with everything it started.
//!
//! Chromium outlives a ChromeDriver that is killed, so both live in one process group and one folder, and both
//! go together: when this value is dropped, and, by a watchdog, when our own process dies without dropping it.

use std::{
    fs,
    path::Path,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use compass_core::ports::SourceError;
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

use super::error::{driver_error, driver_failure};

/// How long a driver may take to say which port it listens on.
const START: Duration = Duration::from_secs(10);
/// How long the group may take to end itself before it is killed.
const TERM_GRACE: Duration = Duration::from_millis(300);
/// How long killed processes may take to disappear.
const KILL_GRACE: Duration = Duration::from_secs(2);

/// Kills group `$1` once nobody holds the other end of its standard input, and removes folder `$2` when the group is
/// gone: a process that is being killed may still write there.
const WATCHDOG: &str = r#"
read -r _
kill -s KILL -- "-$1"
seconds=0
while kill -0 "-$1" 2>/dev/null && [ "$seconds" -lt 5 ]; do
    sleep 1
    seconds=$((seconds + 1))
done
rm -rf -- "$2"
"#;

/// The process id of the driver that runs now, for whoever looks after processes; 0 while none does.
#[derive(Clone, Debug, Default)]
pub(super) struct Running(Arc<AtomicU32>);

impl Running {
    pub(super) fn id(&self) -> Option<u32> {
        Some(self.0.load(Ordering::Relaxed)).filter(|id| *id != 0)
    }

    fn began(&self, id: u32) {
        self.0.store(id, Ordering::Relaxed);
    }

    fn ended(&self, id: u32) {
        // Another driver may have begun before this one's end was seen to; then its id stays, and that is no failure.
        let _ = self.0.compare_exchange(id, 0, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// A running ChromeDriver and its process group.
#[derive(Debug)]
pub(super) struct DriverProcess {
    child: Child,
    group: Pid,
    url: String,
    watchdog: Option<std::process::Child>,
    folder: TempDir,
    running: Running,
    /// Kept open: a driver that writes to a closed pipe would end.
    stdout: Lines<BufReader<ChildStdout>>,
}

impl DriverProcess {
    /// Starts the driver at `path`, or the `chromedriver` of the search path, and waits until it listens.
    /// From start to end its id is in `running`.
    pub(super) async fn start(path: Option<&Path>, running: Running) -> Result<Self, SourceError> {
        let program = path.unwrap_or_else(|| Path::new("chromedriver"));
        let folder = tempfile::Builder::new()
            .prefix("compass-browser-")
            .tempdir()
            .map_err(|e| driver_failure("no temporary folder for the browser", e))?;
        // Without `--allowed-ips` it listens on loopback alone; with it, on every interface.
        let mut child = Command::new(program)
            .arg("--port=0")
            .env("TMPDIR", folder.path())
            .env("HOME", folder.path())
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_CACHE_HOME")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(|e| {
                let what = format!(
                    "{} could not be started; install chromium and chromium-driver, or give a WebDriver URL",
                    program.display()
                );
                driver_failure(what, e)
            })?;
        let id = child.id().expect("a child that was not waited for has an id");
        let group = i32::try_from(id).ok().and_then(Pid::from_raw).expect("the system's own ids fit");
        let stdout = child.stdout.take().expect("standard output is piped");
        let mut process = Self {
            child,
            group,
            url: String::new(),
            watchdog: watch(group, folder.path()),
            folder,
            running,
            stdout: BufReader::new(stdout).lines(),
        };
        process.running.began(id);
        let port = tokio::time::timeout(START, process.port()).await.unwrap_or_else(|_| {
            Err(driver_error(format!("{} did not say its port within {} s", program.display(), START.as_secs())))
        })?;
        process.url = format!("http://127.0.0.1:{port}");
        tracing::debug!(pid = id, url = process.url, "started chromedriver");
        Ok(process)
    }

    /// Where it listens.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// The driver's process id, which is its group's too.
    fn id(&self) -> u32 {
        self.group.as_raw_nonzero().get().unsigned_abs()
    }

    /// The folder that goes with it: temporary files and the browser's profile.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Whether the driver itself still runs.
    pub(super) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends the whole group without holding up the runtime.
    pub(super) async fn end(self) {
        // A failed join is a panic in `drop`, which has none; a runtime that shuts down drops the closure, and so self.
        let _ = tokio::task::spawn_blocking(move || drop(self)).await;
    }

    async fn port(&mut self) -> Result<u16, SourceError> {
        while let Some(line) = self.stdout.next_line().await.map_err(|e| driver_failure("chromedriver's output", e))? {
            let said = line.split_once("started successfully on port ").map(|(_, port)| port.trim_end_matches('.'));
            if let Some(port) = said {
                return port.parse().map_err(|e| driver_failure(format!("chromedriver said {line:?}"), e));
            }
        }
        Err(driver_error("chromedriver ended before it listened; run it by hand to see why".to_owned()))
    }

    /// Whether the whole group is gone within that time.
    fn gone_within(&mut self, limit: Duration) -> bool {
        let started = Instant::now();
        loop {
            // Reaps the leader; the others belong to the system's first process.
            let _ = self.child.try_wait();
            if !runs(self.group) {
                return true;
            }
            if started.elapsed() >= limit {
                return false;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for DriverProcess {
    fn drop(&mut self) {
        // The watchdog first: the group's number may belong to somebody else once the group is gone.
        if let Some(mut watchdog) = self.watchdog.take() {
            let _ = watchdog.kill();
            let _ = watchdog.wait();
        }
        let _ = kill_process_group(self.group, Signal::TERM);
        if !self.gone_within(TERM_GRACE) {
            let _ = kill_process_group(self.group, Signal::KILL);
            if !self.gone_within(KILL_GRACE) {
                tracing::warn!(group = self.id(), "killed the browser, but processes of it still run");
            }
        }
        self.running.ended(self.id());
    }
}

/// Whether a process of the group still runs. Ended ones stay listed until somebody reaps them, and do not count.
fn runs(group: Pid) -> bool {
    if test_kill_process_group(group).is_err() {
        return false;
    }
    // Where there is no `/proc` the listed ones have to count.
    let Ok(processes) = fs::read_dir("/proc") else { return true };
    let group = group.as_raw_nonzero().to_string();
    processes.filter_map(|process| fs::read_to_string(process.ok()?.path().join("stat")).ok()).any(|stat| {
        // "pid (name) state parent group ...", where the name may hold anything.
        let after_name = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
        let mut fields = after_name.split(' ');
        let (state, its_group) = (fields.next(), fields.nth(1));
        its_group == Some(group.as_str()) && !matches!(state, Some("Z" | "X"))
    })
}

/// Starts the watchdog. Without one only the death of our own process leaves something behind, so that is no failure.
fn watch(group: Pid, folder: &Path) -> Option<std::process::Child> {
    use std::os::unix::process::CommandExt as _;

    std::process::Command::new("/bin/sh")
        .args(["-c", WATCHDOG, "compass-watchdog"])
        .arg(group.as_raw_nonzero().to_string())
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .inspect_err(|error| tracing::warn!(%error, "no watchdog for the browser: /bin/sh could not be started"))
        .ok()
}
