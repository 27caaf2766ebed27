//! `compass import`: observations from files into the store.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use compass_core::{
    Batch, BatchId, ImportId, OwnData, Snapshot,
    analytics::Refused,
    app::{self, Brought},
    exchange::Batches,
    ports::{CorpusStore, ImportStore, Random as _, StoreError, SystemClock, SystemRandom},
};
use compass_scrape::replay::{RecordedCreator, Recording, ReplayOptions, read};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{
    Done, StoreFlags,
    own_export::{OwnExport, own_exports},
    refused_text::refused,
    report_text::plain,
    tally::Tally,
};
use crate::store::Store;

/// So many observations are recorded at a time.
const AT_ONCE: usize = 5_000;

/// So many refusals are kept to be told; the others are counted.
const REFUSALS: usize = 1_000;

/// Keep what was observed before: exports of `compass export`, saved pages, answers and lists of posts
///
/// An input is an export (JSON Lines, plain or gzipped, a CSV or Parquet file, or the folder of two; `-` is JSON Lines from
/// stdin), or anything that `compass analyze` reads. What it is, is seen from its content. What is kept already is not kept
/// twice, and an import that was broken off goes on where it stopped when it is run again.
///
/// Of an own export the audience alone is kept, and everybody who uses the service is shown it. The other figures are for whoever brings
/// the export when signed in.
///
/// The exit status is 0 if something was kept or known already, and every row of every export was taken.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// What was exported or saved
    #[arg(value_name = "INPUT", required_unless_present = "forget")]
    inputs: Vec<PathBuf>,
    /// When accounts were observed that do not say so themselves, such as 2026-05-01T12:00:00Z
    #[arg(long, value_name = "TIME")]
    observed_at: Option<Timestamp>,
    /// Look at each observation again, also where an import of the same ones has ended
    #[arg(long)]
    again: bool,
    /// Take away what an own export told, instead: its id is what the import of it said
    #[arg(long, value_name = "ID", conflicts_with_all = ["inputs", "observed_at", "again"])]
    forget: Option<Uuid>,
    #[command(flatten)]
    store: StoreFlags,
}

pub(super) async fn run(arguments: Arguments) -> Done {
    let config = arguments.store.load([])?;
    let store = Store::open(&config).await?;
    if let Some(id) = arguments.forget {
        let was_there = store.imports.delete(None, ImportId(id)).await?;
        store.close().await;
        eprintln!(
            "{}",
            if was_there { "it is taken away" } else { "error: the operator imported no own export of this id" }
        );
        return Ok(if was_there { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let mut import = Import::new(&*store.corpus, &*store.imports, arguments.again);
    let (exports, others) = own_exports(&arguments.inputs);
    for export in exports {
        match export {
            Ok(export) => import.export(export).await?,
            Err((input, why)) => import.fail(&input, &why),
        }
    }
    if !others.is_empty() {
        let options = ReplayOptions { observed_at: arguments.observed_at, ..ReplayOptions::default() };
        import.recording(read(&others, &options)).await?;
    }
    let status = import.end();
    store.close().await;
    Ok(status)
}

struct Import<'a> {
    corpus: &'a dyn CorpusStore,
    imports: &'a dyn ImportStore,
    salt: Vec<u8>,
    read: Tally,
    added: u64,
    refused: Vec<Refused>,
    more_refused: u64,
    /// An export of ours was not taken as a whole.
    is_partial: bool,
    /// An own export is there now, or was.
    is_something_kept: bool,
}

impl<'a> Import<'a> {
    fn new(corpus: &'a dyn CorpusStore, imports: &'a dyn ImportStore, again: bool) -> Self {
        let mut salt = vec![0; if again { 16 } else { 0 }];
        SystemRandom.fill(&mut salt);
        let (read, refused) = (Tally::new("read"), Vec::new());
        Self {
            corpus,
            imports,
            salt,
            read,
            added: 0,
            refused,
            more_refused: 0,
            is_partial: false,
            is_something_kept: false,
        }
    }

    /// Takes an export of ours, part by part.
    async fn export(&mut self, export: OwnExport) -> Result<(), StoreError> {
        let OwnExport { input, rows, .. } = export;
        for part in Batches::new(rows, AT_ONCE) {
            let part = match part {
                Ok(part) => part,
                Err(error) => {
                    self.fail(&input, &error);
                    break;
                }
            };
            for refusal in part.refused {
                self.is_partial = true;
                let (item, reason, detail) = (refusal.item, refusal.reason, refusal.detail);
                self.refuse(Refused { input: input.clone(), item, reason, detail });
            }
            self.record_all(&input, part.batch).await?;
        }
        Ok(())
    }

    /// Takes what was read of pages, lists and exports of own accounts.
    async fn recording(&mut self, recording: Recording) -> Result<(), StoreError> {
        let Recording { creators, refused, notes } = recording;
        notes.iter().for_each(|note| eprintln!("note: {}", plain(note)));
        refused.into_iter().for_each(|refused| self.refuse(refused));
        for mut creator in creators {
            let name = format!("@{}", creator.handle);
            if let Some(own) = creator.own.take() {
                self.own(&name, own).await?;
            }
            if let Err(why) = self.record(&batch(creator)).await? {
                self.refuse(of_creator(&name, "conflict", why.to_string()));
            }
        }
        Ok(())
    }

    /// Keeps the audiences that an own export tells of, for everybody: the operator brings it.
    async fn own(&mut self, name: &str, own: OwnData) -> Result<(), StoreError> {
        let bytes = serde_json::to_vec(&own).map_err(|why| StoreError::Invalid(why.to_string()))?;
        let brought = Brought { digest: Sha256::digest(&bytes).into(), own, refused: Vec::new() };
        match app::keep_export(self.imports, &SystemClock, &SystemRandom, None, brought).await {
            Ok((import, is_new)) => {
                self.is_something_kept = true;
                let known = if is_new { "" } else { ", known already" };
                let audiences =
                    if import.accepted == 1 { "1 audience" } else { &format!("{} audiences", import.accepted) };
                eprintln!("{name}: {audiences} of the own account{known}");
                eprintln!(
                    "note: everybody who asks this service for the audience of {name} is shown it; compass import --forget {} \
                     takes it away again",
                    import.id
                );
            }
            Err(why @ (StoreError::Invalid(_) | StoreError::Conflict(_))) => {
                self.refuse(of_creator(name, "own_export", why.to_string()));
            }
            Err(other) => return Err(other),
        }
        Ok(())
    }

    /// Keeps a batch; where it cannot be kept as a whole, of each account by itself, so that what is wrong with one keeps nothing of
    /// another from being kept.
    async fn record_all(&mut self, input: &str, batch: Batch) -> Result<(), StoreError> {
        if self.record(&batch).await?.is_ok() {
            return Ok(());
        }
        for (account, batch) in batch.by_account() {
            let Err(why) = self.record(&batch).await? else { continue };
            self.is_partial = true;
            let observations = batch.profiles.len() + batch.looks.len();
            let detail = format!("{why} ({observations} observations of the account were not taken)");
            let (input, item) = (input.to_owned(), Some(format!("account {account}")));
            self.refuse(Refused { input, item, reason: "not_kept".to_owned(), detail });
        }
        Ok(())
    }

    /// Keeps a batch; the inner error is one of the batch, the outer one of the store.
    async fn record(&mut self, batch: &Batch) -> Result<Result<(), StoreError>, StoreError> {
        if batch.is_empty() {
            return Ok(Ok(()));
        }
        let id = BatchId::of(batch, &self.salt).expect("each observation has its post");
        match self.corpus.record_batch(id, batch).await {
            Ok(recorded) => {
                self.read.add(batch);
                self.added += recorded.profiles + recorded.videos;
                Ok(Ok(()))
            }
            Err(why @ (StoreError::Invalid(_) | StoreError::Conflict(_))) => Ok(Err(why)),
            Err(other) => Err(other),
        }
    }

    fn refuse(&mut self, refused: Refused) {
        if self.refused.len() < REFUSALS {
            self.refused.push(refused);
        } else {
            self.more_refused += 1;
        }
    }

    /// Says what ends the import of an input.
    fn fail(&mut self, input: &str, why: &dyn std::error::Error) {
        self.is_partial = true;
        let mut detail = why.to_string();
        if let Some(cause) = why.source() {
            detail = format!("{detail}: {cause}");
        }
        self.refuse(Refused { input: input.to_owned(), item: None, reason: "unreadable".to_owned(), detail });
    }

    /// Says what came of it.
    fn end(self) -> ExitCode {
        self.read.tell();
        // A batch that an earlier run kept says what it added then.
        eprintln!("{} of them came to the store by this import, now or in an earlier run of it", self.added);
        for line in refused(&self.refused) {
            eprintln!("refused: {line}");
        }
        if self.more_refused > 0 {
            eprintln!("refused: {} more", self.more_refused);
        }
        if self.refused.iter().any(|refused| refused.reason == "missing_time") {
            eprintln!("note: --observed-at TIME says when an account was observed that does not say so itself");
        }
        if self.is_partial || self.read.total() == 0 && !self.is_something_kept && !self.refused.is_empty() {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        }
    }
}

/// What was observed of a creator; nothing if only an own export speaks of it.
fn batch(creator: RecordedCreator) -> Batch {
    let mut videos = creator.videos;
    let look = |profile| Snapshot {
        profile,
        videos: std::mem::take(&mut videos),
        refused: Vec::new(),
        block: None,
        disagreements: Vec::new(),
    };
    creator.profiles.into_iter().map(look).collect()
}

fn of_creator(name: &str, reason: &str, detail: String) -> Refused {
    Refused { input: name.to_owned(), item: None, reason: reason.to_owned(), detail }
}
