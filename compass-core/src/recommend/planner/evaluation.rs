//! What came of an experiment: differences within blocks, judged by dealing the arms of each block anew.

use super::{ExperimentPlan, SIGNIFICANCE};
use crate::{
    analytics::Interval,
    stats::{Seed, mean},
};

/// What became of a planned post.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PostOutcome {
    /// It is not posted yet, or too young.
    Pending,
    /// It was left out, or its views are not known. Its block tells nothing of its arm.
    Skipped,
    /// ln(1 + views) at an age that is the same for all, as [`VideoGrowth::log_views_compared`] gives it.
    ///
    /// [`VideoGrowth::log_views_compared`]: crate::analytics::VideoGrowth::log_views_compared
    LogViews(f64),
}

/// Why there is no evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfinished {
    /// Posts are still to come: looking before the end finds differences that are none.
    #[error("{0} posts are still to come: look when all are there, not before")]
    Pending(usize),
    /// The outcomes are not those of the plan.
    #[error("the plan has {planned} posts, and there are outcomes of {got}")]
    OtherPlan {
        /// Posts of the plan.
        planned: usize,
        /// Outcomes that came.
        got: usize,
    },
    /// The plan does not have two to four arms.
    #[error("the plan compares {0} arms, not two to four")]
    Arms(usize),
    /// The plan has another number of posts than one of each arm in each block.
    #[error("the plan has {posts} posts, not one of each arm in {blocks} blocks")]
    Size {
        /// Posts of the plan.
        posts: usize,
        /// Blocks of the plan.
        blocks: u64,
    },
    /// A post of the plan has an arm or a block that the plan does not have, or that another post has.
    #[error("post {0} of the plan is of no arm or block of its own: take the plan as it was made")]
    Misplaced(usize),
    /// Views that are no number.
    #[error("the outcome of post {0} is no number")]
    NotFinite(usize),
}

/// What came of an experiment.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Evaluation {
    /// Each arm but the first, compared with it, in the order of the plan.
    pub effects: Vec<Effect>,
    /// Posts that were left out.
    pub skipped: usize,
}

/// What an arm did beside the first.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Effect {
    /// Which arm, by its place.
    pub arm: usize,
    /// Blocks that have a post of both.
    pub blocks: usize,
    /// The relative difference in views: 0.3 is 30 % more; `None` without such a block.
    pub lift: Option<f64>,
    /// Its interval: 95 % over all comparisons together; `None` if there are too few blocks for any.
    pub interval: Option<Interval>,
    /// How often dealing the two anew within each block gives as large a difference, times the number of comparisons.
    pub p: Option<f64>,
    /// What it comes to.
    pub verdict: Verdict,
}

/// What a comparison comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Verdict {
    /// It brings more views than the first. Chance alone says so once in forty experiments.
    More,
    /// It brings fewer.
    Fewer,
    /// No difference is shown, which does not mean that there is none.
    NotShown,
}

/// With so many blocks at most, every way to deal them is looked at.
const ALL_WAYS: usize = 13;

/// With more, so many random ones.
const WAYS: usize = 9_999;

/// Evaluates a finished experiment: each arm with the first, as the mean over blocks of the difference in log views.
///
/// If an arm did nothing, its post and the first's of a block could as well be exchanged: so the signs of the differences
/// are dealt anew (Fisher 1935), all ways or 9,999 random ones, and the interval holds every difference that would
/// not be rejected so.
///
/// # Errors
/// [`Unfinished`] if a post is still to come, the outcomes are not those of the plan, or the plan is damaged.
pub fn evaluate_experiment(plan: &ExperimentPlan, outcomes: &[PostOutcome]) -> Result<Evaluation, Unfinished> {
    let places = plan.places()?;
    if outcomes.len() != plan.posts.len() {
        return Err(Unfinished::OtherPlan { planned: plan.posts.len(), got: outcomes.len() });
    }
    if let Some(post) = outcomes.iter().position(|o| matches!(o, PostOutcome::LogViews(log) if !log.is_finite())) {
        return Err(Unfinished::NotFinite(post));
    }
    let pending = outcomes.iter().filter(|outcome| **outcome == PostOutcome::Pending).count();
    if pending > 0 {
        return Err(Unfinished::Pending(pending));
    }
    let log_views = |place: usize| match outcomes[place] {
        PostOutcome::LogViews(log) => Some(log),
        PostOutcome::Pending | PostOutcome::Skipped => None,
    };
    let arms = plan.arms.len();
    let comparisons = arms - 1;
    let effects = (1..arms).map(|arm| {
        let blocks = places.chunks_exact(arms);
        let differences: Vec<f64> =
            blocks.filter_map(|block| Some(log_views(block[arm])? - log_views(block[0])?)).collect();
        Effect::of(arm, &differences, comparisons, Seed::new("evaluation").with(plan.seed).with(arm as u64))
    });
    let skipped = outcomes.iter().filter(|outcome| **outcome == PostOutcome::Skipped).count();
    Ok(Evaluation { effects: effects.collect(), skipped })
}

impl ExperimentPlan {
    /// Which post is of an arm in a block: by block, then by arm. A plan may come from a file that somebody changed.
    fn places(&self) -> Result<Vec<usize>, Unfinished> {
        let arms = self.arms.len();
        if !(2..=4).contains(&arms) {
            return Err(Unfinished::Arms(arms));
        }
        let size = usize::try_from(self.posts_each).ok().and_then(|blocks| blocks.checked_mul(arms));
        if size != Some(self.posts.len()) {
            return Err(Unfinished::Size { posts: self.posts.len(), blocks: self.posts_each });
        }
        let mut places = vec![None; self.posts.len()];
        for (i, post) in self.posts.iter().enumerate() {
            let place = post.block.checked_mul(arms).and_then(|first| first.checked_add(post.arm));
            let place = place.filter(|_| post.arm < arms).and_then(|place| places.get_mut(place));
            match place {
                Some(place @ None) => *place = Some(i),
                Some(Some(_)) | None => return Err(Unfinished::Misplaced(i)),
            }
        }
        // As many posts as places, and none twice: each place has one.
        Ok(places.into_iter().flatten().collect())
    }
}

impl Effect {
    fn of(arm: usize, differences: &[f64], comparisons: usize, seed: Seed) -> Self {
        let Some(effect) = mean(differences) else {
            return Self { arm, blocks: 0, lift: None, interval: None, p: None, verdict: Verdict::NotShown };
        };
        let ways = Ways::of(differences, seed);
        let level = 1.0 - SIGNIFICANCE / comparisons as f64;
        let p = (ways.p() * comparisons as f64).min(1.0);
        let interval = ways.interval(1.0 - level).map(|(lo, hi)| Interval {
            lo: lo.exp_m1(),
            hi: hi.exp_m1(),
            level: 1.0 - SIGNIFICANCE,
        });
        let interval = interval.filter(|interval| interval.lo.is_finite() && interval.hi.is_finite());
        let verdict = match interval {
            Some(interval) if interval.lo > 0.0 => Verdict::More,
            Some(interval) if interval.hi < 0.0 => Verdict::Fewer,
            _ => Verdict::NotShown,
        };
        let lift = Some(effect.exp_m1()).filter(|lift| lift.is_finite());
        Self { arm, blocks: differences.len(), lift, interval, p: Some(p), verdict }
    }
}

/// Ways to deal the signs of differences: of each, the mean of the differences with these signs, and that of the signs.
struct Ways {
    mean: f64,
    dealt: Vec<(f64, f64)>,
}

impl Ways {
    fn of(differences: &[f64], seed: Seed) -> Self {
        let n = differences.len();
        let dealt = |sign: &dyn Fn(usize) -> f64| {
            let sums = differences
                .iter()
                .enumerate()
                .fold((0.0, 0.0), |(sum, signs), (i, difference)| (sum + sign(i) * difference, signs + sign(i)));
            (sums.0 / n as f64, sums.1 / n as f64)
        };
        let kept = dealt(&|_| 1.0);
        let sign = |up: bool| if up { 1.0 } else { -1.0 };
        let ways = if n <= ALL_WAYS {
            (0..1_usize << n).map(|way| dealt(&|i| sign((way >> i) & 1 == 0))).collect()
        } else {
            let random = (0..WAYS as u64).map(|way| {
                let seed = seed.with(way);
                let bits: Vec<u64> = (0..n.div_ceil(64) as u64).map(|word| seed.with(word).get()).collect();
                dealt(&|i| sign((bits[i / 64] >> (i % 64)) & 1 == 0))
            });
            // The way that was dealt in truth is one of them.
            random.chain([kept]).collect()
        };
        Self { mean: kept.0, dealt: ways }
    }

    /// The share of ways that give as large a mean; equal but for rounding is as large.
    fn p(&self) -> f64 {
        let least = self.mean.abs() * (1.0 - 1e-12);
        self.dealt.iter().filter(|(mean, _)| mean.abs() >= least).count() as f64 / self.dealt.len() as f64
    }

    /// The differences d that would not be rejected at a level if the arm added d to each: those for which more than that
    /// share of ways give |mean - d signs| >= |mean of all - d|. Each way does so on an interval around the mean, so that
    /// the ends are order statistics. `None` if there are too few ways.
    fn interval(&self, alpha: f64) -> Option<(f64, f64)> {
        let end = |side: f64| {
            // Mirrored for the lower end.
            let centre = side * self.mean;
            let mut reach: Vec<f64> = self
                .dealt
                .iter()
                .map(|&(mean, signs)| {
                    let mean = side * mean;
                    let upto = |sum: f64, share: f64| if share > 1e-12 { sum / share } else { f64::INFINITY };
                    upto(centre + mean, 1.0 + signs).max(upto(centre - mean, 1.0 - signs))
                })
                .collect();
            reach.sort_unstable_by(|a, b| b.total_cmp(a));
            let place = (alpha * reach.len() as f64 + 1e-9).floor() as usize;
            Some(side * reach.get(place).copied().filter(|end| end.is_finite())?)
        };
        Some((end(-1.0)?, end(1.0)?))
    }
}
