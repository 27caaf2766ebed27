//! Times the comparison of a creator with all others, with dense vectors scanned first and without: where the scan pays.

use std::{num::NonZeroUsize, process::ExitCode, sync::Arc, time::Instant};

use clap::Parser;
use compass_core::{
    CreatorId,
    recommend::{Known, KnownPost, Meanings, PartWeights, ProfileIndex, ProfileVector, Search, VectorError},
    stats::{Seed, median},
};

/// Times the question for the ten most similar creators, and prints a table.
///
/// The creators are made: of 200 niches, each with words of its own and common ones, and a dense vector near the niche's. Either way gives the
/// same answers, which is checked.
#[derive(Debug, Parser)]
#[command(name = "alike")]
struct Arguments {
    /// How many creators, with commas between.
    #[arg(long, value_delimiter = ',', default_value = "5000,20000,50000")]
    creators: Vec<NonZeroUsize>,
    /// How many numbers a dense vector has.
    #[arg(long, default_value_t = 256)]
    dimensions: usize,
    /// How many questions are asked, one after the other.
    #[arg(long, default_value_t = 40)]
    questions: usize,
}

const NICHES: u64 = 200;
const WORDS: u64 = 20;

fn main() -> ExitCode {
    match measure(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("alike: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> Result<(), VectorError> {
    println!(
        "{:>9} {:>12} {:>16} {:>14} {:>12}",
        "creators", "by words, ms", "all vectors, ms", "scanned, ms", "to build, s"
    );
    for creators in &arguments.creators {
        let vectors: Vec<ProfileVector> = (0..creators.get()).map(profile).collect();
        let mut meanings = Meanings::new("made", arguments.dimensions)?;
        for place in 0..creators.get() {
            meanings.insert(id(place), "", &direction(place, arguments.dimensions))?;
        }
        let meanings = Arc::new(meanings);
        let building = Instant::now();
        let index = ProfileIndex::with_weights(vectors.clone(), PartWeights::with_meaning());
        let building = building.elapsed().as_secs_f64();
        let asked: Vec<&ProfileVector> = vectors
            .iter()
            .step_by((vectors.len() / arguments.questions.max(1)).max(1))
            .take(arguments.questions)
            .collect();
        let (_, by_words) = timed(&index, &asked);
        let index = index.with_meanings(meanings);
        let (whole, all_vectors) = timed(&index.clone().scanned_from(usize::MAX), &asked);
        let (scanned, scan) = timed(&index.scanned_from(0), &asked);
        assert_eq!(whole, scanned, "the scan changes no answer");
        println!("{:9} {by_words:12.2} {all_vectors:16.2} {scan:14.2} {building:12.1}", vectors.len());
    }
    Ok(())
}

/// Who is found, and the median of the times in milliseconds.
fn timed(index: &ProfileIndex, asked: &[&ProfileVector]) -> (Vec<Vec<CreatorId>>, f64) {
    let mut times = Vec::new();
    let found = asked.iter().map(|of| {
        let begun = Instant::now();
        let found = index.similar(of, &Search::default()).unwrap_or_default();
        times.push(1e3 * begun.elapsed().as_secs_f64());
        found.iter().map(|found| found.id).collect()
    });
    let found = found.collect();
    (found, median(&mut times).unwrap_or(f64::NAN))
}

fn profile(place: usize) -> ProfileVector {
    let draw = |what: u64| Seed::new("alike").with(place as u64).with(what);
    let niche = draw(0).get() % NICHES;
    let caption: Vec<String> = (1..=WORDS)
        .map(|what| match draw(what).unit() {
            // The common ones are said by many, and some by most.
            common if common < 0.6 => format!("word{}", (draw(what + 100).unit().powi(4) * 20_000.0) as u64),
            _ => format!("#niche{niche}x{}", draw(what + 200).get() % 50),
        })
        .collect();
    let views = 10_f64.powf(2.0 + 4.0 * draw(300).unit()) as u64;
    let reactions = [20, 500, 900, 1_500].map(|part| Some(views / part));
    let caption = caption.join(" ");
    let post =
        KnownPost { caption: &caption, duration: Some(30), views: Some(views), reactions, ..KnownPost::default() };
    let known = Known { id: id(place), bio: "", posts: &[post], followers: Some(views), language: None, region: None };
    ProfileVector::of(&known)
}

/// A vector of length 1 near that of the creator's niche.
fn direction(place: usize, dimensions: usize) -> Vec<f32> {
    let own = Seed::new("alike").with(place as u64);
    let niche = Seed::new("niche").with(own.with(0).get() % NICHES);
    let number = |at: u64| niche.with(at).unit() - 0.5 + 0.8 * (own.with(at + 1_000).unit() - 0.5);
    let numbers: Vec<f64> = (0..dimensions as u64).map(number).collect();
    let length = numbers.iter().map(|number| number * number).sum::<f64>().sqrt();
    numbers.into_iter().map(|number| (number / length) as f32).collect()
}

fn id(place: usize) -> CreatorId {
    i64::try_from(place + 1).ok().and_then(|id| CreatorId::try_from(id).ok()).expect("places are small")
}
