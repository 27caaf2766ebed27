//! This test program run a second time, as a process of its own that does one thing.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

/// A second run of one test.
pub(super) struct SecondRun(pub(super) Child);

impl SecondRun {
    /// Runs one test again, with variables by which it knows that it is the second run.
    pub(super) fn of(test: &str, variables: &[(&str, &str)]) -> Self {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self(child)
    }

    /// Waits until it says a line that begins so, and gives the rest of the line.
    pub(super) fn says(&mut self, begin: &str) -> String {
        let said = BufReader::new(self.0.stdout.as_mut().unwrap()).lines().map_while(Result::ok);
        let line = said.filter_map(|line| line.strip_prefix(begin).map(str::to_owned)).next();
        line.unwrap_or_else(|| panic!("the second run ended before it said {begin:?}"))
    }
}

impl Drop for SecondRun {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
