//! The catalogue of metrics: what each is called, what it means, how it is computed, and what it is made of.

use std::fmt;

use super::CreatorReport;
use crate::{Count, VideoCounts};
use Counter::{Comments, Followers, Likes, Saves, Shares, Views};

/// The versioned name of a metric: a change of definition is a new version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct MetricId(pub &'static str);

/// What people are told of a metric.
///
/// ```
/// use compass_core::analytics::{Metric, MetricId};
/// let metric = Metric::find(MetricId::TYPICAL_VIEWS).expect("every figure is in the catalogue");
/// assert_eq!((metric.id.0, metric.name), ("views.typical@1", "Typical views"));
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Metric {
    /// The versioned name.
    pub id: MetricId,
    /// The everyday name.
    pub name: &'static str,
    /// What its value counts.
    pub unit: MetricUnit,
    /// What is said after the value, such as "a day"; empty if the name says it.
    pub after: &'static str,
    /// What its sample is made of.
    pub sample: SampleOf,
    /// The counters without which it has no value.
    pub counters: &'static [Counter],
    /// What the number says, in a sentence.
    pub meaning: &'static str,
    /// How it is computed, in a sentence.
    pub definition: &'static str,
}

/// What a value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricUnit {
    /// Views of a post.
    Views,
    /// A part of a whole: 0.05 is 5 %.
    Fraction,
    /// A number of times as many.
    Ratio,
    /// Posts in a week.
    PostsPerWeek,
    /// Hours.
    Hours,
    /// Followers gained in a day, or lost.
    FollowersPerDay,
    /// Relative growth in a day, as the change of a logarithm: 0.001 is about 0.1 %.
    GrowthPerDay,
}

/// What a sample is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleOf {
    /// Posts.
    Posts,
    /// Times between neighbouring posts.
    Gaps,
    /// Observations of the profile.
    Looks,
}

/// A counter that a source may withhold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// Views of a post.
    Views,
    /// Likes of a post.
    Likes,
    /// Comments on a post.
    Comments,
    /// Shares of a post.
    Shares,
    /// Saves of a post.
    Saves,
    /// Followers of the account.
    Followers,
}

impl MetricId {
    /// Median views of a post.
    pub const TYPICAL_VIEWS: Self = Self("views.typical@1");
    /// Geometric mean of a post's views.
    pub const TYPICAL_VIEWS_GEOMETRIC: Self = Self("views.typical.geometric@1");
    /// Median views per follower.
    pub const VIEWS_PER_FOLLOWER: Self = Self("view_rate.median@1");
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
    /// Posts a week.
    pub const POSTS_PER_WEEK: Self = Self("posting.per_week@1");
    /// Median time between posts.
    pub const POSTING_GAP: Self = Self("posting.gap_median@1");
    /// Followers gained a day.
    pub const FOLLOWER_GROWTH: Self = Self("growth.followers.slope@1");
    /// Relative growth of the followers a day.
    pub const FOLLOWER_GROWTH_RATE: Self = Self("growth.followers.rate@1");
}

impl fmt::Display for MetricId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Metric {
    /// Every metric that a report has, in the order in which one tells them.
    #[must_use]
    pub fn all() -> &'static [Self] {
        &METRICS
    }

    /// The metrics that lead a report.
    #[must_use]
    pub fn headlines() -> &'static [Self] {
        &METRICS[..HEADLINES]
    }

    /// The metrics that follow the headlines.
    #[must_use]
    pub fn others() -> &'static [Self] {
        &METRICS[HEADLINES..]
    }

    /// The metric of that name.
    #[must_use]
    pub fn find(id: MetricId) -> Option<&'static Self> {
        METRICS.iter().find(|metric| metric.id == id)
    }

    /// The counters of the metric that nothing in the report shows.
    #[must_use]
    pub fn hidden_in(&self, report: &CreatorReport) -> Vec<Counter> {
        self.counters.iter().copied().filter(|counter| !counter.is_shown_in(report)).collect()
    }
}

impl Counter {
    /// Its name, in the plural and in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Views => "views",
            Likes => "likes",
            Comments => "comments",
            Shares => "shares",
            Saves => "saves",
            Followers => "followers",
        }
    }

    fn is_shown_in(self, report: &CreatorReport) -> bool {
        let any = |count: fn(&VideoCounts) -> Option<Count>| report.videos.iter().any(|v| count(&v.counts).is_some());
        match self {
            Views => any(|counts| counts.views),
            Likes => any(|counts| counts.likes),
            Comments => any(|counts| counts.comments),
            Shares => any(|counts| counts.shares),
            Saves => any(|counts| counts.saves),
            Followers => report.counts.followers.is_some(),
        }
    }
}

/// So many metrics lead.
const HEADLINES: usize = 4;

static METRICS: [Metric; 15] = [
    Metric {
        id: MetricId::TYPICAL_VIEWS,
        name: "Typical views",
        unit: MetricUnit::Views,
        after: "a post",
        sample: SampleOf::Posts,
        counters: &[Views],
        meaning: "Half of the recent posts got more views than this, half got fewer.",
        definition: "Median of views over the newest 30 posts that are at least 2 days old.",
    },
    Metric {
        id: MetricId::ENGAGEMENT,
        name: "Typical engagement rate",
        unit: MetricUnit::Fraction,
        after: "of views",
        sample: SampleOf::Posts,
        counters: &[Views, Likes, Comments, Shares],
        meaning: "Likes, comments and shares for every 100 views of a typical post; one view can bring several.",
        definition: "Median over posts of (likes + comments + shares) / views, posts with at least 100 views.",
    },
    Metric {
        id: MetricId::FOLLOWER_GROWTH,
        name: "Follower growth",
        unit: MetricUnit::FollowersPerDay,
        after: "a day",
        sample: SampleOf::Looks,
        counters: &[Followers],
        meaning: "Followers gained or lost on a usual day of the last 90; single jumps hardly move it.",
        definition: "Theil-Sen slope of the follower count over the looks of the last 90 days.",
    },
    Metric {
        id: MetricId::POSTS_PER_WEEK,
        name: "Posts a week",
        unit: MetricUnit::PostsPerWeek,
        after: "posts",
        sample: SampleOf::Gaps,
        counters: &[],
        meaning: "How often something new appears.",
        definition: "168 hours divided by the mean gap between neighbouring posts, in hours.",
    },
    Metric {
        id: MetricId::LIKE_RATE,
        name: "Likes per view",
        unit: MetricUnit::Fraction,
        after: "",
        sample: SampleOf::Posts,
        counters: &[Views, Likes],
        meaning: "Likes for every 100 views.",
        definition: "Sum of likes / sum of views.",
    },
    Metric {
        id: MetricId::COMMENT_RATE,
        name: "Comments per view",
        unit: MetricUnit::Fraction,
        after: "",
        sample: SampleOf::Posts,
        counters: &[Views, Comments],
        meaning: "Comments for every 100 views; one viewer can write several.",
        definition: "Sum of comments / sum of views.",
    },
    Metric {
        id: MetricId::SHARE_RATE,
        name: "Shares per view",
        unit: MetricUnit::Fraction,
        after: "",
        sample: SampleOf::Posts,
        counters: &[Views, Shares],
        meaning: "Shares for every 100 views; one viewer can share several times.",
        definition: "Sum of shares / sum of views.",
    },
    Metric {
        id: MetricId::SAVE_RATE,
        name: "Saves per view",
        unit: MetricUnit::Fraction,
        after: "",
        sample: SampleOf::Posts,
        counters: &[Views, Saves],
        meaning: "Saves for every 100 views.",
        definition: "Sum of saves / sum of views, posts that show their saves.",
    },
    Metric {
        id: MetricId::ENGAGEMENT_POOLED,
        name: "Engagement rate, all posts together",
        unit: MetricUnit::Fraction,
        after: "of views",
        sample: SampleOf::Posts,
        counters: &[Views, Likes, Comments, Shares],
        meaning: "Posts with many views weigh more than in the typical rate.",
        definition: "Sum of (likes + comments + shares) / sum of views.",
    },
    Metric {
        id: MetricId::ENGAGEMENT_MEAN,
        name: "Engagement rate, mean of posts",
        unit: MetricUnit::Fraction,
        after: "of views",
        sample: SampleOf::Posts,
        counters: &[Views, Likes, Comments, Shares],
        meaning: "The plain average of the posts' rates: one odd post can move it.",
        definition: "Mean over posts of (likes + comments + shares) / views.",
    },
    Metric {
        id: MetricId::ENGAGEMENT_BY_FOLLOWERS,
        name: "Engagement rate by followers",
        unit: MetricUnit::Fraction,
        after: "of followers",
        sample: SampleOf::Posts,
        counters: &[Likes, Comments, Shares, Followers],
        meaning: "Another question than engagement by views: the two are hardly related.",
        definition: "Mean over posts of (likes + comments + shares) / followers at the time of posting.",
    },
    Metric {
        id: MetricId::VIEWS_PER_FOLLOWER,
        name: "Typical views per follower",
        unit: MetricUnit::Ratio,
        after: "",
        sample: SampleOf::Posts,
        counters: &[Views, Followers],
        meaning: "Above 1, a typical post gets more views than the account has followers.",
        definition: "Median of views / followers now.",
    },
    Metric {
        id: MetricId::TYPICAL_VIEWS_GEOMETRIC,
        name: "Typical views, geometric mean",
        unit: MetricUnit::Views,
        after: "a post",
        sample: SampleOf::Posts,
        counters: &[Views],
        meaning: "A second way to say typical that uses every post and is not ruled by the largest.",
        definition: "Geometric mean of 1 + views, less 1; t interval on the logarithms.",
    },
    Metric {
        id: MetricId::POSTING_GAP,
        name: "Typical time between posts",
        unit: MetricUnit::Hours,
        after: "",
        sample: SampleOf::Gaps,
        counters: &[],
        meaning: "The usual wait from one post to the next.",
        definition: "Median gap between neighbouring posts.",
    },
    Metric {
        id: MetricId::FOLLOWER_GROWTH_RATE,
        name: "Relative follower growth",
        unit: MetricUnit::GrowthPerDay,
        after: "a day",
        sample: SampleOf::Looks,
        counters: &[Followers],
        meaning: "Growth in proportion to the account's size, to compare accounts.",
        definition: "ln(followers now / followers then) / days; the interval is what rounded counters leave open.",
    },
];
