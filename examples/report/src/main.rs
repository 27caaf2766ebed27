//! A file of observations in, a report out: the core alone, without a runtime, a database or a network.
//!
//! Run it with `cargo run -p report [-- FILE]`. The file is JSON: a profile observation and any number of video observations, as
//! `compass_core` writes them. Without a file, a sample creator is reported on.

use std::{env, error::Error, fs};

use compass_core::{
    ProfileObservation, VideoObservation,
    analytics::{Report, ReportOptions, creator_report},
    samples::World,
};
use serde::Deserialize;

/// What the file holds.
#[derive(Deserialize)]
struct Observations {
    profiles: Vec<ProfileObservation>,
    videos: Vec<VideoObservation>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let observations = match env::args_os().nth(1) {
        Some(file) => serde_json::from_slice(&fs::read(file)?)?,
        None => sample(),
    };
    let newest = observations.profiles.iter().max_by_key(|o| o.observed_at).ok_or("the file has no profile")?;
    let report = creator_report(
        &newest.profile,
        &observations.profiles,
        &observations.videos,
        newest.observed_at,
        &ReportOptions::default(),
    );
    println!("{}", serde_json::to_string_pretty(&Report::new(vec![report], Vec::new()))?);
    Ok(())
}

/// 90 days of a sample creator.
fn sample() -> Observations {
    let until = "2026-05-01T00:00:00Z".parse().expect("a constant");
    let history = World::standard().creators()[0].history(until, 90);
    Observations {
        profiles: history.iter().map(|look| look.profile.clone()).collect(),
        videos: history.into_iter().flat_map(|look| look.videos).collect(),
    }
}
