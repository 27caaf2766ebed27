//! `/experiment`: a plan that its address says, and what came of it once it is over.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use compass_core::{
    Handle,
    analytics::{Interval, MetricUnit, Subject},
    app,
    recommend::{
        Effect, Evaluation, ExperimentPlan, PlannedPost, PostOutcome, Shown, TooLong, Unfinished, Verdict,
        evaluate_experiment, outcomes,
    },
};
use compass_http::{CurrentUser, PlanQuery, Problem, ProblemKind, Query};
use jiff::{Timestamp, civil::Date};

use super::{
    dashboard::sign_in_first,
    frame::{Frame, Tab, show},
    known::options_for,
};
use crate::{
    AppState,
    words::{amount, percent, shown, thousands},
};

#[derive(Debug, Template)]
#[template(path = "experiment.html")]
struct ExperimentPage {
    frame: Frame,
    handle: Handle,
    summary: String,
    outcome: Outcome,
    posts: Vec<PostRow>,
    zone: String,
}

/// What can be said of it now.
#[derive(Clone, Debug, PartialEq)]
enum Outcome {
    /// Why there is nothing to say yet.
    NotYet(String),
    /// What each arm did beside the first, and how many posts were left out.
    Over { effects: Vec<EffectRow>, left_out: Option<String> },
}

/// What an arm did beside the first.
#[derive(Clone, Debug, PartialEq)]
struct EffectRow {
    arms: String,
    difference: String,
    interval: String,
    verdict: &'static str,
}

/// A post of the plan.
#[derive(Clone, Debug, PartialEq)]
struct PostRow {
    /// Day and hour.
    at: String,
    arm: String,
    /// What became of it.
    became: &'static str,
}

/// `GET /experiment?hours=12,18&…`: the query is all of the plan.
pub(super) async fn experiment(
    State(state): State<AppState>,
    who: Option<CurrentUser>,
    Query(query): Query<PlanQuery>,
) -> Result<Response, Problem> {
    let Some(CurrentUser { user, .. }) = who else {
        return Ok(sign_in_first(&address(&query)));
    };
    let Some(handle) = user.preferences.handle.clone() else {
        return Ok(Redirect::to("/onboarding").into_response());
    };
    let plan = query.plan()?;
    let (ports, now) = (&state.ports, state.ports.clock.now());
    let mut options = options_for(Some(&plan.zone));
    options.corpus = state.corpus.at(now);
    let (creators, imports) = (&*ports.creators, &*ports.imports);
    let read = async { Ok(app::known_subject(creators, imports, user.id, &handle, now).await?) };
    let compute = move |subject: Option<Subject>| {
        let seen = subject.as_ref().and_then(|subject| subject.posts_seen(now));
        let report = subject.map(|subject| subject.report(app::settled(now, subject.newest(now)), &options));
        let pending = || vec![PostOutcome::Pending; plan.posts.len()];
        let outcomes = report.map_or_else(pending, |report| outcomes(&plan, &report, seen));
        let found = evaluate_experiment(&plan, &outcomes);
        (plan, seen, outcomes, found)
    };
    let (plan, seen, outcomes, found) = state.computations.run(read, compute).await?;
    let outcome = match found {
        Ok(evaluation) => Outcome::over(&plan, &evaluation),
        Err(Unfinished::Pending(_)) if plan.is_unseen(now, seen) => Outcome::unseen(&plan, seen),
        Err(Unfinished::Pending(pending)) => Outcome::not_yet(&plan, pending),
        Err(damaged) => return Err(Problem::new(ProblemKind::BadRequest).with_detail(damaged.to_string())),
    };
    let rows = plan.posts.iter().zip(outcomes).map(|(post, outcome)| PostRow::new(&plan, post, outcome));
    let page = ExperimentPage {
        frame: Frame::new("Experiment", Some(Tab::Recommendations), &state, Some(&user)),
        handle,
        summary: summary(&plan),
        outcome,
        posts: rows.collect(),
        zone: plan.zone.name().to_owned(),
    };
    show(StatusCode::OK, &page)
}

/// Where a plan is found.
pub(super) fn address(plan: &PlanQuery) -> String {
    format!("/experiment?{}", plan.written())
}

/// A plan in words.
pub(super) fn summary(plan: &ExperimentPlan) -> String {
    format!(
        "{} posts, {} in each of {} ways, in an order that is drawn: a difference of {} in views would show four times in five. Look on \
         {}, not before: looking early and stopping when it looks well finds differences that are none.",
        thousands(plan.posts.len() as u64),
        thousands(plan.posts_each),
        plan.arms.len(),
        change(plan.lift),
        date(plan.look_on)
    )
}

/// Why a difference of that size is not planned for, in words.
pub(super) fn too_long(long: &TooLong, lift: f64) -> String {
    let weeks = long.most_weeks;
    let lift = change(lift);
    let few = if long.detectable.is_none() {
        format!(" In {weeks} weeks there are too few posts to tell any.")
    } else {
        String::new()
    };
    format!(
        "A difference of {lift} cannot be told in {weeks} weeks: it takes {} posts in each way, {} weeks at your pace.{few}",
        thousands(long.posts_each),
        thousands(long.weeks)
    )
}

/// A difference that was chosen, not measured: `+50%`.
fn change(lift: f64) -> String {
    shown(&Shown::Change(lift))
}

fn date(day: Date) -> String {
    day.strftime("%-d %b %Y").to_string()
}

impl Outcome {
    fn not_yet(plan: &ExperimentPlan, pending: usize) -> Self {
        Self::NotYet(format!(
            "Not sure yet: {} of {} posts are still to come, or younger than a week. Look on {}, not before.",
            thousands(pending as u64),
            thousands(plan.posts.len() as u64),
            date(plan.look_on)
        ))
    }

    fn unseen(plan: &ExperimentPlan, seen: Option<Timestamp>) -> Self {
        let last =
            seen.map_or_else(String::new, |seen| format!(" since {}", date(seen.to_zoned(plan.zone.rules()).date())));
        Self::NotYet(format!(
            "Not sure yet: the plan is over, and nobody has looked at the posts{last}. Refresh the account on the dashboard, and open this \
             page again."
        ))
    }

    fn over(plan: &ExperimentPlan, evaluation: &Evaluation) -> Self {
        let left_out = (evaluation.skipped > 0).then(|| {
            let posts = if evaluation.skipped == 1 { "post was" } else { "posts were" };
            format!("{} {posts} not found at the planned hour, or show no views.", thousands(evaluation.skipped as u64))
        });
        Self::Over { effects: evaluation.effects.iter().map(|effect| EffectRow::new(plan, effect)).collect(), left_out }
    }
}

impl EffectRow {
    fn new(plan: &ExperimentPlan, effect: &Effect) -> Self {
        let name = |arm: usize| plan.arms.get(arm).map_or("", |arm| arm.name.as_str());
        let lift = |x| amount(MetricUnit::Lift, x);
        let pairs = if effect.blocks == 1 { "pair" } else { "pairs" };
        let from = format!("from {} {pairs} of posts", thousands(effect.blocks as u64));
        let verdict = match (effect.interval, effect.verdict) {
            (None, _) => "Not sure: these are too few to tell anything.",
            (Some(_), Verdict::More) => "It brings more views.",
            (Some(_), Verdict::Fewer) => "It brings fewer views.",
            (Some(_), Verdict::NotShown) => "Not sure: no difference is shown, which does not mean that there is none.",
        };
        let interval = match effect.interval {
            Some(Interval { lo, hi, level }) => {
                format!("{} to {} ({} interval), {from}", lift(lo), lift(hi), percent(level))
            }
            None => from,
        };
        Self {
            arms: format!("{} beside {}", name(effect.arm), name(0)),
            difference: effect.lift.map_or_else(|| "not known".to_owned(), |x| format!("{} views", lift(x))),
            interval,
            verdict,
        }
    }
}

impl PostRow {
    fn new(plan: &ExperimentPlan, post: &PlannedPost, outcome: PostOutcome) -> Self {
        let arm = plan.arms.get(post.arm);
        Self {
            at: format!("{}, {:02}:00", post.day.strftime("%a, %-d %b %Y"), arm.map_or(0, |arm| arm.hour)),
            arm: arm.map_or_else(String::new, |arm| arm.name.clone()),
            became: match outcome {
                PostOutcome::Pending => "to come",
                PostOutcome::Skipped => "left out",
                PostOutcome::LogViews(_) => "counted",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use compass_core::{Snapshot, ports::CreatorStore as _, samples::World};
    use url::form_urlencoded;

    use super::*;
    use crate::pages::testing::{HOSTILE, Pages, now};

    /// A plan of 12 posts, one a day from 10 March 2026 on.
    const PLAN: &str = "/experiment?hours=9,18&names=early,late&lift=0.5&start=2026-03-10&zone=UTC&seed=7&posts_each=6&posts_per_week=7";

    /// Posts as planned, of which the late ones have four times as many views.
    async fn with_posts(pages: Pages) -> Pages {
        let plan = axum::extract::Query::<PlanQuery>::try_from_uri(&PLAN.parse().unwrap()).unwrap().plan().unwrap();
        let creator = World::standard().find(&Handle::parse("sample.steady").unwrap()).unwrap().clone();
        let mut look: Snapshot = creator.snapshot(now(), 30, compass_core::SourceKind::Sample);
        look.videos.truncate(plan.posts.len());
        for (video, post) in look.videos.iter_mut().zip(&plan.posts) {
            let views = if post.arm == 1 { 40_000 } else { 10_000 };
            video.video.created_at = post.at;
            video.counts.views = compass_core::Count::exact(views + 100 * post.block as u64).ok();
        }
        pages.store.record(&look).await.unwrap();
        pages
    }

    #[tokio::test]
    async fn a_plan_that_is_over_says_what_came_of_it_with_the_interval() {
        let pages = with_posts(Pages::new().signed_in(Some("sample.steady")).await).await;
        let page = pages.get(PLAN).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.html);
        page.says(&["late beside early", "It brings more views.", "95% interval", "from 6 pairs of posts", "counted"]);
        page.does_not_say(&["NaN", "style="]);
    }

    #[tokio::test]
    async fn a_plan_that_is_over_and_was_not_looked_at_says_so_and_no_figure() {
        let pages = with_posts(Pages::new().signed_in(Some("sample.steady")).await).await;
        // All of its posts are from after the last look.
        let page = pages.get(&PLAN.replace("2026-03-10", "2026-05-10")).await;
        page.says(&["12 of 12 posts are still to come"]);
        pages.clock.advance(std::time::Duration::from_secs(60 * 86_400));
        let pages = pages.signed_in(Some("sample.steady")).await;
        let page = pages.get(&PLAN.replace("2026-03-10", "2026-05-10")).await;
        page.says(&["the plan is over, and nobody has looked at the posts since 1 May 2026", "Refresh the account"]);
        page.does_not_say(&["beside early", "interval", "left out", "still to come"]);
    }

    #[tokio::test]
    async fn before_its_end_a_plan_says_when_to_look_and_no_figure() {
        let pages = Pages::new().signed_in(Some("sample.steady")).await.with_history("sample.steady").await;
        let page = pages.get(&PLAN.replace("2026-03-10", "2026-04-28")).await;
        page.says(&[
            "Not sure yet: 12 of 12 posts are still to come",
            "Look on 16 May 2026, not before",
            "Tue, 28 Apr 2026, ",
        ]);
        page.does_not_say(&["beside early", "interval"]);
    }

    #[tokio::test]
    async fn posts_that_were_not_made_as_planned_leave_it_unsure() {
        let pages = Pages::new().signed_in(Some("sample.steady")).await.with_history("sample.steady").await;
        pages.get(PLAN).await.says(&["Not sure", "not found at the planned hour", "left out"]);
    }

    #[tokio::test]
    async fn visitors_sign_in_and_come_back_to_the_same_plan() {
        let page = Pages::new().get(PLAN).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
        assert!(page.header("location").contains("return_to=/experiment%3Fhours%3D9"), "{}", page.header("location"));
    }

    #[tokio::test]
    async fn a_plan_that_makes_no_sense_is_told_and_markup_in_it_is_text() {
        let pages = Pages::new().signed_in(Some("sample.steady")).await.with_history("sample.steady").await;
        assert_eq!(pages.get("/experiment").await.status, StatusCode::BAD_REQUEST);
        let page = pages.get(&PLAN.replace("posts_each=6", "posts_each=1001")).await;
        page.says(&["1 to 1000 posts in each arm"]);
        let hostile: String = form_urlencoded::byte_serialize(&HOSTILE.as_bytes()[..50]).collect();
        let page = pages.get(&PLAN.replace("late", &hostile)).await;
        assert_eq!(page.status, StatusCode::OK);
        page.does_not_say(&["<script>alert", "<img src=x"]);
    }
}
