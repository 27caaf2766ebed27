//! How often viewers react: engagement rates, each with its denominator in its name.

use jiff::Timestamp;

use super::{
    Columns, Counter, Estimate, Flag, Metric, MetricId, MetricUnit, Quality, SampleOf, followers::FollowerSeries,
    posts::Posts,
};

/// Below this many views a single like moves a post's rate by more than 1 %.
const FEWEST_VIEWS: i64 = 100;

impl MetricId {
    /// Median of the posts' engagement rates by views: the headline.
    pub const ENGAGEMENT: Self = Self("er.views.median@1");
    /// Engagement rate by views of all posts together.
    pub const ENGAGEMENT_POOLED: Self = Self("er.views.pooled@1");
    /// Mean of the posts' engagement rates by views.
    pub const ENGAGEMENT_MEAN: Self = Self("er.views.mean@1");
    /// Reactions by declared weights over views, all posts together.
    pub const ENGAGEMENT_WEIGHTED: Self = Self("er.weighted@1");
    /// Mean of the posts' engagement rates by followers.
    pub const ENGAGEMENT_BY_FOLLOWERS: Self = Self("er.followers.mean@1");
    /// Likes per view.
    pub const LIKE_RATE: Self = Self("rate.like@1");
    /// Comments per view.
    pub const COMMENT_RATE: Self = Self("rate.comment@1");
    /// Shares per view.
    pub const SHARE_RATE: Self = Self("rate.share@1");
    /// Saves per view.
    pub const SAVE_RATE: Self = Self("rate.save@1");
    /// Comments for every 1,000 likes.
    pub const COMMENTS_PER_THOUSAND_LIKES: Self = Self("rate.comments_per_1000_likes@1");
    /// Shares for every 1,000 likes.
    pub const SHARES_PER_THOUSAND_LIKES: Self = Self("rate.shares_per_1000_likes@1");
}

pub(super) static METRICS: &[Metric] = &[
    Metric {
        id: MetricId::ENGAGEMENT,
        name: "Typical engagement rate",
        unit: MetricUnit::Fraction,
        after: "of views",
        sample: SampleOf::Posts,
        counters: &[Counter::Views, Counter::Likes, Counter::Comments, Counter::Shares],
        meaning: "Likes, comments and shares for every 100 views of a typical post; one view can bring several.",
        definition: "Median over posts of (likes + comments + shares) / views, posts with at least 100 views.",
    },
    Metric {
        id: MetricId::ENGAGEMENT_POOLED,
        name: "Engagement rate, all posts together",
        unit: MetricUnit::Fraction,
        after: "of views",
        sample: SampleOf::Posts,
        counters: &[Counter::Views, Counter::Likes, Counter::Comments, Counter::Shares],
        meaning: "Posts with many views weigh more than in the typical rate.",
        definition: "Sum of (likes + comments + shares) / sum of views.",
    },
    Metric {
        id: MetricId::ENGAGEMENT_MEAN,
        name: "Engagement rate, mean of posts",
        unit: MetricUnit::Fraction,
        after: "of views",
        sample: SampleOf::Posts,
        counters: &[Counter::Views, Counter::Likes, Counter::Comments, Counter::Shares],
        meaning: "The plain average of the posts' rates: one odd post can move it.",
        definition: "Mean over posts of (likes + comments + shares) / views.",
    },
    Metric {
        id: MetricId::ENGAGEMENT_BY_FOLLOWERS,
        name: "Engagement rate by followers",
        unit: MetricUnit::Fraction,
        after: "of followers",
        sample: SampleOf::Posts,
        counters: &[Counter::Likes, Counter::Comments, Counter::Shares, Counter::Followers],
        meaning: "Another question than engagement by views: the two are hardly related.",
        definition: "Mean over posts of (likes + comments + shares) / followers at the time of posting.",
    },
    Metric {
        id: MetricId::LIKE_RATE,
        name: "Likes per view",
        unit: MetricUnit::Fraction,
        after: "",
        sample: SampleOf::Posts,
        counters: &[Counter::Views, Counter::Likes],
        meaning: "Likes for every 100 views.",
        definition: "Sum of likes / sum of views.",
    },
    Metric {
        id: MetricId::COMMENT_RATE,
        name: "Comments per view",
        unit: MetricUnit::Fraction,
        after: "",
        sample: SampleOf::Posts,
        counters: &[Counter::Views, Counter::Comments],
        meaning: "Comments for every 100 views; one viewer can write several.",
        definition: "Sum of comments / sum of views.",
    },
    Metric {
        id: MetricId::SHARE_RATE,
        name: "Shares per view",
        unit: MetricUnit::Fraction,
        after: "",
        sample: SampleOf::Posts,
        counters: &[Counter::Views, Counter::Shares],
        meaning: "Shares for every 100 views; one viewer can share several times.",
        definition: "Sum of shares / sum of views.",
    },
    Metric {
        id: MetricId::SAVE_RATE,
        name: "Saves per view",
        unit: MetricUnit::Fraction,
        after: "",
        sample: SampleOf::Posts,
        counters: &[Counter::Views, Counter::Saves],
        meaning: "Saves for every 100 views.",
        definition: "Sum of saves / sum of views, posts that show their saves.",
    },
    Metric {
        id: MetricId::ENGAGEMENT_WEIGHTED,
        name: "Engagement rate with saves",
        unit: MetricUnit::Fraction,
        after: "of views",
        sample: SampleOf::Posts,
        counters: &[Counter::Views, Counter::Likes, Counter::Comments, Counter::Shares, Counter::Saves],
        meaning: "Every reaction counts as much as was declared: once, if nothing was.",
        definition: "Sum of the weighted likes, comments, shares and saves / sum of views.",
    },
    Metric {
        id: MetricId::COMMENTS_PER_THOUSAND_LIKES,
        name: "Comments for 1,000 likes",
        unit: MetricUnit::PerThousand,
        after: "",
        sample: SampleOf::Posts,
        counters: &[Counter::Likes, Counter::Comments],
        meaning: "Whether people talk or only tap; it does not depend on how far a post was spread.",
        definition: "1,000 x sum of comments / sum of likes.",
    },
    Metric {
        id: MetricId::SHARES_PER_THOUSAND_LIKES,
        name: "Shares for 1,000 likes",
        unit: MetricUnit::PerThousand,
        after: "",
        sample: SampleOf::Posts,
        counters: &[Counter::Likes, Counter::Shares],
        meaning: "How many of those who like a post send it on.",
        definition: "1,000 x sum of shares / sum of likes.",
    },
];

/// How much each reaction counts in [`MetricId::ENGAGEMENT_WEIGHTED`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weights {
    /// Of a like.
    pub likes: f64,
    /// Of a comment.
    pub comments: f64,
    /// Of a share.
    pub shares: f64,
    /// Of a save.
    pub saves: f64,
}

impl Default for Weights {
    /// Every reaction counts once.
    fn default() -> Self {
        Self { likes: 1.0, comments: 1.0, shares: 1.0, saves: 1.0 }
    }
}

/// Engagement by views and by followers, and the rate of each reaction, over the posts of a window.
pub(super) fn engagement(
    window: &Columns<'_>,
    followers: &FollowerSeries,
    weights: &Weights,
    as_of: Timestamp,
) -> Vec<Estimate> {
    let posts = Posts::with(window, &[window.views, window.likes, window.comments, window.shares]);
    let views = |i: usize| window.views[i] as f64;
    let rate = |i: usize| reactions(window, i) / views(i);
    let viewed = posts.only(|i| window.views[i] > 0);
    let well_viewed = posts.only(|i| window.views[i] >= FEWEST_VIEWS);
    let per_thousand_likes = |id, counter: &[i64]| {
        Posts::with(window, &[window.likes, counter]).only(|i| window.likes[i] > 0).ratio(
            id,
            as_of,
            |i| 1_000.0 * counter[i] as f64,
            |i| window.likes[i] as f64,
        )
    };
    vec![
        viewed.ratio(MetricId::ENGAGEMENT_POOLED, as_of, |i| reactions(window, i), views),
        well_viewed.median(MetricId::ENGAGEMENT, as_of, rate),
        viewed.mean(MetricId::ENGAGEMENT_MEAN, as_of, rate),
        by_followers(window, followers, as_of),
        weighted(window, weights, as_of),
        by_views(MetricId::LIKE_RATE, window, window.likes, as_of),
        by_views(MetricId::COMMENT_RATE, window, window.comments, as_of),
        by_views(MetricId::SHARE_RATE, window, window.shares, as_of),
        by_views(MetricId::SAVE_RATE, window, window.saves, as_of),
        per_thousand_likes(MetricId::COMMENTS_PER_THOUSAND_LIKES, window.comments),
        per_thousand_likes(MetricId::SHARES_PER_THOUSAND_LIKES, window.shares),
    ]
}

/// Mean of reactions over the followers at the time of posting.
fn by_followers(window: &Columns<'_>, followers: &FollowerSeries, as_of: Timestamp) -> Estimate {
    let posts = Posts::with(window, &[window.likes, window.comments, window.shares]);
    if followers.is_empty() {
        return Estimate::none(MetricId::ENGAGEMENT_BY_FOLLOWERS, as_of, posts.rows.len(), Quality::Hidden);
    }
    let at_posting: Vec<_> = window.created.iter().map(|&created| followers.at(created)).collect();
    let posts = posts.only(|i| at_posting[i].is_some_and(|f| f.followers > 0.0));
    let approximate = posts.rows.iter().any(|&i| at_posting[i].is_some_and(|f| !f.at_the_time));
    let rate = |i: usize| at_posting[i].map_or(f64::NAN, |f| reactions(window, i) / f.followers);
    posts.mean(MetricId::ENGAGEMENT_BY_FOLLOWERS, as_of, rate).flagged(Flag::FollowersNotAtPosting, approximate)
}

/// Reactions by their declared weights; a reaction that does not count need not be shown.
fn weighted(window: &Columns<'_>, weights: &Weights, as_of: Timestamp) -> Estimate {
    let counted: Vec<(f64, &[i64])> = [
        (weights.likes, window.likes),
        (weights.comments, window.comments),
        (weights.shares, window.shares),
        (weights.saves, window.saves),
    ]
    .into_iter()
    .filter(|(weight, _)| *weight != 0.0)
    .collect();
    let needed: Vec<&[i64]> = counted.iter().map(|&(_, counter)| counter).chain([window.views]).collect();
    let sum = |i: usize| counted.iter().map(|(weight, counter)| weight * counter[i] as f64).sum();
    Posts::with(window, &needed)
        .only(|i| window.views[i] > 0)
        .ratio(MetricId::ENGAGEMENT_WEIGHTED, as_of, sum, |i| window.views[i] as f64)
}

/// Likes, comments and shares of a post. Their sum may not fit an integer, so it is made of floats.
fn reactions(window: &Columns<'_>, i: usize) -> f64 {
    window.likes[i] as f64 + window.comments[i] as f64 + window.shares[i] as f64
}

fn by_views(id: MetricId, window: &Columns<'_>, counter: &[i64], as_of: Timestamp) -> Estimate {
    Posts::with(window, &[window.views, counter]).only(|i| window.views[i] > 0).ratio(
        id,
        as_of,
        |i| counter[i] as f64,
        |i| window.views[i] as f64,
    )
}
