//! What is true of the posts of a plan.

use super::{Plan, PlantedPost, Shape, posts};
use crate::stats::median;

/// What figures of a planted creator estimate: those of all the posts that it might make, at their final views.
///
/// A mean that the plan's tails do not have is `None`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Population {
    /// Median of final views.
    pub typical_views: f64,
    /// Geometric mean of 1 + final views, less 1.
    pub geometric_views: f64,
    /// Mean of final views.
    pub mean_views: Option<f64>,
    /// Median of (likes + comments + shares) / views.
    pub rate_median: f64,
    /// Mean of (likes + comments + shares) / views.
    pub rate_mean: Option<f64>,
    /// Mean likes + comments + shares over mean views.
    pub rate_pooled: Option<f64>,
    /// Mean likes + comments + shares of a post.
    pub mean_reactions: Option<f64>,
    /// Mean likes, comments, shares and saves, each over mean views.
    pub pooled: Option<[f64; 4]>,
    /// Posts a week.
    pub posts_per_week: f64,
    /// Median gap between neighbouring posts, in hours.
    pub median_gap: f64,
}

impl Population {
    /// Posts behind the figures.
    pub const POSTS: usize = 200_000;

    pub(super) fn of(plan: &Plan) -> Self {
        let plain = Plan { drift: 0.0, breakouts: Vec::new(), ..plan.clone() };
        let posts = posts::draw(&plain, 0, Self::POSTS);
        let counts: Vec<[f64; 5]> = posts.iter().map(|post| post.counts(post.views)).collect();
        let rate = |c: &[f64; 5]| (c[1] + c[2] + c[3]) / c[0];
        let viewed: Vec<f64> = counts.iter().filter(|c| c[0] > 0.0).map(rate).collect();
        let sums = counts.iter().fold([0.0; 5], |sums, c| std::array::from_fn(|i| sums[i] + c[i]));
        let n = Self::POSTS as f64;
        let has_means = plan.views_shape != Shape::HeavyTails;
        let has_rate_mean = plan.rate_shape != Shape::HeavyTails && (has_means || plan.rate_with_views == 0.0);
        let reactions = sums[1] + sums[2] + sums[3];
        let logs: f64 = counts.iter().map(|c| c[0].ln_1p()).sum();
        Self {
            typical_views: middle(counts.iter().map(|c| c[0]).collect()),
            geometric_views: (logs / n).exp_m1(),
            mean_views: has_means.then_some(sums[0] / n),
            rate_mean: has_rate_mean.then(|| viewed.iter().sum::<f64>() / viewed.len() as f64),
            rate_median: middle(viewed),
            rate_pooled: (has_means && has_rate_mean).then_some(reactions / sums[0]),
            mean_reactions: (has_means && has_rate_mean).then_some(reactions / n),
            pooled: (has_means && has_rate_mean).then(|| [1, 2, 3, 4].map(|i| sums[i] / sums[0])),
            posts_per_week: plan.posts_per_week,
            median_gap: middle(posts.windows(2).map(gap).collect()),
        }
    }
}

fn gap(pair: &[PlantedPost]) -> f64 {
    pair[0].created_at.duration_since(pair[1].created_at).as_secs_f64() / 3_600.0
}

fn middle(mut values: Vec<f64>) -> f64 {
    median(&mut values).expect("a population has posts")
}
