use std::io::Cursor;

use compass_scrape::studio::{Import, ImportOptions};

use super::{ada, exported_on, fixtures, import, of_ada, only, reasons};

/// Language, month and day, and the day as CLDR 47 writes it in that language, from Babel 2.18; some with the digits of the
/// script, some with the month's name as it stands alone.
const DAYS: &str = include_str!("days.tsv");

#[test]
fn days_are_read_in_sixteen_languages() {
    let mut languages = std::collections::BTreeSet::new();
    for line in DAYS.lines() {
        let mut fields = line.split('\t');
        let (language, day, text) = (fields.next().unwrap(), fields.next().unwrap(), fields.next().unwrap());
        languages.insert(language);
        // The month before, as a name alone may be of one month in Polish and of another in Croatian.
        let before = match day[..2].parse::<u8>().unwrap() {
            1 => String::new(),
            month => format!("\n2024-{:02}-01,6", month - 1),
        };
        let table = format!("Date,Followers{before}\n\"{text}\",7");
        let imported = import("2024-12-31", &[("FollowerHistory.csv", table.as_bytes())]);
        assert!(imported.refused.is_empty(), "{line}: {:?}", imported.refused);
        let read = only(&imported).days.keys().next_back().map(ToString::to_string);
        assert_eq!(read, Some(format!("2024-{day}")), "{line}");
    }
    assert_eq!(languages.len(), 16);
}

#[test]
fn a_range_over_new_year_gets_two_years() {
    let imported = import("2026-01-02", &[("Overview.csv", fixtures::OVERVIEW.as_bytes())]);
    let days: Vec<String> = only(&imported).days.keys().map(ToString::to_string).collect();
    assert_eq!(days, ["2025-12-30", "2025-12-31", "2026-01-01"]);
}

#[test]
fn the_name_of_the_zip_tells_the_year() {
    let zip = fixtures::zip(&[("Overview.csv", fixtures::OVERVIEW.as_bytes())]);
    let mut import = Import::new(ImportOptions::default());
    // 1767311999 is 2026-01-01T23:59:59Z.
    import.add(
        "Overview_2025-12-30_1767311999_ada.zip",
        "Overview_2025-12-30_1767311999_ada.zip",
        None,
        Cursor::new(&zip),
    );
    let imported = import.finish(None);
    let own = only(&imported);
    assert_eq!((own.handle.as_str(), own.days.len()), ("ada", 3));
    assert_eq!(
        (exported_on(own), own.days.keys().next().unwrap().to_string()),
        ("2026-01-02".to_owned(), "2025-12-30".to_owned())
    );
    assert!(imported.notes.is_empty(), "{:?}", imported.notes);
}

#[test]
fn a_name_that_contradicts_the_rows_is_refused() {
    let zip = fixtures::zip(&[("Overview.csv", fixtures::OVERVIEW.as_bytes())]);
    let mut import = Import::new(ImportOptions::default());
    import.add("zip", "Overview_2024-12-30_1767311999_ada.zip", None, Cursor::new(&zip));
    let imported = import.finish(None);
    assert_eq!(reasons(&imported.refused), [("Overview.csv", "wrong_year")]);
}

#[test]
fn exports_of_one_download_share_the_day_that_one_name_tells() {
    let (overview, followers) = (
        fixtures::zip(&[("Overview.csv", fixtures::OVERVIEW.as_bytes())]),
        fixtures::zip(&[("FollowerHistory.csv", fixtures::HISTORY.as_bytes())]),
    );
    let mut import = Import::new(ImportOptions::default());
    let copied = "2028-06-01".parse().ok();
    import.add("b.zip", "Followers_ada.zip", copied, Cursor::new(&followers));
    import.add("a.zip", "Overview_2025-12-30_1767311999_ada.zip", copied, Cursor::new(&overview));
    let imported = import.finish(None);
    let own = only(&imported);
    assert_eq!(own.days.len(), 3, "the same days");
    assert_eq!(own.looks().count(), 2);
}

#[test]
fn an_older_zip_is_not_dated_by_the_name_of_a_younger_one() {
    let overview = fixtures::zip(&[("Overview.csv", fixtures::OVERVIEW.as_bytes())]);
    let followers = fixtures::zip(&[("FollowerHistory.csv", fixtures::HISTORY.as_bytes())]);
    let mut import = Import::new(ImportOptions::default());
    import.add("b.zip", "Followers_ada.zip", "2025-01-03".parse().ok(), Cursor::new(&followers));
    import.add("a.zip", "Overview_2025-12-30_1767311999_ada.zip", "2026-01-03".parse().ok(), Cursor::new(&overview));
    let imported = import.finish(None);
    let days: Vec<String> = only(&imported)
        .days
        .iter()
        .filter(|(_, day)| day.followers.is_some())
        .map(|(day, _)| day.to_string())
        .collect();
    assert_eq!(days, ["2024-12-31", "2025-01-01"]);
}

#[test]
fn tables_of_one_folder_are_as_old_as_their_files() {
    let mut import = Import::new(ImportOptions { handle: Some(ada()), ..ImportOptions::default() });
    import.add("folder", "Overview.csv", "2025-01-03".parse().ok(), Cursor::new(fixtures::OVERVIEW));
    import.add("folder", "FollowerHistory.csv", "2026-01-03".parse().ok(), Cursor::new(fixtures::HISTORY));
    let imported = import.finish(None);
    let first = |told: fn(&compass_core::OwnDay) -> bool| {
        only(&imported).days.iter().find(|(_, day)| told(day)).map(|(day, _)| day.to_string())
    };
    assert_eq!(first(|day| day.views.is_some()).as_deref(), Some("2024-12-30"));
    assert_eq!(first(|day| day.followers.is_some()).as_deref(), Some("2025-12-31"));
}

#[test]
fn the_time_of_the_file_is_evidence_that_is_told() {
    let mut import = Import::new(ImportOptions { handle: Some(ada()), ..ImportOptions::default() });
    let modified = "2026-06-01".parse().ok();
    import.add("Overview.csv", "Overview.csv", modified, Cursor::new(fixtures::OVERVIEW));
    let imported = import.finish(None);
    let own = only(&imported);
    assert_eq!(own.days.keys().next_back().unwrap().to_string(), "2026-01-01");
    assert_eq!(exported_on(own), "2026-01-02", "the day after the last one, not that of the copy");
    assert!(imported.notes[0].contains("2026-06-01"), "{:?}", imported.notes);
}

#[test]
fn without_evidence_the_refusal_says_how_to_mend_it() {
    let mut import = Import::new(ImportOptions { handle: Some(ada()), ..ImportOptions::default() });
    import.add("Overview.csv", "Overview.csv", None, Cursor::new(fixtures::OVERVIEW));
    import.add("FollowerGender.csv", "FollowerGender.csv", None, Cursor::new(fixtures::GENDER));
    let imported = import.finish(None);
    assert!(imported.creators.is_empty());
    assert_eq!(reasons(&imported.refused), [("", "missing_year"), ("", "missing_day")]);
    assert!(imported.refused.iter().all(|refused| refused.detail.contains("give the day of the export")));
}

#[test]
fn days_with_years_need_no_evidence() {
    let mut import = Import::new(ImportOptions { handle: Some(ada()), ..ImportOptions::default() });
    let table = "Date,Followers\n2025-12-31,5010\n2026-01-01,5013";
    import.add("FollowerHistory.csv", "FollowerHistory.csv", None, Cursor::new(table));
    let imported = import.finish(None);
    assert_eq!(exported_on(only(&imported)), "2026-01-02");
}

#[test]
fn a_leap_day_in_an_ordinary_year_is_refused() {
    let table = "Date,Followers\nFebruary 28,1\nFebruary 29,2\nMarch 1,3";
    let imported = import("2026-03-02", &[("FollowerHistory.csv", table.as_bytes())]);
    assert_eq!(reasons(&imported.refused), [("FollowerHistory.csv", "wrong_year")]);
    let imported = import("2024-03-02", &[("FollowerHistory.csv", table.as_bytes())]);
    assert!(only(&imported).days.contains_key(&"2024-02-29".parse().unwrap()));
}

#[test]
fn rows_that_name_no_day_are_refused_one_by_one() {
    let table = "Date,Followers\nMay 1,1\nSmay 2,2\nMay 3,3\nMay 3,4";
    let mut import = Import::new(of_ada("2026-05-04"));
    import.add("FollowerHistory.csv", "FollowerHistory.csv", None, Cursor::new(table));
    let imported = import.finish(None);
    assert_eq!(reasons(&imported.refused), [("line 3", "not_a_day"), ("line 5", "duplicate")]);
    assert_eq!(only(&imported).days.len(), 2);
}

#[test]
fn years_after_the_export_are_refused() {
    let history = "Date,Followers\n2027-01-01,7";
    let imported = import("2026-05-04", &[("FollowerHistory.csv", history.as_bytes())]);
    assert_eq!(reasons(&imported.refused), [("FollowerHistory.csv", "wrong_year")]);
    let mut import = Import::new(ImportOptions { handle: Some(ada()), ..ImportOptions::default() });
    import.add("FollowerHistory.csv", "FollowerHistory.csv", "2026-05-04".parse().ok(), Cursor::new(history));
    assert_eq!(reasons(&import.finish(None).refused), [("", "wrong_year")]);
}

#[test]
fn a_month_that_is_another_one_in_croatian_is_not_guessed() {
    let october = "Date,Followers\n2. listopada,7\n3. listopada,8";
    let imported = import("2026-12-04", &[("FollowerHistory.csv", october.as_bytes())]);
    assert_eq!(reasons(&imported.refused), [("FollowerHistory.csv", "ambiguous_month")]);
    let polish = "Date,Followers\n31 października,7\n1 listopada,8";
    let imported = import("2026-12-04", &[("FollowerHistory.csv", polish.as_bytes())]);
    assert_eq!(only(&imported).days.keys().next_back().map(ToString::to_string).as_deref(), Some("2026-11-01"));
}

#[test]
fn a_table_without_days_is_dated_by_the_time_of_its_file_with_a_note() {
    let mut import = Import::new(ImportOptions { handle: Some(ada()), ..ImportOptions::default() });
    import.add("FollowerGender.csv", "FollowerGender.csv", "2026-05-04".parse().ok(), Cursor::new(fixtures::GENDER));
    let imported = import.finish(None);
    assert_eq!(exported_on(only(&imported)), "2026-05-04");
    assert!(imported.notes.len() == 1 && imported.notes[0].contains("2026-05-04"), "{:?}", imported.notes);
}

#[test]
fn a_table_whose_file_was_changed_soon_after_its_end_keeps_its_year() {
    // The day on which most tables end, that of their files, the day on which the last table ends, and that of its file.
    for (others, of_others, end, of_file, year) in [
        ("January 1", "2025-01-03", "January 1", "2026-01-03", "2026"),
        ("January 31", "2026-02-01", "February 28", "2026-03-01", "2026"),
        ("February 27", "2026-02-28", "March 2", "2026-03-03", "2026"),
        // Unpacked together: a later export, or one that lies too near to the others to be of another year.
        ("January 31", "2026-04-01", "March 15", "2026-04-01", "2026"),
        ("January 31", "2026-11-22", "February 28", "2026-11-22", "2026"),
        ("February 27", "2026-11-22", "April 18", "2026-11-22", "2025"),
    ] {
        let mut import = Import::new(ImportOptions { handle: Some(ada()), ..ImportOptions::default() });
        let rows = |head: &str, day: &str, cells: &str| Cursor::new(format!("{head}\n{day},{cells}"));
        let modified = of_others.parse().ok();
        import.add("folder", "Overview.csv", modified, rows("Date,Video Views,Likes", others, "1,1"));
        import.add("folder", "Viewers.csv", modified, rows("Date,Total Viewers", others, "5"));
        import.add("folder", "FollowerHistory.csv", of_file.parse().ok(), rows("Date,Followers", end, "7"));
        let imported = import.finish(None);
        let last = only(&imported).days.iter().find(|(_, day)| day.followers.is_some()).map(|(day, _)| day.to_string());
        assert_eq!(last.unwrap()[..4], *year, "{end} of a file of {of_file}");
        assert_eq!(imported.notes.iter().any(|note| note.contains("it is taken to end on")), year == "2025");
    }
}

#[test]
fn two_tables_that_end_together_are_not_those_that_are_of_another_year() {
    let mut import = Import::new(ImportOptions { handle: Some(ada()), ..ImportOptions::default() });
    for (file, table) in [
        ("Overview.csv", "Date,Video Views,Likes\nFebruary 27,1,1"),
        ("Viewers.csv", "Date,Total Viewers\nFebruary 27,5"),
        ("FollowerActivity.csv", "Date,Hour,Active followers\nFebruary 27,5,5"),
        ("FollowerHistory.csv", "Date,Followers\nApril 18,7"),
        ("Overview (1).csv", "Date,Video Views,Likes\nApril 18,9,9"),
    ] {
        import.add("folder", file, "2026-11-22".parse().ok(), Cursor::new(table));
    }
    let imported = import.finish(None);
    let days: Vec<String> = only(&imported).days.keys().map(ToString::to_string).collect();
    assert_eq!(days, ["2026-02-27", "2026-04-18"]);
}
