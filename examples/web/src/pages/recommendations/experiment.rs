//! An experiment that would tell what the posts so far cannot.

use compass_core::{
    Handle,
    analytics::CreatorReport,
    recommend::{ExperimentPlan, ExperimentRequest, PlanError, Planned, plan_experiment, usual_arms},
    stats::Seed,
};
use compass_http::PlanQuery;
use jiff::{Timestamp, ToSpan as _};

use crate::pages::experiment;

/// An experiment, or why there is none.
#[derive(Clone, Debug)]
pub(super) struct Experiment {
    pub(super) text: String,
    /// Where its schedule is, and what came of it.
    pub(super) address: Option<String>,
}

impl Experiment {
    /// The experiment from tomorrow on, from how far the account's posts differ and how often there is one.
    pub(super) fn new(report: &CreatorReport, now: Timestamp) -> Self {
        let none = |text: String| Self { text, address: None };
        let Some(arms) = usual_arms(report) else {
            return none("There is no plan yet: the account has no usual hours to compare others with.".to_owned());
        };
        let start = now.to_zoned(report.posting.zone.rules()).date().saturating_add(1.day());
        let request = match ExperimentRequest::new(report, arms, start, drawn(&report.handle, start)) {
            Ok(request) => request,
            Err(too_little) => return none(format!("There is no plan yet: {too_little}.")),
        };
        match planned(&request) {
            Ok((text, Some(plan))) => {
                let text = format!("{text}{}", experiment::summary(&plan));
                Self { text, address: PlanQuery::of(&plan).map(|query| experiment::address(&query)) }
            }
            Ok((text, None)) => none(text),
            Err(error) => none(format!("There is no plan yet: {error}.")),
        }
    }
}

/// The plan, or, where that would take too long, one for the smallest difference that the time can tell; what is to be said first.
fn planned(request: &ExperimentRequest) -> Result<(String, Option<ExperimentPlan>), PlanError> {
    let long = match plan_experiment(request)? {
        Planned::Schedule(plan) => return Ok((String::new(), Some(plan))),
        Planned::TooLong(long) => long,
    };
    let why = experiment::too_long(&long, request.lift);
    let Some(detectable) = long.detectable else { return Ok((why, None)) };
    // Told in steps of a tenth, and never less than can be told.
    let larger = ExperimentRequest { lift: (detectable * 10.0).ceil() / 10.0, ..request.clone() };
    match plan_experiment(&larger)? {
        Planned::Schedule(plan) => Ok((format!("{why} A larger one can: "), Some(plan))),
        Planned::TooLong(_) => Ok((why, None)),
    }
}

/// The order is that of the account and the day, so that a page that is opened again has the same plan.
fn drawn(handle: &Handle, start: jiff::civil::Date) -> u64 {
    let seed = Seed::new(handle.as_str()).with_all(&[f64::from(start.year()), f64::from(start.day_of_year())]);
    (seed.unit() * f64::from(u32::MAX)) as u64
}
