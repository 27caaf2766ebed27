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
    // A plan for a difference that no choice of an hour makes helps nobody.
    let Some(detectable) = long.detectable.filter(|lift| *lift <= MOST_LIFT) else { return Ok((why, None)) };
    // Told in steps of a tenth, and never less than can be told.
    let larger = ExperimentRequest { lift: (detectable * 10.0).ceil() / 10.0, ..request.clone() };
    match plan_experiment(&larger)? {
        Planned::Schedule(plan) => Ok((format!("{why} A larger one can: "), Some(plan))),
        Planned::TooLong(_) => Ok((why, None)),
    }
}

/// Eleven times the views: what is larger is told as "over" it everywhere, and nobody knows by how much.
const MOST_LIFT: f64 = 10.0;

/// The order is that of the account and the day, so that a page that is opened again has the same plan.
fn drawn(handle: &Handle, start: jiff::civil::Date) -> u64 {
    let seed = Seed::new(handle.as_str()).with_all(&[f64::from(start.year()), f64::from(start.day_of_year())]);
    (seed.unit() * f64::from(u32::MAX)) as u64
}

#[cfg(test)]
mod tests {
    use compass_core::recommend::Arm;

    use super::*;

    #[test]
    fn a_larger_difference_is_planned_for_only_where_it_may_be_one() {
        let arms = [9, 18].map(|hour| Arm { name: format!("at {hour}"), hour }).to_vec();
        let start = "2026-05-02".parse().unwrap();
        let request = |deviation, posts_per_week| ExperimentRequest {
            arms: arms.clone(),
            lift: 0.5,
            deviation,
            posts_per_week,
            zone: compass_core::Zone::utc(),
            start,
            most_weeks: 12,
            seed: 1,
        };
        let (text, plan) = planned(&request(0.9, 3.0)).unwrap();
        let plan = plan.expect("a larger one can be told");
        assert!(text.ends_with("A larger one can: ") && plan.lift <= MOST_LIFT, "{text} {}", plan.lift);
        assert!(PlanQuery::of(&plan).unwrap().plan().is_ok(), "its address is answered");
        // Posts that differ so much from each other, once a week: a hundredfold difference would be told.
        let (text, plan) = planned(&request(2.0, 1.0)).unwrap();
        assert!(plan.is_none() && text.starts_with("A difference of +50% cannot be told in 12 weeks"), "{text}");
    }
}
