use std::io::{Cursor, Write as _};

use compass_scrape::studio::{Import, ImportOptions, Imported};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{fixtures, of_ada, only, reasons};

fn import_zip(name: &str, zip: Vec<u8>) -> Imported {
    let mut import = Import::new(of_ada("2026-01-02"));
    import.add(name, name, None, Cursor::new(zip));
    import.finish(None)
}

#[test]
fn files_of_a_zip_are_read_stored_or_deflated_in_any_folder() {
    let deflated = fixtures::zip(&[("export/Overview.csv", fixtures::OVERVIEW.as_bytes())]);
    let mut stored = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    stored.start_file("Overview.csv", options).unwrap();
    stored.write_all(fixtures::OVERVIEW.as_bytes()).unwrap();
    for zip in [deflated, stored.finish().unwrap().into_inner()] {
        let imported = import_zip("Overview_ada.zip", zip);
        assert_eq!((only(&imported).days.len(), imported.refused.len()), (3, 0));
    }
}

#[test]
fn what_the_system_put_beside_the_files_is_no_matter() {
    let zip = fixtures::zip(&[
        ("Overview.csv", fixtures::OVERVIEW.as_bytes()),
        ("__MACOSX/._Overview.csv", b"\0\x05\x16\x07"),
        (".DS_Store", b"\0\0\0\x01Bud1"),
    ]);
    assert!(import_zip("Overview_ada.zip", zip).refused.is_empty());
}

#[test]
fn names_that_lead_elsewhere_are_refused_and_nothing_is_written() {
    let names =
        ["../Overview.csv", "/etc/Overview.csv", "a/../../Overview.csv", "..\\Overview.csv", "C:\\Overview.csv"];
    for name in names {
        let zip = fixtures::zip(&[
            (name, fixtures::OVERVIEW.as_bytes()),
            ("FollowerHistory.csv", fixtures::HISTORY.as_bytes()),
        ]);
        let imported = import_zip("Overview_ada.zip", zip);
        assert_eq!(imported.refused.len(), 1, "{name}");
        assert_eq!(imported.refused[0].reason, "unsafe_path", "{name}");
        assert!(only(&imported).days.values().all(|day| day.views.is_none()), "{name}");
    }
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.add_symlink("Overview.csv", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    let imported = import_zip("Overview_ada.zip", zip.finish().unwrap().into_inner());
    assert_eq!(reasons(&imported.refused), [("Overview.csv", "unsafe_path")]);
}

#[test]
fn a_zip_that_unpacks_to_too_much_is_refused() {
    let zeros = vec![b'0'; 4 << 20];
    let bomb = fixtures::zip(&[("Overview.csv", &zeros), ("FollowerHistory.csv", fixtures::HISTORY.as_bytes())]);
    assert!(bomb.len() < 64 << 10, "a thousandth of what it unpacks to");
    let mut import = Import::new(ImportOptions { max_bytes: 1 << 20, ..of_ada("2026-01-02") });
    import.add("bomb.zip", "bomb.zip", None, Cursor::new(bomb));
    let imported = import.finish(None);
    // What comes after it has no room left.
    assert_eq!(reasons(&imported.refused), [("Overview.csv", "too_large"), ("FollowerHistory.csv", "too_large")]);
    assert!(imported.refused[0].detail.contains("1048576"));
}

#[test]
fn a_zip_of_very_many_files_is_refused_as_a_whole() {
    let names: Vec<String> = (0..300).map(|i| format!("{i}.csv")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b"Date,Likes\n"[..])).collect();
    let imported = import_zip("many.zip", fixtures::zip(&files));
    assert_eq!(reasons(&imported.refused), [("", "too_large")]);
}

#[test]
fn cells_that_take_more_room_than_their_text_are_refused() {
    let table = format!("Date,Likes\n{}", ",\n".repeat(100_000));
    let mut import = Import::new(ImportOptions { max_bytes: 1 << 20, ..of_ada("2026-01-02") });
    import.add("Overview.csv", "Overview.csv", None, Cursor::new(table));
    assert_eq!(reasons(&import.finish(None).refused), [("", "too_large")]);
    let wide = format!("Date,Likes{}\nMay 1,1", ",".repeat(64));
    let imported = super::import("2026-05-04", &[("Overview.csv", wide.as_bytes())]);
    assert_eq!(reasons(&imported.refused), [("Overview.csv", "malformed")]);
}

#[test]
fn a_size_that_lies_is_no_way_around_the_limit() {
    let zeros = vec![b'0'; 4 << 20];
    let mut bomb = fixtures::zip(&[("Overview.csv", &zeros)]);
    // The size before packing stands in the header of the file and in the directory at the end.
    let size = (4_u32 << 20).to_le_bytes();
    let places: Vec<usize> = bomb.windows(4).enumerate().filter(|(_, four)| *four == size).map(|(at, _)| at).collect();
    assert_eq!(places.len(), 2, "both places were found");
    for place in places {
        bomb[place..place + 4].copy_from_slice(&10_u32.to_le_bytes());
    }
    let mut import = Import::new(ImportOptions { max_bytes: 1 << 20, ..of_ada("2026-01-02") });
    import.add("bomb.zip", "bomb.zip", None, Cursor::new(bomb));
    let imported = import.finish(None);
    assert!(imported.creators.is_empty());
    assert_eq!(imported.refused.len(), 1, "{:?}", imported.refused);
}

#[test]
fn a_zip_within_a_zip_is_refused() {
    let inner = fixtures::zip(&[("Overview.csv", fixtures::OVERVIEW.as_bytes())]);
    let imported = import_zip("all.zip", fixtures::zip(&[("Overview_ada.zip", &inner)]));
    assert_eq!(reasons(&imported.refused), [("Overview_ada.zip", "nested_archive")]);
    assert!(imported.refused[0].detail.contains("unpack it"));
}

#[test]
fn damaged_and_strange_archives_are_refused() {
    let whole = fixtures::zip(&[("Overview.csv", fixtures::OVERVIEW.as_bytes())]);
    let cut = whole[..whole.len() / 2].to_vec();
    let mut flipped = whole.clone();
    flipped[50] ^= 0xFF;
    for (zip, name) in [(b"PK\x03\x04....".to_vec(), "short"), (cut, "cut"), (flipped, "flipped")] {
        let imported = import_zip("x.zip", zip);
        assert!(imported.creators.is_empty(), "{name}");
        assert_eq!(imported.refused[0].reason, "damaged", "{name}: {:?}", imported.refused);
    }
    let imported = import_zip("x.zip", fixtures::zip(&[("page.html", b"<html></html>"), ("a.pdf", b"%PDF-1.4")]));
    assert_eq!(reasons(&imported.refused), [("page.html", "unknown_format"), ("a.pdf", "unknown_format")]);
    let empty = ZipWriter::new(Cursor::new(Vec::new())).finish().unwrap().into_inner();
    assert!(import_zip("x.zip", empty).creators.is_empty());
}

#[test]
fn an_export_of_two_accounts_is_refused() {
    let content = fixtures::content("tea");
    let mut import = Import::new(ImportOptions { exported_on: "2026-01-02".parse().ok(), ..ImportOptions::default() });
    let zip = fixtures::zip(&[("Content.csv", content.as_bytes())]);
    import.add("Content_bob.zip", "Content_bob.zip", None, Cursor::new(zip));
    let imported = import.finish(None);
    assert_eq!(reasons(&imported.refused), [("", "handle_conflict")]);
    assert!(imported.refused[0].detail.contains("@ada and @bob"), "{:?}", imported.refused);
}

#[test]
fn exports_of_several_accounts_are_several_creators() {
    let zip = fixtures::zip(&[("Overview.csv", fixtures::OVERVIEW.as_bytes())]);
    let mut import = Import::new(ImportOptions { exported_on: "2026-01-02".parse().ok(), ..ImportOptions::default() });
    for handle in ["ada", "bob"] {
        import.add(handle, &format!("Overview_{handle}.zip"), None, Cursor::new(&zip));
    }
    import.add("nobodys.csv", "FollowerGender.csv", None, Cursor::new(fixtures::GENDER));
    let imported = import.finish(None);
    let handles: Vec<&str> = imported.creators.iter().map(|own| own.handle.as_str()).collect();
    assert_eq!(handles, ["ada", "bob"]);
    assert_eq!(reasons(&imported.refused), [("", "missing_handle")]);
    assert!(imported.refused[0].detail.contains("give the handle"));
}

#[test]
fn named_tables_of_one_folder_are_the_exports_that_their_names_tell() {
    let table = |views: u32| format!("\"Date\",\"Video Views\"\n\"February 28\",\"{views}\"\n\"March 1\",\"{views}\"");
    let mut import = Import::new(ImportOptions::default());
    // 1740873599 is 2025-03-01T23:59:59Z, and 1772409599 is that of 2026.
    import.add("f", "Overview_2025-02-28_1740873599_ada.csv", None, Cursor::new(table(1)));
    import.add("f", "Overview_2026-02-28_1772409599_ada.csv", None, Cursor::new(table(2)));
    let imported = import.finish(None);
    assert!(imported.refused.is_empty(), "{:?}", imported.refused);
    let views: Vec<_> = only(&imported).days.iter().map(|(day, of)| (day.to_string(), of.views.unwrap())).collect();
    let expected = [("2025-02-28", 1), ("2025-03-01", 1), ("2026-02-28", 2), ("2026-03-01", 2)];
    assert_eq!(views, expected.map(|(day, views)| (day.to_owned(), views)));
}

#[test]
fn named_tables_of_two_accounts_in_one_folder_are_two_creators() {
    let named = |kind: &str, handle: &str| format!("{kind}_2025-12-30_1767311999_{handle}.csv");
    let content = fixtures::content("tea");
    for (file, table, refused) in [
        ("Overview.csv", fixtures::OVERVIEW, vec![("", "handle_conflict")]),
        ("Content.csv", content.as_str(), vec![("", "handle_conflict")]),
    ] {
        let mut import = Import::new(ImportOptions::default());
        import.add("f", &named("Overview", "ada"), None, Cursor::new(fixtures::OVERVIEW));
        import.add("f", &named("FollowerHistory", "bob"), None, Cursor::new(fixtures::HISTORY));
        import.add("f", file, None, Cursor::new(table));
        let imported = import.finish(None);
        let handles: Vec<&str> = imported.creators.iter().map(|own| own.handle.as_str()).collect();
        assert_eq!(handles, ["ada", "bob"]);
        assert!(imported.creators[0].days.values().all(|day| day.followers.is_none()));
        assert!(imported.creators[1].days.values().all(|day| day.views.is_none()));
        assert_eq!(reasons(&imported.refused), refused, "whose {file} is, nothing says");
    }
}

#[test]
fn a_zip_of_which_nothing_is_read_is_no_creator() {
    let zip = fixtures::zip(&[("../Content.csv", b"=1+1"), ("inner.zip", b"PK")]);
    let imported = import_zip("Content_2025-02-28_1772236799_ada.zip", zip);
    assert_eq!(imported.creators, []);
    assert_eq!(reasons(&imported.refused), [("../Content.csv", "unsafe_path"), ("inner.zip", "unknown_table")]);
}

#[test]
fn a_handle_that_an_export_contradicts_is_told() {
    let content = fixtures::content("tea");
    let mut import = Import::new(ImportOptions { handle: "bob".parse().ok(), ..super::of_ada("2026-01-02") });
    import.add("posts", "Content.csv", None, Cursor::new(content));
    import.add("days", "Overview.csv", None, Cursor::new(fixtures::OVERVIEW));
    let imported = import.finish(None);
    let handles: Vec<&str> = imported.creators.iter().map(|own| own.handle.as_str()).collect();
    assert_eq!(handles, ["ada", "bob"]);
    let [note] = imported.notes.as_slice() else { panic!("{:?}", imported.notes) };
    assert!(note.starts_with("posts: ") && note.contains("@ada") && note.contains("@bob"), "{note}");
}
