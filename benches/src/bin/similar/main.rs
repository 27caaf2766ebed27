//! Times the search among millions of vectors: one question, many at once, behind a filter, and keeping them.

use std::{
    collections::BTreeSet,
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use clap::Parser;
use compass_core::{
    CreatorId,
    recommend::{DamagedVectors, Near, VectorError, Vectors},
};
use rayon::{ThreadPool, ThreadPoolBuilder};
use serde_json::{Value, json};

const D: usize = 128;
/// How many are looked for.
const MOST: usize = 10;

/// Searches vectors of 128 numbers, and prints the times as JSON.
///
/// The folder holds base.f32 and query.f32 (little-endian, one vector after the other) and truth.u32 (the ten nearest of each
/// question, by place): benches/peers/similar.py makes them.
#[derive(Debug, Parser)]
#[command(name = "similar")]
struct Arguments {
    /// The folder with the vectors.
    folder: PathBuf,
    /// How many questions are asked one after the other.
    #[arg(long, default_value_t = 100)]
    single: usize,
    /// On how many threads.
    #[arg(long, default_value_t = 2)]
    threads: usize,
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("{}: {cause}; benches/peers/similar.py makes the folder", .path.display())]
    File { path: PathBuf, cause: io::Error },
    #[error("no threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    #[error(transparent)]
    Vector(#[from] VectorError),
    #[error("what was written cannot be read: {0}")]
    Damaged(#[from] DamagedVectors),
}

fn main() -> ExitCode {
    match measure(&Arguments::parse()) {
        Ok(figures) => {
            println!("{figures}");
            ExitCode::SUCCESS
        }
        Err(trouble) => {
            eprintln!("similar: {trouble}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> Result<Value, Trouble> {
    let file = |name: &str| {
        let path = arguments.folder.join(name);
        fs::read(&path).map_err(|cause| Trouble::File { path, cause })
    };
    let base = vectors_of(&file("base.f32")?);
    let questions = vectors_of(&file("query.f32")?);
    let truth: Vec<u32> = file("truth.u32")?.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect();
    let pool = |threads| ThreadPoolBuilder::new().num_threads(threads).build();
    let (one, all) = (pool(1)?, pool(arguments.threads)?);

    let mut vectors = Vectors::<D>::new();
    let inserting = Instant::now();
    for (place, vector) in base.iter().enumerate() {
        vectors.insert(id(place), vector)?;
    }
    let inserting = inserting.elapsed().as_secs_f64();
    drop(base);

    let singles = &questions[..arguments.single.min(questions.len())];
    let (found, single) = asked(&one, singles, |question| vectors.search(question, MOST))?;
    let (_, on_all) = asked(&all, singles, |question| vectors.search(question, MOST))?;
    let batch = Clocks::start();
    let answers = all.install(|| vectors.search_many(&questions, MOST))?;
    let (batch, batch_cpu) = batch.seconds();
    let few: Vec<CreatorId> = (0..vectors.len()).step_by(100).map(id).collect();
    let (_, among_few) = asked(&one, singles, |question| vectors.search_among(question, MOST, &few))?;
    let (_, behind_half) =
        asked(&one, singles, |question| vectors.search_where(question, MOST, |id| id.get() & 1 == 0))?;

    let changing = Instant::now();
    for (place, vector) in questions.iter().enumerate() {
        vectors.remove(id(place));
        vectors.insert(id(place), vector)?;
    }
    let changing = changing.elapsed().as_secs_f64() / questions.len() as f64;
    let path = arguments.folder.join("vectors.compass");
    let writing = Instant::now();
    write(&path, &vectors.to_bytes()).map_err(|cause| Trouble::File { path: path.clone(), cause })?;
    let writing = writing.elapsed().as_secs_f64();
    let reading = Instant::now();
    let kept = fs::read(&path).map_err(|cause| Trouble::File { path, cause })?;
    let again = Vectors::<D>::from_bytes(&kept)?;
    let reading = reading.elapsed().as_secs_f64();
    assert_eq!(again.search(&questions[0], MOST)?, vectors.search(&questions[0], MOST)?);
    Ok(json!({
        "creators": vectors.len(),
        "recall": recall(&found, &truth),
        "batch_recall": recall(&answers, &truth),
        "single_ms": single.0,
        "single_cpu_ms": single.1,
        "single_all_threads_ms": on_all.0,
        "batch_per_second": questions.len() as f64 / batch,
        "batch_cpu_ms": 1e3 * batch_cpu / questions.len() as f64,
        "among_a_hundredth_ms": among_few.0,
        "behind_a_half_ms": behind_half.0,
        "insert_all_s": inserting,
        "replace_one_us": 1e6 * changing,
        "write_s": writing,
        "read_s": reading,
        "bytes": kept.len(),
    }))
}

/// Milliseconds a question, by the clock and of the processor.
type Cost = (f64, f64);

fn asked(
    pool: &ThreadPool,
    questions: &[Vec<f32>],
    search: impl Fn(&[f32]) -> Result<Vec<Near>, VectorError> + Sync,
) -> Result<(Vec<Vec<Near>>, Cost), VectorError> {
    let clocks = Clocks::start();
    let found: Result<Vec<_>, _> = pool.install(|| questions.iter().map(|question| search(question)).collect());
    let (wall, cpu) = clocks.seconds();
    let each = 1e3 / questions.len() as f64;
    Ok((found?, (wall * each, cpu * each)))
}

/// The share of the ten nearest that were found.
fn recall(found: &[Vec<Near>], truth: &[u32]) -> f64 {
    let hits = found.iter().zip(truth.chunks(MOST)).map(|(found, truth)| {
        let truth: BTreeSet<CreatorId> = truth.iter().map(|&place| id(place as usize)).collect();
        found.iter().filter(|near| truth.contains(&near.id)).count()
    });
    hits.sum::<usize>() as f64 / (found.len() * MOST) as f64
}

fn id(place: usize) -> CreatorId {
    i64::try_from(place + 1).ok().and_then(|id| CreatorId::try_from(id).ok()).expect("places are small")
}

fn vectors_of(bytes: &[u8]) -> Vec<Vec<f32>> {
    let (numbers, _) = bytes.as_chunks();
    numbers.chunks_exact(D).map(|vector| vector.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()).collect()
}

/// Whole or not at all, as a host keeps them.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

struct Clocks {
    wall: Instant,
    cpu: f64,
}

impl Clocks {
    fn start() -> Self {
        Self { wall: Instant::now(), cpu: cpu() }
    }

    fn seconds(&self) -> (f64, f64) {
        (self.wall.elapsed().as_secs_f64(), cpu() - self.cpu)
    }
}

/// Processor time of all threads in seconds, to a hundredth; not a number where the system does not tell.
fn cpu() -> f64 {
    const TICKS_A_SECOND: f64 = 100.0;
    let told = fs::read_to_string("/proc/self/stat").ok();
    // After the program's name, which may hold anything, user and system time are the 12th and 13th field.
    let ticks = told.as_deref().and_then(|told| told.rsplit_once(')')).map(|(_, fields)| {
        fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>()
    });
    ticks.map_or(f64::NAN, |ticks| ticks / TICKS_A_SECOND)
}
