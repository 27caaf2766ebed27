//! CSV: what RFC 4180 and spreadsheets ask, and what is said of bad rows.

use std::process::{Command, Stdio};

use compass_core::exchange::{CsvReader, ExchangeError, MAX_LINE, Row};

use super::{Format, observations, refused};

/// The files of the hard texts: profiles and posts.
fn files() -> [String; 2] {
    let files = Format::Csv.export(&[observations::hard()]);
    let [profiles, posts] = files.try_into().unwrap();
    [profiles, posts].map(|file| String::from_utf8(file).unwrap())
}

/// What Python's own `csv` makes of a file, row by row.
fn read_by_python(file: &str) -> Vec<Vec<String>> {
    let program = "import csv, io, json, sys\n\
                   text = sys.stdin.buffer.read().decode('utf-8')\n\
                   print(json.dumps(list(csv.reader(io.StringIO(text, newline=''), strict=True))))";
    let mut python = Command::new("python3")
        .args(["-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is there: scripts/test installs it");
    let mut stdin = python.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, file.as_bytes()).unwrap();
    drop(stdin);
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn another_reader_finds_the_same_cells() {
    let [profiles, posts] = files();
    let profiles = read_by_python(&profiles);
    assert_eq!(profiles[0][..4], ["creator", "handle", "nickname", "bio"]);
    assert_eq!(profiles.len(), 1 + observations::HARD.len());
    let posts = read_by_python(&posts);
    let at = |name: &str| posts[0].iter().position(|column| column == name).unwrap();
    for ((profile, post), text) in profiles.iter().zip(&posts).skip(1).zip(observations::HARD) {
        let plain = |cell: &str| cell.strip_prefix('\'').unwrap_or(cell).to_owned();
        assert_eq!((plain(&profile[2]), plain(&profile[3])), (text.to_owned(), text.to_owned()));
        assert_eq!(plain(&post[at("caption")]), text);
        let hashtags: Vec<String> = serde_json::from_str(&post[at("hashtags")]).unwrap();
        assert_eq!(hashtags, [text, "tea"]);
        assert_eq!((profile.len(), post.len()), (profiles[0].len(), posts[0].len()));
    }
}

#[test]
fn lines_end_as_rfc_4180_says() {
    let [profiles, _] = files();
    assert!(profiles.ends_with("\r\n"));
    assert!(profiles.starts_with(
        "creator,handle,nickname,bio,verified,private,language,created_at,observed_at,source,followers_lo,followers_hi,\
         following_lo,following_hi,likes_lo,likes_hi,videos_lo,videos_hi,recorded_at\r\n\
         1,ada,,,false,true,',,2026-05-01T12:00:00.000001Z,page,38490,38490,,,,,,,\r\n"
    ));
}

/// The texts of OWASP's page on CSV injection, and what is trimmed to them.
#[test]
fn no_cell_is_a_formula() {
    for file in files() {
        for cell in read_by_python(&file).into_iter().flatten() {
            let bare = cell.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
            assert!(!cell.starts_with(['\t', '\r', '\n']), "{cell:?}");
            assert!(!bare.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']), "{cell:?}");
        }
    }
}

#[test]
fn the_guard_stands_only_where_it_is_needed() {
    let [profiles, _] = files();
    let rows = read_by_python(&profiles);
    for (row, text) in rows.iter().skip(1).zip(observations::HARD) {
        let begins = text.trim_start_matches(['\t', '\r', '\n', ' ', '\u{FEFF}']);
        let needs = begins.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\'']);
        assert_eq!(row[2], if needs { format!("'{text}") } else { text.to_owned() });
    }
}

#[test]
fn what_a_spreadsheet_saved_is_read() {
    let [profiles, _] = files();
    let whole: Vec<Row> = CsvReader::new(profiles.as_bytes()).unwrap().map(Result::unwrap).collect();
    let saved = profiles.replace(",false,true,", ",FALSE,TRUE,").replace("\r\n", "\n");
    // A line break within a text is changed, too, which is why only other rows are compared.
    let saved = format!("\u{FEFF}{saved}");
    let read: Vec<Row> = CsvReader::new(saved.as_bytes()).unwrap().map(Result::unwrap).collect();
    assert_eq!(read[..9], whole[..9]);
    // Columns in another order.
    let mut rows = read_by_python(&profiles);
    rows.truncate(5);
    rows.iter_mut().for_each(|row| row.reverse());
    let turned =
        rows.iter().map(|row| row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect::<Vec<_>>());
    let turned = turned.map(|row| row.join(",") + "\r\n").collect::<String>();
    let read: Vec<Row> = CsvReader::new(turned.as_bytes()).unwrap().map(Result::unwrap).collect();
    assert_eq!(read, whole[..4]);
}

#[test]
fn a_bad_row_is_told_with_its_field_and_the_next_one_is_read() {
    let [profiles, _] = files();
    let row = "1,ada,,,false,true,',,2026-05-01T12:00:00.000001Z,page,38490,38490,,,,,,,\r\n";
    for (from, to, detail) in [
        (",38490,38490,", ",3.8E4,38490,", r#"followers_lo: "3.8E4" is no whole number"#),
        (",38490,38490,", ",38490,,", "followers_lo: a counter has both bounds"),
        (",38490,38490,", ",38490,38489,", "followers_lo: count range 38490 to 38489 is reversed"),
        ("1,ada", "7.06E+18,ada", r#"creator: "7.06E+18" is no whole number of digits alone; a spreadsheet keeps"#),
        ("1,ada", "0,ada", r#"creator: "0" is not a numeric id from 1"#),
        ("1,ada", ",ada", "creator: it is empty"),
        ("1,ada", "1,a da", r#"handle: "a da": a handle has only"#),
        ("false", "no", r#"verified: "no" is no flag"#),
        ("page", "hearsay", r#"source: "hearsay": it is none of data_download, display_api, page"#),
        ("2026-05-01T12:00:00.000001Z", "1 May 2026", "observed_at: \"1 May 2026\" is no moment such as"),
        (",ada,,", ",ada,x\0y,", "nickname: text contains a NUL character"),
        (",',,", ",x\0y,,", "language: \"x\\0y\" has a NUL in it; take it out"),
        (",ada,,", ",ada,a,b,", "it has 20 cells, and the header 19"),
    ] {
        let bad = profiles.replacen(row, &row.replacen(from, to, 1), 1);
        let (found, failed) = refused(Format::Csv, bad.as_bytes());
        let [refusal] = found.as_slice() else { panic!("{to}: {found:?}") };
        assert_eq!((refusal.item.as_deref(), failed), (Some("line 2"), None), "{to}");
        assert!(refusal.detail.contains(detail), "{detail:?} is not in {:?}", refusal.detail);
        assert_eq!(Format::Csv.rows(bad.as_bytes()).unwrap().count(), observations::HARD.len());
    }
    let mut bytes = profiles.clone().into_bytes();
    let at = profiles.find("ada,,,").unwrap() + 4;
    bytes.insert(at, 0xE4);
    let (found, _) = refused(Format::Csv, &bytes);
    assert!(found[0].detail.contains("nickname: it is not UTF-8"), "{found:?}");
}

#[test]
fn a_file_of_something_else_says_so() {
    let [profiles, _] = files();
    for (file, said) in [
        (String::new(), "it is empty"),
        ("Date,Followers\r\nMay 1,3\r\n".to_owned(), r#"it has the columns "Date", "Followers""#),
        (profiles.replacen("bio,", "", 1), r#""bio" is missing"#),
        (profiles.replacen("bio,", "bio,mood,", 1), r#""mood" is none of them; take it out"#),
        (profiles.replacen("bio,", "bio,bio,", 1), r#""bio" is there twice"#),
    ] {
        let (_, failed) = refused(Format::Csv, file.as_bytes());
        assert!(failed.as_ref().is_some_and(|failed| failed.contains(said)), "{said:?} is not in {failed:?}");
    }
}

#[test]
fn a_quote_that_is_not_closed_takes_no_memory() {
    let [profiles, _] = files();
    let endless = format!("{profiles}2,ada,\"{}", "x\r\n".repeat(MAX_LINE));
    let (_, failed) = refused(Format::Csv, endless.as_bytes());
    assert!(failed.is_some_and(|failed| failed.contains("is there a quote that is not closed?")));
    let error = CsvReader::new("x".repeat(2 * MAX_LINE).as_bytes()).unwrap_err();
    assert!(matches!(error, ExchangeError::Cut(_)), "{error}");
}

#[test]
fn a_row_that_is_cut_is_refused() {
    for file in files() {
        let rows = Format::Csv.rows(file.as_bytes()).unwrap().count();
        let last = file.trim_end().rfind("\r\n").unwrap() + 2;
        for length in last + 1..file.trim_end().len() {
            let (found, _) = refused(Format::Csv, &file.as_bytes()[..length]);
            assert_eq!(found.len(), 1, "cut after {length} bytes of {}", file.len());
            assert_eq!(Format::Csv.rows(&file.as_bytes()[..length]).unwrap().count(), rows);
        }
    }
}
