//! How often viewers react: engagement rates, each with its denominator in its name.

use jiff::Timestamp;

use super::{
    Columns, Counter, Estimate, Flag, Metric, MetricId, MetricUnit, Quality, SampleOf, VideoTable,
    followers::FollowerSeries,
};
use crate::stats::{Bootstrap, Seed, mean, median, percentile_interval};

/// Below this many views a single like moves a post's rate by more than 1 %.
const FEWEST_VIEWS: i64 = 100;

impl MetricId {
    /// Median of the posts' engagement rates by views: the headline.
    pub const ENGAGEMENT: Self = Self("er.views.median@1");
    /// Engagement rate by views of all posts together.
    pub const ENGAGEMENT_POOLED: Self = Self("er.views.pooled@1");
    /// Mean of the posts' engagement rates by views.
    pub const ENGAGEMENT_MEAN: Self = Self("er.views.mean@1");
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
];

/// Engagement by views and by followers, and the rate of each reaction, over the posts of a window.
pub(super) fn engagement(window: &Columns<'_>, followers: &FollowerSeries, as_of: Timestamp) -> Vec<Estimate> {
    let posts = Posts::with(window, &[window.views, window.likes, window.comments, window.shares]);
    let reactions = |i: usize| reactions(window, i);
    let rate = |i: usize| reactions(i) / window.views[i] as f64;
    let viewed = posts.only(|i| window.views[i] > 0);
    let well_viewed = posts.only(|i| window.views[i] >= FEWEST_VIEWS);
    vec![
        viewed.estimate(MetricId::ENGAGEMENT_POOLED, as_of, |rows, _| {
            ratio_of_sums(rows, reactions, |i| window.views[i] as f64)
        }),
        well_viewed.estimate(MetricId::ENGAGEMENT, as_of, |rows, scratch| {
            scratch.extend(rows.iter().map(|&i| rate(i)));
            median(scratch)
        }),
        viewed.estimate(MetricId::ENGAGEMENT_MEAN, as_of, |rows, scratch| {
            scratch.extend(rows.iter().map(|&i| rate(i)));
            mean(scratch)
        }),
        by_followers(window, followers, as_of),
        reaction_rate(MetricId::LIKE_RATE, window, window.likes, as_of),
        reaction_rate(MetricId::COMMENT_RATE, window, window.comments, as_of),
        reaction_rate(MetricId::SHARE_RATE, window, window.shares, as_of),
        reaction_rate(MetricId::SAVE_RATE, window, window.saves, as_of),
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
    posts
        .estimate(MetricId::ENGAGEMENT_BY_FOLLOWERS, as_of, |rows, scratch| {
            scratch.extend(rows.iter().filter_map(|&i| at_posting[i].map(|f| reactions(window, i) / f.followers)));
            mean(scratch)
        })
        .flagged(Flag::FollowersNotAtPosting, approximate)
}

/// Likes, comments and shares of a post. Their sum may not fit an integer, so it is made of floats.
fn reactions(window: &Columns<'_>, i: usize) -> f64 {
    window.likes[i] as f64 + window.comments[i] as f64 + window.shares[i] as f64
}

fn reaction_rate(id: MetricId, window: &Columns<'_>, reactions: &[i64], as_of: Timestamp) -> Estimate {
    Posts::with(window, &[window.views, reactions])
        .only(|i| window.views[i] > 0)
        .estimate(id, as_of, |rows, _| ratio_of_sums(rows, |i| reactions[i] as f64, |i| window.views[i] as f64))
}

fn ratio_of_sums(rows: &[usize], over: impl Fn(usize) -> f64, under: impl Fn(usize) -> f64) -> Option<f64> {
    let (over, under) = rows.iter().fold((0.0, 0.0), |(o, u), &i| (o + over(i), u + under(i)));
    (under > 0.0).then(|| over / under)
}

/// The posts of a window that a figure can use, and why others cannot be used.
pub(super) struct Posts<'a> {
    window: &'a Columns<'a>,
    /// Indices into the window.
    pub(super) rows: Vec<usize>,
    showing: usize,
}

impl<'a> Posts<'a> {
    /// The posts that show every one of these counters.
    pub(super) fn with(window: &'a Columns<'a>, counters: &[&[i64]]) -> Self {
        let rows: Vec<usize> =
            (0..window.len()).filter(|&i| counters.iter().all(|c| c[i] != VideoTable::MISSING)).collect();
        Self { window, showing: rows.len(), rows }
    }

    /// Those among them that also meet a condition on the counters.
    pub(super) fn only(&self, condition: impl Fn(usize) -> bool) -> Self {
        let rows = self.rows.iter().copied().filter(|&i| condition(i)).collect();
        Self { window: self.window, rows, showing: self.showing }
    }

    /// The figure that `statistic` makes of rows, with a bootstrap interval over posts.
    ///
    /// `statistic` gets row indices and an empty scratch buffer.
    pub(super) fn estimate(
        &self,
        id: MetricId,
        as_of: Timestamp,
        statistic: impl Fn(&[usize], &mut Vec<f64>) -> Option<f64>,
    ) -> Estimate {
        let mut scratch = Vec::with_capacity(self.rows.len());
        let Some(value) = statistic(&self.rows, &mut scratch) else {
            return Estimate::none(id, as_of, self.rows.len(), self.why_none());
        };
        let seed = self.rows.iter().fold(Seed::new(id.0), |seed, &i| {
            [self.window.created[i], self.window.views[i], self.window.likes[i], self.window.comments[i]]
                .iter()
                .fold(seed, |seed, &cell| seed.with(cell.cast_unsigned()))
        });
        let mut resampled = Vec::with_capacity(self.rows.len());
        let interval = if self.rows.len() < Estimate::INTERVAL_FROM {
            None
        } else {
            percentile_interval(self.rows.len(), seed, Bootstrap::default(), |drawn| {
                resampled.clear();
                resampled.extend(drawn.iter().map(|&d| self.rows[d]));
                scratch.clear();
                statistic(&resampled, &mut scratch)
            })
        };
        self.flag(Estimate::new(id, as_of, self.rows.len(), value, interval))
    }

    pub(super) fn flag(&self, estimate: Estimate) -> Estimate {
        estimate
            .flagged(Flag::RoundedCounters, self.rows.iter().any(|&i| self.window.rounded[i]))
            .flagged(Flag::SomeHidden, self.showing < self.window.len())
    }

    /// Why there is no figure when no post can be used.
    pub(super) fn why_none(&self) -> Quality {
        if self.window.is_empty() {
            Quality::TooFew { needed: 1 }
        } else if self.showing == 0 {
            Quality::Hidden
        } else {
            Quality::NoViews
        }
    }
}
