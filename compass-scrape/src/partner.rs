//! Audiences that a partner tells of: a small file of shares, read strictly.
//!
//! As JSON, of one account; shares are from 0 to 1, and any dimension may be left out:
//!
//! ```json
//! {"compass_audience": 1, "handle": "ada", "day": "2026-04-30",
//!  "gender": {"female": 0.6, "male": 0.4}, "age": {"18-24": 0.5, "25-34": 0.3},
//!  "territory": {"DE": 0.7, "AT": 0.1}, "active_hours": {"18": 0.2, "19": 0.3}}
//! ```
//!
//! As CSV, with this header and a line for each group; `handle` and `day` stand in each line:
//!
//! ```csv
//! compass_audience,handle,day,dimension,group,share
//! 1,ada,2026-04-30,gender,female,0.6
//! ```
//!
//! Genders are `female`, `male` and `other`; ages `13-17`, `18-24`, `25-34`, `35-44`, `45-54` and `55+`; territories two-letter codes;
//! hours `0` to `23` by the creator's clock. What is missing to 1 is the rest, of which nothing is known. A file with anything else in it is
//! refused whole: nobody would notice a share that was left out.

use std::collections::BTreeMap;

use compass_core::{
    Country, DatedBy, Handle, OwnData, OwnExport, Refusal, WantedAges, WantedGenders,
    analytics::{AudienceShares, AudienceSource, Dimension, Shares},
    ports::Exported,
};
use jiff::civil::Date;
use serde::Deserialize;

/// Every file begins with it.
const MARK: &str = "compass_audience";
/// The form that is read.
const VERSION: u32 = 1;
/// The header of the CSV form.
const HEADER: [&str; 6] = [MARK, "handle", "day", "dimension", "group", "share"];
/// More groups are in no audience: there are some 250 territories.
const MOST_GROUPS: usize = 1_000;

/// Whether the file says that it is an audience of a partner; whether it is a good one, [`read`] tells.
#[must_use]
pub fn is_partner_file(content: &[u8]) -> bool {
    let start = without_mark(content).trim_ascii_start();
    let start = &start[..start.len().min(200)];
    let start = start.strip_prefix(b"{").map_or(start, <[u8]>::trim_ascii_start);
    let start = start.strip_prefix(b"\"").unwrap_or(start);
    start.starts_with(MARK.as_bytes())
}

/// Reads an audience that a partner tells of. Either all of it is accepted, or nothing, with what is wrong and where.
#[must_use]
pub fn read(content: &[u8]) -> Exported {
    let content = without_mark(content);
    let told = match content.trim_ascii_start().first() {
        Some(b'{') => of_json(content),
        _ => of_csv(content),
    };
    match told.and_then(Told::accept) {
        Ok(own) => Exported { creators: vec![own], ..Exported::default() },
        Err((item, detail)) => {
            let refusal = Refusal { item, reason: "bad_audience_file".to_owned(), detail };
            Exported { refused: vec![refusal], ..Exported::default() }
        }
    }
}

/// What is wrong, and where.
type Bad = (Option<String>, String);

struct Told {
    handle: Handle,
    day: Date,
    dimensions: BTreeMap<Dimension, Vec<(String, f64)>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Json {
    compass_audience: u32,
    handle: Handle,
    day: Date,
    #[serde(default)]
    gender: BTreeMap<String, f64>,
    #[serde(default)]
    age: BTreeMap<String, f64>,
    #[serde(default)]
    territory: BTreeMap<String, f64>,
    #[serde(default)]
    active_hours: BTreeMap<String, f64>,
}

/// A file that a spreadsheet wrote may begin with a mark of its encoding.
fn without_mark(content: &[u8]) -> &[u8] {
    content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content)
}

fn of_json(content: &[u8]) -> Result<Told, Bad> {
    let json: Json = serde_json::from_slice(content).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        (Some(place), format!("{error}: write it as the documentation of compass_scrape::partner shows"))
    })?;
    check_version(&json.compass_audience.to_string(), None)?;
    let dimensions = [
        (Dimension::Gender, json.gender),
        (Dimension::Age, json.age),
        (Dimension::Territory, json.territory),
        (Dimension::ActiveHours, json.active_hours),
    ];
    let told = dimensions.into_iter().filter(|(_, groups)| !groups.is_empty());
    let dimensions = told.map(|(dimension, groups)| (dimension, groups.into_iter().collect())).collect();
    Ok(Told { handle: json.handle, day: json.day, dimensions })
}

fn of_csv(content: &[u8]) -> Result<Told, Bad> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(content);
    let broken = |error: csv::Error| {
        let line = error.position().map(|position| format!("line {}", position.line()));
        (line, format!("the table cannot be read: {error}"))
    };
    let header: Vec<String> = reader.headers().map_err(broken)?.iter().map(str::to_owned).collect();
    if header != HEADER {
        return Err((Some("line 1".to_owned()), format!("the header has to be {}", HEADER.join(","))));
    }
    let mut told: Option<Told> = None;
    for row in reader.records() {
        let row = row.map_err(broken)?;
        let line = Some(format!("line {}", row.position().map_or(0, csv::Position::line)));
        let cell = |place: usize| row.get(place).unwrap_or_default();
        let bad = |detail: String| (line.clone(), detail);
        check_version(cell(0), line.clone())?;
        let handle = Handle::parse(cell(1)).map_err(|error| bad(error.to_string()))?;
        let day: Date =
            cell(2).parse().map_err(|_| bad(format!("{:?} is no day such as 2026-04-30", short(cell(2)))))?;
        let dimension = Dimension::from_name(cell(3)).ok_or_else(|| {
            let known = Dimension::TOLD.map(Dimension::as_str).join(", ");
            bad(format!("{:?} is no dimension: they are {known}", short(cell(3))))
        })?;
        let share: f64 = cell(5).parse().map_err(|_| bad(format!("{:?} is no share from 0 to 1", short(cell(5)))))?;
        let told = told.get_or_insert_with(|| Told { handle: handle.clone(), day, dimensions: BTreeMap::new() });
        if told.handle != handle || told.day != day {
            return Err(bad(format!(
                "a file is of one account and day, and this line is not of @{}, {}",
                told.handle, told.day
            )));
        }
        let groups = told.dimensions.entry(dimension).or_default();
        if groups.len() >= MOST_GROUPS {
            return Err(bad(format!("{dimension} has more than {MOST_GROUPS} groups")));
        }
        groups.push((cell(4).to_owned(), share));
    }
    told.ok_or_else(|| (None, "the table has no line".to_owned()))
}

fn check_version(version: &str, place: Option<String>) -> Result<(), Bad> {
    if version == VERSION.to_string() {
        return Ok(());
    }
    Err((place, format!("{MARK} is {:?}, and {VERSION} is the form that is read", short(version))))
}

impl Told {
    fn accept(self) -> Result<OwnData, Bad> {
        if self.dimensions.is_empty() {
            return Err((None, "the file tells of no dimension".to_owned()));
        }
        let mut audience = AudienceShares { source: AudienceSource::PartnerFile, dimensions: BTreeMap::new() };
        for (dimension, groups) in self.dimensions {
            let named = groups.iter().map(|(group, share)| Ok((named(dimension, group)?, *share)));
            let named: Vec<(String, f64)> = named.collect::<Result<_, Bad>>()?;
            let rows = named.iter().map(|(group, share)| (group.as_str(), *share));
            let shares =
                Shares::parse(dimension, rows).map_err(|error| (Some(dimension.to_string()), error.to_string()))?;
            audience.dimensions.insert(dimension, shares);
        }
        let mut export = OwnExport::new(DatedBy::Given);
        export.followers = audience;
        let mut own = OwnData::new(self.handle);
        own.exports.insert(self.day, export);
        Ok(own)
    }
}

/// The group as it is compared: "others" belongs to the rest.
fn named(dimension: Dimension, group: &str) -> Result<String, Bad> {
    let known = |groups: &[&str]| {
        groups.iter().find(|known| known.eq_ignore_ascii_case(group)).map(|known| (*known).to_owned())
    };
    let (found, they_are) = match dimension {
        Dimension::Gender => (known(WantedGenders::GROUPS), WantedGenders::GROUPS.join(", ")),
        Dimension::Age => (known(WantedAges::GROUPS), WantedAges::GROUPS.join(", ")),
        Dimension::Territory => {
            (Country::parse(group).ok().map(|code| code.to_string()), "two-letter codes".to_owned())
        }
        Dimension::ActiveHours => {
            let hour = group.parse::<u8>().ok().filter(|hour| *hour < 24);
            (hour.map(|hour| format!("{hour:02}")), "0 to 23".to_owned())
        }
        Dimension::Language | Dimension::Interests => (None, "not told by files".to_owned()),
    };
    found.ok_or_else(|| {
        let detail = format!("{:?} is no group of {dimension}: they are {they_are}", short(group));
        (Some(dimension.to_string()), detail)
    })
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}
