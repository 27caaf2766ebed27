//! A ChromeDriver of our own: started on a free loopback port, ended with everything it started.
//!
//! Chromium outlives a ChromeDriver that is killed, so both live in one process group and one folder, and both
//! go together: when this value is dropped, by a watchdog when our own process dies without dropping it, and by the next
//! start if the watchdog dies too.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    path::Path,
    process::Stdio,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use compass_core::ports::SourceError;
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

use super::{
    error::{driver_error, driver_failure, shortened},
    leftovers::{self, BrowserFolder},
};

/// How long a driver may take to say which port it listens on.
const START: Duration = Duration::from_secs(10);
/// How often a driver is started that found its port taken. It takes a free one of IPv4, and ends where somebody has
/// the same one of IPv6.
const STARTS: u32 = 5;
/// How it says that.
const PORT_TAKEN: &str = "Address already in use";
/// How long the group may take to end itself before it is killed.
const TERM_GRACE: Duration = Duration::from_millis(300);
/// How long killed processes may take to disappear.
const KILL_GRACE: Duration = Duration::from_secs(2);

/// Where the driver writes what goes wrong, in its folder.
const COMPLAINTS: &str = "stderr";

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

/// The process ids of the drivers that run now, for whoever looks after processes.
#[derive(Clone, Debug, Default)]
pub(super) struct Running(Arc<Mutex<BTreeSet<u32>>>);

impl Running {
    pub(super) fn ids(&self) -> Vec<u32> {
        self.known().iter().copied().collect()
    }

    fn known(&self) -> MutexGuard<'_, BTreeSet<u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A driver's place among those that run.
#[derive(Debug)]
struct Registered {
    running: Running,
    id: u32,
}

impl Registered {
    fn new(running: Running, id: u32) -> Self {
        running.known().insert(id);
        Self { running, id }
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.running.known().remove(&self.id);
    }
}

/// A running ChromeDriver and its process group.
#[derive(Debug)]
pub(super) struct DriverProcess {
    child: Child,
    group: Pid,
    url: String,
    watchdog: Option<std::process::Child>,
    folder: BrowserFolder,
    // After the folder: a browser of which something is left has not ended.
    _registered: Registered,
    /// Kept open: a driver that writes to a closed pipe would end.
    stdout: Lines<BufReader<ChildStdout>>,
}

impl DriverProcess {
    /// Starts the driver at `path`, or the `chromedriver` of the search path, and waits until it listens.
    /// From start to end its id is in `running`.
    pub(super) async fn start(path: Option<&Path>, running: Running) -> Result<Self, SourceError> {
        let program = path.unwrap_or_else(|| Path::new("chromedriver"));
        // What others died without seeing to. A sweep that fails is told, and in nobody's way.
        let _ = tokio::task::spawn_blocking(leftovers::sweep).await;
        for _ in 1..STARTS {
            match Self::start_once(program, running.clone()).await {
                Err(SourceError::Driver { detail, .. }) if detail.contains(PORT_TAKEN) => {
                    tracing::debug!(detail, "starting chromedriver again: its port was taken");
                }
                outcome => return outcome,
            }
        }
        Self::start_once(program, running).await
    }

    async fn start_once(program: &Path, running: Running) -> Result<Self, SourceError> {
        let no_folder = |e| driver_failure("no temporary folder for the browser", e);
        let folder = BrowserFolder::new().map_err(no_folder)?;
        let stderr = File::create(folder.path().join(COMPLAINTS)).map_err(no_folder)?;
        // Without `--allowed-ips` it listens on loopback alone; with it, on every interface.
        let mut child = Command::new(program)
            .arg("--port=0")
            .env("TMPDIR", folder.path())
            .env("HOME", folder.path())
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_CACHE_HOME")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .process_group(0)
            .spawn()
            .map_err(|e| {
                let what = format!(
                    "{} could not be started ({e}); install chromium and chromium-driver, or give a WebDriver URL",
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
            _registered: Registered::new(running, id),
            stdout: BufReader::new(stdout).lines(),
        };
        process.folder.inhabited_by(group).map_err(no_folder)?;
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
        let complaint = fs::read_to_string(self.folder.path().join(COMPLAINTS)).unwrap_or_default();
        let complaint = complaint.lines().find(|line| !line.trim().is_empty()).unwrap_or("run it by hand to see why");
        Err(driver_error(format!("chromedriver ended before it listened: {}", shortened(complaint))))
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
    }
}

/// Whether a process of the group still runs.
fn runs(group: Pid) -> bool {
    // Where there is no `/proc` ended ones count too, until somebody reaps them.
    test_kill_process_group(group).is_ok()
        && (!Path::new("/proc/self").exists() || leftovers::members(group).next().is_some())
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
