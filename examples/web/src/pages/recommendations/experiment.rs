//! An experiment that would tell what the posts so far cannot.

use compass_core::{
    Handle,
    analytics::CreatorReport,
    recommend::{ExperimentPlan, ExperimentRequest, Planned, plan_experiment, usual_arms},
    stats::Seed,
};
use jiff::{Timestamp, ToSpan as _};

/// An experiment, or why there is none.
#[derive(Clone, Debug)]
pub(super) struct Experiment {
    pub(super) text: String,
    pub(super) posts: Vec<PostRow>,
    /// How many are planned beside those in the table.
    pub(super) more: usize,
    pub(super) zone: String,
}

/// A post of the plan.
#[derive(Clone, Debug)]
pub(super) struct PostRow {
    pub(super) day: String,
    pub(super) hour: String,
    pub(super) arm: String,
}

/// So many posts are shown.
const SHOWN: usize = 14;

impl Experiment {
    /// The experiment from tomorrow on, from how far the account's posts differ and how often there is one.
    pub(super) fn new(report: &CreatorReport, now: Timestamp) -> Self {
        let zone = report.posting.zone.clone();
        let none = |text: String| Self { text, posts: Vec::new(), more: 0, zone: zone.name().to_owned() };
        let Some(arms) = usual_arms(report) else {
            return none("There is no plan yet: the account has no usual hours to compare others with.".to_owned());
        };
        let start = now.to_zoned(zone.rules()).date().saturating_add(1.day());
        let request = match ExperimentRequest::new(report, arms, start, drawn(&report.handle, start)) {
            Ok(request) => request,
            Err(too_little) => return none(format!("There is no plan yet: {too_little}.")),
        };
        match plan_experiment(&request) {
            Ok(Planned::Schedule(plan)) => Self {
                text: plan.to_string(),
                posts: plan.posts.iter().take(SHOWN).map(|post| PostRow::new(&plan, post.arm, post.day)).collect(),
                more: plan.posts.len().saturating_sub(SHOWN),
                zone: zone.name().to_owned(),
            },
            Ok(Planned::TooLong(long)) => none(long.to_string()),
            Err(error) => none(format!("There is no plan yet: {error}.")),
        }
    }
}

impl PostRow {
    fn new(plan: &ExperimentPlan, arm: usize, day: jiff::civil::Date) -> Self {
        let arm = plan.arms.get(arm);
        Self {
            day: day.strftime("%a, %-d %b %Y").to_string(),
            hour: arm.map_or_else(String::new, |arm| format!("{:02}:00", arm.hour)),
            arm: arm.map_or_else(String::new, |arm| arm.name.clone()),
        }
    }
}

/// The order is that of the account and the day, so that a page that is opened again has the same plan.
fn drawn(handle: &Handle, start: jiff::civil::Date) -> u64 {
    let seed = Seed::new(handle.as_str()).with_all(&[f64::from(start.year()), f64::from(start.day_of_year())]);
    (seed.unit() * f64::from(u32::MAX)) as u64
}
