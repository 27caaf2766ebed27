use std::io::Cursor;

use compass_core::{Count, OwnDay};
use compass_scrape::studio::{Import, ImportOptions, Imported};

use super::{fixtures, import, of_ada, only, reasons};

fn import_workbook(sheet: &str, rows: &str) -> Imported {
    import("2026-05-04", &[("download.xlsx", &fixtures::workbook(sheet, rows))])
}

fn days(imported: &Imported) -> Vec<(String, OwnDay)> {
    assert!(imported.refused.is_empty(), "{:?}", imported.refused);
    only(imported).days.iter().map(|(day, figures)| (day.to_string(), *figures)).collect()
}

#[test]
fn a_workbook_of_texts_is_the_table_that_it_shows() {
    let rows = fixtures::row(1, &["Date", "Video Views", "Likes"])
        + &fixtures::row(2, &["May 1", "1591", "-1"])
        + &fixtures::row(3, &["May 2", "undefined", "10"]);
    let imported = import_workbook("Overview", &rows);
    let days = days(&imported);
    assert_eq!((days[0].1.views, days[0].1.likes), (Some(1_591), Some(-1)));
    assert_eq!((days[1].0.as_str(), days[1].1.views, days[1].1.likes), ("2026-05-02", None, Some(10)));
}

#[test]
fn cells_may_be_numbers_dates_and_shared_texts() {
    let strings = r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="2" uniqueCount="2"><si><t>Date</t></si><si><t>Followers</t></si></sst>"#;
    // Excel counts days from 1899-12-30: 46143 is 2026-05-01.
    let rows = r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>
        <row r="2"><c r="A2" s="1"><v>46143</v></c><c r="B2"><v>5010</v></c></row>
        <row r="4"><c r="A4" s="1"><v>46144</v></c><c r="B4" t="inlineStr"><is><t>5,013</t></is></c></row>"#;
    let book = fixtures::workbook_with("x", rows, &[("xl/sharedStrings.xml", strings.as_bytes())]);
    let mut import = Import::new(ImportOptions { exported_on: None, ..of_ada("2026-05-04") });
    import.add("download.xlsx", "download.xlsx", None, Cursor::new(book));
    let imported = import.finish(None);
    let days = days(&imported);
    assert_eq!((days[0].0.as_str(), days[0].1.followers), ("2026-05-01", Count::exact(5_010).ok()));
    assert_eq!((days[1].0.as_str(), days[1].1.followers), ("2026-05-02", Count::exact(5_013).ok()));
}

#[test]
fn formulas_are_not_evaluated() {
    let rows = fixtures::row(1, &["Date", "Likes"])
        + r#"<row r="2"><c r="A2" t="str"><v>May 1</v></c><c r="B2"><f>1+1</f><v>7</v></c></row>
             <row r="3"><c r="A3" t="str"><v>May 2</v></c><c r="B3"><f>WEBSERVICE("http://127.0.0.1")</f></c></row>
             <row r="4"><c r="A4" t="str"><v>May 3</v></c><c r="B4" t="str"><v>=1+1</v></c></row>"#;
    let imported = import_workbook("Overview", &rows);
    assert_eq!(reasons(&imported.refused), [("download.xlsx line 4", "not_a_number")]);
    let likes: Vec<Option<i64>> = only(&imported).days.values().map(|day| day.likes).collect();
    assert_eq!(likes, [Some(7), None], "what the file had stored, and nothing");
}

#[test]
fn the_sheet_names_a_table_with_translated_headings() {
    let rows = fixtures::row(1, &["Datum", "Följare", "Skillnad"]) + &fixtures::row(2, &["1 maj", "7", "1"]);
    assert_eq!(days(&import_workbook("FollowerHistory", &rows))[0].1.followers, Count::exact(7).ok());
}

#[test]
fn a_workbook_may_stand_in_a_zip() {
    let rows = fixtures::row(1, &["Date", "Likes"]) + &fixtures::row(2, &["May 1", "7"]);
    let zip = fixtures::zip(&[("Overview.xlsx", &fixtures::workbook("Overview", &rows))]);
    assert_eq!(days(&import("2026-05-04", &[("Overview_ada.zip", &zip)]))[0].1.likes, Some(7));
}

#[test]
fn cells_at_the_end_of_the_sheet_take_no_room() {
    let rows = fixtures::row(1, &["Date", "Likes"])
        + r#"<row r="1048576"><c r="A1048576" t="str"><v>May 1</v></c><c r="B1048576" t="str"><v>7</v></c><c r="XFD1048576"><v>1</v></c></row>"#;
    let imported = import_workbook("Overview", &rows);
    assert_eq!(reasons(&imported.refused), [("download.xlsx line 1048576", "unknown_column")]);
    assert_eq!(only(&imported).days.values().map(|day| day.likes).collect::<Vec<_>>(), [Some(7)]);
}

#[test]
fn cells_beside_the_table_are_told_and_lose_no_day() {
    let rows = fixtures::row(1, &["Date", "Likes"])
        + &fixtures::row(2, &["May 1", "7", "", "a note", "and more"])
        + r#"<row r="3"><c r="E3" t="str"><v>a remark</v></c></row>"#
        + &fixtures::row(4, &["May 2", "8"]);
    let imported = import_workbook("Overview", &rows);
    let beside = |line| (format!("download.xlsx line {line}"), "unknown_column".to_owned());
    let refused: Vec<_> = imported.refused.iter().map(|r| (r.item.clone().unwrap(), r.reason.clone())).collect();
    assert_eq!(refused, [beside(2), beside(3)]);
    assert!(imported.refused[0].detail.contains("from column 4 on"), "{:?}", imported.refused[0]);
    assert_eq!(only(&imported).days.values().map(|day| day.likes).collect::<Vec<_>>(), [Some(7), Some(8)]);
}

#[test]
fn every_sheet_of_a_workbook_is_read_or_refused() {
    let overview = fixtures::row(1, &["Date", "Likes"]) + &fixtures::row(2, &["May 1", "7"]);
    let gender = fixtures::row(1, &["Gender", "Distribution"]) + &fixtures::row(2, &["Female", "0.6"]);
    let notes = fixtures::row(1, &["what", "why"]) + &fixtures::row(2, &["a", "b"]);
    let translated = fixtures::row(1, &["Datum", "Visningar"]) + &fixtures::row(2, &["1 maj", "7"]);
    let book = fixtures::workbook_of(&[
        ("Sheet1", &overview),
        ("Followers", &gender),
        ("My notes", &notes),
        ("Empty", ""),
        ("Blad", &translated),
    ]);
    // Its name tells nothing of the sheets after the first.
    let imported = import("2026-05-04", &[("Overview.xlsx", &book)]);
    let expected =
        [("Overview.xlsx sheet \"My notes\"", "unknown_table"), ("Overview.xlsx sheet \"Blad\"", "unknown_table")];
    assert_eq!(reasons(&imported.refused), expected);
    let own = only(&imported);
    assert_eq!(own.days.values().map(|day| day.likes).collect::<Vec<_>>(), [Some(7)]);
    assert_eq!(super::newest(own).followers.dimensions.len(), 1);

    let same = [("x", overview.as_str()); 17];
    let imported = import("2026-05-04", &[("Overview.xlsx", &fixtures::workbook_of(&same))]);
    assert_eq!(reasons(&imported.refused), [("Overview.xlsx", "malformed")]);
}

#[test]
fn workbooks_that_promise_or_hold_too_much_are_refused() {
    let head = fixtures::row(1, &["Date", "Likes"]);
    let promise = br#"<sst uniqueCount="18446744073709551615"><si><t>x</t></si></sst>"#;
    let book = fixtures::workbook_with("Overview", &head, &[("xl/sharedStrings.xml", promise)]);
    let imported = import("2026-05-04", &[("Overview.xlsx", &book)]);
    assert_eq!(reasons(&imported.refused), [("Overview.xlsx", "malformed")]);

    let blank = vec![b' '; 4 << 20];
    let bomb = fixtures::workbook_with("Overview", &head, &[("xl/theme/theme1.xml", &blank)]);
    let mut import = Import::new(ImportOptions { max_bytes: 1 << 20, ..of_ada("2026-05-04") });
    import.add("Overview.xlsx", "Overview.xlsx", None, Cursor::new(bomb));
    assert_eq!(reasons(&import.finish(None).refused), [("", "too_large")]);
}

#[test]
fn a_text_that_is_stored_once_and_stands_in_every_cell_takes_room_in_each() {
    let book = |length: usize, cells: usize| {
        let strings = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(length));
        let row = |line: usize| format!(r#"<row r="{line}"><c r="A{line}" t="s"><v>0</v></c></row>"#);
        let rows: String = (2..2 + cells).map(row).collect();
        let rows = fixtures::row(1, &["Date", "Likes"]) + &rows;
        fixtures::workbook_with("Overview", &rows, &[("xl/sharedStrings.xml", strings.as_bytes())])
    };
    for (length, cells, reason) in [(60_000, 100, "too_large"), (70_000, 1, "malformed")] {
        let mut import = Import::new(ImportOptions { max_bytes: 1 << 20, ..of_ada("2026-05-04") });
        import.add("Overview.xlsx", "Overview.xlsx", None, Cursor::new(book(length, cells)));
        assert_eq!(reasons(&import.finish(None).refused), [("", reason)]);
    }
}

#[test]
fn broken_workbooks_are_refused() {
    for (name, rows) in [
        ("cut", "<row r=\"1\"><c r=\"A1\" t=\"str\"><v>Date"),
        ("no cell", ""),
        ("bad place", "<row><c r=\"??\"><v>1</v></c></row>"),
    ] {
        let imported = import_workbook("Overview", rows);
        assert!(imported.creators.is_empty() && imported.refused.len() == 1, "{name}: {imported:?}");
    }
}

#[test]
fn what_is_only_called_a_workbook_is_called_so() {
    let imported = super::import("2026-01-02", &[("Overview.xlsx", b"\x01\xff")]);
    assert_eq!(reasons(&imported.refused), [("Overview.xlsx", "malformed")]);
    assert!(imported.refused[0].detail.contains("no workbook"), "{:?}", imported.refused);
}

#[test]
fn the_name_of_the_file_tells_the_first_sheet_where_more_were_added() {
    let viewers = fixtures::row(1, &["Datum", "Tittare", "Nya", "Återkommande"])
        + &fixtures::row(2, &["1 maj", "30", "20", "10"]);
    let notes = fixtures::row(1, &["vad", "varför", "när", "hur"]) + &fixtures::row(2, &["a", "b", "c", "d"]);
    let book = fixtures::workbook_of(&[("Blad1", &viewers), ("Notes", &notes)]);
    let imported = import("2026-05-04", &[("Viewers.xlsx", &book)]);
    assert_eq!(reasons(&imported.refused), [("Viewers.xlsx sheet \"Notes\"", "unknown_table")]);
    assert_eq!(only(&imported).days.values().map(|day| day.viewers).collect::<Vec<_>>(), [Count::exact(30).ok()]);

    // What a sheet is called tells more than the name of the file.
    let history = fixtures::row(1, &["Datum", "Följare", "Skillnad"]) + &fixtures::row(2, &["1 maj", "7", "1"]);
    let book = fixtures::workbook_of(&[("FollowerHistory", &history), ("Notes", &notes)]);
    let imported = import("2026-05-04", &[("Viewers.xlsx", &book)]);
    assert_eq!(only(&imported).days.values().map(|day| day.followers).collect::<Vec<_>>(), [Count::exact(7).ok()]);
}
