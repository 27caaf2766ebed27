//! The commands of the binary: JSON on stdout, messages on stderr, exit status 0, 1 (failed) or 2 (usage).

mod analyze;
mod completions;
mod doctor;
mod export;
mod figure_text;
mod import;
mod migrate;
mod openapi;
mod own_export;
mod own_text;
mod refresh;
mod refused_text;
mod report_text;
mod serve;
mod sign_out;
mod tally;

use std::{
    error::Error,
    io::{self, IsTerminal as _, Write as _},
    path::PathBuf,
    process::ExitCode,
    str::FromStr as _,
    time::Duration,
};

use clap::{Args, Parser, Subcommand};
use tracing_subscriber::{
    Layer as _,
    filter::{LevelFilter, Targets},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::{
    StartError,
    config::{Config, ConfigError, LogFormat},
};

const USAGE: u8 = 2;

/// Turns a TikTok handle into figures that say how certain they are.
///
/// Without a command it serves.
#[derive(Debug, Parser)]
#[command(name = "compass", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::Arguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Arguments),
    Analyze(analyze::Arguments),
    Import(import::Arguments),
    Export(export::Arguments),
    Refresh(refresh::Arguments),
    Openapi(openapi::Arguments),
    Migrate(migrate::Arguments),
    SignOut(sign_out::Arguments),
    Doctor(doctor::Arguments),
    Completions(completions::Arguments),
}

/// Where things are kept, for every command that touches the store.
#[derive(Args, Debug)]
struct StoreFlags {
    /// Read this configuration file instead of ./compass.toml
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Keep everything in this database: sqlite://FILE or postgres://USER:PASSWORD@HOST/DATABASE
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// The folder of the embedded database and of the generated secret [default: ./compass-data]
    #[arg(long, value_name = "FOLDER")]
    data: Option<String>,
}

/// Where profiles are read from, for every command that looks at TikTok.
#[derive(Args, Debug)]
struct SourceFlags {
    /// Read https://www.tiktok.com, not the stand-in with its sample creators
    #[arg(long)]
    live: bool,
    /// Use this WebDriver or Selenium Grid instead of starting ChromeDriver
    #[arg(long, value_name = "URL")]
    webdriver: Option<String>,
    /// Tell sites how their operators reach you, with a page or an address, when their robots.txt is asked for
    #[arg(long, value_name = "CONTACT")]
    contact: Option<String>,
}

impl StoreFlags {
    fn given(&self) -> Vec<(&'static str, String)> {
        let given = [("database", self.database.clone()), ("data", self.data.clone())];
        given.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }

    fn load(&self, others: impl IntoIterator<Item = (&'static str, String)>) -> Result<Config, ConfigError> {
        let config = Config::load(self.config.as_deref(), self.given().into_iter().chain(others).collect())?;
        log(&config.log, config.log_format)?;
        Ok(config)
    }
}

impl SourceFlags {
    fn given(&self) -> impl Iterator<Item = (&'static str, String)> {
        let live = self.live.then(|| ("live", true.to_string()));
        let given = [("webdriver", self.webdriver.clone()), ("contact", self.contact.clone())];
        live.into_iter().chain(given.into_iter().filter_map(|(key, value)| Some((key, value?))))
    }
}

/// Runs the command that the arguments name.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    let done = runtime.block_on(async {
        match cli.command.unwrap_or(Command::Serve(cli.serve)) {
            Command::Serve(arguments) => serve::run(arguments).await,
            Command::Analyze(arguments) => analyze::run(arguments),
            Command::Import(arguments) => import::run(arguments).await,
            Command::Export(arguments) => export::run(arguments).await,
            Command::Refresh(arguments) => refresh::run(arguments).await,
            Command::Openapi(arguments) => openapi::run(arguments),
            Command::Migrate(arguments) => migrate::run(arguments).await,
            Command::SignOut(arguments) => sign_out::run(arguments).await,
            Command::Doctor(arguments) => doctor::run(arguments).await,
            Command::Completions(arguments) => completions::run(&arguments),
        }
    });
    // What is still under way has had its time.
    runtime.shutdown_timeout(Duration::from_secs(2));
    done.unwrap_or_else(|error| failed(&*error))
}

/// What every command gives: an exit status, or what went wrong.
type Done = Result<ExitCode, Box<dyn Error + Send + Sync>>;

/// Says what went wrong, and which exit status that is.
fn failed(error: &(dyn Error + 'static)) -> ExitCode {
    eprintln!("error: {}", told(error));
    status(error)
}

fn status(error: &(dyn Error + 'static)) -> ExitCode {
    let usage = error.is::<ConfigError>() || error.downcast_ref::<StartError>().is_some_and(StartError::is_usage);
    if usage { ExitCode::from(USAGE) } else { ExitCode::FAILURE }
}

/// An error with its causes, none that the one before has told.
fn told(error: &(dyn Error + 'static)) -> String {
    let mut whole = error.to_string();
    let mut said = whole.clone();
    let mut cause = error.source();
    while let Some(because) = cause {
        let text = because.to_string();
        if !said.contains(&text) {
            whole = format!("{whole}: {text}");
        }
        said = text;
        cause = because.source();
    }
    whole
}

/// Sends the log to stderr.
fn log(filter: &str, format: LogFormat) -> Result<(), ConfigError> {
    let refused = || ConfigError::Log(filter.to_owned());
    // A word alone would be the name of a target that nothing has.
    if filter.split(',').any(|part| !part.contains('=') && part.parse::<LevelFilter>().is_err()) {
        return Err(refused());
    }
    let targets = Targets::from_str(filter).map_err(|_| refused())?;
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    let lines = if format.is_json() { lines.json().boxed() } else { lines.boxed() };
    let lines = lines.with_filter(targets);
    // A second call in one process keeps the first one's.
    let _ = tracing_subscriber::registry().with(lines).try_init();
    Ok(())
}

/// Writes to stdout; a reader that has seen enough, such as `head`, is no failure.
fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}
