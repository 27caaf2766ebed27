//! At which time of the day do the creator's posts do best?

mod comparison;
mod hold_out;

use jiff::Timestamp;

pub use hold_out::{HoldOut, best_time_holdout};

use super::{
    Counter, Estimate, Metric, MetricId, MetricUnit, Quality, SampleOf,
    clock::{BLOCKS, Clock, HOURS_A_BLOCK, WEEKDAYS},
    experiment::posts_in_each_arm,
    level::{Level, order_of_time},
};
use crate::{
    Zone,
    stats::{Seed, Shrinkage},
};
use comparison::{Cells, Comparison};
use hold_out::realised;

impl MetricId {
    /// Lift of the best block of hours over the creator's habit.
    pub const BEST_TIME_LIFT: Self = Self("best_time.lift@1");
    /// What the best block of one half of the posts brought in the other half.
    pub const BEST_TIME_REALISED: Self = Self("best_time.realised@1");
}

pub(super) static METRICS: &[Metric] = &[
    Metric {
        id: MetricId::BEST_TIME_LIFT,
        name: "Lift of the best time",
        unit: MetricUnit::Fraction,
        after: "over the creator's habit",
        sample: SampleOf::Posts,
        counters: &[Counter::Views],
        meaning: "How much more views a post gets in the best three hours of the day than in the creator's mix of hours.",
        definition: "exp(effect) - 1; the effect is the mean of ln(1 + views at 30 days) in the block less that of all \
                     posts, level and weekday taken out, shrunken with the spread between blocks integrated out. The 80 % interval \
                     accounts for the block having been chosen as the best.",
    },
    Metric {
        id: MetricId::BEST_TIME_REALISED,
        name: "Lift of the best time, held out",
        unit: MetricUnit::Fraction,
        after: "over the creator's habit",
        sample: SampleOf::Posts,
        counters: &[Counter::Views],
        meaning: "What choosing the best time on half of the posts brought on the other half.",
        definition: "exp of the mean effect of the chosen block on posts that were not used to choose it, less 1; \
                     four random splits, each both ways.",
    },
];

/// What the creator's posts say of the time of posting.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum BestTime {
    /// The posts are too few, or too alike in their time, to compare.
    NotEnoughVariety(PostingExperiment),
    /// The times were compared, and chance alone explains the differences.
    NoEvidence(TimeComparison),
    /// The best block of hours does better than the creator's habit.
    Evidence(TimeComparison),
}

/// A way to find out: posts in each of several blocks of hours, in turn.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PostingExperiment {
    /// First hours of the blocks to try, 0 to 23, in the asked zone; the creator's usual one comes first.
    pub first_hours: Vec<u8>,
    /// How many posts to put into each.
    pub posts_each: u64,
    /// The lift that so many posts would show four times in five.
    pub lift: f64,
}

/// Blocks of hours, compared.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimeComparison {
    /// The first hour of the best block, 0 to 23, in the asked zone.
    pub best_first_hour: u8,
    /// The lift of the best block with an 80 % interval.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Estimate))]
    pub lift: Estimate,
    /// How often the best of all blocks looks at least as good by chance alone.
    pub p: f64,
    /// What a block chosen on half of the posts brought on the other half.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Estimate))]
    pub realised: Estimate,
    /// Every block of hours in which the creator posted, by its first hour.
    pub blocks: Vec<TimeCell>,
    /// Every weekday on which the creator posted, Monday first.
    pub weekdays: Vec<TimeCell>,
}

/// A block of hours, or a weekday.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimeCell {
    /// The first hour of the block, 0 to 23; or the weekday, 0 for Monday.
    pub at: u8,
    /// Posts in it.
    pub n: u64,
    /// Its shrunken lift over the creator's habit: 0.2 is a fifth more views.
    pub lift: f64,
    /// The shrunken lift as a natural logarithm.
    pub log_lift: f64,
    /// The probability that it is the best.
    pub probability_best: f64,
}

/// Compares blocks of three hours: the day has eight, so that of thirty posts several fall into a block, while morning,
/// noon, afternoon and evening stay apart.
///
/// `created` is in seconds since 1970, UTC, in any order; `log_views` are logarithms of 1 + views at equal age. Blocks
/// and weekdays are those of the clock on the wall in the zone.
///
/// ```
/// use compass_core::{Zone, analytics::{BestTime, best_time}, stats::Seed};
/// let (zone, now) = (Zone::parse("Europe/Berlin").expect("a zone"), "2026-05-01T00:00:00Z".parse().expect("a time"));
/// let few = best_time(&[1_777_000_000; 5], &[9.0, 8.5, 9.2, 8.8, 9.1], &zone, now, Seed::new("doc"));
/// assert!(matches!(few, BestTime::NotEnoughVariety(experiment) if experiment.posts_each > 0));
/// ```
#[must_use]
pub fn best_time(created: &[i64], log_views: &[f64], zone: &Zone, as_of: Timestamp, seed: Seed) -> BestTime {
    let Some(order) = order_of_time(created, log_views) else {
        return BestTime::NotEnoughVariety(suggested(created, log_views, &Clock::of_all(created, zone)));
    };
    let (created, log_views): (Vec<i64>, Vec<f64>) = order.iter().map(|&i| (created[i], log_views[i])).unzip();
    let (created, log_views, clocks) = (&created[..], &log_views[..], Clock::of_all(&created, zone));
    let seed = seed.with_all(log_views);
    let Some(found) = Comparison::of(created, log_views, &clocks).filter(|_| created.len() >= FEWEST_POSTS) else {
        return BestTime::NotEnoughVariety(suggested(created, log_views, &clocks));
    };
    let n = created.len();
    let p = found.p(seed.with(1));
    let (effect, interval) = found.best_effect();
    let held_out = realised(created, log_views, &clocks, seed.with(2));
    let comparison = TimeComparison {
        best_first_hour: found.best_block() * HOURS_A_BLOCK,
        lift: Estimate::new(MetricId::BEST_TIME_LIFT, as_of, n, effect.exp_m1(), interval),
        p,
        realised: match held_out {
            Some(effect) => Estimate::new(MetricId::BEST_TIME_REALISED, as_of, n, effect.exp_m1(), None),
            None => Estimate::none(
                MetricId::BEST_TIME_REALISED,
                as_of,
                n,
                Quality::TooFew { needed: 2 * FEWEST_POSTS as u64 },
            ),
        },
        blocks: told(found.cells(), found.shrinkage(), HOURS_A_BLOCK, seed.with(3)),
        weekdays: weekdays(created, log_views, &clocks, seed.with(4)),
    };
    if p <= CLAIM_AT { BestTime::Evidence(comparison) } else { BestTime::NoEvidence(comparison) }
}

/// Fewer posts are not compared.
const FEWEST_POSTS: usize = 20;

/// A claim is made at this p value: of 2,000 simulated creators without any effect, 3.8 % get one, which bounds the
/// rate below 5 % with a confidence of 97.5 %.
const CLAIM_AT: f64 = 0.04;

/// Draws from the posterior: a probability is within 0.05 of its limit 95 times in 100.
const POSTERIOR_DRAWS: usize = 400;

/// The lift that a suggested experiment looks for.
const SUGGESTED_LIFT: f64 = 1.0;

/// How far posts of creators usually differ, as a standard deviation of logarithms, where a creator's own are too few.
const USUAL_DEVIATION: f64 = 1.0;

fn weekdays(created: &[i64], log_views: &[f64], clocks: &[Clock], seed: Seed) -> Vec<TimeCell> {
    let by_weekday = |i: usize| usize::from(clocks[i].weekday);
    let Some(level) = Level::fit(created, log_views, |i| usize::from(clocks[i].block), BLOCKS) else {
        return Vec::new();
    };
    let cells = Cells::of(&level, created.len(), by_weekday, WEEKDAYS);
    cells.shrinkage().map_or_else(Vec::new, |shrinkage| told(&cells, &shrinkage, 1, seed))
}

fn told(cells: &Cells, shrinkage: &Shrinkage, width: u8, seed: Seed) -> Vec<TimeCell> {
    let best = shrinkage.probabilities_of_being_best(POSTERIOR_DRAWS, seed);
    cells
        .iter()
        .zip(shrinkage.means())
        .zip(best)
        .map(|((cell, log_lift), probability_best)| TimeCell {
            at: cell.at * width,
            n: cell.posts as u64,
            lift: log_lift.exp_m1(),
            log_lift,
            probability_best,
        })
        .collect()
}

/// The usual block of hours against two others of the day.
fn suggested(created: &[i64], log_views: &[f64], clocks: &[Clock]) -> PostingExperiment {
    let mut posts = [0_usize; BLOCKS];
    clocks.iter().for_each(|clock| posts[usize::from(clock.block)] += 1);
    let usual = if clocks.is_empty() { EVENING } else { (0..BLOCKS).max_by_key(|&b| (posts[b], b)).unwrap_or(EVENING) };
    let others: Vec<usize> = [NOON, EVENING, MORNING].into_iter().filter(|&block| block != usual).take(2).collect();
    let deviation = Level::fit(created, log_views, |_| 0, 0)
        .map(|level| level.deviation())
        .filter(|&deviation| deviation > 0.0 && created.len() >= FEWEST_POSTS / 2)
        .unwrap_or(USUAL_DEVIATION);
    PostingExperiment {
        posts_each: posts_in_each_arm(deviation, SUGGESTED_LIFT, others.len()),
        first_hours: std::iter::once(usual).chain(others).map(|block| block as u8 * HOURS_A_BLOCK).collect(),
        lift: SUGGESTED_LIFT,
    }
}

const MORNING: usize = 2;
const NOON: usize = 4;
const EVENING: usize = 6;
