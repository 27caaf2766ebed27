//! Prints a creator's headline figures from a running service.
//!
//! `cargo run -p client -- http://127.0.0.1:8000 sample.steady [TOKEN_FILE]`
//!
//! The file has a program's refresh token, as `POST /auth/sessions` gives it to a signed-in browser; the next token is written over
//! it. With one, the program asks for a fresh look, too.

use std::{error::Error, io::Write as _, path::Path, process::ExitCode};

use client::Compass;
use compass_core::{
    Handle,
    analytics::{CreatorReport, Estimate, MetricId},
    ports::{Clock as _, SystemClock, SystemRandom, new_uuid},
};

const HEADLINES: [MetricId; 4] =
    [MetricId::ENGAGEMENT, MetricId::TYPICAL_VIEWS, MetricId::POSTS_PER_WEEK, MetricId::FOLLOWER_GROWTH];

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (base, handle, token) = match arguments.as_slice() {
        [base, handle] => (base, handle, None),
        [base, handle, token] => (base, handle, Some(Path::new(token))),
        _ => {
            eprintln!("usage: client http://127.0.0.1:8000 HANDLE [TOKEN_FILE]");
            return ExitCode::from(2);
        }
    };
    match run(base, handle, token).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let causes = std::iter::successors(Some(&*error as &dyn Error), |error| (*error).source());
            eprintln!("error: {}", causes.map(ToString::to_string).collect::<Vec<_>>().join(": "));
            ExitCode::FAILURE
        }
    }
}

async fn run(base: &str, handle: &str, token: Option<&Path>) -> Result<(), Box<dyn Error>> {
    let handle = Handle::parse(handle)?;
    let mut compass = Compass::at(base)?;
    if let Some(file) = token {
        let tokens = compass.sign_in(std::fs::read_to_string(file)?.trim()).await?;
        if let Some(next) = &tokens.refresh_token {
            keep(file, next)?;
        }
        eprintln!("signed in as {}", compass.me().await?.name.as_deref().unwrap_or("somebody without a name"));
        let key = new_uuid(&SystemRandom, SystemClock.now()).to_string();
        let job = compass.refresh(&handle, &key).await?;
        eprintln!("a fresh look at @{} is {:?}: job {}", job.handle, job.state, job.id);
    }
    for creator in compass.report(&handle).await?.creators {
        print(&creator);
    }
    Ok(())
}

/// Writes the next token over the last one, all of it or nothing, for nobody else to read.
fn keep(file: &Path, token: &str) -> std::io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut fresh = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(fresh, "{token}")?;
    fresh.as_file().sync_all()?;
    fresh.persist(file)?;
    Ok(())
}

fn print(creator: &CreatorReport) {
    println!("{} (@{}) as of {}", creator.name(), creator.handle, creator.as_of);
    for id in HEADLINES {
        let Some(figure) = creator.metrics.get(&id) else { continue };
        println!("  {:<28}{}", id.0, words(figure));
    }
}

/// A figure with how sure it is, or why there is none.
fn words(figure: &Estimate) -> String {
    match (figure.value, figure.interval) {
        (Some(value), Some(sure)) => format!("{value:.4} ({:.4} to {:.4}), n = {}", sure.lo, sure.hi, figure.n),
        (Some(value), None) => format!("{value:.4}, n = {}", figure.n),
        (None, _) => format!("none: {:?}", figure.quality),
    }
}
