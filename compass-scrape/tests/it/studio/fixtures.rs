//! Exports in the shapes of TikTok Studio, written for these tests.

use std::io::{Cursor, Write as _};

use zip::{ZipWriter, write::SimpleFileOptions};

pub(super) const OVERVIEW: &str = "\u{FEFF}\"Date\",\"Video Views\",\"Profile Views\",\"Likes\",\"Comments\",\"Shares\"\n\
    \"December 30\",\"100\",\"5\",\"10\",\"-1\",\"2\"\n\
    \"December 31\",\"200\",\"6\",\"20\",\"3\",\"0\"\n\
    \"January 1\",\"300\",\"7\",\"30\",\"-4\",\"1\"";

pub(super) const HISTORY: &str = "\u{FEFF}\"Date\",\"Followers\",\"Difference in followers from previous day\"\n\
    \"December 30\",\"undefined\",\"0\"\n\
    \"December 31\",\"5010\",\"-1\"\n\
    \"January 1\",\"5013\",\"3\"";

pub(super) const GENDER: &str =
    "\u{FEFF}\"Gender\",\"Distribution\"\n\"Female\",\"0.59\"\n\"Male\",\"0.41\"\n\"Other\",\"0\"";

pub(super) const TERRITORIES: &str =
    "\u{FEFF}\"Top territories\",\"Distribution\"\n\"US\",\"0.462\"\n\"GB\",\"0.2\"\n\"Others\",\"0.338\"";

pub(super) const VIEWERS: &str = "\u{FEFF}\"Date\",\"Total Viewers\",\"New Viewers\",\"Returning Viewers\"\n\
    \"December 31\",\"undefined\",\"0\",\"0\"\n\
    \"January 1\",\"30\",\"20\",\"10\"";

/// The post's id holds 2025-12-20T10:00:00Z: 1766224800 shifted by 32 bits, and 7.
pub(super) const POST: u64 = (1_766_224_800 << 32) + 7;

pub(super) fn content(title: &str) -> String {
    format!(
        "\u{FEFF}\"Time\",\"Video title\",\"Video link\",\"Post time\",\"Total likes\",\"Total comments\",\
         \"Total shares\",\"Total views\"\n\
         \"January 2\",\"{title}\",\"https://www.tiktok.com/@ada/video/{POST}\",\"December 20\",\"533\",\"32\",\"16\",\
         \"191265\""
    )
}

/// Two days of hours, of which the last six had not been counted.
pub(super) fn activity() -> String {
    let mut table = "\u{FEFF}\"Date\",\"Hour\",\"Active followers\"".to_owned();
    for (day, number) in ["December 31", "January 1"].into_iter().zip(0..) {
        for hour in 0..24 {
            let followers = if number == 1 && hour >= 18 { 0 } else { 100 + hour };
            table += &format!("\n\"{day}\",\"{hour}\",\"{followers}\"");
        }
    }
    table
}

/// A ZIP of files, each deflated.
pub(super) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A workbook with one sheet, of the parts that every reader needs.
pub(super) fn workbook(sheet: &str, rows: &str) -> Vec<u8> {
    workbook_with(sheet, rows, &[])
}

/// The same with several sheets.
pub(super) fn workbook_of(sheets: &[(&str, &str)]) -> Vec<u8> {
    workbook_of_parts(sheets, &[])
}

/// The same with one sheet and further parts.
pub(super) fn workbook_with(sheet: &str, rows: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    workbook_of_parts(&[(sheet, rows)], more)
}

fn workbook_of_parts(sheets: &[(&str, &str)], more: &[(&str, &[u8])]) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let types = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#;
    let rels = format!(
        r#"<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
    );
    let (mut list, mut book_rels, mut parts) = (String::new(), String::new(), Vec::new());
    for (number, (sheet, rows)) in (1..).zip(sheets) {
        list += &format!(r#"<sheet name="{sheet}" sheetId="{number}" r:id="rId{number}"/>"#);
        book_rels += &format!(
            r#"<Relationship Id="rId{number}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>"#
        );
        let cells = format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>"#);
        parts.push((format!("xl/worksheets/sheet{number}.xml"), cells));
    }
    let book = format!(r#"<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{list}</sheets></workbook>"#);
    let book_rels = format!(r#"<Relationships xmlns="{RELATIONS}">{book_rels}</Relationships>"#);
    // Number format 14 is a date in Excel's own list.
    let styles = format!(
        r#"<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>"#
    );
    let mut files: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", rels.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", book_rels.as_bytes()),
        ("xl/styles.xml", styles.as_bytes()),
    ];
    files.extend(parts.iter().map(|(name, cells)| (name.as_str(), cells.as_bytes())));
    files.extend(more);
    zip(&files)
}

/// A row of text cells, as SheetJS writes them.
pub(super) fn row(number: usize, cells: &[&str]) -> String {
    let cell = |(column, text): (char, &&str)| format!(r#"<c r="{column}{number}" t="str"><v>{text}</v></c>"#);
    let cells: String = ('A'..).zip(cells).map(cell).collect();
    format!(r#"<row r="{number}">{cells}</row>"#)
}
