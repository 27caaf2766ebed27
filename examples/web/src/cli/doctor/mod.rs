//! `compass doctor`: whether what the service needs is there and works, and how to mend what does not.

mod browser;
mod database;
mod keys;
mod sign_in;

use std::{
    io::{self, IsTerminal as _},
    path::Path,
    process::ExitCode,
};

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::{Done, SourceFlags, StoreFlags, print, told};

/// Check the database, clock, keys, sign-in, driver and browser, and say how to mend what does not work
///
/// Nothing is changed. The clock is held against that of PostgreSQL; there is no other for SQLite. The exit status is 0 if all
/// works, else 1.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// How the findings are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    sources: SourceFlags,
    #[command(flatten)]
    store: StoreFlags,
}

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line each
    Text,
    /// One object, compass.doctor/1
    Json,
}

/// What was found of one thing.
#[derive(Debug, Serialize)]
struct Finding {
    what: &'static str,
    health: Health,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
}

/// Whether something works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Health {
    /// It does.
    Good,
    /// It does, but not as an operator would want.
    Doubtful,
    /// It does not.
    Broken,
}

#[derive(Serialize)]
struct Findings<'a> {
    schema: &'static str,
    healthy: bool,
    findings: &'a [Finding],
}

pub(super) async fn run(arguments: Arguments) -> Done {
    let config = arguments.store.load(arguments.sources.given())?;
    let (database, clock) = database::look(&config).await;
    let mut findings = vec![database];
    findings.extend(clock);
    findings.push(keys::look(&config));
    findings.push(sign_in::look(&config).await);
    findings.extend(browser::look(&config).await);
    let healthy = findings.iter().all(|finding| finding.health != Health::Broken);
    match arguments.format {
        Format::Text => print(&findings.iter().map(line).collect::<Vec<_>>().join("\n"))?,
        Format::Json => {
            let findings = Findings { schema: "compass.doctor/1", healthy, findings: &findings };
            print(&serde_json::to_string_pretty(&findings)?)?;
        }
    }
    Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn line(finding: &Finding) -> String {
    let (sign, colour) = match finding.health {
        Health::Good => ("ok", 32),
        Health::Doubtful => ("look", 33),
        Health::Broken => ("broken", 31),
    };
    let sign =
        if io::stdout().is_terminal() { format!("\u{1b}[{colour}m{sign:<6}\u{1b}[0m") } else { format!("{sign:<6}") };
    let mend = finding.mend.as_ref().map(|mend| format!("\n                  {mend}")).unwrap_or_default();
    format!("{sign}  {:<8}  {}{mend}", finding.what, finding.found)
}

/// Whether a file could be made in a folder, which may itself still have to be made where `is_made`.
fn can_hold(folder: &Path, is_made: bool) -> io::Result<()> {
    let here =
        |folder: &Path| if folder.as_os_str().is_empty() { Path::new(".").to_owned() } else { folder.to_owned() };
    let there = if is_made { folder.ancestors().map(here).find(|folder| folder.exists()) } else { Some(here(folder)) };
    tempfile::tempfile_in(there.unwrap_or_else(|| Path::new("/").to_owned())).map(drop)
}

impl Finding {
    fn good(what: &'static str, found: impl Into<String>) -> Self {
        Self { what, health: Health::Good, found: found.into(), mend: None }
    }

    fn doubtful(what: &'static str, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { what, health: Health::Doubtful, found: found.into(), mend: Some(mend.into()) }
    }

    fn broken(what: &'static str, found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { what, health: Health::Broken, found: found.into(), mend: Some(mend.into()) }
    }
}
