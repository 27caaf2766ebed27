//! Makes the whole report of very many creators and says how long it took, as JSON.
//!
//! `cargo run -p compass-benches --release --bin reports -- [--creators 100000] [--posts 100] [--threads T]`

use std::{process::ExitCode, time::Instant};

use clap::Parser;
use compass_benches::{subject, usual};
use compass_core::analytics::{MetricId, ReportOptions, Subject, creator_reports};

/// Make the whole report of very many simulated creators, with 365 days of followers each
#[derive(Debug, Parser)]
struct Arguments {
    /// How many creators
    #[arg(long, default_value_t = 100_000)]
    creators: usize,
    /// How many posts each has
    #[arg(long, default_value_t = 100)]
    posts: usize,
    /// Threads [default: one for each core]
    #[arg(long, default_value_t = 0)]
    threads: usize,
}

/// So many are simulated; they come again and again.
const DIFFERENT: usize = 500;

fn main() -> ExitCode {
    let Arguments { creators, posts, threads } = Arguments::parse();
    let pool = match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool,
        Err(why) => {
            eprintln!("error: no {threads} threads can be started: {why}");
            return ExitCode::FAILURE;
        }
    };
    let plan = usual(posts);
    let different: Vec<Subject> = (0..DIFFERENT.min(creators) as u64).map(|seed| subject(&plan, seed)).collect();
    let (mut made, mut headlines) = (0_usize, 0_usize);
    let start = Instant::now();
    pool.install(|| {
        let subjects = different.iter().cycle().take(creators);
        creator_reports(subjects, plan.as_of, &ReportOptions::default(), |report| {
            made += 1;
            headlines += usize::from(report.metrics[&MetricId::ENGAGEMENT].value.is_some());
        });
    });
    let seconds = start.elapsed().as_secs_f64();
    let report = serde_json::json!({
        "creators": made,
        "with_a_headline": headlines,
        "posts_each": posts,
        "threads": pool.current_num_threads(),
        "seconds": seconds,
        "ms_per_creator_and_thread": seconds * 1_000.0 * pool.current_num_threads() as f64 / made.max(1) as f64,
    });
    println!("{report}");
    ExitCode::SUCCESS
}
