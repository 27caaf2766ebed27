//! What is known of an account at a moment: its report, and the looks behind its growth.

use compass_core::{
    Handle, ProfileObservation, SourceKind, User, Zone,
    analytics::{CreatorReport, ReportOptions, Subject},
    app,
};
use compass_http::Problem;
use jiff::{Timestamp, tz::TimeZone};

use crate::{AppState, seed::is_sample, words::thousands};

/// Figures of looks that are older than so many days are told to be old.
const OLD: i64 = 30;

/// An account as it is known at a moment.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) report: CreatorReport,
    /// The looks behind the growth, oldest first.
    pub(super) history: Vec<ProfileObservation>,
    /// The newest look, however old.
    pub(super) newest: Option<ProfileObservation>,
    /// Whether the account is made up.
    pub(super) is_sample: bool,
}

/// Reads what is known of an account at a moment; `None` if it was not observed by then.
pub(super) async fn known(
    state: &AppState,
    handle: &Handle,
    as_of: Timestamp,
    options: ReportOptions,
) -> Result<Option<Known>, Problem> {
    match report(state, handle, as_of, options).await? {
        Some(report) => Known::behind(state, report, as_of).await,
        None => Ok(None),
    }
}

impl Known {
    /// Reads the looks behind a report; `None` if the account was not observed.
    pub(super) async fn behind(
        state: &AppState,
        report: CreatorReport,
        as_of: Timestamp,
    ) -> Result<Option<Self>, Problem> {
        let creators = &*state.ports.creators;
        let Some(id) = report.id else { return Ok(None) };
        let history = creators.history(id, as_of - ReportOptions::default().growth, as_of).await?;
        let newest = creators.latest(id, as_of).await?;
        let is_sample = is_sample(id) || newest.as_ref().is_some_and(|look| look.source == SourceKind::Sample);
        Ok(Some(Self { report, history, newest, is_sample }))
    }

    /// When the account or one of its posts was looked at last.
    pub(super) fn last_look(&self) -> Option<Timestamp> {
        let posts = self.report.videos.iter().map(|video| video.observed_at);
        self.newest.iter().map(|look| look.observed_at).chain(posts).max()
    }

    /// What to know of figures that nobody has looked after for long; `None` if they are young enough.
    pub(super) fn is_old(&self) -> Option<String> {
        let days = self.report.as_of.duration_since(self.last_look()?).as_hours() / 24;
        (days > OLD).then(|| {
            format!(
                "The last look at this account was {} days ago: the figures tell how it was then. A refresh brings those of today.",
                thousands(days.unsigned_abs())
            )
        })
    }
}

/// The report of an account at a moment; `None` if it was not observed by then.
pub(super) async fn report(
    state: &AppState,
    handle: &Handle,
    as_of: Timestamp,
    options: ReportOptions,
) -> Result<Option<CreatorReport>, Problem> {
    let options = ReportOptions { corpus: state.corpus.at(as_of), ..options };
    let read = async { Ok(app::subject(&*state.ports.creators, handle, as_of).await?) };
    let compute = move |subject: Option<Subject>| subject.map(|subject| subject.report(as_of, &options));
    state.computations.run(read, compute).await
}

/// The options of a report for a person: its hours are those of the person's zone.
pub(super) fn options_for(zone: Option<&Zone>) -> ReportOptions {
    ReportOptions { zone: zone.cloned().unwrap_or_else(Zone::utc), ..ReportOptions::default() }
}

/// The zone in which a person is told the time.
pub(super) fn zone_of(user: &User) -> TimeZone {
    user.preferences.zone.as_ref().map_or(TimeZone::UTC, Zone::rules)
}
