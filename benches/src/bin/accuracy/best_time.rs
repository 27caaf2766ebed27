//! What the best time to post promises on half of a creator's posts, and what it brings in the other half.

use std::fmt;

use compass_core::{
    Zone,
    analytics::{GrowthModel, HoldOut, best_time_holdout},
    stats::{Seed, mean},
};
use serde_json::{Value, json};

use crate::items::{Item, Items};

/// Over creators: lifts as the choice of a best time tells them, and as they turn out.
#[derive(Debug)]
pub(crate) struct BestTime {
    creators: Vec<HoldOut>,
    too_few_posts: usize,
    too_alike: usize,
    too_young: usize,
}

/// One of the lifts of a creator, as a difference of logarithms.
type Lift = fn(&HoldOut) -> f64;

/// Creators with fewer posts are passed over: halves of them say nothing of hours.
const FEWEST_POSTS: usize = 20;

impl BestTime {
    /// Chooses a time on one half of each creator's posts and looks at the other half. Views are those at 30 days.
    ///
    /// Hours are those of UTC: a creator's own zone would shift them all alike, and only moves the ends of the blocks.
    pub(crate) fn measure(items: &Items, model: &GrowthModel, seed: u64) -> Self {
        let seed = Seed::new("best time").with(seed);
        let utc = Zone::parse("UTC").expect("every zone database has UTC");
        let mut result = Self { creators: Vec::new(), too_few_posts: 0, too_alike: 0, too_young: 0 };
        for posts in items.creators.values() {
            let seen: Vec<(&Item, f64)> = posts.values().filter_map(|post| Some((post, post.views?))).collect();
            let adjusted: Vec<(i64, f64)> =
                seen.iter().filter_map(|&(post, views)| adjusted(model, post, views)).collect();
            result.too_young += seen.len() - adjusted.len();
            let (created, log_views): (Vec<_>, Vec<_>) = adjusted.into_iter().unzip();
            if created.len() < FEWEST_POSTS {
                result.too_few_posts += 1;
                continue;
            }
            match best_time_holdout(&created, &log_views, &utc, seed) {
                Some(hold_out) => result.creators.push(hold_out),
                None => result.too_alike += 1,
            }
        }
        result
    }

    pub(crate) fn json(&self) -> Value {
        let lift = |of| json!({ "value": self.lift(of), "n": self.creators.len() });
        json!({
            "claimed": lift(|h| h.claimed),
            "shrunken": lift(|h| h.shrunken),
            "realised": lift(|h| h.realised),
        })
    }

    pub(crate) fn notes(&self) -> Vec<String> {
        vec![format!(
            "best time: {} creators; not used: {} with fewer than {FEWEST_POSTS} posts, {} who always post at the same time, \
             {} posts less than a day old",
            self.creators.len(),
            self.too_few_posts,
            self.too_alike,
            self.too_young,
        )]
    }

    /// The mean over creators, taken of the logarithms: 0.08 is 8 % more views. `None` without creators.
    fn lift(&self, of: Lift) -> Option<f64> {
        mean(&self.creators.iter().map(of).collect::<Vec<_>>()).map(f64::exp_m1)
    }
}

fn adjusted(model: &GrowthModel, post: &Item, views: f64) -> Option<(i64, f64)> {
    const SECONDS_A_DAY: f64 = 86_400.0;
    let age = (post.collected - post.created) as f64 / SECONDS_A_DAY;
    model.adjusted_log_views(age, views).map(|log_views| (post.created, log_views))
}

impl fmt::Display for BestTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Best time to post, chosen on half of a creator's posts and looked at in the other half\n")?;
        writeln!(f, "{:48} {:>8} {:>6}", "Lift of views, mean over creators", "creators", "lift")?;
        let rows: [(&str, Lift); 4] = [
            ("claimed: the best hour, as it looks", |h| h.claimed),
            ("what that hour brings in the other half", |h| h.realised_raw),
            ("shrunken: our best block, as we tell it", |h| h.shrunken),
            ("realised: what it brings in the other half", |h| h.realised),
        ];
        for (name, of) in rows {
            match self.lift(of) {
                Some(lift) => writeln!(f, "  {name:46} {:8} {:+5.1} %", self.creators.len(), 100.0 * lift)?,
                None => writeln!(f, "  {name:46} {:8} {:>7}", 0, "none")?,
            }
        }
        Ok(())
    }
}
