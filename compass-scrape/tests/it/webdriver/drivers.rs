//! ChromeDrivers that the source has not started.

use std::{
    io::{BufRead as _, BufReader},
    os::unix::process::CommandExt as _,
    process::{Child, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tempfile::TempDir;

use super::Traces;

/// A ChromeDriver of somebody else's, with its browsers in its process group.
pub(super) struct ForeignDriver {
    child: Child,
    pub(super) url: String,
    pub(super) traces: Traces,
    _folder: TempDir,
}

impl ForeignDriver {
    pub(super) fn start(arguments: &[&str]) -> Self {
        // One that takes a free port of IPv4 ends where somebody has the same one of IPv6.
        (0..5).find_map(|_| Self::start_once(arguments)).expect("chromedriver says its port")
    }

    fn start_once(arguments: &[&str]) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .args(arguments)
            .env("TMPDIR", folder.path())
            .env("HOME", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let port =
            said.find_map(|line| Some(line.split_once("successfully on port ")?.1.trim_end_matches('.').to_owned()));
        let Some(port) = port else {
            child.wait().unwrap();
            return None;
        };
        let url = format!("http://127.0.0.1:{port}");
        let traces = Traces::of_driver(child.id());
        Some(Self { child, url, traces, _folder: folder })
    }

    /// The processes of its browsers that have no browser process above them.
    pub(super) fn browsers(&self) -> Vec<u32> {
        let driver = self.child.id().to_string();
        let fields = |stat: &str| {
            let id = stat.split(' ').next()?.parse().ok()?;
            let parent = stat.rsplit_once(") ")?.1.split(' ').nth(1)?.to_owned();
            Some((id, parent))
        };
        let processes = self.traces.processes();
        processes
            .iter()
            .filter_map(|stat| fields(stat))
            .filter(|(_, parent)| *parent == driver)
            .map(|(id, _)| id)
            .collect()
    }

    /// Ends its browsers behind everybody's back, as a grid does whose machine went down.
    pub(super) fn end_browsers(&self) {
        for browser in self.browsers() {
            kill_process(Pid::from_raw(browser.try_into().unwrap()).unwrap(), Signal::KILL).unwrap();
        }
    }
}

impl Drop for ForeignDriver {
    fn drop(&mut self) {
        kill_process_group(Pid::from_raw(self.child.id().try_into().unwrap()).unwrap(), Signal::KILL).unwrap();
        self.child.wait().unwrap();
    }
}
