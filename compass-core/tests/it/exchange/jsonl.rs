//! JSON Lines: how they look, and what is said of bad ones.

use compass_core::{
    Batch, Count,
    exchange::{ExchangeError, Exporter as _, JsonlWriter, MAX_LINE, Row},
    ports::Random as _,
    testing::SeededRandom,
};
use serde_json::{Value, json};

use super::{Format, observations, refused, sound};

const HEADER: &str = r#"{"type":"header","schema":"compass.observations/1"}"#;
const POST: &str = r#"{"type":"post","creator":"7065","post":"7470546959699348744","created_at":"2025-02-12T14:57:40Z","created_at_derived":false,"kind":"video","duration":12,"caption":"tea","hashtags":["tea"],"sound":null,"language":"en","observed_at":"2026-05-01T12:00:00Z","source":"web_driver","recorded_at":null,"pinned":false,"counts":{"views":{"lo":98350,"hi":98449},"likes":{"exact":177},"comments":null,"shares":null,"saves":null}}"#;

fn file(lines: &[&str]) -> Vec<u8> {
    let mut file = lines.join("\n").into_bytes();
    file.push(b'\n');
    file
}

#[test]
fn a_line_is_an_object_with_counters_as_in_reports() {
    let files = Format::Jsonl.export(&[observations::hard()]);
    let text = std::str::from_utf8(&files[0]).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0], json!({"type": "header", "schema": "compass.observations/1"}));
    assert_eq!(lines.last().unwrap(), &json!({"type": "end", "profiles": 32, "posts": 32}));
    let first = &lines[1];
    assert_eq!((&first["type"], &first["creator"], &first["handle"]), (&json!("profile"), &json!("1"), &json!("ada")));
    assert_eq!(first["observed_at"], "2026-05-01T12:00:00.000001Z");
    assert_eq!(
        first["counts"],
        json!({"followers": {"exact": 38_490}, "following": null, "likes": null, "videos": null})
    );
    let post = &lines[33];
    assert_eq!((&post["type"], &post["post"], &post["caption"]), (&json!("post"), &json!("1"), &json!("")));
    assert_eq!(post["counts"]["views"], json!({"lo": 0, "hi": 1}));
}

#[test]
fn a_line_written_by_somebody_else_is_read() {
    let with_mark = format!("\u{FEFF}{HEADER}");
    let bytes = file(&[&with_mark, "", POST, "  ", r#"{"type":"end","profiles":0,"posts":1}"#, ""]);
    let crlf = String::from_utf8(bytes.clone()).unwrap().replace('\n', "\r\n").into_bytes();
    for bytes in [bytes, crlf] {
        let rows: Vec<Row> = Format::Jsonl.rows(&bytes).unwrap().map(Result::unwrap).collect();
        let [Row::Post(look)] = rows.as_slice() else { panic!("{rows:?}") };
        assert_eq!(look.observation.counts.views, Some(Count::range(98_350, 98_449).unwrap()));
        assert_eq!((look.creator.get(), look.observation.video.duration), (7_065, Some(12)));
        assert_eq!(look.recorded_at, None);
    }
}

#[test]
fn a_bad_line_is_told_with_its_field_and_the_next_one_is_read() {
    for (from, to, detail) in [
        (r#""177""#, "", ""),
        (
            r#"{"exact":177}"#,
            r#"{"exact":-1}"#,
            r#"counts.likes: a counter is {"exact": n}, {"lo": n, "hi": n} or null"#,
        ),
        (r#"{"lo":98350,"#, r#"{"lo":98450,"#, "counts.views: count range 98450 to 98449 is reversed"),
        (r#""creator":"7065""#, r#""creator":"ada""#, r#"creator: "ada" is not a numeric id from 1 to"#),
        (r#""source":"web_driver""#, r#""source":"word of mouth""#, "source: unknown variant `word of mouth`"),
        (r#""caption":"tea","#, "", "missing field `caption`"),
        (r#""caption":"tea""#, r#""caption":"te\u0000a""#, "caption: text contains a NUL character"),
        (r#"["tea"]"#, r#"["te\u0000a"]"#, r#"hashtags: "te\0a" has a NUL in it; take it out"#),
        (r#""pinned""#, r#""pined""#, "pined: unknown field `pined`"),
        ("2025-02-12T", "2025-02-31T", "created_at: "),
        (r#""post","#, r#""story","#, "type: unknown variant `story`"),
        (r#""pinned":false"#, r#""pinned":false,"pinned":true"#, "duplicate field `pinned`"),
        ("}}", "}} {}", "there is more than one value in the line"),
    ] {
        let bad = POST.replace(from, to);
        let bytes = file(&[HEADER, POST, &bad, POST, r#"{"type":"end","profiles":0,"posts":3}"#]);
        let (found, failed) = refused(Format::Jsonl, &bytes);
        assert_eq!(failed, None, "{to}");
        if detail.is_empty() {
            assert_eq!(found, Vec::new(), "nothing was replaced");
            continue;
        }
        let [refusal] = found.as_slice() else { panic!("{to}: {found:?}") };
        assert_eq!((refusal.item.as_deref(), refusal.reason.as_str()), (Some("line 3"), "bad_value"));
        assert!(refusal.detail.contains(detail), "{detail:?} is not in {:?}", refusal.detail);
        assert_eq!(Format::Jsonl.rows(&bytes).unwrap().count(), 3);
    }
}

#[test]
fn a_line_without_end_takes_no_memory() {
    let long = "x".repeat(3 * MAX_LINE);
    let bytes = file(&[HEADER, POST, &long, POST, r#"{"type":"end","profiles":0,"posts":3}"#]);
    let (found, failed) = refused(Format::Jsonl, &bytes);
    assert_eq!((found.len(), failed), (1, None));
    assert_eq!((found[0].item.as_deref(), found[0].reason.as_str()), (Some("line 3"), "too_large"));
}

#[test]
fn a_file_that_is_none_or_not_whole_says_so() {
    let end = r#"{"type":"end","profiles":0,"posts":1}"#;
    for (lines, said) in [
        (vec![""], "its first line has to be"),
        (vec![POST, end], "its first line has to be"),
        (vec![r#"{"type":"header","schema":"compass.observations/2"}"#], r#"it says "compass.observations/2""#),
        (vec![HEADER], "line 1 is not the last of an export"),
        (vec![HEADER, POST], "line 2 is not the last of an export"),
        (vec![HEADER, end], "tells of 0 observations of profiles and 1 of posts, and there were 0 and 0"),
        (vec![HEADER, POST, POST, end], "and there were 0 and 2"),
        (vec![HEADER, POST, end, POST], "line 4 comes after its end"),
    ] {
        let (_, failed) = refused(Format::Jsonl, &file(&lines));
        assert!(failed.as_ref().is_some_and(|failed| failed.contains(said)), "{said:?} is not in {failed:?}");
    }
}

#[test]
fn wherever_a_file_is_cut_it_is_noticed() {
    let whole = Format::Jsonl.export(&[observations::hard()]).remove(0);
    // Of the last line everything but its break is needed.
    for length in (0..whole.len() - 300).step_by(53).chain(whole.len() - 300..whole.len() - 1) {
        assert!(refused(Format::Jsonl, &whole[..length]).1.is_some(), "cut after {length} bytes");
    }
    assert_eq!(refused(Format::Jsonl, &whole), (Vec::new(), None));
}

#[test]
fn an_observation_of_no_post_is_not_written() {
    let batch = Batch { posts: Vec::new(), ..observations::hard() };
    let failed = JsonlWriter::new(Vec::new()).unwrap().write(&batch);
    assert!(matches!(failed, Err(ExchangeError::Unfit(_))), "{failed:?}");
}

#[test]
fn random_and_changed_bytes_are_sound() {
    let random = SeededRandom::new(11);
    let whole = Format::ALL[..2].iter().flat_map(|format| format.export(&[observations::hard()]));
    for file in whole {
        sound::assert_bytes_are_sound(&file);
        let mut places = [0; 8];
        for _ in 0..150 {
            let mut changed = file.clone();
            random.fill(&mut places);
            let at = usize::from(u16::from_be_bytes([places[0], places[1]])) % changed.len();
            changed[at] = places[2];
            if places[3] > 128 {
                changed.drain(at / 2..at);
            }
            sound::assert_bytes_are_sound(&changed);
        }
    }
    for length in 0..200 {
        let mut bytes = vec![0; length];
        random.fill(&mut bytes);
        sound::assert_bytes_are_sound(&bytes);
    }
}
