//! A creator's real export, in the folder that `COMPASS_CAPTURES` names; the expected numbers were counted with Python's csv
//! module, apart from this crate.

use std::{fs::File, io::Cursor, path::PathBuf};

use compass_core::{Count, OwnDay, analytics::Dimension};
use compass_scrape::studio::{Import, ImportOptions, Imported};

use super::{exported_on, fixtures, newest, only};

fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("COMPASS_CAPTURES").map(|folder| PathBuf::from(folder).join("studio"));
    if folder.is_none() {
        eprintln!("COMPASS_CAPTURES is not set: nothing was compared with a real export");
    }
    folder
}

const TABLES: [&str; 7] = [
    "Content.csv",
    "FollowerActivity.csv",
    "FollowerGender.csv",
    "FollowerHistory.csv",
    "FollowerTopTerritories.csv",
    "Overview.csv",
    "Viewers.csv",
];

fn imported(exported_on: Option<&str>, modified: Option<&str>) -> Option<Imported> {
    let folder = folder()?;
    let exported_on = exported_on.map(|day: &str| day.parse().unwrap());
    let mut import = Import::new(ImportOptions { exported_on, ..ImportOptions::default() });
    for table in TABLES {
        let file = File::open(folder.join(table)).unwrap();
        import.add("studio", table, modified.map(|day| day.parse().unwrap()), file);
    }
    Some(import.finish(None))
}

fn sum(imported: &Imported, figure: fn(&OwnDay) -> Option<i64>) -> i64 {
    only(imported).days.values().filter_map(figure).sum()
}

#[test]
fn a_year_of_a_real_creator_agrees_with_an_independent_count() {
    let Some(imported) = imported(Some("2026-02-28"), None) else { return };
    assert!(imported.refused.is_empty(), "{:?}", imported.refused);
    let own = only(&imported);
    assert_eq!(own.days.len(), 365);
    let (first, last) = (own.days.keys().next().unwrap(), own.days.keys().next_back().unwrap());
    assert_eq!((first.to_string(), last.to_string()), ("2025-02-28".to_owned(), "2026-02-27".to_owned()));
    let sums = [
        sum(&imported, |day| day.views),
        sum(&imported, |day| day.profile_views),
        sum(&imported, |day| day.likes),
        sum(&imported, |day| day.comments),
        sum(&imported, |day| day.shares),
    ];
    assert_eq!(sums, [2_946_198, 9_692, 23_673, 3_171, 2_372]);
    let undefined = own.days.values().take_while(|day| day.followers.is_none()).count();
    assert_eq!((undefined, own.days.values().filter(|day| day.followers.is_none()).count()), (25, 25));
    assert_eq!(own.days.values().nth(25).unwrap().followers, Count::exact(37).ok());
    assert_eq!(own.days.values().last().unwrap().followers, Count::exact(5_013).ok());
    assert_eq!(sum(&imported, |day| day.followers_gained), 4_976);
    let whole = |count: Option<Count>| count.map(|count| i64::try_from(count.lo()).unwrap());
    let people: [i64; 3] = [
        own.days.values().filter_map(|day| whole(day.viewers)).sum(),
        own.days.values().filter_map(|day| whole(day.new_viewers)).sum(),
        own.days.values().filter_map(|day| whole(day.returning_viewers)).sum(),
    ];
    assert_eq!(people, [2_550_981, 1_897_400, 653_581]);
    assert_eq!(own.days.values().filter(|day| day.viewers.is_none()).count(), 25);
}

#[test]
fn each_days_gain_is_the_difference_of_its_totals() {
    let Some(imported) = imported(Some("2026-02-28"), None) else { return };
    let days: Vec<&OwnDay> = only(&imported).days.values().collect();
    let pairs = days
        .windows(2)
        .filter_map(|pair| Some((pair[0].followers?.lo(), pair[1].followers?.lo(), pair[1].followers_gained?)));
    assert_eq!(pairs.clone().count(), 339);
    assert!(pairs.into_iter().all(|(before, after, gained)| after.cast_signed() - before.cast_signed() == gained));
}

#[test]
fn the_audience_of_a_real_creator_is_read() {
    let Some(imported) = imported(Some("2026-02-28"), None) else { return };
    let own = only(&imported);
    let gender = &newest(own).followers.dimensions[&Dimension::Gender];
    assert_eq!((gender.of("female"), gender.of("male"), gender.of("other")), (Some(0.59), Some(0.41), Some(0.0)));
    let territories = &newest(own).followers.dimensions[&Dimension::Territory];
    assert_eq!(
        (territories.of("US"), territories.of("EG"), territories.iter().count()),
        (Some(0.462), Some(0.219), 10)
    );
    assert_eq!(newest(own).active_hours.len(), 168);
    let uncounted: Vec<(String, u8)> = newest(own)
        .active_hours
        .iter()
        .filter(|h| h.followers.is_none())
        .map(|h| (h.day.to_string(), h.hour))
        .collect();
    assert_eq!(uncounted, [18, 19, 20, 21, 22, 23].map(|hour| ("2026-02-27".to_owned(), hour)));
    let counted: u64 = newest(own).active_hours.iter().filter_map(|hour| hour.followers).map(Count::lo).sum();
    assert_eq!(counted, 142_304);
}

#[test]
fn thirteen_real_posts_have_their_counters() {
    let Some(imported) = imported(Some("2026-02-28"), None) else { return };
    let posts = &only(&imported).posts;
    assert_eq!(posts.len(), 13);
    assert!(posts.iter().all(|post| post.observed_at.to_string() == "2026-02-28T12:00:00Z"));
    let sum = |count: fn(&compass_core::VideoObservation) -> Option<Count>| {
        posts.iter().map(|p| count(p).unwrap().lo()).sum::<u64>()
    };
    assert_eq!((sum(|p| p.counts.views), sum(|p| p.counts.likes)), (537_161, 4_063));
    // 7527623000473079054 >> 32 is 1752661308.
    let first = posts.iter().find(|post| post.video.id.get() == 7_527_623_000_473_079_054).unwrap();
    assert_eq!(first.video.created_at.as_second(), 1_752_661_308);
}

#[test]
fn the_time_of_the_files_gives_the_same_years() {
    let (Some(given), Some(by_file)) = (imported(Some("2026-02-28"), None), imported(None, Some("2026-11-22"))) else {
        return;
    };
    assert_eq!(only(&given).days, only(&by_file).days);
    assert_eq!(exported_on(only(&by_file)), "2026-02-28");
    assert_eq!((given.notes.len(), by_file.notes.len()), (0, 1));
}

#[test]
fn a_zip_of_it_under_its_real_name_is_the_same() {
    let (Some(folder), Some(given)) = (folder(), imported(Some("2026-02-28"), None)) else { return };
    let files: Vec<(&str, Vec<u8>)> = TABLES.map(|table| (table, std::fs::read(folder.join(table)).unwrap())).to_vec();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    let mut import = Import::new(ImportOptions::default());
    // 1772236799 is 2026-02-27T23:59:59Z. The links of the posts have to be of the same account as the name.
    let name = format!("Overview_2025-02-28_1772236799_{}.zip", only(&given).handle);
    import.add(&name, &name, None, Cursor::new(fixtures::zip(&files)));
    let imported = import.finish(None);
    assert!(imported.refused.is_empty(), "{:?}", imported.refused);
    assert_eq!(only(&imported).days, only(&given).days);
}

#[test]
fn a_real_workbook_is_read() {
    let Some(folder) = folder() else { return };
    let mut import = Import::new(super::of_ada("2025-04-19"));
    let file = "Overview-7-days.xlsx";
    import.add(file, file, None, File::open(folder.join(file)).unwrap());
    let imported = import.finish(None);
    assert!(imported.refused.is_empty(), "{:?}", imported.refused);
    let views: Vec<Option<i64>> = only(&imported).days.values().map(|day| day.views).collect();
    assert_eq!(only(&imported).days.keys().next().unwrap().to_string(), "2025-04-12");
    assert_eq!(views.len(), 7);
    assert_eq!(views[..4], [Some(1_591), Some(1_154), Some(1_737), Some(1_082)]);
}

#[test]
fn a_workbook_of_another_week_beside_it_is_told_and_spoils_no_figure() {
    let (Some(folder), Some(alone)) = (folder(), imported(None, Some("2026-11-22"))) else { return };
    let mut import = Import::new(ImportOptions::default());
    for table in TABLES.into_iter().chain(["Overview-7-days.xlsx"]) {
        import.add("studio", table, Some("2026-11-22".parse().unwrap()), File::open(folder.join(table)).unwrap());
    }
    let imported = import.finish(None);
    assert!(imported.refused.is_empty(), "{:?}", imported.refused);
    assert_eq!(only(&imported), only(&alone));
    for part in ["most of them end on 2026-02-27", "different figures of 7 days"] {
        assert!(imported.notes.iter().any(|note| note.contains(part)), "{part}: {:?}", imported.notes);
    }
}
