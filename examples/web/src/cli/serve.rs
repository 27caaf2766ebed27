//! `compass serve`: the whole service, until it is told to stop.

use std::process::ExitCode;

use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::{Done, SourceFlags, StoreFlags, status, told};
use crate::{App, app, seed::DAYS};

/// Serve pages and API (the default command)
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Listen here; port 0 takes a free one [default: 127.0.0.1:8000]
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,
    /// Answer to operators here: /metrics for Prometheus, /health/live and /health/ready [default: nowhere]
    #[arg(long, value_name = "HOST:PORT")]
    metrics: Option<String>,
    /// Look at accounts again by themselves, every 3 hours to every week [default: true with --live]
    #[arg(long, value_name = "true|false")]
    schedule: Option<bool>,
    /// Where browsers reach the service, with an identity provider: https://compass.example
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Sign people in with Google, as this client; its secret is in google.client_secret or COMPASS_GOOGLE_CLIENT_SECRET
    #[arg(long, value_name = "ID")]
    google_client_id: Option<String>,
    /// Sign people in with the OpenID provider of this issuer
    #[arg(long, value_name = "URL")]
    oidc_issuer: Option<String>,
    /// As this client; its secret is in oidc.client_secret or COMPASS_OIDC_CLIENT_SECRET
    #[arg(long, value_name = "ID")]
    oidc_client_id: Option<String>,
    #[command(flatten)]
    sources: SourceFlags,
    #[command(flatten)]
    store: StoreFlags,
}

pub(super) async fn run(arguments: Arguments) -> Done {
    let listen = arguments.listen.map(|address| ("listen", address));
    let schedule = arguments.schedule.map(|on| ("schedule", on.to_string()));
    let metrics = arguments.metrics.map(|address| ("metrics", address));
    let sign_in = [
        ("public_url", arguments.public_url),
        ("google_client_id", arguments.google_client_id),
        ("oidc_issuer", arguments.oidc_issuer),
        ("oidc_client_id", arguments.oidc_client_id),
    ];
    let sign_in = sign_in.into_iter().filter_map(|(key, value)| Some((key, value?)));
    let given = listen.into_iter().chain(metrics).chain(schedule).chain(sign_in).chain(arguments.sources.given());
    let config = arguments.store.load(given)?;
    let mut signals = Signals::new()?;
    let app = tokio::select! {
        app = app(&config) => app,
        () = signals.next() => return Ok(ExitCode::FAILURE),
    };
    let app = match app {
        Err(error) if config.log_format.is_json() => {
            tracing::error!(target: "compass", error = told(&error), "the service does not start");
            return Ok(status(&error));
        }
        app => app?,
    };
    if config.log_format.is_json() {
        announce_in_log(&app)
    } else {
        announce(&app)
    }
    let stop = CancellationToken::new();
    let serving = app.serve(stop.clone());
    tokio::pin!(serving);
    tokio::select! {
        () = &mut serving => return Ok(ExitCode::SUCCESS),
        () = signals.next() => {
            stop.cancel();
            if config.log_format.is_json() {
                tracing::info!(target: "compass", "stopping; once more stops at once");
            } else {
                eprintln!("Stopping; once more stops at once.");
            }
        }
    }
    tokio::select! {
        () = serving => Ok(ExitCode::SUCCESS),
        () = signals.next() => Ok(ExitCode::FAILURE),
    }
}

fn announce(app: &App) {
    let site = &app.state().site;
    eprintln!("Creator Compass listens: open {}", site.public_url);
    if site.development_sign_in {
        eprintln!("  sign-in   development: anybody on this machine signs in as the developer");
    } else {
        let (provider, url) = (app.state().ports.identity.name(), &site.public_url);
        eprintln!("  sign-in   {provider}, which has to know the redirect URI {url}/auth/google/callback");
    }
    if app.seeded() {
        eprintln!("  samples   made sample creators with {DAYS} days of history; try @sample.steady");
    } else if site.stand_in {
        eprintln!("  samples   the stand-in has sample creators; try @sample.steady");
    }
    eprintln!("  source    {}", app.sources());
    eprintln!("  data      {}", app.place());
    eprintln!("  API       {}/docs/", site.public_url);
    if let Some(operations) = app.operations() {
        eprintln!("  metrics   http://{operations}/metrics");
    }
    eprintln!("Stop with Ctrl-C.");
}

/// The same for those who read the log by machine.
fn announce_in_log(app: &App) {
    tracing::info!(
        target: "compass",
        url = app.state().site.public_url,
        sign_in = app.state().ports.identity.name(),
        source = app.sources(),
        data = app.place(),
        metrics = app.operations().map(|address| address.to_string()),
        samples = app.seeded(),
        "Creator Compass listens"
    );
}

/// What people and service managers stop a program with.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
