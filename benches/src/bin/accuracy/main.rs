//! Measures the engine's claims on real data: prints how often its intervals hold, and what its advice is worth.

mod advice;
mod best_time;
mod growth;
mod halves;
mod input;
mod items;
mod model;
mod panel;
mod plain;
mod retrieval;
mod tuning;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, ValueEnum};
use serde_json::json;

use advice::Advice;
use best_time::BestTime;
use growth::Growth;
use input::{InputError, files};
use model::ModelArguments;
use retrieval::Retrieval;
use tuning::Tuning;

/// Measures how right the engine is on a folder of real observations.
///
/// The folder holds series/videos-panel-*.csv.gz (snapshots of videos) and items-*.jsonl.gz (posts of creators). Half of
/// the data is held back from what is judged by it.
#[derive(Debug, Parser)]
#[command(name = "accuracy")]
struct Arguments {
    /// The folder with the observations.
    folder: PathBuf,
    /// How to print the result.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Which random halves.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print the grid of weights that similar creators are compared by instead, measured on the half of the creators that weights are
    /// chosen on.
    #[arg(long)]
    tune: bool,
    #[command(flatten)]
    model: ModelArguments,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Tables for people.
    Table,
    /// The figures with their sample sizes; what was passed over is said on standard error.
    Json,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match measure(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("accuracy: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> Result<(), InputError> {
    let model = arguments.model.open()?;
    if arguments.tune {
        let items = items::read(&files(&arguments.folder, "", "items-", ".jsonl.gz")?)?;
        let tuning = Tuning::measure(&items.creators, arguments.seed, model.as_ref())?;
        match arguments.format {
            Format::Table => println!("{tuning}"),
            Format::Json => println!("{:#}", tuning.json()),
        }
        return Ok(());
    }
    let panel = panel::read(&files(&arguments.folder, "series", "videos-panel-", ".csv.gz")?)?;
    let items = items::read(&files(&arguments.folder, "", "items-", ".jsonl.gz")?)?;
    let growth = Growth::measure(&panel, arguments.seed)?;
    let best_time = BestTime::measure(&items, &growth.model, arguments.seed);
    let retrieval = Retrieval::measure(&items.creators, arguments.seed, model.as_ref())?;
    let of_panel = Retrieval::measure(&panel.creators, arguments.seed, None)?;
    let advice = Advice::measure(&items.creators, arguments.seed);
    let notes = panel.notes().into_iter().chain(growth.notes()).chain(items.notes());
    let notes = notes.chain(best_time.notes()).chain(advice.notes()).chain(retrieval.notes());
    match arguments.format {
        Format::Table => {
            println!(
                "{growth}\n\n{best_time}\n\n{advice}\n\n{retrieval}\n{}\n\nWhat was read\n",
                of_panel.without_captions()
            );
            notes.for_each(|note| println!("  {note}"));
        }
        Format::Json => {
            notes.for_each(|note| eprintln!("{note}"));
            let mut retrieval = retrieval.json();
            retrieval["panel_without_captions"] = of_panel.json_without_captions();
            let figures = json!({
                "growth": growth.json(),
                "best_time": best_time.json(),
                "advice": advice.json(),
                "retrieval": retrieval,
            });
            println!("{figures:#}");
        }
    }
    Ok(())
}
