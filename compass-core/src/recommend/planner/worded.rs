//! Plans and what came of them in plain words. Posts were dealt at random, so that an arm may be said to bring views.

use std::fmt;

use super::{Effect, Evaluation, ExperimentPlan, TooLong, Verdict};
use crate::recommend::Shown;

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { posts_each, weeks, most_weeks, detectable } = self;
        write!(
            f,
            "A difference of that size cannot be told in {most_weeks} weeks: it takes {} posts in each arm, {} weeks at your pace. ",
            Shown::Count(*posts_each as f64),
            Shown::Count(*weeks as f64)
        )?;
        match detectable {
            Some(lift) => write!(f, "In {most_weeks} weeks you could tell {} or more.", Shown::Change(*lift)),
            None => write!(f, "In {most_weeks} weeks there are too few posts to tell any."),
        }
    }
}

impl fmt::Display for ExperimentPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lift = Shown::Change(self.lift);
        write!(
            f,
            "{} posts, {} in each arm, in an order that is drawn: a difference of {lift} in views would show four times in five. Look \
             on {}, not before: looking early and stopping when it looks well finds differences that are none.",
            self.posts.len(),
            self.posts_each,
            self.look_on
        )
    }
}

impl Evaluation {
    /// What came of each arm beside the first, in the order of the plan, and how many posts were left out, if any.
    #[must_use]
    pub fn sentences(&self, plan: &ExperimentPlan) -> Vec<String> {
        let name = |arm: usize| plan.arms.get(arm).map_or_else(String::new, |arm| Shown::name(&arm.name).to_string());
        let effects = self.effects.iter().map(|effect| effect.sentence(&name(effect.arm), &name(0)));
        let left_out = match self.skipped {
            0 => None,
            1 => {
                Some("1 post was not found at its planned hour, or shows no views: its block was left out.".to_owned())
            }
            n => Some(format!(
                "{n} posts were not found at their planned hours, or show no views: their blocks were left out."
            )),
        };
        effects.chain(left_out).collect()
    }
}

impl Effect {
    fn sentence(&self, arm: &str, first: &str) -> String {
        let blocks = match self.blocks {
            1 => "1 pair of posts".to_owned(),
            blocks => format!("{blocks} pairs of posts"),
        };
        let (Some(lift), Some(interval)) = (self.lift, self.interval) else {
            return format!("\"{arm}\" beside \"{first}\": {blocks} are too few to tell anything.");
        };
        let range =
            format!("{} ({} to {})", Shown::Change(lift), Shown::Change(interval.lo), Shown::Change(interval.hi));
        match self.verdict {
            Verdict::More => format!("\"{arm}\" brings more views than \"{first}\": {range}, {blocks}."),
            Verdict::Fewer => format!("\"{arm}\" brings fewer views than \"{first}\": {range}, {blocks}."),
            Verdict::NotShown => format!(
                "Between \"{arm}\" and \"{first}\" no difference is shown: {range}, {blocks}. That does not mean that there is none."
            ),
        }
    }
}
