//! Audiences that a partner tells of.

use compass_core::{
    analytics::{AudienceSource, Dimension},
    ports::{ExportFile, ExportReader as _, Exported},
};
use compass_scrape::{partner, studio::StudioReader};

const JSON: &str = r#"{"compass_audience": 1, "handle": "@Ada", "day": "2026-04-30",
 "gender": {"Female": 0.6, "male": 0.3}, "territory": {"de": 0.7}, "active_hours": {"7": 0.5, "18": 0.5}}"#;

const CSV: &str = "compass_audience,handle,day,dimension,group,share
1,ada,2026-04-30,gender,female,0.6
1,ada,2026-04-30,gender,male,0.3
1,ada,2026-04-30,territory,DE,0.7
1,ada,2026-04-30,active_hours,7,0.5
1,ada,2026-04-30,active_hours,18,0.5
";

fn read(content: &str) -> Exported {
    let file = ExportFile { name: "audience", content: content.as_bytes(), handle: None, exported_on: None };
    StudioReader::default().read(&file)
}

#[test]
fn json_and_csv_tell_the_same_audience() {
    for content in [JSON.to_owned(), CSV.to_owned(), format!("\u{feff}{CSV}"), CSV.replace('\n', "\r\n")] {
        let read = read(&content);
        assert_eq!(read.refused, [], "{content}");
        let own = &read.creators[0];
        let (at, shares) = own.audiences().next().unwrap();
        assert_eq!((own.handle.as_str(), at.to_string().as_str()), ("ada", "2026-04-30T12:00:00Z"));
        assert_eq!(shares.source, AudienceSource::PartnerFile);
        let gender = &shares.dimensions[&Dimension::Gender];
        assert_eq!((gender.of("female"), gender.of("other")), (Some(0.6), None));
        assert!((gender.rest() - 0.1).abs() < 1e-12, "what is missing is the rest");
        assert_eq!(shares.dimensions[&Dimension::Territory].of("de"), Some(0.7));
        assert_eq!(shares.dimensions[&Dimension::ActiveHours].of("07"), Some(0.5));
        assert!(!shares.dimensions.contains_key(&Dimension::Age));
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_nothing_is_accepted() {
    let json = |from: &str, to: &str| {
        assert!(JSON.contains(from));
        JSON.replace(from, to)
    };
    let csv = |from: &str, to: &str| {
        assert!(CSV.contains(from));
        CSV.replacen(from, to, 1)
    };
    for (content, place, word) in [
        (json("0.7", "1.7"), "territory", "not from 0 to 1"),
        (json("0.6", "0.9"), "gender", "add up"),
        (json("\"male\"", "\"FEMALE\""), "gender", "twice"),
        (json("\"de\"", "\"Germany\""), "territory", "two-letter"),
        (json("\"7\"", "\"24\""), "active hours", "0 to 23"),
        (json("\"male\"", "\"men\""), "gender", "female, male, other"),
        (json("\"compass_audience\": 1", "\"compass_audience\": 2"), "", "is the form that is read"),
        (json("\"gender\"", "\"sex\""), "line 2", "unknown field"),
        (json("2026-04-30", "yesterday"), "line 1", "documentation"),
        (json("@Ada", "a b"), "line 1", "documentation"),
        (json("0.3}", "0.3"), "line", "documentation"),
        ("{\"compass_audience\": 1, \"handle\": \"ada\", \"day\": \"2026-04-30\"}".to_owned(), "", "no dimension"),
        (csv("dimension,group", "group,dimension"), "line 1", "header"),
        (csv("1,ada,2026-04-30,gender,male", "1,bob,2026-04-30,gender,male"), "line 3", "one account"),
        (csv("1,ada,2026-04-30,gender,male", "1,ada,2026-04-29,gender,male"), "line 3", "one account"),
        (csv("gender,female,0.6", "gender,female,60 %"), "line 2", "no share"),
        (csv("gender,female", "sex,female"), "line 2", "no dimension"),
        (csv("1,ada,2026-04-30,gender,male", "9,ada,2026-04-30,gender,male"), "line 3", "form that is read"),
        (csv("gender,male,0.3", "gender,male,0.3,more"), "line 3", "cannot be read"),
        (csv("gender,male,0.3", "gender,male,NaN"), "gender", "not from 0 to 1"),
        ("compass_audience,handle,day,dimension,group,share\n".to_owned(), "", "no line"),
    ] {
        let Exported { creators, refused, .. } = read(&content);
        assert_eq!(creators, [], "{content}");
        let [refusal] = &refused[..] else { panic!("{refused:?}") };
        assert!(refusal.item.as_deref().unwrap_or_default().starts_with(place), "{refusal:?}");
        assert!(refusal.detail.contains(word) && refusal.reason == "bad_audience_file", "{refusal:?}");
    }
}

#[test]
fn other_files_are_none_of_a_partner() {
    for content in [
        "",
        "{",
        "{}",
        "{\"handle\": \"ada\"}",
        "Date,Followers\n",
        "compass",
        "\u{0}",
        "{\"Activity\": {\"compass_audience\": 1}}",
    ] {
        assert!(!partner::is_partner_file(content.as_bytes()), "{content}");
    }
}
