//! The rows of a CSV file, whose titles may have quotes that nobody escaped.

use super::{
    Bad,
    archive::Room,
    cell::{Cell, LONGEST_CELL, MOST_COLUMNS, Row},
};

/// Reads a table: UTF-8 with or without a mark of order, any ends of lines, separated by commas, semicolons or tabs.
///
/// A cell takes more room than its text, so that the cells are counted before there are any.
pub(super) fn rows(bytes: &[u8], room: &mut Room) -> Result<Vec<Row>, Bad> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) || bytes.contains(&0) {
        return Err(Bad::new("unknown_format", "it is not text in UTF-8; save it as \"CSV UTF-8\""));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|e| {
            let detail = format!("byte {} is not UTF-8; save it as \"CSV UTF-8\"", e.valid_up_to());
            Bad::new("unknown_format", detail)
        })?
        .trim_start_matches('\u{FEFF}');
    let separator = separator(text);
    let count = |sought: u8| memchr::memchr_iter(sought, text.as_bytes()).count();
    room.take("the table", (count(separator) + count(b'\n') + count(b'\r')) * size_of::<Cell>())?;
    let rows = if is_well_formed(text, separator) { well_formed(text, separator)? } else { unescaped(text, separator) };
    if let Some(row) = rows.iter().find(|row| row.cells.len() > MOST_COLUMNS) {
        let detail = format!("line {} has {} cells; no table of an export has as many", row.line, row.cells.len());
        return Err(Bad::new("malformed", detail));
    }
    match rows.iter().find(|row| row.cells.iter().any(|cell| cell.text().len() > LONGEST_CELL)) {
        Some(row) => {
            Err(Bad::new("malformed", format!("line {} has a cell of more than {LONGEST_CELL} bytes", row.line)))
        }
        None => Ok(rows),
    }
}

/// The sign that separates the headings; spreadsheets of many countries write semicolons.
fn separator(text: &str) -> u8 {
    let headings = text.lines().next().unwrap_or("");
    let count = |separator: u8| headings.bytes().filter(|b| *b == separator).count();
    *[b',', b';', b'\t'].iter().max_by_key(|separator| (count(**separator), **separator == b',')).unwrap_or(&b',')
}

/// Whether each quote opens a cell, closes it, or is doubled within it.
fn is_well_formed(text: &str, separator: u8) -> bool {
    let mut bytes = text.bytes().peekable();
    let mut at_start = true;
    while let Some(byte) = bytes.next() {
        if byte != b'"' {
            at_start = byte == separator || byte == b'\n' || byte == b'\r';
            continue;
        }
        if !at_start {
            return false;
        }
        loop {
            match bytes.next() {
                None => return false,
                Some(b'"') if bytes.peek() == Some(&b'"') => _ = bytes.next(),
                Some(b'"') => break,
                Some(_) => {}
            }
        }
        if bytes.peek().is_some_and(|next| *next != separator && !matches!(next, b'\n' | b'\r')) {
            return false;
        }
        at_start = false;
    }
    true
}

fn well_formed(text: &str, separator: u8) -> Result<Vec<Row>, Bad> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| Bad::new("malformed", format!("it is no table: {e}")))?;
        let line = record.position().map_or(0, csv::Position::line);
        let cells: Vec<Cell> = record.iter().map(|cell| Cell::Text(cell.to_owned())).collect();
        if cells.iter().any(|cell| !cell.text().is_empty()) {
            rows.push(Row { line: usize::try_from(line).unwrap_or(usize::MAX), cells });
        }
    }
    Ok(rows)
}

/// The rows of a table all of whose cells are quoted, with quotes in them as they are: a cell ends where a quote is
/// followed by a separator and the next quote, and a row where it has as many cells as there are headings.
fn unescaped(text: &str, separator: u8) -> Vec<Row> {
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let Some((number, headings)) = lines.next() else { return Vec::new() };
    let headings = row(number, headings, separator);
    let mut rows = Vec::new();
    let mut begun: Option<Begun> = None;
    for (number, line) in lines {
        match begun.take() {
            // A title goes on in the next line, unless that is a row of its own.
            Some(mut row)
                if row.text.len() <= LONGEST_CELL && !Begun::at(number, line).is_whole(&headings, separator) =>
            {
                row.go_on(line, separator);
                begun = Some(row);
            }
            Some(row) => {
                rows.push(row.end(separator));
                begun = Some(Begun::at(number, line));
            }
            None => begun = Some(Begun::at(number, line)),
        }
        if let Some(whole) = begun.take_if(|row| row.is_whole(&headings, separator)) {
            rows.push(whole.end(separator));
        }
    }
    rows.extend(begun.map(|row| row.end(separator)));
    rows.insert(0, headings);
    rows
}

/// A row as far as its lines are read. It knows how many cells they end, so that none is read again for each that follows.
struct Begun {
    line: usize,
    text: String,
    /// Where in the text the last line begins, after the quote that opens the row.
    last: usize,
    is_quoted: bool,
    /// Ends of cells in the lines before the last one.
    ends_before: usize,
}

impl Begun {
    fn at(line: usize, text: &str) -> Self {
        let is_quoted = text.starts_with('"');
        Self { line, text: text.to_owned(), last: usize::from(is_quoted), is_quoted, ends_before: 0 }
    }

    fn go_on(&mut self, line: &str, separator: u8) {
        self.ends_before += self.ends_in(&self.text[self.last..], separator);
        self.text.push('\n');
        self.last = self.text.len();
        self.text.push_str(line);
    }

    fn is_whole(&self, headings: &Row, separator: u8) -> bool {
        let last = self.text[self.last..].trim_end();
        let inner = if self.is_quoted { last.strip_suffix('"') } else { Some(last) };
        inner.is_some_and(|inner| self.ends_before + self.ends_in(inner, separator) + 1 >= headings.cells.len())
    }

    fn ends_in(&self, text: &str, separator: u8) -> usize {
        #[cfg(test)]
        tests::SEARCHED.set(tests::SEARCHED.get() + text.len());
        if self.is_quoted {
            text.matches(&between(separator)).count()
        } else {
            text.matches(char::from(separator)).count()
        }
    }

    fn end(self, separator: u8) -> Row {
        row(self.line, &self.text, separator)
    }
}

/// What stands between two quoted cells.
fn between(separator: u8) -> String {
    format!("\"{}\"", char::from(separator))
}

fn row(line: usize, text: &str, separator: u8) -> Row {
    let text_cell = |cell: &str| Cell::Text(cell.to_owned());
    let text = text.trim_end();
    let cells = match text.strip_prefix('"') {
        Some(inner) => inner.strip_suffix('"').unwrap_or(inner).split(&between(separator)).map(text_cell).collect(),
        None => text.split(char::from(separator)).map(text_cell).collect(),
    };
    Row { line, cells }
}

#[cfg(test)]
mod tests {
    use super::*;

    thread_local! {
        /// How many bytes were searched for the ends of cells.
        pub(super) static SEARCHED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    fn read(text: &str) -> Vec<(usize, Vec<String>)> {
        let texts = |row: Row| (row.line, row.cells.iter().map(|cell| cell.text().to_owned()).collect());
        rows(text.as_bytes(), &mut Room::new(1 << 20)).unwrap().into_iter().map(texts).collect()
    }

    fn cells(text: &str) -> Vec<Vec<String>> {
        read(text).into_iter().map(|(_, cells)| cells).collect()
    }

    #[test]
    fn marks_of_order_and_ends_of_lines_do_not_matter() {
        let expected = [["Date", "Likes"], ["May 1", "2"]];
        for text in [
            "\u{FEFF}\"Date\",\"Likes\"\n\"May 1\",\"2\"",
            "\u{FEFF}\"Date\",\"Likes\"\r\n\"May 1\",\"2\"\r\n",
            "Date,Likes\nMay 1,2\n\n\n",
            "Date;Likes\r\nMay 1;2",
            "Date\tLikes\nMay 1\t2",
        ] {
            assert_eq!(cells(text), expected, "{text:?}");
        }
    }

    #[test]
    fn quotes_that_nobody_escaped_stay_in_the_title() {
        let head = "\"Time\",\"Title\",\"Link\"\n";
        for (title, expected) in [
            (r#"he said "hi" to me"#, r#"he said "hi" to me"#),
            (r#""hi""#, r#""hi""#),
            (r#"5" nails, 6" nails"#, r#"5" nails, 6" nails"#),
            (r#"say ""hi"", twice"#, r#"say "hi", twice"#),
        ] {
            let text = format!("{head}\"May 1\",\"{title}\",\"x\"\n\"May 1\",\"next\",\"y\"");
            assert_eq!(cells(&text)[1], ["May 1", expected, "x"], "{title}");
            assert_eq!(cells(&text)[2], ["May 1", "next", "y"], "{title}");
        }
    }

    #[test]
    fn a_title_of_two_lines_is_one_cell() {
        let text = "\"Time\",\"Title\",\"Link\"\n\"May 1\",\"one\ntwo\",\"x\"\n\"May 2\",\"a \"b\"\nc\",\"y\"";
        let read = read(text);
        assert_eq!(read[1], (2, vec!["May 1".to_owned(), "one\ntwo".to_owned(), "x".to_owned()]));
        assert_eq!(read[2], (4, vec!["May 2".to_owned(), "a \"b\"\nc".to_owned(), "y".to_owned()]));
    }

    #[test]
    fn no_line_of_a_long_title_is_searched_again_for_each_that_follows() {
        // The second title is longer than a cell may be.
        for (lines, refused) in [(20_000, None), (100_000, Some("malformed"))] {
            let head = "\"Time\",\"Title\",\"Link\"\n";
            let text = format!("{head}\"May 1\",\"a \"b\"\n{}\"May 2\",\"c\",\"y\"", "x\n".repeat(lines));
            SEARCHED.set(0);
            let read = rows(text.as_bytes(), &mut Room::new(1 << 30));
            assert_eq!(read.err().map(|bad| bad.reason), refused);
            // Each as a row of its own, as the last line of what is begun, and as the one before the last. All of what is begun
            // with each line would be 10,000 times the text of the first title.
            let searched = SEARCHED.get();
            assert!((text.len() / 2..=3 * text.len()).contains(&searched), "{searched} of {}", text.len());
        }
    }

    #[test]
    fn what_is_not_utf_8_says_how_to_mend_it() {
        for bytes in [&b"\xFF\xFED\0"[..], b"Date,\xE9t\xE9", b"a\0b"] {
            let bad = rows(bytes, &mut Room::new(1 << 20)).unwrap_err();
            assert!(bad.reason == "unknown_format" && bad.detail.contains("CSV UTF-8"), "{bad:?}");
        }
    }
}
