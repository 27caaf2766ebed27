//! Export, import into an empty store, export: the same observations, the same bytes.

use compass_core::{
    Batch, BatchId,
    exchange::{Batches, Row},
    ports::{CorpusStore as _, Recorded},
    samples::World,
    testing::MemoryStore,
};
use proptest::prelude::*;

use super::{Format, MOST, all, imported, observations};

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

/// Whether the export of a store that was filled from an export is the same.
async fn comes_back(batch: &Batch) {
    let store = MemoryStore::default();
    store.record_batch(BatchId::of(batch, b"as given").unwrap(), batch).await.unwrap();
    let kept = all(&store).await;
    for format in Format::ALL {
        let files = format.export(&kept);
        let copy = imported(format, &files).await;
        assert_eq!(all(&copy).await, kept, "{format:?}");
        assert!(format.export(&all(&copy).await) == files, "{format:?} has other bytes");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn whatever_is_kept_comes_back(batch in observations::batch()) {
        run(comes_back(&batch));
    }
}

#[test]
fn texts_that_are_hard_to_keep_come_back() {
    run(comes_back(&observations::hard()));
}

#[test]
fn days_of_sample_creators_come_back() {
    let at = "2026-05-01T12:00:00Z".parse().unwrap();
    run(comes_back(&World::standard().creators().iter().flat_map(|creator| creator.history(at, 5)).collect()));
}

#[test]
fn nothing_comes_back_as_nothing() {
    run(comes_back(&Batch::default()));
    for format in Format::ALL {
        let empty = format.export(&[]);
        assert!(empty.iter().all(|file| format.rows(file).unwrap().next().is_none()), "{format:?}");
    }
}

#[test]
fn a_format_is_read_as_the_next_one_writes_it() {
    let batch = observations::hard();
    let rows = |format: Format, files: &[Vec<u8>]| -> Vec<Row> {
        files.iter().flat_map(|file| format.rows(file).unwrap().collect::<Vec<_>>()).map(Result::unwrap).collect()
    };
    let [jsonl, csv, parquet] = Format::ALL.map(|format| rows(format, &format.export(std::slice::from_ref(&batch))));
    assert_eq!(jsonl.len(), batch.profiles.len() + batch.looks.len());
    assert_eq!(jsonl, csv);
    assert_eq!(csv, parquet);
}

/// Rows are numbered over row groups, of which a large export has several.
#[test]
fn an_export_of_several_row_groups_comes_back() {
    let at = "2026-05-01T12:00:00Z".parse().unwrap();
    let day = Batch::from_iter([World::standard().creators()[0].snapshot(at, 40, compass_core::SourceKind::Sample)]);
    let times = 70_000 / day.looks.len() + 1;
    let files = Format::Parquet.export(&vec![day.clone(); times]);
    let rows = Format::Parquet.rows(&files[1]).unwrap();
    let mut parts = Batches::new(rows, day.looks.len());
    assert!(parts.all(|part| part.unwrap().batch.looks == day.looks));
    assert_eq!(Format::Parquet.rows(&files[1]).unwrap().count(), times * day.looks.len());
}

#[test]
fn an_import_that_was_broken_off_goes_on_where_it_stopped() {
    run(async {
        let batch = observations::hard();
        let file = Format::Jsonl.export(&[batch]).remove(0);
        let store = MemoryStore::default();
        let parts = || Batches::new(Format::Jsonl.rows(&file).unwrap(), MOST as usize).map(|part| part.unwrap().batch);
        for part in parts().take(4) {
            store.record_batch(BatchId::of(&part, &[]).unwrap(), &part).await.unwrap();
        }
        let half = all(&store).await;
        let mut added = 0;
        for part in parts() {
            let Recorded { profiles, videos } =
                store.record_batch(BatchId::of(&part, &[]).unwrap(), &part).await.unwrap();
            added += profiles + videos;
        }
        assert!(!half.is_empty() && added == 64, "{added}");
        assert_eq!(all(&store).await.iter().map(|batch| batch.profiles.len() + batch.looks.len()).sum::<usize>(), 64);
        // With a salt each observation is looked at again, and none is new.
        for part in parts() {
            let again = store.record_batch(BatchId::of(&part, b"again").unwrap(), &part).await.unwrap();
            assert_eq!(again, Recorded { profiles: 0, videos: 0 });
        }
    });
}
