//! Whatever a file holds, it is read or refused, and what is read is sound. The fuzz target `studio` asks this, too.

use std::io::Cursor;

use compass_core::{
    Count,
    analytics::{ReportOptions, Subject},
};
use compass_scrape::studio::{Import, ImportOptions, Imported};
use jiff::Timestamp;

/// Names that decide what a file is taken for.
const NAMES: [&str; 9] = [
    "Overview.csv",
    "FollowerHistory.csv",
    "FollowerActivity.csv",
    "FollowerGender.csv",
    "FollowerTopTerritories.csv",
    "Content.csv",
    "Overview.xlsx",
    "Overview_2025-02-28_1772236799_ada.zip",
    "user_data_tiktok.json",
];

/// Reads a file of one export of @ada, made on 2026-01-02.
pub(crate) fn read(file: &str, bytes: &[u8]) -> Imported {
    let mut import = Import::new(ImportOptions {
        exported_on: "2026-01-02".parse().ok(),
        handle: "ada".parse().ok(),
        max_bytes: 1 << 20,
        ..ImportOptions::default()
    });
    import.add(file, file, None, Cursor::new(bytes));
    import.finish(None)
}

/// The first byte chooses the name, the others are the file.
pub(crate) fn assert_bytes_are_sound(bytes: &[u8]) {
    if let Some((name, bytes)) = bytes.split_first() {
        assert_sound(read(NAMES[usize::from(*name) % NAMES.len()], bytes));
    }
}

/// What is kept is sound, and a report can be made of it.
pub(crate) fn assert_sound(imported: Imported) {
    for own in imported.creators {
        for day in own.days.values() {
            assert!([day.followers, day.viewers].into_iter().flatten().all(Count::is_exact));
        }
        for post in &own.posts {
            assert!(post.video.created_at <= post.observed_at);
            let counts = post.counts;
            assert!(counts.likes.zip(counts.views).is_none_or(|(likes, views)| likes.lo() <= views.hi()));
        }
        let handle = own.handle.clone();
        let subject = Subject { handle, profile: None, history: Vec::new(), videos: Vec::new(), own: Some(own) };
        if let Some(as_of) = subject.newest(Timestamp::MAX) {
            let report = subject.report(as_of, &ReportOptions::default());
            assert!(report.own.is_some() && report.id.is_none());
        }
    }
}
