//! The catalogue of metrics: what each is called, what it means, how it is computed, and what it is made of.

use std::{fmt, sync::LazyLock};

use super::{
    CreatorReport, audience, benchmarks, best_time, engagement, experiment, forecast, growth, growth_model, lifts,
    post_value, posting, report, rosetta, views,
};
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
    /// Relative growth in a year, as the change of a logarithm.
    GrowthPerYear,
    /// Likes gained in a day, or lost.
    LikesPerDay,
    /// Posts in a day.
    PostsPerDay,
    /// Followers.
    Followers,
    /// Posts.
    Posts,
    /// Days.
    Days,
    /// Views gained in a day.
    ViewsPerDay,
    /// So many for a thousand.
    PerThousand,
    /// A spread of decimal logarithms: 0.3 is a factor of 2.
    Decades,
    /// A relative difference: 0.3 is 30 % more, -0.2 is 20 % less.
    Lift,
    /// A number without unit.
    Score,
    /// Money, in the currency that the caller's price is in.
    Money,
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

impl fmt::Display for MetricId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Metric {
    /// Every metric of a report's list of figures, in the order in which one tells them.
    #[must_use]
    pub fn all() -> &'static [&'static Self] {
        &TOLD
    }

    /// The metrics that lead a report.
    #[must_use]
    pub fn headlines() -> &'static [&'static Self] {
        &TOLD[..HEADLINES.len()]
    }

    /// The metrics that follow the headlines.
    #[must_use]
    pub fn others() -> &'static [&'static Self] {
        &TOLD[HEADLINES.len()..]
    }

    /// The metrics whose figures stand in a section of the report, each beside what it is about.
    pub fn of_sections() -> impl Iterator<Item = &'static Self> {
        SECTIONS.iter().copied().flatten()
    }

    /// The metric of that name.
    #[must_use]
    pub fn find(id: MetricId) -> Option<&'static Self> {
        TOLD.iter().copied().chain(Self::of_sections()).find(|metric| metric.id == id)
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

/// These lead, in this order.
const HEADLINES: [MetricId; 4] =
    [MetricId::TYPICAL_VIEWS, MetricId::ENGAGEMENT, MetricId::FOLLOWER_GROWTH, MetricId::POSTS_PER_WEEK];

/// Metrics of the list of figures, by the file that computes them.
static FIGURES: &[&[Metric]] =
    &[engagement::METRICS, views::METRICS, posting::METRICS, report::METRICS, growth::METRICS];

/// Metrics of the sections, by the file that computes them.
static SECTIONS: &[&[Metric]] = &[
    growth_model::METRICS,
    rosetta::METRICS,
    best_time::METRICS,
    experiment::METRICS,
    lifts::METRICS,
    forecast::METRICS,
    benchmarks::METRICS,
    post_value::METRICS,
    audience::METRICS,
];

static TOLD: LazyLock<Vec<&'static Metric>> = LazyLock::new(|| {
    let mut told: Vec<&Metric> = FIGURES.iter().copied().flatten().collect();
    // A stable sort: the others keep the order of their files.
    told.sort_by_key(|metric| HEADLINES.iter().position(|&id| id == metric.id).unwrap_or(HEADLINES.len()));
    told
});

#[cfg(feature = "serde")]
mod json {
    //! A metric's name is its JSON form; a name that the catalogue does not have is refused.

    use serde::{Deserialize, Deserializer, de::Error as _};

    use super::{Metric, MetricId};

    impl<'de> Deserialize<'de> for MetricId {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let name = String::deserialize(deserializer)?;
            let known = Metric::all().iter().copied().chain(Metric::of_sections()).map(|metric| metric.id);
            known
                .into_iter()
                .find(|id| id.0 == name)
                .ok_or_else(|| D::Error::custom(format!("there is no metric {name:?}")))
        }
    }
}
