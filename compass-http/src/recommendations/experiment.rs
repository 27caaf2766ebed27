//! Experiments with the person's own posts: a plan, and what came of it.

use std::sync::Arc;

use compass_core::{
    Handle, UserId, Zone,
    analytics::{CreatorReport, ReportOptions, Subject},
    app::{self, Advisor},
    ports::{AccountStore, Clock},
    recommend::{
        Arm, Evaluation, ExperimentPlan, ExperimentRequest, PlanError, Planned, Unfinished, check_arms,
        evaluate_experiment, outcomes, plan_experiment, usual_arms,
    },
    stats::Seed,
};
use jiff::{Timestamp, ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{advising::Advising, own_account};
use crate::{
    caller::Caller,
    extract::{Json, Mount, Query},
    problem::{Fails, Problem, ProblemKind},
    provides::Provided,
    tiktok::unknown_creator,
};

/// An experiment, or why there is none.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ExperimentView {
    /// The account, without `@`.
    #[schema(value_type = String)]
    handle: Handle,
    /// The moment of the figures that it is planned from, UTC.
    as_of: Timestamp,
    /// The schedule, or how long it would take; null where too little is known of the posts to plan any.
    planned: Option<Planned>,
    /// The same in plain words.
    text: String,
    /// Where to ask what came of it, once it is over; null without a schedule. Nothing is kept of a plan: this address is all of it.
    evaluation: Option<String>,
}

/// What came of an experiment.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EvaluationView {
    /// The account, without `@`.
    #[schema(value_type = String)]
    handle: Handle,
    /// The moment of the figures, UTC.
    as_of: Timestamp,
    /// The schedule.
    plan: ExperimentPlan,
    /// What each arm did beside the first; null while it is not over.
    evaluation: Option<Evaluation>,
    /// The same in plain words: a sentence for each arm but the first, or why there is nothing to say yet.
    sentences: Vec<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wished {
    /// The hours at which the arms are posted, 0 to 23, two to four with commas between them; the first is what the creator does now.
    /// Without it, the usual hours and those that look best.
    #[param(pattern = "^(1?[0-9]|2[0-3])(,(1?[0-9]|2[0-3])){1,3}$")]
    hours: Option<String>,
    /// What the arms are called, one name for each hour, with commas between them: `as always,with a question`.
    names: Option<String>,
    /// The relative difference in views that is to be told four times in five: 0.5 is half as many views again.
    #[param(minimum = 0.01, maximum = 100, default = 0.5)]
    lift: Option<f64>,
    /// The longest that it may take.
    #[param(minimum = 1, maximum = 104, default = 12)]
    weeks: Option<u32>,
    /// The first day; without it, tomorrow.
    #[param(value_type = Option<String>, format = Date)]
    start: Option<Date>,
    /// The zone of days and hours; without it, that of the preferences.
    #[param(value_type = Option<String>, format = "iana-time-zone")]
    zone: Option<Zone>,
    /// Draws the order of the arms; without it, the account and the first day do.
    seed: Option<u32>,
}

/// All of a plan, as the query of an address: nothing is kept of it, so that whoever has the address can ask what came of it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PlanQuery {
    /// The hours of the plan's arms, with commas between them.
    #[param(pattern = "^(1?[0-9]|2[0-3])(,(1?[0-9]|2[0-3])){1,3}$")]
    hours: String,
    /// The names of the plan's arms, with commas between them.
    names: Option<String>,
    /// The lift of the plan.
    #[param(minimum = 0.01, maximum = 100)]
    lift: f64,
    /// The plan's first day.
    #[param(value_type = String, format = Date)]
    start: Date,
    /// The plan's zone.
    #[param(value_type = String, format = "iana-time-zone")]
    zone: Zone,
    /// The plan's seed.
    seed: u32,
    /// The plan's posts in each arm.
    #[param(minimum = 1, maximum = 1000)]
    posts_each: u64,
    /// The plan's posts a week.
    #[param(exclusive_minimum = 0, maximum = 7)]
    posts_per_week: f64,
}

/// Plans an experiment with the person's own posts: a randomised schedule of a size that can tell a difference, from how far the posts
/// differ and how often there is one, or how long it would take.
#[utoipa::path(
    get, path = "/recommendations/experiment", tag = "recommendations", operation_id = "plan_experiment",
    params(Wished),
    responses((status = 200, description = "The plan", body = ExperimentView), Fails<400>, Fails<401>, Fails<404>, Fails<503>),
    security(("session" = []), ("bearer" = []))
)]
pub(super) async fn experiment(
    who: Caller,
    Provided(accounts): Provided<Arc<dyn AccountStore>>,
    Provided(clock): Provided<Arc<dyn Clock>>,
    advising: Advising,
    mount: Mount,
    Query(wished): Query<Wished>,
) -> Result<Json<ExperimentView>, Problem> {
    let (handle, preferences) = own_account(&*accounts, who.user).await?;
    let zone = wished.zone.clone().or_else(|| preferences.zone.clone()).unwrap_or_else(Zone::utc);
    let named = wished.hours.as_deref().map(|hours| arms(hours, wished.names.as_deref())).transpose()?;
    if named.is_none() && wished.names.is_some() {
        return Err(wrong("names: they are those of hours, which are left out"));
    }
    let (lift, most_weeks) = (lift(wished.lift.unwrap_or(0.5))?, weeks(wished.weeks.unwrap_or(12))?);
    let (report, _) = report(&advising, who.user, &handle, clock.now(), &zone).await?;
    let (handle, as_of) = (report.handle.clone(), report.as_of);
    let unknown =
        |text: String| Json(ExperimentView { handle: handle.clone(), as_of, planned: None, text, evaluation: None });
    let Some(arms) = named.or_else(|| usual_arms(&report)) else {
        return Ok(unknown("There are no usual hours to compare others with: name some.".to_owned()));
    };
    let start = match wished.start {
        Some(start) => start,
        None => clock.now().to_zoned(zone.rules()).date().saturating_add(1.day()),
    };
    let drawn = || Seed::new(handle.as_str()).with_all(&[f64::from(start.year()), f64::from(start.day_of_year())]);
    let seed = wished.seed.unwrap_or_else(|| (drawn().unit() * f64::from(u32::MAX)) as u32);
    let request = match ExperimentRequest::new(&report, arms, start, u64::from(seed)) {
        Ok(request) => ExperimentRequest { lift, most_weeks, zone, ..request },
        Err(too_little) => return Ok(unknown(format!("There is no plan yet: {too_little}."))),
    };
    let planned = advising.computed(move || plan_experiment(&request)).await?.map_err(refused)?;
    let (text, evaluation) = match &planned {
        Planned::Schedule(plan) => (plan.to_string(), PlanQuery::of(plan).map(|query| query.address(&mount))),
        Planned::TooLong(long) => (long.to_string(), None),
    };
    Ok(Json(ExperimentView { handle, as_of, planned: Some(planned), text, evaluation }))
}

/// Says what came of an experiment, once every post of it is a week old: each arm beside the first.
///
/// A post counts for the planned one if it was posted within an hour and a half of it. Before the end it says nothing but that.
#[utoipa::path(
    get, path = "/recommendations/experiment/evaluation", tag = "recommendations", operation_id = "evaluate_experiment",
    params(PlanQuery),
    responses((status = 200, description = "What came of it", body = EvaluationView), Fails<400>, Fails<401>, Fails<404>, Fails<503>),
    security(("session" = []), ("bearer" = []))
)]
pub(super) async fn evaluation(
    who: Caller,
    Provided(accounts): Provided<Arc<dyn AccountStore>>,
    Provided(clock): Provided<Arc<dyn Clock>>,
    advising: Advising,
    Query(made): Query<PlanQuery>,
) -> Result<Json<EvaluationView>, Problem> {
    let (handle, _) = own_account(&*accounts, who.user).await?;
    let plan = made.plan()?;
    let (report, seen) = report(&advising, who.user, &handle, clock.now(), &plan.zone).await?;
    let (handle, as_of) = (report.handle.clone(), report.as_of);
    let evaluate = move || {
        let found = evaluate_experiment(&plan, &outcomes(&plan, &report, seen));
        (plan, found)
    };
    let (plan, found) = advising.computed(evaluate).await?;
    let (evaluation, sentences) = match found {
        Ok(evaluation) => {
            let sentences = evaluation.sentences(&plan);
            (Some(evaluation), sentences)
        }
        Err(Unfinished::Pending(_)) if plan.is_unseen(as_of, seen) => {
            let last =
                seen.map_or_else(String::new, |seen| format!(" since {}", seen.to_zoned(plan.zone.rules()).date()));
            let sentence = format!(
                "The plan is over, and nobody has looked at the account's posts{last}: refresh the account (POST tiktok/{handle}/refresh), \
                 then ask again."
            );
            (None, vec![sentence])
        }
        Err(Unfinished::Pending(pending)) => {
            let (all, when) = (plan.posts.len(), plan.look_on);
            let sentence =
                format!("{pending} of {all} posts are still to come, or younger than a week: look on {when}.");
            (None, vec![sentence])
        }
        Err(damaged) => return Err(wrong(&damaged.to_string())),
    };
    Ok(Json(EvaluationView { handle, as_of, plan, evaluation, sentences }))
}

/// The report on an account with what the person exported of it, with hours by a zone, and when the posts were last looked at.
async fn report(
    advising: &Advising,
    user: UserId,
    handle: &Handle,
    now: Timestamp,
    zone: &Zone,
) -> Result<(CreatorReport, Option<Timestamp>), Problem> {
    let Advisor { creators, imports, corpus, .. } = &advising.advisor;
    let options = ReportOptions { zone: zone.clone(), corpus: Arc::clone(corpus), ..ReportOptions::default() };
    let read = async {
        let known = app::known_subject(&**creators, &**imports, user, handle, now).await?;
        known.ok_or_else(|| unknown_creator(handle))
    };
    let compute = move |subject: Subject| {
        (subject.report(app::settled(now, subject.newest(now)), &options), subject.posts_seen(now))
    };
    advising.computations.run(read, compute).await
}

impl PlanQuery {
    /// The query of a plan; `None` of one that no query can say: without a post, or with a seed of more than 32 bits.
    #[must_use]
    pub fn of(plan: &ExperimentPlan) -> Option<Self> {
        let each = |part: fn(&Arm) -> String| plan.arms.iter().map(part).collect::<Vec<_>>().join(",");
        Some(Self {
            hours: each(|arm| arm.hour.to_string()),
            names: Some(each(|arm| arm.name.clone())),
            lift: plan.lift,
            start: plan.posts.first()?.day,
            zone: plan.zone.clone(),
            seed: u32::try_from(plan.seed).ok()?,
            posts_each: plan.posts_each,
            posts_per_week: plan.posts_per_week,
        })
    }

    /// The query as it stands in an address after `?`.
    #[must_use]
    pub fn written(&self) -> String {
        serde_urlencoded::to_string(self).expect("its values are plain")
    }

    fn address(&self, mount: &Mount) -> String {
        format!("{}/recommendations/experiment/evaluation?{}", mount.0, self.written())
    }

    /// The plan of the query.
    ///
    /// # Errors
    /// [`ProblemKind::BadRequest`] says which value makes no sense.
    pub fn plan(&self) -> Result<ExperimentPlan, Problem> {
        let request = ExperimentRequest {
            arms: arms(&self.hours, self.names.as_deref())?,
            lift: lift(self.lift)?,
            // It made the plan's size, and has no part in the schedule.
            deviation: 1.0,
            posts_per_week: pace(self.posts_per_week)?,
            zone: self.zone.clone(),
            start: self.start,
            most_weeks: 1,
            seed: u64::from(self.seed),
        };
        ExperimentPlan::of(&request, self.posts_each).map_err(refused)
    }
}

/// The arms of hours, and of names where there are some.
fn arms(hours: &str, names: Option<&str>) -> Result<Vec<Arm>, Problem> {
    let hours: Vec<u8> = (hours.split(',').map(str::parse).collect::<Result<_, _>>())
        .map_err(|_| wrong("hours: they are numbers from 0 to 23 with commas between them"))?;
    let names: Vec<String> = match names {
        Some(names) => names.split(',').map(|name| name.trim().to_owned()).collect(),
        None => hours.iter().enumerate().map(|(place, hour)| usual_name(&hours[..place], *hour)).collect(),
    };
    if names.len() != hours.len() {
        return Err(wrong(&format!("names: there are {} for {} hours", names.len(), hours.len())));
    }
    if names.iter().any(|name| name.is_empty() || name.chars().count() > LONGEST_NAME) {
        return Err(wrong(&format!("names: each has 1 to {LONGEST_NAME} characters")));
    }
    let arms: Vec<Arm> = names.into_iter().zip(hours).map(|(name, hour)| Arm { name, hour }).collect();
    check_arms(&arms).map_err(refused)?;
    Ok(arms)
}

/// In characters.
const LONGEST_NAME: usize = 60;

/// Arms of one hour are told apart by their place.
fn usual_name(before: &[u8], hour: u8) -> String {
    match before.iter().filter(|&&of| of == hour).count() {
        0 => format!("at {hour:02}:00"),
        before => format!("at {hour:02}:00 ({})", before + 1),
    }
}

fn lift(lift: f64) -> Result<f64, Problem> {
    if (0.01..=100.0).contains(&lift) { Ok(lift) } else { Err(wrong("lift: it is a number from 0.01 to 100")) }
}

fn weeks(weeks: u32) -> Result<u32, Problem> {
    if (1..=104).contains(&weeks) { Ok(weeks) } else { Err(wrong("weeks: they are 1 to 104")) }
}

fn pace(posts_per_week: f64) -> Result<f64, Problem> {
    let is_one = posts_per_week > 0.0 && posts_per_week <= 7.0;
    is_one.then_some(posts_per_week).ok_or_else(|| wrong("posts_per_week: it is a number above 0, and at most 7"))
}

fn refused(error: PlanError) -> Problem {
    wrong(&error.to_string())
}

fn wrong(why: &str) -> Problem {
    Problem::new(ProblemKind::BadRequest).with_detail(why)
}
