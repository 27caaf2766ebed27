//! Runs the aggregate over a Parquet file and says how long it took, to put beside other engines.

mod columns;

use std::{fs, path::PathBuf, process::ExitCode, time::Instant};

use clap::Parser;
use columns::{Columns, FileError};
use compass_core::analytics::aggregate;
use serde_json::json;

/// Summarises each creator's posts and prints how long it took, as JSON.
#[derive(Debug, Parser)]
struct Options {
    /// Posts: creator_id (u32), ts (i64, unix seconds UTC), views, likes, comments and shares (i64), rows in any order.
    file: PathBuf,
    /// Where to write the answer, as Parquet.
    #[arg(long)]
    out: Option<PathBuf>,
    /// How many times to run.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// How many threads to use; as many as there are cores if not said.
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    threads: usize,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("engine: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<serde_json::Value, FileError> {
    rayon::ThreadPoolBuilder::new().num_threads(options.threads).build_global().expect("nothing else has started it");
    let start = Instant::now();
    let columns = Columns::read(&options.file)?;
    let load_s = start.elapsed().as_secs_f64();
    let loaded = memory("VmRSS");

    let (mut run_s, mut cpu_s, mut creators) = (Vec::new(), f64::INFINITY, 0);
    for round in 1..=options.repeat {
        let (start, before) = (Instant::now(), processor_seconds());
        let answer = aggregate(&columns.rows());
        run_s.push(start.elapsed().as_secs_f64());
        cpu_s = cpu_s.min(processor_seconds() - before);
        creators = answer.len();
        if round == options.repeat
            && let Some(out) = &options.out
        {
            columns::write(out, &answer)?;
        }
    }
    let best_s = run_s.iter().copied().fold(f64::INFINITY, f64::min);
    Ok(json!({
        "rows": columns.rows().len(),
        "creators": creators,
        "threads": rayon::current_num_threads(),
        "load_s": load_s,
        "run_s": run_s,
        "best_s": best_s,
        "cpu_s": cpu_s,
        "rows_per_s": columns.rows().len() as f64 / best_s,
        "input_bytes": columns.bytes(),
        "loaded_bytes": loaded,
        "peak_bytes": memory("VmHWM"),
    }))
}

/// What all threads have used of the processors; 0 where the system does not tell.
fn processor_seconds() -> f64 {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let used = tasks.filter_map(|task| {
        let line = fs::read_to_string(task.path().join("schedstat")).ok()?;
        line.split_whitespace().next()?.parse::<f64>().ok()
    });
    used.sum::<f64>() / 1e9
}

/// A figure of this process's memory in bytes; `None` where the system does not tell.
fn memory(field: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}
