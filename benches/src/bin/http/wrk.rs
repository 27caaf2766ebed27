//! wrk, and what it says.

use std::process::Command;

use crate::Failure;

/// How hard a server is asked.
pub(crate) struct Load {
    pub(crate) connections: u32,
    pub(crate) seconds: u32,
    pub(crate) accounts: u32,
    pub(crate) script: &'static str,
}

/// What came of it: requests a second, latencies in milliseconds, memory of the server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    pub(crate) per_second: f64,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) mebibytes: f64,
}

impl Load {
    /// Asks for the path, with the number of an account for `N`; a second before that is not counted.
    pub(crate) fn put_on(&self, address: &str, path: &str, server: u32) -> Result<Measured, Failure> {
        self.ask(address, path, 1)?;
        let said = self.ask(address, path, self.seconds)?;
        let number = |label: &str| -> Result<&str, Failure> {
            let line = said.lines().find_map(|line| line.trim().strip_prefix(label));
            line.map(str::trim).ok_or_else(|| format!("wrk says nothing of {label:?}:\n{said}").into())
        };
        if said.contains("Non-2xx") || said.contains("Socket errors") {
            return Err(format!("not every request was answered:\n{said}").into());
        }
        Ok(Measured {
            per_second: number("Requests/sec:")?.parse()?,
            p50: milliseconds(number("50%")?)?,
            p99: milliseconds(number("99%")?)?,
            mebibytes: resident(server)?,
        })
    }

    fn ask(&self, address: &str, path: &str, seconds: u32) -> Result<String, Failure> {
        let mut wrk = Command::new("wrk");
        wrk.args(["-t1", "--latency", "-s", self.script]).env("ASKED", path).env("ACCOUNTS", self.accounts.to_string());
        wrk.args([format!("-c{}", self.connections), format!("-d{seconds}s"), format!("http://{address}")]);
        let output =
            wrk.output().map_err(|why| format!("wrk cannot be run (on Debian: apt-get install wrk): {why}"))?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        Ok(String::from_utf8(output.stdout)?)
    }
}

/// `850.00us`, `5.21ms`, `1.02s`.
fn milliseconds(text: &str) -> Result<f64, Failure> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &text[digits.len()..] {
        "us" => 1e-3,
        "ms" => 1.0,
        "s" => 1e3,
        other => return Err(format!("wrk's unit {other:?} is unknown").into()),
    };
    Ok(digits.parse::<f64>()? * factor)
}

/// The memory of a process and its children, now.
fn resident(id: u32) -> Result<f64, Failure> {
    let mut kibibytes = 0.0;
    for entry in std::fs::read_dir("/proc")? {
        let Ok(status) = std::fs::read_to_string(entry?.path().join("status")) else { continue };
        let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next());
        let is_its = |name: &str| field(name) == Some(id.to_string().as_str());
        if is_its("Pid:") || is_its("PPid:") {
            kibibytes += field("VmRSS:").and_then(|size| size.parse::<f64>().ok()).unwrap_or_default();
        }
    }
    Ok(kibibytes / 1_024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_milliseconds() {
        for (text, expected) in [("850.00us", 0.85), ("5.21ms", 5.21), ("1.02s", 1_020.0)] {
            assert!((milliseconds(text).unwrap() - expected).abs() < 1e-9, "{text}");
        }
        assert!(milliseconds("3.00m").is_err());
    }

    #[test]
    fn this_process_has_memory() {
        assert!(resident(std::process::id()).unwrap() > 0.5);
    }
}
