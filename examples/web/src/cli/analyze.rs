//! `compass analyze`: figures from saved pages, answers, lists of posts and own exports, without a store or a network.

use std::{path::PathBuf, process::ExitCode, str::FromStr, sync::Arc};

use clap::{Args, ValueEnum};
use compass_core::{
    DatedBy, Handle, Zone,
    analytics::{Corpus, CreatorReport, Refused, Report, ReportOptions, Subject},
    recommend::{InsightOptions, Insights, insights},
};
use compass_scrape::replay::{RecordedCreator, Recording, ReplayOptions, read};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;

use super::{
    Done, print,
    refused_text::refused,
    report_text::{plain, write_report},
};

/// Disagreements that are told one by one.
const DISAGREEMENTS: usize = 3;

/// Report on saved profile pages, post pages, lists of posts and API answers, and on exports of one's own account
///
/// An input is HTML, JSON or JSON Lines, plain or gzipped; or an export of TikTok Studio: a ZIP, a folder of its CSV or
/// XLSX files, or one of them; or user_data_tiktok.json. What it is, is seen from its content. Inputs on one creator are put
/// together. The exit status is 0 if there is a report on at least one creator, else 1.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// What was saved
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<PathBuf>,
    /// How the report is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Look at nothing observed later: a time such as 2026-05-01T12:00:00Z, or a date, whose first moment is meant
    /// [default: each creator's newest observation]
    #[arg(long, value_name = "TIME", value_parser = AsOf::from_str)]
    as_of: Option<AsOf>,
    /// The time zone of the text's times and of a date given to --as-of, such as Europe/Berlin
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = Zone::parse)]
    zone: Zone,
    /// The day on which the exports were made: their days have no year [default: what the name of the ZIP tells, or else the
    /// time of the file]
    #[arg(long, value_name = "DATE")]
    exported_on: Option<Date>,
    /// Whose exports they are that do not say so, such as a single FollowerHistory.csv
    #[arg(long, value_name = "HANDLE", value_parser = Handle::parse)]
    handle: Option<Handle>,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Plain words
    Text,
    /// One object, compass.report/1
    Json,
}

impl Format {
    /// The report in this format, for stdout.
    pub(super) fn write(self, report: &Report, zone: &TimeZone) -> Result<String, serde_json::Error> {
        match self {
            Self::Json => serde_json::to_string_pretty(&Told::of(report)),
            Self::Text => {
                let mut text = String::new();
                write_report(&mut text, report, zone).expect("a String takes any text");
                Ok(text)
            }
        }
    }
}

/// A report with what it says of each creator, in the order of the creators.
#[derive(Serialize)]
struct Told<'r> {
    #[serde(flatten)]
    report: &'r Report,
    insights: Vec<Insights>,
}

impl<'r> Told<'r> {
    fn of(report: &'r Report) -> Self {
        let told = report.creators.iter().map(|creator| insights(creator, &InsightOptions::default()));
        Self { report, insights: told.collect() }
    }
}

pub(super) fn run(arguments: Arguments) -> Done {
    let zone = arguments.zone.rules();
    let as_of = arguments.as_of.map(|as_of| as_of.moment(&zone)).transpose()?;
    let (exported_on, handle) = (arguments.exported_on, arguments.handle);
    let options = ReplayOptions { observed_at: as_of, exported_on, handle, ..ReplayOptions::default() };
    let Recording { creators, refused: mut not_accepted, notes } = read(&arguments.inputs, &options);
    notes.iter().for_each(|note| eprintln!("note: {}", plain(note)));
    let is_dated_by_file = |dated_by| matches!(dated_by, DatedBy::FileTime | DatedBy::ArchiveTime);
    let exports = creators.iter().filter_map(|creator| creator.own.as_ref()).flat_map(|own| own.exports.values());
    let by_file_time = exports.into_iter().any(|export| is_dated_by_file(export.dated_by));
    let mut subjects = Vec::new();
    for recorded in creators {
        tell_disagreements(&recorded);
        let subject = subject(recorded);
        match as_of.filter(|as_of| subject.newest(*as_of).is_none()) {
            None => subjects.push(subject),
            Some(as_of) => not_accepted.push(not_yet(&subject, as_of)),
        }
    }
    let report = Report::new(reports(&subjects, as_of, &arguments.zone), not_accepted);
    let nothing = report.creators.is_empty();
    if arguments.format == Format::Json || !nothing {
        print(&arguments.format.write(&report, &zone)?)?;
    }
    if as_of.is_none() && report.refused.iter().any(|refused| refused.reason == "missing_time") {
        eprintln!("note: --as-of TIME says when an account was observed that does not say so itself");
    }
    let asks = |reasons: &[&str]| report.refused.iter().any(|refused| reasons.contains(&refused.reason.as_str()));
    if by_file_time || asks(&["missing_year", "missing_day", "wrong_year"]) {
        eprintln!("note: --exported-on DATE says when an export was made");
    }
    if asks(&["missing_handle"]) {
        eprintln!("note: --handle HANDLE says whose export it is");
    }
    if nothing {
        for line in refused(&report.refused) {
            eprintln!("error: {line}");
        }
        if report.refused.is_empty() {
            eprintln!("error: nothing in the inputs speaks of a creator");
        }
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// The reports, each compared with the other creators of the inputs.
fn reports(subjects: &[Subject], as_of: Option<Timestamp>, zone: &Zone) -> Vec<CreatorReport> {
    let options = ReportOptions { zone: zone.clone(), ..ReportOptions::default() };
    let corpus = Arc::new(Corpus::learn(subjects, as_of.unwrap_or(Timestamp::MAX), &options));
    let options = ReportOptions { corpus, ..options };
    let report = |subject: &Subject| {
        let as_of = as_of.or_else(|| subject.newest(Timestamp::MAX)).unwrap_or(Timestamp::MAX);
        subject.report(as_of, &options)
    };
    subjects.iter().map(report).collect()
}

fn subject(recorded: RecordedCreator) -> Subject {
    let RecordedCreator { handle, profiles: history, videos, own, .. } = recorded;
    let newest = history.iter().max_by_key(|seen| seen.observed_at);
    Subject { handle, profile: newest.map(|seen| seen.profile.clone()), history, videos, own }
}

fn not_yet(subject: &Subject, as_of: Timestamp) -> Refused {
    Refused {
        input: format!("@{}", subject.handle),
        item: None,
        reason: "observed_later".to_owned(),
        detail: match first(subject) {
            Some(first) => format!("it was first observed at {first}, which is after {as_of}"),
            None => format!("nothing of it was observed by {as_of}"),
        },
    }
}

fn first(subject: &Subject) -> Option<Timestamp> {
    let profiles = subject.history.iter().map(|seen| seen.observed_at);
    let own_posts = subject.own.iter().flat_map(|own| &own.posts);
    let posts = subject.videos.iter().chain(own_posts).map(|seen| seen.observed_at);
    let own = subject.own.iter().flat_map(|own| own.looks()).map(|look| look.observed_at);
    profiles.chain(posts).chain(own).min()
}

fn tell_disagreements(recorded: &RecordedCreator) {
    let handle = &recorded.handle;
    for said in recorded.disagreements.iter().take(DISAGREEMENTS) {
        eprintln!("note: @{handle}: {said}");
    }
    if let Some(more @ 1..) = recorded.disagreements.len().checked_sub(DISAGREEMENTS) {
        eprintln!("note: @{handle}: and {more} more places where parts of an input disagree");
    }
}

/// A moment, or a day that begins at another moment in each zone.
#[derive(Clone, Copy, Debug)]
enum AsOf {
    Moment(Timestamp),
    Day(Date),
}

impl AsOf {
    fn moment(self, zone: &TimeZone) -> Result<Timestamp, jiff::Error> {
        match self {
            Self::Moment(moment) => Ok(moment),
            Self::Day(day) => Ok(day.to_zoned(zone.clone())?.timestamp()),
        }
    }
}

impl FromStr for AsOf {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let moment = text.parse().map(Self::Moment);
        moment.or_else(|_| text.parse().map(Self::Day)).map_err(|_: jiff::Error| {
            format!("{text:?} is neither a time such as 2026-05-01T12:00:00Z nor a date such as 2026-05-01")
        })
    }
}
