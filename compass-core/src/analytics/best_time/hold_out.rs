//! What a best time chosen on half of the posts brings on the other half.

use super::{
    super::{clock::Clock, level::order_of_time},
    comparison::Comparison,
};
use crate::{
    Zone,
    stats::{Seed, mean},
};

/// What a choice on one half of the posts promised, and what the other half says of it: means over several splits, as
/// differences of ln(1 + views) to the creator's habit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HoldOut {
    /// The plain lift of the plainly best hour of the day, where it was chosen.
    pub claimed: f64,
    /// The shrunken lift of the block that [`best_time`](super::best_time) chooses, where it was chosen.
    pub shrunken: f64,
    /// The lift of that block in the other half.
    pub realised: f64,
    /// The plain lift of the plainly best hour in the other half.
    pub realised_raw: f64,
}

/// Chooses on one half of the posts and looks at the other, both ways, over four random splits.
///
/// The arguments are those of [`best_time`](super::best_time). `None` if no half has two blocks of hours with three posts
/// each, or if nothing was posted in the other half at the chosen time.
#[must_use]
pub fn best_time_holdout(created: &[i64], log_views: &[f64], zone: &Zone, seed: Seed) -> Option<HoldOut> {
    let order = order_of_time(created, log_views)?;
    let (created, log_views): (Vec<i64>, Vec<f64>) = order.iter().map(|&i| (created[i], log_views[i])).unzip();
    let clocks = Clock::of_all(&created, zone);
    let (mut shrunken, mut kept, mut claimed, mut kept_raw) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for halves in splits(&created, &log_views, &clocks, seed.with_all(&log_views)) {
        for (chosen, other) in both_ways(&halves) {
            if let (Some(comparison), Some(other)) = (&chosen.comparison, &other.comparison)
                && let Some(effect) = other.effect_of(comparison.best_block())
            {
                shrunken.push(comparison.best_effect().0);
                kept.push(effect);
            }
            if let Some((hour, lift)) = chosen.best_hour()
                && let Some(effect) = other.lift_of_hour(hour, 1)
            {
                claimed.push(lift);
                kept_raw.push(effect);
            }
        }
    }
    Some(HoldOut {
        claimed: mean(&claimed)?,
        shrunken: mean(&shrunken)?,
        realised: mean(&kept)?,
        realised_raw: mean(&kept_raw)?,
    })
}

/// The mean effect of the block chosen on one half in the other half, of posts in the order of time.
pub(super) fn realised(created: &[i64], log_views: &[f64], clocks: &[Clock], seed: Seed) -> Option<f64> {
    let effects: Vec<f64> = splits(created, log_views, clocks, seed)
        .iter()
        .flat_map(both_ways)
        .filter_map(|(chosen, other)| other.comparison.as_ref()?.effect_of(chosen.comparison.as_ref()?.best_block()))
        .collect();
    mean(&effects)
}

const SPLITS: u64 = 4;

/// An hour with fewer posts is not called the best.
const FEWEST_IN_HOUR: usize = 2;

struct Half {
    log_views: Vec<f64>,
    clocks: Vec<Clock>,
    comparison: Option<Comparison>,
}

fn both_ways([one, other]: &[Half; 2]) -> [(&Half, &Half); 2] {
    [(one, other), (other, one)]
}

/// Of each two posts that follow one another, in the order given, one goes into each half, so that both know all times.
fn splits(created: &[i64], log_views: &[f64], clocks: &[Clock], seed: Seed) -> Vec<[Half; 2]> {
    let order: Vec<usize> = (0..created.len()).collect();
    (0..SPLITS)
        .map(|split| {
            let mut sides = [Vec::new(), Vec::new()];
            for (pair, posts) in order.chunks(2).enumerate() {
                let first = (seed.with(split).with(pair as u64).get() & 1) as usize;
                for (place, &post) in posts.iter().enumerate() {
                    sides[first ^ place].push(post);
                }
            }
            sides.map(|posts| Half::of(&posts, created, log_views, clocks))
        })
        .collect()
}

impl Half {
    fn of(posts: &[usize], created: &[i64], log_views: &[f64], clocks: &[Clock]) -> Self {
        let created: Vec<i64> = posts.iter().map(|&i| created[i]).collect();
        let log_views: Vec<f64> = posts.iter().map(|&i| log_views[i]).collect();
        let clocks: Vec<Clock> = posts.iter().map(|&i| clocks[i]).collect();
        let comparison = Comparison::of(&created, &log_views, &clocks);
        Self { log_views, clocks, comparison }
    }

    fn best_hour(&self) -> Option<(u8, f64)> {
        (0..24)
            .filter_map(|hour| self.lift_of_hour(hour, FEWEST_IN_HOUR).map(|lift| (hour, lift)))
            .max_by(|a, b| a.1.total_cmp(&b.1))
    }

    fn lift_of_hour(&self, hour: u8, fewest: usize) -> Option<f64> {
        let in_hour: Vec<f64> =
            self.clocks.iter().zip(&self.log_views).filter(|(c, _)| c.hour == hour).map(|(_, &v)| v).collect();
        Some(mean(&in_hour).filter(|_| in_hour.len() >= fewest)? - mean(&self.log_views)?)
    }
}
