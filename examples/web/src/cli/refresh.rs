//! `compass refresh HANDLE`: looks at one account now, in this process, and reports.

use std::{path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use clap::Args;
use compass_core::{
    Handle, Job, JobState, Progress, Zone,
    analytics::{Report, ReportOptions},
    app::{RefreshWorker, Scheduler, report, request_refresh},
    ports::{Clock, StoreError, SystemClock, SystemRandom},
};
use indicatif::{ProgressBar, ProgressStyle};

use super::{Done, SourceFlags, StoreFlags, analyze::Format, print};
use crate::{MAX_VIDEOS, sources::Sources, store::Store};

/// How often the job's news are looked at.
const LOOK: Duration = Duration::from_millis(100);

/// Look at an account now and report on everything that is kept of it
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The account, with or without @
    #[arg(value_name = "HANDLE", value_parser = Handle::parse)]
    handle: Handle,
    /// How the report is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Keep every page and list of posts that is read in this folder, for `compass analyze FOLDER/*`
    #[arg(long, value_name = "FOLDER")]
    record: Option<PathBuf>,
    /// The time zone of the text's times, such as Europe/Berlin
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = Zone::parse)]
    zone: Zone,
    #[command(flatten)]
    sources: SourceFlags,
    #[command(flatten)]
    store: StoreFlags,
}

pub(super) async fn run(arguments: Arguments) -> Done {
    let config = arguments.store.load(arguments.sources.given())?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = Store::open(&config).await?;
    let sources = Sources::start(&config, &clock, arguments.record.as_deref()).await?;
    let worker = RefreshWorker {
        creators: Arc::clone(&store.creators),
        jobs: Arc::clone(&store.jobs),
        hosts: Arc::clone(&store.hosts),
        sources: sources.list.clone(),
        clock: Arc::clone(&clock),
        max_videos: MAX_VIDEOS,
        // It may take up looks that were scheduled: without this, an account's next one would be lost.
        scheduler: config.is_scheduled().then(|| Scheduler {
            accounts: Arc::clone(&store.accounts),
            creators: Arc::clone(&store.creators),
            jobs: Arc::clone(&store.jobs),
            clock: Arc::clone(&clock),
            random: Arc::new(SystemRandom),
        }),
    };
    let refreshed = refresh(&worker, &arguments.handle).await;
    sources.close().await;
    let job = refreshed?;
    if job.state == JobState::Cancelled {
        eprintln!("error: the refresh of @{} was cancelled", job.handle);
        return Ok(ExitCode::FAILURE);
    }
    if let Some(failure) = &job.failure {
        eprintln!("error: @{}: {}: {}", job.handle, failure.code, failure.detail);
        if job.state == JobState::Queued {
            eprintln!("note: a running service tries again from {}", job.available_at);
        }
        return Ok(ExitCode::FAILURE);
    }
    let found = report(&*store.creators, &arguments.handle, clock.now(), &ReportOptions::default()).await?;
    store.close().await;
    let report = Report::new(found.into_iter().collect(), Vec::new());
    print(&arguments.format.write(&report, &arguments.zone.rules())?)?;
    Ok(ExitCode::SUCCESS)
}

/// Enqueues the refresh and works on jobs until this one has ended, or waits for another attempt.
async fn refresh(worker: &RefreshWorker, handle: &Handle) -> Result<Job, StoreError> {
    let job = request_refresh(&*worker.jobs, &*worker.clock, &SystemRandom, handle, None).await?;
    if job.available_at > worker.clock.now() {
        // It waits for another attempt, as its failure says.
        return Ok(job);
    }
    let bar = ProgressBar::new(0).with_style(style());
    // An open job may have had attempts before.
    let mut seen = worker.jobs.events(job.id, 0).await?.last().map_or(0, |event| event.seq);
    let working = async {
        loop {
            if !worker.run_next().await? {
                tokio::time::sleep(LOOK).await;
            }
        }
    };
    let watching = async {
        loop {
            for event in worker.jobs.events(job.id, seen).await? {
                seen = event.seq;
                show(&bar, &event.progress);
                if matches!(
                    event.progress,
                    Progress::Retrying { .. } | Progress::Succeeded | Progress::Failed { .. } | Progress::Cancelled
                ) {
                    return worker.jobs.find(job.id).await?.ok_or(StoreError::NotFound);
                }
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    let ended = tokio::select! {
        ended = working => ended,
        ended = watching => ended,
    };
    bar.finish_and_clear();
    ended
}

fn show(bar: &ProgressBar, progress: &Progress) {
    match progress {
        Progress::Started { .. } => bar.set_message("begun"),
        Progress::Waiting => bar.set_message("waiting until others have been read"),
        Progress::Opening { source } => bar.set_message(format!("opening ({source})")),
        Progress::ProfileRead { .. } => bar.set_message("the profile is read"),
        Progress::VideosRead { got, wanted } => {
            bar.set_length(*wanted);
            bar.set_position(*got);
            bar.set_message("posts read");
        }
        Progress::Recorded { .. } => bar.set_message("kept"),
        _ => {}
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {pos}/{len} {msg}").expect("the template is well formed")
}
