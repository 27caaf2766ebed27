//! The binary as a child process, ended whatever becomes of the test.

use std::{
    io::{BufRead as _, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// A service that has not said where it listens by then is not going to.
const START: Duration = Duration::from_secs(60);

/// The binary, untouched by the environment and the files of whoever runs the tests.
pub(crate) fn compass(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_compass"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("COMPASS_") {
            command.env_remove(name);
        }
    }
    // As on a terminal, for the tests that read it.
    command.current_dir(folder).stdin(Stdio::null()).env("COMPASS_LOG_FORMAT", "text");
    command
}

/// Runs the binary to its end.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
    compass(folder).args(arguments).output().expect("the binary runs")
}

/// The most memory that a process has had, in KiB; `None` once it has ended.
pub(crate) fn most_memory(process: u32) -> Option<usize> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse().expect("it is a number"))
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("stdout is UTF-8")
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("stderr is UTF-8")
}

/// A running service with a data folder of its own.
pub(crate) struct Service {
    child: Child,
    address: String,
    started: Vec<String>,
    lines: Receiver<String>,
}

impl Service {
    /// Starts it on a free port, with no ChromeDriver to be found.
    pub(crate) fn start(data: &Path) -> Self {
        let nothing = data.join("no-programs");
        std::fs::create_dir_all(&nothing).expect("the folder is writable");
        Self::spawn(compass(data).env("PATH", nothing), data)
    }

    /// Starts it on a free port, with the ChromeDriver of this machine.
    pub(crate) fn start_with_browser(data: &Path) -> Self {
        Self::spawn(&mut compass(data), data)
    }

    /// Starts it with a second address, for operators.
    pub(crate) fn start_with_operators(data: &Path) -> Self {
        let nothing = data.join("no-programs");
        std::fs::create_dir_all(&nothing).expect("the folder is writable");
        Self::spawn(compass(data).env("PATH", nothing).env("COMPASS_METRICS", "127.0.0.1:0"), data)
    }

    /// Starts it for somebody who asks without pause.
    pub(crate) fn start_without_limits(data: &Path) -> Self {
        let nothing = data.join("no-programs");
        std::fs::create_dir_all(&nothing).expect("the folder is writable");
        Self::spawn(compass(data).env("PATH", nothing).env("COMPASS_LIMITS", "false"), data)
    }

    fn spawn(command: &mut Command, data: &Path) -> Self {
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let stdout: Box<dyn Read + Send> = Box::new(child.stdout.take().expect("stdout is piped"));
        let stderr: Box<dyn Read + Send> = Box::new(child.stderr.take().expect("stderr is piped"));
        let (send, lines) = channel();
        for written in [stdout, stderr] {
            let (lines, send) = (BufReader::new(written).lines().map_while(Result::ok), send.clone());
            std::thread::spawn(move || lines.for_each(|line| drop(send.send(line))));
        }
        drop(send);
        let mut service = Self { child, address: String::new(), started: Vec::new(), lines };
        service.wait_for("Stop with Ctrl-C");
        // A public address is not where it listens.
        let listens = service.started.iter().find_map(|line| line.split_once("open http"));
        let listens = listens.expect("it says where it is reached").1;
        service.address = listens.strip_prefix("://").unwrap_or_default().to_owned();
        service
    }

    /// Where it listens: `127.0.0.1:PORT`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Where it answers to operators: `127.0.0.1:PORT`.
    pub(crate) fn operators(&self) -> &str {
        let said = self.started.iter().find_map(|line| line.split_once("http://")?.1.strip_suffix("/metrics"));
        said.expect("it was started with such an address")
    }

    /// What it has said so far.
    pub(crate) fn said(&self) -> String {
        self.started.join("\n")
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.id()).ok().and_then(Pid::from_raw).expect("the system's own ids fit");
        kill_process(id, signal).expect("the service runs");
    }

    /// Waits until it says a line with this text.
    pub(crate) fn wait_for(&mut self, text: &str) {
        loop {
            match self.lines.recv_timeout(START) {
                Ok(line) => {
                    self.started.push(line);
                    if self.started.last().is_some_and(|line| line.contains(text)) {
                        return;
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("the service never said {text:?}, only:\n{}", self.said())
                }
            }
        }
    }

    /// Waits until it has ended; how it did, and after how long.
    pub(crate) fn wait(mut self) -> (ExitStatus, Duration) {
        let since = Instant::now();
        self.read_all();
        (self.child.wait().expect("the service was started"), since.elapsed())
    }

    /// Stops it; everything that it has written.
    pub(crate) fn finish(mut self) -> String {
        self.signal(Signal::TERM);
        self.read_all();
        self.said()
    }

    /// Its end closes what it writes to, and with that the channel.
    fn read_all(&mut self) {
        while let Ok(line) = self.lines.recv_timeout(START) {
            self.started.push(line);
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder for one test.
pub(crate) fn folder() -> TempDir {
    tempfile::Builder::new().prefix("compass-web-").tempdir().expect("there is a temporary folder")
}

/// A file in a folder.
pub(crate) fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let file = folder.join(name);
    std::fs::write(&file, content).expect("the folder is writable");
    file
}
