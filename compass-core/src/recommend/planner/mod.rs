//! Experiments with posts: a randomised schedule of a size that can tell, or how long it would take.

mod evaluation;
mod outcomes;
mod usual;
mod worded;

use jiff::{Span, Timestamp, ToSpan as _, civil::Date};

pub use evaluation::{Effect, Evaluation, PostOutcome, Unfinished, Verdict, evaluate_experiment};
pub use outcomes::outcomes;
pub use usual::usual_arms;

use super::insights::deviation;
use crate::{
    Zone,
    analytics::{CreatorReport, MetricId, detectable_lift, posts_in_each_arm},
    stats::Seed,
};

/// What is asked of an experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct ExperimentRequest {
    /// What is compared, two to four; the others are compared with the first, which is what the creator does now.
    pub arms: Vec<Arm>,
    /// The relative difference that it is to tell four times in five: 0.5 is half as many views again.
    pub lift: f64,
    /// The standard deviation of the creator's posts, as natural logarithms of their views, from the creator's level.
    pub deviation: f64,
    /// Posts a week. More than seven are planned as seven: one a day.
    pub posts_per_week: f64,
    /// The zone of days and hours: the creator's.
    pub zone: Zone,
    /// The first day.
    pub start: Date,
    /// The longest that the creator would keep it up.
    pub most_weeks: u32,
    /// Decides the order of the arms: the same seed gives the same plan.
    pub seed: u64,
}

/// One of the things that are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Arm {
    /// What its posts have, in the creator's words: `at 18:00`, `with #recipe`, `as always`.
    pub name: String,
    /// The hour at which they are posted, 0 to 23.
    pub hour: u8,
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// There are not two to four arms.
    #[error("an experiment compares two to four arms, not {0}")]
    Arms(usize),
    /// Two arms have the same name.
    #[error("two arms are called {0:?}: give each a name of its own")]
    SameName(String),
    /// An hour is none.
    #[error("{0} is no hour of the day from 0 to 23")]
    Hour(u8),
    /// The lift is 0, -1 or less, or no number.
    #[error("a lift is a number above -1 that is not 0, such as 0.5")]
    Lift,
    /// The deviation is not above 0.
    #[error("how far posts differ is not known: it takes 8 posts with known views that differ")]
    Deviation,
    /// The pace is not above 0.
    #[error("posts a week must be above 0")]
    Pace,
    /// No post in an arm, or more than any plan has.
    #[error("an experiment has 1 to {MOST_EACH} posts in each arm, not {0}")]
    Size(u64),
    /// The plan would leave the calendar.
    #[error("the plan would begin or end outside of the calendar")]
    Calendar,
}

/// What is planned.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(tag = "answer", rename_all = "snake_case"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Planned {
    /// A schedule.
    Schedule(ExperimentPlan),
    /// It would take too long to be worth while.
    TooLong(TooLong),
}

/// How long it would take, and what could be told in the time there is.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TooLong {
    /// Posts in each arm.
    pub posts_each: u64,
    /// Weeks at the creator's pace.
    pub weeks: u64,
    /// The longest that was asked for.
    pub most_weeks: u32,
    /// The smallest lift that so many weeks could tell; `None` if they have too few posts for any.
    pub detectable: Option<f64>,
}

/// A randomised schedule.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExperimentPlan {
    /// What is compared; the others with the first.
    pub arms: Vec<Arm>,
    /// The zone of days and hours.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub zone: Zone,
    /// The posts in the order of time. Each arm comes once in each block, in random order.
    pub posts: Vec<PlannedPost>,
    /// Posts in each arm: the experiment ends with the last one, whatever it looks like before.
    pub posts_each: u64,
    /// Posts a week, seven at most.
    pub posts_per_week: f64,
    /// The lift that so many posts tell four times in five.
    pub lift: f64,
    /// The day from which on one may look: every post is a week old. Looking earlier, and stopping when it looks well, finds
    /// differences that are none.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub look_on: Date,
    /// The seed of the order.
    pub seed: u64,
}

/// A post of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlannedPost {
    /// The day by the creator's clock.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
    pub day: Date,
    /// The moment, UTC; an hour that the clocks leave out on that day is the next one.
    pub at: Timestamp,
    /// Which arm, by its place.
    pub arm: usize,
    /// Which block.
    pub block: usize,
}

/// One post a day at most.
const MOST_A_WEEK: f64 = 7.0;

/// A week after the last post one may look.
const SETTLING: i64 = 7;

const SIGNIFICANCE: f64 = 0.05;

/// No plan has more posts.
const MOST_EACH: u64 = 1_000;

/// Checks what can be said of an experiment's arms before anything is known of the posts.
///
/// # Errors
/// [`PlanError::Arms`], [`PlanError::SameName`] or [`PlanError::Hour`].
pub fn check_arms(arms: &[Arm]) -> Result<(), PlanError> {
    if !(2..=4).contains(&arms.len()) {
        return Err(PlanError::Arms(arms.len()));
    }
    if let Some((_, arm)) = arms.iter().enumerate().find(|(i, arm)| arms[..*i].iter().any(|a| a.name == arm.name)) {
        return Err(PlanError::SameName(arm.name.clone()));
    }
    match arms.iter().find(|arm| arm.hour > 23) {
        Some(arm) => Err(PlanError::Hour(arm.hour)),
        None => Ok(()),
    }
}

impl ExperimentRequest {
    /// An experiment for a creator, from how far the posts of the report differ and how often there is one: a lift of a half,
    /// twelve weeks at most.
    ///
    /// # Errors
    /// [`PlanError::Deviation`] or [`PlanError::Pace`] if the report does not tell.
    pub fn new(report: &CreatorReport, arms: Vec<Arm>, start: Date, seed: u64) -> Result<Self, PlanError> {
        let pace = report.metrics.get(&MetricId::POSTS_PER_WEEK).and_then(|pace| pace.value);
        Ok(Self {
            arms,
            lift: 0.5,
            deviation: deviation(&report.posting).ok_or(PlanError::Deviation)?,
            posts_per_week: pace.ok_or(PlanError::Pace)?,
            zone: report.posting.zone.clone(),
            start,
            most_weeks: 12,
            seed,
        })
    }

    fn check(&self) -> Result<(), PlanError> {
        check_arms(&self.arms)?;
        let effect = self.lift.ln_1p();
        if !effect.is_finite() || effect == 0.0 {
            return Err(PlanError::Lift);
        }
        if !(self.deviation.is_finite() && self.deviation > 0.0) {
            return Err(PlanError::Deviation);
        }
        if !(self.posts_per_week.is_finite() && self.posts_per_week > 0.0) {
            return Err(PlanError::Pace);
        }
        Ok(())
    }
}

/// Plans an experiment of a fixed size: so many posts that a lift of the asked size is told four times in five, each arm once
/// in each block, in random order, so that neither the week nor the creator's growth favours one.
///
/// With more than two arms, each comparison has its share of the 5 %. No plan has fewer posts in an arm than
/// [`evaluate_experiment`] can tell anything of: six for two arms, seven for more.
///
/// ```
/// use compass_core::{Zone, recommend::{Arm, ExperimentRequest, Planned, plan_experiment}};
/// let arm = |name: &str, hour| Arm { name: name.to_owned(), hour };
/// let mut request = ExperimentRequest {
///     arms: vec![arm("as always", 12), arm("in the evening", 18)],
///     lift: 1.0,
///     deviation: 0.8,
///     posts_per_week: 5.0,
///     zone: Zone::parse("Europe/Berlin")?,
///     start: "2026-05-04".parse()?,
///     most_weeks: 12,
///     seed: 1,
/// };
/// let Planned::Schedule(plan) = plan_experiment(&request)? else { unreachable!("nine weeks") };
/// assert_eq!((plan.posts_each, plan.posts.len()), (22, 44));
/// request.lift = 0.1;
/// assert!(matches!(plan_experiment(&request)?, Planned::TooLong(long) if long.weeks > 400));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`PlanError`] says what of the request makes no sense.
pub fn plan_experiment(request: &ExperimentRequest) -> Result<Planned, PlanError> {
    request.check()?;
    let arms = request.arms.len();
    let a_week = request.posts_per_week.min(MOST_A_WEEK);
    let posts_each = posts_in_each_arm(request.deviation, request.lift, arms - 1);
    let weeks = posts_each as f64 * arms as f64 / a_week;
    if weeks > f64::from(request.most_weeks) || posts_each > MOST_EACH {
        let there_are = (f64::from(request.most_weeks) * a_week / arms as f64).floor() as u64;
        return Ok(Planned::TooLong(TooLong {
            posts_each,
            weeks: weeks.ceil() as u64,
            most_weeks: request.most_weeks,
            detectable: detectable_lift(request.deviation, there_are, arms - 1),
        }));
    }
    ExperimentPlan::of(request, posts_each).map(Planned::Schedule)
}

impl ExperimentPlan {
    /// The schedule of a plan of so many posts in each arm: the same request, but for its lift, deviation and longest time, and the
    /// same number give the same schedule, so that a plan need not be kept to be evaluated.
    ///
    /// # Errors
    /// [`PlanError`] says what of the request makes no sense.
    pub fn of(request: &ExperimentRequest, posts_each: u64) -> Result<Self, PlanError> {
        request.check()?;
        let arms = request.arms.len();
        if posts_each == 0 || posts_each > MOST_EACH {
            return Err(PlanError::Size(posts_each));
        }
        let a_week = request.posts_per_week.min(MOST_A_WEEK);
        let mut posts = Vec::new();
        for block in 0..posts_each as usize {
            for arm in order(arms, Seed::new("experiment").with(request.seed).with(block as u64)) {
                let days = (posts.len() as f64 * 7.0 / a_week).floor() as i64;
                let after = Span::new().try_days(days).map_err(|_| PlanError::Calendar)?;
                let day = request.start.checked_add(after).map_err(|_| PlanError::Calendar)?;
                let hour = i8::try_from(request.arms[arm].hour).map_err(|_| PlanError::Hour(request.arms[arm].hour))?;
                let wall = day.at(hour, 0, 0, 0);
                let at = request.zone.rules().to_timestamp(wall).map_err(|_| PlanError::Calendar)?;
                posts.push(PlannedPost { day, at, arm, block });
            }
        }
        let last = posts.last().map_or(request.start, |post| post.day);
        Ok(Self {
            arms: request.arms.clone(),
            zone: request.zone.clone(),
            posts,
            posts_each,
            posts_per_week: a_week,
            lift: request.lift,
            look_on: last.checked_add(SETTLING.days()).map_err(|_| PlanError::Calendar)?,
            seed: request.seed,
        })
    }
}

/// The arms in a random order (Fisher and Yates).
fn order(arms: usize, seed: Seed) -> Vec<usize> {
    let mut order: Vec<usize> = (0..arms).collect();
    for i in (1..arms).rev() {
        let at = (seed.with(i as u64).unit() * (i + 1) as f64) as usize;
        order.swap(i, at);
    }
    order
}
