//! The engagement rates found in the market, side by side from the same posts: why two tools disagree.

use super::{Counter, Metric, MetricId, MetricUnit, SampleOf};
use Counter::{Comments, Followers, Likes, Shares, Views};

impl MetricId {
    /// (L + C + S) / V, all posts together.
    pub const ROSETTA_POOLED: Self = Self("rosetta.reactions_per_view.pooled@1");
    /// Mean L / mean V.
    pub const ROSETTA_LIKES: Self = Self("rosetta.likes_per_view.of_means@1");
    /// Mean of (L + C + S) / V.
    pub const ROSETTA_MEAN: Self = Self("rosetta.reactions_per_view.mean@1");
    /// (L + C) / V, all posts together.
    pub const ROSETTA_WITHOUT_SHARES: Self = Self("rosetta.likes_comments_per_view.pooled@1");
    /// Mean of (L + C + S) / F at posting.
    pub const ROSETTA_FOLLOWERS: Self = Self("rosetta.reactions_per_follower.mean@1");
    /// Mean of (L + C) / F now over 12 posts.
    pub const ROSETTA_TWELVE_POSTS: Self = Self("rosetta.likes_comments_per_follower.12_posts@1");
}

pub(super) static METRICS: &[Metric] = &[
    definition(
        MetricId::ROSETTA_POOLED,
        "All reactions by all views",
        "of views",
        &[Views, Likes, Comments, Shares],
        "One post with many views can decide this rate.",
        "Sum of (likes + comments + shares) / sum of views over the newest 30 posts.",
    ),
    definition(
        MetricId::ROSETTA_LIKES,
        "Mean likes by mean views",
        "of views",
        &[Views, Likes],
        "Leaves out comments and shares, so it is lower.",
        "Mean of likes / mean of views over the newest 30 posts.",
    ),
    definition(
        MetricId::ROSETTA_MEAN,
        "Mean of the posts' rates",
        "of views",
        &[Views, Likes, Comments, Shares],
        "Each post counts the same, however few saw it.",
        "Mean of (likes + comments + shares) / views over the newest 30 posts with views.",
    ),
    definition(
        MetricId::ROSETTA_WITHOUT_SHARES,
        "Likes and comments by views",
        "of views",
        &[Views, Likes, Comments],
        "Leaves out shares, as tools made for other networks do.",
        "Sum of (likes + comments) / sum of views over the newest 30 posts.",
    ),
    definition(
        MetricId::ROSETTA_FOLLOWERS,
        "Reactions by followers at posting",
        "of followers",
        &[Likes, Comments, Shares, Followers],
        "Another denominator, hence another quantity: most viewers do not follow.",
        "Mean of (likes + comments + shares) / followers at posting over the newest 30 posts.",
    ),
    definition(
        MetricId::ROSETTA_TWELVE_POSTS,
        "Likes and comments by followers, 12 posts",
        "of followers",
        &[Likes, Comments, Followers],
        "The usual form of free calculators: few posts, and today's followers for all of them.",
        "Mean of (likes + comments) over the newest 12 posts / followers now.",
    ),
];

/// Posts as columns, newest first; a counter that is not known is [`VideoTable::MISSING`](super::VideoTable::MISSING).
#[derive(Clone, Copy, Debug)]
pub struct RosettaPosts<'a> {
    /// Views.
    pub views: &'a [i64],
    /// Likes.
    pub likes: &'a [i64],
    /// Comments.
    pub comments: &'a [i64],
    /// Shares.
    pub shares: &'a [i64],
    /// Followers when each was posted, where known.
    pub followers: &'a [Option<f64>],
}

/// Each definition's id, its value, `None` where no post shows what it needs, and how many posts it is made of.
///
/// Columns of different lengths are read as far as the shortest goes; `followers_now` is the last definition's
/// denominator.
#[must_use]
pub fn definitions(posts: &RosettaPosts<'_>, followers_now: Option<f64>) -> [(MetricId, Option<f64>, usize); 6] {
    let lengths =
        [posts.views.len(), posts.likes.len(), posts.comments.len(), posts.shares.len(), posts.followers.len()];
    let shown = lengths.into_iter().min().unwrap_or(0);
    let newest = |most: usize| 0..shown.min(most);
    let followers = |i: usize| posts.followers[i].filter(|f| *f > 0.0 && f.is_finite());
    let views = |i: usize| known(posts.views[i]);
    let viewed = |i: usize| views(i).filter(|v| *v > 0.0);
    let likes = |i: usize| known(posts.likes[i]);
    let likes_comments = |i: usize| Some(likes(i)? + known(posts.comments[i])?);
    let reactions = |i: usize| Some(likes_comments(i)? + known(posts.shares[i])?);
    let now = followers_now.filter(|f| *f > 0.0 && f.is_finite());

    let pooled = Sums::of(newest(MOST_POSTS), |i| Some((reactions(i)?, views(i)?)));
    let of_means = Sums::of(newest(MOST_POSTS), |i| Some((likes(i)?, views(i)?)));
    let mean = Sums::of(newest(MOST_POSTS), |i| Some((reactions(i)? / viewed(i)?, 1.0)));
    let without_shares = Sums::of(newest(MOST_POSTS), |i| Some((likes_comments(i)?, views(i)?)));
    let by_followers = Sums::of(newest(MOST_POSTS), |i| Some((reactions(i)? / followers(i)?, 1.0)));
    let twelve = Sums::of(newest(12), |i| Some((likes_comments(i)? / now?, 1.0)));
    [
        (MetricId::ROSETTA_POOLED, pooled.ratio(), pooled.posts),
        (MetricId::ROSETTA_LIKES, of_means.ratio(), of_means.posts),
        (MetricId::ROSETTA_MEAN, mean.ratio(), mean.posts),
        (MetricId::ROSETTA_WITHOUT_SHARES, without_shares.ratio(), without_shares.posts),
        (MetricId::ROSETTA_FOLLOWERS, by_followers.ratio(), by_followers.posts),
        (MetricId::ROSETTA_TWELVE_POSTS, twelve.ratio(), twelve.posts),
    ]
}

/// All definitions but the last look at so many posts.
const MOST_POSTS: usize = 30;

#[derive(Default)]
struct Sums {
    over: f64,
    under: f64,
    posts: usize,
}

impl Sums {
    fn of(rows: std::ops::Range<usize>, parts: impl Fn(usize) -> Option<(f64, f64)>) -> Self {
        rows.filter_map(parts).fold(Self::default(), |sums, (over, under)| Self {
            over: sums.over + over,
            under: sums.under + under,
            posts: sums.posts + 1,
        })
    }

    fn ratio(&self) -> Option<f64> {
        (self.under > 0.0).then(|| self.over / self.under).filter(|ratio| ratio.is_finite())
    }
}

fn known(counter: i64) -> Option<f64> {
    (counter >= 0).then_some(counter as f64)
}

const fn definition(
    id: MetricId,
    name: &'static str,
    after: &'static str,
    counters: &'static [Counter],
    meaning: &'static str,
    definition: &'static str,
) -> Metric {
    Metric { id, name, unit: MetricUnit::Fraction, after, sample: SampleOf::Posts, counters, meaning, definition }
}
