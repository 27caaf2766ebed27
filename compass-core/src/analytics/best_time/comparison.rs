//! The cells of a day or a week, each against the creator's habit, and the best of them.

use super::super::{
    Interval,
    clock::{BLOCKS, Clock, WEEKDAYS},
    level::{Contrast, Level},
};
use crate::stats::{Draws, Guessed, ScoredCell, Seed, Shrinkage, highest_score_p, student_stretch};

/// Blocks of hours, and which of them is the best.
///
/// The best is the one with the highest effect after shrinkage by a fixed spread: a rule that is linear in the data, so
/// that chance can be asked what it does to the highest, and the interval of the highest can account for the choice.
#[derive(Debug)]
pub(super) struct Comparison {
    level: Level,
    cells: Cells,
    shrinkage: Shrinkage,
    best: usize,
}

/// Parts of the posts, each against the creator's habit.
#[derive(Debug)]
pub(super) struct Cells {
    cells: Vec<Cell>,
    /// Deviation of single posts.
    deviation: f64,
    /// Degrees of freedom behind it.
    freedom: f64,
}

/// A part of the posts.
#[derive(Debug)]
pub(super) struct Cell {
    /// Which it is.
    pub(super) at: u8,
    /// How many posts it has.
    pub(super) posts: usize,
    /// Its effect: mean log views of its posts less those of the creator's habit, which has a share of it.
    pub(super) effect: f64,
    contrast: Contrast,
    rest: f64,
    /// Variance of the effect in terms of the variance of single posts.
    variance: f64,
    /// Which part of the effect the choice of the best counts.
    kept: f64,
}

/// A cell with fewer posts is told, but not chosen.
const FEWEST_TO_CHOOSE: usize = 3;

/// The choice takes effects to spread by so much of the variance between posts: a spread of 0.3 deviations.
const CHOICE_SPREAD: f64 = 0.1;

/// Nobody would be surprised by effects that spread by so many deviations of single posts.
const USUAL_SPREAD: f64 = 0.3;

/// The level of the intervals.
const LEVEL: f64 = 0.8;

/// The lower end of the best cell's interval is at most so many errors below its plain effect.
const REACH: f64 = 3.0;

/// Without its own posts the best cell is guessed so many spreads above the habit: about what the best of few is.
const GUESS: f64 = 0.7;

/// Skewed views, and views that resemble those of the post before, make effects vary a little more than their standard
/// errors say: without this margin the intervals of simulated creators cover 78 % instead of 80 %.
const MARGIN: f64 = 1.06;

/// Where chance seldom does as much, it is asked often: a p of 0.001 would not survive among thirty other questions.
const EXTREME: usize = 20;
const MOST_DRAWS: usize = 9_999;
/// But no more posts are dealt than these in all, for a creator with thousands of posts.
const MOST_DEALT: usize = 4_000_000;

impl Comparison {
    /// `None` unless two blocks have enough posts, and posts differ in their views.
    pub(super) fn of(created: &[i64], log_views: &[f64], clocks: &[Clock]) -> Option<Self> {
        let level = Level::fit(created, log_views, |i| usize::from(clocks[i].weekday), WEEKDAYS)?;
        let cells = Cells::of(&level, created.len(), |i| usize::from(clocks[i].block), BLOCKS);
        let mut candidates = cells.candidates();
        let first = candidates.next()?.0;
        let second = candidates.next()?.0;
        let score = |i: usize| cells.cells[i].kept * cells.cells[i].effect;
        let best =
            candidates.map(|(i, _)| i).fold(if score(second) > score(first) { second } else { first }, |best, i| {
                if score(i) > score(best) { i } else { best }
            });
        let shrinkage = cells.shrinkage()?;
        Some(Self { level, cells, shrinkage, best })
    }

    pub(super) fn cells(&self) -> &Cells {
        &self.cells
    }

    pub(super) fn shrinkage(&self) -> &Shrinkage {
        &self.shrinkage
    }

    pub(super) fn best_block(&self) -> u8 {
        self.cells.cells[self.best].at
    }

    /// The effect of the block there, if posts are in it.
    pub(super) fn effect_of(&self, block: u8) -> Option<f64> {
        self.cells.iter().find(|cell| cell.at == block).map(|cell| cell.effect)
    }

    /// How often the highest score is as high if the posts' hours are dealt anew.
    pub(super) fn p(&self, seed: Seed) -> f64 {
        let residuals = self.level.residuals();
        let posts = residuals.len() as f64;
        let dealt = residuals.iter().map(|r| r * r).sum::<f64>() / (posts - 1.0);
        let own = self.level.squares() / self.level.freedom();
        let scored: Vec<ScoredCell> = self
            .cells
            .candidates()
            .map(|(_, cell)| {
                // The level takes a part of the variance of each sum, another for each cell; dealt sums are scaled so.
                let scale = own * cell.contrast.information / (dealt * cell.posts as f64 * cell.rest);
                let weight = cell.kept * cell.rest / cell.contrast.information * scale.sqrt();
                ScoredCell { size: cell.posts, weight }
            })
            .collect();
        let best = &self.cells.cells[self.best];
        let most = (MOST_DEALT / residuals.len().max(1)).clamp(999, MOST_DRAWS);
        highest_score_p(residuals, &scored, best.kept * best.effect, Draws { extreme: EXTREME, most }, seed)
    }

    /// The shrunken effect of the best block, with the interval of its lift.
    pub(super) fn best_effect(&self) -> (f64, Option<Interval>) {
        let best = &self.cells.cells[self.best];
        let spread = self.shrinkage.spread_without(self.best);
        let stretch = MARGIN * student_stretch(self.cells.freedom, LEVEL);
        let error = self.cells.deviation * best.variance.sqrt() * stretch;
        let interval = Guessed { estimate: best.effect, error, guess: GUESS * spread, spread }.interval_above(
            self.limit(),
            LEVEL,
            REACH,
        );
        let shrunken = self.shrinkage.means()[self.best];
        match interval {
            Some(Interval { lo, hi, level }) => {
                (shrunken.clamp(lo, hi), Some(Interval { lo: lo.exp_m1(), hi: hi.exp_m1(), level }))
            }
            None => (shrunken, None),
        }
    }

    /// Below this effect the best block would not have been the best, everything independent of it being the same
    /// (the polyhedral lemma of Lee, Sun, Sun and Taylor 2016).
    fn limit(&self) -> f64 {
        let best = &self.cells.cells[self.best];
        let others = self.cells.candidates().filter(|&(i, _)| i != self.best);
        others.fold(f64::NEG_INFINITY, |limit, (_, other)| {
            let slope = other.kept * best.covariance(other) / best.variance;
            let apart = other.kept * other.effect - slope * best.effect;
            if best.kept - slope > 1e-9 { limit.max(apart / (best.kept - slope)) } else { limit }
        })
    }
}

impl Cells {
    pub(super) fn of(level: &Level, posts: usize, cell_of: impl Fn(usize) -> usize, count: usize) -> Self {
        let mut members = vec![Vec::new(); count];
        (0..posts).for_each(|i| members[cell_of(i)].push(i));
        let cells: Vec<Cell> = members
            .iter()
            .enumerate()
            .filter_map(|(at, members)| Cell::of(at as u8, level.contrast(members.iter().copied()), posts))
            .collect();
        // What the cells explain is no noise.
        let between: f64 = cells.iter().map(|cell| cell.contrast.sum.powi(2) / cell.posts as f64).sum();
        let freedom = (level.freedom() + 1.0 - cells.len() as f64).max(2.0);
        let squares = (level.squares() - between).max(0.05 * level.squares());
        Self { cells, deviation: (squares / freedom).sqrt(), freedom }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter()
    }

    /// `None` if posts do not differ.
    pub(super) fn shrinkage(&self) -> Option<Shrinkage> {
        let (effects, errors): (Vec<f64>, Vec<f64>) =
            self.cells.iter().map(|cell| (cell.effect, self.deviation * cell.variance.sqrt())).unzip();
        Shrinkage::of(&effects, &errors, USUAL_SPREAD * self.deviation).filter(|_| self.deviation > 1e-9)
    }

    fn candidates(&self) -> impl Iterator<Item = (usize, &Cell)> {
        self.cells.iter().enumerate().filter(|(_, cell)| cell.kept > 0.0)
    }
}

impl Cell {
    /// `None` for a cell whose posts the level explains.
    fn of(at: u8, contrast: Contrast, posts: usize) -> Option<Self> {
        if contrast.posts == 0 || contrast.information < 0.3 {
            return None;
        }
        let rest = 1.0 - contrast.posts as f64 / posts as f64;
        let variance = rest * rest / contrast.information;
        let kept = if contrast.posts < FEWEST_TO_CHOOSE { 0.0 } else { CHOICE_SPREAD / (CHOICE_SPREAD + variance) };
        Some(Self { at, posts: contrast.posts, effect: rest * contrast.difference(), rest, variance, kept, contrast })
    }

    fn covariance(&self, other: &Self) -> f64 {
        let information = self.contrast.information * other.contrast.information;
        self.contrast.shared_with(&other.contrast) / information * self.rest * other.rest
    }
}
